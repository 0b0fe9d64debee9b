//! The fact tables: one row type each, and [`ALL`] of them.
//!
//! Every table begins with `time`, `server`, `organisation` and ends with `artifact`, `record`, `source`, `rest`.
//! A parser fills a row type and hands it to [`Rows`](crate::Rows); the column's place is nobody's business.

use crate::row::{Row, RowWriter};
use crate::table::{Column, ColumnKind, Table};
use crate::time::Timestamp;

macro_rules! column_type {
    (Text, $life:lifetime) => { Option<&$life str> };
    (Int, $life:lifetime) => { Option<i64> };
    (Bool, $life:lifetime) => { Option<bool> };
    (Time, $life:lifetime) => { Option<Timestamp> };
}

macro_rules! write_column {
    (Text, $writer:expr, $value:expr) => {
        $writer.text($value)
    };
    (Int, $writer:expr, $value:expr) => {
        $writer.int($value)
    };
    (Bool, $writer:expr, $value:expr) => {
        $writer.bool($value)
    };
    (Time, $writer:expr, $value:expr) => {
        $writer.time($value)
    };
}

macro_rules! tables {
    ($( #[doc = $doc:literal] $row:ident => $table:ident { $( #[doc = $cdoc:literal] $column:ident : $kind:ident, )* } )*) => {
        $(
            #[doc = $doc]
            #[derive(Debug, Clone, Copy, Default)]
            pub struct $row<'a> {
                /// When it happened, as far as the source says.
                pub time: Option<Timestamp>,
                /// The server that the record itself names; where it names none, the collection's.
                pub server: Option<&'a str>,
                $( #[doc = $cdoc] pub $column: column_type!($kind, 'a), )*
                /// The line, record number or byte offset in the artifact.
                pub record: u64,
                /// What fits no column, as a JSON object.
                pub rest: Option<&'a str>,
            }

            impl Row for $row<'_> {
                fn table() -> &'static Table { &$table::TABLE }
                fn time(&self) -> Option<Timestamp> { self.time }
                fn write(&self, writer: &mut RowWriter<'_>) {
                    writer.time(self.time);
                    writer.server(self.server);
                    $( write_column!($kind, writer, self.$column); )*
                    writer.tail(self.record, self.rest);
                }
            }

            mod $table {
                use super::{Column, ColumnKind, Table};
                pub(super) static TABLE: Table = Table {
                    name: stringify!($table),
                    doc: $doc,
                    columns: &[
                        Column { name: "time", kind: ColumnKind::Time, doc: "When it happened, UTC" },
                        Column { name: "server", kind: ColumnKind::Text, doc: "The server, first label in capitals" },
                        Column { name: "organisation", kind: ColumnKind::Text, doc: "The organisation of the case" },
                        $( Column { name: stringify!($column), kind: ColumnKind::$kind, doc: $cdoc }, )*
                        Column { name: "artifact", kind: ColumnKind::Text, doc: "The artifact that the row was read from" },
                        Column { name: "record", kind: ColumnKind::Int, doc: "Line, record number or byte offset in it" },
                        Column { name: "source", kind: ColumnKind::Text, doc: "The parser that read it" },
                        Column { name: "rest", kind: ColumnKind::Text, doc: "What fits no column, as JSON" },
                    ],
                };
            }
        )*

        /// Every fact table, in the order of the docs.
        pub static ALL: &[&Table] = &[$( &$table::TABLE, )*];
    };
}

tables! {
    #[doc = "A request that a web server or proxy logged."]
    WebRequest => web_requests {
        #[doc = "The client's address"] src_ip: Text,
        #[doc = "The server's address"] dst_ip: Text,
        #[doc = "The server's port; 444 and 81 are Exchange's back end"] dst_port: Int,
        #[doc = "The authenticated user; null for none"] user: Text,
        #[doc = "The HTTP verb"] method: Text,
        #[doc = "The host that the client named"] url_host: Text,
        #[doc = "The path, as logged"] url_path: Text,
        #[doc = "The query, as logged"] url_query: Text,
        #[doc = "The status sent to the client"] status: Int,
        #[doc = "The sub-status of IIS"] substatus: Int,
        #[doc = "The Windows status of IIS"] win32_status: Int,
        #[doc = "The status that the back end gave to the proxy"] backend_status: Int,
        #[doc = "The user agent; + and lost commas are as logged"] user_agent: Text,
        #[doc = "The referring page"] referer: Text,
        #[doc = "Bytes that the client sent"] bytes_in: Int,
        #[doc = "Bytes sent to the client"] bytes_out: Int,
        #[doc = "Time taken, milliseconds"] duration_ms: Int,
        #[doc = "HttpProxy folder (Ecp, Owa …) or W3SVC site number"] protocol: Text,
        #[doc = "Exchange's id of the request: `RequestId` of HttpProxy, `cafeReqId` of IIS"] request_id: Text,
        #[doc = "Whether the proxy took the client as authenticated"] is_authenticated: Bool,
        #[doc = "HttpProxy: the mailbox or server that the request was anchored to"] anchor_mailbox: Text,
        #[doc = "HttpProxy: what decided the back end"] routing_hint: Text,
        #[doc = "HttpProxy: the back-end cookie"] backend_cookie: Text,
        #[doc = "HttpProxy: the back end chosen"] target_server: Text,
        #[doc = "HttpProxy: error code and messages"] error: Text,
        #[doc = "Cookies, where logged"] cookie: Text,
    }
    #[doc = "An access to a mailbox through EWS, OWA, MAPI, ActiveSync or Autodiscover."]
    MailboxAccess => mailbox_access {
        #[doc = "The protocol: ews, owa, mapi, eas, autodiscover, rpc"] protocol: Text,
        #[doc = "The account that authenticated"] user: Text,
        #[doc = "The mailbox or account acted for, where it is another one"] acting_as: Text,
        #[doc = "The mailbox, where the record names it"] mailbox: Text,
        #[doc = "The operation, such as the SOAP action or the ActiveSync command"] operation: Text,
        #[doc = "How many items or mailboxes the operation touched, where logged"] n_items: Int,
        #[doc = "The client's address"] src_ip: Text,
        #[doc = "The program that asked"] user_agent: Text,
        #[doc = "The status sent to the client"] status: Int,
        #[doc = "Bytes that the client sent"] bytes_in: Int,
        #[doc = "Bytes sent to the client"] bytes_out: Int,
        #[doc = "Time taken, milliseconds"] duration_ms: Int,
        #[doc = "Error code and messages"] error: Text,
        #[doc = "Id of the request, to join with other logs"] request_id: Text,
    }
    #[doc = "A step of a message's way, from message tracking."]
    MailEvent => mail_events {
        #[doc = "The event, such as RECEIVE, SEND, DELIVER"] action: Text,
        #[doc = "The component that logged it, such as SMTP or STOREDRIVER"] component: Text,
        #[doc = "The sender's address"] sender: Text,
        #[doc = "The recipients' addresses, as logged"] recipients: Text,
        #[doc = "How many recipients"] n_recipients: Int,
        #[doc = "The subject, where logged"] subject: Text,
        #[doc = "The message's internet id"] message_id: Text,
        #[doc = "The message's size in bytes"] size_bytes: Int,
        #[doc = "The client's or sending server's address"] src_ip: Text,
        #[doc = "The receiving server's address"] dst_ip: Text,
        #[doc = "The sending host's name"] src_host: Text,
        #[doc = "The connector"] connector: Text,
        #[doc = "inbound, outbound or internal: the message's direction"] direction: Text,
    }
    #[doc = "A cmdlet or control-panel command that an administrator, or somebody as one, ran."]
    AdminCommand => admin_commands {
        #[doc = "Who ran it"] user: Text,
        #[doc = "The cmdlet, such as Set-OabVirtualDirectory"] command: Text,
        #[doc = "Its parameters, as logged"] parameters: Text,
        #[doc = "ok or failed"] result: Text,
        #[doc = "The error, where it failed"] error: Text,
        #[doc = "The process that ran it"] process: Text,
        #[doc = "The address that asked for it, where logged"] src_ip: Text,
        #[doc = "The request that led to it, where logged"] url_path: Text,
        #[doc = "Activity or request id, to join with other logs"] request_id: Text,
    }
    #[doc = "A Windows event, from EVTX or exported."]
    WindowsEvent => windows_events {
        #[doc = "The channel, such as Security"] channel: Text,
        #[doc = "The provider, such as Microsoft-Windows-Sysmon"] provider: Text,
        #[doc = "The event's number within its provider"] event_id: Int,
        #[doc = "The level: 1 critical, 2 error, 3 warning, 4 information"] level: Int,
        #[doc = "The record's number within its channel"] event_record_id: Int,
        #[doc = "The computer as the event names it"] computer: Text,
        #[doc = "The security id of the user, where the event has one"] user_sid: Text,
        #[doc = "The message, where the export kept it"] message: Text,
        #[doc = "Every field of the event's data, as a JSON object"] fields: Text,
    }
    #[doc = "A process that started, from Security 4688 or Sysmon 1."]
    Process => processes {
        #[doc = "The account it ran as"] user: Text,
        #[doc = "The program"] image: Text,
        #[doc = "The command line"] command_line: Text,
        #[doc = "The process id"] pid: Int,
        #[doc = "The parent's program"] parent_image: Text,
        #[doc = "The parent's command line"] parent_command_line: Text,
        #[doc = "The parent's process id"] parent_pid: Int,
        #[doc = "Hashes, as logged"] hashes: Text,
    }
    #[doc = "A logon, failed logon or use of explicit credentials, from Security 4624, 4625 and 4648."]
    Logon => logons {
        #[doc = "The account, DOMAIN\\name"] user: Text,
        #[doc = "logon, failed or explicit"] action: Text,
        #[doc = "The logon type: 2 interactive, 3 network, 10 remote desktop"] logon_type: Int,
        #[doc = "The address it came from"] src_ip: Text,
        #[doc = "The workstation it came from"] src_host: Text,
        #[doc = "NTLM, Kerberos or Negotiate"] auth_package: Text,
        #[doc = "The id that ties the session together"] logon_id: Text,
        #[doc = "The process that asked"] process: Text,
    }
    #[doc = "Something done to a file, from Sysmon 11, 23 and 26, Security 5145 and 4663, the change journal of NTFS, and what other logs say of files."]
    FileEvent => file_events {
        #[doc = "create, delete, write, read, rename, change, close or failed-download"] action: Text,
        #[doc = "The file's full path, as far as the record gives it"] path: Text,
        #[doc = "The program that did it"] image: Text,
        #[doc = "Its process id"] pid: Int,
        #[doc = "The account that did it"] user: Text,
        #[doc = "The address it came from, for shares"] src_ip: Text,
        #[doc = "The share, for 5145"] share: Text,
        #[doc = "The access mask, as logged"] access_mask: Text,
        #[doc = "Hashes, as logged"] hashes: Text,
    }
    #[doc = "A file of the server that was collected, or that a list of files names; `time` is its modification."]
    File => files {
        #[doc = "Its original path on the server"] path: Text,
        #[doc = "Its size in bytes"] size_bytes: Int,
        #[doc = "When it was created"] created: Time,
        #[doc = "Its SHA-256, lower case"] sha256: Text,
        #[doc = "Its owner"] owner: Text,
        #[doc = "Attributes, as listed"] attributes: Text,
    }
    #[doc = "A record of free text that an Exchange component wrote about itself."]
    LogMessage => log_messages {
        #[doc = "The component that wrote it"] component: Text,
        #[doc = "The record's text"] message: Text,
        #[doc = "A file that the text names"] path: Text,
    }
    #[doc = "A sighting of an Exchange build on a server."]
    BuildSighting => builds {
        #[doc = "The build, four numbers without padding; three (`15.1.2106`) where the sighting names the cumulative update and not the security update in it"] build: Text,
        #[doc = "Where it was seen, such as the #Version line of an HttpProxy log"] seen_in: Text,
    }
    #[doc = "A setting of the server that the evidence shows, such as its install root."]
    Setting => settings {
        #[doc = "What is set, such as `install_root`"] name: Text,
        #[doc = "What it is set to"] value: Text,
        #[doc = "What it applies to, such as a site"] scope: Text,
    }
}

/// Returns the table of that name.
pub fn by_name(name: &str) -> Option<&'static Table> {
    ALL.iter().copied().find(|table| table.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn one_word_has_one_kind_in_every_table() {
        let mut kinds = BTreeMap::new();
        for table in ALL {
            for column in table.columns {
                let kind = kinds.entry(column.name).or_insert(column.kind);
                assert_eq!(*kind, column.kind, "{}.{}", table.name, column.name);
                assert!(!column.doc.is_empty());
            }
        }
    }

    #[test]
    fn every_table_begins_and_ends_alike() {
        for table in ALL {
            let names: Vec<_> = table.columns.iter().map(|column| column.name).collect();
            assert_eq!(names[..3], ["time", "server", "organisation"], "{}", table.name);
            assert_eq!(names[names.len() - 4..], ["artifact", "record", "source", "rest"], "{}", table.name);
            assert!(std::ptr::eq(by_name(table.name).unwrap(), *table));
        }
    }
}
