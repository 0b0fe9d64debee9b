//! Each scenario holds the traces that its truth speaks of, and no others.

use crate::written::texts;
use std::collections::BTreeMap;

const PAGE: &str = "RedirSuiteServerProxy.aspx";

/// Returns the rows, of files whose path holds `place`, that hold every one of `parts`.
fn rows(files: &BTreeMap<&str, &str>, place: &str, parts: &[&str]) -> Vec<String> {
    files
        .iter()
        .filter(|(path, _)| path.contains(place))
        .flat_map(|(_, text)| text.lines())
        .filter(|line| parts.iter().all(|part| line.contains(part)))
        .map(ToOwned::to_owned)
        .collect()
}

#[test]
fn the_chain_is_in_every_log_that_would_see_it() {
    let files = texts("chain");
    let count = |place, parts: &[&str]| rows(&files, place, parts).len();
    assert_eq!(count("HttpProxy/Ecp", &["ServerInfo~a]@mx1.example.org:444/"]), 6);
    assert_eq!(count("HttpProxy/Ecp", &["proxyLogon.ecp?#", ",241,241,"]), 1);
    assert_eq!(count("W3SVC1", &["POST /ecp/y.js", " 203.0.113.45 "]), 6);
    assert_eq!(count("W3SVC2", &["POST /ecp/proxyLogon.ecp", "EXAMPLE\\MX1$", " 241 0 0 "]), 1);
    assert_eq!(count("ECP/Server", &["Set-OabVirtualDirectory.ExternalUrl=''http://f/<script"]), 1);
    assert_eq!(count("MSExchange Management", &["<script", "Set-OabVirtualDirectory"]), 1);
    assert_eq!(count("Application", &["\"EventID\":4,", ":444/ecp/about.aspx?a=]:444/ecp/y.js"]), 1);
    assert_eq!(count("Security", &["\"EventID\":5145", PAGE, "127.0.0.1", "0x12019f", "MX1$"]), 1);
    assert_eq!(count("Sysmon", &["\"EventID\":11", PAGE, "\"Image\":\"System\""]), 1);
    assert_eq!(count("Sysmon", &["\"EventID\":1,", "w3wp.exe", "cmd.exe"]), 1);
    assert_eq!(count("W3SVC1", &["POST /owa/auth/RedirSuiteServerProxy.aspx", " 200 0 0 "]), 3);
}

#[test]
fn the_page_is_a_dump_of_settings_with_an_inert_script() {
    let files = texts("chain");
    let page = files.iter().find(|(path, _)| path.ends_with(&format!("owa/auth/{PAGE}"))).unwrap().1;
    assert!((1_500..3_000).contains(&page.len()), "{}", page.len());
    for part in
        ["InternalAuthenticationMethods", "ExtendedProtectionTokenChecking", "ExternalUrl", "inert fixture"]
    {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("eval") && !page.contains("Request"));
}

#[test]
fn a_deleted_shell_leaves_its_compiled_page_only() {
    let files = texts("shell-deleted");
    assert!(files.keys().any(|path| path.ends_with(&format!("{PAGE}.f5dba9b9.compiled"))));
    assert!(!files.keys().any(|path| path.ends_with(PAGE)));
}

#[test]
fn the_other_flaws_show_only_where_they_were_used() {
    let bad_path = [r"temporary file 'C:\inetpub\wwwroot\aspnet_client\load.aspx'"];
    for (name, times) in [("chain-all", 1), ("chain", 0)] {
        let files = texts(name);
        assert_eq!(rows(&files, "OABGeneratorLog", &bad_path).len(), times, "{name}");
        assert_eq!(rows(&files, "Application", &["InvalidCastException"]).len(), times, "{name}");
        assert_eq!(rows(&files, "Sysmon", &["UMWorkerProcess.exe", "cmd.exe"]).len(), times, "{name}");
    }
}

#[test]
fn benign_life_looks_a_little_like_the_chain() {
    let files = texts("benign");
    let count = |place, parts: &[&str]| rows(&files, place, parts).len();
    assert_eq!(count("", &["<script"]), 0);
    assert_eq!(count("", &["ServerInfo~", ",200,"]), 0);
    assert_eq!(count("HttpProxy", &["ServerInfo~localhost/ecp/default.flt?", ",500,"]), 6);
    assert!(
        count("ECP/Server", &["Set-OabVirtualDirectory.ExternalUrl=''https://mail.example.org/OAB''"]) > 0
    );
    assert!(count("Management", &["Remove-OabVirtualDirectory"]) > 0);
    assert!(count("OABGeneratorLog", &["Download failed", r"ClientAccess\OAB\Temp\"]) > 0);
    assert!(count("Application", &["\"EventID\":2303"]) > 0);
    assert!(count("HttpProxy", &["#Version: 15.01.2106.002"]) > 0);
    assert!(count("HttpProxy", &["#Version: 15.01.2106.013"]) > 0);
}

#[test]
fn near_misses_stop_where_they_should() {
    let scanned = texts("only-scanned");
    assert_eq!(rows(&scanned, "HttpProxy", &["ServerInfo~"]).len(), 4);
    assert!(rows(&scanned, "HttpProxy", &["ServerInfo~", ",241,"]).is_empty());

    let refused = texts("patched-before");
    assert_eq!(rows(&refused, "HttpProxy", &["ServerInfo~a]@"]).len(), 3);
    assert!(rows(&refused, "W3SVC2", &["MX1$", "POST"]).is_empty());

    let blocked = texts("blocked-by-amsi");
    assert_eq!(rows(&blocked, "HttpRequestFiltering", &["X-BEResource", "Detected"]).len(), 3);
    assert_eq!(rows(&blocked, "W3SVC1", &["POST /ecp/", " 400 0 0 "]).len(), 3);
    assert!(rows(&blocked, "HttpProxy", &["ServerInfo~"]).is_empty());

    let absent = texts("shell-absent");
    assert_eq!(rows(&absent, "W3SVC1", &["203.0.113.45", ".aspx"]).len(), 6);
    assert!(rows(&absent, "W3SVC1", &["203.0.113.45", " 200 0 0 "]).is_empty());

    assert!(texts("logs-rolled-away").keys().all(|path| !path.contains("FrontEnd")));
}
