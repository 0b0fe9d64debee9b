//! A property a format: facts written as the format writes them, and read again, are equal.
//!
//! The formats that are not here have theirs beside their other tests: registry hives, the file table, the journal,
//! programs, configuration, tasks, setup logs, error reports, audit logs, containers.

use crate::evtx_writer::{self, Element};
use crate::support::{Reading, pick, read_bytes};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::Strategy;
use std::fmt::Write as _;

/// What a log says of each record, in the order of the columns.
type Facts = Vec<Vec<String>>;

/// Returns what was read: the named columns of each row of a table.
fn read_back(reading: &Reading, table: &str, columns: &[&str]) -> Facts {
    let rows = reading.rows(table).iter();
    rows.map(|row| pick(row, columns).into_iter().map(str::to_owned).collect()).collect()
}

/// A second of March 2021.
fn second() -> impl Strategy<Value = jiff::civil::DateTime> {
    (1_i8..29, 0_i8..24, 0_i8..60, 0_i8..60)
        .prop_map(|(day, hour, minute, second)| jiff::civil::date(2021, 3, day).at(hour, minute, second, 0))
}

/// A word of a log that parts its fields by blanks.
fn word() -> impl Strategy<Value = String> {
    "[!-~]{1,12}".prop_filter("a value that means none, or begins a remark", |word| {
        word != "-" && !word.starts_with('#')
    })
}

/// A cell of a log that parts its fields by commas: quotes, commas and letters of any language.
fn cell() -> impl Strategy<Value = String> {
    "[!-~é日][ -~é日]{0,14}[!-~é日]".prop_filter("a value that means none", |cell| cell != "-")
}

fn quoted(cell: &str) -> String {
    format!("\"{}\"", cell.replace('"', "\"\""))
}

/// Writes a log of Exchange: its comments, then a line a record with every cell in quotes.
fn exchange_log(log_type: &str, fields: &str, records: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut text =
        format!("#Software: Microsoft Exchange Server\r\n#Log-type: {log_type}\r\n#Fields: {fields}\r\n");
    for record in records {
        let cells: Vec<String> = record.iter().map(|cell| quoted(cell)).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// Writes a value as LDIF does: text that is not plain in Base64.
fn ldif_line(attribute: &str, value: &str) -> String {
    let is_plain = value.is_ascii() && !value.starts_with([' ', ':', '<']) && !value.ends_with(' ');
    if is_plain { format!("{attribute}: {value}") } else { format!("{attribute}:: {}", base64(value)) }
}

fn base64(text: &str) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for three in text.as_bytes().chunks(3) {
        let bits = (0..3).fold(0, |bits, place| bits << 8 | three.get(place).copied().map_or(0, usize::from));
        let digit = |place: usize| char::from(DIGITS[bits >> (18 - 6 * place) & 63]);
        encoded.extend((0..4).map(|place| if place <= three.len() { digit(place) } else { '=' }));
    }
    encoded
}

/// Breaks a line of ASCII into pieces of so many bytes, each further one behind a blank.
fn folded(line: &str, width: usize) -> String {
    let pieces: Vec<&str> =
        line.as_bytes().chunks(width).map(|piece| std::str::from_utf8(piece).unwrap()).collect();
    pieces.join("\r\n ") + "\r\n"
}

fn strings<const N: usize>(values: [&dyn std::fmt::Display; N]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn httperr(
        records in vec((second(), any::<[u8; 4]>(), word(), "/[!->@-~]{0,12}", 400_i64..504, 1_u8..9, "[A-Z][A-Za-z_]{1,20}"), 1..8),
    ) {
        let mut log = "#Fields: date time c-ip cs-method cs-uri sc-status s-siteid s-reason\n".to_owned();
        let mut facts = Facts::new();
        for (time, ip, method, path, status, site, reason) in records {
            let ip = std::net::Ipv4Addr::from(ip);
            writeln!(log, "{} {ip} {method} {path} {status} {site} {reason}", time.strftime("%F %T")).unwrap();
            facts.push(strings([&format!("{time}Z"), &ip, &method, &path, &status, &reason]));
        }
        let reading = read_bytes(r"C:\Windows\System32\LogFiles\HTTPERR\httperr1.log", log.as_bytes());
        prop_assert_eq!(reading.read.parser, Some("httperr"));
        let columns = ["time", "src_ip", "method", "url_path", "status", "error"];
        prop_assert_eq!(read_back(&reading, "web_requests", &columns), facts);
    }

    #[test]
    fn request_filtering(records in vec((second(), cell(), cell(), cell()), 1..8)) {
        let lines = records.iter().map(|(time, path, cookies, result)| {
            strings([&time.strftime("%-m/%-d/%Y %-I:%M:%S %p"), &"POST", path, cookies, result])
        });
        let fields = "DateTime,HttpMethod,UrlStem,CookieNames,ScanResult";
        let log = exchange_log("Http Request Filtering Logs", fields, lines);
        let reading = read_bytes(r"E:\EX\Logging\HttpRequestFiltering\a.log", log.as_bytes());
        let facts: Facts = records
            .iter()
            .map(|(time, path, cookies, result)| {
                strings([&format!("{time}Z"), path, cookies, &format!("ScanResult={result}")])
            })
            .collect();
        prop_assert_eq!(reading.read.parser, Some("request-filtering"));
        prop_assert_eq!(read_back(&reading, "web_requests", &["time", "url_path", "cookie", "error"]), facts);
    }

    #[test]
    fn oab_generator(records in vec((second(), r"[A-Z]:\\[ -&(-~é日]{1,30}"), 1..8)) {
        let message = |path: &str| format!("Download failed and temporary file '{path}' needs to be removed");
        let lines = records.iter().map(|(time, path)| strings([&format!("{time}Z"), &message(path)]));
        let log = exchange_log("OABGenerator Log", "DateTime,Message", lines);
        let reading = read_bytes(r"E:\EX\Logging\OABGeneratorLog\a.log", log.as_bytes());
        let facts: Facts = records.iter().map(|(time, path)| strings([&format!("{time}Z"), path])).collect();
        prop_assert_eq!(reading.read.parser, Some("oab-generator"));
        prop_assert_eq!(read_back(&reading, "file_events", &["time", "path"]), facts);
    }

    #[test]
    fn ecp_server(records in vec((second(), "[A-Z][a-z]{1,6}-[A-Za-z]{1,9}", "[!-&(-:<-~]{1,30}", any::<bool>()), 1..8)) {
        let lines = records.iter().map(|(time, command, parameters, failed)| {
            // Quotes in a part are doubled, and the part is wrapped in quotes.
            let part = format!("{command}.Url='{parameters}'").replace('\'', "''");
            let error = if *failed { "No;way" } else { "" };
            let data = format!("S:TIME=10;S:CMD='{part}';S:EX={error};S:ACTID=7");
            strings([&format!("{time}Z"), &"MX1", &"Powershell", &data])
        });
        let log = exchange_log("ECP Server Log", "TimeStamp,ServerName,EventId,EventData", lines);
        let reading = read_bytes(r"E:\EX\Logging\ECP\Server\ECPServer1.LOG", log.as_bytes());
        let facts: Facts = records
            .iter()
            .map(|(time, command, parameters, failed)| {
                let result = if *failed { "failed" } else { "ok" };
                strings([&format!("{time}Z"), command, &format!("Url='{parameters}'"), &result, &"7"])
            })
            .collect();
        prop_assert_eq!(reading.read.parser, Some("ecp-server"));
        let columns = ["time", "command", "parameters", "result", "request_id"];
        prop_assert_eq!(read_back(&reading, "admin_commands", &columns), facts);
    }

    #[test]
    fn message_tracking(records in vec((second(), cell(), cell(), cell(), any::<u32>()), 1..8)) {
        let lines = records.iter().map(|(time, sender, recipients, subject, bytes)| {
            strings([&format!("{time}Z"), &"SEND", sender, recipients, subject, bytes])
        });
        let fields = "date-time,event-id,sender-address,recipient-address,message-subject,total-bytes";
        let log = exchange_log("Message Tracking Log", fields, lines);
        let reading = read_bytes(r"E:\EX\TransportRoles\Logs\MessageTracking\MSGTRK1.LOG", log.as_bytes());
        let facts: Facts = records
            .iter()
            .map(|(time, sender, recipients, subject, bytes)| {
                strings([&format!("{time}Z"), sender, recipients, subject, bytes])
            })
            .collect();
        prop_assert_eq!(reading.read.parser, Some("message-tracking"));
        let columns = ["time", "sender", "recipients", "subject", "size_bytes"];
        prop_assert_eq!(read_back(&reading, "mail_events", &columns), facts);
    }

    #[test]
    fn safety_scanner(
        started in second(),
        threats in vec(("[A-Z][a-z]{2,8}:[A-Z]{2,5}/[A-Za-z.]{1,9}", vec(r"C:\\[!-~é日]{1,20}", 0..3)), 1..6),
    ) {
        let mut log = format!("Microsoft Safety Scanner v1.333, (build 1.333.160.0)\nStarted On {}\n", started.strftime("%a %b %d %H:%M:%S %Y"));
        let mut facts = vec![strings([&format!("{started}Z"), &format!("Started On {}", started.strftime("%a %b %d %H:%M:%S %Y")), &""])];
        for (threat, files) in threats {
            writeln!(log, "Threat detected: {threat}").unwrap();
            // A threat of which no file is named is a record too.
            let paths = if files.is_empty() { vec![String::new()] } else { files };
            for path in paths {
                if !path.is_empty() {
                    writeln!(log, "    file://{path}").unwrap();
                }
                facts.push(strings([&format!("{started}Z"), &threat, &path]));
            }
        }
        let reading = read_bytes(r"C:\Windows\debug\msert.log", log.as_bytes());
        prop_assert_eq!(reading.read.parser, Some("safety-scanner"));
        prop_assert_eq!(read_back(&reading, "log_messages", &["time", "message", "path"]), facts);
    }

    #[test]
    fn compiled_page(page in "/[!-~é日]{1,20}", assembly in "App_Web_[a-z0-9]{8}", depends in vec("/[!-~]{1,12}", 0..4)) {
        let mut files = String::new();
        for file in &depends {
            write!(files, "<filedep name=\"{}\" />", escaped(file)).unwrap();
        }
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<preserve resultType=\"3\" virtualPath=\"{}\" assembly=\"{assembly}\">\
             <filedeps>{files}</filedeps></preserve>", escaped(&page),
        );
        let reading = read_bytes(r"C:\x\a.aspx.1a2b3c4d.compiled", text.as_bytes());
        prop_assert_eq!(reading.read.parser, Some("compiled-page"));
        let expected = vec![strings([&"compiled_page", &page, &assembly])];
        prop_assert_eq!(read_back(&reading, "settings", &["name", "value", "scope"]), expected);
        let rest: serde_json::Value = serde_json::from_str(&reading.rows("settings")[0]["rest"]).unwrap();
        prop_assert_eq!(&rest["depends"], &serde_json::json!(depends));
    }

    #[test]
    fn health_checker(values in vec(("[A-Z][A-Za-z]{1,12}", "[!-~é日][ -~é日]{0,14}[!-~é日]"), 1..8)) {
        let mut object = String::new();
        for (name, value) in &values {
            write!(object, "<S N=\"{name}\">{}</S>", escaped(value)).unwrap();
        }
        let text = format!(
            "<Objs Version=\"1.1.0.1\" xmlns=\"http://schemas.microsoft.com/powershell/2004/04\"><Obj RefId=\"0\"><MS>\
             <Obj N=\"ExchangeInformation\" RefId=\"1\"><MS>{object}</MS></Obj></MS></Obj></Objs>"
        );
        let reading = read_bytes(r"C:\x\HealthChecker-MX1-20210305.xml", text.as_bytes());
        let facts: Facts =
            values.iter().map(|(name, value)| strings([name, value, &"ExchangeInformation"])).collect();
        prop_assert_eq!(reading.read.parser, Some("health-checker"));
        prop_assert_eq!(read_back(&reading, "settings", &["name", "value", "scope"]), facts);
    }

    #[test]
    fn directory_export(
        objects in vec(("[A-Z][A-Za-z0-9]{1,9}", vec(("[a-z][A-Za-z]{1,12}", cell()), 1..6)), 1..4),
        width in 4_usize..80,
    ) {
        let mut text = "version: 1\r\n".to_owned();
        let mut facts = Facts::new();
        for (server, values) in &objects {
            let name = format!("CN=x,CN={server},CN=Servers,DC=example");
            let class = ("objectClass".to_owned(), "msExchVirtualDirectory".to_owned());
            let mut lines = vec![format!("dn: {name}")];
            for (attribute, value) in std::iter::once(&class).chain(values) {
                lines.push(ldif_line(attribute, value));
                facts.push(strings([&server.to_uppercase(), attribute, value, &name]));
            }
            for line in &lines {
                text.push_str(&folded(line, width));
            }
            text.push_str("\r\n");
        }
        let reading = read_bytes(r"D:\x\exchange.ldf", text.as_bytes());
        prop_assert_eq!(reading.read.parser, Some("directory-export"));
        prop_assert_eq!(read_back(&reading, "settings", &["server", "name", "value", "scope"]), facts);
    }

    #[test]
    fn velociraptor_results(files in vec((second(), r"[A-Z]:\\[ -~é日]{1,20}", any::<u32>(), "[0-9a-f]{64}"), 1..8)) {
        let mut text = String::new();
        for (time, path, size, sha256) in &files {
            let row = serde_json::json!({"OSPath": path, "Mtime": format!("{time}Z"), "Size": size, "Hash": {"SHA256": sha256}});
            writeln!(text, "{row}").unwrap();
        }
        let reading = read_bytes("results/Windows.Search.FileFinder.json", text.as_bytes());
        let facts: Facts = files
            .iter()
            .map(|(time, path, size, sha256)| strings([&format!("{time}Z"), path, size, sha256]))
            .collect();
        prop_assert_eq!(reading.read.parser, Some("velociraptor-result"));
        prop_assert_eq!(read_back(&reading, "files", &["time", "path", "size_bytes", "sha256"]), facts);
    }
}

/// An event, as the exporters know it.
#[derive(Debug, Clone)]
struct Event {
    time: jiff::civil::DateTime,
    id: u16,
    record: u32,
    channel: String,
    provider: String,
    computer: String,
    data: String,
}

fn event() -> impl Strategy<Value = Event> {
    let text = || "[A-Za-z][A-Za-z0-9 -]{0,10}[A-Za-z]";
    let parts =
        (second(), any::<u16>(), any::<u32>(), text(), text(), "[A-Z]{2,8}", "[!-~é日][ -~é日]{0,14}[!-~]");
    parts.prop_map(|(time, id, record, channel, provider, computer, data)| Event {
        time,
        id,
        record,
        channel,
        provider,
        computer,
        data,
    })
}

/// One way in which an event is exported, as JSON.
type Export = fn(&Event) -> serde_json::Value;

/// Every shape of export, by who writes it.
static EXPORTS: &[(&str, Export)] = &[
    ("evtx_dump", |event| {
        serde_json::json!({"Event": {
            "System": {
                "Provider": {"#attributes": {"Name": event.provider}},
                "EventID": event.id,
                "TimeCreated": {"#attributes": {"SystemTime": format!("{}Z", event.time)}},
                "EventRecordID": event.record,
                "Channel": event.channel,
                "Computer": event.computer,
            },
            "EventData": {"Told": event.data},
        }})
    }),
    ("Winlogbeat 7", |event| {
        serde_json::json!({"@timestamp": "2021-04-01T00:00:00Z", "winlog": {
            "channel": event.channel,
            "provider_name": event.provider,
            "event_id": event.id,
            "record_id": event.record,
            "computer_name": event.computer,
            "time_created": format!("{}Z", event.time),
            "event_data": {"Told": event.data},
        }})
    }),
    ("Winlogbeat 6", |event| {
        serde_json::json!({
            "@timestamp": format!("{}Z", event.time),
            "log_name": event.channel,
            "source_name": event.provider,
            "event_id": event.id,
            "record_number": event.record.to_string(),
            "computer_name": event.computer,
            "event_data": {"Told": event.data},
        })
    }),
    ("NXLog", |event| {
        serde_json::json!({
            "EventTime": format!("{}Z", event.time),
            "Channel": event.channel,
            "SourceName": event.provider,
            "EventID": event.id,
            "RecordNumber": event.record,
            "Hostname": event.computer,
            "Told": event.data,
        })
    }),
];

/// What is read of an event, by whatever way it came.
const EVENT_COLUMNS: [&str; 7] =
    ["time", "event_id", "event_record_id", "channel", "provider", "computer", "fields"];

fn facts_of(events: &[Event]) -> Facts {
    let fact = |event: &Event| {
        let told = serde_json::json!({"Told": event.data}).to_string();
        let Event { id, record, channel, provider, computer, .. } = event;
        strings([&format!("{}Z", event.time), id, record, channel, provider, computer, &told])
    };
    events.iter().map(fact).collect()
}

/// The event as Windows keeps it.
fn record_of(event: &Event) -> evtx_writer::Record {
    let system = vec![
        Element::of("Provider", Vec::new()).with("Name", &event.provider),
        Element::text("EventID", event.id.to_string()),
        Element::of("TimeCreated", Vec::new()).with("SystemTime", format!("{}Z", event.time)),
        Element::text("EventRecordID", event.record.to_string()),
        Element::text("Channel", &event.channel),
        Element::text("Computer", &event.computer),
    ];
    let data = vec![Element::text("Data", &event.data).with("Name", "Told")];
    let event_of = vec![Element::of("System", system), Element::of("EventData", data)];
    evtx_writer::Record { number: event.record.into(), event: Element::of("Event", event_of) }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn evtx(mut events in vec(event(), 1..40), in_a_chunk in 1..20_usize) {
        // Windows numbers the records of a log as they come.
        events.sort_by_key(|event| event.record);
        let records: Vec<_> = events.iter().map(record_of).collect();
        let reading = read_bytes("Application.evtx", &evtx_writer::log(&records, in_a_chunk));
        prop_assert_eq!((reading.read.parser, reading.codes()), (Some("evtx"), Vec::new()));
        prop_assert_eq!(read_back(&reading, "windows_events", &EVENT_COLUMNS), facts_of(&events));
    }

    #[test]
    fn exported_events_are_the_same_facts_whoever_exported_them(events in vec(event(), 1..8)) {
        for (exporter, export) in EXPORTS {
            let lines: Vec<String> = events.iter().map(|event| export(event).to_string()).collect();
            let reading = read_bytes("events.jsonl", lines.join("\n").as_bytes());
            prop_assert_eq!(reading.read.parser, Some("windows-events"), "{}", exporter);
            prop_assert_eq!(read_back(&reading, "windows_events", &EVENT_COLUMNS), facts_of(&events), "{}", exporter);
        }
    }
}
