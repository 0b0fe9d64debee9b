//! Version resources of programs.

use crate::support::{pick, read_bytes};
use afterpatch_model::ProblemCode;
use proptest::prelude::*;

const SETUP: &str = r"E:\EX\Bin\ExSetup.exe";
const AGENT: &str = r"E:\EX\TransportRoles\agents\Rule\quiet.dll";

fn put(bytes: &mut [u8], at: usize, part: &[u8]) {
    bytes[at..at + part.len()].copy_from_slice(part);
}

/// Writes a block of a version resource: key, value, and the blocks below it.
fn block(key: &str, is_text: bool, value: &[u8], below: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = vec![0; 6];
    bytes.extend(key.encode_utf16().chain([0]).flat_map(u16::to_le_bytes));
    for part in [value].into_iter().chain(below.iter().map(Vec::as_slice)) {
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes.extend(part);
    }
    let value_length = value.len() / if is_text { 2 } else { 1 };
    let words = [bytes.len(), value_length, usize::from(is_text)].map(|word| u16::try_from(word).unwrap());
    put(&mut bytes, 0, &words.map(u16::to_le_bytes).concat());
    bytes
}

fn resource([major, minor, build, revision]: [u16; 4], strings: &[(&str, &str)]) -> Vec<u8> {
    let mut fixed = vec![0; 52];
    put(&mut fixed, 0, &0xFEEF_04BD_u32.to_le_bytes());
    put(&mut fixed, 8, &[minor, major, revision, build].map(u16::to_le_bytes).concat());
    let text = |text: &str| text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let strings: Vec<_> = strings.iter().map(|(key, value)| block(key, true, &text(value), &[])).collect();
    let table = block("040904b0", true, &[], &strings);
    block("VS_VERSION_INFO", false, &fixed, &[block("StringFileInfo", true, &[], &[table])])
}

/// Writes a program of one section that holds the resource: type, name, language, data.
fn program(resource: &[u8], is_wide: bool) -> Vec<u8> {
    const RVA: u32 = 0x1000;
    let (magic, optional): (u16, usize) = if is_wide { (0x20b, 240) } else { (0x10b, 224) };
    let mut section = vec![0; 88];
    for (at, id, next) in [(0, 16, 0x8000_0018_u32), (24, 1, 0x8000_0030), (48, 1033, 72)] {
        put(&mut section, at + 14, &[1, 0]);
        put(&mut section, at + 16, &[u32::to_le_bytes(id), next.to_le_bytes()].concat());
    }
    let size = u32::try_from(resource.len()).unwrap();
    put(&mut section, 72, &[RVA + 88, size].map(u32::to_le_bytes).concat());
    section.extend(resource);
    section.resize(section.len().next_multiple_of(512), 0);
    let mut bytes = vec![0; 512];
    put(&mut bytes, 0, b"MZ");
    put(&mut bytes, 60, &[0x40]);
    put(&mut bytes, 0x40, b"PE\0\0");
    put(&mut bytes, 0x46, &[1]);
    put(&mut bytes, 0x54, &u16::try_from(optional).unwrap().to_le_bytes());
    put(&mut bytes, 0x58, &magic.to_le_bytes());
    put(&mut bytes, 0x58 + optional - 132, &[16]);
    let length = u32::try_from(section.len()).unwrap();
    put(&mut bytes, 0x58 + optional - 112, &[RVA, length].map(u32::to_le_bytes).concat());
    let header = 0x58 + optional;
    put(&mut bytes, header, b".rsrc");
    put(&mut bytes, header + 8, &[length, RVA, length, 512].map(u32::to_le_bytes).concat());
    bytes.extend(section);
    bytes
}

const STRINGS: [(&str, &str); 3] = [
    ("CompanyName", "Microsoft Corporation"),
    ("FileVersion", "15.01.2176.009"),
    ("LegalCopyright", "not kept"),
];

#[test]
fn the_setup_program_tells_the_build_with_its_security_update() {
    for is_wide in [false, true] {
        let reading = read_bytes(SETUP, &program(&resource([15, 1, 2176, 9], &STRINGS), is_wide));
        assert_eq!((reading.read.parser, reading.counts()), (Some("pe-version"), (1, 1, 0)));
        assert_eq!(
            pick(&reading.rows("builds")[0], &["build", "seen_in", "time"]),
            ["15.1.2176.9", "ExSetup.exe", ""]
        );
        let setting = &reading.rows("settings")[0];
        assert_eq!(pick(setting, &["name", "value", "scope"]), ["file_version", "15.1.2176.9", SETUP]);
        assert_eq!(
            setting["rest"],
            r#"{"CompanyName":"Microsoft Corporation","FileVersion":"15.01.2176.009"}"#
        );
    }
}

#[test]
fn an_agent_tells_its_version_and_no_build() {
    let reading = read_bytes(AGENT, &program(&resource([15, 1, 2176, 9], &STRINGS), true));
    assert_eq!((reading.counts(), reading.rows("builds").len()), ((1, 1, 0), 0));
    let module = r"C:\Windows\System32\inetsrv\quiet.dll";
    let mut bytes = program(&[], false);
    put(&mut bytes, 0x58 + 224 - 112, &[0; 8]);
    let reading = read_bytes(module, &bytes);
    assert_eq!(reading.counts(), (1, 1, 0));
    assert_eq!(reading.rows("settings")[0].get("value"), None, "no version is told too");
}

#[test]
fn another_version_than_exchange_has_is_no_build() {
    let reading = read_bytes(SETUP, &program(&resource([6, 3, 0, 1], &STRINGS), true));
    assert_eq!((reading.counts(), reading.rows("builds").len()), ((1, 1, 0), 0));
}

#[test]
fn other_programs_and_those_that_are_served_are_left_to_others() {
    let program = program(&resource([15, 1, 2176, 9], &STRINGS), true);
    assert_eq!(read_bytes(r"E:\EX\Bin\Other.exe", &program).codes(), [ProblemCode::NotUnderstood]);
    assert_eq!(read_bytes(SETUP, b"no program").codes(), [ProblemCode::NotUnderstood]);
    let served = read_bytes(r"C:\inetpub\wwwroot\ExSetup.exe", &program);
    assert_eq!((served.read.parser, served.counts()), (Some("served-files"), (1, 1, 0)));
}

#[test]
fn a_program_that_is_damaged_is_lost() {
    let whole = program(&resource([15, 1, 2176, 9], &STRINGS), true);
    for length in [2, 64, 100, 300] {
        let reading = read_bytes(SETUP, &whole[..length]);
        assert_eq!((reading.counts(), reading.codes()), ((1, 0, 1), vec![ProblemCode::Damaged]), "{length}");
    }
    let reading = read_bytes(SETUP, &program(&[], true));
    assert_eq!(
        (reading.counts(), reading.codes()),
        ((1, 0, 1), vec![ProblemCode::Damaged]),
        "an empty resource"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn versions_are_read_as_they_were_written(
        version in any::<[u16; 4]>(), company in "[!-~é日]{1,20}", is_wide in any::<bool>(),
    ) {
        let reading = read_bytes(AGENT, &program(&resource(version, &[("CompanyName", &company)]), is_wide));
        let setting = &reading.rows("settings")[0];
        prop_assert_eq!(&setting["value"], &version.map(|part| part.to_string()).join("."));
        let rest: serde_json::Value = serde_json::from_str(&setting["rest"]).unwrap();
        prop_assert_eq!(rest["CompanyName"].as_str(), Some(company.as_str()));
    }

    #[test]
    fn any_damage_is_one_fact_or_one_loss(
        damages in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6), is_wide in any::<bool>(),
    ) {
        let mut bytes = program(&resource([15, 1, 2176, 9], &STRINGS), is_wide);
        for (place, byte) in &damages {
            *place.get_mut(&mut bytes[2..]) = *byte;
        }
        let (records, facts, lost) = read_bytes(SETUP, &bytes).counts();
        prop_assert_eq!((records, facts + lost), (1, 1));
    }
}
