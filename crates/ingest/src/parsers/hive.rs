//! Registry hives (`regf`), cell by cell.
//!
//! A hive is a base block of 4 KiB and cells behind it that point at each other: keys (`nk`), values (`vk`), lists of
//! either, and data. Hives are large and few of their cells are wanted, so cells are read where they are asked for,
//! through a small cache of pages. No pointer and no length is trusted: what leads outside, is of a wrong kind or
//! is met too often is [`Bad`], and the reader goes on elsewhere.

use super::hive_log::Changes;
use crate::input::Evidence;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{self, Read, SeekFrom};

/// The first bytes of a hive, and of its transaction logs.
pub(super) const MAGIC: &[u8; 4] = b"regf";

/// Where cells begin; offsets of cells are counted from here.
const BASE_BYTES: u64 = 4_096;
/// Where the first cell of the first bin lies: the root key, in hives that Windows made.
const FIRST_CELL: u32 = 32;
/// The offset that stands for none.
const NOWHERE: u32 = u32::MAX;
/// The fixed part of a key's cell.
const KEY_BYTES: usize = 76;
/// The fixed part of a value's cell.
const VALUE_BYTES: usize = 20;
/// The longest name of a key is 255 characters; that of a value is 16,383.
const KEY_NAME_BYTES: usize = 512;
const VALUE_NAME_BYTES: usize = 32 << 10;
/// What one segment of big data holds.
const SEGMENT_BYTES: usize = 16_344;
/// The most keys below one key, and the most values in it, that are read.
const MOST_LISTED: usize = 1 << 17;
/// The most bytes that the names of one key's values take.
const NAMES_BYTES: usize = 8 << 20;
/// How often each byte of the file may be read, on average.
const READS_OF_BYTE: u64 = 32;
/// The most bytes that are read of one hive, those that are read twice counted twice.
const MOST_READ: u64 = 1 << 30;

/// Why something in a hive could not be read.
#[derive(Debug, Clone)]
pub(super) struct Bad {
    /// Its place in the file.
    pub(super) at: u64,
    /// What is wrong with it.
    pub(super) why: Cow<'static, str>,
}

impl Bad {
    /// Says what is wrong with a place.
    pub(super) fn new(at: u64, why: &'static str) -> Self {
        Self { at, why: Cow::Borrowed(why) }
    }

    fn io(at: u64, error: &io::Error) -> Self {
        Self { at, why: Cow::Owned(error.to_string()) }
    }
}

/// What the base block says.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Base {
    /// Whether the last change was not written to its end: the sequence numbers differ.
    pub(super) is_dirty: bool,
    /// The number of the last change that was written to its end.
    pub(super) full_write: u32,
    /// Whether the file is a transaction log and no hive.
    pub(super) is_log: bool,
    /// Whether the block's checksum is that of its bytes.
    pub(super) is_sound: bool,
    /// How long the file has to be.
    pub(super) file_bytes: u64,
    root: u32,
}

/// A key.
#[derive(Debug, Clone)]
pub(super) struct Key {
    /// Its cell's place in the file.
    pub(super) at: u64,
    /// Its name.
    pub(super) name: String,
    /// When it was last written, as a FILETIME.
    pub(super) written: u64,
    /// Whether its cell stands in a transaction log.
    pub(super) is_replayed: bool,
    /// How many keys lie below it and where they are listed.
    below: (u32, u32),
    /// How many values it has and where they are listed.
    values: (u32, u32),
}

/// A value without its data.
#[derive(Debug, Clone)]
pub(super) struct Value {
    /// Its cell's place in the file.
    pub(super) at: u64,
    /// Its name; empty for the default value.
    pub(super) name: String,
    /// The type of its data, such as 1 for text.
    pub(super) kind: u32,
    size: u32,
    data: u32,
}

/// The data of a value.
#[derive(Debug, Clone, Default)]
pub(super) struct Data {
    /// The bytes, up to what was asked for.
    pub(super) bytes: Vec<u8>,
    /// Whether there were more.
    pub(super) is_cut: bool,
}

/// What a list holds, and what of it could not be read.
#[derive(Debug, Clone)]
pub(super) struct Listed<T> {
    /// What was read, in the list's order.
    pub(super) items: Vec<T>,
    /// What was not.
    pub(super) bad: Vec<Bad>,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { items: Vec::new(), bad: Vec::new() }
    }
}

/// An open hive.
pub(super) struct Hive<'i> {
    pages: Pages<'i>,
    base: Base,
}

impl<'i> Hive<'i> {
    /// Opens a hive.
    pub(super) fn open(input: &'i mut dyn Evidence) -> Result<Self, Bad> {
        let size = input.seek(SeekFrom::End(0)).map_err(|error| Bad::io(0, &error))?;
        let mut pages = Pages::new(input, size);
        let block = pages.read(0, 512).map_err(|error| Bad::io(0, &error))?;
        let base = read_base(&block)?;
        Ok(Self { pages, base })
    }

    /// Reads the hive from now on as it is with these changes.
    pub(super) fn change(&mut self, changes: Changes) {
        self.pages.size = self.pages.size.max(changes.file_bytes);
        self.pages.changes = changes;
        self.pages.held.fill(None);
    }

    /// Begins to watch whether anything but keys is read from a transaction log.
    pub(super) fn watch_changes(&mut self) {
        self.pages.met_changes = false;
    }

    /// Tells whether anything was since.
    pub(super) fn met_changes(&self) -> bool {
        self.pages.met_changes
    }

    /// Returns what the base block says.
    pub(super) fn base(&self) -> Base {
        self.base
    }

    /// Returns the file's size.
    pub(super) fn size(&self) -> u64 {
        self.pages.size
    }

    /// Returns the error behind the last byte, where the file was cut off while it was unpacked.
    pub(super) fn break_at_end(&mut self) -> Option<io::Error> {
        self.pages.input.seek(SeekFrom::End(0)).ok()?;
        self.pages.input.fill_buf().err()
    }

    /// Reads the root key; where the base block does not lead to it, the key in the first cell.
    pub(super) fn root(&mut self) -> Result<Key, Bad> {
        let named = self.base.root;
        self.key(named).or_else(|bad| self.key(FIRST_CELL).map_err(|_| bad))
    }

    /// Reads the key in a cell.
    pub(super) fn key(&mut self, offset: u32) -> Result<Key, Bad> {
        let before = std::mem::take(&mut self.pages.met_changes);
        let cell = self.cell(offset, KEY_BYTES.saturating_add(KEY_NAME_BYTES));
        let is_replayed = std::mem::replace(&mut self.pages.met_changes, before);
        let cell = cell?;
        if !cell.starts_with(*b"nk") || cell.bytes.len() < KEY_BYTES {
            return Err(Bad::new(cell.at, "is no key"));
        }
        let name = name(&cell, KEY_BYTES, usize::from(cell.u16(72)), cell.u16(2) & 0x20 != 0)?;
        Ok(Key {
            at: cell.at,
            name,
            written: u64::from(cell.u32(4)) | (u64::from(cell.u32(8)) << 32),
            is_replayed,
            below: (cell.u32(20), cell.u32(28)),
            values: (cell.u32(36), cell.u32(40)),
        })
    }

    /// Lists the offsets of the keys below a key.
    pub(super) fn below(&mut self, key: &Key) -> Listed<u32> {
        let (count, offset) = key.below;
        let mut listed = Listed::default();
        if count == 0 {
            return listed;
        }
        self.list_keys(offset, &mut listed);
        let mut seen = BTreeSet::new();
        listed.items.retain(|offset| seen.insert(*offset));
        if usize::try_from(count) != Ok(listed.items.len()) && listed.bad.is_empty() {
            let found = listed.items.len();
            let why = format!("counts {count} keys below it, and its list has {found}");
            listed.bad.push(Bad { at: key.at, why: Cow::Owned(why) });
        }
        listed
    }

    /// Lists keys by one list, or by a list of lists.
    fn list_keys(&mut self, offset: u32, listed: &mut Listed<u32>) {
        let (is_of_lists, offsets) = match self.offsets(offset) {
            Ok(read) => read,
            Err(bad) => return listed.bad.push(bad),
        };
        if !is_of_lists {
            return listed.add(offsets);
        }
        for offset in offsets {
            match self.offsets(offset) {
                Ok((false, offsets)) => listed.add(offsets),
                Ok((true, _)) => listed.bad.push(Bad::new(place(offset), "is a list of lists in another")),
                Err(bad) => listed.bad.push(bad),
            }
            if listed.items.len() >= MOST_LISTED || listed.bad.len() >= MOST_LISTED {
                break;
            }
        }
    }

    /// Reads one list of keys; tells whether it is a list of lists.
    fn offsets(&mut self, offset: u32) -> Result<(bool, Vec<u32>), Bad> {
        let head = self.cell(offset, 4)?;
        let (is_of_lists, step) = match head.bytes.get(..2) {
            Some(b"lf" | b"lh") => (false, 8),
            Some(b"li") => (false, 4),
            Some(b"ri") => (true, 4),
            _ => return Err(Bad::new(head.at, "is no list of keys")),
        };
        let length = usize::from(head.u16(2)).saturating_mul(step);
        let cell = self.cell(offset, length.saturating_add(4))?;
        let entries = cell.bytes.get(4..).unwrap_or_default();
        if entries.len() < length {
            return Err(Bad::new(cell.at, "is a list that is longer than its cell"));
        }
        Ok((is_of_lists, entries.chunks_exact(step).map(|entry| u32_at(entry, 0)).collect()))
    }

    /// Lists the values of a key, without their data.
    pub(super) fn values(&mut self, key: &Key) -> Listed<Value> {
        let mut listed = Listed::default();
        let (count, offset) = key.values;
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        if count > 0 {
            match self.cell(offset, count.min(MOST_LISTED).saturating_mul(4)) {
                Ok(list) => self.list_values(&list.bytes, &mut listed),
                Err(bad) => listed.bad.push(bad),
            }
        }
        let found = listed.items.len();
        if found.saturating_add(listed.bad.len()) < count {
            let why = format!("counts {count} values, and its list has {found}");
            listed.bad.push(Bad { at: key.at, why: Cow::Owned(why) });
        }
        listed
    }

    fn list_values(&mut self, list: &[u8], listed: &mut Listed<Value>) {
        let (mut seen, mut room) = (BTreeSet::new(), NAMES_BYTES);
        for entry in list.chunks_exact(4) {
            let offset = u32_at(entry, 0);
            if room == 0 || !seen.insert(offset) {
                continue;
            }
            match self.value(offset) {
                Ok(value) => {
                    room = room.saturating_sub(value.name.len());
                    listed.items.push(value);
                }
                Err(bad) => listed.bad.push(bad),
            }
        }
    }

    fn value(&mut self, offset: u32) -> Result<Value, Bad> {
        let cell = self.cell(offset, VALUE_BYTES.saturating_add(VALUE_NAME_BYTES))?;
        if !cell.starts_with(*b"vk") || cell.bytes.len() < VALUE_BYTES {
            return Err(Bad::new(cell.at, "is no value"));
        }
        let name = name(&cell, VALUE_BYTES, usize::from(cell.u16(2)), cell.u16(16) & 1 != 0)?;
        Ok(Value { at: cell.at, name, kind: cell.u32(12), size: cell.u32(4), data: cell.u32(8) })
    }

    /// Reads up to `most` bytes of a value's data.
    pub(super) fn data(&mut self, value: &Value, most: usize) -> Result<Data, Bad> {
        const IN_PLACE: u32 = 1 << 31;
        let size = usize::try_from(value.size & !IN_PLACE).unwrap_or(usize::MAX);
        let wanted = size.min(most);
        if value.size & IN_PLACE != 0 {
            let bytes = value.data.to_le_bytes();
            let held =
                bytes.get(..size).ok_or_else(|| Bad::new(value.at, "has more data than has room in it"))?;
            return Ok(Data { bytes: held.to_vec(), is_cut: false });
        }
        if size == 0 {
            return Ok(Data::default());
        }
        let cell = self.cell(value.data, wanted.max(8))?;
        let is_big = cell.size < size && size > SEGMENT_BYTES && cell.starts_with(*b"db");
        let mut bytes = if is_big { self.segments(&cell, wanted)? } else { cell.bytes };
        if bytes.len() < wanted || (!is_big && cell.size < size) {
            return Err(Bad::new(value.at, "has data that are longer than their cell"));
        }
        bytes.truncate(wanted);
        Ok(Data { bytes, is_cut: size > wanted })
    }

    /// Joins the segments of big data.
    fn segments(&mut self, head: &Cell, wanted: usize) -> Result<Vec<u8>, Bad> {
        let count = usize::from(head.u16(2));
        let list = self.cell(head.u32(4), count.saturating_mul(4))?;
        let mut bytes = Vec::new();
        for entry in list.bytes.chunks_exact(4) {
            let left = wanted.saturating_sub(bytes.len());
            if left == 0 {
                break;
            }
            bytes.append(&mut self.cell(u32_at(entry, 0), left.min(SEGMENT_BYTES))?.bytes);
        }
        Ok(bytes)
    }

    /// Reads a cell that is in use: its size, and up to `most` of its bytes.
    fn cell(&mut self, offset: u32, most: usize) -> Result<Cell, Bad> {
        let at = place(offset);
        let bad = |why| Err(Bad::new(at, why));
        if offset == NOWHERE {
            return bad("is pointed at, and there is nothing");
        }
        if self.pages.left == 0 {
            return bad("was not read: pointers lead to the same bytes again and again");
        }
        let head = self.pages.read(at, 4).map_err(|error| Bad::io(at, &error))?;
        let Ok(head) = <[u8; 4]>::try_from(head) else {
            return bad("lies outside the file");
        };
        let signed = i32::from_le_bytes(head);
        let size = u64::from(signed.unsigned_abs());
        if signed >= 0 {
            return bad("is pointed at, and not in use");
        }
        if size < 8 || at.saturating_add(size) > self.pages.size {
            return bad("has a size that cannot be");
        }
        let size = usize::try_from(size.saturating_sub(4)).unwrap_or(usize::MAX);
        let read = self.pages.read(at.saturating_add(4), size.min(most));
        let bytes = read.map_err(|error| Bad::io(at, &error))?;
        Ok(Cell { at, size, bytes })
    }
}

impl Listed<u32> {
    /// Adds offsets up to the most that are read.
    fn add(&mut self, offsets: Vec<u32>) {
        let room = MOST_LISTED.saturating_sub(self.items.len());
        self.items.extend(offsets.into_iter().take(room));
    }
}

/// Returns a cell's place in the file.
pub(super) fn place(offset: u32) -> u64 {
    BASE_BYTES.saturating_add(u64::from(offset))
}

pub(super) fn read_base(block: &[u8]) -> Result<Base, Bad> {
    if !block.starts_with(MAGIC) {
        return Err(Bad::new(0, "does not begin as a hive does"));
    }
    if block.len() < 512 {
        return Err(Bad::new(0, "is cut off within its first block"));
    }
    let words = block.get(..508).unwrap_or_default().chunks_exact(4);
    let sum = match words.fold(0, |sum, word| sum ^ u32_at(word, 0)) {
        0 => 1,
        u32::MAX => u32::MAX - 1,
        sum => sum,
    };
    Ok(Base {
        is_dirty: u32_at(block, 4) != u32_at(block, 8),
        full_write: u32_at(block, 8),
        is_log: u32_at(block, 28) != 0,
        is_sound: sum == u32_at(block, 508),
        file_bytes: BASE_BYTES.saturating_add(u64::from(u32_at(block, 40))),
        root: u32_at(block, 36),
    })
}

/// The bytes of a cell behind its size, or as many as were asked for.
struct Cell {
    at: u64,
    size: usize,
    bytes: Vec<u8>,
}

impl Cell {
    fn starts_with(&self, mark: [u8; 2]) -> bool {
        self.bytes.starts_with(&mark)
    }

    fn u16(&self, at: usize) -> u16 {
        let bytes = self.bytes.get(at..).and_then(|bytes| bytes.first_chunk());
        bytes.map_or(0, |bytes| u16::from_le_bytes(*bytes))
    }

    fn u32(&self, at: usize) -> u32 {
        u32_at(&self.bytes, at)
    }
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let bytes = bytes.get(at..).and_then(|bytes| bytes.first_chunk());
    bytes.map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

/// Reads the name behind a cell's fixed part: one byte a character where it is narrow, else UTF-16.
fn name(cell: &Cell, from: usize, length: usize, is_narrow: bool) -> Result<String, Bad> {
    let bytes = cell.bytes.get(from..from.saturating_add(length));
    let bytes = bytes.ok_or_else(|| Bad::new(cell.at, "has a name that is longer than its cell"))?;
    Ok(if is_narrow { bytes.iter().copied().map(char::from).collect() } else { utf16(bytes).0 })
}

/// Decodes UTF-16; tells whether something in it was none.
pub(super) fn utf16(bytes: &[u8]) -> (String, bool) {
    let units = bytes.chunks_exact(2).map(|pair| {
        u16::from(pair.first().copied().unwrap_or(0)) | (u16::from(pair.last().copied().unwrap_or(0)) << 8)
    });
    let mut is_mended = false;
    let text = char::decode_utf16(units)
        .map(|unit| {
            is_mended |= unit.is_err();
            unit.unwrap_or(char::REPLACEMENT_CHARACTER)
        })
        .collect();
    (text, is_mended)
}

/// A file of which some pages are held.
struct Pages<'i> {
    input: &'i mut dyn Evidence,
    size: u64,
    /// How many bytes may still be read.
    left: u64,
    /// Pages with their numbers, each at the place that its number gives.
    held: Vec<Option<(u64, Vec<u8>)>>,
    /// What stands in transaction logs.
    changes: Changes,
    met_changes: bool,
}

const PAGE_BYTES: u64 = 4_096;
const PAGES_HELD: usize = 1_024;

impl<'i> Pages<'i> {
    fn new(input: &'i mut dyn Evidence, size: u64) -> Self {
        let left = size.saturating_mul(READS_OF_BYTE).min(MOST_READ);
        let held = vec![None; PAGES_HELD];
        Self { input, size, left, held, changes: Changes::default(), met_changes: false }
    }

    /// Reads `length` bytes, or fewer where the file ends.
    fn read(&mut self, at: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut next = at;
        while bytes.len() < length {
            let page = self.page(next.div_euclid(PAGE_BYTES))?;
            let from = usize::try_from(next.rem_euclid(PAGE_BYTES)).unwrap_or(usize::MAX);
            let part = page.get(from..).unwrap_or_default();
            let part = part.get(..length.saturating_sub(bytes.len())).unwrap_or(part);
            if part.is_empty() {
                break;
            }
            bytes.extend_from_slice(part);
            next = next.saturating_add(count(part));
        }
        self.left = self.left.saturating_sub(count(&bytes));
        self.met_changes |= self.changes.meet(at, count(&bytes));
        Ok(bytes)
    }

    fn page(&mut self, number: u64) -> io::Result<&[u8]> {
        let slot = usize::try_from(number).unwrap_or_default().rem_euclid(PAGES_HELD);
        let is_held = matches!(self.held.get(slot), Some(Some((held, _))) if *held == number);
        if !is_held {
            let page = self.load(number)?;
            self.left = self.left.saturating_sub(count(&page));
            if let Some(slot) = self.held.get_mut(slot) {
                *slot = Some((number, page));
            }
        }
        let page = self.held.get(slot).and_then(Option::as_ref);
        Ok(page.map_or(&[], |(_, bytes)| bytes.as_slice()))
    }

    /// Reads a page, and no byte beyond the file's end: behind it an error may stand.
    fn load(&mut self, number: u64) -> io::Result<Vec<u8>> {
        let start = number.saturating_mul(PAGE_BYTES);
        let length = self.size.saturating_sub(start).min(PAGE_BYTES);
        let mut bytes = Vec::new();
        if length > 0 {
            self.input.seek(SeekFrom::Start(start))?;
            Read::take(&mut *self.input, length).read_to_end(&mut bytes)?;
            self.changes.put_over(start, length, &mut bytes);
        }
        Ok(bytes)
    }
}

fn count(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
