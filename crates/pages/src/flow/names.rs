//! Sets of names in a fixed room.

use rustc_hash::FxBuildHasher;
use std::cell::Cell;
use std::hash::BuildHasher;

/// Returns what tables of names and [`Names`] tell a name by.
pub(crate) fn hash(name: &str) -> u64 {
    FxBuildHasher.hash_one(name)
}

/// In words of 64 bits.
const SIZE: usize = 8;

/// A set of names that may say of a name that it is in it when it is not, and never the other way round.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names([Cell<u64>; SIZE]);

impl Names {
    /// Returns the set of all names.
    pub(crate) fn all() -> Self {
        Self(std::array::from_fn(|_| Cell::new(u64::MAX)))
    }

    /// Adds a name, by its [`hash`].
    pub(crate) fn add(&self, hash: u64) {
        let word = &self.0[(hash >> 6) as usize % SIZE];
        word.set(word.get() | 1 << (hash & 63));
    }

    /// Adds all of another set.
    pub(crate) fn add_all(&self, other: &Self) {
        for (word, other) in self.0.iter().zip(&other.0) {
            word.set(word.get() | other.get());
        }
    }

    /// Returns whether the two may share a name.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(word, other)| word.get() & other.get() != 0)
    }

    /// Takes all names out.
    pub(crate) fn clear(&self) {
        self.0.iter().for_each(|word| word.set(0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn names(all: &[String]) -> Names {
        let names = Names::default();
        for name in all {
            names.add(hash(name));
        }
        names
    }

    proptest! {
        #[test]
        fn sets_that_share_a_name_meet(one: Vec<String>, two: Vec<String>, shared: String) {
            let (one, two) = (names(&one), names(&two));
            one.add(hash(&shared));
            two.add(hash(&shared));
            prop_assert!(one.meets(&two) && Names::all().meets(&one));
            let both = Names::default();
            both.add_all(&one);
            prop_assert!(both.meets(&two));
            both.clear();
            prop_assert!(!both.meets(&two));
        }
    }

    #[test]
    fn names_that_differ_are_mostly_told_apart() {
        let name = |prefix: &str, number: u32| format!("${prefix}{number}");
        let some = names(&(0..20).map(|number| name("a", number)).collect::<Vec<_>>());
        let meets = |number: &u32| some.meets(&names(&[name("b", *number)]));
        assert!((0..200).filter(meets).count() < 20);
    }
}
