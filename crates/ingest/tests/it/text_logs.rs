use crate::support::{pick, read_bytes};
use afterpatch_ingest::Grain;

const ECP: &str =
    r"C:\Program Files\Microsoft\Exchange Server\V15\Logging\ECP\Server\ECPServer20210302-1.LOG";
const ECP_HEADER: &str = "#Software: Microsoft Exchange Server\r\n#Version: 15.0.0.0\r\n#Log-type: ECP Server Log\r\n\
    #Date: 2021-03-02T04:00:00.000Z\r\n#Fields: TimeStamp,ServerName,EventId,EventData\r\n";

#[test]
fn a_control_panel_command_is_an_admin_command() {
    let log = format!(
        "{ECP_HEADER}2021-03-02T04:05:06.789Z,MX1,ECP.Request,\"S:TIME=31;S:SID=S-1-5-21-1-500;\
         'S:CMD=Set-OabVirtualDirectory.ExternalUrl=''http://example.org/#<page lang=\"\"x\"\">;inert</page>''.Identity=''0a1b''';\
         S:REQID=r1;S:URL=/ecp/DDI/DDIService.svc/SetObject;S:EX=;S:ACTID=a1;S:RS=0;S:BLD=15.1.2176.2\"\r\n"
    );
    let reading = read_bytes(ECP, log.as_bytes());
    assert_eq!((reading.counts(), reading.codes()), ((1, 1, 0), vec![]));
    let row = &reading.rows("admin_commands")[0];
    assert_eq!(
        pick(
            row,
            &[
                "time",
                "server",
                "user",
                "command",
                "parameters",
                "result",
                "error",
                "url_path",
                "request_id",
                "rest"
            ]
        ),
        [
            "2021-03-02T04:05:06.789Z",
            "MX1",
            "S-1-5-21-1-500",
            "Set-OabVirtualDirectory",
            "ExternalUrl='http://example.org/#<page lang=\"x\">;inert</page>'.Identity='0a1b'",
            "ok",
            "",
            "/ecp/DDI/DDIService.svc/SetObject",
            "a1",
            r#"{"EventId":"ECP.Request","TIME":"31","RS":"0"}"#,
        ]
    );
    let builds = reading.rows("builds");
    assert_eq!(builds.len(), 1, "15.0.0.0 is the format's version: {builds:?}");
    assert_eq!(pick(&builds[0], &["build", "seen_in", "server"]), ["15.1.2176.2", "ECP S:BLD", "MX1"]);
    assert_eq!((reading.read.scope.as_str(), reading.read.grain), ("", Some(Grain::Day)));
}

#[test]
fn a_failed_command_says_so_and_other_records_are_messages() {
    let log = format!(
        "{ECP_HEADER}2021-03-02T04:05:06Z,MX1,ECP.Request,S:CMD=New-Thing;S:EX=Denied;S:PSA=admin@example.org;S:REQID=r2\n\
         2021-03-02T04:05:07Z,MX1,ECP.Start,S:TIME=1;S:Bld=15.1.2176.9\n"
    );
    let reading = read_bytes(ECP, log.as_bytes());
    let row = &reading.rows("admin_commands")[0];
    assert_eq!(
        pick(row, &["command", "parameters", "result", "error", "user", "request_id"]),
        ["New-Thing", "", "failed", "Denied", "admin@example.org", "r2"]
    );
    let message = &reading.rows("log_messages")[0];
    assert_eq!(
        pick(message, &["component", "message", "source"]),
        ["ECP Server", "S:TIME=1;S:Bld=15.1.2176.9", "ecp-server"]
    );
    assert_eq!(reading.counts(), (2, 2, 0));
}

#[test]
fn activity_logs_have_a_scope_of_their_own() {
    let path = ECP.replace("Server\\ECPServer", "Activity\\ECPActivity_1_");
    let log =
        format!("{}2021-03-02T04:05:07Z,MX1,Req,S:PSA=a\n", ECP_HEADER.replace("Server Log", "Activity Log"));
    assert_eq!(read_bytes(&path, log.as_bytes()).read.scope, "activity");
}

#[test]
fn a_request_of_the_control_panel_is_a_request_and_its_statistics_are_messages() {
    let path = ECP.replace("Server\\ECPServer", "Activity\\ECPActivity_11500_");
    let log = format!(
        "{}2021-03-02T04:05:06.5Z,MX1,Request,S:PSA=<PII>admin@example.org</PII>;\
         S:URL=https://localhost:444/ecp/DDI/DDIService.svc/SetObject?schema=OABVirtualDirectory;S:Bld=15.1.2176.2;\
         S:ActID=a1;S:FE=MX9;Dbl:BudgUse.T[]=12.5;I32:ADS.C[dc1]=1\r\n\
         2021-03-02T04:10:00Z,MX1,GlobalActivity,S:Bld=15.1.2176.2;S:ActID=a2;I32:ATE.C[SUPPR]=1\r\n",
        ECP_HEADER.replace("Server Log", "Activity Context Log")
    );
    let reading = read_bytes(&path, log.as_bytes());
    assert_eq!((reading.counts(), reading.codes()), ((2, 2, 0), vec![]));
    let columns =
        ["time", "server", "user", "url_host", "dst_port", "url_path", "url_query", "request_id", "rest"];
    assert_eq!(
        pick(&reading.rows("web_requests")[0], &columns),
        [
            "2021-03-02T04:05:06.5Z",
            "MX1",
            "admin@example.org",
            "localhost",
            "444",
            "/ecp/DDI/DDIService.svc/SetObject",
            "schema=OABVirtualDirectory",
            "a1",
            r#"{"EventId":"Request","FE":"MX9","BudgUse.T[]":"12.5","ADS.C[dc1]":"1"}"#,
        ]
    );
    assert_eq!(reading.rows("web_requests").len(), 1);
    assert_eq!(
        pick(&reading.rows("log_messages")[0], &["message", "record"]),
        ["S:Bld=15.1.2176.2;S:ActID=a2;I32:ATE.C[SUPPR]=1", "7"]
    );
    let builds = reading.rows("builds");
    assert_eq!(builds.len(), 1, "the same build is one sighting: {builds:?}");
    assert_eq!(pick(&builds[0], &["build", "seen_in", "record"]), ["15.1.2176.2", "ECP S:BLD", "6"]);
}

#[test]
fn a_failed_download_names_its_file() {
    let path = r"C:\ex\Logging\OABGeneratorLog\OABGen20210302-1.log";
    let log = "#Software: Microsoft Exchange\n#Log-type: OABGeneratorLog\n#Fields: DateTime,Component,Message\n\
        2021-03-02T04:00:01Z,Gen,\"Download failed and temporary file 'C:\\inetpub\\wwwroot\\it's.aspx' needs to be removed\"\n\
        2021-03-02T04:00:02Z,Gen,Download finished\nfree text\n";
    let reading = read_bytes(path, log.as_bytes());
    assert_eq!(reading.counts(), (3, 3, 0));
    let messages = reading.rows("log_messages");
    assert_eq!(
        pick(&messages[0], &["time", "component", "path"]),
        ["2021-03-02T04:00:01Z", "OABGeneratorLog", r"C:\inetpub\wwwroot\it's.aspx"]
    );
    assert_eq!(pick(&messages[1], &["message", "path"]), ["Download finished", ""]);
    let events = reading.rows("file_events");
    assert_eq!(events.len(), 1);
    assert_eq!(
        pick(&events[0], &["action", "path", "record"]),
        ["failed-download", r"C:\inetpub\wwwroot\it's.aspx", "4"]
    );
}

#[test]
fn a_request_that_amsi_stopped_is_a_request_with_an_error() {
    let path = r"C:\ex\Logging\HttpRequestFiltering\HttpRequestFiltering_1.LOG";
    let log = "#Software: Microsoft Exchange Server\n#Version: 15.01.2375.007\n#Date: 2021-07-13T08:59:00Z\n\
        #Fields: DateTime,MajorVersion,ServerHostName,HttpMethod,UrlHost,UrlStem,UrlQuery,ServerIP,Protocol,HeaderNames,CookieNames,ScanResult\n\
        7/13/2021 9:05:12 PM,15,MX1,POST,mail.example.org,/ecp/x.js,,192.0.2.10,Ecp,Host,X-BEResource,Detected\n";
    let reading = read_bytes(path, log.as_bytes());
    assert_eq!(reading.read.parser, Some("request-filtering"));
    assert_eq!(
        pick(
            &reading.rows("web_requests")[0],
            &["time", "server", "method", "url_path", "cookie", "error", "dst_ip"]
        ),
        [
            "2021-07-13T21:05:12Z",
            "MX1",
            "POST",
            "/ecp/x.js",
            "X-BEResource",
            "ScanResult=Detected",
            "192.0.2.10"
        ]
    );
    assert_eq!(reading.rows("builds")[0]["build"], "15.1.2375.7");
}
