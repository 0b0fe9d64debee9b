//! The fact tables that rules are run over: their rows come by in batches, which several threads look at.
//!
//! Which thread looks at which rows makes no difference: what each gathers is joined in an order of its own.

use super::columns::FactRows;
use super::correlation::{Correlations, Kept};
use super::fact::{Fact, text_of};
use super::matchers::{Group, Matchers};
use super::route::Sources;
use super::seen::Seen;
use super::sieve::Picked;
use super::{Gathered, fields};
use crate::engines::{Hit, rule_problem};
use afterpatch_model::{ArtifactId, Batch, Locator, Problem, ProblemCode, tables};
use afterpatch_store::{HitWriter, Session};
use arrow_array::UInt32Array;
use datafusion::arrow::compute::take_record_batch;
use rsigma_eval::EvaluationResult;
use std::collections::{BTreeMap, HashMap};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// A fact table that rules can be run over.
pub(super) struct Feed {
    pub(super) table: &'static str,
    only: Only,
    /// The columns that decide which rules are meant for a row.
    keys: &'static [&'static str],
    sources: fn(&FactRows, usize) -> Sources,
    /// The columns by which a row's channel is told: the first that is not empty.
    channel: &'static [&'static str],
    fact: for<'r> fn(&'r FactRows, usize) -> Fact<'r>,
    /// What a hit shows beside the fields that the rule looked at.
    shown: &'static [&'static str],
    /// Sigma's fields that are shown as well, where the fact has them: a rule need not ask for them.
    context: &'static [&'static str],
    /// Columns that the fact is read from though Sigma has no name for them.
    inner: &'static [&'static str],
}

/// Which rows of a table are meant, by what they were read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Only {
    All,
    From(&'static str),
    NotFrom(&'static str),
}

impl Only {
    /// Returns the condition as SQL spells it.
    fn to_sql(self) -> String {
        match self {
            Self::All => "TRUE".to_owned(),
            Self::From(source) => format!("source = '{source}'"),
            Self::NotFrom(source) => format!("source IS DISTINCT FROM '{source}'"),
        }
    }

    fn takes(self, rows: &FactRows, row: usize) -> bool {
        match self {
            Self::All => true,
            Self::From(source) => rows.text("source", row) == Some(source),
            Self::NotFrom(source) => rows.text("source", row) != Some(source),
        }
    }
}

pub(super) static FEEDS: &[Feed] = &[
    Feed {
        table: "windows_events",
        only: Only::All,
        keys: &["channel", "provider", "event_id"],
        sources: event_sources,
        channel: &["channel", "provider"],
        fact: Fact::of_event,
        shown: &["channel", "provider", "event_id", "computer"],
        context: &[
            "CommandLine",
            "DestinationIp",
            "Image",
            "IpAddress",
            "ParentImage",
            "TargetFilename",
            "TargetObject",
            "TargetUserName",
            "User",
        ],
        inner: &["fields"],
    },
    Feed {
        table: "web_requests",
        only: Only::NotFrom("zeek-http"),
        keys: &["source"],
        sources: |_, _| Sources::of_request(),
        channel: &["source"],
        fact: Fact::of_request,
        shown: &["src_ip", "method", "url_path", "url_query", "status", "user_agent"],
        context: &[],
        inner: &[],
    },
    Feed {
        table: "web_requests",
        only: Only::From("zeek-http"),
        keys: &["source"],
        sources: |_, _| Sources::of_zeek_http(),
        channel: &["source"],
        fact: Fact::of_zeek_http,
        shown: &["src_ip", "dst_ip", "method", "url_host", "url_path", "url_query", "status", "user_agent"],
        context: &[],
        inner: &["request_id", "rest"],
    },
];

fn event_sources(rows: &FactRows, row: usize) -> Sources {
    let text = |column| rows.text(column, row).unwrap_or_default();
    Sources::of_event(text("channel"), text("provider"), rows.int("event_id", row).unwrap_or(-1))
}

/// What came of looking at rows.
#[derive(Default)]
pub(super) struct Looked {
    pub(super) gathered: Gathered,
    pub(super) kept: Kept,
    pub(super) seen: Seen,
}

impl Looked {
    /// Adds what came of looking at other rows.
    pub(super) fn merge(&mut self, other: Self) {
        self.gathered.merge(other.gathered);
        self.kept.merge(other.kept);
        self.seen.merge(other.seen);
    }
}

/// What looks at facts, and who takes what it meets.
pub(super) struct Looking<'m, 'a> {
    pub(super) matchers: &'m Matchers<'a>,
    pub(super) correlations: &'m Correlations<'a>,
    /// Takes each hit.
    pub(super) hits: Option<&'m HitWriter>,
    /// Takes the facts that met a rule, where they are not kept anyway.
    pub(super) met: Option<&'m (dyn Fn(Batch) + Sync)>,
}

impl Looking<'_, '_> {
    /// Looks at all rows of the tables of a session.
    pub(super) fn at_session(&self, session: &Session, problems: &mut Vec<Problem>) -> Looked {
        let mut looked = Looked::default();
        for feed in FEEDS {
            let Some(table) = tables::by_name(feed.table) else { continue };
            let (own, streamed) = self.at(std::slice::from_ref(feed), |each| {
                session.stream(&feed.select(), &mut |rows| each(Batch { table, rows: rows.clone() }))
            });
            match streamed {
                Ok(()) => looked.merge(own),
                Err(error) => problems.push(rule_problem(ProblemCode::RuleFailed, feed.table, &error)),
            }
        }
        looked
    }

    /// Looks on several threads at what `facts` hands on, and returns what that returns with what came of looking.
    pub(super) fn at<R>(
        &self,
        feeds: &'static [Feed],
        facts: impl FnOnce(&mut dyn FnMut(Batch)) -> R,
    ) -> (Looked, R) {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let (send, batches) = sync_channel::<Batch>(threads);
        let batches = Mutex::new(batches);
        thread::scope(|scope| {
            let look = || self.share(feeds, &batches);
            let shares: Vec<_> = (0..threads).map(|_| scope.spawn(look)).collect();
            let handed_on = facts(&mut |batch| {
                // It is refused only where all threads have died, and then joining them says why.
                let _ = send.send(batch);
            });
            drop(send);
            let mut looked = Looked::default();
            for share in shares {
                looked.merge(share.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            (looked, handed_on)
        })
    }

    /// Looks at one batch after the other until there are no more.
    fn share(&self, feeds: &'static [Feed], batches: &Mutex<Receiver<Batch>>) -> Looked {
        let mut looks: Vec<Look<'_, '_>> = feeds.iter().map(|feed| Look::new(feed, self)).collect();
        loop {
            let next = batches.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(batch) = next else { break };
            let meant = looks.iter_mut().filter(|look| look.feed.table == batch.table.name);
            let mut rows = None;
            for look in meant {
                let met = look.at(rows.get_or_insert_with(|| FactRows::of(batch.table.name, &batch.rows)));
                if let Some(take) = self.met.filter(|_| !met.is_empty())
                    && let Ok(rows) = take_record_batch(&batch.rows, &UInt32Array::from(met))
                {
                    take(Batch { table: batch.table, rows });
                }
            }
        }
        let mut looked = Looked::default();
        for look in looks {
            looked.merge(look.finish());
        }
        looked
    }
}

impl Feed {
    /// Returns the query for the rows of the table, with the columns that are looked at.
    fn select(&self) -> String {
        let placed = ["time", "server", "artifact", "record"];
        let asked = |name: &str| {
            [&placed, self.keys, self.shown, self.inner].iter().any(|list| list.contains(&name))
                || !fields::names(self.table, name, "sigma").is_empty()
        };
        let columns = tables::by_name(self.table).map_or(&[][..], |table| table.columns);
        let columns = columns.iter().map(|column| column.name).filter(|name| asked(name));
        let columns: Vec<_> = columns.map(|column| format!("\"{column}\"")).collect();
        format!("SELECT {} FROM {} WHERE {}", columns.join(", "), self.table, self.only.to_sql())
    }
}

/// What one thread looks at, and with what.
struct Look<'m, 'a> {
    feed: &'static Feed,
    matchers: &'m Matchers<'a>,
    correlations: &'m Correlations<'a>,
    /// By the key of a row.
    routes: HashMap<String, Route<'a>>,
    picked: Picked,
    looked: Looked,
}

/// Where the rows of one key go.
struct Route<'a> {
    channel: String,
    facts: u64,
    group: Option<Arc<Group<'a>>>,
}

impl<'m, 'a> Look<'m, 'a> {
    fn new(feed: &'static Feed, looking: &Looking<'m, 'a>) -> Self {
        Self {
            feed,
            matchers: looking.matchers,
            correlations: looking.correlations,
            routes: HashMap::new(),
            picked: Picked::new(looking.matchers.count()),
            looked: Looked { gathered: Gathered::with(looking.hits), ..Looked::default() },
        }
    }

    /// Looks at the rows that are meant, and returns the places of those that met a rule.
    fn at(&mut self, rows: &FactRows) -> Vec<u32> {
        let mut key = String::new();
        let mut met = Vec::new();
        for (place, row) in (0..).zip(0..rows.count()).filter(|(_, row)| self.feed.only.takes(rows, *row)) {
            key.clear();
            self.feed.keys.iter().for_each(|column| rows.write(column, row, &mut key));
            if let Some(group) = self.group(&key, rows, row)
                && self.evaluate(&group, rows, row)
            {
                met.push(place);
            }
        }
        met
    }

    fn group(&mut self, key: &str, rows: &FactRows, row: usize) -> Option<Arc<Group<'a>>> {
        if let Some(route) = self.routes.get_mut(key) {
            route.facts += 1;
            return route.group.clone();
        }
        let group = self.matchers.group(&(self.feed.sources)(rows, row));
        let channel = self.feed.channel.iter().find_map(|column| rows.text(column, row)).unwrap_or_default();
        let route = Route { channel: channel.to_owned(), facts: 1, group: group.clone() };
        self.routes.insert(key.to_owned(), route);
        group
    }

    /// Evaluates the rules that are meant for a row, and tells whether it met one.
    fn evaluate(&mut self, group: &Group<'a>, rows: &FactRows, row: usize) -> bool {
        let mut is_met = false;
        let fact = (self.feed.fact)(rows, row);
        self.looked.seen.note(group.number, &fact);
        for place in self.matchers.pick(group, &fact, &mut self.picked) {
            let Some(matcher) = self.matchers.at(*place) else { continue };
            let Some(result) = matcher.evaluate(&fact) else { continue };
            is_met = true;
            let hit = hit_at(rows, row);
            self.correlations.keep(*place, &hit, &fact, &mut self.looked.kept);
            if self.correlations.silences(*place) {
                continue;
            }
            let fields = || {
                let explained = matcher.explained(&fact);
                self.feed.fields(rows, row, &fact, explained.as_ref().unwrap_or(&result))
            };
            self.looked.gathered.add_with(matcher.rule, &hit, &fields);
        }
        is_met
    }

    fn finish(mut self) -> Looked {
        for route in self.routes.into_values() {
            let is_meant = route.group.is_some();
            self.looked.seen.note_channel(self.feed.table, &route.channel, route.facts, is_meant);
        }
        self.looked
    }
}

impl Feed {
    /// Returns what a hit shows: what the row says of itself, what the rule looked at, and what stands around it.
    fn fields(
        &self,
        rows: &FactRows,
        row: usize,
        fact: &Fact<'_>,
        result: &EvaluationResult,
    ) -> BTreeMap<String, String> {
        let shown =
            self.shown.iter().filter_map(|column| Some(((*column).to_owned(), rows.shown(column, row)?)));
        let around = self.context.iter().filter_map(|name| Some(((*name).to_owned(), fact.shown(name)?)));
        let matched = result.as_detection().map_or(&[][..], |detection| &detection.matched_fields);
        let matched = matched.iter().filter(|field| !field.value.is_null());
        let mut matched: Vec<_> = matched.map(|field| (field.field.clone(), text_of(&field.value))).collect();
        // rsigma looks at a rule's selections in no order.
        matched.sort();
        let mut fields = BTreeMap::new();
        for (name, text) in shown.chain(around).chain(matched) {
            fields.entry(name).or_insert_with(|| shortened(&text));
        }
        fields
    }
}

/// Returns where a hit stands, without what it shows.
fn hit_at(rows: &FactRows, row: usize) -> Hit {
    let record = rows.int("record", row).and_then(|record| u64::try_from(record).ok());
    Hit {
        server: rows.text("server", row).unwrap_or("-").to_owned(),
        subject: String::new(),
        grade: None,
        time: rows.time("time", row),
        locator: Locator {
            artifact: ArtifactId::new(rows.text("artifact", row).unwrap_or_default()),
            record: record.unwrap_or(0),
        },
        fields: BTreeMap::new(),
        reasons: Vec::new(),
    }
}

/// The longest value that a hit shows.
const SHOWN: usize = 400;

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
