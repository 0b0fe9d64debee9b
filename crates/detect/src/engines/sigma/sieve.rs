//! Which rules are worth evaluating against an event: an index of what each of them cannot be met without.

use super::fact::Fact;
use super::grams::Grams;
use super::needs::{Need, whole};
use rsigma_eval::EventValue;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

/// The rules of a log source, by what an event must have to be worth evaluating.
#[derive(Debug)]
pub(super) struct Sieve {
    fields: HashMap<String, FieldSieve>,
    said: Option<Texts>,
    /// Rules of which nothing is sure.
    always: Vec<u32>,
}

/// What the rules need of one field.
#[derive(Debug, Default)]
struct FieldSieve {
    present: Vec<u32>,
    equal: HashMap<String, Vec<u32>>,
    numbers: HashMap<i64, Vec<u32>>,
    texts: Option<Texts>,
}

/// Texts that are looked for at once, and the rules that need each.
#[derive(Debug)]
struct Texts {
    grams: Grams,
    rules: Vec<Vec<u32>>,
}

/// Texts before they are joined, in an order that does not depend on hashes.
type Gathering<'a> = BTreeMap<&'a str, Vec<u32>>;

impl Sieve {
    /// Joins the needs of rules, each with its number.
    pub(super) fn new<'a>(rules: impl Iterator<Item = (u32, Option<&'a [Need]>)>) -> Self {
        let mut sieve = Self { fields: HashMap::new(), said: None, always: Vec::new() };
        let mut texts: BTreeMap<&str, Gathering<'_>> = BTreeMap::new();
        let mut said = Gathering::new();
        for (rule, needs) in rules {
            let Some(needs) = needs else {
                sieve.always.push(rule);
                continue;
            };
            for need in needs {
                match need {
                    Need::Present { field } => sieve.field(field).present.push(rule),
                    Need::Equals { field, text } => {
                        sieve.field(field).equal.entry(text.clone()).or_default().push(rule);
                    }
                    Need::Number { field, number } => {
                        sieve.field(field).numbers.entry(*number).or_default().push(rule);
                    }
                    Need::Contains { field, text } => {
                        texts.entry(field).or_default().entry(text).or_default().push(rule);
                    }
                    Need::Says { text } => said.entry(text).or_default().push(rule),
                }
            }
        }
        let fields = texts.into_iter().map(|(field, gathering)| (Some(field), gathering));
        for (field, list) in fields.chain([(None, said)]).filter(|(_, list)| !list.is_empty()) {
            match (Texts::join(list), field) {
                (Ok(texts), Some(field)) => sieve.field(field).texts = Some(texts),
                (Ok(texts), None) => sieve.said = Some(texts),
                (Err(rules), _) => sieve.always.extend(rules),
            }
        }
        sieve.always.sort_unstable();
        sieve.always.dedup();
        sieve
    }

    fn field(&mut self, name: &str) -> &mut FieldSieve {
        self.fields.entry(name.to_owned()).or_default()
    }

    /// Picks the rules that an event could meet.
    pub(super) fn pick(&self, fact: &Fact<'_>, picked: &mut Picked) {
        picked.add(&self.always);
        for (name, value) in fact.fields() {
            if let Some(field) = self.fields.get(name) {
                picked.add(&field.present);
                field.pick(value, picked);
            }
        }
        if let Some(texts) = &self.said {
            fact.texts(&mut |text| texts.pick(&folded(text), picked));
        }
    }
}

impl FieldSieve {
    fn pick(&self, value: &EventValue<'_>, picked: &mut Picked) {
        match value {
            EventValue::Array(members) => members.iter().for_each(|member| self.pick(member, picked)),
            EventValue::Map(_) | EventValue::Null => {}
            value => {
                if let Some(text) = value.as_str() {
                    self.pick_by_text(&text, picked);
                }
                if !self.numbers.is_empty()
                    && let Some(rules) = number_of(value).and_then(|number| self.numbers.get(&number))
                {
                    picked.add(rules);
                }
            }
        }
    }

    fn pick_by_text(&self, text: &str, picked: &mut Picked) {
        if self.texts.is_none() && self.equal.is_empty() {
            return;
        }
        let text = folded(text);
        if let Some(texts) = &self.texts {
            texts.pick(&text, picked);
        }
        if let Some(rules) = self.equal.get(text.as_ref()) {
            picked.add(rules);
        }
    }
}

/// Returns the whole number that a value is next to.
fn number_of(value: &EventValue<'_>) -> Option<i64> {
    match value {
        EventValue::Int(number) => Some(*number),
        other => whole(other.as_f64()?.round()),
    }
}

/// Brings a text to lower case, as the texts of needs are.
fn folded(text: &str) -> Cow<'_, str> {
    if !text.is_ascii() {
        Cow::Owned(text.to_lowercase())
    } else if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

impl Texts {
    /// Joins texts; gives the rules back where that cannot be done, to be evaluated always.
    fn join(gathering: Gathering<'_>) -> Result<Self, Vec<u32>> {
        let texts: Vec<&str> = gathering.keys().copied().collect();
        let (grams, rules) = (Grams::new(&texts), gathering.into_values());
        match grams {
            Ok(grams) => Ok(Self { grams, rules: rules.collect() }),
            Err(_) => Err(rules.flatten().collect()),
        }
    }

    /// Picks the rules whose texts stand in a text of lower case.
    fn pick(&self, text: &str, picked: &mut Picked) {
        self.grams.find(text, &mut |number| {
            if let Some(rules) = self.rules.get(number) {
                picked.add(rules);
            }
        });
    }
}

/// The rules picked for an event; kept from event to event, so that nothing is allocated.
#[derive(Debug)]
pub(super) struct Picked {
    rules: Vec<u32>,
    /// By rule: the round in which it was picked last.
    rounds: Vec<u32>,
    round: u32,
}

impl Picked {
    /// Makes room for so many rules.
    pub(super) fn new(rules: usize) -> Self {
        Self { rules: Vec::new(), rounds: vec![0; rules], round: 0 }
    }

    /// Forgets what was picked for the event before.
    pub(super) fn begin(&mut self) {
        self.rules.clear();
        self.round = self.round.wrapping_add(1);
        if self.round == 0 {
            self.rounds.fill(0);
            self.round = 1;
        }
    }

    /// Returns what was picked, in the order of the rules' numbers.
    pub(super) fn rules(&mut self) -> &[u32] {
        self.rules.sort_unstable();
        &self.rules
    }

    fn add(&mut self, rules: &[u32]) {
        for rule in rules {
            let Some(round) = usize::try_from(*rule).ok().and_then(|place| self.rounds.get_mut(place)) else {
                continue;
            };
            if *round != self.round {
                *round = self.round;
                self.rules.push(*rule);
            }
        }
    }
}
