//! What calls, members and names of the languages' libraries do: small rows, a file a family of languages.
//!
//! Names are in small letters. A row is found by the last part of the type and the member; the type is one of these:
//!
//! | type | stands for |
//! |---|---|
//! | `""` | no type: a function or a name of the language itself |
//! | `"*"` | any object whose type has no row for the member |
//! | `"?"` | a name that the page does not declare: a control, something of another file |
//! | other | the type, by the last part of its name |

mod asp;
mod components;
mod dotnet;
mod java;
mod php;

use super::fold::Fold;
use super::value::Source;
use crate::kind::Language;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::LazyLock;

/// What gives control, or may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Sink {
    /// Runs a text as a program.
    Evaluate,
    /// Starts a process.
    Start,
    /// Takes bytes or a file for a program: an assembly, a class, a library.
    Load,
    /// Compiles a text.
    Compile,
    /// Calls what a text names.
    Invoke,
    /// Makes an object that a text names.
    Create,
    /// Runs a file as a page or a script.
    Include,
    /// Takes a file in as a part of the page: a text stands there as it is.
    TakeIn,
    /// Writes a file.
    Write,
    /// Keeps a file that was sent.
    Upload,
    /// Keeps a file that another server sends.
    Download,
    /// Reads a file.
    Read,
    /// Lists a folder.
    List,
    /// Deletes a file or folder.
    Delete,
    /// Moves, copies or renames a file or folder, or changes what it says of itself.
    Move,
    /// Opens a socket.
    Connect,
    /// Asks another server.
    Fetch,
    /// Makes objects from bytes.
    Deserialise,
    /// Runs a style sheet.
    Transform,
    /// Gives a database a command's text.
    Query,
    /// Says which database to open.
    Open,
    /// Calls the system's functions for memory, threads, processes, tokens.
    Native,
    /// Takes on another account.
    Impersonate,
    /// Reads what the server keeps secret: configuration, keys, accounts, the registry.
    Recon,
    /// Has the server ask this page's code for what other pages are asked.
    Register,
    /// Reads one setting of the server.
    Setting,
    /// Sends mail: what, to whom.
    Mail,
    /// Writes to a log or a cookie.
    Remember,
    /// Writes to the answer.
    Respond,
}

/// A set of a call's arguments: the receiver is bit 0, the first argument bit 1.
pub(crate) type Arguments = u8;

/// No argument.
pub(crate) const NONE: Arguments = 0;
/// The receiver.
pub(crate) const SELF: Arguments = 1;
/// The first argument.
pub(crate) const A1: Arguments = 2;
/// The second argument.
pub(crate) const A2: Arguments = 4;
/// The third argument.
pub(crate) const A3: Arguments = 8;
/// All arguments, not the receiver.
pub(crate) const ALL: Arguments = 0xfe;

/// What a call, a member or a name does.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Does {
    /// Gives what comes from a source.
    Gives(Source),
    /// Gives an object of a type.
    Makes(&'static str),
    /// Brings arguments to where they give control: what is run, written or asked for; and where.
    Reaches(Sink, Arguments, Arguments),
    /// Gives something made of the arguments, which can be worked out.
    Folds(Fold),
    /// The same, made of the receiver and the arguments.
    Turns(Fold),
    /// Gives nothing that anybody could use: a length, a number, an escaped text.
    Drops,
    /// Gives what the receiver or the arguments hold, and keeps none of them.
    Passes,
    /// Puts the arguments behind what the receiver holds: a builder of texts.
    Appends,
    /// Puts the second argument under the first into what the receiver holds: a dictionary.
    Puts,
    /// Gives what the receiver holds under the first argument; all of it where there is none.
    Picks,
    /// Leaves of what comes out only that it is the visitor's, not that all of it is.
    Weakens,
    /// Puts what comes out into the first argument too: `stream.Read(buffer, 0, n)`.
    Fills,
    /// Runs the file that the first argument names in the same place, and gives what that gives back.
    TakesIn,
    /// Calls the function that stands at the first place with what stands at the second (both from 1).
    CallsBack(u8, u8),
    /// Gives the type that a text names.
    NamesType,
    /// Gives the method of the receiver that a text names.
    NamesMethod,
    /// Calls the receiver, a method.
    Invokes,
    /// Makes an object of the type that stands as the first argument, or of the one that it names.
    Instantiates,
    /// Calls the method of the first argument that the second names, with the third: `new Expression(object, "exec", list)`.
    CallsNamed,
    /// Calls the member of the fourth argument that the first names, with the fifth: `type.InvokeMember(…)`. Where no object
    /// stands there, the member of the type.
    CallsMember,
    /// Calls the member of the first argument that the second names, with what stands from the fourth on: `CallByName(…)`.
    CallsByName,
    /// Is what it is put round, where that is written to or read from; else what is made of a file.
    Wraps,
    /// Calls what the receiver names with the arguments.
    CallsReceiver,
    /// Runs the replacement of a pattern as a program, where the pattern says so: PHP's `/…/e`.
    ReplacesByCode,
    /// Makes variables of what the first argument holds.
    Extracts,
    /// Takes the component that a text names.
    Component,
}

/// The type of a function of the language that stands as a value: `{ run: eval }` in JScript. Its text is its name.
pub(crate) const FUNCTION: &str = "function";

/// A row of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    /// The type.
    pub(crate) of: &'static str,
    /// The members that do it.
    pub(crate) members: &'static [&'static str],
    /// What they do, in this order.
    pub(crate) does: &'static [Does],
}

/// Returns a row.
pub(crate) const fn row(of: &'static str, members: &'static [&'static str], does: &'static [Does]) -> Row {
    Row { of, members, does }
}

/// What the libraries of a family of languages do.
#[derive(Debug)]
pub(crate) struct Library {
    /// Calls, members and names. `new` is the constructor, `[]` an index or call of the object itself.
    pub(crate) rows: &'static [&'static [Row]],
    /// Other names of types: written, known as.
    pub(crate) types: &'static [(&'static str, &'static str)],
    /// Components: the name that `CreateObject` takes, or the class id; the type.
    pub(crate) components: &'static [(&'static str, &'static str)],
    /// What makes a function's parameters a source: attributes.
    pub(crate) called_by_visitors: &'static [&'static str],
    /// Names of functions that the server calls with what visitors send.
    pub(crate) handlers: &'static [&'static str],
    /// Functions of the system that give control, by the names that P/Invoke and JNI use.
    pub(crate) native: &'static [&'static str],
    /// What the text of an evaluation is read as.
    pub(crate) evaluates: Language,
}

/// A library, made ready to be asked.
#[derive(Debug)]
pub(crate) struct Tables {
    /// The library.
    pub(crate) library: &'static Library,
    functions: FxHashMap<&'static str, &'static [Does]>,
    by_member: FxHashMap<&'static str, Vec<(&'static str, &'static [Does])>>,
    types: FxHashMap<&'static str, &'static str>,
    native: FxHashSet<&'static str>,
}

static DOTNET: LazyLock<Tables> = LazyLock::new(|| Tables::of(&dotnet::LIBRARY));
static DOTNET_JSCRIPT: LazyLock<Tables> = LazyLock::new(|| Tables::of(&dotnet::JSCRIPT));
static ASP: LazyLock<Tables> = LazyLock::new(|| Tables::of(&asp::LIBRARY));
static ASP_JSCRIPT: LazyLock<Tables> = LazyLock::new(|| Tables::of(&asp::JSCRIPT));
static JAVA: LazyLock<Tables> = LazyLock::new(|| Tables::of(&java::LIBRARY));
static PHP: LazyLock<Tables> = LazyLock::new(|| Tables::of(&php::LIBRARY));

/// Whose libraries a page uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// ASP.NET.
    DotNet,
    /// ASP.NET in JScript, which alone has `eval`: in the others `Eval` reads a column of what is bound.
    DotNetJScript,
    /// Classic ASP in VBScript.
    Asp,
    /// Classic ASP in JScript.
    AspJScript,
    /// Java Server Pages.
    Java,
    /// PHP.
    Php,
}

impl Family {
    /// Returns whose libraries an evaluated text uses: in C# and Visual Basic only the script control evaluates.
    pub(crate) fn evaluated(self) -> Self {
        if self == Self::DotNet { Self::Asp } else { self }
    }

    /// Returns its tables.
    pub(crate) fn tables(self) -> &'static Tables {
        match self {
            Self::DotNet => &DOTNET,
            Self::DotNetJScript => &DOTNET_JSCRIPT,
            Self::Asp => &ASP,
            Self::AspJScript => &ASP_JSCRIPT,
            Self::Java => &JAVA,
            Self::Php => &PHP,
        }
    }
}

impl Tables {
    fn of(library: &'static Library) -> Self {
        let mut functions = FxHashMap::default();
        let mut by_member: FxHashMap<_, Vec<_>> = FxHashMap::default();
        let mut types: FxHashMap<_, _> = library.types.iter().copied().collect();
        for row in library.rows.iter().copied().flatten() {
            for member in row.members {
                if row.of.is_empty() {
                    functions.entry(*member).or_insert(row.does);
                } else {
                    by_member.entry(*member).or_default().push((row.of, row.does));
                }
            }
            for does in row.does {
                if let Does::Makes(made) = does {
                    types.entry(made).or_insert(made);
                }
            }
            types.entry(row.of).or_insert(row.of);
        }
        for (_, of) in library.components {
            types.entry(of).or_insert(of);
        }
        for special in ["", "*", "?"] {
            types.remove(special);
        }
        Self { library, functions, by_member, types, native: library.native.iter().copied().collect() }
    }

    /// Returns the known type that a name stands for: `System.Diagnostics.Process` is `process`.
    pub(crate) fn type_named(&self, name: &str) -> Option<&'static str> {
        let last = name.rsplit(['.', '\\', '$', '+']).next().unwrap_or(name);
        self.types.get(last).copied()
    }

    /// Returns what a function or a name of the language itself does.
    pub(crate) fn function(&self, name: &str) -> Option<&'static [Does]> {
        self.functions.get(name).copied()
    }

    /// Returns what a member of exactly this type does.
    pub(crate) fn exactly(&self, of: &str, member: &str) -> Option<&'static [Does]> {
        self.by_member.get(member)?.iter().find(|(row, _)| *row == of).map(|(_, does)| *does)
    }

    /// Returns what a member does: of the type, else of any object.
    pub(crate) fn member(&self, of: Option<&str>, undeclared: bool, member: &str) -> Option<&'static [Does]> {
        let rows = self.by_member.get(member)?;
        let find = |of: &str| rows.iter().find(|(row, _)| *row == of).map(|(_, does)| *does);
        of.and_then(find)
            .or_else(|| if undeclared && of.is_none() { find("?") } else { None })
            .or_else(|| find("*"))
    }

    /// Returns the type of a component.
    pub(crate) fn component(&self, name: &str) -> Option<&'static str> {
        let name = name.trim();
        let name =
            name.get(..4).filter(|head| head.eq_ignore_ascii_case("new:")).map_or(name, |_| &name[4..]);
        let name = name.trim_start_matches("clsid:").trim_matches(['{', '}']);
        // What stands behind the colon of `winmgmts:…` says which part of it.
        let name = name.split_once(':').map_or(name, |(moniker, _)| moniker);
        self.library
            .components
            .iter()
            .find(|(known, _)| {
                name.eq_ignore_ascii_case(known)
                    || (name.len() > known.len()
                        && name.as_bytes()[known.len()] == b'.'
                        && name.as_bytes()[known.len() + 1..]
                            .iter()
                            .all(|sign| sign.is_ascii_digit() || *sign == b'.')
                        && name[..known.len()].eq_ignore_ascii_case(known))
            })
            .map(|(_, of)| *of)
    }

    /// Returns whether a function of the system gives control.
    pub(crate) fn is_native(&self, name: &str) -> bool {
        let name = name.trim_end_matches(['w', 'a']);
        self.native.contains(name)
    }
}
