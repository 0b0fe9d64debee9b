//! Evidence made by code: a small server, as a collector would leave it in a folder.

use afterpatch_model::HostName;
use afterpatch_store::{Case, CaseSettings, IngestOptions, IngestSummary, NoProgress};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A folder for evidence and another for cases.
pub(crate) struct Bench {
    pub(crate) root: TempDir,
}

const IIS_HEAD: &str = "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n";
const IIS_FIELDS: &str = "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip \
                          cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\r\n";

impl Bench {
    /// Three days of requests, one line of which is cut, a served file and a file that nobody understands.
    pub(crate) fn new() -> Self {
        let bench = Self { root: TempDir::new().unwrap() };
        for day in 1..=3 {
            let name = format!("C/inetpub/logs/LogFiles/W3SVC1/u_ex21030{day}.log");
            bench.write(&name, &iis_day(day, 40));
        }
        bench.write("C/inetpub/wwwroot/aspnet_client/note.aspx", "<%-- inert --%>\r\n");
        bench.write("notes.bin", "\u{0}\u{1}nothing\u{2}");
        bench
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.evidence().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn evidence(&self) -> PathBuf {
        self.root.path().join("evidence")
    }

    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub(crate) fn case(&self, name: &str) -> Case {
        let settings = CaseSettings { organisation: Some("Example".into()) };
        Case::create(&self.folder(name), &settings).unwrap()
    }

    pub(crate) fn add(&self, case: &mut Case, threads: usize) -> IngestSummary {
        case.add(&[self.evidence()], &options(threads), &NoProgress).unwrap()
    }

    /// A case into which the evidence was read.
    pub(crate) fn filled(&self, name: &str) -> Case {
        let mut case = self.case(name);
        self.add(&mut case, 2);
        case
    }
}

pub(crate) fn options(threads: usize) -> IngestOptions {
    IngestOptions { threads, server: HostName::parse("mx1.example.org"), ..IngestOptions::default() }
}

/// One day of requests; the last line but one is cut.
pub(crate) fn iis_day(day: u32, requests: u32) -> String {
    let mut text = format!("{IIS_HEAD}#Date: 2021-03-0{day} 00:00:00\r\n{IIS_FIELDS}");
    for n in 0..requests {
        if n + 1 == requests {
            text.push_str("2021-03-01 23:00:00 10.0.0.5 GET\r\n");
        }
        let (hour, minute) = (n % 24, n % 60);
        let _ = write!(
            text,
            "2021-03-0{day} {hour:02}:{minute:02}:00 10.0.0.5 GET /owa/auth/x{n}.js &CorrelationID=<empty>; 443 - \
             203.0.113.{n} Mozilla/5.0 - 200 0 0 15\r\n"
        );
    }
    text
}

/// Every file of a folder with its bytes.
pub(crate) fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    files
}
