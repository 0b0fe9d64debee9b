//! What a registry hive says of its server: where Exchange is, what starts by itself, how logons are guarded.
//!
//! Each row of [`SOFTWARE`], [`SYSTEM`] and [`AUTOSTARTS`] is a mask of keys and what is taken of them. A record is what
//! such a key holds: the key itself or each of its values, as [`Take`] says. What is there and cannot be read is lost.

use self::reader::Reader;
use super::hive::{self, Hive};
use super::{Fit, Grain, Parser};
use crate::aid::Aid;
use crate::guide::{Guide, Location, Root};
use crate::input::{Evidence, Limits};
use afterpatch_model::{Artifact, ProblemCode, Question, Rows, file_name, path_key};

mod holding;
mod reader;

/// The parser of registry hives.
#[derive(Debug)]
pub(super) struct Registry;

static GUIDE: Guide = Guide {
    what: "Registry hives: SOFTWARE, SYSTEM and those of the users",
    locations: &[
        Location::new(Root::Windows, r"System32\config\SOFTWARE"),
        Location::new(Root::Windows, r"System32\config\SYSTEM"),
        Location::new(Root::Windows, r"System32\config\DEFAULT"),
        Location::new(Root::Windows, r"System32\config\RegBack\SOFTWARE"),
        Location::new(Root::Windows, r"System32\config\RegBack\SYSTEM"),
        Location::new(Root::Windows, r"ServiceProfiles\*\NTUSER.DAT"),
        Location::new(Root::SystemDrive, r"Users\*\NTUSER.DAT"),
        Location::new(Root::Windows, r"System32\config\SOFTWARE.LOG*"),
        Location::new(Root::Windows, r"System32\config\SYSTEM.LOG*"),
        Location::new(Root::Windows, r"System32\config\DEFAULT.LOG*"),
        Location::new(Root::Windows, r"ServiceProfiles\*\NTUSER.DAT.LOG*"),
        Location::new(Root::SystemDrive, r"Users\*\NTUSER.DAT.LOG*"),
    ],
    serves: &[
        (Question::Exposed, "the cumulative update that is installed, and which security updates"),
        (
            Question::StillInside,
            "services, tasks, run keys, debuggers and providers that start what was left",
        ),
    ],
    quirks: &[
        "What a running Windows has not yet written into a hive stands in its transaction logs (`.LOG1`, `.LOG2`, `.LOG`): \
         they are read with it where they lie beside it. `from_log` in `rest` marks what stands in a page of theirs, and the \
         record is its place in the hive as it is with them.",
        "A hive that the case holds already is not read again for newer logs: make a case of the later collection.",
        "A time is when the key was last written, whichever of its values that changed.",
        "The version below `Setup` is the cumulative update's; a security update shows in ExSetup.exe alone.",
        "A task without a security descriptor (`SD`) is one that Windows does not show.",
        "Deleted keys are not looked for in what is free in the hive.",
    ],
};

/// What is taken of the keys that a mask matches.
#[derive(Debug, Clone, Copy)]
struct Interest {
    /// The key's path; `*` is any one key, `**` at the end any keys at any depth.
    mask: &'static str,
    /// What the setting is called in the table.
    setting: &'static str,
    take: Take,
}

/// How the settings are made.
#[derive(Debug, Clone, Copy)]
enum Take {
    /// One for each of these values.
    Values(&'static [&'static str]),
    /// One for every value, whatever its name.
    Every,
    /// One for a key that has any of these values; the first is what is set. A value may be that of a key below.
    Key(&'static [&'static str]),
    /// A registered task.
    Task,
    /// A class that is registered by its id: its library is told.
    Class,
    /// The setup of Exchange: the install root, and a sighting of the build.
    Setup,
}

const fn interest(mask: &'static str, setting: &'static str, take: Take) -> Interest {
    Interest { mask, setting, take }
}

/// What starts by itself, for the machine and for a user.
static AUTOSTARTS: &[Interest] = &[
    interest(r"Microsoft\Windows\CurrentVersion\Run", "run_key", Take::Every),
    interest(r"Microsoft\Windows\CurrentVersion\RunOnce", "run_key", Take::Every),
    interest(r"Microsoft\Windows\CurrentVersion\RunOnceEx\*", "run_key", Take::Every),
    interest(r"Microsoft\Windows\CurrentVersion\RunServices", "run_key", Take::Every),
    interest(r"Microsoft\Windows\CurrentVersion\Policies\Explorer\Run", "run_key", Take::Every),
    interest(r"Microsoft\Windows NT\CurrentVersion\Windows", "run_key", Take::Values(&["Load", "Run"])),
    interest(
        r"Microsoft\Windows NT\CurrentVersion\Windows",
        "appinit_dlls",
        Take::Values(&["AppInit_DLLs", "LoadAppInit_DLLs"]),
    ),
    interest(
        r"Microsoft\Windows NT\CurrentVersion\Winlogon",
        "winlogon",
        Take::Values(&["Shell", "Userinit"]),
    ),
];

/// The version at which setup left a role that is installed.
const CONFIGURED: Take = Take::Values(&["ConfiguredVersion"]);

/// What else is taken of SOFTWARE.
static SOFTWARE: &[Interest] = &[
    interest(r"Microsoft\ExchangeServer\*\Setup", "install_root", Take::Setup),
    interest(r"Microsoft\ExchangeServer\*\MailboxRole", "exchange_role", CONFIGURED),
    interest(r"Microsoft\ExchangeServer\*\ClientAccessRole", "exchange_role", CONFIGURED),
    interest(r"Microsoft\ExchangeServer\*\EdgeTransportRole", "exchange_role", CONFIGURED),
    interest(r"Microsoft\ExchangeServer\*\AdminTools", "exchange_role", CONFIGURED),
    interest(
        r"Microsoft\Windows NT\CurrentVersion",
        "windows_version",
        Take::Key(&[
            "ProductName",
            "CurrentBuild",
            "UBR",
            "ReleaseId",
            "EditionID",
            "InstallDate",
            "SystemRoot",
        ]),
    ),
    interest(
        r"Microsoft\Windows\CurrentVersion\Uninstall\*",
        "installed_program",
        Take::Key(&["DisplayName", "DisplayVersion", "InstallDate", "Publisher", "ParentKeyName"]),
    ),
    interest(
        r"Microsoft\Windows NT\CurrentVersion\Image File Execution Options\*",
        "image_file_debugger",
        Take::Values(&["Debugger", "GlobalFlag", "VerifierDlls"]),
    ),
    interest(
        r"Microsoft\Windows NT\CurrentVersion\SilentProcessExit\*",
        "image_file_debugger",
        Take::Values(&["MonitorProcess"]),
    ),
    interest(
        r"Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache\Tree\**",
        "scheduled_task_registered",
        Take::Task,
    ),
    interest(r"Microsoft\AMSI\Providers\*", "amsi_provider", Take::Class),
];

/// What is taken of SYSTEM, below the control set that is in force.
static SYSTEM: &[Interest] = &[
    interest(
        r"Services\*",
        "service",
        Take::Key(&[
            "ImagePath",
            r"Parameters\ServiceDll",
            "ServiceDll",
            "Start",
            "ObjectName",
            "Type",
            "DisplayName",
            "FailureCommand",
        ]),
    ),
    interest(
        r"Control\Lsa",
        "lsa",
        Take::Values(&[
            "DisableLoopbackCheck",
            "Security Packages",
            "Authentication Packages",
            "Notification Packages",
            "RunAsPPL",
            "LmCompatibilityLevel",
            "SuppressExtendedProtection",
            "DisableRestrictedAdmin",
        ]),
    ),
    interest(r"Control\Lsa\OSConfig", "lsa", Take::Values(&["Security Packages"])),
    interest(r"Control\SecurityProviders\WDigest", "wdigest", Take::Values(&["UseLogonCredential"])),
    interest(r"Control\TimeZoneInformation", "time_zone", Take::Values(&["TimeZoneKeyName"])),
    interest(r"Control\ComputerName\ComputerName", "computer_name", Take::Values(&["ComputerName"])),
];

impl Parser for Registry {
    fn name(&self) -> &'static str {
        "registry"
    }

    fn guide(&self) -> &'static Guide {
        &GUIDE
    }

    fn grain(&self) -> Grain {
        Grain::State
    }

    fn scope(&self, artifact: &Artifact) -> String {
        file_name(&artifact.path).to_lowercase()
    }

    fn fits(&self, path: &str, head: &[u8]) -> Fit {
        let key = path_key(path);
        let is_named =
            ["/config/software", "/config/system", "/ntuser.dat"].iter().any(|end| key.ends_with(end));
        match (head.starts_with(hive::MAGIC), is_named && !head.is_empty()) {
            (true, _) => Fit::Sure,
            (false, true) => Fit::Maybe,
            (false, false) => Fit::No,
        }
    }

    fn parse(&self, artifact: &Artifact, input: &mut dyn Evidence, limits: &Limits, rows: &mut Rows<'_>) {
        self.parse_with(Aid::default(), artifact, input, limits, rows);
    }

    fn parse_with(
        &self,
        aid: Aid<'_>,
        _: &Artifact,
        input: &mut dyn Evidence,
        limits: &Limits,
        rows: &mut Rows<'_>,
    ) {
        match Hive::open(input) {
            Ok(hive) => Reader::new(hive, limits, rows).read(aid.beside),
            Err(bad) => rows.remark(ProblemCode::BadHive, Some(bad.at), format!("the file {}", bad.why)),
        }
    }
}
