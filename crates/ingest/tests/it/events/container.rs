//! The file of an event log: damage, missing headers, chunks in any order, any number of threads.

use super::*;

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
