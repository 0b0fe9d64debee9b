//! Bounds on what hostile evidence can make us hold or do, each with a name and the problem that tells of it.

use afterpatch_model::ProblemCode;

/// Bounds on what hostile evidence can make us hold or do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Files up to this size are held in memory while they are read; larger ones inside a container go to disk.
    pub memory_bytes: u64,
    /// How many bytes of what was unpacked once, to be hashed, are kept on disk, to be read without unpacking again.
    pub spool_bytes: u64,
    /// The largest file that is read at all.
    pub artifact_bytes: u64,
    /// The longest line of a text log, and the longest record of any other text.
    pub line_bytes: usize,
    /// How many times larger than its packed form a container's entry may grow.
    pub ratio: u64,
    /// Entries up to this size may pack as well as they like: event logs begin as megabytes of zeros.
    pub small_bytes: u64,
    /// The most entries in one collection, with those of the containers in it.
    pub entries: usize,
    /// How deep containers may lie in containers.
    pub depth: usize,
    /// How many times larger than itself what was handed in may become in all: logs pack to a twentieth, and beside
    /// them what packs better weighs little.
    pub total_ratio: u64,
    /// The most bytes that all of what was handed in at once may unpack to, whatever its size.
    pub total_bytes: u64,
}

impl Limits {
    /// Returns how many bytes an entry of so many packed bytes may grow to.
    pub(crate) fn growth(&self, packed: u64) -> u64 {
        packed.saturating_mul(self.ratio).max(self.small_bytes)
    }

    /// Returns how many bytes a collection of so many bytes may unpack to in all.
    pub(crate) fn total_of(&self, collection: u64) -> u64 {
        let least = self.small_bytes.saturating_mul(16);
        collection.saturating_mul(self.total_ratio).max(least).min(self.total_bytes)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: 64 << 20,
            spool_bytes: 8 << 30,
            artifact_bytes: 64 << 30,
            line_bytes: 1 << 20,
            ratio: 400,
            small_bytes: 64 << 20,
            entries: 5_000_000,
            depth: 4,
            total_ratio: 100,
            total_bytes: 256 << 30,
        }
    }
}

/// A bound as a person sets it.
#[derive(Debug)]
pub struct Bound {
    /// Its name, as the command line spells it.
    pub name: &'static str,
    /// What it bounds.
    pub what: &'static str,
    /// The problem that tells of what is beyond it; none where it only decides what is held where.
    pub code: Option<ProblemCode>,
    get: fn(&Limits) -> Option<u64>,
    set: fn(&mut Limits, u64) -> Option<()>,
}

impl Bound {
    /// Returns every bound.
    pub fn all() -> &'static [Self] {
        BOUNDS
    }

    /// Returns what it is set to.
    pub fn of(&self, limits: &Limits) -> u64 {
        (self.get)(limits).unwrap_or(u64::MAX)
    }

    /// Sets it; nothing where the value is more than this machine counts to.
    pub fn set(&self, limits: &mut Limits, value: u64) -> Option<()> {
        (self.set)(limits, value)
    }
}

macro_rules! bounds {
    ($( $name:literal $field:ident $code:expr, $what:literal; )*) => {
        &[$( Bound {
            name: $name,
            what: $what,
            code: $code,
            get: |limits| limits.$field.try_into().ok(),
            set: |limits, value| {
                limits.$field = value.try_into().ok()?;
                Some(())
            },
        }, )*]
    };
}

static BOUNDS: &[Bound] = bounds! {
    "memory" memory_bytes None, "bytes of one file that are held in memory";
    "spool" spool_bytes None, "bytes that are kept on disk so that they need not be unpacked twice";
    "file" artifact_bytes Some(ProblemCode::TooLarge), "bytes of the largest file that is read";
    "line" line_bytes Some(ProblemCode::LineTooLong), "bytes of the longest line of a text log, or of another record";
    "ratio" ratio Some(ProblemCode::TooLarge), "how many times larger than its packed form an entry may grow";
    "small" small_bytes Some(ProblemCode::TooLarge), "bytes to which an entry may grow whatever the ratio";
    "entries" entries Some(ProblemCode::TooManyEntries), "entries of one collection";
    "depth" depth Some(ProblemCode::TooDeep), "containers within containers";
    "total-ratio" total_ratio Some(ProblemCode::TooLarge), "how many times larger than itself what is handed in may become in all";
    "total" total_bytes Some(ProblemCode::TooLarge), "bytes that what is handed in at once may unpack to in all";
};
