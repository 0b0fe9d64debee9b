//! The components of Windows, which pages of classic ASP, ASP.NET and PHP make by name.

use super::Does::{Appends, Drops, Gives, Makes, Passes, Picks, Puts, Reaches};
use super::{A1, A2, ALL, NONE, Row, SELF, Sink, row};
use crate::flow::value::Source;

/// Components by their names and class ids.
pub(super) static NAMES: &[(&str, &str)] = &[
    ("wscript.shell", "wshshell"),
    ("72c24dd5-d70a-438b-8a42-98424b88afb8", "wshshell"),
    ("f935dc22-1cf0-11d0-adb9-00c04fd58a0b", "wshshell"),
    ("shell.application", "shellapplication"),
    ("13709620-c279-11ce-a49e-444553540000", "shellapplication"),
    ("wscript.network", "wshnetwork"),
    ("093ff999-1ea0-4079-9525-9614c3504b74", "wshnetwork"),
    ("f935dc26-1cf0-11d0-adb9-00c04fd58a0b", "wshnetwork"),
    ("scripting.filesystemobject", "fso"),
    ("0d43fe01-f093-11cf-8940-00a0c9054228", "fso"),
    ("scripting.dictionary", "dictionary"),
    ("adodb.stream", "stream"),
    ("00000566-0000-0010-8000-00aa006d2ea4", "stream"),
    ("adodb.connection", "adoconnection"),
    ("00000514-0000-0010-8000-00aa006d2ea4", "adoconnection"),
    ("adodb.recordset", "adorecordset"),
    ("00000535-0000-0010-8000-00aa006d2ea4", "adorecordset"),
    ("adodb.command", "adocommand"),
    ("adox.catalog", "adocatalog"),
    ("jro.jetengine", "jetengine"),
    ("msxml2.xmlhttp", "xmlhttp"),
    ("msxml2.serverxmlhttp", "xmlhttp"),
    ("microsoft.xmlhttp", "xmlhttp"),
    ("winhttp.winhttprequest", "xmlhttp"),
    ("msscriptcontrol.scriptcontrol", "scriptcontrol"),
    ("scriptcontrol", "scriptcontrol"),
    ("0e59f1d5-1fbe-11d0-8ff2-00a0d10038bc", "scriptcontrol"),
    ("msxml2.domdocument", "domdocument"),
    ("microsoft.xmldom", "domdocument"),
    ("htmlfile", "htmlfile"),
    ("winmgmts", "wmi"),
    ("wbemscripting.swbemlocator", "wmi"),
];

/// What they do.
pub(super) static ROWS: &[Row] = &[
    // What runs.
    row("wshshell", &["new"], &[Makes("wshshell")]),
    row("wshshell", &["exec"], &[Reaches(Sink::Start, A1, NONE), Gives(Source::Process), Makes("output")]),
    row("wshshell", &["run"], &[Reaches(Sink::Start, A1, NONE)]),
    row("wshshell", &["regread", "regwrite", "regdelete"], &[Reaches(Sink::Recon, NONE, A1)]),
    row("shellapplication", &["shellexecute", "open"], &[Reaches(Sink::Start, ALL, NONE)]),
    row("shellapplication", &["namespace"], &[Reaches(Sink::List, NONE, A1)]),
    row(
        "scriptcontrol",
        &["eval", "executestatement", "addcode", "run"],
        &[Reaches(Sink::Evaluate, A1, NONE)],
    ),
    // Files and folders.
    row(
        "fso",
        &["getfolder", "getdrive", "drives"],
        &[Reaches(Sink::List, NONE, A1), Gives(Source::File), Makes("folder")],
    ),
    row("folder", &["files", "subfolders"], &[Passes]),
    row("folder", &["delete"], &[Reaches(Sink::Delete, NONE, SELF)]),
    row("fso", &["getfile"], &[Reaches(Sink::Read, NONE, A1), Makes("fsofile")]),
    row("fsofile", &["delete"], &[Reaches(Sink::Delete, NONE, SELF)]),
    row("fsofile", &["copy", "move", "attributes="], &[Reaches(Sink::Move, NONE, SELF | A1)]),
    row("fsofile", &["openastextstream"], &[Reaches(Sink::Read, NONE, SELF), Makes("textstream")]),
    row("fso", &["opentextfile"], &[Reaches(Sink::Read, NONE, A1), Makes("textstream")]),
    row("fso", &["createtextfile"], &[Reaches(Sink::Write, NONE, A1), Makes("textstream")]),
    row("fso", &["deletefile", "deletefolder"], &[Reaches(Sink::Delete, NONE, A1)]),
    row(
        "fso",
        &["copyfile", "movefile", "copyfolder", "movefolder", "createfolder"],
        &[Reaches(Sink::Move, NONE, A1 | A2)],
    ),
    row("fso", &["fileexists", "folderexists", "getspecialfolder", "gettempname"], &[Drops]),
    row("textstream", &["write", "writeline"], &[Reaches(Sink::Write, A1, SELF)]),
    row("textstream", &["readall", "readline", "read"], &[Gives(Source::File)]),
    // Other servers.
    row("xmlhttp", &["open"], &[Reaches(Sink::Fetch, NONE, A2)]),
    row("xmlhttp", &["responsetext", "responsebody", "responsestream"], &[Gives(Source::Remote)]),
    row("xmlhttp", &["readystate", "status"], &[Drops]),
    // What holds other things.
    row("dictionary", &["add"], &[Puts]),
    row("dictionary", &["item", "items", "keys"], &[Picks]),
    row("dictionary", &["exists", "count", "remove", "removeall"], &[Drops]),
    // Documents and style sheets.
    row("domdocument", &["loadxml"], &[Appends]),
    row("domdocument", &["transformnode", "transformnodetoobject"], &[Reaches(Sink::Transform, A1, SELF)]),
    // Databases.
    row("adoconnection", &["execute"], &[Reaches(Sink::Query, A1, NONE), Gives(Source::Database)]),
    row("adoconnection", &["open", "connectionstring="], &[Reaches(Sink::Open, A1, NONE)]),
    row("adorecordset", &["open"], &[Reaches(Sink::Query, A1, NONE), Gives(Source::Database)]),
    row("adorecordset", &["[]", "fields"], &[Gives(Source::Database)]),
    row("adocommand", &["commandtext="], &[Reaches(Sink::Query, A1, NONE)]),
    row("adocommand", &["execute"], &[Gives(Source::Database)]),
];
