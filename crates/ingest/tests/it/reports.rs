//! What other programs reported: the Safety Scanner, error reporting, ASP.NET, `HealthChecker`, audits, queries.

use crate::support::{Row, pick, read_bytes};
use afterpatch_model::ProblemCode;
use proptest::prelude::*;
use std::fmt::Write as _;

const SCANNED: &str = "\u{FEFF}\r\n---------------------------------------\r\n\
    Microsoft Safety Scanner v1.333, (build 1.333.160.0)\r\n\
    Started On Fri Mar 05 15:27:13 2021\r\n\r\nQuick Scan Results:\r\n-------------------\r\n\
    Threat detected: Backdoor:ASP/Example.A\r\n\
    \x20   file://C:\\inetpub\\wwwroot\\aspnet_client\\a.aspx\r\n\
    \x20       SigSeq: 0x0000555555555555\r\n\
    \x20   file://C:\\inetpub\\wwwroot\\aspnet_client\\b.aspx\r\n\
    Threat detected: Behavior:Win32/Example.B\r\n\
    Results Summary:\r\n----------------\r\nFound Backdoor:ASP/Example.A and Removed!\r\n\
    Microsoft Safety Scanner Finished On Fri Mar 05 16:00:13 2021\r\nReturn code: 6 (0x6)\r\n";

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn the_scanner_names_threats_and_files() {
    let reading = read_bytes(r"C:\Windows\debug\msert.log", &utf16(SCANNED));
    assert_eq!((reading.read.parser, reading.counts()), (Some("safety-scanner"), (7, 7, 0)));
    let rows = reading.rows("log_messages");
    let shown: Vec<_> = rows.iter().map(|row| pick(row, &["time", "message", "path"])).collect();
    assert_eq!(
        shown[1],
        ["2021-03-05T15:27:13Z", "Backdoor:ASP/Example.A", r"C:\inetpub\wwwroot\aspnet_client\a.aspx"]
    );
    assert_eq!(shown[2][2], r"C:\inetpub\wwwroot\aspnet_client\b.aspx");
    assert_eq!(shown[3][1..], ["Behavior:Win32/Example.B", ""]);
    assert_eq!(shown[5][0], "2021-03-05T16:00:13Z");
    assert_eq!(reading.codes(), [ProblemCode::AssumedZone]);
}

#[test]
fn a_text_that_only_mentions_the_scanner_is_not_its_log() {
    let reading = read_bytes(r"C:\notes.txt", b"We ran Microsoft Safety Scanner today.\r\n");
    assert_eq!(reading.read.parser, None);
}

const REPORT: &str = "\u{FEFF}Version=1\r\nEventType=APPCRASH\r\nEventTime=132594240000000000\r\n\
    Sig[0].Name=Application Name\r\nSig[0].Value=w3wp.exe\r\nSig[1].Value=MSExchangeECPAppPool\r\n\
    AppName=IIS Worker Process\r\nAppPath=c:\\windows\\system32\\inetsrv\\w3wp.exe\r\n";

#[test]
fn a_crash_is_one_record_with_all_that_was_reported() {
    let path = r"C:\ProgramData\Microsoft\Windows\WER\ReportArchive\AppCrash_w3wp\Report.wer";
    let reading = read_bytes(path, &utf16(REPORT));
    assert_eq!((reading.read.parser, reading.counts()), (Some("error-report"), (1, 1, 0)));
    let row = &reading.rows("log_messages")[0];
    assert_eq!(
        pick(row, &["time", "message", "path"]),
        ["2021-03-05T13:20:00Z", "APPCRASH: IIS Worker Process", r"c:\windows\system32\inetsrv\w3wp.exe"]
    );
    assert!(row["rest"].contains("MSExchangeECPAppPool"));
    assert_eq!(read_bytes(path, b"[Version]\r\nx=1\r\n").read.parser, None);
}

const COMPILED: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<preserve resultType="3" virtualPath="/owa/auth/x.aspx" hash="1" filehash="ab12" flags="110000" assembly="App_Web_abcd1234" type="ASP.x_aspx">
    <filedeps><filedep name="/owa/auth/x.aspx" /></filedeps>
</preserve>"#;

#[test]
fn a_compiled_page_names_its_page_and_assembly() {
    let path = r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\Temporary ASP.NET Files\owa\1\2\x.aspx.1a2b3c4d.compiled";
    let reading = read_bytes(path, COMPILED.as_bytes());
    assert_eq!(reading.read.parser, Some("compiled-page"));
    let row = &reading.rows("settings")[0];
    assert_eq!(
        pick(row, &["name", "value", "scope"]),
        ["compiled_page", "/owa/auth/x.aspx", "App_Web_abcd1234"]
    );
    assert!(row["rest"].contains("ab12"));
    // It lies where the web server serves from, and is a file of its own besides.
    assert_eq!(reading.rows("files").len(), 1);
}

const CHECKED: &str = r#"<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">
  <Obj RefId="0"><MS>
    <DT N="GenerationTime">2021-03-05T10:00:00Z</DT>
    <Obj N="ExchangeInformation" RefId="1"><MS>
      <Obj N="VersionInformation" RefId="2"><MS><Version N="BuildVersion">15.1.2176.2</Version></MS></Obj>
      <S N="ServerName">MX1</S><S N="Nothing"></S>
    </MS></Obj>
  </MS></Obj>
</Objs>"#;

#[test]
fn the_health_checkers_values_are_settings_and_its_build_a_sighting() {
    let reading = read_bytes("HealthChecker-MX1-20210305.xml", CHECKED.as_bytes());
    assert_eq!((reading.read.parser, reading.counts()), (Some("health-checker"), (3, 3, 0)));
    let build = &reading.rows("builds")[0];
    assert_eq!(
        pick(build, &["time", "build", "seen_in"]),
        ["2021-03-05T10:00:00Z", "15.1.2176.2", "HealthChecker"]
    );
    let name = &reading.rows("settings")[2];
    assert_eq!(pick(name, &["name", "value", "scope"]), ["ServerName", "MX1", "ExchangeInformation"]);
    let other = CHECKED.replace("powershell/2004/04", "other");
    assert_eq!(read_bytes("HealthChecker-MX1.xml", other.as_bytes()).read.parser, None);
}

#[test]
fn an_export_of_virtual_directories_tells_their_addresses() {
    let text = "<Objs Version=\"1.1.0.1\" xmlns=\"http://schemas.microsoft.com/powershell/2004/04\"><Obj RefId=\"0\"><TN RefId=\"0\">\
        <T>Microsoft.Exchange.Data.Directory.SystemConfiguration.ADOabVirtualDirectory</T></TN><Props>\
        <S N=\"Server\">MX1</S><URI N=\"ExternalUrl\">http://f/&lt;script&gt;</URI></Props></Obj></Objs>";
    let reading = read_bytes(r"D:\evidence\oab.xml", text.as_bytes());
    assert_eq!((reading.read.parser, reading.counts()), (Some("health-checker"), (2, 2, 0)));
    let address = &reading.rows("settings")[1];
    assert_eq!(pick(address, &["name", "value"]), ["ExternalUrl", "http://f/<script>"]);
    let mailbox = text.replace("VirtualDirectory", "Mailbox");
    assert_eq!(read_bytes(r"D:\evidence\mailboxes.xml", mailbox.as_bytes()).read.parser, None);
}

const EXPORTED: &str = "dn: CN=OAB (Default Web Site),CN=HTTP,CN=Protocols,CN=MX1,CN=Servers,CN=Example,DC=example,\r\n DC=org\r\n\
    changetype: add\r\nobjectClass: top\r\nobjectClass: msExchOABVirtualDirectory\r\n\
    whenChanged: 20210302041516.0Z\r\nmsExchExternalHostName: \r\n http://f/<script>\r\nobjectGUID:: AAEC\r\n\r\n\
    # a remark, and one \r\n more\r\ndn:: Q049U3luYw==\r\nchangetype: add\r\nno colon\r\nmsExchRoleLink: CN=ApplicationImpersonation\r\n";

#[test]
fn an_export_of_the_directory_tells_every_value_of_an_object() {
    let reading = read_bytes(r"D:\evidence\exchange.ldf", EXPORTED.as_bytes());
    assert_eq!((reading.read.parser, reading.counts()), (Some("directory-export"), (7, 6, 1)));
    assert_eq!(reading.codes(), [ProblemCode::FieldCount]);
    let rows = reading.rows("settings");
    let shown: Vec<_> =
        rows.iter().map(|row| pick(row, &["time", "server", "name", "value", "scope", "record"])).collect();
    let object =
        "CN=OAB (Default Web Site),CN=HTTP,CN=Protocols,CN=MX1,CN=Servers,CN=Example,DC=example,DC=org";
    let changed = "2021-03-02T04:15:16Z";
    assert_eq!(shown[3], [changed, "MX1", "msExchExternalHostName", "http://f/<script>", object, "7"]);
    assert_eq!(shown[4][2..4], ["objectGUID", "AAEC"]);
    assert_eq!(shown[5][2..], ["msExchRoleLink", "CN=ApplicationImpersonation", "CN=Sync", "16"]);
    let mail = EXPORTED.replace("dn:", "To:");
    assert_eq!(read_bytes(r"D:\evidence\exchange.ldf", mail.as_bytes()).read.parser, None);
}

const AUDIT_PATH: &str = r"D:\Ex\Logging\LocalQueue\Exchange\audit20210303-1.LOG";

fn audit(records: &[String]) -> String {
    let mut text = "#Software: Microsoft Exchange\r\n#Version: 15.01.2176.002\r\n#Log-type: audit\r\n\
        #Fields: DateTime,Id,Data\r\n"
        .to_owned();
    for record in records {
        let _ = write!(text, "2021-03-03T10:00:01.000Z,1,\"{}\"\r\n", record.replace('"', "\"\""));
    }
    text
}

#[test]
fn audit_records_are_commands() {
    let record = serde_json::json!({
        "CreationTime": "2021-03-03T10:00:00", "Operation": "New-MailboxExportRequest", "UserId": "example\\admin",
        "ResultStatus": "True", "OriginatingServer": "MX1 (15.01.2176.002)", "Id": "7",
        "Parameters": [{"Name": "Mailbox", "Value": "a, b"}, {"Name": "FilePath", "Value": "\\\\127.0.0.1\\c$\\x"}],
    });
    let failed = serde_json::json!({"Operation": "Set-Mailbox", "ResultStatus": "Failed"});
    let text = audit(&[record.to_string(), failed.to_string(), "no json".to_owned()]);
    let reading = read_bytes(AUDIT_PATH, text.as_bytes());
    assert_eq!((reading.read.parser, reading.counts()), (Some("admin-audit"), (3, 2, 1)));
    assert_eq!(reading.codes(), [ProblemCode::BadJson]);
    let rows = reading.rows("admin_commands");
    assert_eq!(
        pick(&rows[0], &["time", "server", "user", "command", "parameters", "result"]),
        [
            "2021-03-03T10:00:00Z",
            "MX1",
            r"example\admin",
            "New-MailboxExportRequest",
            r#"-Mailbox "a, b" -FilePath "\\127.0.0.1\c$\x""#,
            "ok"
        ]
    );
    assert_eq!(pick(&rows[1], &["time", "result"]), ["2021-03-03T10:00:01Z", "failed"]);
}

#[test]
fn results_of_queries_are_files_or_kept_as_they_are() {
    let text = r#"{"OSPath":"C:\\inetpub\\wwwroot\\x.aspx","Size":12,"Mtime":"2021-03-03T10:00:00Z","InUse":false}
{"Name":"EvilService","PathName":"c:\\x.exe","_ts":1614765600}
[1]
"#;
    let reading = read_bytes("results/Windows.NTFS.MFT%2FAll.json", text.as_bytes());
    assert_eq!((reading.read.parser, reading.counts()), (Some("velociraptor-result"), (3, 2, 1)));
    let file = &reading.rows("files")[0];
    assert_eq!(
        pick(file, &["path", "time", "size_bytes", "attributes"]),
        [r"C:\inetpub\wwwroot\x.aspx", "2021-03-03T10:00:00Z", "12", "deleted"]
    );
    let other: &Row = &reading.rows("log_messages")[0];
    assert_eq!(pick(other, &["component", "time"]), ["Windows.NTFS.MFT/All", "2021-03-03T10:00:00Z"]);
    assert_eq!(read_bytes("C:\\x\\settings.json", text.as_bytes()).read.parser, None);
}

proptest! {
    #[test]
    fn an_audit_record_is_read_as_it_was_written(
        operation in "[A-Z][a-z]{1,8}-[A-Z][a-z]{1,8}", user in "[^\\p{C}]{1,20}", failed: bool,
    ) {
        let status = if failed { "Failed" } else { "True" };
        let record = serde_json::json!({"Operation": operation, "UserId": user, "ResultStatus": status});
        let reading = read_bytes(AUDIT_PATH, audit(&[record.to_string()]).as_bytes());
        prop_assert_eq!(reading.counts(), (1, 1, 0));
        let row = &reading.rows("admin_commands")[0];
        let result = if failed { "failed" } else { "ok" };
        prop_assert_eq!(pick(row, &["command", "user", "result"]), [operation.as_str(), user.as_str(), result]);
    }

    #[test]
    fn an_error_report_is_read_as_it_was_written(
        pairs in prop::collection::btree_map("[A-Z][A-Za-z]{3,9}", "[^\\p{C}]{0,20}", 0..20),
    ) {
        let mut text = "Version=1\r\nEventType=APPCRASH\r\nEventTime=132594240000000000\r\n".to_owned();
        let known = ["Version", "EventType", "EventTime"];
        for (key, value) in pairs.iter().filter(|(key, _)| !known.contains(&key.as_str())) {
            let _ = write!(text, "{key}={value}\r\n");
        }
        let reading = read_bytes("Report.wer", text.as_bytes());
        let rest: serde_json::Value =
            serde_json::from_str(&reading.rows("log_messages")[0]["rest"]).unwrap();
        for (key, value) in pairs.iter().filter(|(key, _)| !known.contains(&key.as_str())) {
            prop_assert_eq!(rest[key].as_str(), Some(value.as_str()));
        }
    }
}
