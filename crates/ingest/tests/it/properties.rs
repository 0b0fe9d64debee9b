//! Whatever the bytes: no parser panics, and every record is a fact or a loss.

use crate::support::{artifact, read_bytes};
use afterpatch_ingest::{Limits, PARSERS};
use afterpatch_model::{Rows, RowsContext, Tally};
use proptest::prelude::*;
use std::fmt::Write as _;
use std::io::Cursor;

fn parse_with_all(bytes: &[u8]) -> Vec<(&'static str, Tally)> {
    let artifact = artifact(r"C:\x\u_ex210302.log", bytes.len());
    let parse = |parser: &&'static dyn afterpatch_ingest::Parser| {
        let context =
            RowsContext { artifact: &artifact, source: parser.name(), organisation: None, zone: None };
        let mut sink = |_| {};
        let mut rows = Rows::new(context, &mut sink);
        parser.fits(&artifact.path, bytes);
        parser.parse(&artifact, &mut Cursor::new(bytes.to_vec()), &Limits::default(), &mut rows);
        (parser.name(), rows.finish().0)
    };
    PARSERS.iter().map(parse).collect()
}

/// Lines such as logs have, and such as nobody would write.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(
            "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip sc-status"
                .to_owned()
        ),
        Just("#Fields: DateTime,UrlStem,AnchorMailbox,MajorVersion".to_owned()),
        Just("#Fields: TimeStamp,ServerName,EventId,EventData".to_owned()),
        Just("2021-03-02 00:00:01 ::1 GET /a - 443 - ::1 200".to_owned()),
        Just("2021-03-02T00:00:01Z,mx1,e,S:CMD=Get-X.Y='z';S:EX=".to_owned()),
        "[ -~]{0,80}",
        "[0-9:\\- ]{0,40}",
        "[a,\";':=]{0,40}",
        ".{0,40}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_bytes_make_a_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        for (name, tally) in parse_with_all(&bytes) {
            prop_assert_eq!(tally.records, tally.facts + tally.lost, "{}", name);
        }
    }

    #[test]
    fn no_lines_make_a_parser_panic_and_iis_accounts_for_each(lines in proptest::collection::vec(line(), 0..40)) {
        let text = lines.join("\n");
        let records = text
            .trim_start_matches('\u{FEFF}')
            .split('\n')
            .map(|line| line.strip_suffix('\r').unwrap_or(line).trim_matches('\0'))
            .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
            .count() as u64;
        for (name, tally) in parse_with_all(text.as_bytes()) {
            prop_assert_eq!(tally.records, tally.facts + tally.lost, "{}", name);
            if name == "iis-w3c" {
                prop_assert_eq!(tally.records, records);
            }
        }
    }

    #[test]
    fn iis_rows_read_as_they_were_written(
        rows in proptest::collection::vec(
            (0_u32..86_400, "[A-Z]{3,7}", "/[!-~]{0,20}", "[!-~]{1,20}", 1_i64..65_536, "[!-~]{1,12}", any::<u32>(), 100_i64..600),
            1..20,
        )
    ) {
        let mut log = "#Fields: date time cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip sc-status\n".to_owned();
        let mut expected = Vec::new();
        for (second, method, path, query, port, user, ip, status) in rows {
            let time = format!("{:02}:{:02}:{:02}", second / 3_600, second / 60 % 60, second % 60);
            let ip = std::net::Ipv4Addr::from(ip);
            writeln!(log, "2021-03-02 {time} {method} {path} {query} {port} {user} {ip} {status}").unwrap();
            let text = |value: &str| if value == "-" { String::new() } else { value.to_owned() };
            expected.push(vec![
                format!("2021-03-02T{time}Z"), method, text(&path), text(&query), port.to_string(), text(&user), ip.to_string(),
                status.to_string(),
            ]);
        }
        let columns = ["time", "method", "url_path", "url_query", "dst_port", "user", "src_ip", "status"];
        let reading = read_bytes("a.log", log.as_bytes());
        let read: Vec<Vec<String>> = reading
            .rows("web_requests")
            .iter()
            .map(|row| columns.iter().map(|column| row.get(*column).cloned().unwrap_or_default()).collect())
            .collect();
        prop_assert_eq!(read, expected);
    }
}
