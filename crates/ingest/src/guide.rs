//! What a person who collects or reads an artifact needs to know of it.
//!
//! Each parser has a [`Guide`]. The page of each artifact in `docs/` and the collectors' definitions are made from
//! the guides, so that what is collected and what is read cannot drift apart.

use crate::parsers::PARSERS;
use crate::served::SERVED_FILES;
use afterpatch_model::Question;

/// What one kind of artifact is, where it lies and what it is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guide {
    /// What it is, in one line.
    pub what: &'static str,
    /// Where it lies on a server; none for what a collector or an administrator made, and put where they liked.
    pub locations: &'static [Location],
    /// The questions that it serves, each with what it shows.
    pub serves: &'static [(Question, &'static str)],
    /// What real files do that one would not expect.
    pub quirks: &'static [&'static str],
}

/// Files below a folder that every server has somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Location {
    /// The folder.
    pub root: Root,
    /// The files below it, with `\`; `*` is any text within one component, `**` any folders.
    pub mask: &'static str,
}

/// A folder that every Exchange server has, at a place that is to be found and not assumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Root {
    /// The install root of Exchange: registry value `MsiInstallPath` below `ExchangeServer\v15\Setup`.
    Exchange,
    /// The folders of the sites' access logs: `directory` of each `logFile` in `applicationHost.config`.
    IisLogs,
    /// The folders that sites and virtual directories serve: `physicalPath` in `applicationHost.config`.
    WebRoots,
    /// `%SystemRoot%`, mostly `C:\Windows`.
    Windows,
    /// `%ProgramData%`, mostly `C:\ProgramData`.
    ProgramData,
    /// `%SystemDrive%\`, mostly `C:\`.
    SystemDrive,
    /// The root of every fixed NTFS volume.
    Volumes,
}

impl Root {
    /// Returns how the folder is written in front of a mask, and how it is found on a server.
    pub fn shown(self) -> (&'static str, &'static str) {
        match self {
            Self::Exchange => (
                "%ExchangeInstallPath%",
                "the install root of Exchange: `MsiInstallPath` below `HKLM\\SOFTWARE\\Microsoft\\ExchangeServer\\v15\\Setup`",
            ),
            Self::IisLogs => (
                "<logs of IIS>",
                "`directory` of each `logFile` in applicationHost.config, mostly `C:\\inetpub\\logs\\LogFiles`",
            ),
            Self::WebRoots => {
                ("<served folders>", "`physicalPath` of each virtual directory in applicationHost.config")
            }
            Self::Windows => ("%SystemRoot%", "mostly `C:\\Windows`"),
            Self::ProgramData => ("%ProgramData%", "mostly `C:\\ProgramData`"),
            Self::SystemDrive => ("%SystemDrive%", "mostly `C:`"),
            Self::Volumes => ("<each volume>", "the root of every fixed NTFS volume"),
        }
    }
}

impl Location {
    /// Names files below a root.
    pub const fn new(root: Root, mask: &'static str) -> Self {
        Self { root, mask }
    }
}

/// The guide to the files that lie where the web server serves them.
static SERVED: Guide = Guide {
    what: "Files in folders that the web server serves, and pages that it compiled",
    locations: &[
        Location::new(Root::WebRoots, r"**\*"),
        Location::new(Root::SystemDrive, r"inetpub\wwwroot\**\*"),
        Location::new(Root::Exchange, r"FrontEnd\HttpProxy\**\*"),
        Location::new(Root::Exchange, r"ClientAccess\**\*"),
        Location::new(Root::Windows, r"Microsoft.NET\Framework*\v*\Temporary ASP.NET Files\**\*"),
    ],
    serves: &[
        (Question::BrokenInto, "a page that no build of Exchange ships was written"),
        (Question::StillInside, "a web shell that is still there; a compiled page outlives its source"),
    ],
    quirks: &[
        "Every file is hashed and listed, whatever its content; YARA rules look at the bytes.",
        "Of a page, the classes and assemblies are kept that directives in its first 4 KiB name (`code_behind`).",
        "Compiled pages die with a cumulative update or when the cache is cleared.",
    ],
};

/// What lies on servers, would say something, and is not read: (what, where, what it would show and what shows it now).
pub static NOT_READ: &[(&str, &str, &str)] = &[
    (
        "SRUM",
        r"`%SystemRoot%\System32\sru\SRUDB.dat`",
        "bytes that each program sent, by the hour: an ESE database; firewalls and flows show it from outside",
    ),
    (
        "SUM",
        r"`%SystemRoot%\System32\LogFiles\Sum\*.mdb`",
        "who used which role of the server from which address, by the day, for three years: an ESE database; IIS, HttpProxy and event 4624 show it for as long as they are kept",
    ),
    (
        "AmCache",
        r"`%SystemRoot%\AppCompat\Programs\Amcache.hve`",
        "programs that were there, with their SHA-1: the file table names them too, and events 4688 and Sysmon 1 say that they ran",
    ),
    (
        "`$LogFile`",
        "the root of each NTFS volume",
        "the last minutes of changes to the file table, which the change journal shows for days",
    ),
    (
        "WMI repository",
        r"`%SystemRoot%\System32\wbem\Repository\OBJECTS.DATA`",
        "consumers that start commands: a store of its own form; event 5861, Sysmon 19 to 21 and command lines show their making",
    ),
    (
        "Prefetch, BITS, Recycle Bin",
        r"`%SystemRoot%\Prefetch`, `%ProgramData%\Microsoft\Network\Downloader`, `\$Recycle.Bin`",
        "programs that ran (off on servers), downloads, files that somebody deleted by hand",
    ),
];

/// Returns the name and the guide of every kind of artifact that is read, in the order of the parsers.
pub fn guides() -> impl Iterator<Item = (&'static str, &'static Guide)> {
    let parsers = PARSERS.iter().map(|parser| (parser.name(), parser.guide()));
    parsers.chain([(SERVED_FILES, &SERVED)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_guide_says_what_where_and_why() {
        for (name, guide) in guides() {
            assert!(guide.what.len() > 20, "{name}: what");
            let made = [
                "velociraptor-result",
                "health-checker",
                "directory-export",
                "exported-events",
                "sweep",
                "zeek-http",
            ];
            assert!(made.contains(&name) || !guide.locations.is_empty(), "{name}: where");
            assert!(!guide.serves.is_empty(), "{name}: why");
            assert!(guide.serves.iter().all(|(_, what)| !what.is_empty()));
            for location in guide.locations {
                let mask = location.mask;
                // A colon stands before a stream of one of the volume's own files, and nowhere else.
                let (file, stream) = mask.split_once(':').unwrap_or((mask, "$"));
                assert!(!mask.starts_with('\\') && !mask.contains('/'), "{name}: {mask}");
                assert!(stream.starts_with('$') && !stream.contains(['\\', ':']), "{name}: {mask}");
                assert!(
                    stream == "$" || location.root == Root::Volumes && file.contains('$'),
                    "{name}: {mask}"
                );
            }
        }
    }
}
