//! The code of methods: which members each instruction refers to (III, II.25.4).

use super::bytes::{part, u16_at, u32_at};

/// Instructions of a method that are read.
const MOST: usize = 1 << 16;

/// The instruction that puts a text on the stack.
const LOAD_TEXT: u8 = 0x72;

/// What an instruction refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refers {
    /// To a row of a table: the table's number stands in the highest byte.
    To(u32),
    /// To a text.
    Text(u32),
}

/// Returns the instructions of a method that begins with its header.
pub(super) fn body(method: &[u8]) -> Option<&[u8]> {
    let head = *method.first()?;
    if head & 3 == 2 {
        return part(method, 1, u32::from(head >> 2));
    }
    let words = u32::from(u16_at(method, 0)? >> 12);
    part(method, words * 4, u32_at(method, 4)?)
}

/// Returns what the instructions of a method refer to, in their order; what cannot be read ends it.
pub(super) fn references(mut code: &[u8]) -> Vec<Refers> {
    let mut all = Vec::new();
    for _ in 0..MOST {
        let Some((refers, rest)) = instruction(code) else { break };
        all.extend(refers);
        code = rest;
    }
    all
}

/// Reads an instruction; returns what it refers to, and what stands behind it.
fn instruction(code: &[u8]) -> Option<(Option<Refers>, &[u8])> {
    let (&first, rest) = code.split_first()?;
    let (operand, rest) = match first {
        0xFE => {
            let (&second, rest) = rest.split_first()?;
            (after_prefix(second), rest)
        }
        first => (after(first), rest),
    };
    match operand {
        Operand::Bytes(length) => Some((None, rest.get(length..)?)),
        Operand::Member => {
            let token = u32_at(rest, 0)?;
            let refers = if first == LOAD_TEXT { Refers::Text(token & 0xFF_FFFF) } else { Refers::To(token) };
            Some((Some(refers), rest.get(4..)?))
        }
        Operand::Switch => {
            let ways = usize::try_from(u32_at(rest, 0)?).ok()?;
            Some((None, rest.get(ways.checked_mul(4)?.checked_add(4)?..)?))
        }
    }
}

/// What stands behind an instruction's number.
enum Operand {
    Bytes(usize),
    Member,
    Switch,
}

/// Returns what stands behind an instruction of one byte.
fn after(first: u8) -> Operand {
    match first {
        0x0E..=0x13 | 0x1F | 0x2B..=0x37 | 0xDE => Operand::Bytes(1),
        0x20 | 0x22 | 0x38..=0x44 | 0xDD => Operand::Bytes(4),
        0x21 | 0x23 => Operand::Bytes(8),
        0x27..=0x29
        | 0x6F..=0x75
        | 0x79
        | 0x7B..=0x81
        | 0x8C
        | 0x8D
        | 0x8F
        | 0xA3..=0xA5
        | 0xC2
        | 0xC6
        | 0xD0 => Operand::Member,
        0x45 => Operand::Switch,
        _ => Operand::Bytes(0),
    }
}

/// Returns what stands behind an instruction of two bytes.
fn after_prefix(second: u8) -> Operand {
    match second {
        0x06 | 0x07 | 0x15 | 0x16 | 0x1C => Operand::Member,
        0x09..=0x0E => Operand::Bytes(2),
        0x12 | 0x19 => Operand::Bytes(1),
        _ => Operand::Bytes(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_called_is_read_between_operands_that_look_like_calls() {
        let code = [
            0x20, 0x28, 0x28, 0x28, 0x28, // ldc.i4
            0x45, 1, 0, 0, 0, 0x28, 0, 0, 0, // switch
            0x72, 5, 0, 0, 0x70, // ldstr
            0x28, 1, 0, 0, 0x0A, // call
            0xFE, 0x06, 2, 0, 0, 0x06, // ldftn
            0x2A, // ret
        ];
        let wanted = [Refers::Text(5), Refers::To(0x0A00_0001), Refers::To(0x0600_0002)];
        assert_eq!(references(&code), wanted);
        assert_eq!(references(&code[..23]), wanted[..1], "a call that is cut off is none");
    }

    #[test]
    fn both_headers_are_read() {
        assert_eq!(body(&[0x06, 0x2A, 0x00]), Some(&[0x2A][..]));
        let fat = [0x13, 0x30, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0x14, 0x2A, 0xFF];
        assert_eq!(body(&fat), Some(&[0x14, 0x2A][..]));
        assert_eq!(body(&[]), None);
    }
}
