//! Windows events: EVTX and exports, made here and real.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "tests fail by panicking and tell what they skip"
)]

mod container;
mod meaning;

use crate::support::{keep_as_seed, shared_data};
use afterpatch_ingest::{Aid, Evidence, Fit, Helpers, Limits, PARSERS, Parser};
use afterpatch_model::{Artifact, Batch, CollectionId, Problem, ProblemCode, Rows, RowsContext, Tally};
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampNanosecondType};
use evtx::err::EvtxError;
use evtx::{EvtxParser, ParserSettings};
use proptest::prelude::*;
use std::io::{Cursor, Read};
use std::path::PathBuf;

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
    let bytes = bytes.into();
    let mut input = Cursor::new(bytes.clone());
    let mut batches = Vec::new();
    let mut sink = |batch| batches.push(batch);
    let context = RowsContext { artifact: &artifact, source: parser.name(), organisation: None, zone: None };
    let mut rows = Rows::new(context, &mut sink);
    let evidence: &mut dyn Evidence = &mut input;
    parser.parse_with(Aid { helpers, beside: None }, &artifact, evidence, &Limits::default(), &mut rows);
    let (tally, problems) = rows.finish();
    assert_eq!(tally.facts + tally.lost, tally.records);
    if tally.facts > 0 {
        keep_as_seed(name, &bytes);
    }
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

fn sample_logs() -> Vec<(PathBuf, Vec<u8>)> {
    let Some(folder) = shared_data("evtx-attack-samples") else {
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
    assert!(shared_data("evtx-attack-samples").is_none() || found.iter().all(|count| *count > 50));
}

fn proxylogon_export() -> Option<Vec<u8>> {
    let file = shared_data("otrf-proxylogon")?.join("proxylogon_ssrf_rce_poc.zip");
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
