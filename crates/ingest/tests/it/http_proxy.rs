use crate::support::{pick, read_bytes};
use afterpatch_ingest::Grain;
use afterpatch_model::ProblemCode;

const PATH: &str = r"E:\Exchange2016\Logging\HttpProxy\Ecp\HttpProxy_2021030204-1.LOG";
const FIELDS: &str = "DateTime,RequestId,MajorVersion,MinorVersion,BuildVersion,RevisionVersion,Protocol,UrlHost,UrlStem,\
    IsAuthenticated,AuthenticatedUser,AnchorMailbox,UserAgent,ClientIPAddress,ServerHostName,HttpStatus,BackEndStatus,ErrorCode,Method,\
    TargetServer,,RoutingHint,BackEndCookie,RequestBytes,ResponseBytes,TotalRequestTime,UrlQuery,GenericInfo,GenericErrors";
const ROW: &str = "2021-03-02T04:05:06.789Z,0a1b-2c,15,1,2176,2,Ecp,mail.example.org,/ecp/y.js,false,,\
    ServerInfo~a]@mx1.example.org:444/autodiscover/autodiscover.xml?#,\"Mozilla \"\"5\"\", x\",198.51.100.7,MX1,200,200,,POST,\
    mx1.example.org,,X-BEResource-Cookie,Server~mx1,355,1024,12.5,?a=b,Info=1,";

fn block(version: &str, date: &str) -> String {
    format!(
        "#Software: Microsoft Exchange Server\r\n#Version: {version}\r\n#Log-type: HttpProxy Logs\r\n#Date: {date}\r\n#Fields: {FIELDS}\r\n"
    )
}

#[test]
fn a_row_becomes_a_fact_and_the_versions_become_builds() {
    let log = format!("\u{FEFF}{FIELDS}\r\n{}{ROW}\r\n", block("15.01.2176.002", "2021-03-02T04:00:00.123Z"));
    let reading = read_bytes(PATH, log.as_bytes());
    assert_eq!((reading.counts(), reading.codes()), ((1, 1, 0), vec![]));
    let row = &reading.rows("web_requests")[0];
    let columns = [
        "time",
        "server",
        "src_ip",
        "method",
        "url_host",
        "url_path",
        "url_query",
        "status",
        "backend_status",
        "user_agent",
        "bytes_in",
        "bytes_out",
        "duration_ms",
        "protocol",
        "request_id",
        "is_authenticated",
        "anchor_mailbox",
        "routing_hint",
        "backend_cookie",
        "target_server",
        "error",
        "record",
        "rest",
    ];
    assert_eq!(
        pick(row, &columns),
        [
            "2021-03-02T04:05:06.789Z",
            "MX1",
            "198.51.100.7",
            "POST",
            "mail.example.org",
            "/ecp/y.js",
            "?a=b",
            "200",
            "200",
            "Mozilla \"5\", x",
            "355",
            "1024",
            "12",
            "Ecp",
            "0a1b-2c",
            "false",
            "ServerInfo~a]@mx1.example.org:444/autodiscover/autodiscover.xml?#",
            "X-BEResource-Cookie",
            "Server~mx1",
            "mx1.example.org",
            "",
            "7",
            r#"{"GenericInfo":"Info=1"}"#,
        ]
    );
    let builds = reading.rows("builds");
    assert_eq!(builds.len(), 1, "the record's build is the header's: {builds:?}");
    assert_eq!(
        pick(&builds[0], &["time", "server", "build", "seen_in"]),
        ["2021-03-02T04:00:00.123Z", "MX9", "15.1.2176.2", "HttpProxy #Version"]
    );
    assert_eq!((reading.read.scope.as_str(), reading.read.grain), ("ecp", Some(Grain::Hour)));
}

#[test]
fn a_patch_in_the_middle_of_a_file_shows() {
    let patched = ROW.replace(",2176,2,", ",2176,9,");
    let log = format!(
        "{}{ROW}\n{patched}\n{patched}\n{}{patched}\n",
        block("15.01.2176.002", "2021-03-02T04:00:00Z"),
        block("15.01.2176.009", "2021-03-02T04:30:00Z"),
    );
    let reading = read_bytes(PATH, log.as_bytes());
    let seen: Vec<_> =
        reading.rows("builds").iter().map(|row| pick(row, &["time", "server", "build"])).collect();
    assert_eq!(
        seen,
        [
            ["2021-03-02T04:00:00Z", "MX9", "15.1.2176.2"],
            ["2021-03-02T04:05:06.789Z", "MX1", "15.1.2176.9"],
            ["2021-03-02T04:30:00Z", "MX9", "15.1.2176.9"],
        ]
    );
}

#[test]
fn errors_are_joined_and_the_folder_names_the_protocol() {
    let log = "#Fields: DateTime,Protocol,UrlStem,AnchorMailbox,ErrorCode,GenericErrors\n\
        2021-03-02T04:05:06Z,,/owa,a@example.org,Code1,\"Some, text\"\n\
        2021-03-02T04:05:07Z,,/owa,a@example.org,,Alone\n";
    let reading = read_bytes(r"C:\x\Logging\HttpProxy\Owa\HttpProxy_2021030204-1.LOG", log.as_bytes());
    let rows = reading.rows("web_requests");
    assert_eq!(pick(&rows[0], &["error", "protocol"]), ["Code1 Some, text", "Owa"]);
    assert_eq!(pick(&rows[1], &["error", "protocol"]), ["Alone", "Owa"]);
}

#[test]
fn quotes_may_span_lines_and_an_open_one_costs_one_record() {
    let log = "DateTime,UrlStem,AnchorMailbox,GenericErrors\n\
        2021-03-02T04:00:01Z,/a,,\"first\n   second, and \"\"third\"\"\"\n\
        2021-03-02T04:00:02Z,/b,,\"never closed\nmore of it\n\
        2021-03-02T04:00:03Z,/c,,\n\
        2021-03-02T04:00:04Z,/d\n\
        2021-03-02T04:00:05Z,/e,,,\n\
        2021-03-02T04:00:06Z,/f,,\"open at the end";
    let reading = read_bytes(PATH, log.as_bytes());
    let paths: Vec<_> = reading.rows("web_requests").iter().map(|row| row["url_path"].as_str()).collect();
    assert_eq!(paths, ["/a", "/c", "/e"]);
    assert_eq!(reading.rows("web_requests")[0]["error"], "first\n   second, and \"third\"");
    assert_eq!(reading.codes(), [ProblemCode::BadCsv, ProblemCode::FieldCount, ProblemCode::BadCsv]);
    assert_eq!(reading.counts(), (6, 3, 3));
}

#[test]
fn rows_before_any_header_are_told() {
    let reading = read_bytes(PATH, format!("{ROW}\n").as_bytes());
    assert_eq!((reading.counts(), reading.codes()), ((1, 0, 1), vec![ProblemCode::NoHeader]));
}

#[test]
fn a_time_that_cannot_be_read_costs_the_time_only() {
    let log = "DateTime,UrlStem,AnchorMailbox\nyesterday,/a,\n";
    let reading = read_bytes(PATH, log.as_bytes());
    assert_eq!((reading.counts(), reading.codes()), ((1, 1, 0), vec![ProblemCode::BadTime]));
}
