//! The words of the model, as the command line takes them.

use afterpatch_model::{Grade, Lang, Level};
use clap::ValueEnum;

/// Gives the words of the model to the command line, so that the model need not know clap.
macro_rules! named {
    ($(#[$doc:meta])* $name:ident for $of:ty { $( $variant:ident = $word:literal ),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
        pub(crate) enum $name {
            $( #[value(name = $word)] $variant, )*
        }

        impl From<$name> for $of {
            fn from(name: $name) -> Self {
                match name { $( $name::$variant => Self::$variant, )* }
            }
        }
    };
}

named!(
    /// A grade, by its word.
    GradeName for Grade {
        Attempted = "attempted", Reached = "reached", Executed = "executed", Persists = "persists",
    }
);
named!(
    /// A language, by its code.
    LangName for Lang { En = "en", Ja = "ja" }
);
named!(
    /// A level, by Sigma's word.
    LevelName for Level {
        Informational = "informational", Low = "low", Medium = "medium", High = "high", Critical = "critical",
    }
);
named!(
    /// A layout of collections that `range` writes.
    LayoutName for afterpatch_range::Layout {
        Folder = "folder", Zip = "zip", Tar = "tar", TarGz = "tar.gz", TarZst = "tar.zst", TarXz = "tar.xz",
        TarBz2 = "tar.bz2", Nested = "nested", Velociraptor = "velociraptor",
        VelociraptorLocked = "velociraptor-locked", VelociraptorSparse = "velociraptor-sparse", Kape = "kape",
        Cylr = "cylr", Uac = "uac", Acquire = "acquire",
    }
);
