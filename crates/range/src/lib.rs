//! Organisations with known truth.
//!
//! A [`Scenario`] says which servers there are, what befell them and what is therefore true. [`write()`] plays it
//! and lays out what a collector would have taken: logs of IIS and Exchange, exported Windows events and the
//! files of the served folders. No clock and no true chance is involved: the same scenario gives the same bytes.
//!
//! Everything is made up. Addresses and domains are those that RFC 5737 and RFC 2606 set aside for
//! documentation, or private ones; the web shells are inert.
//!
//! ```
//! use afterpatch_range::{Layout, Scenario, write};
//! let scenario = Scenario::by_name("example").ok_or("no such scenario")?;
//! let folder = tempfile::tempdir()?;
//! write(scenario, Layout::Zip, folder.path())?;
//! assert!(folder.path().join("MX1.zip").exists());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod attack;
mod calendar;
mod case;
mod configuration;
mod dice;
pub mod estate;
pub mod hive;
pub mod hive_log;
mod layout;
mod life;
mod logs;
mod pair;
mod registry;
mod scenario;
mod served;
mod server;
mod tree;
mod truth;

pub use case::{Case, CaseError};
pub use layout::{Layout, PASSWORD};
pub use pair::{PAIRS, Pair};
pub use scenario::{SCENARIOS, Scenario};
pub use truth::{Truth, from_jsonl, to_jsonl};

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// Writes what was collected from the scenario's servers under the folder `to`, one collection a server.
pub fn write(scenario: &Scenario, layout: Layout, to: &Path) -> io::Result<()> {
    write_sized(scenario, scenario.requests_per_hour(), layout, to)
}

/// Returns what [`Layout::Folder`] would write, by path below the folder, without writing it.
pub fn play(scenario: &Scenario) -> BTreeMap<String, Vec<u8>> {
    let of = |plan| {
        let files = scenario.play(plan, scenario.requests_per_hour());
        files.into_iter().map(|file| (layout::folder_path(plan, &file), file.bytes))
    };
    scenario.plans().iter().flat_map(of).collect()
}

/// Writes the scenario with another number of user requests in an hour: for benchmarks.
///
/// One server is held in memory at a time; a request is about one kilobyte of logs.
pub fn write_sized(scenario: &Scenario, requests_per_hour: u64, layout: Layout, to: &Path) -> io::Result<()> {
    std::fs::create_dir_all(to)?;
    for plan in scenario.plans() {
        let taken = layout::Taken {
            plan,
            files: &scenario.play(plan, requests_per_hour),
            collected: scenario.collected(),
        };
        layout.write(&taken, to)?;
    }
    Ok(())
}
