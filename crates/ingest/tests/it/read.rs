use crate::support::{artifact, pick, read_bytes, shared_data};
use afterpatch_ingest::{
    Known, Limits, PARSERS, Passwords, SERVED_FILES, hash, identify, open, read_artifact,
};
use afterpatch_model::ProblemCode;
use std::collections::BTreeSet;

#[test]
fn a_served_file_that_no_parser_reads_is_a_fact_by_itself() {
    let reading = read_bytes(r"C:\inetpub\wwwroot\aspnet_client\inert.aspx", b"inert");
    assert_eq!((reading.counts(), reading.codes()), ((1, 1, 0), vec![]));
    assert_eq!(reading.read.parser, Some(SERVED_FILES));
    assert_eq!((reading.read.scope.as_str(), reading.read.grain), ("wwwroot", None));
    assert_eq!(
        pick(&reading.rows("files")[0], &["path", "size_bytes", "sha256", "source", "server"]),
        [r"C:\inetpub\wwwroot\aspnet_client\inert.aspx", "5", "00", SERVED_FILES, "MX9"]
    );
}

#[test]
fn a_log_in_a_served_folder_is_read_and_listed() {
    let log = b"#Fields: date time c-ip cs-uri-stem sc-status\n2021-03-02 00:00:01 192.0.2.1 /a 200\n";
    let reading = read_bytes(r"C:\inetpub\wwwroot\a.log", log);
    assert_eq!(reading.counts(), (1, 1, 0));
    assert_eq!(reading.read.tally.derived, 1);
    assert_eq!(reading.rows("files").len(), 1);
    assert_eq!(reading.rows("web_requests").len(), 1);
}

#[test]
fn a_file_that_nobody_understands_is_told() {
    let reading = read_bytes("C:\\Users\\x\\notes.docx", b"PK..");
    assert_eq!((reading.counts(), reading.codes()), ((0, 0, 0), vec![ProblemCode::NotUnderstood]));
    assert_eq!(reading.read.parser, None);
}

#[test]
fn parsers_have_names_of_their_own_and_docs() {
    let names: BTreeSet<_> = PARSERS.iter().map(|parser| parser.name()).collect();
    assert_eq!(names.len(), PARSERS.len());
    assert!(PARSERS.iter().all(|parser| !parser.guide().what.is_empty()));
}

#[test]
fn a_real_export_is_read_out_of_its_zip_twice_alike() {
    let Some(folder) = shared_data("otrf-proxylogon") else {
        return;
    };
    let limits = Limits::default();
    let collection =
        open(&folder.join("proxylogon_ssrf_rce_poc.zip"), &limits, &Passwords::default()).unwrap().remove(0);
    assert_eq!((collection.layout(), collection.problems()), ("zip", &[][..]));
    assert_eq!(collection.entries().len(), 1);
    let entry = &collection.entries()[0];
    let mut input = collection.read(entry, &limits).unwrap();
    let digest = hash::sha256(input.as_mut()).unwrap();
    let artifact = artifact(&entry.path, usize::try_from(entry.size_bytes).unwrap());
    let mut read = || {
        let mut rows = 0;
        let mut sink = |batch: afterpatch_model::Batch| rows += batch.rows.num_rows() as u64;
        let read = read_artifact(&artifact, input.as_mut(), Known::default(), &limits, &mut sink);
        (read.tally, rows)
    };
    let (tally, rows) = read();
    assert_eq!(tally.records, tally.facts + tally.lost);
    assert!(tally.facts > 10_000, "{tally:?}");
    assert_eq!(rows, tally.facts + tally.derived);
    assert_eq!(read(), (tally, rows));
    assert_eq!(hash::sha256(input.as_mut()).unwrap(), digest);
    let host = identify(collection.as_ref(), &limits).remove("").unwrap();
    assert!(host.name.is_some(), "{host:?}");
}
