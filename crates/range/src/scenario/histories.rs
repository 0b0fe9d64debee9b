//! How servers fared with their updates: ten histories, of which the days are known.

use super::table::{ROOT, build_15, server};
use crate::calendar::at;
use crate::logs::setup;
use crate::server::{Plan, Role, Server};
use crate::truth::ServerTruth;
use afterpatch_model::{Build, OpenBy, Verdict};

/// The days of which logs were kept; every history shows on all of them.
pub(super) const DAYS: &[(&str, &str)] = &[
    ("2021-02-20", "2021-02-21"),
    ("2021-03-04", "2021-03-05"),
    ("2021-03-12", "2021-03-13"),
    ("2024-02-20", "2024-02-21"),
    ("2024-03-20", "2024-03-21"),
];

const CU18: Build = build_15(1, 2106, 2);
const CU18_MARCH: Build = build_15(1, 2106, 13);
const CU19: Build = build_15(1, 2176, 2);
const CU23: Build = build_15(1, 2507, 6);
const CU23_AUGUST_2023: Build = build_15(1, 2507, 32);
const CU23_MARCH_2024: Build = build_15(1, 2507, 37);
/// 2016 as it came out: the update of March 2021 was never made for it.
const RTM: Build = build_15(1, 225, 42);
const CU8_2019: Build = build_15(2, 792, 3);
const CU14_2019: Build = build_15(2, 1544, 9);

const fn history(
    name: &'static str,
    address: &'static str,
    build: Build,
    updates: &'static [(&'static str, Build)],
) -> Plan {
    server(name, address, ROOT, build, updates)
}

/// The servers, each with the builds that it ran.
pub(super) const SERVERS: &[Plan] = &[
    history("INTIME", "10.20.1.1", CU18, &[("2021-03-03T20:00:00Z", CU18_MARCH)]),
    history("LATE", "10.20.1.2", CU18, &[("2021-03-11T20:00:00Z", CU18_MARCH)]),
    // The next cumulative update came without the update of March.
    history(
        "NOSU",
        "10.20.1.3",
        CU18,
        &[
            ("2021-03-03T20:00:00Z", CU18_MARCH),
            ("2021-03-11T20:00:00Z", CU19),
            ("2024-02-01T20:00:00Z", CU23_AUGUST_2023),
        ],
    ),
    // The update was installed without the rights that it needs: half of the server stayed as it was.
    history(
        "FAILED",
        "10.20.1.4",
        CU18,
        &[
            ("2021-03-03T20:00:00Z", CU18_MARCH),
            ("2021-03-11T20:00:00Z", CU18),
            ("2024-02-01T20:00:00Z", CU23_AUGUST_2023),
        ],
    ),
    history("EASED", "10.20.1.5", CU18, &[]),
    history(
        "RELAYED",
        "10.20.1.6",
        CU18,
        &[("2024-02-01T20:00:00Z", CU23_AUGUST_2023), ("2024-03-13T20:00:00Z", CU23_MARCH_2024)],
    ),
    history("GIVENUP", "10.20.1.7", RTM, &[]),
    history("UPGRADED", "10.20.1.8", CU8_2019, &[("2024-02-15T20:00:00Z", CU14_2019)]),
    Plan { role: Role::Edge, ..history("EDGE", "10.20.1.9", CU18, &[("2021-03-11T20:00:00Z", CU18_MARCH)]) },
    Plan {
        role: Role::ManagementTools,
        faces_internet: false,
        ..history("TOOLS", "10.20.1.10", CU18, &[("2024-02-27T09:00:00Z", CU23)])
    },
];

/// When the servers without a front end were set up.
const SET_UP: &str = "2020-09-21T08:00:00Z";

/// Configures the servers whose histories hang on more than builds.
pub(super) fn configure(server: &mut Server) {
    match server.plan.name {
        "EASED" => {
            let path = r"C:\inetpub\wwwroot\web.config".to_owned();
            server.tree.file(path, EOMT.as_bytes().to_vec(), at("2021-03-03T09:00:00Z"));
        }
        "RELAYED" => {
            let path = r"C:\Windows\System32\inetsrv\config\applicationHost.config".to_owned();
            server.tree.file(path, UNPROTECTED.as_bytes().to_vec(), at("2024-03-13T21:00:00Z"));
        }
        "EDGE" => setup::log(server, at(SET_UP), "Install"),
        "TOOLS" => {
            setup::log(server, at(SET_UP), "Install");
            setup::log(server, at("2024-02-27T09:00:00Z"), "Upgrade");
        }
        _ => {}
    }
}

/// What EOMT writes: it holds back the forged request, and nothing else.
const EOMT: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<configuration><system.webServer><rewrite><rules>
<rule name="X-BEResource Abort - inbound" stopProcessing="true"><match url=".*" />
<conditions><add input="{HTTP_COOKIE}" pattern="(.*)X-BEResource=(.+)/(.+)~(.+)" /></conditions>
<action type="AbortRequest" /></rule>
</rules></rewrite></system.webServer></configuration>
"#;

/// Extended Protection is off where the control panel is served.
const UNPROTECTED: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<configuration><location path="Default Web Site/ecp"><system.webServer><security><authentication>
<windowsAuthentication enabled="true"><extendedProtection tokenChecking="None" /></windowsAuthentication>
</authentication></security></system.webServer></location></configuration>
"#;

/// What is true of the servers: every one of them was open, and five days are too few to clear any.
pub(super) fn truth() -> Vec<ServerTruth> {
    const FORGED: &str = "CVE-2021-26855";
    const RELAY: &str = "CVE-2024-21410";
    const FIRST: Option<&str> = Some("2021-02-20");
    const SET_UP_ON: Option<&str> = Some("2020-09-21");
    let unknown = Verdict::CannotTell;
    let of = |name: &'static str| ServerTruth::new(name, Verdict::Yes, unknown, unknown);
    let open = |until: Option<&'static str>| [(FORGED, OpenBy::Build, FIRST, until)];
    vec![
        of("INTIME").was_open(&open(Some("2021-03-04"))),
        of("LATE").was_open(&open(Some("2021-03-12"))),
        of("NOSU").was_open(&[
            (FORGED, OpenBy::Build, FIRST, Some("2021-03-04")),
            (FORGED, OpenBy::Build, Some("2021-03-12"), Some("2024-02-20")),
        ]),
        of("FAILED").was_open(&open(Some("2024-02-20"))),
        of("EASED").was_open(&open(None)),
        of("RELAYED").was_open(&open(Some("2024-02-20"))).was_open(&[
            (RELAY, OpenBy::Build, FIRST, Some("2024-03-20")),
            (RELAY, OpenBy::Need, Some("2024-03-20"), None),
        ]),
        of("GIVENUP").was_open(&open(None)),
        of("UPGRADED").was_open(&open(Some("2024-02-20"))),
        // What has no front end shows its builds where it has logs: in transport's, and in setup's.
        of("EDGE").was_open(&[(FORGED, OpenBy::Build, SET_UP_ON, Some("2021-03-12"))]),
        of("TOOLS").was_open(&[(FORGED, OpenBy::Build, SET_UP_ON, Some("2024-02-27"))]),
    ]
}
