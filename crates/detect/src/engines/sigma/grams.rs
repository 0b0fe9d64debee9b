//! Many texts looked for at once in many short ones, by four bytes of each.
//!
//! An automaton over the thousands of texts that the rules of one log source ask for takes longer to make than to run over all
//! events of a small case. Here a text goes by the four of its bytes that the fewest others have; where those stand in an event,
//! the rest is compared. Texts of fewer bytes are few, and have an automaton.

use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError, MatchKind};

/// Bytes by which a text is found.
const GRAM: usize = 4;

/// Texts that are looked for, each by its number.
#[derive(Debug)]
pub(super) struct Grams {
    /// Which grams may be there: most places of an event are passed over by it.
    seen: Seen,
    /// In order of their grams.
    named: Vec<Named>,
    /// Those that have no four bytes, with their numbers.
    short: Option<(AhoCorasick, Vec<usize>)>,
}

/// A text, and the four bytes by which it is found.
#[derive(Debug)]
struct Named {
    bytes: u32,
    /// Where they stand in the text.
    at: usize,
    text: Box<[u8]>,
    number: usize,
}

impl Grams {
    /// Takes the texts in the order of their numbers.
    pub(super) fn new(texts: &[&str]) -> Result<Self, BuildError> {
        let rarest = rarest_grams(texts);
        let numbered = || texts.iter().zip(&rarest).enumerate();
        let short = numbered().filter(|(_, (_, rarest))| rarest.is_none());
        let (numbers, short): (Vec<_>, Vec<_>) = short.map(|(number, (text, _))| (number, *text)).unzip();
        let short = if short.is_empty() { None } else { Some((automaton(&short)?, numbers)) };
        let named = numbered().filter_map(|(number, (text, rarest))| {
            let (at, bytes) = (*rarest)?;
            Some(Named { bytes, at, text: text.as_bytes().into(), number })
        });
        let mut named: Vec<_> = named.collect();
        named.sort_by_key(|named| named.bytes);
        let seen = Seen::of(named.iter().map(|named| named.bytes));
        Ok(Self { seen, named, short })
    }

    /// Calls `each` with the number of every text that stands in `within`, once for each place.
    pub(super) fn find(&self, within: &str, each: &mut dyn FnMut(usize)) {
        if let Some((automaton, numbers)) = &self.short {
            let found = automaton.find_overlapping_iter(within);
            let found = found.filter_map(|found| numbers.get(found.pattern().as_usize()));
            found.for_each(|number| each(*number));
        }
        let within = within.as_bytes();
        for (at, bytes) in grams_of(within).enumerate().filter(|(_, bytes)| self.seen.has(*bytes)) {
            let found = self.of(bytes).filter(|named| named.stands_at(within, at));
            found.for_each(|named| each(named.number));
        }
    }

    fn of(&self, bytes: u32) -> impl Iterator<Item = &Named> {
        let from = self.named.partition_point(|named| named.bytes < bytes);
        self.named.iter().skip(from).take_while(move |named| named.bytes == bytes)
    }
}

impl Named {
    /// Tells whether the text stands where its four bytes were found.
    fn stands_at(&self, within: &[u8], at: usize) -> bool {
        let from = at.checked_sub(self.at).and_then(|start| within.get(start..));
        from.is_some_and(|from| from.starts_with(&self.text))
    }
}

/// Returns of each text the gram that the fewest others have, and where it stands; none of a text that is too short.
fn rarest_grams(texts: &[&str]) -> Vec<Option<(usize, u32)>> {
    let grams = || texts.iter().flat_map(|text| grams_of(text.as_bytes()));
    let bits = hash_bits(grams().count());
    let mut shares = vec![0_u32; 1 << bits];
    for gram in grams() {
        shares[hash(gram, bits)] += 1;
    }
    let share = |gram: u32| shares[hash(gram, bits)];
    let rarest = |text: &&str| grams_of(text.as_bytes()).enumerate().min_by_key(|(_, gram)| share(*gram));
    texts.iter().map(rarest).collect()
}

fn grams_of(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.array_windows::<GRAM>().map(|gram| u32::from_le_bytes(*gram))
}

/// A set of grams that takes some others for its own.
#[derive(Debug)]
struct Seen {
    words: Vec<u64>,
    bits: u32,
}

impl Seen {
    fn of(grams: impl ExactSizeIterator<Item = u32>) -> Self {
        let bits = hash_bits(grams.len());
        let mut words = vec![0; 1 << (bits - u64::BITS.ilog2())];
        for hash in grams.map(|gram| hash(gram, bits)) {
            words[hash / 64] |= 1 << (hash % 64);
        }
        Self { words, bits }
    }

    fn has(&self, gram: u32) -> bool {
        let hash = hash(gram, self.bits);
        self.words[hash / 64] >> (hash % 64) & 1 != 0
    }
}

/// Returns how many bits a hash of so many grams has: some thirty hashes for each, so that few share one.
fn hash_bits(grams: usize) -> u32 {
    (grams.next_power_of_two().ilog2() + 5).clamp(6, 18)
}

/// Spreads a gram over so many bits (the multiplier is that of the golden ratio).
fn hash(gram: u32, bits: u32) -> usize {
    (gram.wrapping_mul(0x9E37_79B1) >> (u32::BITS - bits)) as usize
}

fn automaton(texts: &[&str]) -> Result<AhoCorasick, BuildError> {
    AhoCorasick::builder().match_kind(MatchKind::Standard).kind(Some(AhoCorasickKind::DFA)).build(texts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        /// As `str::contains` finds them one by one.
        #[test]
        fn every_text_that_stands_there_is_found_and_no_other(
            texts in proptest::collection::vec("[abc\\\\é]{1,9}", 0..40),
            within in "[abc\\\\é]{0,60}",
        ) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let mut found = BTreeSet::new();
            Grams::new(&texts).unwrap().find(&within, &mut |number| found.extend([number]));
            let there = (0..).zip(&texts).filter(|(_, text)| within.contains(**text)).map(|(number, _)| number);
            prop_assert_eq!(found, there.collect::<BTreeSet<usize>>());
        }
    }

    #[test]
    fn texts_of_one_gram_and_of_one_place_are_told_apart() {
        let texts = ["\\cmd.exe", "cmd.exe", "cmd.exes", "d.ex", "e", "powershell.exe"];
        let grams = Grams::new(&texts).unwrap();
        let mut found = Vec::new();
        grams.find("c:\\windows\\system32\\cmd.exe", &mut |number| found.push(number));
        found.sort_unstable();
        assert_eq!(found, [0, 1, 3, 4, 4, 4], "an e stands in system and twice in exe");
    }
}
