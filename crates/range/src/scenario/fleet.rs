//! Forty servers of one organisation: more than anybody wants forty plans for.

use super::table::{CU8, CU8_MENDED, CU18, CU18_MENDED, CU19, CU19_MENDED, ROOT, server};
use crate::calendar::SECOND;
use crate::logs::events;
use crate::server::{Plan, Server};
use afterpatch_model::{Build, Timestamp};

/// The one that somebody got into; it is in the first group.
pub(super) const BROKEN_INTO: &str = "MX17";

/// The availability groups and their members.
const GROUPS: &[(&str, &[&str])] =
    &[("DAG1", &["MX11", "MX17", "MX29"]), ("DAG2", &["MX21", "MX22", "MX23", "MX24"])];

type Updates = &'static [(&'static str, Build)];

const fn outside(name: &'static str, address: &'static str, build: Build, updates: Updates) -> Plan {
    server(name, address, ROOT, build, updates)
}

const fn inside(name: &'static str, address: &'static str, build: Build, updates: Updates) -> Plan {
    Plan { faces_internet: false, ..outside(name, address, build, updates) }
}

/// All of them. Ten got the update of March 2021 in the evening of the second day.
pub(super) static SERVERS: [Plan; 40] = [
    outside("MX01", "10.20.1.1", CU18, &[]),
    outside("MX02", "10.20.1.2", CU18, &[("2021-03-02T20:00:00Z", CU18_MENDED)]),
    outside("MX03", "10.20.1.3", CU18, &[]),
    outside("MX04", "10.20.1.4", CU18, &[]),
    outside("MX05", "10.20.1.5", CU18, &[("2021-03-02T20:00:00Z", CU18_MENDED)]),
    outside("MX06", "10.20.1.6", CU18, &[]),
    inside("MX07", "10.20.1.7", CU18, &[]),
    inside("MX08", "10.20.1.8", CU18, &[]),
    inside("MX09", "10.20.1.9", CU18, &[]),
    inside("MX10", "10.20.1.10", CU18, &[]),
    inside("MX11", "10.20.1.11", CU18, &[]),
    inside("MX12", "10.20.1.12", CU18, &[]),
    inside("MX13", "10.20.1.13", CU18, &[]),
    inside("MX14", "10.20.1.14", CU18, &[]),
    inside("MX15", "10.20.1.15", CU18, &[]),
    inside("MX16", "10.20.1.16", CU18, &[]),
    outside("MX17", "10.20.1.17", CU18, &[]),
    inside("MX18", "10.20.1.18", CU18, &[]),
    inside("MX19", "10.20.1.19", CU18, &[]),
    inside("MX20", "10.20.1.20", CU18, &[]),
    inside("MX21", "10.20.1.21", CU19, &[("2021-03-02T20:00:00Z", CU19_MENDED)]),
    inside("MX22", "10.20.1.22", CU19, &[("2021-03-02T20:00:00Z", CU19_MENDED)]),
    inside("MX23", "10.20.1.23", CU19, &[("2021-03-02T20:00:00Z", CU19_MENDED)]),
    inside("MX24", "10.20.1.24", CU19, &[("2021-03-02T20:00:00Z", CU19_MENDED)]),
    inside("MX25", "10.20.1.25", CU19, &[("2021-03-02T20:00:00Z", CU19_MENDED)]),
    inside("MX26", "10.20.1.26", CU19, &[]),
    inside("MX27", "10.20.1.27", CU19, &[]),
    inside("MX28", "10.20.1.28", CU19, &[]),
    inside("MX29", "10.20.1.29", CU19, &[]),
    inside("MX30", "10.20.1.30", CU19, &[]),
    inside("MX31", "10.20.1.31", CU19, &[]),
    inside("MX32", "10.20.1.32", CU19, &[]),
    outside("MX33", "10.20.1.33", CU8, &[]),
    inside("MX34", "10.20.1.34", CU8, &[]),
    inside("MX35", "10.20.1.35", CU8, &[]),
    inside("MX36", "10.20.1.36", CU8, &[]),
    inside("MX37", "10.20.1.37", CU8, &[]),
    inside("MX38", "10.20.1.38", CU8, &[("2021-03-02T20:00:00Z", CU8_MENDED)]),
    inside("MX39", "10.20.1.39", CU8, &[("2021-03-02T20:00:00Z", CU8_MENDED)]),
    inside("MX40", "10.20.1.40", CU8, &[("2021-03-02T20:00:00Z", CU8_MENDED)]),
];

/// Makes the groups, as an administrator does on the first server.
pub(super) fn name_groups(server: &mut Server, time: Timestamp) {
    if server.plan.name != "MX01" {
        return;
    }
    let members =
        GROUPS.iter().flat_map(|(group, members)| members.iter().map(move |member| (group, member)));
    for (step, (group, member)) in (0_i64..).zip(members) {
        let parameters = format!("-Identity \"{group}\" -MailboxServer \"{member}\"");
        events::log_cmdlet(
            server,
            time.plus(step * SECOND),
            "Add-DatabaseAvailabilityGroupServer",
            &parameters,
        );
    }
}
