//! What is fuzzed: every parser by its name, what opens containers and reads collectors' own files, and the judge of pages.
//!
//! A parser that is added to `PARSERS` is a target from then on; nobody has to remember it.

use afterpatch_ingest::{
    Aid, Beside, Evidence, Known, Limits, Location, PARSERS, Parser, Passwords, Root, collections, guides,
    read_artifact,
};
use afterpatch_model::{Artifact, CollectionId, HostName, Rows, RowsContext};
use afterpatch_pages::page::Named;
use afterpatch_pages::together::{Neighbour, Neighbours};
use afterpatch_pages::verdict::Judgement;
use afterpatch_pages::{judge, judge_among, kind::Kind as Page};
use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

/// Something that takes hostile bytes.
pub struct Target {
    /// Its name on the command line and of its folder of seeds.
    pub name: &'static str,
    kind: Kind,
}

enum Kind {
    /// One parser, whatever the content looks like.
    Parser(&'static dyn Parser, String),
    /// The choice of a parser by the content, and then that parser.
    Any,
    /// A file that is opened as a collection.
    Container(PathBuf),
    /// A collection in a folder, of which the bytes are one file that its collector wrote.
    Beside(PathBuf, PathBuf),
    /// A page that a web server would run.
    Page(Page),
    /// A transaction log beside a hive that was in use.
    HiveLog(String),
    /// A page with files around it: which of [`PAGES`] it is (a digit), its bytes, and those of the files, parted by
    /// [`BETWEEN`].
    Together,
}

/// What stands between a page and the files around it.
const BETWEEN: u8 = 0x1E;

/// The pages that are judged, by the extension that says what a server takes them for.
pub static PAGES: &[(&str, &str)] = &[
    ("page-asp", "asp"),
    ("page-aspx", "aspx"),
    ("page-ashx", "ashx"),
    ("page-razor", "cshtml"),
    ("page-jsp", "jsp"),
    ("page-php", "php"),
    ("page-vb", "vb"),
    ("page-assembly", "dll"),
];

/// A file that a collector writes about its work, fuzzed among what it collected.
pub struct Own {
    /// The name of the target.
    pub target: &'static str,
    /// Where the file lies in the collection.
    pub path: &'static str,
    /// What its name ends with, whatever the server and the time.
    pub end: &'static str,
    /// The other files of the collection.
    around: &'static [&'static str],
}

const OF_SERVER: &str = "uploads/auto/C%3A/inetpub/a.log";

/// Every file of a collector that is read.
pub static OWN: &[Own] = &[
    own("velociraptor-uploads", "uploads.json", "uploads.json", &[OF_SERVER]),
    own("velociraptor-map", "uploads/auto/C%3A/inetpub/a.log.idx", ".idx", &[OF_SERVER, "uploads.json"]),
    own("velociraptor-log", "log.json", "log.json", &[OF_SERVER, "uploads.json"]),
    own("velociraptor-host", "client_info.json", "client_info.json", &[OF_SERVER]),
    own("velociraptor-times", "results/Uploads.json", "Uploads.json", &[OF_SERVER, "uploads.json"]),
    own("velociraptor-missing", "results/Missing.json", "Missing.json", &[OF_SERVER, "uploads.json"]),
    own("kape-copylog", "2021-03-05T100000_CopyLog.csv", "_CopyLog.csv", &["C/inetpub/a.log"]),
    own("kape-skiplog", "2021-03-05T100000_SkipLog.csv.csv", "_SkipLog.csv.csv", &["C/inetpub/a.log"]),
    own("acquire-report", "MX1.report.json", ".report.json", &["fs/C:/inetpub/a.log"]),
    own("cylr-log", "CyLR.log", "CyLR.log", &["C/inetpub/a.log"]),
];

const fn own(
    target: &'static str,
    path: &'static str,
    end: &'static str,
    around: &'static [&'static str],
) -> Own {
    Own { target, path, end, around }
}

/// Returns the name of every target, in order.
pub fn names() -> Vec<&'static str> {
    let parsers = PARSERS.iter().map(|parser| parser.name());
    let own = OWN.iter().map(|own| own.target);
    let pages = PAGES.iter().map(|(name, _)| *name);
    parsers
        .chain(["any", "container"])
        .chain(own)
        .chain(pages)
        .chain(["pages-together", "hive-log"])
        .collect()
}

impl Target {
    /// Makes the target of that name; containers and layouts lie in `folder`.
    pub fn find(wanted: &str, folder: &Path) -> Option<Self> {
        let name = *names().iter().find(|name| **name == wanted)?;
        let parser = PARSERS.iter().find(|parser| parser.name() == wanted);
        let kind = match (parser, wanted) {
            (Some(parser), _) => Kind::Parser(*parser, example_path(wanted)),
            (None, "any") => Kind::Any,
            (None, "pages-together") => Kind::Together,
            (None, "hive-log") => Kind::HiveLog(example_path("registry")),
            (None, "container") => Kind::Container(folder.join("container")),
            (None, _) => page(wanted).or_else(|| beside(wanted, folder))?,
        };
        Some(Self { name, kind })
    }

    /// Reads `bytes` and panics where a promise does not hold.
    pub fn run(&self, bytes: &[u8]) {
        match &self.kind {
            Kind::Parser(parser, path) => parse(*parser, path, bytes),
            Kind::Any => any(bytes),
            Kind::Container(path) => {
                fs::write(path, bytes).expect("the folder is ours");
                read_all(path);
            }
            Kind::Beside(folder, path) => {
                fs::write(path, bytes).expect("the folder is ours");
                read_all(folder);
            }
            Kind::Page(page) => check(&judge(bytes, *page)),
            Kind::Together => together(bytes),
            Kind::HiveLog(path) => replay(path, bytes),
        }
    }
}

/// Reads a small hive with `log` beside it.
fn replay(path: &str, log: &[u8]) {
    static IN_USE: &[u8] = include_bytes!("../seeds/registry/in-use");
    let has = |_: &str, _: &str| true;
    let open = |_: &str, _: &str| Some(Box::new(Cursor::new(log.to_vec())) as Box<dyn Evidence>);
    let aid = Aid { beside: Some(Beside::new(&has, &open)), ..Aid::default() };
    let read = read_artifact(
        &artifact(path, IN_USE),
        &mut Cursor::new(IN_USE),
        Known { aid, ..Known::default() },
        &limits(),
        &mut |_| {},
    );
    assert_eq!(read.parser, Some("registry"));
    assert_eq!(read.tally.records, read.tally.facts + read.tally.lost);
}

/// Probabilities are probabilities.
fn check(judgement: &Judgement) {
    assert!((0.0..=1.0).contains(&judgement.shell) && (0.0..=1.0).contains(&judgement.dual_use));
}

/// Judges a page among its files.
fn together(bytes: &[u8]) {
    let Some((which, rest)) = bytes.split_first() else { return };
    let (_, extension) = PAGES[usize::from(*which) % PAGES.len()];
    let mut parts = rest.split(|byte| *byte == BETWEEN);
    let (Some(kind), Some(page)) = (Page::of_extension(extension), parts.next()) else { return };
    let around = Around(parts.collect());
    let judgement = judge_among(page, kind, &around);
    check(&judgement);
    let mut steps = judgement.signals.iter().flat_map(|signal| &signal.path);
    assert!(
        !around.0.is_empty() || steps.all(|step| step.file.is_none()),
        "a step in a file that is not there"
    );
}

/// Files around a page: every name is that of one of them.
struct Around<'b>(Vec<&'b [u8]>);

impl Neighbours for Around<'_> {
    fn find(&self, _: Option<&str>, named: Named<'_>) -> Option<Neighbour> {
        let sum =
            named.path.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        let at = sum.checked_rem(self.0.len())?;
        Some(Neighbour { path: at.to_string(), size_bytes: self.0[at].len() as u64 })
    }

    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.0.get(path.parse::<usize>().ok()?).map(|bytes| bytes.to_vec())
    }
}

fn page(wanted: &str) -> Option<Kind> {
    let (_, extension) = PAGES.iter().find(|(name, _)| *name == wanted)?;
    Page::of_extension(extension).map(Kind::Page)
}

fn beside(wanted: &str, folder: &Path) -> Option<Kind> {
    let own = OWN.iter().find(|own| own.target == wanted)?;
    let folder = folder.join(wanted);
    for file in own.around.iter().chain([&own.path]) {
        let file = folder.join(file);
        fs::create_dir_all(file.parent()?).ok()?;
        fs::write(file, "x").ok()?;
    }
    let own = folder.join(own.path);
    Some(Kind::Beside(folder, own))
}

/// Returns a path that the parser's guide names, without its wildcards.
fn example_path(name: &str) -> String {
    let location = guides().find(|(own, _)| *own == name).and_then(|(_, guide)| guide.locations.first());
    location.map_or_else(String::new, path_at)
}

fn path_at(location: &Location) -> String {
    let root = match location.root {
        Root::Exchange => r"C:\Program Files\Microsoft\Exchange Server\V15",
        Root::IisLogs => r"C:\inetpub\logs\LogFiles\W3SVC1",
        Root::WebRoots => r"C:\inetpub\wwwroot",
        Root::Windows => r"C:\Windows",
        Root::ProgramData => r"C:\ProgramData",
        Root::SystemDrive | Root::Volumes => "C:",
    };
    format!(r"{root}\{}", location.mask.replace(r"**\", "").replace('*', "a"))
}

/// Small bounds, so that what goes beyond them is met soon.
fn limits() -> Limits {
    Limits { memory_bytes: 1 << 20, artifact_bytes: 16 << 20, line_bytes: 1 << 14, ..Limits::default() }
}

fn artifact(path: &str, bytes: &[u8]) -> Artifact {
    Artifact {
        id: Artifact::derive_id(None, path, "00"),
        collection: CollectionId::new("c"),
        path: path.to_owned(),
        container_path: path.into(),
        size_bytes: bytes.len() as u64,
        modified: None,
        created: None,
        sha256: "00".to_owned(),
        server: HostName::parse("MX1"),
    }
}

fn parse(parser: &dyn Parser, path: &str, bytes: &[u8]) {
    let artifact = artifact(path, bytes);
    let _ = parser.fits(path, bytes.get(..4096).unwrap_or(bytes));
    let context = RowsContext { artifact: &artifact, source: parser.name(), organisation: None, zone: None };
    let mut n_rows = 0;
    let mut sink = |batch: afterpatch_model::Batch| n_rows += batch.rows.num_rows() as u64;
    let mut rows = Rows::new(context, &mut sink);
    parser.parse(&artifact, &mut Cursor::new(bytes.to_vec()), &limits(), &mut rows);
    let (tally, _) = rows.finish();
    assert_eq!(tally.records, tally.facts + tally.lost, "every record is a fact or lost");
    assert_eq!(n_rows, tally.facts + tally.derived, "every fact is a row");
}

fn any(bytes: &[u8]) {
    let artifact = artifact(r"C:\a\b", bytes);
    let mut sink = |_| {};
    let mut input = Cursor::new(bytes.to_vec());
    let read = read_artifact(&artifact, &mut input, Known::default(), &limits(), &mut sink);
    assert_eq!(read.tally.records, read.tally.facts + read.tally.lost);
}

/// Opens a collection and reads every file in it.
fn read_all(path: &Path) {
    let limits = limits();
    for open in collections::open(path, &limits, &Passwords::default()).unwrap_or_default() {
        for entry in open.entries() {
            if let Ok(mut file) = open.read(entry, &limits) {
                let mut sink = [0; 1 << 14];
                while matches!(file.read(&mut sink), Ok(1..)) {}
            }
        }
    }
}
