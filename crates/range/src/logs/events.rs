//! Windows events as a forwarder exports them: one flat JSON object a line, a file a channel.

use crate::calendar::{ISO, form};
use crate::server::Server;
use afterpatch_model::Timestamp;
use serde_json::{Map, Value};

/// The channel of Sysmon.
pub(crate) const SYSMON: &str = "Microsoft-Windows-Sysmon/Operational";
/// The channel of Exchange's cmdlets.
pub(crate) const MANAGEMENT: &str = "MSExchange Management";

/// One event.
#[derive(Debug, Clone, Default)]
pub(crate) struct Event<'a> {
    pub(crate) channel: &'a str,
    pub(crate) source: &'a str,
    pub(crate) id: u32,
    pub(crate) level: u8,
    pub(crate) message: &'a str,
    pub(crate) fields: &'a [(&'a str, &'a str)],
}

/// Logs an event.
pub(crate) fn log(server: &mut Server, time: Timestamp, event: &Event<'_>) {
    let stamp = form(time, ISO);
    let mut record = Map::new();
    let mut put = |name: &str, value: Value| {
        record.insert(name.to_owned(), value);
    };
    put("SourceName", event.source.into());
    put("Level", event.level.to_string().into());
    put("Channel", event.channel.into());
    put("Hostname", server.full_name().into());
    put("TimeCreated", stamp.as_str().into());
    put("@timestamp", stamp.as_str().into());
    put("EventID", event.id.into());
    put("Message", event.message.into());
    for (name, value) in event.fields {
        put(name, (*value).into());
    }
    // Windows writes the `/` of a channel as %4 in file names.
    let path = format!(r"C:\EventLogs\{}.jsonl", event.channel.replace('/', "%4"));
    let row = Value::Object(record).to_string();
    server.tree.row(path, time, row, String::new);
}

/// Logs a cmdlet that ran well.
pub(crate) fn log_cmdlet(server: &mut Server, time: Timestamp, cmdlet: &str, parameters: &str) {
    let message = format!("Cmdlet suceeded. Cmdlet {cmdlet}, parameters {parameters}.");
    let event = Event {
        channel: MANAGEMENT,
        source: "MSExchange CmdletLogs",
        id: 1,
        level: 4,
        message: &message,
        fields: &[],
    };
    log(server, time, &event);
}

/// Logs an event of the Application channel.
pub(crate) fn log_application(
    server: &mut Server,
    time: Timestamp,
    source: &str,
    (id, level): (u32, u8),
    message: &str,
) {
    let event = Event { channel: "Application", source, id, level, message, fields: &[] };
    log(server, time, &event);
}

/// A process that starts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Process<'a> {
    pub(crate) image: &'a str,
    pub(crate) command_line: &'a str,
    pub(crate) parent_image: &'a str,
    pub(crate) parent_command_line: &'a str,
    pub(crate) user: &'a str,
}

/// Logs the start of a process as Sysmon 1.
pub(crate) fn log_process(server: &mut Server, time: Timestamp, process: &Process<'_>) {
    let mut dice = server.dice(&format!("process {time}"));
    let (pid, parent) = (dice.between(2_000, 20_000), dice.between(2_000, 20_000));
    let message = format!("Process Create:\r\nImage: {}", process.image);
    let event = Event {
        channel: SYSMON,
        source: "Microsoft-Windows-Sysmon",
        id: 1,
        level: 4,
        message: &message,
        fields: &[
            ("RuleName", "-"),
            ("UtcTime", &form(time, "%Y-%m-%d %H:%M:%S%.3f")),
            ("ProcessId", &pid.to_string()),
            ("Image", process.image),
            ("CommandLine", process.command_line),
            ("CurrentDirectory", r"c:\windows\system32\inetsrv\"),
            ("User", process.user),
            ("IntegrityLevel", "System"),
            ("ParentProcessId", &parent.to_string()),
            ("ParentImage", process.parent_image),
            ("ParentCommandLine", process.parent_command_line),
        ],
    };
    log(server, time, &event);
}

/// Logs the creation of a file as Sysmon 11.
pub(crate) fn log_created(server: &mut Server, time: Timestamp, image: &str, pid: &str, file: &str) {
    let stamp = form(time, "%Y-%m-%d %H:%M:%S%.3f");
    let event = Event {
        channel: SYSMON,
        source: "Microsoft-Windows-Sysmon",
        id: 11,
        level: 4,
        message: &format!("File created:\r\nImage: {image}\r\nTargetFilename: {file}"),
        fields: &[
            ("RuleName", "-"),
            ("UtcTime", &stamp),
            ("ProcessId", pid),
            ("Image", image),
            ("TargetFilename", file),
            ("CreationUtcTime", &stamp),
        ],
    };
    log(server, time, &event);
}

/// Logs the deletion of a file as Sysmon 23.
pub(crate) fn log_deleted(server: &mut Server, time: Timestamp, image: &str, file: &str) {
    let event = Event {
        channel: SYSMON,
        source: "Microsoft-Windows-Sysmon",
        id: 23,
        level: 4,
        message: &format!("File Delete archived:\r\nImage: {image}\r\nTargetFilename: {file}"),
        fields: &[
            ("RuleName", "-"),
            ("UtcTime", &form(time, "%Y-%m-%d %H:%M:%S%.3f")),
            ("User", r"NT AUTHORITY\SYSTEM"),
            ("Image", image),
            ("TargetFilename", file),
            ("IsExecutable", "false"),
        ],
    };
    log(server, time, &event);
}

/// Logs that a service was installed.
pub(crate) fn log_service(server: &mut Server, time: Timestamp, name: &str, image: &str) {
    let event = Event {
        channel: "System",
        source: "Service Control Manager",
        id: 7045,
        level: 4,
        message: "A service was installed in the system.",
        fields: &[("ServiceName", name), ("ImagePath", image), ("StartType", "auto start")],
    };
    log(server, time, &event);
}

/// Logs that Defender took a file away.
pub(crate) fn log_quarantined(server: &mut Server, time: Timestamp, path: &str) {
    let path = format!("file:_{path}");
    let event = Event {
        channel: "Microsoft-Windows-Windows Defender/Operational",
        source: "Microsoft-Windows-Windows Defender",
        id: 1117,
        level: 4,
        message: "Windows Defender Antivirus has taken action to protect this machine from malware.",
        fields: &[("Threat Name", "Backdoor:ASP/Example.A"), ("Path", &path), ("Action Name", "Quarantine")],
    };
    log(server, time, &event);
}

/// Returns an event of what Windows audits.
pub(crate) const fn audited<'a>(id: u32, message: &'a str, fields: &'a [(&'a str, &'a str)]) -> Event<'a> {
    Event {
        channel: "Security",
        source: "Microsoft-Windows-Security-Auditing",
        id,
        level: 0,
        message,
        fields,
    }
}

/// Logs that an administrator deleted an account.
pub(crate) fn log_account_deleted(server: &mut Server, time: Timestamp, account: &str) {
    let fields = &[("TargetUserName", account), ("SubjectUserName", "admin")];
    log(server, time, &audited(4726, "A user account was deleted.", fields));
}

/// A logon over the network.
#[derive(Debug, Clone, Default)]
pub(crate) struct Logon<'a> {
    /// The account, without its domain.
    pub(crate) account: &'a str,
    /// `Kerberos` or `NTLM`.
    pub(crate) package: &'a str,
    /// The address that it came from.
    pub(crate) client: &'a str,
    /// The computer that it says it came from.
    pub(crate) computer: &'a str,
}

/// Logs a logon as Security 4624.
pub(crate) fn log_logon(server: &mut Server, time: Timestamp, logon: &Logon<'_>) {
    let fields = &[
        ("TargetUserName", logon.account),
        ("TargetDomainName", crate::server::NETBIOS),
        ("TargetLogonId", "0x4e0f099"),
        ("LogonType", "3"),
        ("LogonProcessName", if logon.package == "NTLM" { "NtLmSsp" } else { logon.package }),
        ("AuthenticationPackageName", logon.package),
        ("WorkstationName", logon.computer),
        ("IpAddress", logon.client),
        ("IpPort", "50112"),
    ];
    log(server, time, &audited(4624, "An account was successfully logged on.", fields));
}

/// A file that is asked for over a share.
#[derive(Debug, Clone, Default)]
pub(crate) struct ShareAccess<'a> {
    pub(crate) account: &'a str,
    pub(crate) client: &'a str,
    pub(crate) share: &'a str,
    pub(crate) file: &'a str,
    pub(crate) mask: &'a str,
}

/// Logs access to a file over a share as Security 5145.
pub(crate) fn log_share(server: &mut Server, time: Timestamp, access: &ShareAccess<'_>) {
    let fields = &[
        ("SubjectUserSid", "S-1-5-18"),
        ("SubjectUserName", access.account),
        ("SubjectDomainName", crate::server::NETBIOS),
        ("SubjectLogonId", "0x3e7"),
        ("ObjectType", "File"),
        ("IpAddress", access.client),
        ("IpPort", "30065"),
        ("ShareName", access.share),
        ("ShareLocalPath", r"\??\C:\"),
        ("RelativeTargetName", access.file),
        ("AccessMask", access.mask),
        ("AccessReason", "-"),
    ];
    log(
        server,
        time,
        &audited(
            5145,
            "A network share object was checked to see whether client can be granted desired access.",
            fields,
        ),
    );
}
