//! Hives that were copied while they were in use, and the transaction logs beside them.

use super::*;
use crate::support::{keep_as_seed, read_with};
use afterpatch_ingest::{Aid, Beside, Evidence};
use afterpatch_range::hive_log::{self, FULL_WRITE, InUse, in_use};

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// The end of a file's name beyond that of the hive, and its bytes.
type Log = (&'static str, Vec<u8>);

/// Reads a hive with its transaction logs beside it.
fn read_in_use(hive: &[u8], logs: &[Log]) -> Reading {
    let open = |_: &str, end: &str| -> Option<Box<dyn Evidence>> {
        let (_, bytes) = logs.iter().find(|(name, _)| *name == end)?;
        Some(Box::new(Cursor::new(bytes.clone())))
    };
    let has = |_: &str, end: &str| logs.iter().any(|(name, _)| *name == end);
    for (_, bytes) in logs {
        keep_as_seed("hive-log", bytes);
    }
    read_with(SOFTWARE, hive, Aid { beside: Some(Beside::new(&has, &open)), ..Aid::default() })
}

/// SOFTWARE as it was written in full, and as it was after a program was made to start with the next logon.
fn changed() -> [Vec<u8>; 2] {
    let mut hive = software();
    let before = write(&hive, Lists::Lh).bytes;
    hive.text(&format!(r"{WINDOWS}\Run"), "Late", r"C:\Windows\Temp\late.exe");
    [before, write(&hive, Lists::Lh).bytes]
}

/// The settings, and which of them are told to come from a log.
fn told(reading: &Reading) -> Vec<([&str; 3], bool)> {
    let rows = reading.rows("settings").iter();
    settings(reading).into_iter().zip(rows.map(|row| row["rest"].contains(r#""from_log":true"#))).collect()
}

#[test]
fn what_is_not_yet_written_into_a_hive_is_read_from_its_log() {
    let [before, after] = changed();
    let InUse { hive, log } = in_use(&before, &[&after]);
    let reading = read_in_use(&hive, &[(".LOG1", log), (".LOG2", vec![0; 512])]);
    assert_eq!(settings(&reading), settings(&read_bytes(SOFTWARE, &after)));
    assert!(reading.codes().is_empty(), "{}", details(&reading));
    let late = told(&reading).into_iter().find(|([_, value, _], _)| value.ends_with("late.exe"));
    assert_eq!(late, Some((["run_key", r"C:\Windows\Temp\late.exe", "Late"], true)));
}

#[test]
fn a_change_in_one_page_is_told_of_what_stands_there_alone() {
    let mut hive = software();
    hive.set(&format!(r"{WINDOWS}\Run"), "Long", Data::Text("x".repeat(9_000)));
    let before = write(&hive, Lists::Lh).bytes;
    let at = before.windows(10).position(|bytes| bytes == utf16("quiet")).unwrap();
    let mut after = before.clone();
    put(&mut after, at, &utf16("other"));
    let InUse { hive, log } = in_use(&before, &[&after]);
    let reading = read_in_use(&hive, &[(".LOG1", log)]);
    let of_log: Vec<bool> = told(&reading).into_iter().map(|(_, is_of_log)| is_of_log).collect();
    assert!(of_log.contains(&true) && of_log.contains(&false), "{:?}", told(&reading));
    assert!(settings(&reading).iter().any(|[_, value, _]| value.ends_with("other.exe")));
}

#[test]
fn the_log_of_an_older_windows_is_a_bitmap_of_sectors() {
    let [before, after] = changed();
    let InUse { hive, .. } = in_use(&before, &[&after]);
    for (number, is_newer) in [(FULL_WRITE + 1, true), (FULL_WRITE - 1, false)] {
        let reading = read_in_use(&hive, &[(".LOG", bitmap_log(&before, &after, number))]);
        let expected = if is_newer { &after } else { &before };
        assert_eq!(settings(&reading), settings(&read_bytes(SOFTWARE, expected)));
        assert_eq!(details(&reading).contains("nothing in its transaction logs is newer"), !is_newer);
    }
}

/// Writes a log as Windows did before 8.1: a bit for each sector behind the first block, and the sectors whose bit is set.
fn bitmap_log(before: &[u8], after: &[u8], number: u32) -> Vec<u8> {
    let mut log = after[..512].to_vec();
    for at in [4, 8] {
        put(&mut log, at, &number.to_le_bytes());
    }
    put(&mut log, 28, &[1]);
    sign(&mut log);
    let sectors: Vec<&[u8]> = after[BASE..].chunks(512).collect();
    let is_new =
        |place: usize| before.get(BASE + place * 512..BASE + (place + 1) * 512) != Some(sectors[place]);
    let mut bitmap = b"DIRT".to_vec();
    for first in (0..sectors.len()).step_by(8) {
        bitmap.push(
            (0..8)
                .filter(|bit| first + bit < sectors.len() && is_new(first + bit))
                .fold(0, |byte, bit| byte | 1 << bit),
        );
    }
    bitmap.resize(bitmap.len().next_multiple_of(512), 0);
    let new =
        (0..sectors.len()).filter(|place| is_new(*place)).flat_map(|place| sectors[place].iter().copied());
    log.extend(bitmap.into_iter().chain(new));
    log
}

#[test]
fn what_of_a_log_does_not_belong_to_the_hive_is_left() {
    let [before, after] = changed();
    let InUse { hive, log } = in_use(&before, &[&after]);
    let whole = settings(&read_bytes(SOFTWARE, &before)).len();
    let check = |hive: &[u8], logs: &[Log], why: &str| {
        let reading = read_in_use(hive, logs);
        assert_eq!(
            (settings(&reading).len(), reading.codes()),
            (whole, vec![ProblemCode::BadHive; 1]),
            "{why}"
        );
        assert!(details(&reading).contains(why), "{why}: {}", details(&reading));
    };
    check(&hive, &[], "no transaction log with anything in it lies beside it");
    check(&hive, &[(".LOG1", Vec::new())], "no transaction log with anything in it lies beside it");
    let older = hive_log::log(&before, &[hive_log::entry(FULL_WRITE - 1, &before, &after)]);
    check(&hive, &[(".LOG1", older)], "nothing in its transaction logs is newer");
    // A byte of a page is another than when its hash was taken; then one of the list.
    for at in [512 + 40 + 20, 512 + 40, 512 + 12] {
        let mut damaged = log.clone();
        damaged[at] ^= 1;
        check(&hive, &[(".LOG1", damaged)], "nothing in its transaction logs is newer");
    }
    // A hive that was written in full needs no log.
    let reading = read_in_use(&before, &[(".LOG1", log)]);
    assert_eq!((settings(&reading).len(), reading.codes()), (whole, Vec::new()));
}

#[test]
fn a_log_says_something_of_itself_only_where_its_hive_is_not_beside_it() {
    let [before, after] = changed();
    let InUse { log, .. } = in_use(&before, &[&after]);
    let has = |own: &str, other: &str| own == ".LOG1" && other.is_empty();
    let open = |_: &str, _: &str| -> Option<Box<dyn Evidence>> { panic!("a log opens nothing") };
    let beside = Aid { beside: Some(Beside::new(&has, &open)), ..Aid::default() };
    for (aid, codes) in [(beside, vec![]), (Aid::default(), vec![ProblemCode::NotUnderstood])] {
        let reading = read_with(r"C:\Windows\System32\config\SOFTWARE.LOG1", &log, aid);
        assert_eq!((reading.counts(), reading.codes()), ((0, 0, 0), codes));
    }
}

#[test]
fn entries_behind_a_missing_one_are_left_and_told() {
    let [before, after] = changed();
    let mut last = software();
    last.text(&format!(r"{WINDOWS}\Run"), "Last", r"C:\Windows\Temp\last.exe");
    let last = write(&last, Lists::Lh).bytes;
    let InUse { hive, .. } = in_use(&before, &[&after]);
    let entry = |number, before: &[u8], after: &[u8]| hive_log::entry(number, before, after);
    let (first, third) = (entry(FULL_WRITE + 1, &before, &after), entry(FULL_WRITE + 3, &after, &last));
    let logs = [(".LOG1", hive_log::log(&before, &[first])), (".LOG2", hive_log::log(&before, &[third]))];
    let reading = read_in_use(&hive, &logs);
    assert_eq!(settings(&reading), settings(&read_bytes(SOFTWARE, &after)));
    assert!(
        details(&reading).contains("1 entries of its transaction logs were left"),
        "{}",
        details(&reading)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Changes one after another, cut into two logs anywhere, come to the hive as it was after the last.
    #[test]
    fn logs_are_read_as_they_were_written(
        values in proptest::collection::vec(("[A-Za-z]{1,8}", data()), 1..8), cut in any::<proptest::sample::Index>(), lists in lists(),
    ) {
        let mut hive = software();
        let mut states = vec![write(&hive, lists).bytes];
        for (name, data) in values {
            hive.set(&format!(r"{WINDOWS}\Run"), &name, data);
            states.push(write(&hive, lists).bytes);
        }
        let entries: Vec<_> = states.windows(2).zip(FULL_WRITE + 1..).map(|(pair, number)| hive_log::entry(number, &pair[0], &pair[1])).collect();
        let (first, second) = entries.split_at(cut.index(entries.len()));
        let InUse { hive, .. } = in_use(&states[0], &[]);
        let logs = [(".LOG2", hive_log::log(&hive, first)), (".LOG1", hive_log::log(&hive, second))];
        let reading = read_in_use(&hive, &logs);
        let expected = read_bytes(SOFTWARE, states.last().unwrap());
        prop_assert_eq!((settings(&reading), reading.codes()), (settings(&expected), Vec::new()));
    }
}
