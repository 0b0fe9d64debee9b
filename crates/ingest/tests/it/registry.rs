//! Registry hives: what is taken, what is left, and what damage does.

mod in_use;

use crate::support::{Reading, artifact, pick, read_bytes};
use afterpatch_ingest::{Known, Limits, read_artifact};
use afterpatch_model::{ProblemCode, Timestamp};
use afterpatch_range::hive::{
    self, BASE, Data, Key, LIST_OF_KEYS, LIST_OF_VALUES, Lists, Written, put, sign,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::io::{self, BufRead, Cursor, Read, Seek, SeekFrom};

const SOFTWARE: &str = r"C:\Windows\System32\config\SOFTWARE";
const SYSTEM: &str = r"C:\Windows\System32\config\SYSTEM";
const USER: &str = r"C:\Users\admin\NTUSER.DAT";
const WINDOWS: &str = r"Microsoft\Windows\CurrentVersion";
const NT: &str = r"Microsoft\Windows NT\CurrentVersion";
const TREE: &str = r"Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache\Tree";
const ALL_LISTS: [Lists; 4] = [Lists::Lf, Lists::Lh, Lists::Li, Lists::Ri];

/// 2021-03-03 04:05:06 UTC.
const WRITTEN: i64 = 1_614_744_306;

fn write(root: &Key, lists: Lists) -> Written {
    hive::write(root, lists, Timestamp::from_seconds(WRITTEN).unwrap())
}

fn read(path: &str, hive: &Key) -> Reading {
    read_bytes(path, &write(hive, Lists::Lh).bytes)
}

fn settings(reading: &Reading) -> Vec<[&str; 3]> {
    let rows = reading.rows("settings").iter();
    rows.map(|row| pick(row, &["name", "value", "scope"]).try_into().unwrap()).collect()
}

fn details(reading: &Reading) -> String {
    reading.read.problems.iter().map(|problem| problem.detail.as_str()).collect::<Vec<_>>().join("\n")
}

fn software() -> Key {
    let mut hive = Key::new("ROOT");
    let setup = r"Microsoft\ExchangeServer\v15\Setup";
    hive.text(setup, "MsiInstallPath", r"E:\Exchange2016\");
    for (name, number) in
        [("MsiProductMajor", 15), ("MsiProductMinor", 1), ("MsiBuildMajor", 2176), ("MsiBuildMinor", 2)]
    {
        hive.set(setup, name, Data::Dword(number));
    }
    hive.text(&format!(r"{WINDOWS}\Run"), "Quiet", r"C:\Windows\Temp\quiet.exe");
    hive.set(&format!(r"{WINDOWS}\RunOnce"), "Once", Data::Path(r"%TEMP%\once.exe".to_owned()));
    hive.text(NT, "ProductName", "Windows Server 2016 Standard").text(NT, "CurrentBuild", "14393");
    let program = format!(r"{WINDOWS}\Uninstall\KB5000871");
    hive.text(
        &program,
        "DisplayName",
        "Security Update for Exchange Server 2016 Cumulative Update 19 (KB5000871)",
    );
    hive.text(&program, "DisplayVersion", "15.1.2176.9").text(&program, "InstallDate", "20210304");
    hive.text(&format!(r"WOW6432Node\{WINDOWS}\Uninstall\Old"), "DisplayName", "Old program");
    hive.text(
        &format!(r"{NT}\Image File Execution Options\sethc.exe"),
        "Debugger",
        r"C:\Windows\System32\cmd.exe",
    );
    hive.text(&format!(r"{NT}\Winlogon"), "Shell", "explorer.exe");
    hive.text(&format!(r"{NT}\Windows"), "AppInit_DLLs", "");
    let task = format!(r"{TREE}\Microsoft\Update");
    hive.text(&task, "Id", "{0001}").set(&task, "Index", Data::Dword(3));
    hive.set(&task, "SD", Data::Binary(vec![1, 0, 4, 0x80, 0]));
    hive.text(&format!(r"{TREE}\Hidden"), "Id", "{0002}");
    hive.text(r"Microsoft\AMSI\Providers\{AB}", "", "A provider");
    hive.text(r"Classes\CLSID\{AB}\InprocServer32", "", r"C:\Windows\Temp\amsi.dll");
    hive
}

#[test]
fn software_tells_the_build_the_root_and_what_starts_by_itself() {
    let expected = [
        ["run_key", r"C:\Windows\Temp\quiet.exe", "Quiet"],
        ["run_key", r"%TEMP%\once.exe", "Once"],
        ["appinit_dlls", "", "AppInit_DLLs"],
        ["winlogon", "explorer.exe", "Shell"],
        ["install_root", r"E:\Exchange2016\", "v15"],
        ["windows_version", "Windows Server 2016 Standard", ""],
        [
            "installed_program",
            "Security Update for Exchange Server 2016 Cumulative Update 19 (KB5000871)",
            "KB5000871",
        ],
        ["image_file_debugger", r"C:\Windows\System32\cmd.exe", r"sethc.exe\Debugger"],
        ["scheduled_task_registered", r"\Microsoft\Update", ""],
        ["scheduled_task_registered", r"\Hidden", "no security descriptor"],
        ["amsi_provider", r"C:\Windows\Temp\amsi.dll", "{AB}"],
        ["installed_program", "Old program", "Old"],
    ];
    for lists in ALL_LISTS {
        let reading = read_bytes(SOFTWARE, &write(&software(), lists).bytes);
        assert_eq!((reading.read.parser, reading.counts()), (Some("registry"), (12, 12, 0)), "{lists:?}");
        assert_eq!(settings(&reading), expected, "{lists:?}");
        assert_eq!(reading.codes(), [], "{lists:?}");
        let build = &reading.rows("builds")[0];
        assert_eq!(pick(build, &["build", "time"]), ["15.1.2176.2", "2021-03-03T04:05:06Z"]);
    }
}

#[test]
fn a_role_that_is_installed_is_a_setting() {
    let mut hive = software();
    let key = |name: &str| format!(r"Microsoft\ExchangeServer\v15\{name}");
    hive.text(&key("EdgeTransportRole"), "ConfiguredVersion", "15.1.2176.2");
    hive.text(&key("AdminTools"), "ConfiguredVersion", "15.1.2176.2");
    // A key that setup left unfinished, and one that is no role.
    hive.text(&key("MailboxRole"), "UnpackedVersion", "15.1.2176.2");
    hive.text(&key("Language Packs"), "ConfiguredVersion", "15.1.2176.2");
    let reading = read_bytes(SOFTWARE, &write(&hive, Lists::Lf).bytes);
    let roles = settings(&reading).into_iter().filter(|row| row[0] == "exchange_role");
    let roles: Vec<_> = roles.map(|row| (row[1].to_owned(), row[2].to_owned())).collect();
    let expected = [r"EdgeTransportRole\ConfiguredVersion", r"AdminTools\ConfiguredVersion"];
    assert_eq!(roles, expected.map(|scope| ("15.1.2176.2".to_owned(), scope.to_owned())));
}

#[test]
fn a_row_leads_back_to_its_cell_and_carries_the_key() {
    let written = write(&software(), Lists::Lf);
    let reading = read_bytes(SOFTWARE, &written.bytes);
    let program = &reading.rows("settings")[6];
    let key = format!(r"{WINDOWS}\Uninstall\KB5000871");
    assert_eq!(program["record"], written.keys[&key].to_string());
    assert_eq!(program["time"], "2021-03-03T04:05:06Z");
    let rest: serde_json::Value = serde_json::from_str(&program["rest"]).unwrap();
    assert_eq!(rest["key"], key);
    assert_eq!(rest["DisplayVersion"], "15.1.2176.9");
}

#[test]
fn what_is_only_like_it_is_not_taken() {
    let mut hive = Key::new("ROOT");
    hive.text(r"Microsoft\ExchangeServer\v15", "MsiInstallPath", r"E:\not\");
    hive.text(&format!(r"{WINDOWS}\RunX"), "Quiet", "a.exe");
    hive.text(&format!(r"{NT}\Winlogon"), "DefaultPassword", "secret");
    hive.text(&format!(r"{NT}\Image File Execution Options\a.exe"), "UseFilter", "1");
    hive.set(&format!(r"{TREE}\Folder"), "SD", Data::Binary(vec![1; 20]));
    hive.text(r"Classes\CLSID\{AB}\InprocServer32", "", "a.dll");
    let reading = read(SOFTWARE, &hive);
    assert_eq!((reading.counts(), settings(&reading)), ((0, 0, 0), Vec::new()));
    assert!(reading.rows("builds").is_empty() && reading.codes().is_empty());
}

#[test]
fn a_setup_without_all_its_numbers_is_no_sighting() {
    let mut hive = software();
    hive.at(r"Microsoft\ExchangeServer\v15\Setup").values.remove(3);
    let reading = read(SOFTWARE, &hive);
    assert_eq!((reading.rows("builds").len(), settings(&reading)[4][0]), (0, "install_root"));
}

fn system(current: u32) -> Key {
    let mut hive = Key::new("ROOT");
    hive.set("Select", "Current", Data::Dword(current));
    for (set, path) in [("ControlSet001", "old"), ("ControlSet002", "new")] {
        hive.text(&format!(r"{set}\Control\ComputerName\ComputerName"), "ComputerName", path);
        let service = format!(r"{set}\Services\Quiet");
        hive.set(&service, "ImagePath", Data::Path(format!(r"%SystemRoot%\{path}.exe -k x")));
        hive.set(&service, "Start", Data::Dword(2)).text(&service, "ObjectName", "LocalSystem");
        hive.text(&format!(r"{service}\Parameters"), "ServiceDll", r"C:\Windows\Temp\quiet.dll");
        let lsa = format!(r"{set}\Control\Lsa");
        hive.set(&lsa, "DisableLoopbackCheck", Data::Dword(1));
        hive.set(&lsa, "Notification Packages", Data::List(vec!["scecli".to_owned(), "quiet".to_owned()]));
        hive.set(&format!(r"{set}\Control\SecurityProviders\WDigest"), "UseLogonCredential", Data::Dword(1));
        hive.text(
            &format!(r"{set}\Control\TimeZoneInformation"),
            "TimeZoneKeyName",
            "Tokyo Standard Time\0junk",
        );
    }
    hive
}

#[test]
fn the_control_set_in_force_is_read() {
    let reading = read(SYSTEM, &system(2));
    let expected = [
        ["service", r"%SystemRoot%\new.exe -k x", "Quiet"],
        ["lsa", "1", "DisableLoopbackCheck"],
        ["lsa", "scecli, quiet", "Notification Packages"],
        ["wdigest", "1", ""],
        ["time_zone", "Tokyo Standard Time", ""],
        ["computer_name", "new", ""],
    ];
    assert_eq!((settings(&reading), reading.codes()), (expected.to_vec(), Vec::new()));
    let rest: serde_json::Value = serde_json::from_str(&reading.rows("settings")[0]["rest"]).unwrap();
    assert_eq!(rest[r"Parameters\ServiceDll"], r"C:\Windows\Temp\quiet.dll");
    assert_eq!(rest["Start"], 2);
}

#[test]
fn a_control_set_that_is_not_told_or_not_there_is_remarked() {
    let mut hive = system(2);
    hive.at("Select").values.clear();
    let reading = read(SYSTEM, &hive);
    assert_eq!((settings(&reading)[5][1], reading.codes()), ("old", vec![ProblemCode::BadHive]));
    let reading = read(SYSTEM, &system(7));
    assert_eq!((reading.counts().0, reading.codes()), (0, vec![ProblemCode::BadHive]));
    assert!(details(&reading).contains("ControlSet007"));
}

#[test]
fn run_keys_of_a_user_are_read() {
    let mut hive = Key::new("ROOT");
    hive.text(&format!(r"Software\{WINDOWS}\Run"), "Quiet", "quiet.exe");
    hive.text(&format!(r"Software\{NT}\Windows"), "Load", "load.exe");
    hive.text(&format!(r"Software\{WINDOWS}\Uninstall\x"), "DisplayName", "of the user");
    let reading = read(USER, &hive);
    assert_eq!(settings(&reading), [["run_key", "quiet.exe", "Quiet"], ["run_key", "load.exe", "Load"]]);
}

#[test]
fn a_hive_in_use_a_log_and_other_hives_are_remarked() {
    let mut bytes = write(&software(), Lists::Lf).bytes;
    put(&mut bytes, 4, &[8]);
    sign(&mut bytes);
    let reading = read_bytes(SOFTWARE, &bytes);
    assert_eq!((reading.counts(), reading.codes()), ((12, 12, 0), vec![ProblemCode::BadHive]));
    assert!(details(&reading).contains("no transaction log with anything in it lies beside it"));
    put(&mut bytes, 28, &[6]);
    sign(&mut bytes);
    let reading = read_bytes(r"C:\Windows\System32\config\SOFTWARE.LOG1", &bytes);
    assert_eq!((reading.counts().0, reading.codes()), (0, vec![ProblemCode::NotUnderstood]));
    let mut other = Key::new("ROOT");
    other.text("SAM", "a", "b");
    assert_eq!(read(r"C:\Windows\System32\config\SAM", &other).codes(), [ProblemCode::NotUnderstood]);
}

#[test]
fn a_first_block_that_is_damaged_costs_nothing_that_the_cells_still_tell() {
    let mut bytes = write(&software(), Lists::Lf).bytes;
    put(&mut bytes, 36, &[0xff; 4]);
    let reading = read_bytes(SOFTWARE, &bytes);
    assert_eq!((reading.counts(), reading.codes()), ((12, 12, 0), vec![ProblemCode::BadHive]));
    let reading = read_bytes(SOFTWARE, &[0; 512]);
    assert_eq!((reading.read.parser, reading.codes()), (Some("registry"), vec![ProblemCode::BadHive]));
    assert_eq!(read_bytes(SOFTWARE, b"regf").codes(), [ProblemCode::BadHive]);
    assert_eq!(read_bytes(r"C:\a\b.bin", &[0; 512]).codes(), [ProblemCode::NotUnderstood]);
}

/// Returns the word at a place of a hive.
fn word(bytes: &[u8], at: usize) -> usize {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
}

/// Returns the place of the list of keys below the key at a path.
fn list_of(written: &Written, path: &str) -> usize {
    BASE + word(&written.bytes, written.keys[path] + LIST_OF_KEYS)
}

#[test]
fn keys_that_lead_back_to_themselves_are_read_once() {
    let mut hive = software();
    hive.text(&format!(r"{TREE}\Loop\Inner"), "Id", "{3}");
    let mut written = write(&hive, Lists::Lf);
    let (tree, list) = (written.keys[TREE], list_of(&written, &format!(r"{TREE}\Loop")));
    let offset = u32::try_from(list_of(&written, TREE) - BASE).unwrap();
    // `Inner` lists what `Tree` lists, and so itself.
    let inner = BASE + word(&written.bytes, list + 8);
    put(&mut written.bytes, inner + LIST_OF_KEYS, &offset.to_le_bytes());
    put(&mut written.bytes, inner + 4 + 20, &3_u32.to_le_bytes());
    let reading = read_bytes(SOFTWARE, &written.bytes);
    assert_eq!(reading.counts(), (13, 13, 0), "{tree}");
    assert!(details(&reading).contains("is listed in two places"));
}

#[test]
fn lists_of_lists_that_hold_themselves_end() {
    let mut written = write(&software(), Lists::Ri);
    let list = list_of(&written, &format!(r"{WINDOWS}\Uninstall"));
    let own = u32::try_from(list - BASE).unwrap();
    put(&mut written.bytes, list + 8, &own.to_le_bytes());
    let reading = read_bytes(SOFTWARE, &written.bytes);
    assert_eq!((reading.counts(), reading.codes()), ((11, 11, 0), vec![ProblemCode::BadHive]));
    assert!(details(&reading).contains("list of lists"));
}

#[test]
fn a_key_that_cannot_be_read_is_lost() {
    let key = format!(r"{WINDOWS}\Uninstall\KB5000871");
    let written = write(&software(), Lists::Lf);
    let at = written.keys[&key];
    let list_of_values = BASE + word(&written.bytes, at + LIST_OF_VALUES);
    // No key, a cell that is free, a cell larger than the file, a name beyond the cell, a list of values that is none.
    let damages: [(usize, &[u8]); 5] = [
        (at + 4, b"xx"),
        (at, &16_i32.to_le_bytes()),
        (at, &i32::MIN.to_le_bytes()),
        (at + 4 + 72, &[0xff, 0xff]),
        (list_of_values, &0_u32.to_le_bytes()),
    ];
    for (at, damage) in damages {
        let mut bytes = written.bytes.clone();
        put(&mut bytes, at, damage);
        let reading = read_bytes(SOFTWARE, &bytes);
        assert_eq!(
            (reading.counts(), reading.codes()),
            ((12, 11, 1), vec![ProblemCode::BadHive]),
            "{damage:?}"
        );
        assert!(!settings(&reading).iter().any(|row| row[2] == "KB5000871"), "{damage:?}");
    }
}

#[test]
fn folders_deeper_than_any_are_not_followed_for_ever() {
    let mut hive = software();
    hive.text(&format!(r"{TREE}\{}\Deep", ["f"; 100].join(r"\")), "Id", "{4}");
    let reading = read(SOFTWARE, &hive);
    assert_eq!((reading.counts(), reading.codes()), ((12, 12, 0), vec![ProblemCode::TooDeep]));
}

#[test]
fn values_that_share_their_data_do_not_grow_beyond_bounds() {
    let run = format!(r"{WINDOWS}\Run");
    let mut hive = software();
    hive.text(&run, "Large", &"x".repeat(8_000));
    for number in 0..5_000 {
        hive.text(&run, &format!("n{number}"), "abcd");
    }
    let mut written = write(&hive, Lists::Lf);
    let values = BASE + word(&written.bytes, written.keys[&run] + LIST_OF_VALUES) + 4;
    let large = BASE + word(&written.bytes, values + 4);
    let shared: [u8; 8] = written.bytes[large + 8..large + 16].try_into().unwrap();
    for number in 2..5_002 {
        let value = BASE + word(&written.bytes, values + number * 4);
        put(&mut written.bytes, value + 8, &shared);
    }
    let reading = read_bytes(SOFTWARE, &written.bytes);
    let (records, facts, lost) = reading.counts();
    assert!(lost > 100 && facts > 100, "{facts} facts, {lost} lost of {records}");
    let text: usize = reading.rows("settings").iter().map(|row| row["value"].len()).sum();
    assert!(text < 32 * written.bytes.len(), "{text}");
}

#[test]
fn a_hive_cut_short_gives_what_is_left() {
    let written = write(&software(), Lists::Lf);
    for length in (0..written.bytes.len()).step_by(97) {
        let reading = read_bytes(SOFTWARE, &written.bytes[..length]);
        let (records, facts, lost) = reading.counts();
        assert_eq!(records, facts + lost);
        assert!(!reading.codes().is_empty(), "a cut at {length} is told");
    }
}

/// A hive out of a container that breaks off behind it.
struct Broken(Cursor<Vec<u8>>);

impl Read for Broken {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self.0.read(into)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            length => Ok(length),
        }
    }
}

impl BufRead for Broken {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self.0.fill_buf()? {
            [] => Err(io::ErrorKind::UnexpectedEof.into()),
            bytes => Ok(bytes),
        }
    }

    fn consume(&mut self, amount: usize) {
        self.0.consume(amount);
    }
}

impl Seek for Broken {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn a_container_that_breaks_off_behind_a_hive_is_told_and_costs_nothing() {
    let bytes = write(&software(), Lists::Lf).bytes;
    let artifact = artifact(SOFTWARE, bytes.len());
    let mut input = Broken(Cursor::new(bytes));
    let read = read_artifact(&artifact, &mut input, Known::default(), &Limits::default(), &mut |_| {});
    assert_eq!((read.tally.facts, read.tally.lost), (12, 0));
    assert_eq!(
        read.problems.iter().map(|problem| problem.code).collect::<Vec<_>>(),
        [ProblemCode::Truncated]
    );
}

/// What stands at a path of folders of tasks: nothing but more folders, or a task with or without a descriptor.
fn folders() -> impl Strategy<Value = Vec<(String, Option<bool>)>> {
    let name = "[A-Za-z0-9 _.é日本]{1,10}";
    let path = proptest::collection::vec(name, 1..5).prop_map(|names| names.join("\\"));
    proptest::collection::vec((path, proptest::option::of(any::<bool>())), 0..30)
}

fn data() -> impl Strategy<Value = Data> {
    let text = "[ -~é日]{0,40}";
    let long = ("[ -~é日]{1,9}", 1_000_usize..9_000).prop_map(|(text, times)| text.repeat(times));
    prop_oneof![
        4 => text.prop_map(Data::Text),
        1 => long.prop_map(Data::Path),
        1 => proptest::collection::vec("[!-~é日]{1,9}", 0..5).prop_map(Data::List),
        1 => any::<u32>().prop_map(Data::Dword),
        1 => any::<u64>().prop_map(Data::Qword),
        1 => proptest::collection::vec(any::<u8>(), 0..65).prop_map(Data::Binary),
    ]
}

fn shown(data: &Data) -> String {
    match data {
        Data::Text(text) | Data::Path(text) => text.clone(),
        Data::List(items) => items.join(", "),
        Data::Dword(number) => number.to_string(),
        Data::Qword(number) => number.to_string(),
        Data::Binary(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat(),
    }
}

fn lists() -> impl Strategy<Value = Lists> {
    proptest::sample::select(ALL_LISTS.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn values_are_read_as_they_were_written(
        values in proptest::collection::btree_map("[A-Za-z0-9 é日]{1,20}", data(), 0..20), lists in lists(),
    ) {
        let mut hive = Key::new("ROOT");
        let run = format!(r"Software\{WINDOWS}\Run");
        hive.at(&run);
        for (name, data) in &values {
            hive.set(&run, name, data.clone());
        }
        let reading = read_bytes(USER, &write(&hive, lists).bytes);
        let read: BTreeMap<_, _> = settings(&reading).into_iter().map(|[_, value, name]| (name.to_owned(), value.to_owned())).collect();
        let expected: BTreeMap<_, _> = values.iter().map(|(name, data)| (name.clone(), shown(data))).collect();
        prop_assert_eq!((read, reading.codes()), (expected, Vec::new()));
    }

    #[test]
    fn keys_are_read_as_they_were_written(folders in folders(), lists in lists()) {
        let mut hive = Key::new("ROOT");
        hive.at(TREE);
        let mut expected = BTreeMap::new();
        for (path, task) in &folders {
            let place = format!(r"{TREE}\{path}");
            let is_new = hive.at(&place).values.is_empty();
            if let (Some(is_hidden), true) = (task, is_new) {
                hive.text(&place, "Id", "{1}");
                if !is_hidden {
                    hive.set(&place, "SD", Data::Binary(vec![1; 9]));
                }
                let scope = if *is_hidden { "no security descriptor" } else { "" };
                expected.insert(format!("\\{path}"), scope.to_owned());
            }
        }
        let reading = read_bytes(SOFTWARE, &write(&hive, lists).bytes);
        let read: BTreeMap<_, _> = settings(&reading).into_iter().map(|[_, path, scope]| (path.to_owned(), scope.to_owned())).collect();
        prop_assert_eq!((read, reading.codes()), (expected, Vec::new()));
    }

    #[test]
    fn any_damage_is_survived_and_accounted_for(
        damages in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..4), lists in lists(),
    ) {
        let mut bytes = write(&software(), lists).bytes;
        for (place, byte) in &damages {
            *place.get_mut(&mut bytes) = *byte;
        }
        let reading = read_bytes(SOFTWARE, &bytes);
        let (records, facts, lost) = reading.counts();
        prop_assert_eq!(records, facts + lost);
    }

    /// Pointers that lead to other cells are worse than pointers to nowhere.
    #[test]
    fn crossed_pointers_end(
        crossings in proptest::collection::vec((any::<proptest::sample::Index>(), any::<proptest::sample::Index>()), 1..6),
        lists in lists(),
    ) {
        let mut written = write(&software(), lists);
        let places: Vec<_> = written.keys.values().copied().collect();
        let lists: Vec<_> = places.iter().map(|place| word(&written.bytes, place + LIST_OF_KEYS)).collect();
        for (from, to) in &crossings {
            let (place, list) = (from.get(&places), u32::try_from(*to.get(&lists)).unwrap());
            put(&mut written.bytes, place + LIST_OF_KEYS, &list.to_le_bytes());
            put(&mut written.bytes, place + 4 + 20, &1_u32.to_le_bytes());
        }
        let reading = read_bytes(SOFTWARE, &written.bytes);
        let (records, facts, lost) = reading.counts();
        prop_assert_eq!(records, facts + lost);
    }
}

#[test]
fn a_setting_has_the_time_at_which_its_key_was_written() {
    let reading = read(SOFTWARE, &software());
    let times: Vec<_> = reading.rows("settings").iter().map(|row| pick(row, &["time"])[0]).collect();
    assert!(!times.is_empty() && times.iter().all(|time| *time == "2021-03-03T04:05:06Z"), "{times:?}");
}
