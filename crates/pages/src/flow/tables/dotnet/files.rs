//! Files and folders, as .NET reaches them.

use super::super::Does::{Appends, Drops, Fills, Folds, Gives, Makes, Passes, Reaches};
use super::super::{A1, A2, ALL, NONE, Row, SELF, Sink, row};
use crate::flow::fold::Fold;
use crate::flow::value::Source;

/// Files and folders.
pub(super) static FILES: &[Row] = &[
    row(
        "file",
        &["readalltext", "readallbytes", "readalllines", "readlines"],
        &[Reaches(Sink::Read, NONE, A1), Gives(Source::File)],
    ),
    row(
        "file",
        &["openread", "opentext"],
        &[Reaches(Sink::Read, NONE, A1), Gives(Source::File), Makes("reader")],
    ),
    row("file", &["open"], &[Reaches(Sink::Read, NONE, A1), Makes("filestream")]),
    row(
        "file",
        &["writealltext", "writeallbytes", "writealllines", "appendalltext", "appendalllines"],
        &[Reaches(Sink::Write, A2, A1), Drops],
    ),
    row(
        "file",
        &["create", "createtext", "openwrite", "appendtext"],
        &[Reaches(Sink::Write, NONE, A1), Makes("writer")],
    ),
    row("file", &["delete"], &[Reaches(Sink::Delete, NONE, A1), Drops]),
    row("file", &["copy", "move", "replace"], &[Reaches(Sink::Move, NONE, A1 | A2), Drops]),
    row(
        "file",
        &["setlastwritetime", "setcreationtime", "setlastaccesstime", "setattributes", "setlastwritetimeutc"],
        &[Reaches(Sink::Move, NONE, A1), Drops],
    ),
    row("file", &["exists", "getlastwritetime", "getcreationtime", "getattributes"], &[Drops]),
    row(
        "filesystem",
        &["filecopy", "kill", "rename", "deletefile", "movefile"],
        &[Reaches(Sink::Move, NONE, ALL)],
    ),
    row(
        "directory",
        &["getfiles", "getdirectories", "getfilesystementries", "enumeratefiles", "enumeratedirectories"],
        &[Reaches(Sink::List, NONE, A1), Gives(Source::File)],
    ),
    row("directory", &["delete"], &[Reaches(Sink::Delete, NONE, A1), Drops]),
    row("directory", &["move"], &[Reaches(Sink::Move, NONE, A1 | A2), Drops]),
    row("directory", &["createdirectory"], &[Reaches(Sink::Move, NONE, A1)]),
    row("directory", &["exists"], &[Drops]),
    row("directory", &["getlogicaldrives"], &[Gives(Source::Server)]),
    row("directoryinfo", &["new"], &[Makes("directoryinfo")]),
    row(
        "directoryinfo",
        &["getfiles", "getdirectories", "getfilesysteminfos", "enumeratefiles"],
        &[Reaches(Sink::List, NONE, SELF), Gives(Source::File)],
    ),
    row("directoryinfo", &["delete"], &[Reaches(Sink::Delete, NONE, SELF)]),
    row("directoryinfo", &["create", "moveto"], &[Reaches(Sink::Move, NONE, SELF)]),
    row("fileinfo", &["new"], &[Makes("fileinfo")]),
    row("fileinfo", &["delete"], &[Reaches(Sink::Delete, NONE, SELF)]),
    row("fileinfo", &["copyto", "moveto"], &[Reaches(Sink::Move, NONE, SELF | A1)]),
    row(
        "fileinfo",
        &["openread", "opentext"],
        &[Reaches(Sink::Read, NONE, SELF), Gives(Source::File), Makes("reader")],
    ),
    row(
        "fileinfo",
        &["create", "createtext", "openwrite"],
        &[Reaches(Sink::Write, NONE, SELF), Makes("writer")],
    ),
    row("driveinfo", &["getdrives"], &[Gives(Source::Server)]),
    row("streamreader", &["new"], &[Reaches(Sink::Read, NONE, A1), Makes("reader")]),
    row("stringreader", &["new"], &[Appends, Makes("reader")]),
    row("xmlreader", &["new", "create"], &[Appends, Makes("reader")]),
    row("reader", &["readtoend", "readline", "read"], &[Passes]),
    row("streamwriter", &["new"], &[Reaches(Sink::Write, NONE, A1), Makes("writer")]),
    row("filestream", &["new"], &[Reaches(Sink::Read, NONE, A1), Makes("filestream")]),
    row("filestream", &["write"], &[Reaches(Sink::Write, A1, SELF)]),
    row("filestream", &["read"], &[Reaches(Sink::Read, NONE, SELF), Gives(Source::File), Fills]),
    row("filestream", &["length", "close", "flush", "dispose"], &[Drops]),
    row("writer", &["write", "writeline", "writeasync"], &[Reaches(Sink::Write, A1, SELF)]),
    row("writer", &["close", "flush", "dispose"], &[Drops]),
    row("binarywriter", &["new"], &[Passes, Makes("writer")]),
    row("path", &["combine"], &[Folds(Fold::Concatenate)]),
    row("path", &["getfilename", "getfilenamewithoutextension", "getextension"], &[Folds(Fold::Part)]),
    row("path", &["getdirectoryname", "getfullpath"], &[Folds(Fold::Same)]),
    row(
        "path",
        &["gettemppath", "getrandomfilename", "gettempfilename", "getinvalidfilenamechars"],
        &[Drops],
    ),
    row("zipfile", &["extracttodirectory", "createfromdirectory"], &[Reaches(Sink::Move, NONE, A1 | A2)]),
];
