//! Writes records as NTFS does: of the table of files, and of the change journal.

/// A FILETIME in March 2021, so many seconds on.
pub(crate) fn filetime(seconds: u64) -> u64 {
    132_590_000_000_000_000 + seconds * 10_000_000
}

/// The moment of such a FILETIME, as rows show it.
pub(crate) fn shown(filetime: u64) -> String {
    let filetime = i64::try_from(filetime).unwrap();
    afterpatch_model::Timestamp::from_filetime(filetime).unwrap().to_string()
}

pub(crate) fn reference(number: u64, sequence: u16) -> u64 {
    number | u64::from(sequence) << 48
}

pub(crate) fn utf16(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

fn padded(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    bytes
}

fn bytes_of(units: &[u16]) -> Vec<u8> {
    units.iter().flat_map(|unit| unit.to_le_bytes()).collect()
}

/// The times of a file: created, modified, and when its record was changed.
pub(crate) type Times = (u64, u64, u64);

fn resident(kind: u32, name: &str, value: &[u8]) -> Vec<u8> {
    let name = bytes_of(&utf16(name));
    let value_at = (24 + name.len()).next_multiple_of(8);
    let mut attribute = vec![0; value_at];
    put(&mut attribute, 0, &kind.to_le_bytes());
    attribute[9] = u8::try_from(name.len() / 2).unwrap();
    put(&mut attribute, 10, &24_u16.to_le_bytes());
    put(&mut attribute, 16, &u32::try_from(value.len()).unwrap().to_le_bytes());
    put(&mut attribute, 20, &u16::try_from(value_at).unwrap().to_le_bytes());
    put(&mut attribute, 24, &name);
    attribute.extend_from_slice(value);
    sized(padded(attribute))
}

fn sized(mut attribute: Vec<u8>) -> Vec<u8> {
    let length = u32::try_from(attribute.len()).unwrap();
    put(&mut attribute, 4, &length.to_le_bytes());
    attribute
}

/// `$STANDARD_INFORMATION`.
pub(crate) fn standard((created, modified, changed): Times, attributes: u32) -> Vec<u8> {
    let mut value = vec![0; 72];
    for (at, time) in [(0, created), (8, modified), (16, changed), (24, modified)] {
        put(&mut value, at, &time.to_le_bytes());
    }
    put(&mut value, 32, &attributes.to_le_bytes());
    resident(0x10, "", &value)
}

/// `$FILE_NAME`; the space is 0 for POSIX, 1 for Windows, 2 for DOS, 3 for both.
pub(crate) fn named(parent: u64, (created, modified, changed): Times, space: u8, name: &[u16]) -> Vec<u8> {
    let mut value = vec![0; 66];
    for (at, field) in [(0, parent), (8, created), (16, modified), (24, changed), (32, modified)] {
        put(&mut value, at, &field.to_le_bytes());
    }
    value[64] = u8::try_from(name.len()).unwrap();
    value[65] = space;
    value.extend(bytes_of(name));
    resident(0x30, "", &value)
}

/// Data that stands in the record itself: of the file, or of a stream.
pub(crate) fn data(stream: &str, content: &[u8]) -> Vec<u8> {
    resident(0x80, stream, content)
}

/// Data that lies elsewhere on the volume; it continues other data where it does not begin with the first cluster.
pub(crate) fn data_elsewhere(size: u64, first_cluster: u64) -> Vec<u8> {
    let mut attribute = vec![0; 72];
    put(&mut attribute, 0, &0x80_u32.to_le_bytes());
    attribute[8] = 1;
    for (at, field) in
        [(16, first_cluster), (24, first_cluster + 9), (40, size + 100), (48, size), (56, size)]
    {
        put(&mut attribute, at, &field.to_le_bytes());
    }
    put(&mut attribute, 32, &64_u16.to_le_bytes());
    put(&mut attribute, 64, &[0x11, 0x0a, 0x20, 0]);
    sized(attribute)
}

/// One record of the table.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record {
    pub(crate) sequence: u16,
    pub(crate) is_deleted: bool,
    pub(crate) is_directory: bool,
    /// The record that this one extends.
    pub(crate) base: u64,
    pub(crate) attributes: Vec<Vec<u8>>,
}

impl Record {
    /// A file with one name and one set of times.
    pub(crate) fn file(sequence: u16, parent: u64, name: &str) -> Self {
        let times = (filetime(0), filetime(1), filetime(1));
        let attributes =
            vec![standard(times, 0x20), named(parent, times, 3, &utf16(name)), data("", b"1234")];
        Self { sequence, attributes, ..Self::default() }
    }

    pub(crate) fn folder(sequence: u16, parent: u64, name: &str) -> Self {
        Self { is_directory: true, ..Self::file(sequence, parent, name) }
    }

    pub(crate) fn deleted(self) -> Self {
        Self { is_deleted: true, ..self }
    }

    /// Writes the record, with the last bytes of its sectors put aside as NTFS does.
    pub(crate) fn write(&self, bytes: usize) -> Vec<u8> {
        let sectors = bytes / 512;
        let first_attribute = (48 + (sectors + 1) * 2).next_multiple_of(8);
        let mut record = vec![0; first_attribute];
        put(&mut record, 0, b"FILE");
        put(&mut record, 4, &48_u16.to_le_bytes());
        put(&mut record, 6, &u16::try_from(sectors + 1).unwrap().to_le_bytes());
        put(&mut record, 16, &self.sequence.to_le_bytes());
        put(&mut record, 20, &u16::try_from(first_attribute).unwrap().to_le_bytes());
        record[22] = u8::from(!self.is_deleted) | u8::from(self.is_directory) << 1;
        put(&mut record, 28, &u32::try_from(bytes).unwrap().to_le_bytes());
        put(&mut record, 32, &self.base.to_le_bytes());
        record.extend(self.attributes.concat());
        record.extend([0xff; 4]);
        let used = u32::try_from(record.len()).unwrap();
        put(&mut record, 24, &used.to_le_bytes());
        assert!(record.len() <= bytes, "{used} bytes do not fit");
        record.resize(bytes, 0);
        set_aside(&mut record, sectors);
        record
    }
}

fn set_aside(record: &mut [u8], sectors: usize) {
    const MARK: [u8; 2] = [0x2a, 0x07];
    put(record, 48, &MARK);
    for sector in 1..=sectors {
        let end = sector * 512 - 2;
        let own = [record[end], record[end + 1]];
        put(record, 48 + sector * 2, &own);
        put(record, end, &MARK);
    }
}

/// The volume's root, which is record 5.
pub(crate) fn root() -> Record {
    Record::folder(5, reference(5, 5), ".")
}

/// Writes a table: each record at its number, zeros between.
pub(crate) fn table(records: &[(u64, Record)], bytes: usize) -> Vec<u8> {
    let mut table = Vec::new();
    for (number, record) in records {
        let place = usize::try_from(*number).unwrap() * bytes;
        table.resize(table.len().max(place + bytes), 0);
        put(&mut table, place, &record.write(bytes));
    }
    table
}

/// One record of the change journal.
#[derive(Debug, Clone, Default)]
pub(crate) struct Change {
    pub(crate) is_version_3: bool,
    pub(crate) file: u64,
    pub(crate) parent: u64,
    pub(crate) usn: u64,
    pub(crate) time: u64,
    pub(crate) reasons: u32,
    pub(crate) attributes: u32,
    pub(crate) name: Vec<u16>,
}

impl Change {
    /// Writes the record.
    pub(crate) fn write(&self) -> Vec<u8> {
        let name = bytes_of(&self.name);
        let mut record = vec![0; 4];
        record.extend(if self.is_version_3 { [3, 0, 0, 0] } else { [2, 0, 0, 0] });
        for id in [self.file, self.parent] {
            record.extend(id.to_le_bytes());
            record.resize(record.len() + if self.is_version_3 { 8 } else { 0 }, 0);
        }
        record.extend(self.usn.to_le_bytes());
        record.extend(self.time.to_le_bytes());
        record.extend(self.reasons.to_le_bytes());
        record.extend([0; 8]);
        record.extend(self.attributes.to_le_bytes());
        record.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        let name_at = u16::try_from(record.len() + 2).unwrap();
        record.extend(name_at.to_le_bytes());
        record.extend(name);
        record = padded(record);
        let length = u32::try_from(record.len()).unwrap();
        put(&mut record, 0, &length.to_le_bytes());
        record
    }
}

/// A record of version 4, which tells so many ranges.
pub(crate) fn ranges(count: u16) -> Vec<u8> {
    let mut record = vec![0; 64 + usize::from(count) * 16];
    let length = u32::try_from(record.len()).unwrap();
    put(&mut record, 0, &length.to_le_bytes());
    record[4] = 4;
    put(&mut record, 40, &64_u64.to_le_bytes());
    put(&mut record, 60, &count.to_le_bytes());
    put(&mut record, 62, &16_u16.to_le_bytes());
    record
}

/// Writes a journal in pages that no record goes over; each record gets the number of its place.
pub(crate) fn journal(changes: &[Change]) -> Vec<u8> {
    let mut journal: Vec<u8> = Vec::new();
    for change in changes {
        let length = change.write().len();
        let left = journal.len().next_multiple_of(4_096) - journal.len();
        if left > 0 && length > left {
            journal.resize(journal.len() + left, 0);
        }
        let usn = journal.len() as u64;
        journal.extend(Change { usn, ..change.clone() }.write());
    }
    journal
}
