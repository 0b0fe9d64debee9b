//! What single kinds of event say of processes, logons, files and cmdlets.
//!
//! [`DERIVATIONS`] is a table: a further kind of event is a line in it and a function.

use super::cmdlet;
use super::event::Event;
use super::settings;
use afterpatch_model::Rows;
use afterpatch_model::tables::{FileEvent, Logon, Process};

/// One kind of event that says something in another table.
struct Derivation {
    /// The provider, or the channel where an export leaves the provider out.
    from: &'static [&'static str],
    event_id: i64,
    write: fn(&Event<'_>, &mut Rows<'_>),
}

const SECURITY: &[&str] = &["Microsoft-Windows-Security-Auditing", "Security"];
const SYSMON: &[&str] = &["Microsoft-Windows-Sysmon", "Microsoft-Windows-Sysmon/Operational"];
const SERVICES: &[&str] = &["Service Control Manager"];
const TASKS: &[&str] = &["Microsoft-Windows-TaskScheduler", "Microsoft-Windows-TaskScheduler/Operational"];
const IIS: &[&str] =
    &["Microsoft-Windows-IIS-Configuration", "Microsoft-Windows-IIS-Configuration/Operational"];
const DEFENDER: &[&str] =
    &["Microsoft-Windows-Windows Defender", "Microsoft-Windows-Windows Defender/Operational"];
const CMDLETS: &[&str] = &["MSExchange CmdletLogs", "MSExchange Management"];

static DERIVATIONS: &[Derivation] = &[
    Derivation { from: SECURITY, event_id: 4688, write: process_4688 },
    Derivation { from: SECURITY, event_id: 4624, write: logon_4624 },
    Derivation { from: SECURITY, event_id: 4625, write: logon_4625 },
    Derivation { from: SECURITY, event_id: 4648, write: logon_4648 },
    Derivation { from: SECURITY, event_id: 4663, write: file_4663 },
    Derivation { from: SECURITY, event_id: 5145, write: file_5145 },
    Derivation { from: SYSMON, event_id: 1, write: process_sysmon },
    Derivation { from: SYSMON, event_id: 11, write: file_created },
    Derivation { from: SYSMON, event_id: 15, write: file_created },
    Derivation { from: SYSMON, event_id: 23, write: file_deleted },
    Derivation { from: SYSMON, event_id: 26, write: file_deleted },
    Derivation { from: CMDLETS, event_id: 1, write: cmdlet::ok },
    Derivation { from: CMDLETS, event_id: 6, write: cmdlet::failed },
    Derivation { from: CMDLETS, event_id: 8, write: cmdlet::failed },
    Derivation { from: SERVICES, event_id: 7045, write: settings::service_installed },
    Derivation { from: SECURITY, event_id: 4697, write: settings::service_installed },
    Derivation { from: SECURITY, event_id: 4698, write: settings::task_registered },
    Derivation { from: SECURITY, event_id: 4702, write: settings::task_registered },
    Derivation { from: TASKS, event_id: 106, write: settings::task_registered },
    Derivation { from: TASKS, event_id: 140, write: settings::task_registered },
    Derivation { from: TASKS, event_id: 200, write: settings::task_ran },
    Derivation { from: IIS, event_id: 29, write: settings::iis_changed },
    Derivation { from: DEFENDER, event_id: 1006, write: settings::defender },
    Derivation { from: DEFENDER, event_id: 1007, write: settings::defender },
    Derivation { from: DEFENDER, event_id: 1116, write: settings::defender },
    Derivation { from: DEFENDER, event_id: 1117, write: settings::defender },
];

/// Writes what the event says in other tables.
pub(crate) fn write(event: &Event<'_>, rows: &mut Rows<'_>) {
    let named = |names: &[&str], said: Option<&str>| {
        said.is_some_and(|said| names.iter().any(|name| name.eq_ignore_ascii_case(said)))
    };
    let fits = |derivation: &&Derivation| {
        Some(derivation.event_id) == event.event_id
            && (named(derivation.from, event.provider.as_deref())
                || named(derivation.from, event.channel.as_deref()))
    };
    if let Some(derivation) = DERIVATIONS.iter().find(fits) {
        (derivation.write)(event, rows);
    }
}

/// The new process runs as the target where 4688 names one, else as its creator.
fn process_4688(event: &Event<'_>, rows: &mut Rows<'_>) {
    let target = event.account("TargetDomainName", "TargetUserName");
    let user = target.or_else(|| event.account("SubjectDomainName", "SubjectUserName"));
    rows.derived(&Process {
        time: event.time,
        server: event.computer.as_deref(),
        user: user.as_deref(),
        image: event.text("NewProcessName").as_deref(),
        command_line: event.text("CommandLine").as_deref(),
        pid: event.int("NewProcessId"),
        parent_image: event.text("ParentProcessName").as_deref(),
        parent_pid: event.int("ProcessId"),
        record: event.record,
        ..Process::default()
    });
}

fn process_sysmon(event: &Event<'_>, rows: &mut Rows<'_>) {
    rows.derived(&Process {
        time: event.time,
        server: event.computer.as_deref(),
        user: event.text("User").as_deref(),
        image: event.text("Image").as_deref(),
        command_line: event.text("CommandLine").as_deref(),
        pid: event.int("ProcessId"),
        parent_image: event.text("ParentImage").as_deref(),
        parent_command_line: event.text("ParentCommandLine").as_deref(),
        parent_pid: event.int("ParentProcessId"),
        hashes: event.text("Hashes").as_deref(),
        record: event.record,
        rest: None,
    });
}

fn logon_4624(event: &Event<'_>, rows: &mut Rows<'_>) {
    write_logon(event, rows, "logon", "TargetLogonId");
}

/// A failed logon has no session of its own; the id is that of who asked.
fn logon_4625(event: &Event<'_>, rows: &mut Rows<'_>) {
    write_logon(event, rows, "failed", "SubjectLogonId");
}

fn logon_4648(event: &Event<'_>, rows: &mut Rows<'_>) {
    write_logon(event, rows, "explicit", "SubjectLogonId");
}

fn write_logon(event: &Event<'_>, rows: &mut Rows<'_>, action: &str, logon_id: &str) {
    rows.derived(&Logon {
        time: event.time,
        server: event.computer.as_deref(),
        user: event.account("TargetDomainName", "TargetUserName").as_deref(),
        action: Some(action),
        logon_type: event.int("LogonType"),
        src_ip: event.text("IpAddress").as_deref(),
        src_host: event.text("WorkstationName").as_deref(),
        auth_package: event.text("AuthenticationPackageName").as_deref(),
        logon_id: event.text(logon_id).as_deref(),
        process: event.text("ProcessName").as_deref(),
        record: event.record,
        rest: None,
    });
}

fn file_created(event: &Event<'_>, rows: &mut Rows<'_>) {
    write_sysmon_file(event, rows, "create");
}

fn file_deleted(event: &Event<'_>, rows: &mut Rows<'_>) {
    write_sysmon_file(event, rows, "delete");
}

fn write_sysmon_file(event: &Event<'_>, rows: &mut Rows<'_>, action: &str) {
    let hashes = event.text("Hashes").or_else(|| event.text("Hash"));
    rows.derived(&FileEvent {
        time: event.time,
        server: event.computer.as_deref(),
        action: Some(action),
        path: event.text("TargetFilename").as_deref(),
        image: event.text("Image").as_deref(),
        pid: event.int("ProcessId"),
        user: event.text("User").as_deref(),
        hashes: hashes.as_deref(),
        record: event.record,
        ..FileEvent::default()
    });
}

/// 4663 tells of registry keys and kernel objects, too.
fn file_4663(event: &Event<'_>, rows: &mut Rows<'_>) {
    if event.text("ObjectType").as_deref() != Some("File") {
        return;
    }
    rows.derived(&FileEvent {
        time: event.time,
        server: event.computer.as_deref(),
        action: Some(action_of(event.int("AccessMask"))),
        path: event.text("ObjectName").as_deref(),
        image: event.text("ProcessName").as_deref(),
        pid: event.int("ProcessId"),
        user: event.account("SubjectDomainName", "SubjectUserName").as_deref(),
        access_mask: event.text("AccessMask").as_deref(),
        record: event.record,
        ..FileEvent::default()
    });
}

/// 5145 tells of named pipes under `IPC$`, too: they are no files.
fn file_5145(event: &Event<'_>, rows: &mut Rows<'_>) {
    let share = event.text("ShareName");
    if share.as_deref().is_some_and(|share| share.to_ascii_uppercase().ends_with(r"\IPC$")) {
        return;
    }
    let local = event.text("ShareLocalPath");
    let target = event.text("RelativeTargetName");
    let path = path_on_server(share.as_deref(), local.as_deref(), target.as_deref());
    rows.derived(&FileEvent {
        time: event.time,
        server: event.computer.as_deref(),
        action: Some(action_of(event.int("AccessMask"))),
        path: path.as_deref(),
        user: event.account("SubjectDomainName", "SubjectUserName").as_deref(),
        src_ip: event.text("IpAddress").as_deref(),
        share: share.as_deref(),
        access_mask: event.text("AccessMask").as_deref(),
        record: event.record,
        ..FileEvent::default()
    });
}

/// The rights to write, append and delete within, and the generic ones. Not that to change attributes:
/// backups ask for it.
const WRITES: i64 = 0x2 | 0x4 | 0x40 | 0x1000_0000 | 0x4000_0000;
const DELETE: i64 = 0x1_0000;

/// Says what the asked rights are for; a mask that cannot be read is taken for the harmless case.
fn action_of(mask: Option<i64>) -> &'static str {
    match mask {
        Some(mask) if mask & WRITES != 0 => "write",
        Some(mask) if mask & DELETE != 0 => "delete",
        _ => "read",
    }
}

/// Joins the share's folder on the server (`\??\C:\`, or the drive of `\\*\C$`) and the name within it.
/// Where neither is known the path begins with the share.
fn path_on_server(share: Option<&str>, local: Option<&str>, target: Option<&str>) -> Option<String> {
    let local = local.map(|local| local.trim_start_matches(r"\??\").trim_end_matches('\\').to_owned());
    let folder = local.or_else(|| share.map(|share| drive_of(share).unwrap_or_else(|| share.to_owned())))?;
    let target = target.unwrap_or_default().trim_start_matches('\\');
    Some(format!("{folder}\\{target}"))
}

/// Returns `C:` for the administrative share `\\*\C$`.
fn drive_of(share: &str) -> Option<String> {
    let name = share.rsplit('\\').next()?.strip_suffix('$')?;
    let is_drive = name.len() == 1 && name.chars().all(|letter| letter.is_ascii_alphabetic());
    is_drive.then(|| format!("{}:", name.to_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_and_a_name_make_the_path_on_the_server() {
        let path = |share, local, target| path_on_server(share, local, target);
        let expected = Some(r"C:\inetpub\x.aspx".to_owned());
        assert_eq!(path(Some(r"\\*\C$"), Some(r"\??\C:\"), Some(r"inetpub\x.aspx")), expected);
        assert_eq!(path(Some(r"\\*\c$"), None, Some(r"\inetpub\x.aspx")), expected);
        assert_eq!(path(Some(r"\\*\web"), Some(r"\??\C:\inetpub"), Some("x.aspx")), expected);
        assert_eq!(path(Some(r"\\*\SYSVOL"), None, Some("a")).as_deref(), Some(r"\\*\SYSVOL\a"));
        assert_eq!(path(Some(r"\\*\ADMIN$"), None, Some("a")).as_deref(), Some(r"\\*\ADMIN$\a"));
        assert_eq!(path(None, None, Some("a")), None);
    }

    #[test]
    fn rights_to_change_data_are_a_write_and_attributes_are_not() {
        for (mask, action) in [
            (0x12_019f, "write"),
            (0x2, "write"),
            (0x4, "write"),
            (0x1_0080, "delete"),
            (0x12_0089, "read"),
            (0x100, "read"),
        ] {
            assert_eq!(action_of(Some(mask)), action, "{mask:x}");
        }
        assert_eq!(action_of(None), "read");
    }

    #[test]
    fn no_kind_of_event_stands_twice() {
        for (place, one) in DERIVATIONS.iter().enumerate() {
            let twice = |other: &Derivation| other.event_id == one.event_id && other.from == one.from;
            assert!(!DERIVATIONS.iter().skip(place + 1).any(twice), "{:?} {}", one.from, one.event_id);
        }
    }
}
