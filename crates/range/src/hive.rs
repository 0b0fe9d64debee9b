//! Writes registry hives from a description, as plainly as Windows would read them: the format `regf`, version 1.5.

use afterpatch_model::Timestamp;
use std::collections::BTreeMap;

/// How the keys below a key are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lists {
    /// Offsets with the first letters of each name.
    Lf,
    /// Offsets with a hash of each name; here zero, since nobody asks for it.
    Lh,
    /// Offsets alone.
    Li,
    /// Lists of two offsets each, in a list.
    Ri,
}

/// The data of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data {
    /// `REG_SZ`.
    Text(String),
    /// `REG_EXPAND_SZ`.
    Path(String),
    /// `REG_MULTI_SZ`.
    List(Vec<String>),
    /// `REG_DWORD`.
    Dword(u32),
    /// `REG_QWORD`.
    Qword(u64),
    /// `REG_BINARY`.
    Binary(Vec<u8>),
}

/// A key with all that is below it.
#[derive(Debug, Clone, Default)]
pub struct Key {
    /// Its name.
    pub name: String,
    /// Its values, by name; the unnamed one has an empty name.
    pub values: Vec<(String, Data)>,
    /// The keys below it.
    pub below: Vec<Key>,
    /// When it was last written, where that is not when the hive was.
    pub written: Option<Timestamp>,
}

impl Key {
    /// Makes a key with nothing in it.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Finds or makes the key at a path below this one.
    pub fn at(&mut self, path: &str) -> &mut Self {
        let mut key = self;
        for name in path.split('\\') {
            let place = key.below.iter().position(|below| below.name == name).unwrap_or_else(|| {
                key.below.push(Self::new(name));
                key.below.len() - 1
            });
            key = &mut key.below[place];
        }
        key
    }

    /// Adds a value to the key at a path below this one.
    pub fn set(&mut self, path: &str, name: &str, data: Data) -> &mut Self {
        self.at(path).values.push((name.to_owned(), data));
        self
    }

    /// Adds a text.
    pub fn text(&mut self, path: &str, name: &str, text: &str) -> &mut Self {
        self.set(path, name, Data::Text(text.to_owned()))
    }
}

/// A hive that was written.
#[derive(Debug, Clone)]
pub struct Written {
    /// The file.
    pub bytes: Vec<u8>,
    /// The place in the file of each key's cell, by its path.
    pub keys: BTreeMap<String, usize>,
}

/// Where cells begin in the file.
pub const BASE: usize = 4_096;
/// Place of the list of keys in a key's cell, the size before it counted.
pub const LIST_OF_KEYS: usize = 4 + 28;
/// Place of the list of values in a key's cell, the size before it counted.
pub const LIST_OF_VALUES: usize = 4 + 40;

/// The most data that stands in one cell.
const SEGMENT: usize = 16_344;

/// Writes a hive of at most 2 GiB, of which every key was last written at `written`.
pub fn write(root: &Key, lists: Lists, written: Timestamp) -> Written {
    let mut writer = Writer { cells: vec![0; 32], lists, written: file_time(written), keys: BTreeMap::new() };
    let at = writer.key(root, 0x2c, u32::MAX, "");
    let used = writer.cells.len();
    writer.cells.resize((used + 8).next_multiple_of(BASE), 0);
    let free = word(writer.cells.len() - used);
    put(&mut writer.cells, used, &free.to_le_bytes());
    let size = word(writer.cells.len());
    put(&mut writer.cells, 0, b"hbin");
    put(&mut writer.cells, 8, &size.to_le_bytes());
    let mut bytes = base(at, size);
    bytes.extend(writer.cells);
    Written { bytes, keys: writer.keys }
}

fn base(root: u32, size: u32) -> Vec<u8> {
    let mut block = vec![0; BASE];
    put(&mut block, 0, b"regf");
    for (at, word) in [(4, 7), (8, 7), (20, 1), (24, 5), (32, 1), (36, root), (40, size), (44, 1)] {
        put(&mut block, at, &u32::to_le_bytes(word));
    }
    sign(&mut block);
    block
}

/// Writes the checksum of the first block anew.
pub fn sign(bytes: &mut [u8]) {
    let mut sum = [0; 4];
    for word in bytes[..508].chunks_exact(4) {
        sum.iter_mut().zip(word).for_each(|(sum, byte)| *sum ^= byte);
    }
    put(bytes, 508, &sum);
}

/// Writes bytes over those at a place.
pub fn put(bytes: &mut [u8], at: usize, part: &[u8]) {
    bytes[at..at + part.len()].copy_from_slice(part);
}

/// Returns a moment as Windows counts: steps of 100 nanoseconds since 1601.
fn file_time(time: Timestamp) -> u64 {
    u64::try_from(time.nanos() / 100 + 116_444_736_000_000_000).unwrap_or(0)
}

/// Returns a size or an offset as hives have them; none here is larger than a hive may be.
fn word(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn half(number: usize) -> [u8; 2] {
    u16::try_from(number).unwrap_or(u16::MAX).to_le_bytes()
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

struct Writer {
    cells: Vec<u8>,
    lists: Lists,
    written: u64,
    keys: BTreeMap<String, usize>,
}

impl Writer {
    /// Writes a cell that is in use and returns its offset.
    fn cell(&mut self, payload: &[u8]) -> u32 {
        let offset = word(self.cells.len());
        let size = word((payload.len() + 4).next_multiple_of(8));
        // What is in use has a size below zero.
        self.cells.extend(size.wrapping_neg().to_le_bytes());
        self.cells.extend(payload);
        self.cells.resize(self.cells.len().next_multiple_of(8), 0);
        offset
    }

    fn key(&mut self, key: &Key, flags: u16, parent: u32, path: &str) -> u32 {
        let (name, is_narrow) = named(&key.name);
        let mut cell = vec![0; 76];
        put(&mut cell, 0, b"nk");
        put(&mut cell, 2, &(flags | if is_narrow { 0x20 } else { 0 }).to_le_bytes());
        put(&mut cell, 4, &key.written.map_or(self.written, file_time).to_le_bytes());
        put(&mut cell, 16, &parent.to_le_bytes());
        put(&mut cell, 72, &half(name.len()));
        cell.extend(name);
        let offset = self.cell(&cell);
        let place = self.cells.len() - (cell.len() + 4).next_multiple_of(8);
        self.keys.insert(path.to_owned(), BASE + place);
        let (values, below) = (self.values(&key.values), self.below(&key.below, offset, path));
        let counts = [key.below.len(), key.values.len()].map(word);
        for (at, word) in [(20, counts[0]), (28, below), (32, u32::MAX), (36, counts[1]), (40, values)] {
            put(&mut self.cells, place + 4 + at, &word.to_le_bytes());
        }
        offset
    }

    fn below(&mut self, keys: &[Key], parent: u32, path: &str) -> u32 {
        let mut offsets = Vec::new();
        for key in keys {
            let path = if path.is_empty() { key.name.clone() } else { format!(r"{path}\{}", key.name) };
            offsets.push(self.key(key, 0, parent, &path));
        }
        match (offsets.is_empty(), self.lists) {
            (true, _) => u32::MAX,
            (false, Lists::Lf) => self.list(*b"lf", &offsets, 4),
            (false, Lists::Lh) => self.list(*b"lh", &offsets, 4),
            (false, Lists::Li) => self.list(*b"li", &offsets, 0),
            (false, Lists::Ri) => {
                let lists: Vec<_> = offsets.chunks(2).map(|part| self.list(*b"lh", part, 4)).collect();
                self.list(*b"ri", &lists, 0)
            }
        }
    }

    fn list(&mut self, mark: [u8; 2], offsets: &[u32], beside: usize) -> u32 {
        let mut cell = mark.to_vec();
        cell.extend(half(offsets.len()));
        for offset in offsets {
            cell.extend(offset.to_le_bytes());
            cell.extend(vec![0; beside]);
        }
        self.cell(&cell)
    }

    fn values(&mut self, values: &[(String, Data)]) -> u32 {
        if values.is_empty() {
            return u32::MAX;
        }
        let offsets: Vec<_> = values.iter().map(|(name, data)| self.value(name, data)).collect();
        self.cell(&offsets.iter().flat_map(|offset| offset.to_le_bytes()).collect::<Vec<_>>())
    }

    fn value(&mut self, name: &str, data: &Data) -> u32 {
        let (kind, bytes) = encoded(data);
        let size = word(bytes.len());
        let (size, at) = if bytes.len() <= 4 {
            let mut place = [0; 4];
            put(&mut place, 0, &bytes);
            (size | 1 << 31, u32::from_le_bytes(place))
        } else {
            (size, self.data(&bytes))
        };
        let (name, is_narrow) = named(name);
        let mut cell = b"vk".to_vec();
        cell.extend(half(name.len()));
        for part in [size, at, kind, u32::from(is_narrow)] {
            cell.extend(part.to_le_bytes());
        }
        cell.extend(name);
        self.cell(&cell)
    }

    /// Writes data in one cell, or as big data in segments.
    fn data(&mut self, bytes: &[u8]) -> u32 {
        if bytes.len() <= SEGMENT {
            return self.cell(bytes);
        }
        let segments: Vec<_> = bytes.chunks(SEGMENT).map(|part| self.cell(part)).collect();
        let list = self.cell(&segments.iter().flat_map(|offset| offset.to_le_bytes()).collect::<Vec<_>>());
        let mut cell = b"db".to_vec();
        cell.extend(half(segments.len()));
        cell.extend(list.to_le_bytes());
        self.cell(&cell)
    }
}

/// Names are one byte a character where that is enough.
fn named(name: &str) -> (Vec<u8>, bool) {
    let narrow: Result<Vec<u8>, _> = name.chars().map(u8::try_from).collect();
    narrow.map_or_else(|_| (utf16(name), false), |narrow| (narrow, true))
}

fn encoded(data: &Data) -> (u32, Vec<u8>) {
    let ended = |text: &str| [utf16(text), vec![0, 0]].concat();
    match data {
        Data::Text(text) => (1, ended(text)),
        Data::Path(text) => (2, ended(text)),
        Data::Binary(bytes) => (3, bytes.clone()),
        Data::Dword(number) => (4, number.to_le_bytes().to_vec()),
        Data::List(items) => (7, [items.iter().flat_map(|item| ended(item)).collect(), vec![0, 0]].concat()),
        Data::Qword(number) => (11, number.to_le_bytes().to_vec()),
    }
}
