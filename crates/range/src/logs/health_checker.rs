//! What the script `HealthChecker` writes: one object in PowerShell's own XML, with the parts that concern us.

use crate::calendar::{ISO, form};
use crate::server::Server;
use afterpatch_model::Timestamp;

/// Leaves the script's output of an organisation with download domains, with the address of the address book's virtual directory as it is at `time`.
pub(crate) fn write(server: &mut Server, time: Timestamp, oab_url: &str) {
    let (name, build) = (server.plan.name, server.build(time));
    let escaped = oab_url.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let text = format!(
        "<Objs Version=\"1.1.0.1\" xmlns=\"http://schemas.microsoft.com/powershell/2004/04\">\r\n  <Obj RefId=\"0\"><MS>\r\n    \
         <DT N=\"GenerationTime\">{}</DT>\r\n    \
         <Obj N=\"ExchangeInformation\" RefId=\"1\"><MS>\r\n      \
         <S N=\"ServerName\">{name}</S>\r\n      \
         <Obj N=\"VersionInformation\" RefId=\"2\"><MS><Version N=\"BuildVersion\">{build}</Version></MS></Obj>\r\n      \
         <Obj N=\"OabVirtualDirectory\" RefId=\"3\"><MS>\r\n        \
         <S N=\"Identity\">{name}\\OAB (Default Web Site)</S>\r\n        \
         <S N=\"ExternalUrl\">{escaped}</S>\r\n      \
         </MS></Obj>\r\n      \
         <Obj N=\"OwaVirtualDirectory\" RefId=\"4\"><MS>\r\n        \
         <S N=\"Identity\">{name}\\owa (Default Web Site)</S>\r\n        \
         <S N=\"ExternalDownloadHostName\">download.example.org</S>\r\n      \
         </MS></Obj>\r\n    </MS></Obj>\r\n    \
         <Obj N=\"OrganizationInformation\" RefId=\"5\"><MS><B N=\"EnableDownloadDomains\">true</B></MS></Obj>\r\n  </MS></Obj>\r\n</Objs>\r\n",
        form(time, ISO)
    );
    let path = format!(r"C:\Scripts\HealthChecker-{name}-{}.xml", form(time, "%Y%m%d"));
    server.tree.file(path, text.into_bytes(), time);
}
