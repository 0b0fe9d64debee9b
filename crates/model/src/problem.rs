//! What could not be read or trusted: data, stored and counted beside the facts.

use crate::id::ArtifactId;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One thing that could not be read or trusted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Problem {
    /// What kind of problem it is.
    pub code: ProblemCode,
    /// Where: the path in the collection, or the collection or rule file itself.
    pub place: String,
    /// The artifact, where there is one.
    pub artifact: Option<ArtifactId>,
    /// The record within it, where there is one.
    pub record: Option<u64>,
    /// Whether a record was lost by it: facts + lost records = all records.
    pub lost: bool,
    /// What exactly, in one line.
    pub detail: String,
}

macro_rules! problem_codes {
    ($( $(#[$doc:meta])* $name:ident = $code:literal, $title:literal, $remedy:literal; )*) => {
        /// The kinds of problem. Codes are stable; the docs list them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum ProblemCode {
            $( $(#[$doc])* #[doc = $title] #[serde(rename = $code)] $name, )*
        }

        impl ProblemCode {
            /// Every code, in order.
            pub const ALL: &'static [Self] = &[$( Self::$name, )*];

            /// Returns the stable code, such as `P0103`.
            pub fn code(self) -> &'static str {
                match self { $( Self::$name => $code, )* }
            }

            /// Returns what it is, in English.
            pub fn title(self) -> &'static str {
                match self { $( Self::$name => $title, )* }
            }

            /// Returns what one can do about it, in English.
            pub fn remedy(self) -> &'static str {
                match self { $( Self::$name => $remedy, )* }
            }
        }
    };
}

problem_codes! {
    Unreadable = "P0101", "file could not be read", "check permissions and the medium, and add the file again";
    EmptyCollection = "P0102", "nothing in the collection", "check that the collector finished and that the right path was given";
    Truncated = "P0103", "cut off before its end", "copy the file again from its source; what came before the cut was read";
    NotUnderstood = "P0104", "no parser for this file", "nothing to do: the file is hashed and listed; its content was not judged";
    Encrypted = "P0105", "encrypted", "decrypt it with the collector's key or password and add it again";
    UnsafeName = "P0106", "entry name leads outside the container", "the entry was read under its plain name; ask who made the container";
    TooLarge = "P0107", "larger than the limit", "raise the limit, or extract the file and add it alone";
    Damaged = "P0108", "container or header is damaged", "copy the file again from its source";
    NothingOfExchange = "P0109", "nothing of an Exchange server in it", "check that the right collection was given; see the docs for what to collect";
    CollectorFailure = "P0110", "the collector reports that it failed to copy this", "collect the file again, with rights enough, before it is overwritten";
    DuplicateName = "P0111", "two entries of one name", "both were read; the second has a number behind its name";
    LinkNotFollowed = "P0112", "a link, not followed", "add the link's target as a collection of its own if it belongs to the evidence";
    TooDeep = "P0113", "packed within itself too often", "unpack it by hand if it is genuine: containers that hold themselves are made to harm";
    TooManyEntries = "P0114", "more entries than the limit", "raise the limit, or unpack it and add what matters";
    PackedOtherwise = "P0115", "a container that is not opened here", "unpack or mount it as the detail says, and add the result";
    HashMismatch = "P0116", "not the bytes that the collector copied", "copy it again from where the collector wrote it; if that differs too, ask who held it since";
    NotOfInterest = "P0117", "files of a mounted volume that were passed over", "nothing to do: no parser reads what lies there; --all-files takes everything in";
    VolumeMissing = "P0118", "a volume that the server's own settings name is not there", "mount it beside the others, in a folder that is called by its letter, and add the folder to a new case";
    NoHeader = "P0201", "record before any header names its fields", "find the start of the log: an earlier part is missing";
    FieldCount = "P0202", "record does not have the fields that the header names", "look at the line: it was cut, or a value holds the separator";
    BadTime = "P0203", "time cannot be read", "the row is kept without a time; look at the line";
    BadEncoding = "P0204", "bytes that are no text in the file's encoding", "the row is kept with replacement characters";
    BadJson = "P0205", "line is no JSON object", "look at the line: the export was cut or mixed";
    BadEventRecord = "P0206", "event record is damaged", "the neighbours were read; repair is possible only from another copy";
    BadEventChunk = "P0207", "event log chunk is damaged", "the other chunks were read; look for another copy of the log";
    BadCsv = "P0208", "record is no valid CSV", "look at the line: a quote is missing or a value is cut";
    LineTooLong = "P0209", "line is longer than the limit", "raise the limit if the line is genuine";
    BadXml = "P0214", "XML is not well-formed, or is more than it should be", "look at the line; what came before it was read";
    BadFileRecord = "P0215", "record of the file system is damaged", "the neighbours were read; copy the file again from its volume if the medium allows it";
    FolderGone = "P0216", "files whose folder is gone", "nothing to do: the folder was deleted and its record used again, or it was not copied";
    OtherRecordKind = "P0217", "records of a kind that says nothing new", "nothing to do: they repeat in another form what was read";
    BadHive = "P0218", "registry hive is damaged, or was in use", "read the detail; what could be read was read; collect the hive again if it is damaged";
    AssumedDate = "P0301", "record has a time and no date: the date is taken from the header", "trust the order more than the day where the log ran past midnight";
    UnknownServer = "P0302", "no host name in the evidence", "give the name with --server, or add a file that names it";
    AssumedZone = "P0303", "times without a zone: they were taken for UTC", "give the server's zone with --tz SERVER=ZONE and add the evidence to a new case";
    RuleRejected = "P0401", "rule could not be loaded", "mend the rule, or take it out of the folder";
    RuleFailed = "P0402", "rule could not be run", "look at the detail; the other rules ran";
    EvidenceGone = "P0403", "evidence is no longer where it was read", "put the collection back at its place and run detect again";
}

impl fmt::Display for ProblemCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.code, self.code.title(), self.place)?;
        if let Some(record) = self.record {
            write!(f, " (record {record})")?;
        }
        if !self.detail.is_empty() {
            write!(f, ": {}", self.detail)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_unique_and_in_order() {
        let codes: Vec<_> = ProblemCode::ALL.iter().map(|code| code.code()).collect();
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), codes.len());
        assert!(codes.is_sorted());
    }

    #[test]
    fn a_problem_names_the_place_and_the_record() {
        let problem = Problem {
            code: ProblemCode::FieldCount,
            place: "u_ex210302.log".into(),
            artifact: None,
            record: Some(7),
            lost: true,
            detail: "14 of 15".into(),
        };
        let shown = problem.to_string();
        assert!(
            shown.starts_with("P0202 ") && shown.contains("u_ex210302.log (record 7): 14 of 15"),
            "{shown}"
        );
    }
}
