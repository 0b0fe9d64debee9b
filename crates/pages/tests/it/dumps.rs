//! Settings of virtual directories as Exchange exports them: text, in which an address holds a program.

use crate::fixtures::{codes, page};
use afterpatch_pages::judge;
use afterpatch_pages::kind::Kind;
use afterpatch_pages::verdict::Verdict;

/// Returns the settings of a virtual directory as `Set-OabVirtualDirectory` and the like leave them in a file.
fn dump(directory: &str, address: &str) -> String {
    let settings = [
        ("Name", format!("{directory} (Default Web Site)")),
        ("PollInterval", "480".to_owned()),
        ("OfflineAddressBooks", r"\Default Offline Address Book".to_owned()),
        ("RequireSSL", "True".to_owned()),
        ("BasicAuthentication", "False".to_owned()),
        ("WindowsAuthentication", "True".to_owned()),
        ("MetabasePath", format!("IIS://ex01.example.org/W3SVC/1/ROOT/{directory}")),
        ("Path", format!(r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\{directory}")),
        ("ExtendedProtectionTokenChecking", "None".to_owned()),
        ("ExtendedProtectionFlags", "{}".to_owned()),
        ("AdminDisplayVersion", "Version 15.1 (Build 2106.2)".to_owned()),
        ("Server", "EX01".to_owned()),
        ("InternalUrl", format!("https://ex01.example.org/{directory}")),
        ("InternalAuthenticationMethods", "WindowsIntegrated".to_owned()),
        ("ExternalUrl", address.to_owned()),
        ("ExternalAuthenticationMethods", "WindowsIntegrated".to_owned()),
        ("Identity", format!(r"EX01\{directory} (Default Web Site)")),
        ("WhenChanged", "3/3/2021 4:01:31 AM".to_owned()),
        ("ObjectState", "Changed".to_owned()),
    ];
    let lines = settings.map(|(name, value)| format!("{name:<32}: {value}\r\n"));
    format!("\r\n\r\n{}", lines.concat())
}

/// Returns a text in each of the encodings in which it may have been exported.
fn encoded(text: &str) -> [Vec<u8>; 4] {
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    [
        text.as_bytes().to_vec(),
        [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        [b"\xFF\xFE", wide.as_slice()].concat(),
        wide,
    ]
}

#[test]
fn a_program_in_an_address_is_a_shell_in_every_encoding() {
    let programs = [("in-a-url.aspx", "visitor-evaluated"), ("in-a-url.csharp.aspx", "visitor-wrote-file")];
    for directory in ["OAB", "ecp"] {
        for (name, signal) in programs {
            let text = dump(directory, &format!("http://f/{}", page(name)));
            for bytes in encoded(&text) {
                let judgement = judge(&bytes, Kind::Aspx);
                assert_eq!(judgement.verdict, Some(Verdict::Shell), "{directory}, {name}: {judgement:?}");
                assert!(codes(&judgement).contains(&signal), "{directory}, {name}: {judgement:?}");
            }
        }
    }
}

#[test]
fn the_line_of_the_address_is_told() {
    let text = dump("OAB", &format!("http://f/{}", page("in-a-url.aspx")));
    let wanted = text.lines().position(|line| line.starts_with("ExternalUrl")).unwrap() + 1;
    let judgement = judge(text.as_bytes(), Kind::Aspx);
    let signal = judgement.signals.iter().find(|signal| signal.code == "visitor-evaluated").unwrap();
    assert_eq!(usize::try_from(signal.line), Ok(wanted));
}

#[test]
fn settings_alone_are_none() {
    let addresses = [
        "https://mail.example.org/OAB",
        "https://mail.example.org/OAB?<script>document.title = eval('1');</script>",
        r#"https://mail.example.org/<script runat="server" language="JScript">function Page_Load() { Title = 1; }</script>"#,
        "",
    ];
    for address in addresses {
        for bytes in encoded(&dump("OAB", address)) {
            let judgement = judge(&bytes, Kind::Aspx);
            assert_eq!(judgement.verdict, None, "{address}: {judgement:?}");
        }
    }
}
