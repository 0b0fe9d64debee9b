//! The setup log: what was installed, and when.

use crate::support::read_bytes;
use afterpatch_model::ProblemCode;
use proptest::prelude::*;
use std::fmt::Write as _;

const PATH: &str = r"C:\ExchangeSetupLogs\ExchangeSetup.log";

const LOG: &str = "[03/02/2021 10:00:00.0123] [0] **********************************************\r\n\
    [03/02/2021 10:00:00.0124] [0] Starting Microsoft Exchange Server 2016 Cumulative Update 19 Setup\r\n\
    [03/02/2021 10:00:01.0000] [0] Setup version: 15.1.2176.2.\r\n\
    [03/02/2021 10:10:00.0000] [1] [ERROR] It failed\r\n   at line two\r\n\
    [03/02/2021 11:00:00.0000] [0] The Exchange Server setup operation completed successfully.\r\n";

#[test]
fn an_update_counts_from_when_it_is_complete() {
    let reading = read_bytes(PATH, LOG.as_bytes());
    assert_eq!((reading.read.parser, reading.counts()), (Some("exchange-setup"), (5, 5, 0)));
    let build = &reading.rows("builds")[0];
    assert_eq!((build["build"].as_str(), build["time"].as_str()), ("15.1.2176.2", "2021-03-02T11:00:00Z"));
    assert_eq!(reading.rows("log_messages")[3]["message"], "[ERROR] It failed\n   at line two");
}

#[test]
fn an_update_that_did_not_complete_is_no_sighting() {
    let text = LOG.rsplit_once("[03/02/2021 11").unwrap().0;
    assert!(read_bytes(PATH, text.as_bytes()).rows("builds").is_empty());
}

#[test]
fn broken_times_and_strays_are_told() {
    let text = format!("stray\r\n[13/45/2021 10:00:00.0000] [0] x\r\n{LOG}");
    let reading = read_bytes(PATH, text.as_bytes());
    assert_eq!(reading.counts(), (7, 6, 1));
    assert_eq!(reading.codes(), [ProblemCode::BadTime, ProblemCode::BadTime]);
}

#[test]
fn other_logs_with_brackets_are_not_ours() {
    for text in
        ["[2021-03-02] x\r\n", "[info] Microsoft Exchange Server\r\n", "[03/02/2021 10:00:00.0123] [0] x\r\n"]
    {
        assert_eq!(read_bytes(r"C:\logs\other.log", text.as_bytes()).read.parser, None, "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn records_written_are_records_read(records in prop::collection::vec(("[a-zA-Z][ -~é日]{0,30}", 0..86_400_u32), 1..8)) {
        let mut log = String::new();
        for (text, second) in &records {
            let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
            write!(log, "[12/31/2020 {hour:02}:{minute:02}:{second:02}.5000] [2] {text}\r\n").unwrap();
        }
        let reading = read_bytes(PATH, log.as_bytes());
        prop_assert_eq!(reading.counts(), (records.len() as u64, records.len() as u64, 0));
        for (row, (text, second)) in reading.rows("log_messages").iter().zip(&records) {
            prop_assert_eq!(&row["message"], text);
            let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
            let time = format!("2020-12-31T{hour:02}:{minute:02}:{second:02}.5");
            prop_assert!(row["time"].starts_with(&time));
        }
    }
}
