//! What intruders leave behind. Nothing here attacks anything: it writes the traces of a known chain.

pub(crate) mod address_book;
pub(crate) mod aftermath;
pub(crate) mod chain;
pub(crate) mod faint;
pub(crate) mod foothold;
pub(crate) mod forged;
mod led;
pub(crate) mod lesser;
pub(crate) mod mailboxes;
pub(crate) mod powershell;
pub(crate) mod proxyshell;
pub(crate) mod shell;
pub(crate) mod viewstate;
pub(crate) mod voice;

/// The intruder's address.
pub(crate) const INTRUDER: &str = "203.0.113.45";
/// What the intruder's program calls itself.
pub(crate) const AGENT: &str = "ExchangeServicesClient/0.0.0.0";
