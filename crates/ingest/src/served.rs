//! The folders out of which a web server serves code.

use afterpatch_model::{path_drive, path_key};
use std::collections::BTreeMap;

/// The source of the rows that stand for files in served folders.
pub const SERVED_FILES: &str = "served-files";

/// Folders out of which every server of Exchange serves code, as they stand in a path's key, and the scope of each.
static OF_EXCHANGE: &[(&str, &str)] = &[
    ("/inetpub/wwwroot/", "wwwroot"),
    ("/frontend/httpproxy/", "frontend"),
    ("/clientaccess/", "clientaccess"),
    ("/temporary asp.net files/", "temporary asp.net files"),
];

/// Returns the scope of the folder of Exchange, or of its web server, that a path on the server lies in.
pub fn served_folder(path: &str) -> Option<&'static str> {
    let key = path_key(path);
    let folder = OF_EXCHANGE.iter().find(|(folder, _)| key.contains(folder));
    folder.map(|(_, scope)| *scope)
}

/// The folders out of which one server serves code: those of every server, and those that its own sites point at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Served {
    /// What the sites point at, by the folder's key: a folder a drive.
    sites: BTreeMap<String, Vec<Site>>,
}

/// A folder that a site, or a virtual directory of one, points at.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Site {
    drive: Option<char>,
    folder: String,
    scope: String,
}

/// A served folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServedFolder<'s> {
    /// What it is called among what is covered: `wwwroot`, or the site's folder in lower case.
    pub scope: &'s str,
    /// The folder as the server's own configuration spells it; none for one that every server has.
    pub site: Option<&'s str>,
}

/// A server of whose sites nothing is known.
pub static OF_EVERY_SERVER: Served = Served { sites: BTreeMap::new() };

impl Served {
    /// Takes the folders that a server's sites point at; those that every server has are left out.
    pub fn of<'f>(folders: impl IntoIterator<Item = &'f str>) -> Self {
        let mut served = Self::default();
        for folder in folders {
            served.add(folder);
        }
        served
    }

    /// Adds a folder that a site points at.
    pub fn add(&mut self, folder: &str) {
        let folder = folder.trim_end_matches(['\\', '/']);
        let drive = path_drive(folder);
        if served_folder(&format!("{folder}\\")).is_some() || folder.is_empty() {
            return;
        }
        let same_key = self.sites.entry(path_key(folder)).or_default();
        if !same_key.iter().any(|site| site.drive == drive) {
            same_key.push(Site { drive, folder: folder.to_owned(), scope: folder.to_lowercase() });
        }
    }

    /// Returns the folders that the sites point at, beside those that every server has.
    pub fn sites(&self) -> impl Iterator<Item = ServedFolder<'_>> {
        self.sites.values().flatten().map(Site::shown)
    }

    /// Returns the served folder that a path on the server lies in; of one within another, the inner.
    pub fn folder_of(&self, path: &str) -> Option<ServedFolder<'_>> {
        let of_exchange = served_folder(path).map(|scope| ServedFolder { scope, site: None });
        of_exchange.or_else(|| self.site_of(path))
    }

    fn site_of(&self, path: &str) -> Option<ServedFolder<'_>> {
        if self.sites.is_empty() {
            return None;
        }
        let (key, drive) = (path_key(path), path_drive(path));
        // Where either names no drive, the folders alone decide: an image of one volume has no letter.
        let is_there = |site: &&Site| site.drive.is_none() || drive.is_none() || site.drive == drive;
        let above = key.rmatch_indices('/').filter_map(|(slash, _)| key.get(..slash.max(1)));
        let mut sites = above.filter_map(|folder| self.sites.get(folder)?.iter().find(is_there));
        sites.next().map(Site::shown)
    }
}

impl Site {
    fn shown(&self) -> ServedFolder<'_> {
        ServedFolder { scope: &self.scope, site: Some(&self.folder) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn served_folders_are_known_on_any_drive_and_in_any_case() {
        let cases = [
            (r"C:\inetpub\wwwroot\aspnet_client\a.aspx", Some("wwwroot")),
            (r"E:\EX\FrontEnd\HttpProxy\owa\auth\a.aspx", Some("frontend")),
            (r"e:\ex\clientaccess\ecp\a.aspx", Some("clientaccess")),
            (r"inetpub\wwwroot\web.config", Some("wwwroot")),
            (r"E:\EX\Logging\HttpProxy\Ecp\a.log", None),
            (r"C:\inetpub\logs\LogFiles\W3SVC1\a.log", None),
            (r"E:\EX\Logging\MAPI Client Access\a.log", None),
        ];
        for (path, expected) in cases {
            assert_eq!(served_folder(path), expected, "{path}");
        }
    }

    #[test]
    fn what_a_site_points_at_is_served_and_its_neighbours_are_not() {
        let served = Served::of([r"D:\WebMail\", r"C:\inetpub\wwwroot", r"D:\webmail\Skins", r"\portal"]);
        let cases = [
            (r"D:\webmail\x.aspx", Some(r"d:\webmail")),
            (r"d:\WEBMAIL\a\b\x.aspx", Some(r"d:\webmail")),
            (r"D:\WebMail\skins\x.aspx", Some(r"d:\webmail\skins")),
            (r"webmail\x.aspx", Some(r"d:\webmail")),
            (r"E:\Portal\x.aspx", Some(r"\portal")),
            (r"C:\inetpub\wwwroot\x.aspx", Some("wwwroot")),
            (r"E:\WebMail\x.aspx", None),
            (r"D:\WebMail2\x.aspx", None),
            (r"D:\old\WebMail\x.aspx", None),
        ];
        for (path, expected) in cases {
            assert_eq!(served.folder_of(path).map(|folder| folder.scope), expected, "{path}");
        }
        assert_eq!(served.sites().count(), 3, "the web root is no news");
        assert_eq!(OF_EVERY_SERVER.folder_of(r"D:\webmail\x.aspx"), None);
    }

    #[test]
    fn a_site_can_serve_a_whole_drive() {
        let served = Served::of([r"D:\"]);
        assert_eq!(served.folder_of(r"D:\a\x.aspx").unwrap().site, Some("D:"));
        assert_eq!(served.folder_of(r"C:\a\x.aspx"), None);
    }
}
