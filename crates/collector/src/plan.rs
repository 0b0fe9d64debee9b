//! What is to be collected: once, whatever the number of parsers that read it.

use crate::mask;
use afterpatch_ingest::{Guide, Location, Root, guides};

/// What is to be collected, in order of the roots and the masks. No step lies within another of the same root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    steps: Vec<Step>,
}

/// Files below one root that are collected together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The root and the mask below it.
    pub location: Location,
    /// Who reads what is collected, in the order of the parsers.
    pub readers: Vec<Reader>,
}

/// A parser that reads some of what a step collects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reader {
    /// Its name, such as `iis-w3c`.
    pub name: &'static str,
    /// What it reads, in one line.
    pub what: &'static str,
}

impl Plan {
    /// Plans to collect what the parsers of this version read.
    pub fn of_parsers() -> Self {
        Self::of(guides())
    }

    /// Plans to collect what the guides name. A location that lies within another is collected with that.
    pub fn of(guides: impl IntoIterator<Item = (&'static str, &'static Guide)>) -> Self {
        let mut steps: Vec<Step> = Vec::new();
        for (name, guide) in guides {
            let reader = Reader { name, what: guide.what };
            for location in guide.locations {
                add(&mut steps, Step { location: *location, readers: vec![reader] });
            }
        }
        steps.sort_by_key(|step| (step.location.root, step.location.mask.to_lowercase()));
        Self { steps }
    }

    /// Returns what is to be collected.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Returns what is to be collected below one root.
    pub fn below(&self, root: Root) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(move |step| step.location.root == root)
    }
}

/// Adds a step to one that covers it, or takes those in that it covers.
fn add(steps: &mut Vec<Step>, mut step: Step) {
    if let Some(wider) = steps.iter_mut().find(|wider| wider.covers(&step)) {
        wider.read_by(&step.readers);
        return;
    }
    let mut readers = Vec::new();
    steps.retain(|other| {
        let stays = !step.covers(other);
        if !stays {
            readers.extend(other.readers.iter().copied());
        }
        stays
    });
    readers.append(&mut step.readers);
    step.read_by(&readers);
    steps.push(step);
}

impl Step {
    /// Tells whether this collects all that the other does.
    fn covers(&self, other: &Self) -> bool {
        let (own, other) = (self.location, other.location);
        own.root == other.root && mask::covers(own.mask, other.mask)
    }

    fn read_by(&mut self, readers: &[Reader]) {
        for reader in readers {
            if !self.readers.contains(reader) {
                self.readers.push(*reader);
            }
        }
    }

    /// Tells whether these are logs of which each file covers a time of its own, so that old ones can be left out.
    pub fn is_dated_log(&self) -> bool {
        const OF_LOGS: [&str; 3] = ["Logging", "Logs", "LogFiles"];
        let (folders, name) = mask::folders_and_name(self.location.mask);
        let among_logs =
            self.location.root == Root::IisLogs || folders.iter().any(|part| OF_LOGS.contains(part));
        among_logs && name.contains('*') && name.to_ascii_lowercase().ends_with(".log")
    }

    /// Tells whether these are NTFS's own files, which no program can open: they are read from the raw disk.
    pub fn is_raw(&self) -> bool {
        let is_own = |part: &&str| part.starts_with('$');
        self.location.root == Root::Volumes && mask::components(self.location.mask).iter().any(is_own)
    }

    /// Names the root as the collectors' definitions do.
    pub(crate) fn root_name(&self) -> &'static str {
        match self.location.root {
            Root::Exchange => "Exchange",
            Root::IisLogs => "IisLogs",
            Root::WebRoots => "WebRoots",
            Root::Windows => "Windows",
            Root::ProgramData => "ProgramData",
            Root::SystemDrive => "SystemDrive",
            Root::Volumes => "Volumes",
        }
    }

    /// Names the readers: `iis-config, served-files`.
    pub(crate) fn reader_names(&self) -> String {
        let names: Vec<&str> = self.readers.iter().map(|reader| reader.name).collect();
        names.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static PAGES: Guide = Guide {
        what: "pages",
        locations: &[Location::new(Root::WebRoots, r"**\*"), Location::new(Root::Windows, r"x\*.log")],
        serves: &[],
        quirks: &[],
    };
    static SETTINGS: Guide = Guide {
        what: "settings",
        locations: &[Location::new(Root::WebRoots, r"**\*.config"), Location::new(Root::Windows, r"X\a.log")],
        serves: &[],
        quirks: &[],
    };

    fn masks(plan: &Plan) -> Vec<(Root, &str, String)> {
        let steps = plan.steps().iter();
        steps.map(|step| (step.location.root, step.location.mask, step.reader_names())).collect()
    }

    #[test]
    fn what_lies_within_another_is_collected_with_it_whatever_comes_first() {
        let wide_first = Plan::of([("pages", &PAGES), ("settings", &SETTINGS)]);
        let narrow_first = Plan::of([("settings", &SETTINGS), ("pages", &PAGES)]);
        let expected = |names: &str| {
            vec![(Root::WebRoots, r"**\*", names.to_owned()), (Root::Windows, r"x\*.log", names.to_owned())]
        };
        assert_eq!(masks(&wide_first), expected("pages, settings"));
        assert_eq!(masks(&narrow_first), expected("settings, pages"));
    }

    #[test]
    fn the_same_mask_below_another_root_is_something_else() {
        static ELSEWHERE: Guide = Guide {
            what: "elsewhere",
            locations: &[Location::new(Root::Exchange, r"**\*.config")],
            serves: &[],
            quirks: &[],
        };
        assert_eq!(Plan::of([("pages", &PAGES), ("elsewhere", &ELSEWHERE)]).steps().len(), 3);
    }

    #[test]
    fn only_logs_that_are_cut_by_time_are_dated() {
        let dated = |root, mask| {
            let location = Location::new(root, mask);
            Step { location, readers: Vec::new() }.is_dated_log()
        };
        assert!(dated(Root::Exchange, r"Logging\a\**\*.LOG"));
        assert!(dated(Root::Windows, r"System32\LogFiles\HTTPERR\httperr*.log"));
        assert!(dated(Root::IisLogs, r"**\*.log"));
        for mask in [r"Logs\*.evtx", r"Logging\a.log", r"debug\msert*.log", r"config\*.LOG*", r"**\*"] {
            assert!(!dated(Root::Windows, mask), "{mask}");
        }
    }
}
