//! What Zeek saw on the network.

use crate::support::{pick, read_bytes};
use afterpatch_model::ProblemCode;
use proptest::collection::vec;
use proptest::prelude::*;
use std::fmt::Write as _;

const HEAD: &str = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\thttp\n#open\t2021-03-02-04-00-00\n\
    #fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tmethod\thost\turi\tuser_agent\trequest_body_len\tresponse_body_len\tstatus_code\tresp_mime_types\n\
    #types\ttime\tstring\taddr\tport\taddr\tport\tstring\tstring\tstring\tstring\tcount\tcount\tcount\tvector[string]\n";
const COLUMNS: [&str; 10] = [
    "time",
    "src_ip",
    "dst_ip",
    "dst_port",
    "method",
    "url_host",
    "url_path",
    "url_query",
    "status",
    "bytes_out",
];
const EXPECTED: [&str; 10] = [
    "2021-03-02T04:12:00.418Z",
    "203.0.113.9",
    "192.0.2.10",
    "80",
    "GET",
    "example.org",
    "/a.exe",
    "b=1",
    "200",
    "512",
];

#[test]
fn columns_and_json_say_the_same() {
    let line = "1614658320.418000\tC1\t203.0.113.9\t51000\t192.0.2.10\t80\tGET\texample.org\t/a.exe?b=1\tagent \\x09x\t0\t512\t200\ta/b,c/d\n";
    let columns =
        read_bytes("sensor/http.log", format!("{HEAD}{line}#close\t2021-03-02-05-00-00\n").as_bytes());
    let json = "{\"ts\":1614658320.418,\"uid\":\"C1\",\"id.orig_h\":\"203.0.113.9\",\"id.orig_p\":51000,\"id.resp_h\":\"192.0.2.10\",\
        \"id.resp_p\":80,\"method\":\"GET\",\"host\":\"example.org\",\"uri\":\"/a.exe?b=1\",\"user_agent\":\"agent \\tx\",\
        \"request_body_len\":0,\"response_body_len\":512,\"status_code\":200,\"resp_mime_types\":[\"a/b\",\"c/d\"]}\n";
    let json = read_bytes("sensor/http.json", json.as_bytes());
    for reading in [&columns, &json] {
        assert_eq!((reading.read.parser, reading.counts()), (Some("zeek-http"), (1, 1, 0)));
        let row = &reading.rows("web_requests")[0];
        assert_eq!(pick(row, &COLUMNS), EXPECTED);
        assert_eq!(pick(row, &["user_agent", "request_id", "bytes_in"]), ["agent \tx", "C1", "0"]);
        let rest: serde_json::Value = serde_json::from_str(&row["rest"]).unwrap();
        assert_eq!(rest, serde_json::json!({"id.orig_p": "51000", "resp_mime_types": "a/b,c/d"}));
        assert!(reading.codes().is_empty());
    }
}

#[test]
fn what_is_unset_is_nothing_and_a_line_that_breaks_off_is_lost() {
    let rows = "1614658320.0\tC1\t203.0.113.9\t1\t192.0.2.10\t80\t-\t(empty)\t-\t-\t-\t-\t-\t-\n1614658321.0\tC2\t203\nx\tC3\ta\t1\tb\t80\tGET\tc\t/\t-\t-\t-\t-\t-\n";
    let reading = read_bytes("http.log", format!("{HEAD}{rows}").as_bytes());
    assert_eq!(reading.counts(), (3, 2, 1));
    assert_eq!(reading.codes(), [ProblemCode::FieldCount, ProblemCode::BadTime]);
    assert_eq!(
        pick(&reading.rows("web_requests")[0], &["method", "url_host", "status", "bytes_in"]),
        ["", "", "", ""]
    );
}

#[test]
fn other_logs_of_zeek_are_not_taken_for_it() {
    let conn = HEAD
        .replace("#path\thttp", "#path\tconn")
        .replace("\trequest_body_len\tresponse_body_len", "\torig_bytes\tresp_bytes");
    for other in
        [conn.as_str(), "{\"ts\":1.5,\"uid\":\"C\",\"id.orig_h\":\"192.0.2.1\",\"query\":\"example.org\"}\n"]
    {
        assert_eq!(read_bytes("x.log", other.as_bytes()).read.parser, None);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn requests_written_are_read(requests in vec((0_i64..4_000_000_000, 0_u32..1_000_000, "[!-~]{1,9}", "/[!->@-~é日]{0,12}", any::<u16>()), 1..8)) {
        // Zeek escapes what parts its columns, and what it cannot show.
        let escaped = |text: &str| text.replace('\\', "\\x5c").replace('-', "\\x2d");
        let mut log = HEAD.to_owned();
        let mut expected = Vec::new();
        for (seconds, micros, agent, path, status) in &requests {
            writeln!(
                log,
                "{seconds}.{micros:06}\tC\t203.0.113.9\t1\t192.0.2.10\t80\tGET\texample.org\t{}\t{}\t-\t-\t{status}\t-",
                escaped(path),
                escaped(agent)
            )
            .unwrap();
            expected.push([path.clone(), agent.clone(), status.to_string()]);
        }
        let reading = read_bytes("http.log", log.as_bytes());
        let read: Vec<_> = reading
            .rows("web_requests")
            .iter()
            .map(|row| ["url_path", "user_agent", "status"].map(|name| row[name].clone()))
            .collect();
        prop_assert_eq!(read, expected);
        prop_assert!(reading.codes().is_empty());
    }
}
