//! Finds seeds, so that no target begins with nothing.
//!
//! ```text
//! seeds                   prints the names of all targets
//! seeds cut TO FOLDER…    puts the head of each file of evidence where the seeds of its target lie
//! seeds pick FROM TO      keeps a few of what the tests read, small ones and large ones
//! ```

use afterpatch_fuzz::{OWN, PAGES};
use afterpatch_ingest::choose_parser;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, DirEntry, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// The longest seed that is cut: mutations of short ones are worth more.
const SEED_BYTES: u64 = 16 << 10;
/// A header of 4 KiB and one chunk: an event log is read by whole chunks.
const EVENT_LOG_BYTES: u64 = 69_632;
/// Seeds of one target that are enough.
const ENOUGH: usize = 60;
/// Seeds of one target that the target `any` gets too.
const FOR_ANY: usize = 3;
/// What is picked of one target: the repository carries it.
const PICKED: usize = 20;
const PICKED_BYTES: usize = 160 << 10;

fn main() -> io::Result<()> {
    let args: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    match args.iter().map(PathBuf::as_path).collect::<Vec<_>>().as_slice() {
        [] => {
            println!("{}", afterpatch_fuzz::names().join("\n"));
            Ok(())
        }
        [what, to, folders @ ..] if *what == Path::new("cut") => {
            folders.iter().try_for_each(|folder| cut_all(to, folder))
        }
        [what, from, to] if *what == Path::new("pick") => pick_all(from, to),
        _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "seeds [cut TO FOLDER… | pick FROM TO]")),
    }
}

fn cut_all(to: &Path, folder: &Path) -> io::Result<()> {
    let files = WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok);
    files.filter(|file| file.file_type().is_file()).try_for_each(|file| cut(to, file.path()))
}

fn cut(to: &Path, file: &Path) -> io::Result<()> {
    let mut bytes = Vec::new();
    let most = if has_end(file, "evtx") { EVENT_LOG_BYTES } else { SEED_BYTES };
    File::open(file)?.take(most).read_to_end(&mut bytes)?;
    let Some(target) = target_of(file, &bytes) else { return Ok(()) };
    let n_seeds = keep(&to.join(target), ENOUGH, &bytes)?;
    if n_seeds < FOR_ANY {
        keep(&to.join("any"), usize::MAX, &bytes)?;
    }
    Ok(())
}

/// Returns the target whose seed a file of evidence is: by its name where a collector or a web server goes by that.
fn target_of(file: &Path, bytes: &[u8]) -> Option<&'static str> {
    let path = file.to_string_lossy().replace('/', "\\");
    let head = bytes.get(..4096).unwrap_or(bytes);
    let of_content = || match (choose_parser(&path, head), head) {
        (_, [b'P', b'K', 3, 4, ..]) => Some("container"),
        (parser, _) => parser.map(|parser| parser.name()),
    };
    let of_page = || PAGES.iter().find(|(_, extension)| has_end(file, extension)).map(|(target, _)| *target);
    of_collector(file).or_else(of_content).or_else(of_page)
}

/// Returns the target of a file that a collector writes about its work.
fn of_collector(file: &Path) -> Option<&'static str> {
    let name = file.file_name()?.to_str()?;
    OWN.iter().find(|own| name.ends_with(own.end)).map(|own| own.target)
}

fn has_end(file: &Path, extension: &str) -> bool {
    file.extension().is_some_and(|end| end.eq_ignore_ascii_case(extension))
}

/// Puts a seed into a folder that does not hold `enough`, and returns how many it held.
fn keep(folder: &Path, enough: usize, bytes: &[u8]) -> io::Result<usize> {
    fs::create_dir_all(folder)?;
    let n_seeds = fs::read_dir(folder)?.count();
    if n_seeds < enough {
        fs::write(folder.join(named(bytes)), bytes)?;
    }
    Ok(n_seeds)
}

fn named(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Replaces what was picked before; seeds with other names were written by hand, or found.
///
/// What tests read lies below `from`, by target, or by the names of collectors' files below `trees`.
fn pick_all(from: &Path, to: &Path) -> io::Result<()> {
    let mut read: BTreeMap<&str, BTreeMap<(usize, String), Vec<u8>>> = BTreeMap::new();
    for file in
        WalkDir::new(from).into_iter().filter_map(Result::ok).filter(|file| file.file_type().is_file())
    {
        let bytes = fs::read(file.path())?;
        let place = file.path().strip_prefix(from).unwrap_or(from).iter().next();
        let by_place =
            || afterpatch_fuzz::names().into_iter().find(|target| place == Some(OsStr::new(target)));
        if let Some(target) = by_place().or_else(|| of_collector(file.path())) {
            read.entry(target).or_default().insert((bytes.len(), named(&bytes)), bytes);
        }
    }
    for (target, seeds) in read {
        let to = to.join(target);
        fs::create_dir_all(&to)?;
        for old in fs::read_dir(&to)?.collect::<io::Result<Vec<_>>>()?.iter().filter(|file| is_picked(file)) {
            fs::remove_file(old.path())?;
        }
        for (name, bytes) in pick(seeds) {
            fs::write(to.join(name), bytes)?;
        }
    }
    Ok(())
}

fn is_picked(file: &DirEntry) -> bool {
    let name = file.file_name();
    name.len() == 16 && name.to_string_lossy().bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Returns seeds from the smallest to the largest in even steps, as many as are few enough and small enough together.
fn pick(seeds: BTreeMap<(usize, String), Vec<u8>>) -> impl Iterator<Item = (String, Vec<u8>)> {
    let step = seeds.len().div_ceil(PICKED).max(1);
    let mut left = PICKED_BYTES;
    let in_steps = seeds.into_iter().map(|((_, name), bytes)| (name, bytes)).step_by(step);
    in_steps.filter(move |(_, bytes)| left.checked_sub(bytes.len()).inspect(|rest| left = *rest).is_some())
}
