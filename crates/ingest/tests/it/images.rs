//! Mounted volumes: what is of interest is listed wherever the server's own settings say that it lies.

use afterpatch_ingest::{Extent, Limits, OpenCollection, Passwords, open_with};
use afterpatch_model::ProblemCode;
use afterpatch_model::Timestamp;
use afterpatch_range::hive::{self, Key, Lists};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const CONFIG: &str = r#"<configuration><system.applicationHost><sites><site name="Default Web Site">
 <application path="/"><virtualDirectory path="/" physicalPath="%SystemDrive%\inetpub\wwwroot" />
  <virtualDirectory path="/mail" physicalPath="D:\WebMail" /></application>
 <logFile directory="D:\IISLogs" /></site></sites></system.applicationHost></configuration>"#;
const PAST: &str = r#"<configuration><system.applicationHost><sites><site name="Default Web Site">
 <application path="/old"><virtualDirectory path="/" physicalPath="C:\Old" /></application>
</site></sites></system.applicationHost></configuration>"#;
const AGENTS: &str = r#"<configuration><mexRuntime><agentList>
 <agent name="Quiet" classFactory="F" assemblyPath="D:\Agents\quiet.dll" enabled="true" />
</agentList></mexRuntime></configuration>"#;

/// The files of a server with Exchange on another drive, and whether each is of interest.
const SERVER: [(&str, &str, bool); 25] = [
    ("C/Windows/System32/ntdll.dll", "", false),
    ("C/Windows/System32/config/COMPONENTS", "", false),
    ("C/Windows/System32/inetsrv/config/applicationHost.config", CONFIG, true),
    ("C/Windows/System32/Tasks/Microsoft/Windows/Task", "", true),
    ("C/Windows/System32/winevt/Logs/Security.evtx", "", true),
    ("C/Windows/WinSxS/a/b.dll", "", false),
    ("C/inetpub/history/CFGHISTORY_0000000001/applicationHost.config", PAST, true),
    ("C/inetpub/logs/LogFiles/W3SVC1/u_ex210301.log", "", true),
    ("C/inetpub/wwwroot/a.aspx", "", true),
    ("C/inetpub/temp/a.aspx", "", false),
    ("C/Old/was.aspx", "", true),
    ("C/pagefile.sys", "swap", false),
    ("D/Agents/other.dll", "", false),
    ("D/Agents/quiet.dll", "", true),
    ("D/IISLogs/W3SVC1/u_ex210302.log", "", true),
    ("D/IISLogs2/W3SVC1/u_ex210302.log", "", false),
    ("D/WebMail/bin/x.dll", "", true),
    ("D/WebMail/x.aspx", "", true),
    ("D/WebMail2/x.aspx", "", false),
    ("E/Exchange2016/Bin/ExSetup.exe", "", true),
    ("E/Exchange2016/FrontEnd/HttpProxy/owa/auth/logon.aspx", "", true),
    ("E/Exchange2016/Logging/HttpProxy/Ecp/HttpProxy_2021030204-1.LOG", "", true),
    ("E/Exchange2016/Mailbox/DB1/DB1.edb", "mail", false),
    ("E/Exchange2016/TransportRoles/Shared/agents.config", AGENTS, true),
    ("E/Program Files/Microsoft/Exchange Server/V15/Logging/HttpProxy/Ecp/old.LOG", "", false),
];

fn put(folder: &Path, path: &str, bytes: impl AsRef<[u8]>) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn software() -> Vec<u8> {
    let mut hive = Key::new("ROOT");
    hive.text(r"Microsoft\ExchangeServer\v15\Setup", "MsiInstallPath", r"E:\Exchange2016\");
    hive.text(r"Microsoft\Windows NT\CurrentVersion", "ProductName", "Windows Server 2016 Standard");
    hive.text(r"Microsoft\Windows NT\CurrentVersion", "SystemRoot", r"C:\Windows");
    hive::write(&hive, Lists::Lf, Timestamp::from_nanos(0)).bytes
}

/// Mounts the server's volumes below a folder, each path spelled as `spell` does.
fn mount(folder: &Path, spell: fn(&str) -> String) {
    for (path, text, _) in SERVER {
        put(folder, &spell(path), text);
    }
    put(folder, &spell("C/Windows/System32/config/SOFTWARE"), software());
}

fn open(folder: &Path, extent: Extent) -> Box<dyn OpenCollection> {
    open_with(folder, &Limits::default(), &Passwords::default(), extent).unwrap().remove(0)
}

fn listed(collection: &dyn OpenCollection) -> Vec<&str> {
    collection.entries().iter().map(|entry| &*entry.container_path).collect()
}

fn told(collection: &dyn OpenCollection, code: ProblemCode) -> BTreeMap<&str, &str> {
    let problems = collection.problems().iter().filter(|problem| problem.code == code);
    problems.map(|problem| (problem.place.as_str(), problem.detail.as_str())).collect()
}

#[test]
fn what_is_of_interest_is_listed_wherever_the_servers_own_settings_say_and_the_rest_is_counted() {
    for spell in [str::to_owned, str::to_lowercase as fn(&str) -> String, str::to_uppercase] {
        let folder = TempDir::new().unwrap();
        mount(folder.path(), spell);
        let image = open(folder.path(), Extent::OfInterest);
        let mut expected: Vec<String> =
            SERVER.iter().filter(|(.., wanted)| *wanted).map(|(path, ..)| spell(path)).collect();
        expected.push(spell("C/Windows/System32/config/SOFTWARE"));
        expected.sort();
        assert_eq!(listed(image.as_ref()), expected);
        assert_eq!(image.layout(), "image");
        let passed_over = BTreeMap::from([
            ("C", "1 files, 4 bytes"),
            ("C/Windows", "3 files, 0 bytes"),
            ("C/inetpub", "1 files, 0 bytes"),
            ("D/Agents", "1 files, 0 bytes"),
            ("D/IISLogs2", "1 files, 0 bytes"),
            ("D/WebMail2", "1 files, 0 bytes"),
            ("E/Exchange2016", "1 files, 4 bytes"),
            ("E/Program Files", "1 files, 0 bytes"),
        ]);
        let spelled = passed_over.into_iter().map(|(top, count)| (spell(top), count)).collect::<Vec<_>>();
        let counted = told(image.as_ref(), ProblemCode::NotOfInterest);
        let counted: BTreeMap<_, _> =
            counted.into_iter().map(|(top, count)| (top.to_owned(), count)).collect();
        assert_eq!(counted, spelled.into_iter().collect());
        assert_eq!(image.problems().len(), 8, "{:?}", image.problems());
    }
}

#[test]
fn everything_is_listed_where_that_is_asked_for() {
    let folder = TempDir::new().unwrap();
    mount(folder.path(), str::to_owned);
    let image = open(folder.path(), Extent::Everything);
    assert_eq!((listed(image.as_ref()).len(), image.problems().len()), (SERVER.len() + 1, 0));
    assert_eq!(image.layout(), "folder");
}

#[test]
fn what_a_collector_took_is_listed_whole() {
    let folder = TempDir::new().unwrap();
    mount(folder.path(), str::to_owned);
    // No collector takes the libraries of Windows: without them it is no volume.
    fs::remove_file(folder.path().join("C/Windows/System32/ntdll.dll")).unwrap();
    let collected = open(folder.path(), Extent::OfInterest);
    assert_eq!((listed(collected.as_ref()).len(), collected.problems().len()), (SERVER.len(), 0));
}

#[test]
fn a_volume_without_a_letter_has_the_one_that_windows_goes_by() {
    let folder = TempDir::new().unwrap();
    put(folder.path(), "mnt/mx1/windows/system32/KERNEL32.DLL", "");
    put(folder.path(), "mnt/mx1/windows/system32/inetsrv/config/applicationHost.config", PAST);
    put(folder.path(), "mnt/mx1/old/was.aspx", "");
    put(folder.path(), "mnt/notes.txt", "");
    let paths = |image: &dyn OpenCollection| {
        image
            .entries()
            .iter()
            .map(|entry| (entry.host_root.to_string(), entry.path.clone()))
            .collect::<Vec<_>>()
    };
    let of = |host: &str, path: &str| (host.to_owned(), path.to_owned());
    let unknown = open(folder.path(), Extent::OfInterest);
    assert_eq!(
        paths(unknown.as_ref()),
        [
            of("mnt/mx1", r"old\was.aspx"),
            of("mnt/mx1", r"windows\system32\inetsrv\config\applicationHost.config"),
            of("", "mnt/notes.txt"),
        ]
    );
    put(folder.path(), "mnt/mx1/windows/system32/config/SOFTWARE", software());
    let known = open(folder.path(), Extent::OfInterest);
    assert_eq!(paths(known.as_ref())[0], of("mnt/mx1", r"C:\old\was.aspx"));
    let missing = BTreeMap::from([("mnt/mx1/E:", r"E:\Exchange2016\")]);
    assert_eq!(told(known.as_ref(), ProblemCode::VolumeMissing), missing, "Exchange is not mounted");
}

#[test]
fn exchange_is_looked_for_everywhere_where_the_registry_does_not_say_where_it_is() {
    let folder = TempDir::new().unwrap();
    mount(folder.path(), str::to_owned);
    fs::write(folder.path().join("C/Windows/System32/config/SOFTWARE"), "no hive").unwrap();
    let image = open(folder.path(), Extent::OfInterest);
    let listed = listed(image.as_ref());
    for path in [
        "E/Exchange2016/FrontEnd/HttpProxy/owa/auth/logon.aspx",
        "E/Program Files/Microsoft/Exchange Server/V15/Logging/HttpProxy/Ecp/old.LOG",
    ] {
        assert!(listed.contains(&path), "{path}");
    }
    assert!(!listed.contains(&"E/Exchange2016/Mailbox/DB1/DB1.edb"));
}

#[test]
fn a_volume_of_data_is_one_by_what_windows_puts_on_each() {
    let folder = TempDir::new().unwrap();
    let root = folder.path().join("E");
    put(&root, "EX/FrontEnd/HttpProxy/owa/auth/x.aspx", "");
    put(&root, "EX/Mailbox/DB1.edb", "");
    fs::create_dir(root.join("System Volume Information")).unwrap();
    let entries = || listed(open(folder.path(), Extent::OfInterest).as_ref()).len();
    assert_eq!(entries(), 2, "a folder like others");
    fs::create_dir(root.join("$Recycle.Bin")).unwrap();
    assert_eq!(entries(), 1);
}

#[cfg(unix)]
mod links {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_are_followed_on_the_volumes_and_never_out_of_them() {
        let folder = TempDir::new().unwrap();
        let outside = TempDir::new().unwrap();
        let root = folder.path();
        mount(root, str::to_owned);
        put(outside.path(), "secret.aspx", "");
        put(root, "D/ExLogs/Ews_2021030204-1.LOG", "");
        put(root, "D/Client/y.aspx", "");
        put(root, "D/Far/z.aspx", "");
        let link = |target: &str, at: &str| symlink(target, root.join(at)).unwrap();
        link("../../../D/exlogs", "E/Exchange2016/Logging/Ews");
        link(r"\??\D:\Client", "C/inetpub/wwwroot/aspnet_client");
        link(root.join("D/Far").to_str().unwrap(), "C/inetpub/wwwroot/far");
        link("a.aspx", "C/inetpub/wwwroot/again.aspx");
        link(".", "C/inetpub/wwwroot/circle");
        link("self", "C/inetpub/wwwroot/self");
        link(outside.path().to_str().unwrap(), "C/inetpub/wwwroot/out");
        link("../../../../secret.aspx", "C/inetpub/wwwroot/up.aspx");
        link(r"\??\Volume{0001}\", "C/inetpub/wwwroot/volume");
        link("../../Users", "C/Windows/WinSxS/elsewhere");
        let image = open(root, Extent::OfInterest);
        let by_link = [
            "C/inetpub/wwwroot/aspnet_client/y.aspx",
            "C/inetpub/wwwroot/far/z.aspx",
            "E/Exchange2016/Logging/Ews/Ews_2021030204-1.LOG",
        ];
        let wanted = SERVER.iter().filter(|(.., wanted)| *wanted).map(|(path, ..)| *path);
        let mut expected: Vec<&str> =
            wanted.chain(by_link).chain(["C/Windows/System32/config/SOFTWARE"]).collect();
        expected.sort_unstable();
        assert_eq!(listed(image.as_ref()), expected);
        let out: Vec<&str> = told(image.as_ref(), ProblemCode::LinkNotFollowed).into_keys().collect();
        let refused = ["out", "self", "up.aspx", "volume"].map(|name| format!("C/inetpub/wwwroot/{name}"));
        assert_eq!(out, refused);
        let passed = told(image.as_ref(), ProblemCode::NotOfInterest);
        assert_eq!(passed["C/Windows"], "3 files, 0 bytes, 1 links", "what nobody asks for is counted");
        for entry in image.entries() {
            image.read(entry, &Limits::default()).unwrap();
        }
    }

    #[test]
    fn a_folder_that_a_site_points_at_may_be_a_link() {
        let folder = TempDir::new().unwrap();
        mount(folder.path(), str::to_owned);
        fs::rename(folder.path().join("D/WebMail"), folder.path().join("D/Moved")).unwrap();
        symlink(r"D:\Moved", folder.path().join("D/WebMail")).unwrap();
        let image = open(folder.path(), Extent::OfInterest);
        let page = image.entries().iter().find(|entry| entry.path.ends_with(r"\x.aspx")).unwrap();
        assert_eq!(page.path, r"D:\WebMail\x.aspx", "by the name that the server serves it under");
    }
}
