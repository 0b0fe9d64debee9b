//! Folders without a collector's marks: copied logs, a mounted image, the `C` folder of many tools.

use super::{Mapping, Part, Place};

/// Folders that lie on a server's disk, in lower case; what stands before the first of them is not the server's.
const MARKERS: [&str; 9] = [
    "windows",
    "inetpub",
    "program files",
    "program files (x86)",
    "programdata",
    "exchangesetuplogs",
    "logging",
    "uploads",
    "users",
];

/// Returns the folder, with its slash, above the first folder that servers have; nothing where there is none.
pub(super) fn root(path: &str) -> Option<&str> {
    let mut start = 0_usize;
    for (slash, _) in path.match_indices('/') {
        let folder = path.get(start..slash)?;
        if drive(folder).is_some() || is_marker(folder) {
            return path.get(..start);
        }
        start = slash.checked_add(1)?;
    }
    None
}

fn is_marker(folder: &str) -> bool {
    MARKERS.iter().any(|marker| folder.eq_ignore_ascii_case(marker)) || is_shadow_copy(folder)
}

/// KAPE puts the files of shadow copies below `VSS1`, `VSS2` …
fn is_shadow_copy(folder: &str) -> bool {
    let number = folder.strip_prefix("VSS").unwrap_or_default();
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns the letter of a folder that stands for a drive: `C`, `C:`, `C%3A`, `C_`, `C_drive`.
fn drive(folder: &str) -> Option<char> {
    let mut letters = folder.chars();
    let is_letter = |c: &char| matches!(c.to_ascii_lowercase(), 'c'..='z');
    let letter = letters.next().filter(is_letter)?;
    let is_drive =
        matches!(letters.as_str().to_ascii_lowercase().as_str(), "" | ":" | "%3a" | "_" | "_drive" | "$");
    is_drive.then(|| letter.to_ascii_uppercase())
}

/// Returns the original path as far as the folders tell it.
///
/// `C/inetpub/x` is `C:\inetpub\x`. A path that has no drive gets none invented.
pub(super) fn original_path(path: &str) -> String {
    let mut start = 0_usize;
    for (slash, _) in path.match_indices('/') {
        let folder = path.get(start..slash).unwrap_or_default();
        let from = path.get(start..).unwrap_or_default();
        let after = path.get(slash..).unwrap_or_default();
        if let Some(letter) = drive(folder) {
            return format!("{letter}:{after}").replace('/', "\\");
        }
        if is_marker(folder) && !is_shadow_copy(folder) {
            return from.replace('/', "\\");
        }
        start = slash.saturating_add(1);
    }
    path.to_owned()
}

/// Takes every path as it stands below the part's root.
pub(super) fn map(part: &Part<'_>) -> Mapping {
    let place = |(place, path): &(usize, String)| Place {
        path: original_path(path),
        modified: part.container.files().get(*place).and_then(|file| file.modified),
        created: None,
    };
    Mapping { places: part.files.iter().map(place).collect(), ..Mapping::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_what_stands_before_the_servers_own_folders() {
        let cases = [
            ("MX1/C/Windows/a", Some("MX1/")),
            ("MX1/inetpub/logs/a", Some("MX1/")),
            ("Program Files/x/Logging/a", Some("")),
            ("case 7/MX2/uploads/auto/C%3A/a", Some("case 7/MX2/")),
            ("MX1/VSS2/Windows/a", Some("MX1/")),
            ("MX1/a.log", None),
            ("a/b/c.log", None),
            ("windows", None),
        ];
        for (path, expected) in cases {
            assert_eq!(root(path), expected, "{path}");
        }
    }

    #[test]
    fn no_drive_is_invented() {
        let cases = [
            ("C/inetpub/wwwroot/a.aspx", r"C:\inetpub\wwwroot\a.aspx"),
            ("e_drive/Exchange2016/Logging/a", r"E:\Exchange2016\Logging\a"),
            ("inetpub/wwwroot/a.aspx", r"inetpub\wwwroot\a.aspx"),
            ("copy/Program Files/a", r"Program Files\a"),
            ("logs/a.log", "logs/a.log"),
        ];
        for (path, expected) in cases {
            assert_eq!(original_path(path), expected);
        }
    }
}
