//! Chance that repeats: the same seed throws the same numbers on every machine.

/// A `SplitMix64` generator.
///
/// Every strand of a server's life throws its own dice (see [`Dice::strand`]), so that adding rows to one
/// strand does not change the others.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    /// Makes dice for one strand of a scenario; the parts name it.
    pub(crate) fn strand(parts: &[&str]) -> Self {
        // FNV-1a: a seed from words. The zero byte keeps the parts from running together.
        let mut seed = 0xcbf2_9ce4_8422_2325_u64;
        for byte in parts.iter().flat_map(|part| part.bytes().chain([0])) {
            seed = (seed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Self(seed)
    }

    /// Throws the next 64 bits.
    pub(crate) fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Throws a number below `limit`; 0 where `limit` is 0.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.throw() % limit.max(1)
    }

    /// Throws a number from `low` up to, not including, `high`.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low))
    }

    /// Tells, in `percent` of all throws, yes.
    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// Picks one of `choices`; `fallback` where there is none.
    pub(crate) fn pick<'a, T: ?Sized>(&mut self, choices: &[&'a T], fallback: &'a T) -> &'a T {
        let place = usize::try_from(self.below(choices.len() as u64)).unwrap_or_default();
        choices.get(place).copied().unwrap_or(fallback)
    }

    /// Throws a GUID as Exchange writes them.
    pub(crate) fn guid(&mut self) -> String {
        let (high, low) = (self.throw(), self.throw());
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xffff,
            low >> 48,
            low & 0xffff_ffff_ffff
        )
    }

    /// Throws `length` lower-case letters and digits.
    pub(crate) fn letters(&mut self, length: usize) -> String {
        const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
        let letter = |place: u64| usize::try_from(place).ok().and_then(|at| LETTERS.get(at)).copied();
        (0..length).filter_map(|_| letter(self.below(LETTERS.len() as u64))).map(char::from).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throws_what_splitmix64_throws() {
        // The reference values of the generator's published C source for seed 1234567.
        let mut dice = Dice(1_234_567);
        assert_eq!(dice.throw(), 6_457_827_717_110_365_317);
        assert_eq!(dice.throw(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn strands_differ_and_repeat() {
        let first = |parts: &[&str]| Dice::strand(parts).throw();
        assert_eq!(first(&["benign", "MX1"]), first(&["benign", "MX1"]));
        assert_ne!(first(&["benign", "MX1"]), first(&["benignM", "X1"]));
    }

    #[test]
    fn throws_stay_in_their_bounds() {
        let mut dice = Dice::strand(&["bounds"]);
        for _ in 0..1_000 {
            assert!((5..9).contains(&dice.between(5, 9)));
        }
        assert_eq!(dice.below(0), 0);
        assert_eq!(dice.pick(&[], "fallback"), "fallback");
        assert_eq!(dice.guid().len(), 36);
        assert_eq!(dice.letters(8).len(), 8);
    }
}
