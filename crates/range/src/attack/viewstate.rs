//! An object in the `ViewState` of a page of the control panel (CVE-2020-0688), and the program that it starts.

use super::INTRUDER;
use super::led::{self, Led};
use crate::calendar::SECOND;
use crate::logs::events::{self, Process};
use crate::logs::http_proxy::Protocol;
use crate::server::Server;
use afterpatch_model::Timestamp;

/// Plays the request, the error with which the page answers even so, and what the object starts.
pub(crate) fn send(server: &mut Server, start: Timestamp) {
    let state = server.dice("view state").letters(320);
    let query = format!("%5F%5FVIEWSTATEGENERATOR=B97B4E27&__VIEWSTATE=%2FwEyhAY{state}");
    let led = Led {
        protocol: Protocol::Ecp,
        method: "GET",
        stem: "/ecp/default.aspx",
        query: &query,
        user: r"EXAMPLE\d.novak",
        client: INTRUDER,
        agent: "python-requests/2.22.0",
        status: 500,
    };
    led::log(server, start, &led);
    let message = format!(
        "Current user: 'example.org/Users/d.novak'\r\nRequest for URL 'https://mail.example.org:444/ecp/default.aspx?{}' \
         failed with the following error:\r\nSystem.Web.HttpException (0x80004005)",
        query.replace("%5F", "_")
    );
    events::log_application(server, start.plus(SECOND), "MSExchange Control Panel", (4, 2), &message);
    let process = Process {
        image: r"C:\Windows\System32\cmd.exe",
        command_line: "cmd.exe /c hostname",
        parent_image: r"C:\Windows\System32\inetsrv\w3wp.exe",
        parent_command_line: "w3wp.exe -ap \"MSExchangeECPAppPool\" -v \"v4.0\"",
        user: r"NT AUTHORITY\SYSTEM",
    };
    events::log_process(server, start.plus(2 * SECOND), &process);
}
