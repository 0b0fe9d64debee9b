//! Which columns each table of metadata has, and how wide they are (II.22, II.24.2.6). What stands behind the last table that
//! is read does not matter.

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub(super) enum Column {
    /// A number of 2 bytes.
    Two,
    /// A number of 4 bytes.
    Four,
    /// A place in the heap of names.
    Name,
    /// A place in the heap of identifiers.
    Guid,
    /// A place in the heap of signatures.
    Blob,
    /// A row of a table.
    Row(u8),
    /// A row of one of several tables: how many low bits say which, and the tables.
    OneOf(u32, &'static [u8]),
}

use Column::{Blob, Four, Guid, Name, OneOf, Row, Two};

/// Stands for a table that there is none of.
const NO_TABLE: u8 = 63;

pub(super) const TYPE_REFERENCE: u8 = 0x01;
pub(super) const TYPE: u8 = 0x02;
pub(super) const FIELD: u8 = 0x04;
pub(super) const METHOD: u8 = 0x06;
pub(super) const INTERFACE: u8 = 0x09;
pub(super) const MEMBER_REFERENCE: u8 = 0x0A;
const MODULE_REFERENCE: u8 = 0x1A;
const TYPE_SPECIFICATION: u8 = 0x1B;
pub(super) const IMPORT: u8 = 0x1C;

const TYPE_OR_REFERENCE: Column = OneOf(2, TYPES);
const TYPES: &[u8] = &[TYPE, TYPE_REFERENCE, TYPE_SPECIFICATION];
const METHOD_OR_REFERENCE: Column = OneOf(1, &[METHOD, MEMBER_REFERENCE]);
static PARENTS: &[u8] = &[TYPE, TYPE_REFERENCE, MODULE_REFERENCE, METHOD, TYPE_SPECIFICATION];
static ATTRIBUTED: &[u8] = &[
    0x06, 0x04, 0x01, 0x02, 0x08, 0x09, 0x0A, 0x00, 0x0E, 0x17, 0x14, 0x11, 0x1A, 0x1B, 0x20, 0x23, 0x26,
    0x27, 0x28, 0x2A, 0x2C, 0x2B,
];
static MAKES_ATTRIBUTES: &[u8] = &[NO_TABLE, NO_TABLE, METHOD, MEMBER_REFERENCE, NO_TABLE];

/// The columns of the tables, by their numbers, to the last that is read.
pub(super) static COLUMNS: [&[Column]; 29] = [
    &[Two, Name, Guid, Guid, Guid],
    &[OneOf(2, &[0x00, MODULE_REFERENCE, 0x23, TYPE_REFERENCE]), Name, Name],
    &[Four, Name, Name, TYPE_OR_REFERENCE, Row(FIELD), Row(METHOD)],
    &[Row(FIELD)],
    &[Two, Name, Blob],
    &[Row(METHOD)],
    &[Four, Two, Two, Name, Blob, Row(0x08)],
    &[Row(0x08)],
    &[Two, Two, Name],
    &[Row(TYPE), TYPE_OR_REFERENCE],
    &[OneOf(3, PARENTS), Name, Blob],
    &[Two, OneOf(2, &[FIELD, 0x08, 0x17]), Blob],
    &[OneOf(5, ATTRIBUTED), OneOf(3, MAKES_ATTRIBUTES), Blob],
    &[OneOf(1, &[FIELD, 0x08]), Blob],
    &[Two, OneOf(2, &[TYPE, METHOD, 0x20]), Blob],
    &[Two, Four, Row(TYPE)],
    &[Four, Row(FIELD)],
    &[Blob],
    &[Row(TYPE), Row(0x14)],
    &[Row(0x14)],
    &[Two, Name, TYPE_OR_REFERENCE],
    &[Row(TYPE), Row(0x17)],
    &[Row(0x17)],
    &[Two, Name, Blob],
    &[Two, Row(METHOD), OneOf(1, &[0x14, 0x17])],
    &[Row(TYPE), METHOD_OR_REFERENCE, METHOD_OR_REFERENCE],
    &[Name],
    &[Blob],
    &[Two, OneOf(1, &[FIELD, METHOD]), Name, Row(MODULE_REFERENCE)],
];
