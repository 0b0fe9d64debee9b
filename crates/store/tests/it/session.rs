//! Questions in SQL: every table is there, every function answers, and nothing is ever changed.

use crate::evidence::Bench;
use afterpatch_model::{ArtifactId, Grade, Level, Locator, tables};
use afterpatch_store::{FUNCTIONS, HitRow, HitRule, Session, StoreError, all_tables};
use serde_json::{Map, Value, json};
use std::sync::Arc;

fn row(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(row) => row,
        _ => Map::new(),
    }
}

#[test]
fn every_table_is_there_and_empty() {
    let session = Session::empty().unwrap();
    for table in all_tables() {
        let columns: Vec<_> = table.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
        let sql = format!("SELECT {} FROM {}", columns.join(", "), table.name);
        session.check(&sql).unwrap();
        assert_eq!(session.rows(&sql).unwrap().len(), 0, "{}", table.name);
    }
    assert_eq!(all_tables().count(), tables::ALL.len() + 3);
}

#[test]
fn nothing_can_be_written() {
    let bench = Bench::new();
    let session = bench.filled("case").session().unwrap();
    let target = bench.folder("stolen.csv");
    let refused = [
        "CREATE TABLE x AS SELECT 1".to_owned(),
        "CREATE VIEW web_requests AS SELECT 1".to_owned(),
        "DROP TABLE web_requests".to_owned(),
        "INSERT INTO web_requests (status) VALUES (1)".to_owned(),
        "DELETE FROM web_requests".to_owned(),
        format!("COPY web_requests TO '{}'", target.display()),
        format!("CREATE EXTERNAL TABLE x STORED AS PARQUET LOCATION '{}'", bench.root.path().display()),
        "SET datafusion.execution.target_partitions = 1".to_owned(),
        format!("SELECT * FROM '{}'", bench.folder("case").join("case.toml").display()),
    ];
    for sql in refused {
        assert!(session.check(&sql).is_err(), "{sql}");
        assert!(session.query(&sql).is_err(), "{sql}");
    }
    assert!(!target.exists());
    session.check("EXPLAIN SELECT * FROM web_requests").unwrap();
}

#[test]
fn rows_can_be_given_as_json() {
    let facts = [
        (
            "web_requests",
            vec![
                row(json!({"time": "2021-03-02T10:00:00Z", "status": 200, "url_path": "/ECP/Y.js"})),
                row(json!({"time": "2021-03-02T10:00:00.660", "is_authenticated": true, "server": null})),
            ],
        ),
        ("builds", vec![row(json!({"build": "15.1.2176.2", "server": "MX1"}))]),
    ];
    let session = Session::with_facts(&facts).unwrap();
    let rows = session.rows("SELECT time, status, is_authenticated FROM web_requests ORDER BY time").unwrap();
    assert_eq!(
        serde_json::to_string(&rows).unwrap(),
        r#"[{"time":"2021-03-02T10:00:00Z","status":200,"is_authenticated":null},{"time":"2021-03-02T10:00:00.66Z","status":null,"is_authenticated":true}]"#
    );
    let joined = "SELECT b.build FROM web_requests w LEFT JOIN builds b ON true WHERE w.status = 200";
    assert_eq!(session.rows(joined).unwrap()[0]["build"], "15.1.2176.2");
}

#[test]
fn rows_that_do_not_fit_are_refused_by_name() {
    let unknown = Session::with_facts(&[("web_requests", vec![row(json!({"sttaus": 200}))])]);
    assert!(matches!(unknown, Err(StoreError::UnknownColumn { column, .. }) if column == "sttaus"));
    let table = Session::with_facts(&[("requests", vec![])]);
    assert!(matches!(table, Err(StoreError::UnknownTable(name)) if name == "requests"));
    let time = Session::with_facts(&[("web_requests", vec![row(json!({"time": "yesterday"}))])]);
    assert!(matches!(time, Err(StoreError::Rows { table, .. }) if table == "web_requests"));
}

#[test]
fn results_of_every_kind_become_json() {
    let session = Session::empty().unwrap();
    let sql = "SELECT 1 AS int, 1.5 AS float, true AS bool, null AS nothing, 'x' AS text, \
               make_array('a', 'b') AS list, TIMESTAMP '2021-03-02T10:00:00Z' AS time, \
               DATE '2021-03-02' AS day, arrow_cast('y', 'Dictionary(Int32, Utf8)') AS word";
    let rows = session.rows(sql).unwrap();
    assert_eq!(
        serde_json::to_string(&rows[0]).unwrap(),
        r#"{"int":1,"float":1.5,"bool":true,"nothing":null,"text":"x","list":["a","b"],"time":"2021-03-02T10:00:00Z","day":"2021-03-02","word":"y"}"#
    );
}

#[test]
fn functions_answer_in_sql() {
    let session = Session::with_facts(&[(
        "web_requests",
        vec![row(json!({"url_path": "/A%41", "url_query": "&CorrelationID=<empty>;", "src_ip": "::1"}))],
    )])
    .unwrap();
    let cases = [
        ("uri(url_path, url_query)", json!("/aa")),
        ("uri(url_path, user)", json!("/aa")),
        ("uri(user, url_query)", json!(null)),
        ("client_query(url_query)", json!("")),
        ("client_query(user)", json!("")),
        ("url_decode('%2541+b')", json!("A+b")),
        ("folded_command('C^MD.EXE  /c \"WhoAmI\"')", json!("cmd.exe /c whoami")),
        ("folded_uri('/OWA/%2561uth/../x.ASPX', 'A=%41')", json!("/owa/x.aspx?a=a")),
        // `V`, its version, the account `L`, the security id `U`.
        ("token_user('X-Rps-CAT=VgEATAFhVQNTLTE')", json!("a S-1")),
        ("token_user(url_query)", json!(null)),
        ("path_key('C:\\X\\Y.ASPX')", json!("/x/y.aspx")),
        ("file_name('C:\\X\\Y.ASPX')", json!("Y.ASPX")),
        ("extension('C:\\X\\Y.ASPX')", json!("aspx")),
        ("build_number('15.01.2176.009')", json!(1_501_002_176_000_009_i64)),
        ("build_branch('15.1.2176.9')", json!(1_501_002_176_000_000_i64)),
        ("build_number('x')", json!(null)),
        ("build_number('15.1.2176.9') > build_number('15.1.2176.2')", json!(true)),
        ("address_scope(src_ip)", json!("loopback")),
        ("address_scope(user)", json!(null)),
        ("is_script('/owa/auth/x.aspx')", json!(true)),
        ("is_script('/owa/auth/x.js')", json!(false)),
        ("is_script(user)", json!(null)),
        (r#"field('{"Name": "x"}', 'name')"#, json!("x")),
        (r#"field('{"Name": "x"}', 'other')"#, json!(null)),
        ("is_covert('powershell -w hidden -enc aQBuAGUAcgB0AA==')", json!(true)),
        ("is_covert('whoami /all')", json!(false)),
        ("mailbox_name('EXAMPLE\\Info')", json!("info")),
        ("mailbox_name('info@example.org')", json!("info")),
        (r#"parameter('-Identity "a b" -User:c', 'user')"#, json!("c")),
        ("parameter(url_path, 'user')", json!(null)),
        ("place('C:\\Users\\Public\\x.exe')", json!("odd")),
        ("place('C:\\Windows\\System32\\x.exe')", json!("windows")),
        (r"program('rundll32.exe C:\Temp\x.dll,Start')", json!("C:\\Temp\\x.dll")),
    ];
    for (call, answer) in &cases {
        let rows = session.rows(&format!("SELECT {call} AS answer FROM web_requests")).unwrap();
        assert_eq!(&rows[0]["answer"], answer, "{call}");
    }
    for function in FUNCTIONS {
        assert!(
            cases.iter().any(|(call, _)| call.starts_with(function.name)),
            "{} is not tried",
            function.name
        );
    }
}

#[test]
fn parts_that_cannot_hold_an_answer_are_not_read() {
    let bench = Bench::new();
    let session = bench.filled("case").session().unwrap();
    let count = |filter: &str| {
        let sql = format!("SELECT count(*) AS n FROM web_requests WHERE {filter}");
        session.rows(&sql).unwrap()[0]["n"].clone()
    };
    assert_eq!(
        count("time >= TIMESTAMP '2021-03-02T00:00:00Z' AND time < TIMESTAMP '2021-03-03T00:00:00Z'"),
        40
    );
    assert_eq!(count("server = 'MX1'"), 120);
    assert_eq!(count("server = 'MX2'"), 0);
    assert_eq!(count("server = 'MX1' AND time > TIMESTAMP '2022-01-01T00:00:00Z'"), 0);
}

#[test]
fn streamed_rows_are_all_rows() {
    let bench = Bench::new();
    let session = bench.filled("case").session().unwrap();
    let mut rows = 0;
    session.stream("SELECT * FROM web_requests", &mut |batch| rows += batch.num_rows()).unwrap();
    assert_eq!(rows, 120);
    assert!(session.stream("SELECT nothing FROM web_requests", &mut |_| {}).is_err());
}

#[test]
fn a_table_can_be_registered_and_replaced() {
    let session = Session::empty().unwrap();
    for values in [vec![1_i64], vec![1, 2]] {
        let column = Arc::new(arrow_array::Int64Array::from(values.clone()));
        let batch =
            arrow_array::RecordBatch::try_from_iter([("n", column as arrow_array::ArrayRef)]).unwrap();
        session.register("known", batch).unwrap();
        assert_eq!(session.rows("SELECT n FROM known").unwrap().len(), values.len());
    }
}

fn hit(rule: &Arc<HitRule>, time: &str, record: u64) -> HitRow {
    HitRow {
        rule: Arc::clone(rule),
        time: time.parse().ok(),
        server: "MX1".to_owned(),
        subject: String::new(),
        grade: Grade::Executed,
        locator: Locator { artifact: ArtifactId::new("a1"), record },
    }
}

#[test]
fn hits_are_a_table_in_order_and_a_later_run_takes_their_place() {
    let bench = Bench::new();
    let case = bench.filled("case");
    let rule = |id: &str| {
        let (id, title) = (id.to_owned(), "A rule".to_owned());
        Arc::new(HitRule {
            id,
            title,
            level: Level::High,
            engine: "sigma",
            author: "x".to_owned(),
            license: String::new(),
        })
    };
    let (first, second) = (rule("r1"), rule("r2"));
    let keep = |hits: &[HitRow]| {
        let writer = case.hit_writer().unwrap();
        std::thread::scope(|scope| {
            for hit in hits {
                scope.spawn(|| writer.write(std::slice::from_ref(hit)));
            }
        });
        case.keep_hits(&writer).unwrap();
        case.session().unwrap().rows("SELECT time, rule, level, grade, record FROM hits").unwrap()
    };
    let (late, early) = ("2021-03-02T04:00:00Z", "2021-03-01T04:00:00Z");
    let rows =
        keep(&[hit(&second, late, 9), hit(&first, late, 9), hit(&first, early, 3), hit(&first, "none", 1)]);
    let shown: Vec<_> =
        rows.iter().map(|row| format!("{} {} {}", row["time"], row["rule"], row["record"])).collect();
    let expected = [
        r#"null "r1" 1"#,
        r#""2021-03-01T04:00:00Z" "r1" 3"#,
        r#""2021-03-02T04:00:00Z" "r1" 9"#,
        r#""2021-03-02T04:00:00Z" "r2" 9"#,
    ];
    assert_eq!(shown, expected);
    assert_eq!((&rows[0]["level"], &rows[0]["grade"]), (&"high".into(), &"executed".into()));
    assert_eq!(keep(&[]).len(), 0);
    let left = std::fs::read_dir(case.folder()).unwrap().filter_map(Result::ok);
    let hidden = left.filter(|entry| entry.file_name().to_string_lossy().starts_with(".hits"));
    assert_eq!(hidden.count(), 0, "nothing unfinished is left behind");
}
