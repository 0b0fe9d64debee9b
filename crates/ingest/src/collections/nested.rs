//! Containers within a container, opened in place: `server.zip!/C/…`, and `u_ex.log` of `u_ex.log.gz`.
//!
//! A packed file stays an artifact of its own, with a hash; what it holds stands beside it.

use super::budget::Budget;
use super::folder::Folder;
use super::names::settle;
use super::packed::{Format, Packing, may_be_packed, unpacked_name};
use super::shared_file::SharedFile;
use super::spool::{Spool, Stored};
use super::tar::Tar;
use super::unpack::{self, Growth};
use super::zip::Zip;
use super::{Container, ContainerFile, Mounted, OpenError, Shared, problem};
use crate::input::{Evidence, too_large};
use crate::limits::Limits;
use afterpatch_model::{Problem, ProblemCode, file_name};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A container with all that is packed in it.
pub(super) struct Nested {
    outer: Box<dyn Container>,
    inner: Vec<Box<dyn Container>>,
    files: Vec<ContainerFile>,
    sources: Vec<Source>,
    problems: Vec<Problem>,
}

/// Where a file's bytes are: in the outer container, or in one of those within it.
#[derive(Debug, Clone, Copy)]
enum Source {
    Outer(usize),
    Inner(usize, usize),
}

/// Opens what is packed in `outer`; a container without any is returned as it is.
pub(super) fn open(outer: Box<dyn Container>, budget: &mut Budget<'_>) -> Box<dyn Container> {
    open_within(outer, 1, budget)
}

fn open_within(outer: Box<dyn Container>, depth: usize, budget: &mut Budget<'_>) -> Box<dyn Container> {
    if !outer.files().iter().any(|file| may_be_packed(&file.path)) {
        return outer;
    }
    let mut problems = outer.problems().to_vec();
    let mut inner = Vec::new();
    let mut found: Vec<(ContainerFile, Source)> = Vec::new();
    for (place, file) in outer.files().iter().enumerate() {
        found.push((file.clone(), Source::Outer(place)));
        if !may_be_packed(&file.path) {
            continue;
        }
        match open_one(outer.as_ref(), place, file, depth, budget) {
            Ok(Some(opened)) => {
                let which = inner.len();
                found.extend(opened.list(file, which));
                problems.extend(opened.told(file));
                inner.push(opened.container);
            }
            Ok(None) => {}
            Err(reason) => problems.push(problem(reason.code, &file.path, reason.detail)),
        }
    }
    let (files, sources) = settle(found, &mut problems);
    Box::new(Nested { outer, inner, files, sources, problems })
}

/// A container that was found in another, and how its files are named there.
struct Opened {
    container: Box<dyn Container>,
    /// Whether it is one packed file, which takes the place of the packed one.
    is_single: bool,
}

impl Opened {
    fn list(&self, outer: &ContainerFile, which: usize) -> Vec<(ContainerFile, Source)> {
        let name = |file: &ContainerFile| self.name(outer, file);
        let files = self.container.files().iter().enumerate();
        files
            .map(|(place, file)| {
                (ContainerFile { path: name(file).into(), ..file.clone() }, Source::Inner(which, place))
            })
            .collect()
    }

    fn name(&self, outer: &ContainerFile, file: &ContainerFile) -> String {
        if !self.is_single {
            return format!("{}!/{}", outer.path, file.path);
        }
        // The one file; and where that is a container in its turn, what lies in it.
        let whole = unpacked_name(&outer.path);
        let within = file.path.strip_prefix(file_name(&whole)).unwrap_or_default();
        format!("{whole}{within}")
    }

    fn told(&self, outer: &ContainerFile) -> Vec<Problem> {
        let place = |place: &str| {
            if place.is_empty() { outer.path.to_string() } else { format!("{}!/{place}", outer.path) }
        };
        let problems = self.container.problems().iter();
        problems.map(|own| Problem { place: place(&own.place), ..own.clone() }).collect()
    }
}

/// Why something packed was not opened.
struct Reason {
    code: ProblemCode,
    detail: String,
}

impl From<io::Error> for Reason {
    fn from(error: io::Error) -> Self {
        Self { code: crate::input::problem_code(&error), detail: error.to_string() }
    }
}

/// Opens one file of a container as a container; none where its first bytes say that it is none.
fn open_one(
    outer: &dyn Container,
    place: usize,
    file: &ContainerFile,
    depth: usize,
    budget: &mut Budget<'_>,
) -> Result<Option<Opened>, Reason> {
    let (bytes, broken) = outer.share(place, budget.limits, &budget.spool)?;
    let format = match Format::of_stream(bytes.clone())? {
        None => return Ok(None),
        // Said of it as a file that no parser fits; the remedy is what is new.
        Some(Format::Unread(remedy)) => {
            return Err(Reason { code: ProblemCode::PackedOtherwise, detail: remedy.to_owned() });
        }
        Some(format) => format,
    };
    if depth > budget.limits.depth {
        let detail = format!("packed more than {} deep", budget.limits.depth);
        return Err(Reason { code: ProblemCode::TooDeep, detail });
    }
    let opened = open_bytes(Path::new(&*file.path), bytes, format, budget)?;
    let container = open_within(opened.container, depth.saturating_add(1), budget);
    Ok(Some(Opened { container: Broken::wrap(container, broken), ..opened }))
}

fn open_bytes(
    name: &Path,
    bytes: SharedFile,
    format: Format,
    budget: &mut Budget<'_>,
) -> Result<Opened, Reason> {
    let (container, is_single): (Box<dyn Container>, bool) = match format {
        Format::Packed(packing) => return Ok(unpack(name, bytes, packing, budget)?),
        Format::Tar => (Box::new(Tar::open(name, bytes, budget)), false),
        Format::Zip => (Box::new(Zip::of(name, bytes, budget).map_err(damaged)?), false),
        Format::Unread(_) => return Err(Reason { code: ProblemCode::NotUnderstood, detail: String::new() }),
    };
    Ok(Opened { container, is_single })
}

fn damaged(error: OpenError) -> Reason {
    match error {
        OpenError::Io { source, .. } => source.into(),
        OpenError::Damaged { detail, .. } => Reason { code: ProblemCode::Damaged, detail },
    }
}

/// Unpacks a stream, and opens the tar in it, if it is one.
///
/// A tar is kept, as its files are read from any place; a file is kept as long as there is room, and else unpacked again
/// when it is read.
fn unpack(name: &Path, bytes: SharedFile, packing: Packing, budget: &mut Budget<'_>) -> io::Result<Opened> {
    let room = budget.room(bytes.length())?;
    let limits = budget.limits;
    let is_tar = Format::of_stream(packing.unpack(bytes.clone(), limits)?)? == Some(Format::Tar);
    if is_tar {
        let (tar, broken) = budget.spool.append(&mut packing.unpack(bytes, limits)?, room)?;
        budget.take_bytes(tar.length());
        let container: Box<dyn Container> = Box::new(Tar::open(name, tar, budget));
        return Ok(Opened { container: Broken::wrap(container, broken), is_single: false });
    }
    let store = || {
        let mut stream = packing.unpack(bytes.clone(), limits)?;
        budget.spool.append_or_count(&mut stream, room, limits.spool_bytes)
    };
    let (stored, broken) = match store() {
        Err(error) if error.kind() == io::ErrorKind::StorageFull => {
            budget.spool.close();
            store()?
        }
        other => other?,
    };
    let kept = match stored {
        Stored::Kept(file) => Kept::Unpacked(file),
        Stored::Counted(length) => Kept::Packed { bytes, packing, length },
    };
    budget.take_bytes(kept.length());
    budget.take_entry();
    let bare = unpacked_name(&name.to_string_lossy());
    let container: Box<dyn Container> = Box::new(Single::new(name, &bare, kept));
    Ok(Opened { container: Broken::wrap(container, broken), is_single: true })
}

/// Opens a packed stream that was handed in by itself; one that breaks the bounds is a loose file.
pub(super) fn open_packed(
    location: &Path,
    file: SharedFile,
    packing: Packing,
    budget: &mut Budget<'_>,
) -> Box<dyn Container> {
    match unpack(location, file, packing, budget) {
        Ok(opened) => opened.container,
        // By its name it is looked at again as a file of a collection, and told of then.
        Err(_) if may_be_packed(&location.to_string_lossy()) => Box::new(Folder::file(location)),
        Err(error) => {
            let code = crate::input::problem_code(&error);
            Box::new(Folder::told_file(location, code, &error.to_string()))
        }
    }
}

impl Container for Nested {
    fn name(&self) -> &'static str {
        self.outer.name()
    }

    fn location(&self) -> &Path {
        self.outer.location()
    }

    fn files(&self) -> &[ContainerFile] {
        &self.files
    }

    fn problems(&self) -> &[Problem] {
        &self.problems
    }

    fn read(&self, place: usize, limits: &Limits) -> io::Result<Box<dyn Evidence>> {
        let missing = || io::Error::from(io::ErrorKind::NotFound);
        match self.sources.get(place).copied().ok_or_else(missing)? {
            Source::Outer(place) => self.outer.read(place, limits),
            Source::Inner(which, place) => self.inner.get(which).ok_or_else(missing)?.read(place, limits),
        }
    }

    fn share(&self, place: usize, limits: &Limits, spool: &Spool) -> io::Result<Shared> {
        let missing = || io::Error::from(io::ErrorKind::NotFound);
        match self.sources.get(place).copied().ok_or_else(missing)? {
            Source::Outer(place) => self.outer.share(place, limits, spool),
            Source::Inner(which, place) => {
                self.inner.get(which).ok_or_else(missing)?.share(place, limits, spool)
            }
        }
    }

    fn volumes(&self) -> &[Mounted] {
        self.outer.volumes()
    }
}

/// One packed file.
struct Single {
    location: PathBuf,
    files: Vec<ContainerFile>,
    kept: Kept,
}

/// What of a packed file is at hand.
enum Kept {
    /// The file itself.
    Unpacked(SharedFile),
    /// Its packed form, and how long the file is.
    Packed { bytes: SharedFile, packing: Packing, length: u64 },
}

impl Kept {
    fn length(&self) -> u64 {
        match self {
            Self::Unpacked(file) => file.length(),
            Self::Packed { length, .. } => *length,
        }
    }
}

impl Single {
    fn new(location: &Path, name: &str, kept: Kept) -> Self {
        let path = file_name(name).into();
        let files = vec![ContainerFile { path, size_bytes: kept.length(), modified: None }];
        Self { location: location.to_owned(), files, kept }
    }
}

impl Container for Single {
    fn name(&self) -> &'static str {
        "file"
    }

    fn location(&self) -> &Path {
        &self.location
    }

    fn files(&self) -> &[ContainerFile] {
        &self.files
    }

    fn problems(&self) -> &[Problem] {
        &[]
    }

    fn read(&self, _: usize, limits: &Limits) -> io::Result<Box<dyn Evidence>> {
        if self.kept.length() > limits.artifact_bytes {
            return Err(too_large(format!("{} bytes", self.kept.length())));
        }
        match &self.kept {
            Kept::Unpacked(file) => Ok(Box::new(file.clone())),
            Kept::Packed { bytes, packing, length } => {
                let growth = Growth { memory_bytes: limits.memory_bytes, most_bytes: *length };
                // What broke off behind it was told when it was counted.
                let mut stream = packing.unpack(bytes.clone(), limits)?.take(*length);
                Ok(unpack::unpack(&mut stream, growth, || Ok(None))?.open())
            }
        }
    }

    fn share(&self, _: usize, limits: &Limits, spool: &Spool) -> io::Result<Shared> {
        match &self.kept {
            Kept::Unpacked(file) => Ok((file.clone(), None)),
            Kept::Packed { bytes, packing, length } => {
                spool.append(&mut packing.unpack(bytes.clone(), limits)?.take(*length), *length)
            }
        }
    }
}

/// A container whose bytes broke off while it was unpacked: what came before the break is in it.
struct Broken {
    container: Box<dyn Container>,
    problems: Vec<Problem>,
}

impl Broken {
    fn wrap(container: Box<dyn Container>, broken: Option<io::Error>) -> Box<dyn Container> {
        let Some(error) = broken else {
            return container;
        };
        let mut problems = container.problems().to_vec();
        problems.push(problem(crate::input::problem_code(&error), "", error.to_string()));
        Box::new(Self { container, problems })
    }
}

impl Container for Broken {
    fn name(&self) -> &'static str {
        self.container.name()
    }

    fn location(&self) -> &Path {
        self.container.location()
    }

    fn files(&self) -> &[ContainerFile] {
        self.container.files()
    }

    fn problems(&self) -> &[Problem] {
        &self.problems
    }

    fn read(&self, place: usize, limits: &Limits) -> io::Result<Box<dyn Evidence>> {
        self.container.read(place, limits)
    }

    fn share(&self, place: usize, limits: &Limits, spool: &Spool) -> io::Result<Shared> {
        self.container.share(place, limits, spool)
    }
}
