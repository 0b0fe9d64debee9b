//! Metadata: the heaps of names, texts and signatures, and the tables (II.24.2).

use super::bytes::{counted, part, u16_at, u32_at};
use super::tables::Tables;
use std::borrow::Cow;

/// How metadata begins.
const MAGIC: u32 = 0x424A_5342;
/// Streams that are looked at; there are five.
const MOST_STREAMS: u16 = 16;
/// Names are no longer than this.
const LONGEST_NAME: usize = 1_024;

/// What an assembly says of itself.
pub(super) struct Metadata<'b> {
    names: &'b [u8],
    texts: &'b [u8],
    blobs: &'b [u8],
    /// Its tables.
    pub(super) tables: Tables<'b>,
}

impl<'b> Metadata<'b> {
    /// Reads metadata; none where its head or its tables cannot be read.
    pub(super) fn of(root: &'b [u8]) -> Option<Self> {
        if u32_at(root, 0)? != MAGIC {
            return None;
        }
        let version = usize::try_from(u32_at(root, 12)?).ok()?;
        let head = 16_usize.checked_add(version)?;
        let n_streams = u16_at(root, head.checked_add(2)?)?.min(MOST_STREAMS);
        let mut at = head.checked_add(4)?;
        let (mut names, mut texts, mut blobs, mut tables) = (&root[..0], &root[..0], &root[..0], None);
        for _ in 0..n_streams {
            let stream = part(root, u32_at(root, at)?, u32_at(root, at.checked_add(4)?)?);
            let name = root.get(at.checked_add(8)?..)?;
            let length = name.iter().take(32).position(|byte| *byte == 0)?;
            let stream = stream.unwrap_or_default();
            match &name[..length] {
                b"#Strings" => names = stream,
                b"#US" => texts = stream,
                b"#Blob" => blobs = stream,
                b"#~" | b"#-" => tables = Tables::of(stream),
                _ => {}
            }
            at = at.checked_add(8 + (length / 4 + 1) * 4)?;
        }
        Some(Self { names, texts, blobs, tables: tables? })
    }

    /// Returns a name; an empty one where it is none.
    pub(super) fn name(&self, at: u32) -> &'b str {
        let rest = usize::try_from(at).ok().and_then(|at| self.names.get(at..)).unwrap_or_default();
        let length = rest.iter().take(LONGEST_NAME).position(|byte| *byte == 0).unwrap_or(0);
        std::str::from_utf8(&rest[..length]).unwrap_or_default()
    }

    /// Returns a text that code uses (`ldstr`).
    pub(super) fn text(&self, at: u32) -> Option<Cow<'b, str>> {
        let bytes = counted(self.texts, at)?;
        let (text, _) = encoding_rs::UTF_16LE.decode_without_bom_handling(&bytes[..bytes.len() & !1]);
        Some(text)
    }

    /// Returns a signature.
    pub(super) fn blob(&self, at: u32) -> &'b [u8] {
        counted(self.blobs, at).unwrap_or_default()
    }
}
