//! A scenario, written and read back.

use afterpatch_range::{Layout, SCENARIOS, Scenario, play, write};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

/// Every file that was written, by its path with `/`.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// Writes a scenario into a folder of its own and reads all of it.
pub(crate) fn written(name: &str, layout: Layout) -> Files {
    let scenario = Scenario::by_name(name).unwrap_or_else(|| panic!("{name}"));
    let folder = tempfile::tempdir().unwrap();
    write(scenario, layout, folder.path()).unwrap();
    let mut files = Files::new();
    read(folder.path(), folder.path(), &mut files);
    files
}

/// Every scenario, played once for all tests.
static PLAYED: LazyLock<BTreeMap<&'static str, Files>> = LazyLock::new(|| {
    let played = |scenario: &'static Scenario| (scenario.name, play(scenario));
    SCENARIOS.iter().map(played).collect()
});

/// Returns every file of a scenario.
pub(crate) fn played(name: &str) -> &'static Files {
    &PLAYED[name]
}

/// Returns every file of a scenario that is text.
pub(crate) fn texts(name: &str) -> BTreeMap<&'static str, &'static str> {
    let text = |(path, bytes): (&'static String, &'static Vec<u8>)| {
        Some((path.as_str(), std::str::from_utf8(bytes).ok()?))
    };
    played(name).iter().filter_map(text).collect()
}

fn read(root: &Path, folder: &Path, files: &mut Files) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            files.insert(name, fs::read(&path).unwrap());
        }
    }
}
