//! Where one server keeps what matters: read from its own settings, and not assumed.
//!
//! The registry names the install root of Exchange; the configuration of IIS, with its history, names the folders of
//! the sites and of their logs, and the modules; that of transport names the agents.

use crate::guide::Root;
use crate::input::{Evidence, Limits};
use crate::read::look_into;
use afterpatch_model::{Batch, below_shadow_copy, path_drive, path_key};
use arrow_array::StringArray;
use std::collections::BTreeSet;

/// The folders that a server's own settings name, each as it is spelled there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// The install root of Exchange: `E:\Exchange2016\`.
    pub exchange: Option<String>,
    /// The folder of Windows: `C:\Windows`.
    pub windows: Option<String>,
    /// The folders of the sites' access logs.
    pub iis_logs: BTreeSet<String>,
    /// The folders that sites and virtual directories point at.
    pub web_roots: BTreeSet<String>,
    /// Those of them that only the history of the configuration names: nothing points at them any more.
    pub former_web_roots: BTreeSet<String>,
    /// Libraries that transport and the web server load: agents, modules, filters.
    pub libraries: BTreeSet<String>,
}

/// A kind of file that says where folders lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Teller {
    /// It tells first, because the others write `%SystemDrive%` and the like.
    Registry,
    Configuration,
    History,
    Agents,
}

/// Where the files lie that tell; on a mounted volume these are looked for first.
pub(crate) static TELLERS: &[(Root, &str)] = &[
    (Root::Windows, r"System32\config\SOFTWARE"),
    (Root::Windows, r"System32\inetsrv\config\applicationHost.config"),
    (Root::SystemDrive, r"inetpub\history\*\applicationHost.config"),
    (Root::Exchange, r"TransportRoles\Shared\agents.config"),
];

/// Puts a place where it belongs.
type Take = fn(&mut Places, Teller, String);

/// Which setting names which kind of place.
static NAMED: &[(&str, Take)] = &[
    ("install_root", |places, _, value| {
        places.exchange.get_or_insert(value);
    }),
    ("windows_version", |places, _, value| {
        places.windows.get_or_insert(value);
    }),
    ("site_log", |places, _, value| {
        places.iis_logs.insert(value);
    }),
    ("virtual_directory", |places, teller, value| {
        let roots =
            if teller == Teller::History { &mut places.former_web_roots } else { &mut places.web_roots };
        roots.insert(value);
    }),
    ("global_module", add_library),
    ("isapi_filter", add_library),
    ("transport_agent", add_library),
];

fn add_library(places: &mut Places, _: Teller, value: String) {
    places.libraries.insert(value);
}

impl Teller {
    /// Tells from a file's path on the server what it can tell.
    fn of(path: &str) -> Option<Self> {
        let key = path_key(below_shadow_copy(path).unwrap_or(path));
        if key.ends_with("/config/software") {
            Some(Self::Registry)
        } else if key.ends_with("/applicationhost.config") {
            let is_past = key.contains("/inetpub/history/") || below_shadow_copy(path).is_some();
            Some(if is_past { Self::History } else { Self::Configuration })
        } else if key.ends_with("/transportroles/shared/agents.config") {
            Some(Self::Agents)
        } else {
            None
        }
    }
}

impl Places {
    /// Reads the places from those of the files, each with its path on the server, that tell of any.
    pub(crate) fn of<F>(
        files: impl IntoIterator<Item = (String, F)>,
        read: impl Fn(&F) -> std::io::Result<Box<dyn Evidence>>,
        limits: &Limits,
    ) -> Self {
        let tells = |(path, file): (String, F)| Some((Teller::of(&path)?, path, file));
        let mut tellers: Vec<_> = files.into_iter().filter_map(tells).collect();
        tellers.sort_by(|(a, a_path, _), (b, b_path, _)| (a, a_path).cmp(&(b, b_path)));
        let mut places = Self::default();
        for (teller, path, file) in tellers {
            if let Ok(mut input) = read(&file) {
                places.look(teller, &path, input.as_mut(), limits);
            }
        }
        let now = &places.web_roots;
        places.former_web_roots.retain(|folder| !now.contains(folder));
        places
    }

    /// Returns every folder that a site points at, or pointed at.
    pub fn served(&self) -> impl Iterator<Item = &str> {
        self.web_roots.iter().chain(&self.former_web_roots).map(String::as_str)
    }

    fn look(&mut self, teller: Teller, path: &str, input: &mut dyn Evidence, limits: &Limits) {
        look_into(path, input, limits, &mut |batch| {
            each_setting(batch, &mut |name, value, rest| {
                let named = NAMED.iter().find(|(named, _)| *named == name);
                let folder = named.and_then(|_| self.folder(path, name, value, rest));
                if let (Some((_, take)), Some(folder)) = (named, folder) {
                    take(self, teller, folder);
                }
            });
        });
    }

    /// Returns the place that a setting names, written in full; nothing where its value is none.
    fn folder(&self, teller: &str, name: &str, value: &str, rest: &str) -> Option<String> {
        let drive = path_drive(teller).or_else(|| path_drive(self.windows.as_deref()?));
        let value = if name == "windows_version" { system_root(rest)? } else { value.to_owned() };
        self.expand(&value, drive).filter(|value| is_place(value))
    }

    /// Puts the folders that they stand for in the place of variables; nothing where one is not known.
    fn expand(&self, text: &str, drive: Option<char>) -> Option<String> {
        let (mut whole, mut rest) = (String::new(), text);
        while let Some((before, name, after)) = variable(rest) {
            whole.push_str(before);
            whole.push_str(&self.stands_for(name, drive)?);
            rest = after;
        }
        whole.push_str(rest);
        Some(whole)
    }

    fn stands_for(&self, variable: &str, drive: Option<char>) -> Option<String> {
        let drive = drive.map(|letter| format!("{letter}:")).unwrap_or_default();
        match variable.to_ascii_lowercase().as_str() {
            "systemdrive" => Some(drive),
            "systemroot" | "windir" => Some(format!("{drive}\\Windows")),
            "programfiles" => Some(format!("{drive}\\Program Files")),
            "programdata" | "allusersprofile" => Some(format!("{drive}\\ProgramData")),
            "exchangeinstallpath" => self.exchange.clone(),
            _ => None,
        }
    }
}

/// Splits a text around its first `%VARIABLE%`.
fn variable(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('%')?;
    let (name, after) = rest.split_once('%')?;
    Some((before, name, after))
}

/// Tells whether a setting's value is a place on a volume, and not a name, a share or a format.
fn is_place(value: &str) -> bool {
    let is_absolute = path_drive(value).is_some() || value.starts_with('\\');
    is_absolute && !value.starts_with(r"\\") && !value.starts_with("//")
}

/// Returns the folder of Windows, out of what is kept of its version.
fn system_root(rest: &str) -> Option<String> {
    let rest: serde_json::Value = serde_json::from_str(rest).ok()?;
    Some(rest.get("SystemRoot")?.as_str()?.to_owned())
}

/// Gives the name, the value and the rest of each setting that a batch holds.
fn each_setting(batch: &Batch, each: &mut dyn FnMut(&str, &str, &str)) {
    let column = |name| batch.rows.column_by_name(name)?.as_any().downcast_ref::<StringArray>();
    if let (Some(names), Some(values), Some(rests)) = (column("name"), column("value"), column("rest")) {
        for ((name, value), rest) in names.iter().zip(values).zip(rests) {
            each(name.unwrap_or_default(), value.unwrap_or_default(), rest.unwrap_or_default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    const CONFIG: &str = r#"<configuration><system.applicationHost><sites>
      <site name="A"><application path="/"><virtualDirectory path="/" physicalPath="%SystemDrive%\inetpub\wwwroot" />
        <virtualDirectory path="/m" physicalPath="D:\WebMail" /><virtualDirectory path="/s" physicalPath="\\nas\www" />
        <virtualDirectory path="/u" physicalPath="%Unknown%\x" /></application>
        <logFile directory="D:\Logs" /></site>
      <siteDefaults><logFile logFormat="W3C" /></siteDefaults></sites></system.applicationHost>
      <system.webServer><globalModules><add name="M" image="%windir%\System32\inetsrv\m.dll" /></globalModules></system.webServer>
    </configuration>"#;

    fn places(files: &[(&str, String)]) -> Places {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.clone()));
        let read = |text: &String| -> std::io::Result<Box<dyn Evidence>> {
            Ok(Box::new(Cursor::new(text.clone().into_bytes())))
        };
        Places::of(files, read, &Limits::default())
    }

    fn set(folders: &[&str]) -> BTreeSet<String> {
        folders.iter().map(|folder| (*folder).to_owned()).collect()
    }

    #[test]
    fn folders_are_those_that_the_configuration_names() {
        let past = CONFIG.replace(r"D:\WebMail", r"C:\ProgramData\www");
        let places = places(&[
            (r"C:\inetpub\history\CFGHISTORY_0000000001\applicationHost.config", past),
            (r"C:\Windows\System32\inetsrv\config\applicationHost.config", CONFIG.to_owned()),
            (r"C:\Users\a\applicationHost.config.txt", CONFIG.replace("D:", "F:")),
        ]);
        assert_eq!(places.web_roots, set(&[r"C:\inetpub\wwwroot", r"D:\WebMail"]));
        assert_eq!(places.former_web_roots, set(&[r"C:\ProgramData\www"]));
        assert_eq!(places.iis_logs, set(&[r"D:\Logs"]), "a format is no folder");
        assert_eq!(places.libraries, set(&[r"C:\Windows\System32\inetsrv\m.dll"]));
    }

    #[test]
    fn no_drive_is_invented_for_a_variable() {
        let places =
            places(&[(r"Windows\System32\inetsrv\config\applicationHost.config", CONFIG.to_owned())]);
        assert_eq!(places.web_roots, set(&[r"D:\WebMail", r"\inetpub\wwwroot"]));
    }

    #[test]
    fn variables_end_whatever_they_hold() {
        let places = Places { exchange: Some(r"E:\%x%".to_owned()), ..Places::default() };
        let expand = |text: &str| places.expand(text, Some('C'));
        assert_eq!(expand(r"%ExchangeInstallPath%\a").as_deref(), Some(r"E:\%x%\a"));
        assert_eq!(expand(&"%systemdrive%".repeat(100_000)).unwrap().len(), 200_000);
        assert_eq!(expand("100%").as_deref(), Some("100%"));
        assert_eq!(expand("%%"), None);
    }
}
