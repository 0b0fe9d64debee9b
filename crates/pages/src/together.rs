//! A page with the files that it takes in, judged as the one program that the server makes of them.
//!
//! Each file is judged alone first. What is seen of all of them together, and of none alone, is the page's: a source here that
//! reaches a sink there. What files that a server runs by themselves show, each alone or among themselves, is not the finding
//! of every page that takes them in. A file that no server runs by itself is judged with the page, and is a part of it.

mod lines;

use crate::kind::Kind;
use crate::page::{self, How, Named, Page, Start};
use crate::signal::Signal;
use crate::text;
use crate::tree::{Expression, Program, StatementKind};
use crate::verdict::{self, Judgement};
use lines::{Lines, breaks};
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;

/// The files around a page.
pub trait Neighbours {
    /// Finds the file that another names; `by` is the path of that one as it was found, none of the page itself. The page is
    /// not found.
    fn find(&self, by: Option<&str>, named: Named<'_>) -> Option<Neighbour>;
    /// Reads a file that was found; none where it cannot be read.
    fn read(&self, path: &str) -> Option<Vec<u8>>;
}

/// A file around a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    /// Its path: no other file has it.
    pub path: String,
    /// Its size in bytes.
    pub size_bytes: u64,
}

/// A page that lies alone.
impl Neighbours for () {
    fn find(&self, _: Option<&str>, _: Named<'_>) -> Option<Neighbour> {
        None
    }

    fn read(&self, _: &str) -> Option<Vec<u8>> {
        None
    }
}

/// A page takes in no more files.
pub const MOST_FILES: usize = 16;
/// No file is taken in by files that are taken in, one by another, beyond so many.
pub const DEEPEST: u32 = 4;
/// The largest file that is taken in, in bytes.
pub const LARGEST: u64 = 1 << 20;
/// The files that a page takes in are no larger together, in bytes.
pub const LARGEST_TOGETHER: u64 = 4 << 20;

/// A name of a file, kept beyond the text that it stands in.
struct Name(String, Start);

impl From<Named<'_>> for Name {
    fn from(named: Named<'_>) -> Self {
        Self(named.path.to_owned(), named.start)
    }
}

impl Name {
    fn named(&self) -> Named<'_> {
        Named { path: &self.0, start: self.1 }
    }
}

/// Returns whether a page takes in any file that lies around it, by its tags or by what its programs set.
pub(crate) fn takes_in(page: &Page<'_>, programs: &[Program], around: &dyn Neighbours) -> bool {
    let lies = |named: Named<'_>| around.find(None, named).is_some();
    page::named(page).any(|(_, how, named)| how != How::Answer && lies(named))
        || layouts(page.kind, programs).any(|(named, _)| lies(named))
}

/// Returns the pages that those of Razor set around themselves: `Layout = "~/x.cshtml"`, with its line.
fn layouts(kind: Kind, programs: &[Program]) -> impl Iterator<Item = (Named<'_>, u32)> {
    let statements = programs.iter().filter(move |_| kind == Kind::Razor).flat_map(|program| &program.body);
    statements.filter_map(|statement| {
        let StatementKind::Expression(Expression::Assign { target, value, .. }) = &statement.kind else {
            return None;
        };
        match (&**target, &**value) {
            (Expression::Name(name), Expression::Text(file)) if &**name == "layout" => {
                Some((Named::read(file)?, statement.line))
            }
            _ => None,
        }
    })
}

/// Judges a page with what it takes in; `alone` is what is said of the page by itself.
pub(crate) fn judge(text: &str, kind: Kind, alone: Judgement, around: &dyn Neighbours) -> Judgement {
    let shelf = Shelf::new(kind, around);
    let page = shelf.open(0, text, kind);
    let beside = shelf.beside(page.named);
    // What stands behind a page of ASP.NET is set up before the page runs; what others name runs after them.
    let run_after = matches!(kind, Kind::Jsp | Kind::Razor);
    let (first, then) = if run_after { (page.programs, beside) } else { (beside, page.programs) };
    let mut programs = first;
    programs.extend(then);
    let take_in = |named: Named<'_>, line: u32| shelf.met(named, line);
    let seen = crate::seen(&page.text, kind, &programs, &take_in);
    let taken = shelf.taken.into_inner();
    let alone = Judgement { cut_short: alone.cut_short || seen.cut_short || taken.cut_short, ..alone };
    let own = places(&alone);
    let placed = seen.signals.into_iter().filter_map(|signal| taken.placed(signal));
    let mut more: Vec<Placed> =
        placed.filter(|placed| placed.file > 0 || !own.contains(&placed.place())).collect();
    if weighed(&alone, &more, kind).verdict <= alone.verdict {
        return alone;
    }
    let mut strongest = alone.verdict;
    for (at, file) in taken.files.iter().enumerate() {
        let Some(kind) = judged_alone(&file.path) else { continue };
        let judgement = crate::judge(&file.bytes, kind);
        strongest = strongest.max(judgement.verdict);
        let theirs = places(&judgement);
        more.retain(|placed| placed.file != at || !theirs.contains(&placed.place()));
    }
    let together = weighed(&alone, &more, kind);
    if together.verdict > strongest { together } else { alone }
}

/// Returns which signals a file shows, and on which lines.
fn places(judgement: &Judgement) -> BTreeSet<(&'static str, u32)> {
    judgement.signals.iter().map(|signal| (signal.code, signal.line)).collect()
}

/// Weighs what a page shows alone, and what more it shows with others.
fn weighed(alone: &Judgement, more: &[Placed], kind: Kind) -> Judgement {
    let signals = alone.signals.iter().chain(more.iter().map(|placed| &placed.signal));
    Judgement { cut_short: alone.cut_short, ..verdict::weigh(kind, signals.cloned().collect()) }
}

/// Returns what a server takes a file for by itself; none where no server runs it, so that it counts with its page alone.
fn judged_alone(path: &str) -> Option<Kind> {
    kind_of(path).filter(|kind| *kind != Kind::Script)
}

fn kind_of(path: &str) -> Option<Kind> {
    let name = path.rsplit(['/', '\\']).next()?;
    Kind::of_extension(name.rsplit_once('.')?.1)
}

/// Returns what a file is read as that is a program of its own beside a page.
fn kind_beside(page: Kind, path: &str) -> Kind {
    let is_of_forms = matches!(page, Kind::Aspx | Kind::Ascx | Kind::Ashx | Kind::Asmx | Kind::Asax);
    match kind_of(path) {
        Some(Kind::Script) if is_of_forms => Kind::Source,
        Some(kind) if is_of_forms && kind != Kind::Assembly => kind,
        _ => page,
    }
}

/// A signal, and where among the files it ends.
struct Placed {
    signal: Signal,
    file: usize,
    line: u32,
}

impl Placed {
    fn place(&self) -> (&'static str, u32) {
        (self.signal.code, self.line)
    }
}

/// The page and the files that it takes in.
struct Shelf<'n> {
    kind: Kind,
    around: &'n dyn Neighbours,
    taken: RefCell<Taken>,
    /// The programs of the files that are met while the page is followed, by file.
    met: [OnceCell<Vec<Program>>; MOST_FILES + 1],
}

/// A file that was opened: all of its text, its programs, and what else it names, each with the line of the name.
struct Opened {
    text: String,
    programs: Vec<Program>,
    named: Vec<(u32, Name)>,
}

impl<'n> Shelf<'n> {
    fn new(kind: Kind, around: &'n dyn Neighbours) -> Self {
        let taken = Taken { files: vec![File::default()], ..Taken::default() };
        Self { kind, around, taken: RefCell::new(taken), met: [const { OnceCell::new() }; MOST_FILES + 1] }
    }

    /// Opens a file, its lines behind those of all that were opened before.
    fn open(&self, file: usize, text: &str, kind: Kind) -> Opened {
        let begin = self.taken.borrow().lines.count();
        let mut whole = String::with_capacity(text.len());
        self.put_together(file, text, kind, &mut whole);
        let mut page = page::cut(&whole, kind);
        page.move_down(begin);
        let (programs, too_long) = crate::programs(&page);
        self.taken.borrow_mut().cut_short |= too_long;
        let beside = page::named(&page).filter(|(_, how, _)| *how == How::Program);
        let beside = beside.map(|(directive, _, named)| (directive.line, Name::from(named)));
        let layouts = layouts(kind, &programs).map(|(named, line)| (line, Name::from(named)));
        let named = beside.chain(layouts).collect();
        Opened { programs, named, text: whole }
    }

    /// Puts a text together with those that it takes in where they stand, each on lines of its own.
    fn put_together(&self, file: usize, text: &str, kind: Kind, whole: &mut String) {
        let page = page::cut(text, kind);
        let (mut from, mut line) = (0, 1);
        for (directive, _, named) in page::named(&page).filter(|(_, how, _)| *how == How::Text) {
            let place = directive.place.clone();
            let taken = if place.start < from { None } else { self.take(file, directive.line, named) };
            let Some((taken, bytes)) = taken else { continue };
            self.taken.borrow_mut().lines.add(file, line, &text[from..place.start]);
            whole.push_str(&text[from..place.start]);
            whole.push('\n');
            self.put_together(taken, &text::read(&bytes, kind).text, kind, whole);
            whole.push('\n');
            line = directive.line.saturating_add(breaks(&text[place.clone()]));
            from = place.end;
        }
        self.taken.borrow_mut().lines.add(file, line, &text[from..]);
        whole.push_str(&text[from..]);
    }

    /// Opens what is named beside a page, and what that names; returns its programs.
    fn beside(&self, named: Vec<(u32, Name)>) -> Vec<Program> {
        let mut programs = Vec::new();
        let mut named = VecDeque::from(named);
        while let Some((line, name)) = named.pop_front() {
            let (by, line) = self.taken.borrow().lines.place(line);
            let Some((file, bytes)) = self.take(by, line, name.named()) else { continue };
            let kind = kind_beside(self.kind, &self.taken.borrow().files[file].path);
            let opened = self.open(file, &text::read(&bytes, kind).text, kind);
            programs.extend(opened.programs);
            named.extend(opened.named);
        }
        programs
    }

    /// Opens a file that is met on a line while the page is followed.
    fn met(&self, named: Named<'_>, line: u32) -> Option<&[Program]> {
        let (by, line) = self.taken.borrow().lines.place(line);
        let (file, bytes) = self.take(by, line, named)?;
        let opened = || self.open(file, &text::read(&bytes, self.kind).text, self.kind).programs;
        Some(self.met.get(file)?.get_or_init(opened))
    }

    /// Takes in a file that another names on a line; returns which it is, and its bytes. A file is taken in once.
    fn take(&self, by: usize, line: u32, named: Named<'_>) -> Option<(usize, Rc<[u8]>)> {
        let mut taken = self.taken.borrow_mut();
        let path = taken.files[by].path.clone();
        let found = self.around.find(Some(&*path).filter(|path| !path.is_empty()), named)?;
        if taken.files.iter().any(|file| file.path == found.path) {
            return None;
        }
        let read = if taken.has_room_for(by, &found) { self.around.read(&found.path) } else { None };
        let Some(bytes) = read else {
            taken.cut_short = true;
            return None;
        };
        let by = &taken.files[by];
        let line = if by.depth == 0 { line } else { by.line };
        let depth = by.depth + 1;
        let bytes: Rc<[u8]> = bytes.into();
        taken.size_bytes += found.size_bytes;
        let file = File { path: found.path, name: named.path.into(), bytes: Rc::clone(&bytes), line, depth };
        taken.files.push(file);
        Some((taken.files.len() - 1, bytes))
    }
}

/// What was taken in, the page itself before all.
#[derive(Default)]
struct Taken {
    files: Vec<File>,
    lines: Lines,
    size_bytes: u64,
    /// Whether there is more than is taken in.
    cut_short: bool,
}

/// A file that is taken in; of the page only that it is the first.
#[derive(Default)]
struct File {
    path: String,
    /// What the file that takes it in calls it.
    name: Box<str>,
    bytes: Rc<[u8]>,
    /// The line of the page that takes it in, or the file that does.
    line: u32,
    depth: u32,
}

impl Taken {
    fn has_room_for(&self, by: usize, found: &Neighbour) -> bool {
        self.files.len() <= MOST_FILES
            && self.files[by].depth < DEEPEST
            && found.size_bytes <= LARGEST
            && found.size_bytes + self.size_bytes <= LARGEST_TOGETHER
    }

    /// Returns a signal with its lines as they are in their files; none where its way leads through nothing but files that are
    /// run by themselves: what they do with each other, they do for all pages that take them in.
    fn placed(&self, mut signal: Signal) -> Option<Placed> {
        let mut is_of_page = false;
        for step in &mut signal.path {
            let (file, line) = self.lines.place(step.line);
            step.line = line;
            step.file = (file > 0).then(|| self.files[file].name.clone());
            is_of_page |= file == 0 || judged_alone(&self.files[file].path).is_none();
        }
        let (file, line) = self.lines.place(signal.line);
        signal.line = if file == 0 { line } else { self.files[file].line };
        is_of_page.then_some(Placed { signal, file, line })
    }
}
