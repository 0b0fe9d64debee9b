//! What the collector knew of its files: shadow copies, hashes, the server's clock.

use crate::evidence::{Bench, iis_day, options};
use afterpatch_ingest::Extent;
use afterpatch_model::{HostName, ProblemCode};
use afterpatch_store::{Case, IngestOptions, NoProgress};
use jiff::tz::TimeZone;
use serde_json::Value;
use std::fs;

fn rows(case: &Case, sql: &str) -> Vec<Value> {
    let rows = case.session().unwrap().rows(sql).unwrap();
    rows.into_iter().map(|row| serde_json::to_value(row).unwrap()).collect()
}

#[test]
fn the_same_file_in_a_shadow_copy_is_read_once_and_another_is_kept_apart() {
    let bench = Bench::new();
    bench.write("VSS1/inetpub/logs/LogFiles/W3SVC1/u_ex210301.log", &iis_day(1, 40));
    bench.write("VSS1/inetpub/wwwroot/aspnet_client/gone.aspx", "<%-- inert, gone since --%>");
    let mut case = bench.case("case");
    let summary = bench.add(&mut case, 2);
    assert_eq!((summary.new_artifacts, summary.known_artifacts), (6, 1));
    let requests = rows(&case, "SELECT count(*) AS n FROM web_requests WHERE time < '2021-03-02'");
    assert_eq!(requests[0]["n"], 40);
    let paths = rows(&case, "SELECT path FROM files ORDER BY path");
    let paths: Vec<&str> = paths.iter().filter_map(|row| row["path"].as_str()).collect();
    assert_eq!(
        paths,
        [
            r"C:\inetpub\wwwroot\aspnet_client\note.aspx",
            r"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy1\inetpub\wwwroot\aspnet_client\gone.aspx",
        ]
    );
}

#[test]
fn a_file_that_is_not_what_the_collector_hashed_is_told_and_read() {
    let bench = Bench::new();
    let row = |name: &str, sha1: &str| format!("x,C:\\{name},F:\\out\\C\\{name},3,{sha1}\r\n");
    let good = row("a.bin", "a9993e364706816aba3e25717850c26c9cd0d89d");
    let bad = row("b.bin", "a9993e364706816aba3e25717850c26c9cd0d89e");
    let header = "CopiedTimestamp,SourceFile,DestinationFile,FileSize,SourceFileSha1\r\n";
    bench.write("2021-03-05_CopyLog.csv", &format!("{header}{good}{bad}"));
    bench.write("C/a.bin", "abc");
    bench.write("C/b.bin", "abc");
    let mut case = bench.case("case");
    bench.add(&mut case, 2);
    let problems = case.problems().unwrap();
    let told: Vec<_> = problems.iter().filter(|problem| problem.code == ProblemCode::HashMismatch).collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].place, "C/b.bin");
    assert!(case.artifacts().iter().any(|line| &*line.artifact.container_path == "C/b.bin"));
}

#[test]
fn times_without_a_zone_are_read_by_the_servers_clock() {
    let task = "<?xml version=\"1.0\"?>\n<Task version=\"1.2\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">\
        <RegistrationInfo><Date>2021-03-03T12:00:00</Date><URI>\\x</URI></RegistrationInfo>\
        <Actions><Exec><Command>x.exe</Command></Exec></Actions></Task>";
    let zones = [(HostName::parse("MX1").unwrap(), TimeZone::get("Asia/Tokyo").unwrap())];
    for (zones, time, zone) in [
        (zones.into_iter().collect(), "2021-03-03T03:00:00", r#""zone":"Asia/Tokyo""#),
        (std::collections::BTreeMap::new(), "2021-03-03T12:00:00", r#""zone":"assumed UTC""#),
    ] {
        let bench = Bench::new();
        bench.write("C/Windows/System32/Tasks/x", task);
        let mut case = bench.case("case");
        let is_given = !zones.is_empty();
        let options = IngestOptions { zones, ..options(2) };
        case.add(&[bench.evidence()], &options, &NoProgress).unwrap();
        let found = rows(&case, "SELECT to_char(time, '%Y-%m-%dT%H:%M:%S') AS time FROM settings");
        assert_eq!(found[0]["time"], time);
        let codes: Vec<_> = case.problems().unwrap().iter().map(|problem| problem.code).collect();
        assert_eq!(codes.contains(&ProblemCode::AssumedZone), !is_given);
        let ledger = fs::read_to_string(bench.folder("case").join("ledger.jsonl")).unwrap();
        assert!(ledger.contains(zone), "{zone}");
    }
}

const SITES: &str = r#"<configuration><system.applicationHost><sites><site name="Default Web Site">
 <application path="/"><virtualDirectory path="/" physicalPath="C:\inetpub\wwwroot" />
 <virtualDirectory path="/mail" physicalPath="D:\WebMail" />
 <virtualDirectory path="/bare" physicalPath="D:\Bare" /></application></site></sites></system.applicationHost></configuration>"#;
const HOST_CONFIG: &str = "C/Windows/System32/inetsrv/config/applicationHost.config";

#[test]
fn what_a_site_points_at_is_served_whichever_collection_says_so() {
    let bench = Bench::new();
    bench.write("D/WebMail/x.aspx", "<%-- inert --%>");
    bench.write("D/WebMail/web.config", "<configuration />");
    bench.write("D/WebMail2/x.aspx", "<%-- inert, and no site points here --%>");
    let other = bench.folder("other");
    let config = other.join(HOST_CONFIG);
    fs::create_dir_all(config.parent().unwrap()).unwrap();
    fs::write(config, SITES).unwrap();
    let mut case = bench.case("case");
    case.add(&[bench.evidence(), other], &options(2), &NoProgress).unwrap();
    let served = "SELECT path FROM files WHERE source = 'served-files' ORDER BY path";
    let paths: Vec<Value> = rows(&case, served).into_iter().map(|row| row["path"].clone()).collect();
    let expected =
        [r"C:\inetpub\wwwroot\aspnet_client\note.aspx", r"D:\WebMail\web.config", r"D:\WebMail\x.aspx"];
    assert_eq!(paths, expected);
    let coverage = case.coverage();
    let folders: Vec<_> = coverage
        .iter()
        .filter(|kind| kind.source == "served-files")
        .map(|kind| (kind.scope.as_str(), kind.folder.as_str(), kind.artifacts))
        .collect();
    let expected = [
        (r"d:\bare", r"D:\Bare", 0),
        (r"d:\webmail", r"D:\WebMail", 2),
        ("wwwroot", r"C:\inetpub\wwwroot", 1),
    ];
    assert_eq!(folders, expected, "what nobody collected is known to be served too");
    let is_served =
        |end: &str| case.artifacts().iter().find(|line| line.artifact.path.ends_with(end)).unwrap().is_served;
    assert!(is_served(r"WebMail\x.aspx") && !is_served(r"WebMail2\x.aspx"));
}

#[test]
fn of_a_mounted_volume_what_was_taken_in_is_found_again_and_no_more() {
    let bench = Bench::new();
    bench.write("C/Windows/System32/ntdll.dll", "a library");
    bench.write("C/Users/a/mail.pst", "nothing of interest");
    let verified = |name: &str, extent| {
        let mut case = bench.case(name);
        let options = IngestOptions { extent, ..options(2) };
        case.add(&[bench.evidence()], &options, &NoProgress).unwrap();
        let custody = Case::verify_with_evidence(case.folder(), &super::evidence::options(2), &NoProgress);
        assert_eq!(custody.unwrap().faults, []);
        let last = case.artifacts().pop().unwrap();
        case.open_artifact(&last.artifact.id).unwrap();
        let passed =
            case.problems().unwrap().into_iter().filter(|one| one.code == ProblemCode::NotOfInterest);
        (case.artifacts().len(), passed.map(|one| (one.place, one.detail)).collect::<Vec<_>>())
    };
    let told = |place: &str, detail: &str| (place.to_owned(), detail.to_owned());
    let (few, passed) = verified("few", Extent::OfInterest);
    assert_eq!(passed, [told("C/Users", "1 files, 19 bytes"), told("C/Windows", "1 files, 9 bytes")]);
    let (all, passed) = verified("all", Extent::Everything);
    assert_eq!((all, passed.len()), (few + 2, 0));
}
