//! What an event comes to: processes, logons, files, commands and settings.

use super::*;

fn event(provider: &str, id: u16, fields: &str) -> String {
    format!(
        r##"{{"Event":{{"System":{{"Provider":{{"#attributes":{{"Name":"{provider}"}}}},"EventID":{{"#attributes":{{"Qualifiers":0}},"#text":{id}}},"TimeCreated":{{"#attributes":{{"SystemTime":"2021-03-02T08:00:00.1234567Z"}}}},"Computer":"MX1","Correlation":null}},"EventData":{fields}}}}}"##
    )
}

const SECURITY: &str = "Microsoft-Windows-Security-Auditing";

#[test]
fn a_hundred_nanoseconds_and_the_rest_of_the_system_are_kept() {
    let outcome = read("windows-events", event(SECURITY, 1, "null"));
    let row = outcome.rows("windows_events", &["time", "event_id", "fields", "rest"]);
    assert_eq!(row, [["2021-03-02T08:00:00.1234567Z", "1", "-", r#"{"Qualifiers":0}"#]]);
}

#[test]
fn an_event_without_a_time_is_a_fact_with_a_remark() {
    let outcome = read("windows-events", r#"{"EventID":1,"Channel":"Security","TimeCreated":"yesterday"}"#);
    assert_eq!((outcome.tally.facts, outcome.codes()), (1, vec![ProblemCode::BadTime]));
}

#[test]
fn the_events_own_time_goes_before_what_a_field_says() {
    let line = r#"{"EventTime":"2021-03-14 06:40:13","@timestamp":"2021-03-14T01:40:14Z","TimeCreated":"2021-03-14T01:40:13.660Z","UtcTime":"2021-03-14 06:40:13.659","EventID":11,"Channel":"Application"}"#;
    let row = &read("windows-events", line).rows("windows_events", &["time", "rest"])[0];
    assert_eq!(row[0], "2021-03-14T01:40:13.66Z");
    assert_eq!(row[1], r#"{"EventTime":"2021-03-14 06:40:13"}"#);
}

#[test]
fn processes_know_their_parents_and_their_account() {
    let creator = r#""SubjectUserName":"MX1$","SubjectDomainName":"EXAMPLE""#;
    let start = r#""NewProcessId":"0x2d54","NewProcessName":"C:\\x.exe","ProcessId":"0x10","ParentProcessName":"C:\\w3wp.exe","CommandLine":"x /c""#;
    let none = event(
        SECURITY,
        4688,
        &format!(r#"{{{creator},{start},"TargetUserName":"-","TargetDomainName":"-"}}"#),
    );
    let target = event(
        SECURITY,
        4688,
        &format!(r#"{{{creator},{start},"TargetUserName":"a","TargetDomainName":"E"}}"#),
    );
    let ended = event(SECURITY, 4689, &format!("{{{creator},{start}}}"));
    let outcome = read("windows-events", [none, target, ended].join("\n"));
    let columns = ["user", "image", "command_line", "pid", "parent_image", "parent_pid"];
    let row = |user| [user, r"C:\x.exe", "x /c", "11604", r"C:\w3wp.exe", "16"];
    assert_eq!(outcome.rows("processes", &columns), [row(r"EXAMPLE\MX1$"), row(r"E\a")]);
}

#[test]
fn failed_and_explicit_logons_are_told_apart() {
    let fields = r#"{"SubjectLogonId":"0x3e7","TargetUserName":"a","TargetDomainName":"E","LogonType":10,"IpAddress":"::ffff:198.51.100.4","WorkstationName":"WS1","ProcessName":"C:\\p.exe"}"#;
    let lines = [4625, 4648, 4634].map(|id| event(SECURITY, id, fields)).join("\n");
    let outcome = read("windows-events", lines);
    let columns = ["action", "user", "logon_type", "src_ip", "src_host", "logon_id", "process"];
    let row = |action| [action, r"E\a", "10", "::ffff:198.51.100.4", "WS1", "0x3e7", r"C:\p.exe"];
    assert_eq!(outcome.rows("logons", &columns), [row("failed"), row("explicit")]);
}

#[test]
fn files_are_files_and_neither_pipes_nor_keys() {
    let share = |name: &str, target: &str, mask: &str| {
        event(
            SECURITY,
            5145,
            &format!(
                r#"{{"ShareName":"\\\\*\\{name}","ShareLocalPath":"","RelativeTargetName":"{target}","AccessMask":"{mask}","IpAddress":"::1"}}"#
            ),
        )
    };
    let object = |kind: &str, mask: &str| {
        event(
            SECURITY,
            4663,
            &format!(
                r#"{{"ObjectType":"{kind}","ObjectName":"C:\\a.txt","AccessMask":"{mask}","ProcessId":"0x4"}}"#
            ),
        )
    };
    let stream =
        event("Microsoft-Windows-Sysmon", 15, r#"{"TargetFilename":"C:\\a:b","Hash":"MD5=0","ProcessId":7}"#);
    let lines = [
        share("C$", "inetpub\\\\x.aspx", "0x2"),
        share("IPC$", "lsarpc", "0x12019f"),
        object("File", "0x10000"),
        object("Key", "0x2"),
        stream,
        event("Microsoft-Windows-Sysmon", 26, r#"{"TargetFilename":"C:\\gone.aspx"}"#),
        event("Microsoft-Windows-Other", 11, r#"{"TargetFilename":"C:\\other"}"#),
    ];
    let outcome = read("windows-events", lines.join("\n"));
    let rows = outcome.rows("file_events", &["action", "path", "pid", "src_ip", "hashes"]);
    assert_eq!(
        rows,
        [
            ["write", r"C:\inetpub\x.aspx", "-", "::1", "-"],
            ["delete", r"C:\a.txt", "4", "-", "-"],
            ["create", r"C:\a:b", "7", "-", "MD5=0"],
            ["delete", r"C:\gone.aspx", "-", "-", "-"],
        ]
    );
}

#[test]
fn cmdlets_are_read_from_positions_where_the_log_has_them() {
    let items = r#"["New-MailboxExportRequest","-Mailbox \"a\"","example.org/Users/admin","S-1-5-21-1","S-1-5-21-1","Remote-ManagementShell-Unknown","8372 w3wp#MSExchangePowerShellAppPool","","29","00:00:01","","Example.TaskException: no","ActivityId: 0f7d",""]"#;
    let log = event("MSExchange CmdletLogs", 6, &format!(r##"{{"Data":{{"#text":{items}}}}}"##));
    let named: Vec<_> = serde_json::from_str::<Vec<String>>(items).unwrap();
    let named: serde_json::Map<_, _> = named
        .into_iter()
        .enumerate()
        .map(|(place, item)| (format!("param{}", place + 1), item.into()))
        .collect();
    let beat = event("MSExchange CmdletLogs", 6, &serde_json::Value::from(named).to_string());
    let outcome = read("windows-events", format!("{log}\n{beat}"));
    let columns = ["user", "command", "parameters", "result", "error", "process", "request_id"];
    let row = [
        "example.org/Users/admin",
        "New-MailboxExportRequest",
        "-Mailbox \"a\"",
        "failed",
        "Example.TaskException: no",
        "8372 w3wp#MSExchangePowerShellAppPool",
        "0f7d",
    ];
    assert_eq!(outcome.rows("admin_commands", &columns), [row, row]);
}

#[test]
fn services_tasks_and_the_configuration_of_iis_are_settings() {
    let cases = [
        (
            "Service Control Manager",
            7045,
            r#"{"ServiceName":"upd","ImagePath":"C:\\x.exe"}"#,
            ["service_installed", r"C:\x.exe", "upd"],
        ),
        (
            "Microsoft-Windows-TaskScheduler",
            200,
            r#"{"TaskName":"\\upd","ActionName":"C:\\x.exe"}"#,
            ["task_ran", r"C:\x.exe", r"\upd"],
        ),
        (
            "Microsoft-Windows-IIS-Configuration",
            29,
            r#"{"Configuration":"/system.webServer/httpLogging/@dontLog","OldValue":"false","NewValue":"true"}"#,
            ["iis_configuration_changed", "true", "/system.webServer/httpLogging/@dontLog"],
        ),
    ];
    for (provider, id, fields, expected) in cases {
        let outcome = read("windows-events", event(provider, id, fields));
        assert_eq!(outcome.rows("settings", &["name", "value", "scope"]), [expected], "{provider}");
        let other = read("windows-events", event(provider, id + 1, fields));
        assert!(other.rows("settings", &["name"]).is_empty(), "{provider}");
    }
}

#[test]
fn what_defender_met_has_its_name_and_its_file() {
    let fields =
        r#"{"Threat Name":"Backdoor:ASP/Example.A","Path":"file:_C:\\inetpub\\wwwroot\\a.aspx; webfile:_x"}"#;
    let outcome = read("windows-events", event("Microsoft-Windows-Windows Defender", 1116, fields));
    assert_eq!(
        outcome.rows("log_messages", &["component", "message", "path"]),
        [["defender", "Backdoor:ASP/Example.A", r"C:\inetpub\wwwroot\a.aspx"]]
    );
}
