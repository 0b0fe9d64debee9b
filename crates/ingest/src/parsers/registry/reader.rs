//! The walk through one hive: from the root along each mask to the keys that it matches, and what they give.

use super::holding::{Datum, Holding};
use super::{AUTOSTARTS, Interest, SOFTWARE, SYSTEM, Take};
use crate::aid::Beside;
use crate::input::{Limits, problem_code};
use crate::parsers::hive::{Bad, Hive, Key, Value};
use crate::parsers::hive_log::Changes;
use afterpatch_model::tables::{BuildSighting, Setting};
use afterpatch_model::{Build, ProblemCode, Rows, Timestamp};
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;
use std::io::Read;

/// What the names of a hive's transaction logs have behind its own: two since Windows Vista, one before.
const LOGS: [&str; 3] = [".LOG1", ".LOG2", ".LOG"];
/// The most of one log that is read: Windows writes the hive in full before it grows so long.
const MOST_LOG_BYTES: usize = 32 << 20;
/// How deep keys are followed below `**`.
const DEEPEST: usize = 64;
/// The most places of which is remembered that their problem is told.
const MOST_TOLD: usize = 100_000;

/// Reads one hive.
pub(super) struct Reader<'h, 'r, 's> {
    hive: Hive<'h>,
    rows: &'r mut Rows<'s>,
    /// The most bytes of one value.
    most: usize,
    /// Places of which a problem, or a loss, is told already.
    told: BTreeSet<(bool, u64)>,
    /// Keys that the interest at hand met already: a list that leads back to them would have no end.
    met: BTreeSet<u64>,
}

/// A key with the names from the root to it.
#[derive(Debug, Clone)]
struct Place {
    key: Key,
    path: Vec<String>,
}

impl Place {
    fn below(&self, key: Key) -> Self {
        let mut path = self.path.clone();
        path.push(key.name.clone());
        Self { key, path }
    }

    fn shown(&self) -> String {
        self.path.join("\\")
    }

    /// Returns the object of `rest`: the key, what it holds, and whether that stood in a transaction log.
    fn rest(&self, values: &[(&'static str, Datum)], is_replayed: bool) -> String {
        let mut object = Map::from_iter([("key".to_owned(), Json::from(self.shown()))]);
        if is_replayed {
            object.insert("from_log".to_owned(), Json::Bool(true));
        }
        object.extend(values.iter().map(|(name, datum)| ((*name).to_owned(), datum.json())));
        Json::Object(object).to_string()
    }
}

/// A key that masks count from, and what is taken below it.
type Base = (Place, Vec<&'static Interest>);

/// What is looked for, and the key that its mask counts from.
#[derive(Clone, Copy)]
struct Aim<'a> {
    interest: &'static Interest,
    base: &'a Place,
}

impl Aim<'_> {
    /// Returns the path from what stands before `**` in the mask, as tasks are named: `\Folder\Task`.
    fn below_tree(self, place: &Place) -> String {
        let named = self.interest.mask.split('\\').filter(|name| *name != "**").count();
        let above = self.base.path.len().saturating_add(named);
        place.path.iter().skip(above).flat_map(|name| ["\\", name]).collect()
    }
}

impl<'h, 'r, 's> Reader<'h, 'r, 's> {
    pub(super) fn new(hive: Hive<'h>, limits: &Limits, rows: &'r mut Rows<'s>) -> Self {
        Self { hive, rows, most: limits.line_bytes, told: BTreeSet::new(), met: BTreeSet::new() }
    }

    pub(super) fn read(mut self, beside: Option<Beside<'_>>) {
        self.remark_base();
        if self.hive.base().is_log {
            let is_of = |end: &&str| beside.is_some_and(|beside| beside.has_before(end));
            if !LOGS.iter().any(is_of) {
                self.not_taken("a transaction log, and its hive does not lie beside it");
            }
            return;
        }
        if self.hive.base().is_dirty {
            self.replay(beside);
        }
        let root = match self.hive.root() {
            Ok(key) => Place { key, path: Vec::new() },
            Err(bad) => return self.tell(&bad, "the root key"),
        };
        let Some(bases) = self.bases(&root) else {
            return self.not_taken("a hive of another kind: nothing of it is taken");
        };
        for (base, interests) in &bases {
            for interest in interests {
                self.met.clear();
                let mask: Vec<_> = interest.mask.split('\\').collect();
                self.walk(base, &mask, Aim { interest, base });
            }
        }
    }

    fn remark_base(&mut self) {
        let (base, size) = (self.hive.base(), self.hive.size());
        if !base.is_sound {
            self.rows.remark(ProblemCode::BadHive, Some(0), "the checksum of its first block is wrong");
        }
        if let Some(error) = self.hive.break_at_end() {
            self.rows.remark(problem_code(&error), None, error.to_string());
        } else if size < base.file_bytes && !base.is_log {
            self.rows.remark(ProblemCode::Truncated, None, format!("{size} of {} bytes", base.file_bytes));
        }
    }

    /// Reads what was not yet written into the hive when it was copied, and says what is missing of it.
    fn replay(&mut self, beside: Option<Beside<'_>>) {
        let logs = self.logs(beside);
        let (changes, bad) = Changes::since(self.hive.base().full_write, &logs);
        for bad in bad {
            let detail = format!("its transaction log {}", bad.why);
            self.rows.remark(ProblemCode::BadHive, Some(bad.at), detail);
        }
        let missing = match (logs.len(), changes.n_entries, changes.n_left) {
            (0, ..) => "no transaction log with anything in it lies beside it".to_owned(),
            (_, 0, _) => "nothing in its transaction logs is newer".to_owned(),
            (.., 0) => String::new(),
            (.., left) => {
                format!("{left} entries of its transaction logs were left, since one before them is missing")
            }
        };
        if !missing.is_empty() {
            let detail =
                format!("it was in use when it was copied, and {missing}: the last changes may be missing");
            self.rows.remark(ProblemCode::BadHive, Some(4), detail);
        }
        self.hive.change(changes);
    }

    /// Reads the transaction logs beside the hive that have anything in them: of two, one is often empty.
    fn logs(&mut self, beside: Option<Beside<'_>>) -> Vec<Vec<u8>> {
        let mut logs = Vec::new();
        for end in LOGS {
            let Some(log) = beside.and_then(|beside| beside.open_behind(end)) else { continue };
            let mut bytes = Vec::new();
            let most = u64::try_from(MOST_LOG_BYTES).unwrap_or(u64::MAX);
            if let Err(error) = log.take(most).read_to_end(&mut bytes) {
                self.rows.remark(problem_code(&error), None, format!("its transaction log ({end}): {error}"));
            }
            if bytes.len() == MOST_LOG_BYTES {
                let detail =
                    format!("the first {MOST_LOG_BYTES} bytes of its transaction log ({end}) are read");
                self.rows.remark(ProblemCode::TooLarge, None, detail);
            }
            if bytes.iter().any(|byte| *byte != 0) {
                logs.push(bytes);
            }
        }
        logs
    }

    fn not_taken(&mut self, why: &str) {
        self.rows.remark(ProblemCode::NotUnderstood, None, why);
    }

    /// Returns the keys that masks count from, and what is taken below each: the root shows the kind of hive.
    fn bases(&mut self, root: &Place) -> Option<Vec<Base>> {
        if self.child(root, "Microsoft").is_some() {
            return Some(self.both_widths(root.clone(), &[AUTOSTARTS, SOFTWARE]));
        }
        if let Some(select) = self.child(root, "Select") {
            let current = self.control_set(root, &select);
            return Some(current.into_iter().map(|base| (base, SYSTEM.iter().collect())).collect());
        }
        let software = self.child(root, "Software")?;
        Some(self.both_widths(software, &[AUTOSTARTS]))
    }

    /// Programs of 32 bits have keys of their own, in the same order below one.
    fn both_widths(&mut self, wide: Place, interests: &[&'static [Interest]]) -> Vec<Base> {
        let narrow = self.child(&wide, "WOW6432Node");
        let bases = [Some(wide), narrow].into_iter().flatten();
        bases.map(|base| (base, interests.iter().copied().flatten().collect())).collect()
    }

    /// Finds the control set that is in force; the first where that is not said.
    fn control_set(&mut self, root: &Place, select: &Place) -> Option<Place> {
        let holding = self.hold(select, &["Current"]);
        let current = holding.number("Current").unwrap_or_else(|| {
            let detail = "does not say which control set is in force: the first is read";
            self.rows.remark(ProblemCode::BadHive, Some(select.key.at), detail);
            1
        });
        let name = format!("ControlSet{current:03}");
        let found = self.child(root, &name);
        if found.is_none() {
            let detail = format!("there is no {name}, which is to be in force");
            self.rows.remark(ProblemCode::BadHive, Some(select.key.at), detail);
        }
        found
    }

    /// Follows a mask to the keys that it matches.
    fn walk(&mut self, place: &Place, mask: &[&str], aim: Aim<'_>) {
        match mask.split_first() {
            None => self.take(place, aim),
            Some((&"*", rest)) => {
                for offset in self.offsets(place) {
                    if let Some(found) = self.enter(place, offset, rest.is_empty()) {
                        self.walk(&found, rest, aim);
                    }
                }
            }
            Some((&"**", _)) => self.walk_deep(place, DEEPEST, aim),
            Some((name, rest)) => {
                if let Some(found) = self.child(place, name) {
                    self.walk(&found, rest, aim);
                }
            }
        }
    }

    /// Takes every key below one, in the order in which they are listed.
    fn walk_deep(&mut self, place: &Place, levels: usize, aim: Aim<'_>) {
        let offsets = self.offsets(place);
        let Some(levels) = levels.checked_sub(1) else {
            if !offsets.is_empty() {
                let detail = format!("{DEEPEST} keys deep, and more below it");
                self.rows.remark(ProblemCode::TooDeep, Some(place.key.at), detail);
            }
            return;
        };
        for offset in offsets {
            if let Some(found) = self.enter(place, offset, true) {
                self.take(&found, aim);
                self.walk_deep(&found, levels, aim);
            }
        }
    }

    /// Reads a key that a wildcard matches, once. One that cannot be read is lost where it would be a record.
    fn enter(&mut self, place: &Place, offset: u32, is_record: bool) -> Option<Place> {
        match self.hive.key(offset) {
            Ok(key) if self.met.insert(key.at) => Some(place.below(key)),
            Ok(key) => {
                let bad = Bad::new(key.at, "is listed in two places");
                self.tell(&bad, &place.shown());
                None
            }
            Err(bad) if is_record => {
                self.lose(&bad, place);
                None
            }
            Err(bad) => {
                self.tell(&bad, &place.shown());
                None
            }
        }
    }

    /// Finds a key below another by its name.
    fn child(&mut self, place: &Place, name: &str) -> Option<Place> {
        for offset in self.offsets(place) {
            match self.hive.key(offset) {
                Ok(key) if key.name.eq_ignore_ascii_case(name) => return Some(place.below(key)),
                Ok(_) => {}
                Err(bad) => self.tell(&bad, &place.shown()),
            }
        }
        None
    }

    /// Lists the keys below one.
    fn offsets(&mut self, place: &Place) -> Vec<u32> {
        let below = self.hive.below(&place.key);
        for bad in &below.bad {
            self.tell(bad, &place.shown());
        }
        below.items
    }

    /// Gives what a key that a mask matches holds.
    fn take(&mut self, place: &Place, aim: Aim<'_>) {
        self.hive.watch_changes();
        match aim.interest.take {
            Take::Values(names) => self.take_values(place, aim.interest, Some(names)),
            Take::Every => self.take_values(place, aim.interest, None),
            Take::Key(names) => self.take_key(place, aim.interest, names),
            Take::Task => self.take_task(place, aim),
            Take::Class => self.take_class(place, aim),
            Take::Setup => self.take_setup(place, aim.interest),
        }
    }

    fn take_values(&mut self, place: &Place, interest: &Interest, names: Option<&[&str]>) {
        let listed = self.hive.values(&place.key);
        for bad in &listed.bad {
            self.lose(bad, place);
        }
        let is_wanted = |value: &Value| {
            names.is_none_or(|names| names.iter().any(|name| value.name.eq_ignore_ascii_case(name)))
        };
        for value in listed.items.iter().filter(|value| is_wanted(value)) {
            match self.datum(value) {
                Ok(datum) => {
                    let scope = scope_of(place, interest, value);
                    self.give(place, interest, (value.at, Some(&datum.text()), Some(&scope)), &[]);
                }
                Err(bad) => self.lose(&Bad { at: value.at, why: bad.why }, place),
            }
        }
    }

    fn take_key(&mut self, place: &Place, interest: &Interest, names: &'static [&'static str]) {
        let holding = self.hold(place, names);
        if self.is_record(place, &holding) {
            let value = names.first().and_then(|name| holding.get(name)).map(Datum::text);
            let scope = interest.mask.ends_with('*').then_some(place.key.name.as_str());
            self.give(place, interest, (place.key.at, value.as_deref(), scope), &holding.values);
        }
    }

    /// A key without `Id` is a folder of tasks.
    fn take_task(&mut self, place: &Place, aim: Aim<'_>) {
        let mut holding = self.hold(place, &["Id", "Index", "SD"]);
        if holding.get("Id").is_none() {
            // What is unreadable may have been the id.
            holding.values.clear();
        }
        if !self.is_record(place, &holding) {
            return;
        }
        let is_open = holding.get("SD").is_none_or(Datum::is_empty) && holding.bad.is_empty();
        let scope = is_open.then_some("no security descriptor");
        holding.values.retain(|(name, _)| *name != "SD");
        let name = aim.below_tree(place);
        self.give(place, aim.interest, (place.key.at, Some(&name), scope), &holding.values);
    }

    /// The library of a class stands below `Classes`.
    fn take_class(&mut self, place: &Place, aim: Aim<'_>) {
        let mut server = Some(aim.base.clone());
        for name in ["Classes", "CLSID", &place.key.name, "InprocServer32"] {
            server = server.and_then(|above| self.child(&above, name));
        }
        let holding = server.map(|server| self.hold(&server, &[""])).unwrap_or_default();
        for bad in &holding.bad {
            self.tell(bad, &place.shown());
        }
        let library = holding.get("").map(Datum::text);
        let what = (place.key.at, library.as_deref(), Some(place.key.name.as_str()));
        self.give(place, aim.interest, what, &[]);
    }

    fn take_setup(&mut self, place: &Place, interest: &Interest) {
        const NUMBERS: [&str; 4] = ["MsiProductMajor", "MsiProductMinor", "MsiBuildMajor", "MsiBuildMinor"];
        let [major, minor, build, revision] = NUMBERS;
        let holding = self.hold(place, &["MsiInstallPath", major, minor, build, revision]);
        if !self.is_record(place, &holding) {
            return;
        }
        let root = holding.get("MsiInstallPath").map(Datum::text);
        let version = place.path.iter().nth_back(1).map(String::as_str);
        self.give(place, interest, (place.key.at, root.as_deref(), version), &holding.values);
        let [Some(major), Some(minor), Some(build), Some(revision)] =
            NUMBERS.map(|name| holding.number(name))
        else {
            return;
        };
        let time = self.time(place);
        self.rows.derived(&BuildSighting {
            time,
            build: Some(&Build { major, minor, build, revision }.to_string()),
            seen_in: Some("registry key of Exchange's setup"),
            record: place.key.at,
            ..BuildSighting::default()
        });
    }

    /// Tells whether a key is a record; where nothing is left of it but what is unreadable, it is lost.
    fn is_record(&mut self, place: &Place, holding: &Holding) -> bool {
        match holding.bad.first() {
            Some(bad) if holding.values.is_empty() => {
                self.lose(&Bad { at: place.key.at, why: bad.why.clone() }, place);
            }
            _ => holding.bad.iter().for_each(|bad| self.tell(bad, &place.shown())),
        }
        !holding.values.is_empty()
    }

    /// Reads the first value of each name; `Key\Value` is that of a key below.
    fn hold(&mut self, place: &Place, names: &[&'static str]) -> Holding {
        let listed = self.hive.values(&place.key);
        let mut holding = Holding { bad: listed.bad, ..Holding::default() };
        for name in names {
            if let Some((below, name_there)) = name.split_once('\\') {
                self.hold_below(place, (name, below, name_there), &mut holding);
            } else if let Some(value) = find(&listed.items, name) {
                self.add(name, value, &mut holding);
            }
        }
        holding
    }

    fn hold_below(&mut self, place: &Place, names: (&'static str, &str, &str), holding: &mut Holding) {
        let (name, below, name_there) = names;
        let Some(below) = self.child(place, below) else {
            return;
        };
        let mut listed = self.hive.values(&below.key);
        holding.bad.append(&mut listed.bad);
        if let Some(value) = find(&listed.items, name_there) {
            self.add(name, value, holding);
        }
    }

    fn add(&mut self, name: &'static str, value: &Value, holding: &mut Holding) {
        match self.datum(value) {
            Ok(datum) => holding.values.push((name, datum)),
            Err(bad) => holding.bad.push(bad),
        }
    }

    fn datum(&mut self, value: &Value) -> Result<Datum, Bad> {
        let data = self.hive.data(value, self.most)?;
        if data.is_cut {
            let detail = format!("the first {} bytes of the value {} are read", self.most, value.name);
            self.rows.remark(ProblemCode::TooLarge, Some(value.at), detail);
        }
        let (datum, is_mended) = Datum::read(value.kind, data);
        if is_mended {
            self.rows.remark(ProblemCode::BadEncoding, Some(value.at), value.name.as_str());
        }
        Ok(datum)
    }

    fn give(
        &mut self,
        place: &Place,
        interest: &Interest,
        (record, value, scope): (u64, Option<&str>, Option<&str>),
        values: &[(&'static str, Datum)],
    ) {
        let time = self.time(place);
        let is_replayed = self.hive.met_changes() || place.key.is_replayed;
        self.rows.fact(&Setting {
            time,
            name: Some(interest.setting),
            value,
            scope: scope.filter(|scope| !scope.is_empty()),
            record,
            rest: Some(&place.rest(values, is_replayed)),
            ..Setting::default()
        });
    }

    /// Returns when a key was last written.
    fn time(&mut self, place: &Place) -> Option<Timestamp> {
        let written = place.key.written;
        let time = i64::try_from(written).ok().and_then(Timestamp::from_filetime);
        if time.is_none() && written != 0 && self.is_news(false, place.key.at) {
            self.rows.remark(ProblemCode::BadTime, Some(place.key.at), written.to_string());
        }
        time
    }

    /// Notes what is wrong, once for each place.
    fn tell(&mut self, bad: &Bad, around: &str) {
        if self.is_news(false, bad.at) {
            self.rows.remark(ProblemCode::BadHive, Some(bad.at), format!("{around}: {}", bad.why));
        }
    }

    /// Counts a record that could not be read, once for each place as long as places are remembered.
    fn lose(&mut self, bad: &Bad, place: &Place) {
        if self.told.len() >= MOST_TOLD || self.is_news(true, bad.at) {
            self.rows.lost(ProblemCode::BadHive, bad.at, format!("{}: {}", place.shown(), bad.why));
        }
    }

    fn is_news(&mut self, is_lost: bool, at: u64) -> bool {
        self.told.len() < MOST_TOLD && self.told.insert((is_lost, at))
    }
}

fn find<'v>(values: &'v [Value], name: &str) -> Option<&'v Value> {
    values.iter().find(|value| value.name.eq_ignore_ascii_case(name))
}

/// Returns what tells a value from the others that an interest takes.
fn scope_of(place: &Place, interest: &Interest, value: &Value) -> String {
    let is_one = matches!(interest.take, Take::Values([_]));
    match (interest.mask.contains('*'), is_one) {
        (true, _) => format!(r"{}\{}", place.key.name, value.name),
        (false, true) => String::new(),
        (false, false) => value.name.clone(),
    }
}
