//! Logs of Exchange's components that lists of columns describe.

use crate::support::{pick, read_bytes};
use afterpatch_model::ProblemCode;
use proptest::prelude::*;

/// One kind of log: where it lies, what it says of itself, who reads it into which table.
struct Sample {
    path: &'static str,
    log_type: &'static str,
    parser: &'static str,
    table: &'static str,
    /// The names of its fields, and the columns that they go to; nothing stands for `rest`.
    fields: &'static [(&'static str, &'static str)],
}

const LOGGING: &str = r"E:\Exchange2016\Logging\";

static SAMPLES: &[Sample] = &[
    Sample {
        path: r"Ews\Ews_2021030201-1.LOG",
        log_type: "EWS Logs",
        parser: "mailbox-access",
        table: "mailbox_access",
        fields: &[
            ("DateTime", "time"),
            ("RequestId", "request_id"),
            ("AuthenticatedUser", "user"),
            ("UserAgent", "user_agent"),
            ("ClientIpAddress", "src_ip"),
            ("SoapAction", "operation"),
            ("ImpersonatedUser", "acting_as"),
            ("GenericInfo", ""),
        ],
    },
    Sample {
        path: r"RPC Client Access\RCA_2021030201-1.LOG",
        log_type: "RCA Protocol Logs",
        parser: "mailbox-access",
        table: "mailbox_access",
        fields: &[
            ("date-time", "time"),
            ("session-id", "request_id"),
            ("client-name", "mailbox"),
            ("rpc-status", ""),
        ],
    },
    Sample {
        path: r"CmdletInfra\Powershell-Proxy\Cmdlet\Rps_Cmdlet_2021030201-1.LOG",
        log_type: "Rps Cmdlet Logs",
        parser: "rps-cmdlet",
        table: "admin_commands",
        fields: &[
            ("DateTime", "time"),
            ("RequestId", "request_id"),
            ("ProcessName", "process"),
            ("AuthenticatedUser", "user"),
            ("Cmdlet", "command"),
            ("Parameters", "parameters"),
            ("ClientApplication", ""),
        ],
    },
    Sample {
        path: r"CmdletInfra\Powershell-Proxy\Http\Rps_Http_2021030201-1.LOG",
        log_type: "Rps Http Logs",
        parser: "rps-http",
        table: "web_requests",
        fields: &[
            ("DateTime", "time"),
            ("UrlStem", "url_path"),
            ("UserAgent", "user_agent"),
            ("GenericInfo", ""),
        ],
    },
    Sample {
        path: r"..\TransportRoles\Logs\MessageTracking\MSGTRK2021030201-1.LOG",
        log_type: "Message Tracking Log",
        parser: "message-tracking",
        table: "mail_events",
        fields: &[
            ("date-time", "time"),
            ("client-ip", "src_ip"),
            ("connector-id", "connector"),
            ("source", "component"),
            ("event-id", "action"),
            ("recipient-address", "recipients"),
            ("message-subject", "subject"),
            ("sender-address", "sender"),
            ("custom-data", ""),
        ],
    },
    Sample {
        path: r"..\TransportRoles\Logs\FrontEnd\ProtocolLog\SmtpReceive\RECV2021030201-1.LOG",
        log_type: "SMTP Receive Protocol Log",
        parser: "transport",
        table: "log_messages",
        fields: &[("date-time", "time"), ("session-id", ""), ("remote-endpoint", ""), ("data", "message")],
    },
    Sample {
        path: r"MitigationService\MSExchangeMitigation20211001-1.log",
        log_type: "Mitigation Service Log",
        parser: "exchange-component",
        table: "log_messages",
        fields: &[("DateTime", "time"), ("Message", "message"), ("MitigationId", "")],
    },
    Sample {
        path: r"Calendar Repair Assistant\CRA_20210302-1.log",
        log_type: "Calendar Repair Logs",
        parser: "exchange-component",
        table: "log_messages",
        fields: &[("TimeStamp", "time"), ("Verdict", "")],
    },
];

impl Sample {
    fn header(&self) -> String {
        let names: Vec<&str> = self.fields.iter().map(|(name, _)| *name).collect();
        format!(
            "\u{FEFF}#Software: Microsoft Exchange Server\r\n#Version: 15.01.2176.002\r\n#Log-type: {}\r\n\
             #Date: 2021-03-02T01:00:00.000Z\r\n#Fields: {}\r\n",
            self.log_type,
            names.join(",")
        )
    }

    fn place(&self) -> String {
        format!("{LOGGING}{}", self.path).replace(r"Logging\..\", "")
    }
}

fn quoted(cell: &str) -> String {
    let needs_quotes = cell.contains([',', '"']);
    if needs_quotes { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_written_as_a_log_is_read_again(
        records in prop::collection::vec(prop::collection::vec("[ -~é日]{0,20}", 8), 1..6),
        seconds in 0..86_400_u32,
    ) {
        for sample in SAMPLES {
            let mut text = sample.header();
            let time = format!(
                "2021-03-02T{:02}:{:02}:{:02}.125Z", seconds / 3_600, seconds / 60 % 60, seconds % 60
            );
            for record in &records {
                let cells = sample.fields.iter().skip(1).zip(record).map(|(_, cell)| quoted(cell));
                let line: Vec<String> = std::iter::once(time.clone()).chain(cells).collect();
                text.push_str(&line.join(","));
                text.push_str("\r\n");
            }
            let reading = read_bytes(&sample.place(), text.as_bytes());
            prop_assert_eq!(reading.read.parser, Some(sample.parser), "{}", sample.path);
            prop_assert_eq!(reading.counts(), (records.len() as u64, records.len() as u64, 0));
            prop_assert_eq!(reading.read.problems.len(), 0);
            for (row, record) in reading.rows(sample.table).iter().zip(&records) {
                prop_assert!(row["time"].starts_with(time.trim_end_matches('Z')));
                let rest: serde_json::Value =
                    row.get("rest").map_or(serde_json::Value::Null, |rest| serde_json::from_str(rest).unwrap());
                for ((name, column), cell) in sample.fields.iter().skip(1).zip(record) {
                    let found = if column.is_empty() { rest[*name].as_str() } else { row.get(*column).map(String::as_str) };
                    prop_assert_eq!(found.unwrap_or_default(), cell.as_str(), "{} {}", sample.path, name);
                }
            }
        }
    }
}

#[test]
fn every_kind_shows_the_build_and_broken_records_are_lost_alone() {
    for sample in SAMPLES {
        let good = vec!["2021-03-02T01:02:03.004Z"; sample.fields.len()].join(",");
        let text =
            format!("{}{good}\r\n2021-03-02T01:02:04.000Z,cut\r\nnever,{}\r\n", sample.header(), &good[25..]);
        let reading = read_bytes(&sample.place(), text.as_bytes());
        let is_short = sample.fields.len() == 2;
        assert_eq!(reading.read.parser, Some(sample.parser), "{}", sample.path);
        assert_eq!(reading.rows("builds")[0]["build"], "15.1.2176.2");
        if !is_short {
            assert_eq!(reading.counts(), (3, 2, 1), "{}", sample.path);
            assert_eq!(reading.codes(), [ProblemCode::FieldCount, ProblemCode::BadTime], "{}", sample.path);
        }
    }
}

/// A log of Outlook on the web: its folder, what it says of itself, and its records as event and pairs.
fn owa_log(folder: &str, log_type: &str, records: &[&str]) -> (String, String) {
    let path = format!("{LOGGING}OWA\\{folder}\\OWA{folder}_20210302-1.LOG");
    let mut text = format!(
        "#Software: Microsoft Exchange Server\r\n#Version: 15.0.0.0\r\n{log_type}#Date: 2021-03-02T01:00:00.000Z\r\n\
         #Fields: TimeStamp,ServerName,EventId,EventData\r\n"
    );
    for record in records {
        text += &["2021-03-02T01:02:03.004Z,mx1,", record, "\r\n"].concat();
    }
    (path, text)
}

#[test]
fn an_action_in_outlook_on_the_web_is_an_access_with_its_pairs_in_columns() {
    let records = [
        "GetItem,S:PSA=<PII>jane@example.org</PII>;S:MG=0a1b;S:user=<PII>eve@example.org</PII>;S:ActID=7;\
         S:Bld=15.1.2176.2;I32:ADS.C[dc1]=2;S:CNTL=812",
        "FindItem,S:PSA=jane@example.org;S:IP=203.0.113.7;S:Err=Denied;S:UA=Mozilla/5.0;S:Bld=15.1.2176.2",
        "Start,no pairs at all",
    ];
    let kinds = [("Server", "#Log-type: OWA Server Log\r\n"), ("ServerActivity", "")];
    for (folder, log_type) in kinds {
        let (path, text) = owa_log(folder, log_type, &records);
        let reading = read_bytes(&path, text.as_bytes());
        assert_eq!((reading.read.parser, reading.counts()), (Some("owa-server"), (3, 3, 0)), "{folder}");
        let rows = reading.rows("mailbox_access");
        let columns = [
            "server",
            "protocol",
            "operation",
            "user",
            "mailbox",
            "src_ip",
            "request_id",
            "bytes_in",
            "rest",
        ];
        let other = r#"{"MG":"0a1b","ADS.C[dc1]":"2"}"#;
        assert_eq!(
            pick(&rows[0], &columns),
            ["MX1", "owa", "GetItem", "eve@example.org", "jane@example.org", "", "7", "812", other]
        );
        assert_eq!(
            pick(&rows[1], &["user", "mailbox", "src_ip", "user_agent", "error", "rest"]),
            ["jane@example.org", "jane@example.org", "203.0.113.7", "Mozilla/5.0", "Denied", ""]
        );
        assert_eq!(pick(&rows[2], &["operation", "rest"]), ["Start", r#"{"EventData":"no pairs at all"}"#]);
        let builds = reading.rows("builds");
        assert_eq!(builds.len(), 1, "{builds:?}");
        assert_eq!(
            pick(&builds[0], &["build", "server", "record"]),
            ["15.1.2176.2", "MX1", "5"].map(|text| {
                // Without the line of the log's type the records begin a line earlier.
                if text == "5" && !log_type.is_empty() { "6" } else { text }
            })
        );
    }
}

#[test]
fn the_log_of_what_browsers_report_is_none_of_the_server() {
    let (path, text) =
        owa_log("Client", "#Log-type: OWA Client Log\r\n", &["LogonLatency,S:PSA=a@example.org"]);
    let reading = read_bytes(&path, text.as_bytes());
    assert_eq!((reading.read.parser, reading.read.scope.as_str()), (Some("exchange-component"), "owa"));
}

#[test]
fn a_log_that_holds_nothing_yet_is_understood() {
    for sample in SAMPLES {
        let reading = read_bytes(&sample.place(), sample.header().as_bytes());
        assert_eq!(
            (reading.read.parser, reading.counts()),
            (Some(sample.parser), (0, 0, 0)),
            "{}",
            sample.path
        );
    }
}

#[test]
fn what_a_log_says_of_itself_counts_more_than_where_it_lies() {
    let text = SAMPLES[4].header();
    let reading = read_bytes(r"C:\copies\unsorted\a.log", text.as_bytes());
    assert_eq!(reading.read.parser, Some("message-tracking"));
    let reading = read_bytes(r"E:\Exchange2016\Logging\Ews\a.LOG", text.as_bytes());
    assert_eq!(reading.read.parser, Some("message-tracking"));
}

#[test]
fn a_header_fused_with_its_own_copy_is_read_once() {
    let text = "#Software: Microsoft Exchange Server\r\n#Log-type: Message Tracking Log\r\n\
                #Fields: date-time,client-ip,sender-addressdate-time,client-ip,sender-address\r\n\
                2021-03-02T01:02:03.004Z,192.0.2.7,a@example.org\r\n";
    let reading = read_bytes(r"C:\MSGTRK.LOG", text.as_bytes());
    assert_eq!(reading.counts(), (1, 1, 0));
    assert_eq!(reading.rows("mail_events")[0]["sender"], "a@example.org");
}

#[test]
fn a_text_file_in_the_folder_of_logs_is_no_log() {
    let reading = read_bytes(r"E:\Exchange2016\Logging\Ews\readme.log", b"Please, do not delete.\r\n");
    assert_eq!(reading.read.parser, None);
}
