//! The security descriptors of an NTFS volume.

use crate::support::{pick, read_bytes};
use afterpatch_model::ProblemCode;
use proptest::collection::vec;
use proptest::prelude::*;

const STREAM: &str = r"C:\$Secure%3A$SDS";
const BLOCK: usize = 256 << 10;

/// A security identifier: the authority and the parts behind it.
type Sid = (u8, Vec<u32>);

fn shown((authority, parts): &Sid) -> String {
    parts.iter().fold(format!("S-1-{authority}"), |sid, part| format!("{sid}-{part}"))
}

/// A descriptor with an owner and an access list of so many bytes that nobody reads.
fn descriptor((authority, parts): &Sid, list: usize) -> Vec<u8> {
    let mut bytes = vec![1, 0, 4, 0x80];
    let owner = u32::try_from(20 + list).unwrap();
    for field in [owner, 0, 0, 20] {
        bytes.extend(field.to_le_bytes());
    }
    bytes.extend(std::iter::repeat_n(0xAB, list));
    bytes.extend([1, u8::try_from(parts.len()).unwrap(), 0, 0, 0, 0, 0, *authority]);
    for part in parts {
        bytes.extend(part.to_le_bytes());
    }
    bytes
}

/// The stream as NTFS writes it: every block twice, no entry over the end of one.
fn stream(descriptors: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut block = Vec::new();
    for (number, descriptor) in (0x100_u32..).zip(descriptors) {
        let length = 20 + descriptor.len();
        if block.len() + length > BLOCK {
            close(&mut bytes, &mut block);
        }
        let place = u64::try_from(bytes.len() + block.len()).unwrap();
        block.extend(0x1234_5678_u32.to_le_bytes());
        block.extend(number.to_le_bytes());
        block.extend(place.to_le_bytes());
        block.extend(u32::try_from(length).unwrap().to_le_bytes());
        block.extend(descriptor);
        block.resize(block.len().next_multiple_of(16), 0);
    }
    close(&mut bytes, &mut block);
    bytes
}

fn close(bytes: &mut Vec<u8>, block: &mut Vec<u8>) {
    block.resize(BLOCK, 0);
    bytes.extend(block.iter());
    bytes.append(block);
}

#[test]
fn each_descriptor_tells_its_owner_once() {
    let sids: [Sid; 3] = [(5, vec![18]), (5, vec![32, 544]), (5, vec![82, 3_006_700_770, 424_185_619])];
    let bytes = stream(&sids.each_ref().map(|sid| descriptor(sid, 7)));
    let reading = read_bytes(STREAM, &bytes);
    assert_eq!((reading.read.parser, reading.counts()), (Some("security-descriptors"), (3, 3, 0)));
    let rows = reading.rows("settings");
    let shown: Vec<_> = rows.iter().map(|row| pick(row, &["name", "value", "scope", "record"])).collect();
    assert_eq!(shown[0], ["file_owner", "S-1-5-18", "C:256", "256"]);
    assert_eq!(shown[2][1..3], ["S-1-5-82-3006700770-424185619", "C:258"]);
}

#[test]
fn an_entry_that_lies_is_told_with_its_place() {
    let sid: Sid = (5, vec![18]);
    let mut bytes = stream(&[descriptor(&sid, 0), descriptor(&sid, 0), descriptor(&sid, 0)]);
    bytes[64 + 8] = 1;
    let reading = read_bytes(STREAM, &bytes);
    assert_eq!((reading.counts(), reading.codes()), ((2, 1, 1), vec![ProblemCode::Damaged]));
    bytes[8] = 1;
    assert_eq!(read_bytes(STREAM, &bytes).read.parser, None);
    let broken = read_bytes(STREAM, &stream(&[descriptor(&sid, 0)])[..70]);
    assert_eq!((broken.counts(), broken.codes()), ((1, 1, 0), vec![]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn descriptors_written_are_read(sids in vec((any::<u8>(), vec(any::<u32>(), 0..15), 0_usize..60_000), 1..20)) {
        let written: Vec<_> = sids.iter().map(|(authority, parts, list)| descriptor(&(*authority, parts.clone()), *list)).collect();
        let reading = read_bytes(STREAM, &stream(&written));
        let owners: Vec<_> = reading.rows("settings").iter().map(|row| row["value"].clone()).collect();
        let expected: Vec<_> = sids.iter().map(|(authority, parts, _)| shown(&(*authority, parts.clone()))).collect();
        prop_assert_eq!(owners, expected);
        prop_assert!(reading.codes().is_empty());
    }
}
