//! Cmdlets that the log `MSExchange Management` keeps: 1 ran, 6 failed, 8 met an exception.
//!
//! The event's data is an unnamed, positional list. Exports that keep the message only are read from it:
//! `Cmdlet suceeded. Cmdlet Set-OabVirtualDirectory, parameters -Identity "…".`, misspelt as Exchange writes it.

use super::event::Event;
use super::json::Json;
use afterpatch_model::Rows;
use afterpatch_model::tables::AdminCommand;
use std::borrow::Cow;

/// Places in the positional list.
mod place {
    pub(super) const CMDLET: usize = 0;
    pub(super) const PARAMETERS: usize = 1;
    pub(super) const CALLER: usize = 2;
    pub(super) const PROCESS: usize = 6;
    pub(super) const ERROR: usize = 11;
}

/// What one event says of one cmdlet.
#[derive(Debug, Default, PartialEq, Eq)]
struct Cmdlet<'a> {
    command: Option<&'a str>,
    parameters: Option<&'a str>,
    user: Option<&'a str>,
    process: Option<&'a str>,
    error: Option<&'a str>,
    activity: Option<&'a str>,
}

/// Writes a cmdlet that ran to its end.
pub(crate) fn ok(event: &Event<'_>, rows: &mut Rows<'_>) {
    write(event, rows, "ok");
}

/// Writes a cmdlet that failed.
pub(crate) fn failed(event: &Event<'_>, rows: &mut Rows<'_>) {
    write(event, rows, "failed");
}

fn write(event: &Event<'_>, rows: &mut Rows<'_>, result: &str) {
    let items = positional(event);
    let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    let listed = from_items(&items);
    let message = event.message.as_deref().map(from_message).unwrap_or_default();
    rows.derived(&AdminCommand {
        time: event.time,
        server: event.computer.as_deref(),
        user: listed.user,
        command: listed.command.or(message.command),
        parameters: listed.parameters.or(message.parameters),
        result: Some(result),
        error: if result == "ok" { None } else { listed.error.or(message.error) },
        process: listed.process,
        request_id: listed.activity,
        record: event.record,
        ..AdminCommand::default()
    });
}

/// Returns the unnamed data; Winlogbeat names it `param1`, `param2` …
fn positional<'e>(event: &'e Event<'_>) -> Vec<Cow<'e, str>> {
    match event.fields.get("Data") {
        Some(Json::List(items)) => items.iter().map(|item| item.as_text().unwrap_or_default()).collect(),
        _ => (1..).map_while(|n: u8| event.fields.get(&format!("param{n}"))?.as_text()).collect(),
    }
}

fn from_items<'a>(items: &[&'a str]) -> Cmdlet<'a> {
    let at = |place: usize| items.get(place).copied().filter(|item| !item.is_empty());
    if !at(place::CMDLET).is_some_and(is_cmdlet) {
        // Event 8 has another order: the cmdlet and the exception are told by what they look like.
        return Cmdlet {
            command: items.iter().copied().find(|item| is_cmdlet(item)),
            error: exception_in(items),
            activity: activity_in(items),
            ..Cmdlet::default()
        };
    }
    Cmdlet {
        command: at(place::CMDLET),
        parameters: at(place::PARAMETERS),
        user: at(place::CALLER),
        process: at(place::PROCESS),
        error: at(place::ERROR).or_else(|| exception_in(items)),
        activity: activity_in(items),
    }
}

fn exception_in<'a>(items: &[&'a str]) -> Option<&'a str> {
    items.iter().copied().find(|item| item.contains("Exception"))
}

fn activity_in<'a>(items: &[&'a str]) -> Option<&'a str> {
    items.iter().find_map(|item| item.strip_prefix("ActivityId:")).map(str::trim)
}

/// Tells whether a text is a verb and a noun joined by a hyphen, such as `Set-OabVirtualDirectory`.
fn is_cmdlet(text: &str) -> bool {
    let word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric());
    text.starts_with(|first: char| first.is_ascii_uppercase())
        && text.split_once('-').is_some_and(|(verb, noun)| word(verb) && word(noun))
}

fn from_message(message: &str) -> Cmdlet<'_> {
    if let Some((_, told)) = message.split_once(". Cmdlet ") {
        let (command, parameters) = told.split_once(", parameters ").unwrap_or((told, ""));
        return Cmdlet {
            command: cmdlet_at_start(command),
            parameters: Some(without_dot(parameters)).filter(|parameters| !parameters.is_empty()),
            ..Cmdlet::default()
        };
    }
    let (_, told) = message.split_once("Task ").unwrap_or_default();
    Cmdlet {
        command: cmdlet_at_start(told),
        error: told.split_once("exception: ").map(|(_, error)| error.trim_end()),
        ..Cmdlet::default()
    }
}

fn cmdlet_at_start(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(text.len());
    text.get(..end).filter(|word| is_cmdlet(word))
}

/// The message ends in a dot that is not the parameters'.
fn without_dot(parameters: &str) -> &str {
    let parameters = parameters.trim_end();
    parameters.strip_suffix('.').unwrap_or(parameters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_gives_cmdlet_and_parameters_without_the_dot() {
        let told = from_message(
            "Cmdlet suceeded. Cmdlet Set-OabVirtualDirectory, parameters -ExternalUrl \"http://f.example/. Cmdlet X-Y, parameters -A\" -Identity \"OAB (Default Web Site)\".\r\n",
        );
        assert_eq!(told.command, Some("Set-OabVirtualDirectory"));
        let parameters = "-ExternalUrl \"http://f.example/. Cmdlet X-Y, parameters -A\" -Identity \"OAB (Default Web Site)\"";
        assert_eq!(told.parameters, Some(parameters));
    }

    #[test]
    fn a_message_without_parameters_has_none() {
        let told = from_message("Cmdlet failed. Cmdlet Get-App, parameters .");
        assert_eq!((told.command, told.parameters), (Some("Get-App"), None));
        assert_eq!(from_message("Cmdlet failed. Cmdlet Get-App.").command, Some("Get-App"));
        assert_eq!(from_message("The service started."), Cmdlet::default());
    }

    #[test]
    fn an_exception_names_the_task() {
        let told = from_message(
            "(PID 1, Thread 2) Task Get-App throwing unhandled exception: System.InvalidCastException: no.",
        );
        assert_eq!(told.command, Some("Get-App"));
        assert_eq!(told.error, Some("System.InvalidCastException: no."));
    }

    #[test]
    fn positions_say_who_and_how() {
        let items = [
            "New-ManagementRoleAssignment",
            "-Role \"Mailbox Import Export\"",
            "example.org/Users/admin",
            "S-1-5-21-1",
            "S-1-5-21-1",
            "Remote-ManagementShell-Unknown",
            "8372 w3wp#MSExchangePowerShellAppPool",
            "",
            "29",
            "00:00:01",
            "View Entire Forest: 'True'",
            "Example.SomeException: no",
            "",
            "ActivityId: 0f7d",
            "culture",
        ];
        let told = from_items(&items);
        assert_eq!(told.command, Some("New-ManagementRoleAssignment"));
        assert_eq!(told.parameters, Some("-Role \"Mailbox Import Export\""));
        assert_eq!(told.user, Some("example.org/Users/admin"));
        assert_eq!(told.process, Some("8372 w3wp#MSExchangePowerShellAppPool"));
        assert_eq!(told.error, Some("Example.SomeException: no"));
        assert_eq!(told.activity, Some("0f7d"));
    }

    #[test]
    fn another_order_is_told_by_what_items_look_like() {
        let told = from_items(&["1234", "56", "Get-App", "System.InvalidCastException: no"]);
        assert_eq!((told.command, told.error), (Some("Get-App"), Some("System.InvalidCastException: no")));
        assert_eq!(from_items(&[]), Cmdlet::default());
    }
}
