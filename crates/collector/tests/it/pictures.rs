//! What is written of a small plan, to be looked at: the tables only, which are made; not what surrounds them.

use afterpatch_collector::{Collector, Plan};
use afterpatch_ingest::{Guide, Location, Root};

static LOGS: Guide = Guide {
    what: "Logs that are somebody's",
    locations: &[
        Location::new(Root::Exchange, r"Logging\A\**\Cmdlet\*.LOG"),
        Location::new(Root::Exchange, r"Bin\*.config"),
        Location::new(Root::IisLogs, r"**\*.log"),
    ],
    serves: &[],
    quirks: &[],
};

static DISK: Guide = Guide {
    what: "What lies on the disk",
    locations: &[
        Location::new(Root::Volumes, "$MFT"),
        Location::new(Root::Volumes, r"$Extend\$UsnJrnl:$J"),
        Location::new(Root::Windows, r"System32\config\SOFTWARE"),
        Location::new(Root::ProgramData, r"a\**\*.wer"),
        Location::new(Root::Exchange, r"bin\a.config"),
    ],
    serves: &[],
    quirks: &[],
};

fn written(collector: Collector) -> Vec<(String, String)> {
    let plan = Plan::of([("logs", &LOGS), ("disk", &DISK)]);
    collector.render(&plan).into_iter().map(|file| (file.name, file.text)).collect()
}

/// Returns the lines between two marks, as far as they are made.
fn between(text: &str, start: &str, end: &str) -> String {
    let (_, after) = text.split_once(start).unwrap();
    after.split_once(end).unwrap().0.replace('\r', "")
}

#[test]
fn the_table_of_velociraptor() {
    let files = written(Collector::Velociraptor);
    insta::assert_snapshot!(between(&files[0].1, "Root,Mask,DatedLog,Accessor,ReadBy\n", "\nsources:"));
}

#[test]
fn the_table_of_powershell() {
    let files = written(Collector::PowerShell);
    insta::assert_snapshot!(between(&files[0].1, "$Steps = @(\r\n", ")\r\n\r\n"));
}

#[test]
fn the_targets_of_kape() {
    let files = written(Collector::Kape);
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    insta::assert_snapshot!("kape_names", names.join("\n"));
    for name in ["Afterpatch", "AfterpatchIisLogs", "AfterpatchVolumes"] {
        let file = files.iter().find(|file| file.0 == format!("{name}.tkape")).unwrap();
        insta::assert_snapshot!(format!("kape_{name}"), file.1);
    }
    let exchange = files[1].1.lines().filter(|line| line.contains("Path: "));
    insta::assert_snapshot!("kape_paths_of_exchange", exchange.collect::<Vec<_>>().join("\n"));
}
