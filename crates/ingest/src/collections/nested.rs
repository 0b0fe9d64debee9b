//! Containers within a container, opened in place: `server.zip!/C/…`, and `u_ex.log` of `u_ex.log.gz`.
//!
//! A packed file stays an artifact of its own, with a hash; what it holds stands beside it.

use super::names::settle;
use super::packed::{Format, Packing, may_be_packed, spool, unpacked_name};
use super::shared_file::SharedFile;
use super::tar::Tar;
use super::zip::Zip;
use super::{Container, ContainerFile, Mounted, OpenError, problem};
use crate::input::{Evidence, Growth, Limits, Passwords, too_large};
use afterpatch_model::{Problem, ProblemCode};
use std::io;
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

/// What is left to be unpacked while a collection is opened.
struct Budget<'l> {
    limits: &'l Limits,
    passwords: &'l Passwords,
    entries: usize,
    bytes: u64,
}

/// Opens what is packed in `outer`; a container without any is returned as it is.
pub(super) fn open(outer: Box<dyn Container>, limits: &Limits, passwords: &Passwords) -> Box<dyn Container> {
    let entries = limits.entries.saturating_sub(outer.files().len());
    let sizes = outer.files().iter().map(|file| file.size_bytes);
    let bytes = limits.total_of(sizes.fold(0, u64::saturating_add));
    let mut budget = Budget { limits, passwords, entries, bytes };
    open_within(outer, 1, &mut budget)
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
                (ContainerFile { path: name(file), ..file.clone() }, Source::Inner(which, place))
            })
            .collect()
    }

    fn name(&self, outer: &ContainerFile, file: &ContainerFile) -> String {
        if self.is_single { unpacked_name(&outer.path) } else { format!("{}!/{}", outer.path, file.path) }
    }

    fn told(&self, outer: &ContainerFile) -> Vec<Problem> {
        let place = |place: &str| {
            if place.is_empty() { outer.path.clone() } else { format!("{}!/{place}", outer.path) }
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
    let format = match Format::of_stream(outer.read(place, budget.limits)?)? {
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
    let (bytes, broken) = budget.spool(outer.read(place, budget.limits)?, None)?;
    let opened = open_bytes(Path::new(&file.path), bytes, format, budget)?;
    let container = open_within(opened.container, depth.saturating_add(1), budget);
    budget.entries = budget.entries.saturating_sub(container.files().len());
    Ok(Some(Opened { container: Broken::wrap(container, broken), ..opened }))
}

fn open_bytes(
    name: &Path,
    bytes: SharedFile,
    format: Format,
    budget: &mut Budget<'_>,
) -> Result<Opened, Reason> {
    let limits = Limits { entries: budget.entries, ..*budget.limits };
    let (container, is_single): (Box<dyn Container>, bool) = match format {
        Format::Packed(packing) => return unpack(name, bytes, packing, budget),
        Format::Tar => (Box::new(Tar::open(name, bytes, &limits)), false),
        Format::Zip => (Box::new(Zip::of(name, bytes, &limits, budget.passwords).map_err(damaged)?), false),
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
fn unpack(
    name: &Path,
    bytes: SharedFile,
    packing: Packing,
    budget: &mut Budget<'_>,
) -> Result<Opened, Reason> {
    let packed = bytes.length();
    let (unpacked, broken) = budget.spool(packing.unpack(bytes)?, Some(packed))?;
    let bare = unpacked_name(&name.to_string_lossy());
    let is_tar = Format::of_stream(unpacked.clone())? == Some(Format::Tar);
    let container: Box<dyn Container> = if is_tar {
        Box::new(Tar::open(name, unpacked, &Limits { entries: budget.entries, ..*budget.limits }))
    } else {
        Box::new(Single::new(name, &bare, unpacked))
    };
    Ok(Opened { container: Broken::wrap(container, broken), is_single: !is_tar })
}

/// Opens a packed stream that was handed in by itself.
pub(super) fn open_packed(
    location: &Path,
    file: SharedFile,
    packing: Packing,
    limits: &Limits,
) -> Result<Box<dyn Container>, OpenError> {
    let passwords = &Passwords::default();
    let bytes = limits.total_of(file.length());
    let mut budget = Budget { limits, passwords, entries: limits.entries, bytes };
    let opened = unpack(location, file, packing, &mut budget)
        .map_err(|reason| OpenError::Damaged { path: location.to_owned(), detail: reason.detail })?;
    Ok(opened.container)
}

impl Budget<'_> {
    /// Unpacks to disk as far as the collection may still grow.
    fn spool(
        &mut self,
        from: impl io::Read,
        packed: Option<u64>,
    ) -> io::Result<(SharedFile, Option<io::Error>)> {
        let by_ratio = packed.map_or(u64::MAX, |packed| self.limits.growth(packed));
        let most_bytes = by_ratio.min(self.limits.artifact_bytes).min(self.bytes);
        if most_bytes == 0 {
            return Err(too_large("the collection grows beyond the limit while it is unpacked".to_owned()));
        }
        let (file, broken) = spool(from, Growth { memory_bytes: 0, most_bytes })?;
        self.bytes = self.bytes.saturating_sub(file.length());
        Ok((file, broken))
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

    fn volumes(&self) -> &[Mounted] {
        self.outer.volumes()
    }
}

/// One unpacked file.
struct Single {
    location: PathBuf,
    files: Vec<ContainerFile>,
    bytes: SharedFile,
}

impl Single {
    fn new(location: &Path, name: &str, bytes: SharedFile) -> Self {
        let path = name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        let files = vec![ContainerFile { path, size_bytes: bytes.length(), modified: None }];
        Self { location: location.to_owned(), files, bytes }
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
        if self.bytes.length() > limits.artifact_bytes {
            return Err(too_large(format!("{} bytes", self.bytes.length())));
        }
        Ok(Box::new(self.bytes.clone()))
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
}
