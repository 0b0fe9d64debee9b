//! What the facts show beside builds: needs that are met or not, mitigations, and the roles of servers.

use super::row::Row;
use crate::knowledge::{Knowledge, Pattern, Says, Sign, SignKind};
use afterpatch_model::{Locator, Mitigation, Need, NeedState, RoleSighting, ServerRole, Timestamp};
use afterpatch_store::{Session, StoreError};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The facts that signs were found in, by server.
#[derive(Debug, Default)]
pub(super) struct Signs<'k> {
    found: BTreeMap<String, Vec<Found<'k>>>,
}

/// A sign and the facts in which it was found, which apply to one thing.
#[derive(Debug)]
struct Found<'k> {
    sign: &'k Sign,
    /// What they apply to, such as a virtual directory; lower case, may be empty.
    scope: String,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    locator: Locator,
}

/// What a table's facts are called, what they say and what they apply to.
fn columns(table: &str) -> [&'static str; 4] {
    match table {
        "settings_rest" => ["settings", "name", "rest", "scope"],
        "log_messages" => ["log_messages", "component", "message", "path"],
        "windows_events" => [
            "windows_events",
            "provider",
            "concat(CAST(event_id AS VARCHAR), ' ', coalesce(message, ''), ' ', coalesce(fields, ''))",
            "channel",
        ],
        // What failed changed nothing. Commands on one kind of thing apply to that: the last of them counts.
        "admin_commands" => [
            "admin_commands",
            "CASE WHEN result = 'failed' THEN NULL ELSE command END",
            "parameters",
            "split_part(command, '-', 2)",
        ],
        "builds" => ["builds", "seen_in", "build", "source"],
        // The registry keeps both numbers of Windows' build in one key.
        "windows" => [
            "settings",
            "concat(name, ' ', regexp_replace(rest, '^.*\"CurrentBuild\":\"?([0-9]+).*$', '\\1'))",
            "regexp_replace(rest, '^.*\"UBR\":\"?([0-9]+).*$', '\\1')",
            "scope",
        ],
        _ => ["settings", "name", "value", "scope"],
    }
}

/// Returns the condition under which a column fits a pattern; none where everything does.
fn condition(column: &str, pattern: &Pattern) -> Option<String> {
    let quoted = |text: &str| text.replace('\'', "''");
    match pattern {
        Pattern::Any => None,
        Pattern::Like(like) => Some(format!("lower({column}) LIKE '{}'", quoted(like))),
        Pattern::Unlike(unlike) => Some(format!("lower({column}) NOT LIKE '{}'", quoted(unlike))),
        Pattern::AtLeast(least) => Some(format!("TRY_CAST({column} AS BIGINT) >= {least}")),
        Pattern::Below(above) => Some(format!("TRY_CAST({column} AS BIGINT) < {above}")),
    }
}

/// Returns the statement that looks for every sign: each over the one table that it can be in.
pub(super) fn statement(signs: &[Sign]) -> String {
    let mut sql = String::new();
    for (number, sign) in signs.iter().enumerate() {
        let [table, columns @ ..] = columns(&sign.table);
        let scope = columns[2];
        let between = if number == 0 { "" } else { "\nUNION ALL " };
        // Writing to a string cannot fail.
        let _ = write!(
            sql,
            "{between}SELECT {number} AS sign, server, lower(coalesce({scope}, '')) AS applies_to,
               MIN(time) AS first_seen, MAX(time) AS last_seen,
               LAST_VALUE(artifact ORDER BY time NULLS FIRST, artifact, record) AS artifact,
               LAST_VALUE(record ORDER BY time NULLS FIRST, artifact, record) AS record
             FROM {table} WHERE server IS NOT NULL"
        );
        for condition in
            columns.iter().zip(&sign.patterns).filter_map(|(column, fits)| condition(column, fits))
        {
            let _ = write!(sql, " AND {condition}");
        }
        if let Some(since) = sign.since {
            let _ = write!(sql, " AND time >= '{since}'");
        }
        let _ = write!(sql, " GROUP BY server, lower(coalesce({scope}, ''))");
    }
    format!("SELECT * FROM ({sql}) ORDER BY sign, server, applies_to")
}

impl<'k> Signs<'k> {
    /// Looks for every sign of the knowledge.
    pub(super) fn find(session: &Session, knowledge: &'k Knowledge) -> Result<Self, StoreError> {
        let mut found = Self::default();
        if knowledge.signs().is_empty() {
            return Ok(found);
        }
        for row in session.rows(&statement(knowledge.signs()))? {
            let row = Row(&row);
            let (Some(number), Some(server)) = (row.number("sign"), row.text("server")) else { continue };
            let Some(sign) = usize::try_from(number).ok().and_then(|number| knowledge.signs().get(number))
            else {
                continue;
            };
            found.found.entry(server.to_owned()).or_default().push(Found {
                sign,
                scope: row.text("applies_to").unwrap_or_default().to_owned(),
                first: row.time("first_seen"),
                last: row.time("last_seen"),
                locator: row.locator("artifact", "record"),
            });
        }
        Ok(found)
    }

    fn of<'s>(&'s self, server: &str, kind: SignKind, id: &'s str) -> impl Iterator<Item = &'s Found<'k>> {
        let found = self.found.get(server).into_iter().flatten();
        found.filter(move |found| found.sign.kind == kind && found.sign.id == id)
    }

    /// Tells whether what a flaw needs is met on a server. What was set last at one place counts there.
    pub(super) fn need(
        &self,
        server: &str,
        (id, cve): (&str, &str),
        knowledge: &Knowledge,
        is_default: bool,
    ) -> Need {
        let bears = |sign: &Sign| sign.cve.as_deref().is_none_or(|only| only == cve);
        let mut places: BTreeMap<(&str, &str), Vec<&Found<'k>>> = BTreeMap::new();
        for found in self.of(server, SignKind::Need, id).filter(|found| bears(found.sign)) {
            places.entry((&found.sign.table, &found.scope)).or_default().push(found);
        }
        let newest: Vec<_> = places.into_values().flat_map(newest).collect();
        let unmet: Vec<_> = newest.iter().filter(|found| found.sign.says == Says::Unmet).collect();
        let met = newest.iter().find(|found| found.sign.says == Says::Met);
        let met = met.or_else(|| met_by_every(&newest, id, knowledge));
        let is_assumed = is_default || knowledge.need(id).is_some_and(|need| need.met_unseen);
        let subject = |found: &&&Found<'_>| Some(found.scope.clone()).filter(|scope| !scope.is_empty());
        let (state, subjects, locator) = match (unmet.first(), met) {
            (Some(first), _) => {
                (NeedState::Unmet, unmet.iter().filter_map(subject).collect(), Some(first.locator.clone()))
            }
            (None, Some(met)) => (NeedState::Met, Vec::new(), Some(met.locator.clone())),
            (None, None) if is_assumed => (NeedState::Met, Vec::new(), None),
            (None, None) => (NeedState::Unknown, Vec::new(), None),
        };
        Need { id: id.to_owned(), state, subjects, locator }
    }

    /// Returns the mitigations of a flaw that were seen on a server.
    pub(super) fn mitigations(&self, server: &str, cve: &str, knowledge: &Knowledge) -> Vec<Mitigation> {
        let seen = |id: &str| {
            let found: Vec<_> = self.of(server, SignKind::Mitigation, id).collect();
            let last = found.iter().max_by_key(|found| (found.last, &found.locator))?;
            Some(Mitigation {
                id: id.to_owned(),
                first: found.iter().filter_map(|found| found.first).min(),
                last: last.last,
                locator: last.locator.clone(),
            })
        };
        knowledge.mitigations(cve).filter_map(|mitigation| seen(&mitigation.id)).collect()
    }

    /// Returns the role of every server that shows one.
    pub(super) fn roles(&self) -> BTreeMap<String, RoleSighting> {
        // The first that is seen: what an edge server is, and what beside mailboxes makes it hybrid, says more.
        const ROLES: [ServerRole; 4] =
            [ServerRole::Edge, ServerRole::Hybrid, ServerRole::Mailbox, ServerRole::ManagementOnly];
        let role = |server: &str| {
            ROLES.into_iter().find_map(|role| {
                let found = self.of(server, SignKind::Role, role.name()).next()?;
                Some(RoleSighting { role, locator: Some(found.locator.clone()) })
            })
        };
        self.found.keys().filter_map(|server| Some((server.clone(), role(server)?))).collect()
    }
}

/// Returns the last of the signs that meet a need together, where one table holds all of them.
fn met_by_every<'n, 'k>(
    newest: &'n [&'n Found<'k>],
    id: &str,
    knowledge: &Knowledge,
) -> Option<&'n &'n Found<'k>> {
    let is_every = |sign: &&Sign| sign.id == id && sign.says == Says::MetEvery;
    let tables: BTreeSet<&str> =
        knowledge.signs().iter().filter(is_every).map(|sign| sign.table.as_str()).collect();
    let holds_all = |table: &&str| {
        let mut signs = knowledge.signs().iter().filter(is_every).filter(|sign| sign.table == **table);
        signs.all(|sign| newest.iter().any(|found| found.sign == sign))
    };
    let table = tables.into_iter().find(holds_all)?;
    newest.iter().rfind(|found| is_every(&found.sign) && found.sign.table == table)
}

/// Returns what was found last at one place; several where they have one time.
fn newest<'f, 'k>(found: Vec<&'f Found<'k>>) -> impl Iterator<Item = &'f Found<'k>> {
    let last = found.iter().map(|found| found.last).max();
    found.into_iter().filter(move |found| Some(found.last) == last)
}
