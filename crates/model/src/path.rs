//! Windows paths and host names as evidence spells them.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Returns the form in which paths are compared: lower case, `/` between parts, no drive, no `\\?\` or share.
///
/// `C:\inetpub\wwwroot\X.aspx`, `c:/inetpub/wwwroot/x.aspx` and `\??\C:\inetpub\wwwroot\x.aspx`
/// all become `/inetpub/wwwroot/x.aspx`.
///
/// ```
/// assert_eq!(afterpatch_model::path_key(r"E:\Exchange2016\Logging\A.LOG"), "/exchange2016/logging/a.log");
/// ```
pub fn path_key(path: &str) -> String {
    let slashed: String = path.chars().map(|c| if c == '\\' { '/' } else { c }).collect();
    let mut rest = slashed.trim_start_matches(['/', '?', '.']);
    if let (Some(drive), Some(':')) = (rest.chars().next(), rest.chars().nth(1))
        && drive.is_ascii_alphabetic()
    {
        rest = rest.get(2..).unwrap_or_default();
    }
    format!("/{}", rest.trim_start_matches('/').to_lowercase())
}

/// The device by which Windows names a shadow copy, less its number.
pub const SHADOW_COPY: &str = r"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy";

/// Returns what follows the volume of a path in a shadow copy, from its `\\` on; `None` for any other path.
///
/// ```
/// let path = r"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy3\Windows\a.log";
/// assert_eq!(afterpatch_model::below_shadow_copy(path), Some(r"\Windows\a.log"));
/// ```
pub fn below_shadow_copy(path: &str) -> Option<&str> {
    const DEVICE: &str = "harddiskvolumeshadowcopy";
    let (start, _) = path.match_indices(['\\', '/']).find(|(slash, _)| {
        let folder = path.get(slash + 1..slash + 1 + DEVICE.len());
        folder.is_some_and(|folder| folder.eq_ignore_ascii_case(DEVICE))
    })?;
    let number = path.get(start + 1 + DEVICE.len()..)?;
    let below = number.trim_start_matches(|c: char| c.is_ascii_digit());
    below.starts_with(['\\', '/']).then_some(below)
}

/// Returns the letter of the drive that a path begins with, in capitals; `None` where it names none.
///
/// ```
/// assert_eq!(afterpatch_model::path_drive(r"\??\d:\Ex"), Some('D'));
/// assert_eq!(afterpatch_model::path_drive(r"inetpub\wwwroot"), None);
/// ```
pub fn path_drive(path: &str) -> Option<char> {
    let mut rest = path.trim_start_matches(['\\', '/', '?', '.']).chars();
    let letter = rest.next().filter(char::is_ascii_alphabetic)?;
    (rest.next() == Some(':')).then(|| letter.to_ascii_uppercase())
}

/// Returns the last part of a path with either separator.
pub fn file_name(path: &str) -> &str {
    path.rsplit(['\\', '/']).next().unwrap_or(path)
}

/// Returns what follows the last dot of the file name, in lower case; empty where there is none.
pub fn extension(path: &str) -> String {
    match file_name(path).rsplit_once('.') {
        Some((_, extension)) => extension.to_lowercase(),
        None => String::new(),
    }
}

/// A server's name: the first label of what the evidence calls it, in capitals.
///
/// `mxs01.example.org` and `MXS01` are one server. An address stays whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HostName(Arc<str>);

impl HostName {
    /// Reads a host name; `None` where the text is empty, `-`, a loopback name or no name at all.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches('$');
        let is_address = text.parse::<std::net::IpAddr>().is_ok();
        let label = if is_address { text } else { text.split('.').next().unwrap_or_default() };
        let allowed = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
        let usable = !label.is_empty()
            && label.len() <= 63
            && label != "-"
            && !label.eq_ignore_ascii_case("localhost")
            && label.chars().all(allowed)
            && label.chars().any(char::is_alphanumeric);
        usable.then(|| Self(label.to_uppercase().into()))
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_ignore_drive_case_and_separator() {
        for path in
            [r"C:\inetpub\wwwroot\X.aspx", "c:/inetpub/wwwroot/x.aspx", r"\??\D:\inetpub\wwwroot\x.aspx"]
        {
            assert_eq!(path_key(path), "/inetpub/wwwroot/x.aspx", "{path}");
        }
        assert_eq!(path_key(""), "/");
        assert_eq!(path_key("é"), "/é");
    }

    #[test]
    fn only_what_lies_in_a_shadow_copy_is_below_one() {
        let below = |path| below_shadow_copy(path).unwrap_or("none").to_owned();
        assert_eq!(below(r"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy12\a\b"), r"\a\b");
        for path in
            [r"C:\HarddiskVolumeShadowCopyX\a", r"C:\a", "", r"\\?\GLOBALROOT\Device\HarddiskVolume1\a"]
        {
            assert_eq!(below(path), "none", "{path}");
        }
    }

    #[test]
    fn host_names_lose_their_domain_and_nothing_else() {
        assert_eq!(HostName::parse("mxs01.example.org").unwrap().as_str(), "MXS01");
        assert_eq!(HostName::parse("MX01$").unwrap().as_str(), "MX01");
        assert_eq!(HostName::parse("192.0.2.7").unwrap().as_str(), "192.0.2.7");
        for text in ["", "-", "localhost", "a b", "../x"] {
            assert_eq!(HostName::parse(text), None, "{text}");
        }
    }
}
