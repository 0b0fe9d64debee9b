//! Numbers of bytes that may end anywhere.

/// Returns the number of 2 bytes at a place.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let end = at.checked_add(2)?;
    Some(u16::from_le_bytes(bytes.get(at..end)?.try_into().ok()?))
}

/// Returns the number of 4 bytes at a place.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let end = at.checked_add(4)?;
    Some(u32::from_le_bytes(bytes.get(at..end)?.try_into().ok()?))
}

/// Returns the number of 8 bytes at a place.
pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let end = at.checked_add(8)?;
    Some(u64::from_le_bytes(bytes.get(at..end)?.try_into().ok()?))
}

/// Returns the bytes at a place, so many as are there.
pub(super) fn part(bytes: &[u8], at: u32, length: u32) -> Option<&[u8]> {
    let at = usize::try_from(at).ok()?;
    let rest = bytes.get(at..)?;
    let length = usize::try_from(length).ok()?;
    Some(rest.get(..length).unwrap_or(rest))
}

/// Returns the bytes of a heap that begin at a place, before which their length stands (II.24.2.4).
pub(super) fn counted(heap: &[u8], at: u32) -> Option<&[u8]> {
    let rest = heap.get(usize::try_from(at).ok()?..)?;
    let (length, before) = match *rest {
        [one, ..] if one & 0x80 == 0 => (usize::from(one), 1),
        [one, two, ..] if one & 0xC0 == 0x80 => (usize::from(one & 0x3F) << 8 | usize::from(two), 2),
        [one, two, three, four, ..] if one & 0xE0 == 0xC0 => {
            (usize::try_from(u32::from_be_bytes([one & 0x1F, two, three, four])).ok()?, 4)
        }
        _ => return None,
    };
    rest.get(before..)?.get(..length)
}
