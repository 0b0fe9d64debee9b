//! `evaluate web-shells`: judgements of pages, held against labels.

use crate::program::{Desk, afterpatch};
use afterpatch_model::hex;
use sha2::{Digest, Sha256};

/// Starts what the visitor names, were there such a thing.
const SHELL: &str = r#"<%@ Page Language="C#" %><% System.Diagnostics.Process.Start(Request["inert"]); %>"#;
const GREETING: &str = r#"<%@ Page Language="C#" %><%= Server.HtmlEncode(Request["inert"]) %>"#;

/// Writes pages below names that say nothing, and a table that says of each what it is; one has no label, and one of the
/// labels no file.
fn labelled() -> Desk {
    let desk = Desk::new();
    std::fs::create_dir_all(desk.path("pages/below")).unwrap();
    let mut table = "sha256\tlabel\tlanguage\tcluster\n".to_owned();
    let echo = GREETING.replace("inert", "other");
    for (name, text, label) in [
        ("below/1", SHELL, Some("malicious\taspx\tc1")),
        ("below/copy", SHELL, None),
        ("2", GREETING, Some("benign\taspx\t")),
        ("3", &echo, Some("malicious\taspx\tc2")),
        ("4", "no label", None),
    ] {
        std::fs::write(desk.path("pages").join(name), text).unwrap();
        if let Some(label) = label {
            table = format!("{table}{}\t{label}\n", hex(&Sha256::digest(text)));
        }
    }
    table.push_str("00\tbenign\taspx\t\n");
    std::fs::write(desk.path("labels.tsv"), table).unwrap();
    desk
}

fn evaluated(desk: &Desk, more: &[&str]) -> crate::program::Said {
    let (pages, labels) = (desk.path("pages"), desk.path("labels.tsv"));
    let own = ["evaluate", "web-shells", pages.to_str().unwrap(), "--labels", labels.to_str().unwrap()];
    afterpatch(&[&own[..], more].concat())
}

#[test]
fn recall_and_false_alarms_are_counted_by_language() {
    let desk = labelled();
    let said = evaluated(&desk, &["--format", "csv"]).ends(0);
    let rows: Vec<&str> = said.stdout.lines().collect();
    assert_eq!(rows.len(), 2);
    assert!(rows[1].starts_with("aspx,2,50.0,50.0,"), "{}", rows[1]);
    assert!(rows[1].contains(",2,50.0,1,0,0.0,"), "two clusters, half of them found, no alarm: {}", rows[1]);
    assert!(said.stderr.contains("3 labelled files were judged"), "{}", said.stderr);
    assert!(said.stderr.contains("1 labelled ones are not there, 1 files have no label"), "{}", said.stderr);
    assert_eq!(said.stdout, evaluated(&desk, &["--format", "csv"]).ends(0).stdout);
}

#[test]
fn each_file_cluster_and_threshold_can_be_looked_at() {
    let desk = labelled();
    let files = evaluated(&desk, &["--of", "files", "--format", "csv"]).ends(0).stdout;
    let row = |end: &str| files.lines().find(|row| row.ends_with(end)).unwrap_or_default().to_owned();
    assert!(row("below/1").contains(",aspx,malicious,c1,shell,"), "{files}");
    assert!(row("pages/3").contains(",aspx,malicious,c2,,"), "{files}");
    let clusters = evaluated(&desk, &["--of", "clusters", "--format", "csv"]).ends(0).stdout;
    assert_eq!(clusters.lines().skip(1).collect::<Vec<_>>(), ["aspx,c1,1,1", "aspx,c2,1,0"]);
    let thresholds = evaluated(&desk, &["--of", "thresholds", "--format", "csv"]).ends(0).stdout;
    assert!(thresholds.lines().any(|row| row.starts_with("aspx,0.5,50.0,2,0.0,1")), "{thresholds}");
}

#[test]
fn labels_that_cannot_be_used_are_told_of_with_their_line() {
    let desk = labelled();
    std::fs::write(desk.path("labels.tsv"), "sha256\tlabel\tlanguage\n00\tbad\taspx\n").unwrap();
    let said = evaluated(&desk, &[]).ends(1);
    assert!(
        said.stderr.contains("labels.tsv: line 2") && said.stderr.contains("columns sha256"),
        "{}",
        said.stderr
    );
}
