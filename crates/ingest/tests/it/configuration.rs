//! Configuration in XML, and scheduled tasks.

use crate::support::{Reading, read_bytes};
use afterpatch_model::ProblemCode;
use proptest::prelude::*;

const HOST: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<configuration>
 <system.applicationHost>
  <sites>
   <site name="Default Web Site" id="1">
    <application path="/owa" applicationPool="MSExchangeOWAAppPool">
     <virtualDirectory path="/" physicalPath="E:\EX\FrontEnd\HttpProxy\owa" />
    </application>
    <bindings><binding protocol="https" bindingInformation="*:443:" /></bindings>
   </site>
   <siteDefaults><logFile logFormat="W3C" directory="D:\IISLogs" /></siteDefaults>
  </sites>
 </system.applicationHost>
 <system.webServer>
  <globalModules><add name="Quiet" image="C:\Windows\Temp\quiet.dll" /></globalModules>
 </system.webServer>
</configuration>"#;

fn settings(reading: &Reading) -> Vec<[&str; 3]> {
    let rows = reading.rows("settings").iter();
    rows.map(|row| ["name", "value", "scope"].map(|column| row.get(column).map_or("", String::as_str)))
        .collect()
}

#[test]
fn sites_modules_and_folders_are_settings() {
    let path = r"C:\Windows\System32\inetsrv\config\applicationHost.config";
    let reading = read_bytes(path, HOST.as_bytes());
    assert_eq!((reading.read.parser, reading.counts()), (Some("configuration"), (4, 4, 0)));
    let expected = [
        ["virtual_directory", r"E:\EX\FrontEnd\HttpProxy\owa", "Default Web Site /owa /"],
        ["site_binding", "*:443:", "Default Web Site"],
        ["site_log", r"D:\IISLogs", ""],
        ["global_module", r"C:\Windows\Temp\quiet.dll", "Quiet"],
        ["global_modules", "Quiet", ""],
    ];
    assert_eq!(settings(&reading), expected);
    assert_eq!(reading.rows("settings")[0]["record"], "7");
}

#[test]
fn the_modules_of_a_server_are_listed_as_a_whole() {
    let text = r#"<configuration><system.webServer><globalModules><add name="UriCacheModule" image="a.dll" />
        <add name="TokenCacheModule" image="b.dll" /></globalModules><modules><add name="Own" type="Own" /></modules>
        </system.webServer></configuration>"#;
    let reading = read_bytes(r"C:\Windows\System32\inetsrv\config\applicationHost.config", text.as_bytes());
    assert!(settings(&reading).contains(&["global_modules", "UriCacheModule TokenCacheModule", ""]));
    assert_eq!(reading.counts(), (3, 3, 0), "the list is no record of its own");
    let none = text.replace("globalModules", "somethingElse");
    let reading = read_bytes(r"C:\inetpub\wwwroot\web.config", none.as_bytes());
    assert!(settings(&reading).iter().all(|row| row[0] != "global_modules"), "no list is no empty list");
}

#[test]
fn a_machine_key_is_told_of_and_not_kept() {
    let text = r#"<configuration><system.web><machineKey validationKey="00FF" decryptionKey="11" /></system.web></configuration>"#;
    let reading = read_bytes(r"C:\inetpub\wwwroot\web.config", text.as_bytes());
    let row = &reading.rows("settings")[0];
    assert_eq!((row["name"].as_str(), row["value"].len()), ("machine_key", 71));
    assert!(
        row["rest"].contains("web.config")
            && !row["rest"].contains("00FF")
            && !row["rest"].contains("\"11\"")
    );
    let small = read_bytes(r"C:\inetpub\wwwroot\web.config", text.replace("00FF", "00ff").as_bytes());
    assert_eq!(small.rows("settings")[0]["value"], row["value"], "one key has one fingerprint");
    assert_eq!(reading.rows("files").len(), 1, "a served file is listed besides");
    let generated = text.replace("00FF", "AutoGenerate,IsolateApps");
    assert!(read_bytes(r"C:\inetpub\wwwroot\web.config", generated.as_bytes()).rows("settings").is_empty());
}

#[test]
fn what_a_rewriting_rule_does_is_a_setting_beside_it() {
    let text = r#"<configuration><system.webServer><rewrite><rules><rule name="Quiet"><match url="^a\.png$" />
        <action type="Rewrite" url="http://127.0.0.1:8080/{R:0}" /></rule>
        <rule name="PowerShell - inbound"><action type="AbortRequest" /></rule></rules></rewrite></system.webServer></configuration>"#;
    let reading = read_bytes(r"C:\inetpub\wwwroot\web.config", text.as_bytes());
    let expected = [
        ["rewrite_action", "http://127.0.0.1:8080/{R:0}", "Quiet"],
        ["rewrite_rule", "Quiet", "Quiet"],
        ["rewrite_action", "AbortRequest", "PowerShell - inbound"],
        ["rewrite_rule", "PowerShell - inbound", "PowerShell - inbound"],
    ];
    assert_eq!(settings(&reading), expected);
}

#[test]
fn a_setting_names_the_file_that_it_stands_in_and_no_password() {
    let path = r"C:\inetpub\history\CFGHISTORY_0000000007\applicationHost.config";
    let text = HOST.replace("<sites>", r#"<applicationPools><add name="P"><processModel userName="svc" password="Secret7" /></add></applicationPools><sites>"#);
    let reading = read_bytes(path, text.as_bytes());
    let rests: Vec<_> = reading.rows("settings").iter().filter_map(|row| row.get("rest")).collect();
    assert!(
        rests.iter().all(|rest| rest.contains("CFGHISTORY_0000000007") && !rest.contains("Secret7")),
        "{rests:?}"
    );
}

#[test]
fn extended_protection_is_a_setting_of_its_folder() {
    let text = r#"<configuration><location path="Default Web Site/EWS"><system.webServer><security><authentication>
        <windowsAuthentication enabled="true"><extendedProtection tokenChecking="Require" flags="None" />
        </windowsAuthentication></authentication></security></system.webServer></location></configuration>"#;
    let reading = read_bytes(r"C:\Windows\System32\inetsrv\config\applicationHost.config", text.as_bytes());
    assert_eq!(settings(&reading), [["extended_protection", "Require", "Default Web Site/EWS"]]);
}

#[test]
fn agents_are_settings() {
    let text = r#"<configuration><mexRuntime><agentList>
        <agent name="Transport Rule Agent" classFactory="F" assemblyPath="E:\EX\TransportRoles\agents\Rule\a.dll" enabled="true" />
        </agentList></mexRuntime></configuration>"#;
    let reading = read_bytes(r"E:\EX\TransportRoles\Shared\agents.config", text.as_bytes());
    assert_eq!(
        settings(&reading),
        [["transport_agent", r"E:\EX\TransportRoles\agents\Rule\a.dll", "Transport Rule Agent"]]
    );
}

const EXTRACTION: &str = r#"<?xml version="1.0" encoding="utf-8"?><Configuration><System><TextExtractionSettings>
 <ModuleLists><ModuleList TypeList="OutsideInOnly"><Module>OutsideInModule.dll|NO</Module></ModuleList></ModuleLists>
 <TypeLists><TypeList Name="OutsideInOnly"><Type Name="AutoCad|NO" /></TypeList>
  <TypeList Name="PreferIFilters"><Type Name="Rtf" /></TypeList></TypeLists>
</TextExtractionSettings><Engines><Type Name="x" /></Engines></System></Configuration>"#;

#[test]
fn overrides_of_text_extraction_are_settings() {
    let reading = read_bytes(r"E:\EX\FIP-FS\Data\Configuration.xml", EXTRACTION.as_bytes());
    assert_eq!((reading.read.parser, reading.counts()), (Some("text-extraction"), (3, 3, 0)));
    let expected = [
        ["text_extraction_module", "OutsideInModule.dll|NO", "OutsideInOnly"],
        ["text_extraction_type", "AutoCad|NO", "OutsideInOnly"],
        ["text_extraction_type", "Rtf", "PreferIFilters"],
    ];
    assert_eq!(settings(&reading), expected);
    let elsewhere = read_bytes(r"C:\App\Configuration.xml", b"<Configuration />");
    assert_eq!(elsewhere.read.parser, None);
}

#[test]
fn entities_are_not_expanded_and_what_breaks_is_told() {
    let bomb = r#"<!DOCTYPE c [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>
        <configuration><rules><rule name="&b;&x;" /></rules>&b;</configuration>"#;
    let reading = read_bytes(r"C:\inetpub\wwwroot\web.config", bomb.as_bytes());
    assert_eq!(reading.codes(), [ProblemCode::BadXml]);
    assert_eq!(settings(&reading)[0][1], "&b;&x;");
    let cut = HOST.split_once("<siteDefaults>").unwrap().0;
    let reading = read_bytes(r"C:\a\applicationHost.config", cut.as_bytes());
    assert_eq!(reading.counts().1, 2, "what came before the cut is read");
    let deep = "<a>".repeat(100_000);
    assert!(read_bytes(r"C:\a\web.config", deep.as_bytes()).codes().contains(&ProblemCode::BadXml));
}

fn task(command: &str, arguments: &str) -> String {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n\
         <Task version=\"1.2\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">\r\n\
         <RegistrationInfo><Date>2021-03-03T04:05:06</Date><Author>EX\\admin</Author><URI>\\Update</URI></RegistrationInfo>\r\n\
         <Principals><Principal id=\"a\"><UserId>S-1-5-18</UserId></Principal></Principals>\r\n\
         <Actions><Exec><Command>{}</Command><Arguments>{}</Arguments></Exec></Actions></Task>",
        escape(command),
        escape(arguments)
    )
}

fn utf16(text: &str) -> Vec<u8> {
    [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_a_task_runs_is_read_as_it_was_written(
        command in "[!-~é日][ -~é日]{0,30}[!-~]", arguments in "[!-~][ -~]{0,30}[!-~]",
    ) {
        let path = r"C:\Windows\System32\Tasks\Update";
        let reading = read_bytes(path, &utf16(&task(&command, &arguments)));
        prop_assert_eq!((reading.read.parser, reading.counts()), (Some("scheduled-task"), (1, 1, 0)));
        let expected = format!("{command} {arguments}");
        prop_assert_eq!(settings(&reading), [["scheduled_task", expected.as_str(), r"\Update"]]);
        prop_assert_eq!(&reading.rows("settings")[0]["time"], "2021-03-03T04:05:06Z");
    }

    #[test]
    fn a_setting_is_read_as_it_was_written(value in "[ -~é日]{1,40}") {
        let escaped = value.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
        let text = format!("<configuration><isapiFilters><filter name=\"f\" path=\"{escaped}\" /></isapiFilters></configuration>");
        let reading = read_bytes(r"C:\a\web.config", text.as_bytes());
        prop_assert_eq!(settings(&reading)[0][1], value.as_str());
    }
}
