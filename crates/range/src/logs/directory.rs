//! What `ldifde` exports of Exchange's objects in Active Directory, with the attributes that concern us.

use crate::calendar::form;
use crate::server::Server;
use afterpatch_model::Timestamp;
use std::fmt::Write as _;

/// Where Exchange keeps its objects.
const ORGANISATION: &str = "CN=Example,CN=Microsoft Exchange,CN=Services,CN=Configuration,DC=example,DC=org";
/// Columns after which a line goes on in the next.
const WIDTH: usize = 76;

/// Who has a role: the name of the assignment, the role, and to whom it is assigned.
pub(crate) type Assignment = (&'static str, &'static str, &'static str);

/// What every organisation has assigned since its setup.
const STOCK: Assignment = (
    "ApplicationImpersonation-Organization Management-Delegating",
    "ApplicationImpersonation",
    "CN=Organization Management,OU=Microsoft Exchange Security Groups,DC=example,DC=org",
);

/// Objects as they were at a moment of the export.
#[derive(Debug)]
pub(crate) struct Exported<'e> {
    /// The external address of the server's address book.
    pub(crate) oab_url: &'e str,
    /// When the address book's virtual directory was last changed.
    pub(crate) changed: Timestamp,
    /// Assignments of roles beside the stock, each made at that moment.
    pub(crate) assignments: &'e [(Assignment, Timestamp)],
}

/// Leaves an export of `time`.
pub(crate) fn export(server: &mut Server, time: Timestamp, exported: &Exported<'_>) {
    let name = server.plan.name;
    let setup = crate::calendar::at("2020-09-21T08:20:00Z");
    let mut text = String::new();
    let directory = [
        ("objectClass", "msExchVirtualDirectory"),
        ("objectClass", "msExchOABVirtualDirectory"),
        ("cn", "OAB (Default Web Site)"),
        ("msExchInternalHostName", &format!("https://{}/OAB", server.full_name())),
        ("msExchExternalHostName", exported.oab_url),
    ];
    let place = format!("CN=OAB (Default Web Site),CN=HTTP,CN=Protocols,CN={name},CN=Servers,{ORGANISATION}");
    object(&mut text, &place, (setup, exported.changed), &directory);
    for ((assignment, role, holder), made) in [(STOCK, setup)].iter().chain(exported.assignments) {
        let place = format!("CN={assignment},CN=Role Assignments,CN=RBAC,{ORGANISATION}");
        let values = [
            ("objectClass", "msExchRoleAssignment"),
            ("cn", *assignment),
            ("msExchRoleLink", &format!("CN={role},CN=Roles,CN=RBAC,{ORGANISATION}")),
            ("msExchUserLink", *holder),
        ];
        object(&mut text, &place, (*made, *made), &values);
    }
    let path = format!(r"C:\Scripts\exchange-{name}.ldf");
    server.tree.file(path, text.into_bytes(), time);
}

/// Writes an object: its name, then a line a value.
fn object(text: &mut String, name: &str, (made, changed): (Timestamp, Timestamp), values: &[(&str, &str)]) {
    let generalized = |time: Timestamp| form(time, "%Y%m%d%H%M%S.0Z");
    let (made, changed) = (generalized(made), generalized(changed));
    let times = [("whenCreated", made.as_str()), ("whenChanged", changed.as_str())];
    let head = [("dn", name), ("changetype", "add"), ("objectClass", "top")];
    for (attribute, value) in head.iter().chain(values).chain(&times) {
        line(text, &format!("{attribute}: {value}"));
    }
    text.push_str("\r\n");
}

/// Writes a line of ASCII; where it is too wide, a blank begins each line that continues it.
fn line(text: &mut String, whole: &str) {
    let (mut rest, mut width, mut start) = (whole, WIDTH, "");
    while let Some((now, later)) = rest.split_at_checked(width) {
        let _ = write!(text, "{start}{now}\r\n");
        (rest, width, start) = (later, WIDTH - 1, " ");
    }
    let _ = write!(text, "{start}{rest}\r\n");
}
