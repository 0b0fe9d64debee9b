//! What members of the libraries give: what the visitor sends, or control.

/// A member of a library.
pub(super) struct Member<'m> {
    /// The namespace and name of its type, with a dot between.
    pub(super) of: &'m str,
    /// Its name.
    pub(super) name: &'m str,
    /// Its signature (II.23.2).
    pub(super) signature: &'m [u8],
}

/// Members that give something.
struct Row {
    types: &'static [&'static str],
    members: &'static [&'static str],
    /// What the first argument has to be.
    takes: Takes,
    gives: &'static str,
}

/// What a member has to take.
#[derive(PartialEq)]
enum Takes {
    Anything,
    /// Bytes, first.
    Bytes,
    /// At least one argument.
    Something,
}

/// What the visitor sends. Not the code of a signal: alone it says nothing.
pub(super) const VISITOR: &str = "visitor";

const fn row(types: &'static [&'static str], members: &'static [&'static str], gives: &'static str) -> Row {
    Row { types, members, takes: Takes::Anything, gives }
}

static ROWS: &[Row] = &[
    row(
        &["System.Web.HttpRequest", "System.Web.HttpRequestBase"],
        &[
            "get_Item",
            "get_QueryString",
            "get_Form",
            "get_Params",
            "get_Headers",
            "get_Cookies",
            "get_InputStream",
            "get_Files",
            "get_Unvalidated",
            "BinaryRead",
            "GetBufferlessInputStream",
            "GetBufferedInputStream",
        ],
        VISITOR,
    ),
    row(&["System.Web.UI.WebControls.TextBox"], &["get_Text"], VISITOR),
    row(&["System.Web.UI.WebControls.HiddenField"], &["get_Value"], VISITOR),
    row(
        &["System.Web.UI.HtmlControls.HtmlInputControl", "System.Web.UI.HtmlControls.HtmlTextArea"],
        &["get_Value"],
        VISITOR,
    ),
    row(
        &["System.Web.UI.WebControls.FileUpload"],
        &["get_FileBytes", "get_FileContent", "get_PostedFile"],
        VISITOR,
    ),
    row(&["System.Web.HttpPostedFile", "System.Web.HttpPostedFileBase"], &["get_InputStream"], VISITOR),
    row(&["System.Diagnostics.Process"], &["Start"], "compiled-starts"),
    row(&["Microsoft.VisualBasic.Interaction"], &["Shell"], "compiled-starts"),
    row(&["System.Management.Automation.PowerShell"], &["AddScript", "AddCommand"], "compiled-starts"),
    row(
        &["System.Diagnostics.Process"],
        &["get_StandardOutput", "BeginOutputReadLine"],
        "compiled-reads-output",
    ),
    Row {
        takes: Takes::Bytes,
        ..row(&["System.Reflection.Assembly", "System.AppDomain"], &["Load"], "compiled-loads")
    },
    row(
        &["Microsoft.JScript.Eval"],
        &["JScriptEvaluate", "JScriptEvaluateToVsaEngine"],
        "compiled-evaluates",
    ),
    row(
        &["Microsoft.CodeAnalysis.CSharp.Scripting.CSharpScript"],
        &["EvaluateAsync", "RunAsync"],
        "compiled-evaluates",
    ),
    row(
        &["System.CodeDom.Compiler.CodeDomProvider", "System.CodeDom.Compiler.ICodeCompiler"],
        &["CompileAssemblyFromSource", "CompileAssemblyFromSourceBatch"],
        "compiled-compiles",
    ),
    row(
        &["System.Net.Sockets.Socket", "System.Net.Sockets.TcpClient"],
        &["Connect", "BeginConnect", "ConnectAsync"],
        "compiled-connects",
    ),
    Row {
        takes: Takes::Something,
        ..row(
            &["System.Net.Sockets.TcpClient", "System.Net.Sockets.TcpListener"],
            &[".ctor"],
            "compiled-connects",
        )
    },
    row(&["System.Runtime.InteropServices.Marshal"], &["GetDelegateForFunctionPointer"], "compiled-native"),
];

impl Member<'_> {
    /// Returns what the member gives; nothing where it is like others.
    pub(super) fn gives(&self) -> Option<&'static str> {
        let row = ROWS.iter().find(|row| {
            row.types.contains(&self.of) && row.members.contains(&self.name) && self.takes(&row.takes)
        })?;
        Some(row.gives)
    }

    /// Says whether the arguments are those that a row asks for. A signature begins with how it is called, how many
    /// arguments there are, and what comes back.
    fn takes(&self, wanted: &Takes) -> bool {
        match wanted {
            Takes::Anything => true,
            Takes::Something => self.signature.get(1).is_some_and(|n_arguments| *n_arguments > 0),
            // An array (0x1D) of bytes (0x05) behind a class or value that comes back (0x12, and a type of 1 to 4 bytes).
            Takes::Bytes => {
                let behind = self.signature.get(3..).unwrap_or_default();
                (1..=4).any(|length| behind.get(length..length + 2) == Some(&[0x1D, 0x05]))
            }
        }
    }
}

/// Functions of the system that give control, as P/Invoke names them, without the `A` or `W` at their end.
static NATIVE: &[&str] = &[
    "CreateProcess",
    "CreateProcessAsUser",
    "CreateProcessWithLogon",
    "CreateProcessWithToken",
    "CreateRemoteThread",
    "CreateThread",
    "HeapCreate",
    "NtAllocateVirtualMemory",
    "NtCreateThreadEx",
    "QueueUserAPC",
    "ShellExecute",
    "ShellExecuteEx",
    "VirtualAlloc",
    "VirtualAllocEx",
    "VirtualProtect",
    "WinExec",
    "WriteProcessMemory",
];

/// Says whether a function of the system gives control.
pub(super) fn is_native(name: &str) -> bool {
    NATIVE.contains(&name) || NATIVE.contains(&name.trim_end_matches(['A', 'W']))
}

/// Says whether a text names what takes commands: `cmd.exe`, `/c `, `powershell`.
pub(super) fn names_shell(text: &str) -> bool {
    if text.len() > 200 {
        return false;
    }
    let small = text.to_ascii_lowercase();
    let mut words = small.split(|sign: char| !sign.is_ascii_alphanumeric() && sign != '/');
    small.starts_with("/c ") || words.any(|word| matches!(word, "cmd" | "powershell" | "pwsh" | "comspec"))
}

/// What pages, handlers and services extend, and what they implement.
pub(super) static PAGES: &[&str] = &[
    "System.Web.HttpApplication",
    "System.Web.IHttpAsyncHandler",
    "System.Web.IHttpHandler",
    "System.Web.IHttpModule",
    "System.Web.Mvc.WebViewPage",
    "System.Web.Services.WebService",
    "System.Web.UI.MasterPage",
    "System.Web.UI.Page",
    "System.Web.UI.UserControl",
    "System.Web.WebPages.WebPage",
];

/// What services extend: what they are called with is the visitor's.
pub(super) const SERVICE: &str = "System.Web.Services.WebService";
