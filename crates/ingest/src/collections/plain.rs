//! Folders without a collector's marks: copied logs, a mounted image, the `C` folder of many tools.

use super::{Mapping, Mounted, Part, Place};
use afterpatch_model::SHADOW_COPY;

/// Folders that lie on a server's disk, in lower case; what stands before the first of them is not the server's.
const MARKERS: [&str; 16] = [
    "windows",
    "inetpub",
    "program files",
    "program files (x86)",
    "programdata",
    "exchangesetuplogs",
    "logging",
    "uploads",
    "users",
    // What Test-ProxyLogon collects is sorted by the flaw that it may show.
    "cve26855",
    "cve26857",
    "cve26858",
    "cve27065",
    "suspiciousfiles",
    // UAC puts the whole tree below this, and what it asked the running system into the other.
    "[root]",
    "live_response",
];

/// Folders that collectors put above the volumes that they copy: dissect's acquire.
const ABOVE_VOLUMES: [&str; 2] = ["fs", "sysvol"];

/// Returns the folder, with its slash, above the first folder that servers have; nothing where there is none.
pub(super) fn root(path: &str) -> Option<&str> {
    let mut start = 0_usize;
    for (slash, _) in path.match_indices('/') {
        let folder = path.get(start..slash)?;
        let after = path.get(slash.checked_add(1)?..)?;
        if drive(folder).is_some() || is_marker(folder) || is_above_volumes(folder, after) {
            return path.get(..start);
        }
        start = slash.checked_add(1)?;
    }
    None
}

fn is_marker(folder: &str) -> bool {
    MARKERS.iter().any(|marker| folder.eq_ignore_ascii_case(marker)) || is_shadow_copy(folder)
}

/// Tells whether a folder is the one above volumes: what follows in it is a drive or a server's folder.
fn is_above_volumes(folder: &str, after: &str) -> bool {
    let is_named = ABOVE_VOLUMES.iter().any(|name| folder.eq_ignore_ascii_case(name));
    is_named && root(after).is_some_and(str::is_empty)
}

/// KAPE puts the files of shadow copies below `VSS1`, `VSS2` …
fn is_shadow_copy(folder: &str) -> bool {
    shadow_copy(folder).is_some()
}

/// Returns the number of a shadow copy's folder.
fn shadow_copy(folder: &str) -> Option<&str> {
    let (vss, number) = folder.split_at_checked(3)?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (vss.eq_ignore_ascii_case("vss") && is_number).then_some(number)
}

/// Returns the letter of a folder that stands for a drive: `C`, `C:`, `C%3A`, `C_`, `C_drive`.
pub(super) fn drive(folder: &str) -> Option<char> {
    let mut letters = folder.chars();
    let is_letter = |c: &char| matches!(c.to_ascii_lowercase(), 'c'..='z');
    let letter = letters.next().filter(is_letter)?;
    let is_drive =
        matches!(letters.as_str().to_ascii_lowercase().as_str(), "" | ":" | "%3a" | "_" | "_drive" | "$");
    is_drive.then(|| letter.to_ascii_uppercase())
}

/// Returns the original path as far as the folders tell it.
///
/// `C/inetpub/x` is `C:\inetpub\x`. A path that has no drive gets none invented. What lay in a shadow copy keeps the
/// name of that volume: it is how the file was, not how it is.
pub(super) fn original_path(path: &str) -> String {
    if let Some(path) = path.strip_prefix("[root]/") {
        return format!("/{path}");
    }
    let mut start = 0_usize;
    for (slash, _) in path.match_indices('/') {
        let folder = path.get(start..slash).unwrap_or_default();
        let from = path.get(start..).unwrap_or_default();
        let after = path.get(slash..).unwrap_or_default();
        if let Some(number) = shadow_copy(folder) {
            return format!("{SHADOW_COPY}{number}{after}").replace('/', "\\");
        }
        if let Some(letter) = drive(folder) {
            return format!("{letter}:{after}").replace('/', "\\");
        }
        if is_marker(folder) {
            return from.replace('/', "\\");
        }
        start = slash.saturating_add(1);
    }
    path.to_owned()
}

/// Takes every path as it stands below the part's root, or on the volume that is mounted there.
pub(super) fn map(part: &Part<'_>) -> Mapping {
    let container = part.container;
    let place = |(place, path): &(usize, &str)| {
        let file = container.files().get(*place);
        let mounted =
            file.and_then(|file| Mounted::of(container.volumes(), &file.path)?.original(&file.path));
        Place {
            path: mounted.unwrap_or_else(|| original_path(path)),
            modified: file.and_then(|file| file.modified),
            ..Place::default()
        }
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
            ("MX1/vss2/Windows/a", Some("MX1/")),
            ("MX1_20210305/fs/C:/Windows/a", Some("MX1_20210305/")),
            ("sysvol/Windows/a", Some("")),
            ("notes/fs/readme", None),
            ("uac-db1/[root]/var/log/a", Some("uac-db1/")),
            ("out/MX1/CVE26855/a.log", Some("out/MX1/")),
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
            ("fs/c:/Windows/a", r"C:\Windows\a"),
            ("sysvol/Windows/a", r"Windows\a"),
            ("VSS2/Windows/a", r"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy2\Windows\a"),
            ("[root]/var/log/audit/a", "/var/log/audit/a"),
        ];
        for (path, expected) in cases {
            assert_eq!(original_path(path), expected);
        }
    }
}
