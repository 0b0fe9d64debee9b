//! What is wanted of volumes: masks from folders down, followed name by name.
//!
//! A walk keeps, for the folder that it is in, how far which masks are met; a folder in which none goes on is not
//! entered. So the walk costs what lies in the folders of interest, however large the rest is.

use super::volumes::Start;
use std::collections::{BTreeMap, BTreeSet};

/// The component that stands for any folders, or none.
const ANY_FOLDERS: &str = "**";

/// Masks, each with the folders from which it is followed.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    masks: Vec<Vec<String>>,
    numbers: BTreeMap<String, usize>,
    starts: BTreeMap<Start, States>,
}

/// How far masks are met: a mask's number, and the number of the component that comes next.
pub(super) type States = BTreeSet<(usize, usize)>;

impl Wanted {
    /// Wants the files that a mask names from a folder down.
    pub(super) fn add(&mut self, start: Start, mask: &str) {
        let mask = mask.to_lowercase();
        let number = *self.numbers.entry(mask.clone()).or_insert_with(|| {
            self.masks.push(mask.split('\\').map(str::to_owned).collect());
            self.masks.len().saturating_sub(1)
        });
        let mut states = self.starts.remove(&start).unwrap_or_default();
        self.reach((number, 0), &mut states);
        self.starts.insert(start, states);
    }

    /// Returns the folders to begin in.
    pub(super) fn starts(&self) -> impl Iterator<Item = (&Start, &States)> {
        self.starts.iter()
    }

    /// Returns how far the masks are met in a folder of that name, which is in lower case.
    pub(super) fn enter(&self, states: &States, folder: &str) -> States {
        let mut entered = States::new();
        for &(mask, place) in states {
            match self.component(mask, place) {
                Some((ANY_FOLDERS, _)) => self.reach((mask, place), &mut entered),
                Some((component, false)) if fits(component, folder) => {
                    self.reach((mask, place.saturating_add(1)), &mut entered);
                }
                _ => {}
            }
        }
        entered
    }

    /// Tells whether a file of that name, which is in lower case, is wanted.
    pub(super) fn takes(&self, states: &States, file: &str) -> bool {
        states.iter().any(|&(mask, place)| {
            matches!(self.component(mask, place), Some((component, true)) if fits(component, file))
        })
    }

    /// Adds a state, with those behind it that need no folder.
    fn reach(&self, (mask, place): (usize, usize), states: &mut States) {
        states.insert((mask, place));
        if let Some((ANY_FOLDERS, false)) = self.component(mask, place) {
            self.reach((mask, place.saturating_add(1)), states);
        }
    }

    /// Returns a component of a mask, and whether it is the last, that of the file.
    fn component(&self, mask: usize, place: usize) -> Option<(&str, bool)> {
        let components = self.masks.get(mask)?;
        let component = components.get(place)?;
        Some((component, place.checked_add(1) == Some(components.len())))
    }
}

/// Tells whether a name is one that a component with `*` names; both are in lower case.
fn fits(component: &str, name: &str) -> bool {
    let mut pieces = component.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let Some(last) = pieces.next_back() else { return rest.is_empty() };
    // The earliest place of each piece leaves the most for those behind it.
    for piece in pieces {
        let Some((_, after)) = rest.split_once(piece) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_masks_as_on_windows() {
        let cases = [
            ("*", "", true),
            ("*", "a.log", true),
            ("*.log", "a.log", true),
            ("*.log", "a.log.gz", false),
            ("w3svc*", "w3svc1", true),
            ("a*b*c", "aXbXbXc", true),
            ("a*b*c", "ac", false),
            ("a*a", "a", false),
            ("setup.log", "setup.log", true),
            ("setup.log", "setup.log2", false),
        ];
        for (mask, name, expected) in cases {
            assert_eq!(fits(mask, &name.to_lowercase()), expected, "{mask} {name}");
        }
    }

    #[test]
    fn masks_are_followed_folder_by_folder() {
        let takes = |mask: &str, path: &str| {
            let mut wanted = Wanted::default();
            wanted.add(Start::On(0, ""), mask);
            let mut states = wanted.starts().next().unwrap().1.clone();
            let lower = path.to_lowercase();
            let (folders, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
            for folder in folders.split('/').filter(|folder| !folder.is_empty()) {
                states = wanted.enter(&states, folder);
            }
            wanted.takes(&states, name)
        };
        let cases = [
            (r"**\*", "a/b/c.aspx", true),
            (r"**\*", "c.aspx", true),
            (r"**\*.config", "a/Web.Config", true),
            (r"**\*.config", "a/web.configs", false),
            (r"FrontEnd\HttpProxy\**\*", "frontend/httpproxy/owa/auth/x.aspx", true),
            (r"FrontEnd\HttpProxy\**\*", "frontend/x.aspx", false),
            (r"**\FrontEnd\HttpProxy\**\*", "a/b/FRONTEND/httpproxy/x.aspx", true),
            (r"W3SVC*\*.log", "W3SVC12/u_ex.log", true),
            (r"W3SVC*\*.log", "W3SVC12/a/u_ex.log", false),
            (r"Logs\**\SmtpReceive\**\*.LOG", "logs/Hub/ProtocolLog/SmtpReceive/a.log", true),
            (r"a.log", "A.LOG", true),
        ];
        for (mask, path, expected) in cases {
            assert_eq!(takes(mask, path), expected, "{mask} {path}");
        }
    }
}
