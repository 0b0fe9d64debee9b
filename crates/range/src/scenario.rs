//! The scenarios: who, when, what befalls, what is collected, and what is true.

mod families;
mod fleet;
mod footholds;
mod histories;
mod table;

use crate::calendar::at;
use crate::life::{self, Pace};
use crate::logs::http_proxy::Protocol;
use crate::served;
use crate::server::{Plan, Role, Server};
use crate::tree::File;
use crate::truth::{ServerTruth, Truth};
use afterpatch_model::{Span, Timestamp};

pub use table::SCENARIOS;
pub(crate) use table::{CU18, CU18_MENDED, CU19, PAGE, mx1, mx2};

/// An organisation, its servers, and what befell them.
#[derive(Debug)]
pub struct Scenario {
    /// Its name, as the command line and the folders in `cases/` spell it.
    pub name: &'static str,
    /// What it is, in one line.
    pub doc: &'static str,
    pub(crate) servers: &'static [Plan],
    /// The spans that the collected logs cover: first moment, first moment after.
    pub(crate) spans: &'static [(&'static str, &'static str)],
    /// The `HttpProxy` folders that were collected.
    pub(crate) folders: &'static [Protocol],
    pub(crate) requests_per_hour: u64,
    /// Whether the served folders were collected.
    pub(crate) served: bool,
    /// What befalls a server beside ordinary life.
    pub(crate) story: fn(&mut Server),
    pub(crate) truth: fn() -> Vec<ServerTruth>,
}

impl Scenario {
    /// Returns the scenario of that name.
    pub fn by_name(name: &str) -> Option<&'static Self> {
        SCENARIOS.iter().find(|scenario| scenario.name == name)
    }

    /// Returns what is true of it.
    pub fn truth(&self) -> Vec<Truth> {
        (self.truth)().into_iter().flat_map(ServerTruth::lines).collect()
    }

    /// Returns the names of its servers.
    pub fn servers(&self) -> impl Iterator<Item = &'static str> {
        self.servers.iter().map(|plan| plan.name)
    }

    /// Returns the names of those that have a front end, and with it the logs of requests.
    pub fn front_ends(&self) -> impl Iterator<Item = &'static str> {
        let has_one = |plan: &&Plan| plan.role == Role::Mailbox;
        self.servers.iter().filter(has_one).map(|plan| plan.name)
    }

    /// Returns how many requests of users an hour of the working day holds, where nobody asks for another number.
    pub fn requests_per_hour(&self) -> u64 {
        self.requests_per_hour
    }

    /// Returns the spans that the collected logs cover.
    pub fn spans(&self) -> Vec<Span> {
        let span = |(from, until): &(&str, &str)| Span { from: at(from), until: at(until) };
        self.spans.iter().map(span).collect()
    }

    /// Returns the moment at which the evidence was collected: three hours after the last log.
    pub(crate) fn collected(&self) -> Timestamp {
        let last = self.spans().last().map_or(Timestamp::from_nanos(0), |span| span.until);
        last.plus(3 * Timestamp::HOUR)
    }

    pub(crate) fn plans(&self) -> &'static [Plan] {
        self.servers
    }

    /// Plays the scenario on one of its servers and returns the files that a collector takes from it.
    pub(crate) fn play(&self, plan: &'static Plan, requests_per_hour: u64) -> Vec<File> {
        let mut server = Server::new(self.name, plan);
        let pace = Pace { requests_per_hour, folders: self.folders };
        let spans = self.spans();
        for span in &spans {
            life::play(&mut server, *span, pace);
        }
        if self.served {
            served::furnish(&mut server, at("2020-09-21T08:20:00Z"));
        }
        (self.story)(&mut server);
        server.tree.finish()
    }
}
