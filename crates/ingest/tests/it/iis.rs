use crate::support::{pick, read_bytes, shared_data};
use afterpatch_ingest::Grain;
use afterpatch_model::ProblemCode;

const PATH: &str = r"C:\inetpub\logs\LogFiles\W3SVC1\u_ex210302.log";
const HEADER: &str = "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n#Date: 2021-03-02 00:00:01\r\n\
    #Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\r\n";

fn log(rows: &str) -> Vec<u8> {
    format!("{HEADER}{rows}").into_bytes()
}

#[test]
fn a_row_becomes_a_fact_with_every_column() {
    let reading = read_bytes(
        PATH,
        &log(
            "2021-03-02 04:05:06 192.0.2.10 POST /ecp/y.js &CorrelationID=<empty>;&cafeReqId=0a1b-2c; 443 - 198.51.100.7 python-requests/2.25.1 - 241 0 64 1234\r\n",
        ),
    );
    assert_eq!(reading.counts(), (1, 1, 0));
    let row = &reading.rows("web_requests")[0];
    let columns = [
        "time",
        "server",
        "organisation",
        "src_ip",
        "dst_ip",
        "dst_port",
        "user",
        "method",
        "url_path",
        "status",
        "win32_status",
        "user_agent",
        "referer",
        "duration_ms",
        "protocol",
        "request_id",
        "record",
        "source",
        "rest",
    ];
    assert_eq!(
        pick(row, &columns),
        [
            "2021-03-02T04:05:06Z",
            "MX9",
            "Example",
            "198.51.100.7",
            "192.0.2.10",
            "443",
            "",
            "POST",
            "/ecp/y.js",
            "241",
            "64",
            "python-requests/2.25.1",
            "",
            "1234",
            "w3svc1",
            "0a1b-2c",
            "5",
            "iis-w3c",
            "",
        ]
    );
    assert_eq!(reading.read.parser, Some("iis-w3c"));
    assert_eq!((reading.read.scope.as_str(), reading.read.grain), ("w3svc1", Some(Grain::Day)));
}

#[test]
fn the_field_list_may_change_and_the_block_repeat() {
    let reading = read_bytes(
        "u_ex210302.log",
        b"#Fields: date time cs-uri-stem c-ip sc-status cs-version \n2021-03-02 00:00:01 /a 192.0.2.1 200 HTTP/1.1\n\
          #Software: x\n#Fields: c-ip sc-status date time cs-uri-stem X-Forwarded-For cs-host s-computername\n\
          192.0.2.2 404 2021-03-02 00:00:02 /b 203.0.113.9 mail.example.org mx2\n",
    );
    let rows = reading.rows("web_requests");
    assert_eq!(
        pick(&rows[0], &["url_path", "src_ip", "rest"]),
        ["/a", "192.0.2.1", r#"{"cs-version":"HTTP/1.1"}"#]
    );
    assert_eq!(
        pick(&rows[1], &["url_path", "src_ip", "status", "url_host", "server", "rest"]),
        ["/b", "192.0.2.2", "404", "mail.example.org", "MX2", r#"{"X-Forwarded-For":"203.0.113.9"}"#]
    );
}

#[test]
fn a_missing_date_comes_from_the_header_or_the_name_and_is_told_once() {
    let fields =
        "#Fields: time c-ip cs-uri-stem sc-status\n00:00:01 192.0.2.1 /a 200\n00:00:02 192.0.2.1 /b 200\n";
    let from_header = read_bytes("a.log", format!("#Date: 2013-07-30 00:00:00\n{fields}").as_bytes());
    assert_eq!(from_header.rows("web_requests")[1]["time"], "2013-07-30T00:00:02Z");
    assert_eq!(from_header.codes(), [ProblemCode::AssumedDate]);
    let from_name = read_bytes("x/u_ex210302_x.log", fields.as_bytes());
    assert_eq!(from_name.rows("web_requests")[0]["time"], "2021-03-02T00:00:01Z");
    let from_nowhere = read_bytes("a.log", fields.as_bytes());
    assert!(!from_nowhere.rows("web_requests")[0].contains_key("time"));
    assert_eq!(from_nowhere.codes(), [ProblemCode::BadTime, ProblemCode::BadTime]);
    assert_eq!(from_nowhere.counts(), (2, 2, 0));
}

#[test]
fn rows_that_fit_no_header_are_told() {
    let before_header = read_bytes(PATH, b"2021-03-02 00:00:01 192.0.2.1 GET /a 200\n");
    assert_eq!((before_header.counts(), before_header.codes()), ((1, 0, 1), vec![ProblemCode::NoHeader]));
    let cut = read_bytes(PATH, &log("2021-03-02 00:00:01 192.0.2.10 GET /owa/ - 443 - 198.51.1"));
    assert_eq!((cut.counts(), cut.codes()), ((1, 0, 1), vec![ProblemCode::FieldCount]));
    assert_eq!(cut.read.problems[0].record, Some(5));
}

#[test]
fn blanks_inside_values_are_put_right() {
    let reading = read_bytes(
        PATH,
        &log(
            "2021-03-02 00:00:01 ::1 POST /powershell PSVersion=5.1 444  random\\user ::1 Microsoft+WinRM+Client - 200 0 0 15\r\n\
              2021-03-02 00:00:02 ::1 GET /owa/ - 443 Jane Doe 192.0.2.7 Some Agent 1.0 - 302 0 0 1\r\n",
        ),
    );
    assert_eq!(reading.counts(), (2, 2, 0));
    let rows = reading.rows("web_requests");
    assert_eq!(pick(&rows[0], &["user", "src_ip", "status"]), ["random\\user", "::1", "200"]);
    assert_eq!(pick(&rows[1], &["user", "user_agent", "url_query"]), ["Jane Doe", "Some Agent 1.0", ""]);
}

#[test]
fn utf16_old_code_pages_and_zero_bytes_are_read() {
    let text =
        String::from_utf8(log("2021-03-02 00:00:01 ::1 GET /é - 443 - ::1 UA - 200 0 0 1\r\n")).unwrap();
    let utf16: Vec<u8> = [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    assert_eq!(read_bytes(PATH, &utf16).rows("web_requests")[0]["url_path"], "/é");
    let mut old = log("2021-03-02 00:00:01 ::1 GET /caf\u{0}");
    old.pop();
    old.extend_from_slice(b"\xE9 - 443 - ::1 UA - 200 0 0 1\r\n\0\0\0\0\0\0\r\n");
    let reading = read_bytes(PATH, &old);
    assert_eq!(reading.rows("web_requests")[0]["url_path"], "/café");
    assert_eq!((reading.counts(), reading.codes()), ((1, 1, 0), vec![ProblemCode::BadEncoding]));
}

#[test]
fn every_record_of_the_real_logs_becomes_a_fact() {
    let Some(folder) = shared_data("logs/iis") else {
        return;
    };
    let mut logs: Vec<_> = std::fs::read_dir(folder).unwrap().map(|found| found.unwrap().path()).collect();
    logs.sort();
    for path in logs {
        let bytes = std::fs::read(&path).unwrap();
        let records = bytes
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.starts_with(b"#") && !line.trim_ascii().is_empty())
            .count() as u64;
        let reading = read_bytes(path.to_str().unwrap(), &bytes);
        assert_eq!(reading.read.parser, Some("iis-w3c"), "{}", path.display());
        assert_eq!(
            reading.counts(),
            (records, records, 0),
            "{}: {:?}",
            path.display(),
            reading.read.problems
        );
        for row in reading.rows("web_requests") {
            assert!(
                row.contains_key("time") && row.contains_key("src_ip") && row.contains_key("status"),
                "{row:?}"
            );
        }
    }
}

#[test]
fn near_misses_are_left_to_others() {
    let httperr = b"#Software: Microsoft HTTP API 2.0\r\n#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename\r\n\
        2021-03-02 01:02:03 192.0.2.7 50123 192.0.2.1 443 HTTP/1.1 POST /owa/auth/x.js?a=b 400 1 BadRequest MSExchangeOWAAppPool\r\n\
        2021-03-02 01:02:04 192.0.2.7 50124 192.0.2.1 443 - - - - - Timer_ConnectionIdle -\r\n";
    let reading = read_bytes(r"C:\Windows\System32\LogFiles\HTTPERR\httperr1.log", httperr);
    assert_eq!((reading.read.parser, reading.counts()), (Some("httperr"), (2, 2, 0)));
    let row = &reading.rows("web_requests")[0];
    let shown = ["url_path", "url_query", "status", "protocol", "error"].map(|name| row[name].as_str());
    assert_eq!(shown, ["/owa/auth/x.js", "a=b", "400", "w3svc1", "BadRequest"]);
    assert_eq!(reading.rows("web_requests")[1]["error"], "Timer_ConnectionIdle");
    assert_eq!(read_bytes("notes.txt", b"date time cs-uri-stem").read.parser, None);
}

#[test]
fn owa_tells_its_build_once_a_file_and_only_where_it_was_served() {
    let row = |path: &str, status: u16| {
        format!("2021-03-02 04:05:06 192.0.2.10 GET {path} - 443 - 198.51.100.7 UA - {status} 0 0 1\r\n")
    };
    let rows = [
        row("/owa/auth/15.1.9999/themes/x.png", 404),
        row("/owa/auth/15.1.2106/themes/x.png", 200),
        row("/owa/auth/15.1.2106/themes/y.png", 304),
        row("/owa/prem/15.1.2106.13/scripts/boot.js", 200),
        row("/ews/15.1.2176.2/", 200),
    ];
    let reading = read_bytes(PATH, &log(&rows.concat()));
    let builds: Vec<_> =
        reading.rows("builds").iter().map(|row| pick(row, &["build", "seen_in", "record"])).collect();
    assert_eq!(builds, [["15.1.2106", "IIS OWA path", "6"], ["15.1.2106.13", "IIS OWA path", "8"]]);
    assert_eq!(reading.counts(), (5, 5, 0));
}
