//! What the records of one file say of it.
//!
//! The mft crate verifies a record and walks its attributes. The values of two of them are read here: the crate
//! refuses a name whose times are no times, and an intruder who sets such times would hide the file.

use super::super::ntfs::{FileTime, Name, Reference, u16_at, u32_at, u64_at};
use mft::MftEntry;
use mft::attribute::MftAttributeType as Kind;
use mft::attribute::header::{MftAttributeHeader, ResidentialHeader};

/// The most names and streams of one file that are held. NTFS allows more; a file that has them is no ordinary one.
const MOST: usize = 64;
/// The stream in which a browser writes where a file came from.
const ZONE: &str = "Zone.Identifier";
/// The most of that stream that is kept.
const MOST_ZONE_BYTES: usize = 2_048;

/// What `$STANDARD_INFORMATION` says: what Windows shows of a file, and what a program may set.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Standard {
    pub(super) created: FileTime,
    pub(super) modified: FileTime,
    /// When the record itself was last changed, which no program sets.
    pub(super) changed: FileTime,
    pub(super) attributes: u32,
    /// The number of the security descriptor, which `$Secure:$SDS` holds; none on volumes of before Windows 2000.
    pub(super) security_id: Option<u32>,
}

/// What one `$FILE_NAME` says. Its times are those of when the file got the name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileName {
    pub(super) parent: Reference,
    pub(super) created: FileTime,
    pub(super) modified: FileTime,
    pub(super) name: Name,
    /// How good the name is: 0 is what Windows shows, 2 the short form for DOS.
    pub(super) rank: u8,
}

/// A named stream of a file.
#[derive(Debug, Clone)]
pub(super) struct Stream {
    pub(super) name: String,
    pub(super) size_bytes: u64,
}

/// What the records of one file say of it.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) standard: Option<Standard>,
    pub(super) names: Vec<FileName>,
    /// The size of what a program reads from the file.
    pub(super) size_bytes: Option<u64>,
    pub(super) streams: Vec<Stream>,
    /// The text of the stream that says where the file came from.
    pub(super) zone: Option<String>,
    /// Whether a part of a record could not be read.
    pub(super) is_damaged: bool,
}

impl Contents {
    /// Reads all that one record says.
    pub(super) fn of(entry: &MftEntry) -> Self {
        let mut contents = Self::default();
        contents.add(entry);
        contents
    }

    /// Adds what a further record of the same file says.
    pub(super) fn add(&mut self, entry: &MftEntry) {
        self.walk(entry, vec![Kind::StandardInformation, Kind::FileName, Kind::DATA]);
    }

    /// Reads the names of a record only.
    pub(super) fn names_of(entry: &MftEntry) -> Vec<FileName> {
        let mut contents = Self::default();
        contents.walk(entry, vec![Kind::FileName]);
        contents.names
    }

    /// Returns the name that Windows shows.
    pub(super) fn best_name(&self) -> Option<&FileName> {
        self.names.iter().min_by_key(|name| name.rank)
    }

    fn walk(&mut self, entry: &MftEntry, kinds: Vec<Kind>) {
        for attribute in entry.iter_attribute_records_matching(Some(kinds)) {
            let read = attribute.ok().and_then(|(header, record)| self.take(&header, record));
            self.is_damaged |= read.is_none();
        }
    }

    fn take(&mut self, header: &MftAttributeHeader<'_>, record: &[u8]) -> Option<()> {
        let value = match &header.residential_header {
            ResidentialHeader::Resident(resident) => Some(resident.value(record).ok()?),
            ResidentialHeader::NonResident(_) => None,
        };
        match header.type_code {
            Kind::StandardInformation => self.standard = Some(standard(value?)?),
            Kind::FileName if self.names.len() < MOST => self.names.push(file_name(value?)?),
            Kind::DATA => self.take_data(header, value),
            _ => {}
        }
        Some(())
    }

    /// Takes the file's data or a stream. A part that continues one says nothing of its size.
    fn take_data(&mut self, header: &MftAttributeHeader<'_>, value: Option<&[u8]>) {
        if header.is_continuation() {
            return;
        }
        let name = header.name.to_utf8_string();
        if name.is_empty() {
            self.size_bytes = Some(header.value_size());
            return;
        }
        if name.eq_ignore_ascii_case(ZONE) {
            self.zone = value.map(|value| text_of(value, MOST_ZONE_BYTES));
        }
        if self.streams.len() < MOST {
            self.streams.push(Stream { name, size_bytes: header.value_size() });
        }
    }
}

fn text_of(bytes: &[u8], most: usize) -> String {
    String::from_utf8_lossy(bytes.get(..most).unwrap_or(bytes)).into_owned()
}

fn standard(value: &[u8]) -> Option<Standard> {
    Some(Standard {
        created: FileTime(u64_at(value, 0)?),
        modified: FileTime(u64_at(value, 8)?),
        changed: FileTime(u64_at(value, 16)?),
        attributes: u32_at(value, 32)?,
        security_id: u32_at(value, 52).filter(|number| *number != 0),
    })
}

fn file_name(value: &[u8]) -> Option<FileName> {
    let [length, space] = u16_at(value, 64)?.to_le_bytes();
    let end = usize::from(length).checked_mul(2)?.checked_add(66)?;
    let rank = match space {
        1 | 3 => 0,
        2 => 2,
        _ => 1,
    };
    Some(FileName {
        parent: Reference::from_bits(u64_at(value, 0)?),
        created: FileTime(u64_at(value, 8)?),
        modified: FileTime(u64_at(value, 16)?),
        name: Name::decode(value.get(66..end).filter(|name| !name.is_empty())?),
        rank,
    })
}
