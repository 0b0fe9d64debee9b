//! Windows events: EVTX and exports, made here and real.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "tests fail by panicking and tell what they skip"
)]

use afterpatch_ingest::{Evidence, Fit, Helpers, Limits, PARSERS, Parser};
use afterpatch_model::{Artifact, Batch, CollectionId, Problem, ProblemCode, Rows, RowsContext, Tally};
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampNanosecondType};
use evtx::err::EvtxError;
use evtx::{EvtxParser, ParserSettings};
use proptest::prelude::*;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

fn parser(name: &str) -> &'static dyn Parser {
    *PARSERS.iter().find(|parser| parser.name() == name).unwrap()
}

fn artifact(path: &str) -> Artifact {
    Artifact {
        id: Artifact::derive_id(None, path, "00"),
        collection: CollectionId::new("c"),
        path: path.into(),
        container_path: path.into(),
        size_bytes: 0,
        modified: None,
        created: None,
        sha256: "00".into(),
        server: None,
    }
}

/// What a parser made of some bytes.
struct Outcome {
    tally: Tally,
    problems: Vec<Problem>,
    batches: Vec<Batch>,
}

fn read(name: &str, bytes: impl Into<Vec<u8>>) -> Outcome {
    read_with(None, name, bytes)
}

fn read_with(helpers: Option<&Helpers<'_>>, name: &str, bytes: impl Into<Vec<u8>>) -> Outcome {
    let parser = parser(name);
    let artifact = artifact("x");
    let mut input = Cursor::new(bytes.into());
    let mut batches = Vec::new();
    let mut sink = |batch| batches.push(batch);
    let context = RowsContext { artifact: &artifact, source: parser.name(), organisation: None, zone: None };
    let mut rows = Rows::new(context, &mut sink);
    let evidence: &mut dyn Evidence = &mut input;
    match helpers {
        Some(helpers) => parser.parse_with(helpers, &artifact, evidence, &Limits::default(), &mut rows),
        None => parser.parse(&artifact, evidence, &Limits::default(), &mut rows),
    }
    let (tally, problems) = rows.finish();
    assert_eq!(tally.facts + tally.lost, tally.records);
    Outcome { tally, problems, batches }
}

impl Outcome {
    fn table(&self, table: &str) -> impl Iterator<Item = &RecordBatch> {
        let table = table.to_owned();
        self.batches.iter().filter(move |batch| batch.table.name == table).map(|batch| &batch.rows)
    }

    /// The rows of a table, each as the named columns shown as text; null is `-`.
    fn rows(&self, table: &str, columns: &[&str]) -> Vec<Vec<String>> {
        let shown =
            |batch: &RecordBatch, row| columns.iter().map(|column| cell(batch, column, row)).collect();
        self.table(table)
            .flat_map(|batch| (0..batch.num_rows()).map(move |row| shown(batch, row)).collect::<Vec<_>>())
            .collect()
    }

    /// All that came out, cut into batches as it came.
    fn whole(&self) -> (Tally, &[Problem], Vec<(&str, &RecordBatch)>) {
        let batches = self.batches.iter().map(|batch| (batch.table.name, &batch.rows));
        (self.tally, &self.problems, batches.collect())
    }

    fn codes(&self) -> Vec<ProblemCode> {
        self.problems.iter().map(|problem| problem.code).collect()
    }
}

fn cell(batch: &RecordBatch, column: &str, row: usize) -> String {
    let values = batch.column_by_name(column).unwrap();
    if values.is_null(row) {
        return "-".into();
    }
    if let Some(texts) = values.as_string_opt::<i32>() {
        return texts.value(row).to_owned();
    }
    if let Some(numbers) = values.as_primitive_opt::<Int64Type>() {
        return numbers.value(row).to_string();
    }
    let nanos = values.as_primitive::<TimestampNanosecondType>().value(row);
    afterpatch_model::Timestamp::from_nanos(nanos).to_string()
}

fn data(folder: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(folder);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("skipped: {} is absent", path.display());
    None
}

fn sample_logs() -> Vec<(PathBuf, Vec<u8>)> {
    let Some(folder) = data("evtx-attack-samples") else {
        return Vec::new();
    };
    let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().map(Result::unwrap);
    files
        .filter(|file| file.path().extension().is_some_and(|extension| extension == "evtx"))
        .map(|file| (file.path().to_owned(), std::fs::read(file.path()).unwrap()))
        .collect()
}

/// The smallest of the real logs: one chunk.
fn small_log() -> Option<Vec<u8>> {
    sample_logs().into_iter().map(|(_, log)| log).find(|log| log.len() == 4_096 + 65_536)
}

/// What the evtx crate itself makes of a log; none where it refuses the header.
fn reference(log: &[u8]) -> Option<Vec<Result<String, EvtxError>>> {
    let settings = ParserSettings::default().indent(false);
    let mut parser = EvtxParser::from_buffer(log.to_vec()).ok()?.with_configuration(settings);
    let records = parser.records_json().map(|record| record.map(|record| record.data));
    Some(records.collect())
}

/// Facts and lost records as the evtx crate counts them.
fn counts(expected: &[Result<String, EvtxError>]) -> (u64, u64) {
    let is_record = |error: &EvtxError| !matches!(error, EvtxError::FailedToParseChunk { .. });
    let facts = expected.iter().filter(|record| record.is_ok()).count();
    let lost = expected.iter().filter(|record| record.as_ref().is_err_and(is_record)).count();
    (facts as u64, lost as u64)
}

const EVENT_COLUMNS: &[&str] = &[
    "time",
    "server",
    "channel",
    "provider",
    "event_id",
    "level",
    "event_record_id",
    "computer",
    "user_sid",
    "message",
    "fields",
    "rest",
];

#[test]
fn every_record_of_the_samples_is_a_fact_or_lost_as_the_evtx_crate_counts() {
    let mut total = 0;
    for (path, log) in sample_logs() {
        let tally = read("evtx", log.clone()).tally;
        let expected = counts(&reference(&log).unwrap());
        assert_eq!((tally.facts, tally.lost), expected, "{}", path.display());
        assert!(tally.facts == 0 || tally.first.is_some());
        total += tally.facts;
    }
    eprintln!("{total} records");
}

#[test]
fn a_log_and_its_dump_give_the_same_facts() {
    for (path, log) in sample_logs() {
        let from_log = read("evtx", log.clone());
        let mut dump = String::new();
        for (number, record) in reference(&log).unwrap().into_iter().flatten().enumerate() {
            dump.extend([&format!("Record {number}\n"), &record, "\n"]);
        }
        let from_dump = read("windows-events", dump);
        let rows = |outcome: &Outcome| outcome.rows("windows_events", EVENT_COLUMNS);
        assert_eq!(rows(&from_log), rows(&from_dump), "{}", path.display());
        assert_eq!(from_log.tally.derived, from_dump.tally.derived, "{}", path.display());
    }
}

#[test]
fn the_samples_hold_processes_logons_and_files() {
    let mut found = [0_usize; 3];
    for (_, log) in sample_logs() {
        let outcome = read("evtx", log);
        for (count, (table, column)) in
            found.iter_mut().zip([("processes", "image"), ("logons", "user"), ("file_events", "path")])
        {
            *count += outcome.rows(table, &[column]).iter().filter(|row| row[0] != "-").count();
        }
    }
    eprintln!("processes, logons, file events: {found:?}");
    assert!(data("evtx-attack-samples").is_none() || found.iter().all(|count| *count > 50));
}

fn proxylogon_export() -> Option<Vec<u8>> {
    let file = data("otrf-proxylogon")?.join("proxylogon_ssrf_rce_poc.zip");
    let mut zip = zip::ZipArchive::new(std::fs::File::open(file).unwrap()).unwrap();
    let mut bytes = Vec::new();
    zip.by_index(0).unwrap().read_to_end(&mut bytes).unwrap();
    Some(bytes)
}

#[test]
fn the_recorded_proxylogon_intrusion_is_read_whole() {
    let Some(export) = proxylogon_export() else { return };
    assert_eq!(parser("windows-events").fits("x.json", &export[..4_096]), Fit::Sure);
    let outcome = read("windows-events", export);
    assert_eq!((outcome.tally.facts, outcome.tally.lost), (10_487, 0));
    assert_eq!(outcome.problems, []);

    let cmdlets = outcome.rows("admin_commands", &["time", "command", "result", "parameters"]);
    let named: Vec<_> = cmdlets.iter().map(|row| [&row[0], &row[1], &row[2]].map(String::as_str)).collect();
    assert_eq!(
        named,
        [
            ["2021-03-14T01:40:12.987Z", "Set-OabVirtualDirectory", "ok"],
            ["2021-03-14T01:40:14.768Z", "Remove-OabVirtualDirectory", "ok"],
            ["2021-03-14T01:40:17.518Z", "New-OabVirtualDirectory", "ok"],
        ]
    );
    assert!(cmdlets[0][3].starts_with("-ExternalUrl \"http://ffff/#<script"));
    assert!(cmdlets[0][3].ends_with("-Identity \"OAB (Default Web Site)\""));

    let shell = r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\auth\ohyeah.aspx";
    let columns = ["time", "action", "path", "image", "access_mask"];
    let writes = outcome.rows("file_events", &columns).into_iter().filter(|row| row[2] == shell);
    let mut writes: Vec<_> = writes.map(|row| [0, 1, 3, 4].map(|column| row[column].clone())).collect();
    writes.sort();
    let at = "2021-03-14T01:40:13.66Z";
    assert_eq!(
        writes,
        [
            [at, "create", "System", "-"].map(String::from),
            [at, "write", "-", "0x12019f"].map(String::from),
            [at, "write", "-", "0x2"].map(String::from),
        ]
    );

    let roots = outcome.rows("settings", &["server", "name", "value"]);
    assert_eq!(roots, [["MXS01", "install_root", r"C:\Program Files\Microsoft\Exchange Server\V15\"]]);
    assert_eq!(outcome.rows("processes", &["image"]).len(), 25);
    assert_eq!(outcome.rows("logons", &["action"]).len(), 27);
}

const WINLOGBEAT_7: &str = r#"{"@timestamp":"2021-03-02T08:00:00.123Z","event":{"code":"4624","provider":"Microsoft-Windows-Security-Auditing","created":"2021-03-02T08:00:05Z"},"host":{"name":"shipper"},"log":{"level":"information"},"message":"An account was logged on.","winlog":{"channel":"Security","computer_name":"mx1.example.org","event_id":"4624","record_id":77,"provider_name":"Microsoft-Windows-Security-Auditing","process":{"pid":4},"user":{"identifier":"S-1-5-18"},"event_data":{"TargetUserName":"svc","TargetDomainName":"EXAMPLE","TargetLogonId":"0x3e7","LogonType":"3","IpAddress":"192.0.2.7","WorkstationName":"-","AuthenticationPackageName":"NTLM","LogonProcessName":"NtLmSsp "}}}"#;
const WINLOGBEAT_6: &str = r#"{"@timestamp":"2021-03-02T08:00:00.123Z","log_name":"Security","source_name":"Microsoft-Windows-Security-Auditing","event_id":4624,"record_number":"77","computer_name":"mx1.example.org","level":"Information","message":"An account was logged on.","process_id":4,"user":{"identifier":"S-1-5-18"},"event_data":{"TargetUserName":"svc","TargetDomainName":"EXAMPLE","TargetLogonId":"0x3e7","LogonType":"3","IpAddress":"192.0.2.7","WorkstationName":"-","AuthenticationPackageName":"NTLM","LogonProcessName":"NtLmSsp "}}"#;

#[test]
fn both_winlogbeats_say_the_same() {
    for line in [WINLOGBEAT_7, WINLOGBEAT_6] {
        assert_eq!(parser("windows-events").fits("x.ndjson", line.as_bytes()), Fit::Sure);
        let outcome = read("windows-events", line);
        let columns = &EVENT_COLUMNS[..EVENT_COLUMNS.len() - 2];
        let expected = [
            "2021-03-02T08:00:00.123Z",
            "MX1",
            "Security",
            "Microsoft-Windows-Security-Auditing",
            "4624",
            "4",
            "77",
            "mx1.example.org",
            "S-1-5-18",
            "An account was logged on.",
        ];
        assert_eq!(outcome.rows("windows_events", columns), [expected]);
        let fields = outcome.rows("windows_events", &["fields"])[0][0].clone();
        assert!(fields.ends_with(r#""LogonProcessName":"NtLmSsp"}"#), "{fields}");
        let columns = ["user", "action", "logon_type", "src_ip", "src_host", "auth_package", "logon_id"];
        let logon = ["EXAMPLE\\svc", "logon", "3", "192.0.2.7", "-", "NTLM", "0x3e7"];
        assert_eq!(outcome.rows("logons", &columns), [logon]);
    }
}

#[test]
fn one_line_of_rubbish_costs_one_record() {
    let text = format!("\u{feff}{WINLOGBEAT_7}\n{{\"cut\":\n\n[1]\n{WINLOGBEAT_6},\r\nRecord 5\n");
    let outcome = read("windows-events", text);
    assert_eq!((outcome.tally.facts, outcome.tally.lost), (2, 2));
    assert_eq!(outcome.codes(), [ProblemCode::BadJson, ProblemCode::BadJson]);
    let places: Vec<_> = outcome.problems.iter().map(|problem| problem.record.unwrap()).collect();
    assert_eq!(places, [2, 4]);
    assert_eq!(outcome.rows("windows_events", &["record"]), [["1"], ["5"]]);
}

#[test]
fn arrays_and_indented_dumps_are_read_as_well() {
    let pretty = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        serde_json::to_string_pretty(&value).unwrap()
    };
    let array = format!("[{WINLOGBEAT_7},{WINLOGBEAT_6}]");
    let dump = format!(
        "Record 1\n{}\nRecord 2\n{{\n \"cut\": \nRecord 3\n{}",
        pretty(WINLOGBEAT_7),
        pretty(WINLOGBEAT_6)
    );
    let tally = |text: &str| {
        let tally = read("windows-events", text).tally;
        (tally.facts, tally.lost)
    };
    assert_eq!(tally(&array), (2, 0));
    assert_eq!(tally(&pretty(&array)), (2, 0));
    assert_eq!(tally(&dump), (2, 1));
}

#[test]
fn other_json_is_not_taken_for_events() {
    let fits = |head: &str| parser("windows-events").fits("x.json", head.as_bytes());
    for head in ["", "{}", r#"{"EventID":"x"}"#, r#"{"Channel":"web","user":"x"}"#, r#"{"event":"login"}"#] {
        assert_eq!(fits(head), Fit::No, "{head}");
    }
}

fn event(provider: &str, id: u16, fields: &str) -> String {
    format!(
        r##"{{"Event":{{"System":{{"Provider":{{"#attributes":{{"Name":"{provider}"}}}},"EventID":{{"#attributes":{{"Qualifiers":0}},"#text":{id}}},"TimeCreated":{{"#attributes":{{"SystemTime":"2021-03-02T08:00:00.1234567Z"}}}},"Computer":"MX1","Correlation":null}},"EventData":{fields}}}}}"##
    )
}

const SECURITY: &str = "Microsoft-Windows-Security-Auditing";

#[test]
fn a_hundred_nanoseconds_and_the_rest_of_the_system_are_kept() {
    let outcome = read("windows-events", event(SECURITY, 1, "null"));
    let row = outcome.rows("windows_events", &["time", "event_id", "fields", "rest"]);
    assert_eq!(row, [["2021-03-02T08:00:00.1234567Z", "1", "-", r#"{"Qualifiers":0}"#]]);
}

#[test]
fn an_event_without_a_time_is_a_fact_with_a_remark() {
    let outcome = read("windows-events", r#"{"EventID":1,"Channel":"Security","TimeCreated":"yesterday"}"#);
    assert_eq!((outcome.tally.facts, outcome.codes()), (1, vec![ProblemCode::BadTime]));
}

#[test]
fn the_events_own_time_goes_before_what_a_field_says() {
    let line = r#"{"EventTime":"2021-03-14 06:40:13","@timestamp":"2021-03-14T01:40:14Z","TimeCreated":"2021-03-14T01:40:13.660Z","UtcTime":"2021-03-14 06:40:13.659","EventID":11,"Channel":"Application"}"#;
    let row = &read("windows-events", line).rows("windows_events", &["time", "rest"])[0];
    assert_eq!(row[0], "2021-03-14T01:40:13.66Z");
    assert_eq!(row[1], r#"{"EventTime":"2021-03-14 06:40:13"}"#);
}

#[test]
fn processes_know_their_parents_and_their_account() {
    let creator = r#""SubjectUserName":"MX1$","SubjectDomainName":"EXAMPLE""#;
    let start = r#""NewProcessId":"0x2d54","NewProcessName":"C:\\x.exe","ProcessId":"0x10","ParentProcessName":"C:\\w3wp.exe","CommandLine":"x /c""#;
    let none = event(
        SECURITY,
        4688,
        &format!(r#"{{{creator},{start},"TargetUserName":"-","TargetDomainName":"-"}}"#),
    );
    let target = event(
        SECURITY,
        4688,
        &format!(r#"{{{creator},{start},"TargetUserName":"a","TargetDomainName":"E"}}"#),
    );
    let ended = event(SECURITY, 4689, &format!("{{{creator},{start}}}"));
    let outcome = read("windows-events", [none, target, ended].join("\n"));
    let columns = ["user", "image", "command_line", "pid", "parent_image", "parent_pid"];
    let row = |user| [user, r"C:\x.exe", "x /c", "11604", r"C:\w3wp.exe", "16"];
    assert_eq!(outcome.rows("processes", &columns), [row(r"EXAMPLE\MX1$"), row(r"E\a")]);
}

#[test]
fn failed_and_explicit_logons_are_told_apart() {
    let fields = r#"{"SubjectLogonId":"0x3e7","TargetUserName":"a","TargetDomainName":"E","LogonType":10,"IpAddress":"::ffff:198.51.100.4","WorkstationName":"WS1","ProcessName":"C:\\p.exe"}"#;
    let lines = [4625, 4648, 4634].map(|id| event(SECURITY, id, fields)).join("\n");
    let outcome = read("windows-events", lines);
    let columns = ["action", "user", "logon_type", "src_ip", "src_host", "logon_id", "process"];
    let row = |action| [action, r"E\a", "10", "::ffff:198.51.100.4", "WS1", "0x3e7", r"C:\p.exe"];
    assert_eq!(outcome.rows("logons", &columns), [row("failed"), row("explicit")]);
}

#[test]
fn files_are_files_and_neither_pipes_nor_keys() {
    let share = |name: &str, target: &str, mask: &str| {
        event(
            SECURITY,
            5145,
            &format!(
                r#"{{"ShareName":"\\\\*\\{name}","ShareLocalPath":"","RelativeTargetName":"{target}","AccessMask":"{mask}","IpAddress":"::1"}}"#
            ),
        )
    };
    let object = |kind: &str, mask: &str| {
        event(
            SECURITY,
            4663,
            &format!(
                r#"{{"ObjectType":"{kind}","ObjectName":"C:\\a.txt","AccessMask":"{mask}","ProcessId":"0x4"}}"#
            ),
        )
    };
    let stream =
        event("Microsoft-Windows-Sysmon", 15, r#"{"TargetFilename":"C:\\a:b","Hash":"MD5=0","ProcessId":7}"#);
    let lines = [
        share("C$", "inetpub\\\\x.aspx", "0x2"),
        share("IPC$", "lsarpc", "0x12019f"),
        object("File", "0x10000"),
        object("Key", "0x2"),
        stream,
        event("Microsoft-Windows-Sysmon", 26, r#"{"TargetFilename":"C:\\gone.aspx"}"#),
        event("Microsoft-Windows-Other", 11, r#"{"TargetFilename":"C:\\other"}"#),
    ];
    let outcome = read("windows-events", lines.join("\n"));
    let rows = outcome.rows("file_events", &["action", "path", "pid", "src_ip", "hashes"]);
    assert_eq!(
        rows,
        [
            ["write", r"C:\inetpub\x.aspx", "-", "::1", "-"],
            ["delete", r"C:\a.txt", "4", "-", "-"],
            ["create", r"C:\a:b", "7", "-", "MD5=0"],
            ["delete", r"C:\gone.aspx", "-", "-", "-"],
        ]
    );
}

#[test]
fn cmdlets_are_read_from_positions_where_the_log_has_them() {
    let items = r#"["New-MailboxExportRequest","-Mailbox \"a\"","example.org/Users/admin","S-1-5-21-1","S-1-5-21-1","Remote-ManagementShell-Unknown","8372 w3wp#MSExchangePowerShellAppPool","","29","00:00:01","","Example.TaskException: no","ActivityId: 0f7d",""]"#;
    let log = event("MSExchange CmdletLogs", 6, &format!(r##"{{"Data":{{"#text":{items}}}}}"##));
    let named: Vec<_> = serde_json::from_str::<Vec<String>>(items).unwrap();
    let named: serde_json::Map<_, _> = named
        .into_iter()
        .enumerate()
        .map(|(place, item)| (format!("param{}", place + 1), item.into()))
        .collect();
    let beat = event("MSExchange CmdletLogs", 6, &serde_json::Value::from(named).to_string());
    let outcome = read("windows-events", format!("{log}\n{beat}"));
    let columns = ["user", "command", "parameters", "result", "error", "process", "request_id"];
    let row = [
        "example.org/Users/admin",
        "New-MailboxExportRequest",
        "-Mailbox \"a\"",
        "failed",
        "Example.TaskException: no",
        "8372 w3wp#MSExchangePowerShellAppPool",
        "0f7d",
    ];
    assert_eq!(outcome.rows("admin_commands", &columns), [row, row]);
}

#[test]
fn a_log_without_its_header_gives_its_records_all_the_same() {
    let Some(log) = small_log() else { return };
    let whole = read("evtx", log.clone());
    let mut headless = log.clone();
    headless[..4_096].fill(0);
    let outcome = read("evtx", headless);
    assert_eq!(outcome.tally, whole.tally);
    assert_eq!(outcome.codes(), [ProblemCode::Damaged]);

    let mut edited = log;
    edited[24] ^= 1;
    let outcome = read("evtx", edited);
    assert_eq!((outcome.tally, outcome.codes()), (whole.tally, vec![ProblemCode::Damaged]));
}

#[test]
fn damage_is_told_where_it_is() {
    let Some(log) = small_log() else { return };
    let whole = read("evtx", log.clone()).tally;

    let mut chunk = log.clone();
    chunk[4_096..4_104].copy_from_slice(b"xxxxxxxx");
    let outcome = read("evtx", chunk);
    assert_eq!((outcome.tally.records, outcome.codes()), (0, vec![ProblemCode::BadEventChunk]));

    let first = 4_096 + 512;
    let mut record = log.clone();
    record[first..first + 4].fill(0xff);
    let outcome = read("evtx", record);
    assert_eq!((outcome.tally.records, outcome.tally.lost), (whole.records, 1));
    assert_eq!(outcome.codes(), [ProblemCode::BadEventRecord]);
    assert_eq!(outcome.problems[0].record, Some(first as u64));

    let mut cut = log;
    cut.extend(vec![0; 1_000]);
    assert_eq!(read("evtx", cut).codes(), [ProblemCode::Truncated]);
}

#[test]
fn a_damaged_name_in_a_template_costs_no_record() {
    let Some(mut log) = small_log() else { return };
    let whole = read("evtx", log.clone());
    // The name `Event`, at its first place in the chunk: length, then UTF-16.
    let name = b"\x05\0E\0v\0e\0n\0t\0";
    let place = log.windows(name.len()).position(|bytes| bytes == name).unwrap();
    log[place + 2] = 0x07;
    let outcome = read("evtx", log);
    assert_eq!((outcome.tally.facts, outcome.tally.lost), (whole.tally.facts, 0));
    let events = |outcome: &Outcome| outcome.rows("windows_events", EVENT_COLUMNS);
    assert_eq!(events(&outcome), events(&whole));
}

#[test]
fn a_log_of_many_equal_chunks_ends() {
    let Some(log) = small_log() else { return };
    let mut looping = log.clone();
    for _ in 0..50 {
        looping.extend_from_slice(&log[4_096..]);
    }
    assert_eq!(read("evtx", looping).tally.facts, 51 * read("evtx", log).tally.facts);
}

fn with_helpers<T>(threads: usize, act: impl FnOnce(&Helpers<'_>) -> T) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    act(&Helpers::new(&pool))
}

/// The chunks of many logs behind one header, among them blank ones, and one that is none.
fn long_log() -> Vec<u8> {
    let mut long = Vec::new();
    for (number, (_, log)) in sample_logs().into_iter().step_by(5).enumerate() {
        let chunks = if number == 0 { &log[..] } else { log.get(4_096..).unwrap_or_default() };
        long.extend_from_slice(&chunks[..chunks.len().min(20 * 65_536 + 4_096)]);
        let cut = (long.len() - 4_096) % 65_536;
        long.truncate(long.len() - cut);
        long.resize(long.len() + 65_536 * (number % 3), 0);
    }
    if let Some(magic) = long.get_mut(4_096 + 7 * 65_536..4_104 + 7 * 65_536) {
        magic.fill(0xff);
    }
    long
}

#[test]
fn helpers_change_nothing_of_what_is_read() {
    let log = long_log();
    let alone = read("evtx", log.clone());
    if !log.is_empty() {
        let of_events = alone.table("windows_events").count();
        assert!(of_events > 3, "{of_events} batches");
        assert!(alone.codes().contains(&ProblemCode::BadEventChunk), "{:?}", alone.codes());
    }
    let mut headless = log.clone();
    headless.get_mut(..100).unwrap_or_default().fill(0);
    for threads in [1, 2, 5] {
        with_helpers(threads, |helpers| {
            let helped = read_with(Some(helpers), "evtx", log.clone());
            assert_eq!(helped.whole(), alone.whole(), "{threads} threads");
            let headless =
                (read_with(Some(helpers), "evtx", headless.clone()), read("evtx", headless.clone()));
            assert_eq!(headless.0.whole(), headless.1.whole(), "{threads} threads");
        });
    }
}

#[test]
fn a_log_that_went_on_over_its_oldest_chunks_is_read_from_the_oldest_record() {
    let Some(log) = sample_logs().into_iter().map(|(_, log)| log).find(|log| log.len() > 4_096 + 3 * 65_536)
    else {
        return;
    };
    let (header, chunks) = log.split_at(4_096);
    let mut chunks: Vec<&[u8]> =
        chunks.chunks_exact(65_536).filter(|chunk| chunk.starts_with(b"ElfChnk\0")).collect();
    let in_order = read("evtx", [header, &chunks.concat()].concat());
    chunks.rotate_left(1);
    let wrapped = read("evtx", [header, &chunks.concat()].concat());
    assert!(chunks.len() > 1 && in_order.tally.facts > 0);
    assert_eq!(wrapped.whole(), in_order.whole());
}

/// A header, then a chunk's magic: enough to lead arbitrary bytes deep into the walk.
fn led_in(bytes: &[u8]) -> Vec<u8> {
    let mut log = b"ElfFile\0".to_vec();
    log.resize(4_096, 0);
    log[40..42].copy_from_slice(&[0, 16]);
    log.extend_from_slice(b"ElfChnk\0");
    log.extend_from_slice(bytes);
    log.resize(4_096 + 65_536, 0x2a);
    log
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arbitrary_bytes_are_no_panic(bytes in proptest::collection::vec(any::<u8>(), 0..4_096)) {
        read("evtx", bytes.clone());
        read("evtx", led_in(&bytes));
        read("windows-events", bytes);
    }

    #[test]
    fn a_damaged_log_is_read_as_far_as_the_evtx_crate_reads_it(
        changes in proptest::collection::vec((0_usize..69_632, any::<u8>()), 1..64),
        cut in 0_usize..69_632,
    ) {
        if let Some(mut log) = small_log_once() {
            for (place, byte) in changes {
                log[place] = byte;
            }
            let tally = read("evtx", log.clone()).tally;
            if let Some(expected) = reference(&log) {
                // A record whose names are damaged renders to no JSON: the crate gives it, we call it lost.
                let (facts, lost) = counts(&expected);
                prop_assert_eq!(tally.records, facts + lost);
                prop_assert!(tally.facts <= facts);
            }
            log.truncate(cut);
            read("evtx", log);
        }
    }

    #[test]
    fn a_damaged_log_is_read_alike_by_any_number_of_threads(
        changes in proptest::collection::vec((4_096_usize..69_632, any::<u8>()), 0..400),
        copies in 1_usize..60,
        threads in 1_usize..5,
    ) {
        if let Some(mut log) = small_log_once() {
            let sound = log[4_096..].to_vec();
            for (place, byte) in changes {
                log[place] = byte;
            }
            for copy in 0..copies {
                let damaged = log[4_096..69_632].to_vec();
                log.extend(if copy % 3 == 0 { &damaged } else { &sound });
            }
            let alone = read("evtx", log.clone());
            let helped = with_helpers(threads, |helpers| read_with(Some(helpers), "evtx", log));
            prop_assert_eq!(helped.whole(), alone.whole());
        }
    }

    #[test]
    fn each_line_of_an_export_is_a_fact_or_lost(
        lines in proptest::collection::vec(
            prop_oneof![
                r#"\{"EventID":[0-9]{1,4},"[A-Za-z@]{1,9}":("[^"\\\n\r]{0,9}"|null|-?[0-9]{1,25})\}"#,
                r##"\{"Event":\{"System":(\{"EventID":\{"#text":7\}\}|[0-9]|null),"EventData":\{"Data":(\[1,"a"\]|\{\}|null)\}\}\}"##,
                r#"\{"winlog":(\{"event_data":\{"Data":\[\{\}\]\},"user":3\}|"x")\}"#,
                "[^\n\r]{0,60}",
            ],
            0..20,
        )
    ) {
        // The first line fixes the layout: one object a line.
        let text = format!("{{\"EventID\":1}}\n{}\n", lines.join("\n"));
        let is_record = |line: &&String| !line.trim().is_empty() && !line.trim().starts_with("Record ");
        let records = lines.iter().filter(is_record).count() as u64 + 1;
        prop_assert_eq!(read("windows-events", text).tally.records, records);
    }
}

fn small_log_once() -> Option<Vec<u8>> {
    static LOG: std::sync::LazyLock<Option<Vec<u8>>> = std::sync::LazyLock::new(small_log);
    LOG.clone()
}

#[test]
fn services_tasks_and_the_configuration_of_iis_are_settings() {
    let cases = [
        (
            "Service Control Manager",
            7045,
            r#"{"ServiceName":"upd","ImagePath":"C:\\x.exe"}"#,
            ["service_installed", r"C:\x.exe", "upd"],
        ),
        (
            "Microsoft-Windows-TaskScheduler",
            200,
            r#"{"TaskName":"\\upd","ActionName":"C:\\x.exe"}"#,
            ["task_ran", r"C:\x.exe", r"\upd"],
        ),
        (
            "Microsoft-Windows-IIS-Configuration",
            29,
            r#"{"Configuration":"/system.webServer/httpLogging/@dontLog","OldValue":"false","NewValue":"true"}"#,
            ["iis_configuration_changed", "true", "/system.webServer/httpLogging/@dontLog"],
        ),
    ];
    for (provider, id, fields, expected) in cases {
        let outcome = read("windows-events", event(provider, id, fields));
        assert_eq!(outcome.rows("settings", &["name", "value", "scope"]), [expected], "{provider}");
        let other = read("windows-events", event(provider, id + 1, fields));
        assert!(other.rows("settings", &["name"]).is_empty(), "{provider}");
    }
}

#[test]
fn what_defender_met_has_its_name_and_its_file() {
    let fields =
        r#"{"Threat Name":"Backdoor:ASP/Example.A","Path":"file:_C:\\inetpub\\wwwroot\\a.aspx; webfile:_x"}"#;
    let outcome = read("windows-events", event("Microsoft-Windows-Windows Defender", 1116, fields));
    assert_eq!(
        outcome.rows("log_messages", &["component", "message", "path"]),
        [["defender", "Backdoor:ASP/Example.A", r"C:\inetpub\wwwroot\a.aspx"]]
    );
}
