//! What afterpatch says to people: Fluent texts in the languages of the house.

use afterpatch_model::{
    ActionKind, Completion, Decider, Engine, Grade, Lang, Level, Message, ProblemCode, Question, Reason,
    Shell, Verdict,
};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::sync::Arc;
use unicode_width::UnicodeWidthChar;

const EN: &str = include_str!("../../../content/locales/en.ftl");
const JA: &str = include_str!("../../../content/locales/ja.ftl");

/// Why texts could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum TextsError {
    /// The language's name is none that Unicode knows.
    #[error("{0:?} names no language")]
    Language(String),
    /// The locale file is not well formed.
    #[error("locale {lang}: {detail}")]
    Malformed {
        /// The language.
        lang: &'static str,
        /// What is wrong with it.
        detail: String,
    },
}

/// The texts of one language. Cheap to clone.
#[derive(Clone)]
pub struct Texts {
    lang: Lang,
    bundle: Arc<FluentBundle<FluentResource>>,
}

impl Texts {
    /// Loads the texts that were built in.
    pub fn load(lang: Lang) -> Result<Self, TextsError> {
        let source = match lang {
            Lang::En => EN,
            Lang::Ja => JA,
        };
        Self::parse(lang, source)
    }

    /// Loads texts from a locale file's content, such as one that replaces what was built in.
    pub fn parse(lang: Lang, source: &str) -> Result<Self, TextsError> {
        let code = code_of(lang);
        let malformed = |detail: String| TextsError::Malformed { lang: code, detail };
        let id = code.parse().map_err(|_| TextsError::Language(code.to_owned()))?;
        let resource = FluentResource::try_new(source.to_owned())
            .map_err(|(_, errors)| malformed(errors.first().map(ToString::to_string).unwrap_or_default()))?;
        let mut bundle = FluentBundle::new_concurrent(vec![id]);
        // The marks would stand in every path and address that is filled in; `plain` sees to bidi text instead.
        bundle.set_use_isolating(false);
        bundle
            .add_resource(resource)
            .map_err(|errors| malformed(errors.first().map(ToString::to_string).unwrap_or_default()))?;
        Ok(Self { lang, bundle: Arc::new(bundle) })
    }

    /// Returns the language.
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// Returns the language as the `lang` attribute spells it: `en` or `ja`.
    pub fn code(&self) -> &'static str {
        code_of(self.lang)
    }

    /// Tells whether there is a text of that key; `key.attribute` asks for an attribute.
    pub fn has(&self, key: &str) -> bool {
        self.look_up(key, &FluentArgs::new()).is_some()
    }

    /// Returns the text of `key` (or `key.attribute`), filled with `args`.
    ///
    /// A key without a text shows itself and its arguments, so that nothing is lost where a newer case names it.
    pub fn get(&self, key: &str, args: &[(&str, &str)]) -> String {
        let mut filled = FluentArgs::new();
        for (name, value) in args {
            filled.set(*name, value_of(value));
        }
        self.look_up(key, &filled).unwrap_or_else(|| show_key(key, args))
    }

    /// Returns the sentence of a reason; grades and kinds of evidence in it are named in the language.
    pub fn reason(&self, reason: &Reason) -> String {
        let args: Vec<(&str, String)> = reason
            .args
            .iter()
            .map(|(name, value)| (name.as_str(), self.name_in_reason(name, value)))
            .collect();
        let args: Vec<(&str, &str)> = args.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.get(&prefixed("reason-", &reason.key), &args)
    }

    /// Returns what a missing kind of evidence would show.
    pub fn gap(&self, would_show: &str) -> String {
        self.get(&prefixed("gap-", would_show), &[])
    }

    /// Returns a question in a word or two.
    pub fn question(&self, question: Question) -> String {
        self.get(&format!("question-{}", question.name()), &[])
    }

    /// Returns a question in full.
    pub fn asked(&self, question: Question) -> String {
        self.get(&format!("question-{}.asked", question.name()), &[])
    }

    /// Returns the word of a verdict, as it answers `question`.
    pub fn verdict(&self, question: Question, verdict: Verdict) -> String {
        let own = format!("verdict-{}-{}", question.name(), verdict.name());
        if self.has(&own) {
            self.get(&own, &[])
        } else {
            self.get(&format!("verdict-{}", verdict.name()), &[])
        }
    }

    /// Returns the word of a grade.
    pub fn grade(&self, grade: Grade) -> String {
        self.get(&format!("grade-{}", grade.name()), &[])
    }

    /// Returns the word of a level or a confidence.
    pub fn level(&self, level: Level) -> String {
        self.get(&format!("level-{}", level.name()), &[])
    }

    /// Returns the name of an engine.
    pub fn engine(&self, engine: Engine) -> String {
        self.get(&format!("engine-{}", engine.name()), &[])
    }

    /// Returns the word of a kind of step.
    pub fn action(&self, kind: ActionKind) -> String {
        self.get(&format!("action-{}", kind.name()), &[])
    }

    /// Returns the word for who must decide a step.
    pub fn decider(&self, decider: Decider) -> String {
        self.get(&format!("decider-{}", decider.name()), &[])
    }

    /// Returns the name of what a command is typed into.
    pub fn shell(&self, shell: Shell) -> String {
        self.get(&format!("shell-{}", shell.name()), &[])
    }

    /// Returns the word for whether something was done.
    pub fn completion(&self, completion: Completion) -> String {
        self.get(&format!("completion-{}", completion.name()), &[])
    }

    /// Returns what something beside a build is that closes a flaw, or its id where it has no name.
    pub fn need(&self, id: &str) -> String {
        let key = format!("need-{id}");
        if self.has(&key) { self.get(&key, &[]) } else { id.to_owned() }
    }

    /// Returns what kind of problem a code names.
    pub fn problem(&self, code: ProblemCode) -> String {
        self.get(&format!("problem-{}", code.code()), &[])
    }

    /// Returns what one can do about a kind of problem.
    pub fn remedy(&self, code: ProblemCode) -> String {
        self.get(&format!("problem-{}.remedy", code.code()), &[])
    }

    /// Returns the name of a kind of evidence, or the kind itself where it has none.
    pub fn source(&self, source: &str) -> String {
        let key = format!("source-{source}");
        if self.has(&key) { self.get(&key, &[]) } else { source.to_owned() }
    }

    /// Returns a message of content in the language; in English where it has no other text.
    pub fn message(&self, message: &Message) -> String {
        match (message.get(self.lang), self.lang) {
            ("", _) => message.en.clone(),
            (text, Lang::En) => text.to_owned(),
            (text, Lang::Ja) => closed_up(text),
        }
    }

    fn name_in_reason(&self, name: &str, value: &str) -> String {
        match name {
            "need" => self.need(value),
            "signal" | "circumstance" if self.has(&format!("{name}-{value}")) => {
                self.get(&format!("{name}-{value}"), &[])
            }
            "question" if self.has(&format!("question-{value}.asked")) => {
                self.get(&format!("question-{value}.asked"), &[])
            }
            "grade" if self.has(&format!("grade-{value}")) => self.get(&format!("grade-{value}"), &[]),
            "sources" => {
                let named: Vec<_> = value.split(',').map(|one| self.source(one.trim())).collect();
                named.join(", ")
            }
            _ => value.to_owned(),
        }
    }

    fn look_up(&self, key: &str, args: &FluentArgs<'_>) -> Option<String> {
        let (id, attribute) = match key.split_once('.') {
            Some((id, attribute)) => (id, Some(attribute)),
            None => (key, None),
        };
        let message = self.bundle.get_message(id)?;
        let pattern = match attribute {
            Some(attribute) => message.get_attribute(attribute)?.value(),
            None => message.value()?,
        };
        // A variable without a value stays visible as `{$name}`; the tests see to it that there is none.
        let mut errors = Vec::new();
        Some(self.bundle.format_pattern(pattern, Some(args), &mut errors).into_owned())
    }
}

/// Drops each space between two full-width characters: it stands where content broke a line, and Japanese has none.
fn closed_up(text: &str) -> String {
    let wide = |c: Option<char>| c.and_then(UnicodeWidthChar::width) == Some(2);
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c != ' ' || !wide(out.chars().next_back()) || !wide(rest.peek().copied()) {
            out.push(c);
        }
    }
    out
}

fn code_of(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "en",
        Lang::Ja => "ja",
    }
}

fn prefixed(prefix: &str, key: &str) -> String {
    if key.starts_with(prefix) { key.to_owned() } else { format!("{prefix}{key}") }
}

/// A whole number chooses a plural; `15.1.2176.2`, `007` and everything else is text.
fn value_of(text: &str) -> FluentValue<'_> {
    match text.parse::<u32>() {
        Ok(number) if number.to_string() == text => FluentValue::from(number),
        _ => FluentValue::from(text),
    }
}

fn show_key(key: &str, args: &[(&str, &str)]) -> String {
    let args: Vec<_> = args.iter().map(|(name, value)| format!("{name}={value}")).collect();
    if args.is_empty() { format!("[{key}]") } else { format!("[{key}: {}]", args.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use afterpatch_model::{Fate, Phase, TieKind};
    use std::collections::{BTreeMap, BTreeSet};

    /// Returns the variables of every key and attribute in a locale file.
    fn variables(source: &str) -> BTreeMap<String, BTreeSet<String>> {
        let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let (mut message, mut key) = (String::new(), String::new());
        for line in source.lines().filter(|line| !line.starts_with('#')) {
            if let Some((name, _)) = line.split_once(" = ") {
                if let Some(attribute) = name.trim().strip_prefix('.') {
                    key = format!("{message}.{attribute}");
                } else if !name.starts_with(' ') {
                    message = name.to_owned();
                    key = name.to_owned();
                }
            }
            let named = found.entry(key.clone()).or_default();
            for part in line.split('$').skip(1) {
                named.insert(part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
            }
        }
        found
    }

    #[test]
    fn both_languages_have_the_same_keys_and_variables() {
        let (en, ja) = (variables(EN), variables(JA));
        assert!(en.len() > 100);
        for key in en.keys().chain(ja.keys()) {
            assert_eq!(en.get(key), ja.get(key), "{key}");
        }
    }

    #[test]
    fn every_word_of_the_model_has_its_text() {
        use Grade::{Attempted, Executed, Persists, Reached};
        use Level::{Critical, High, Informational, Low, Medium};
        use Verdict::{AttemptedOnly, CannotTell, Likely, NoTrace, Yes};

        for lang in [Lang::En, Lang::Ja] {
            let texts = Texts::load(lang).unwrap();
            let mut keys: Vec<String> = Vec::new();
            for code in ProblemCode::ALL {
                keys.push(format!("problem-{code}"));
                keys.push(format!("problem-{code}.remedy"));
            }
            for question in Question::ALL {
                keys.push(format!("question-{}", question.name()));
                keys.push(format!("question-{}.asked", question.name()));
            }
            keys.extend(ActionKind::ALL.map(|kind| format!("action-{}", kind.name())));
            keys.extend(Decider::ALL.map(|decider| format!("decider-{}", decider.name())));
            keys.extend(Completion::ALL.map(|one| format!("completion-{}", one.name())));
            keys.extend(Completion::ALL.map(|one| format!("ui-verified-{}", one.name())));
            keys.extend(Fate::ALL.map(|fate| format!("fate-{}", fate.name())));
            keys.extend(Shell::ALL.map(|shell| format!("shell-{}", shell.name())));
            keys.extend(
                [NoTrace, CannotTell, AttemptedOnly, Likely, Yes].map(|v| format!("verdict-{}", v.name())),
            );
            keys.extend([Attempted, Reached, Executed, Persists].map(|g| format!("grade-{}", g.name())));
            keys.extend(
                [Informational, Low, Medium, High, Critical].map(|level| format!("level-{}", level.name())),
            );
            keys.extend(
                [Engine::Analytic, Engine::Sigma, Engine::Yara, Engine::Pages]
                    .map(|e| format!("engine-{}", e.name())),
            );
            keys.extend(Phase::ALL.map(|phase| format!("phase-{}", phase.name())));
            keys.extend(TieKind::ALL.map(|kind| format!("tie-{}", kind.name())));
            for key in keys {
                assert!(texts.has(&key), "{key} in {}", texts.code());
            }
        }
    }

    #[test]
    fn english_and_built_in_problem_titles_agree() {
        let texts = Texts::load(Lang::En).unwrap();
        for code in ProblemCode::ALL {
            assert_eq!(texts.problem(*code).replace('’', "'"), code.title());
            assert_eq!(texts.remedy(*code).replace('’', "'"), code.remedy());
        }
    }

    #[test]
    fn reasons_choose_plurals_and_name_grades() {
        let texts = Texts::load(Lang::En).unwrap();
        let say = |key: &str, args: &[(&str, &str)]| texts.reason(&Reason::new(key, args));
        assert_eq!(say("servers", &[("yes", "0"), ("total", "2"), ("names", "")]), "None of 2 servers.");
        assert_eq!(
            say("servers", &[("yes", "1"), ("total", "2"), ("names", "MX01")]),
            "1 of 2 servers: MX01."
        );
        assert!(say("actions", &[("count", "1")]).starts_with("One step"));
        assert!(say("capped", &[("grade", "reached")]).contains("“reached”"));
        assert_eq!(
            say("two-kinds", &[("sources", "iis-w3c, unheard-of")]),
            "Traces of different kinds agree: IIS logs, unheard-of."
        );
        let ja = Texts::load(Lang::Ja).unwrap();
        assert!(ja.reason(&Reason::new("capped", &[("grade", "reached")])).contains("「到達」"));
        assert_eq!(
            texts.verdict(Question::WhatNow, Verdict::Yes),
            "Act",
            "a verdict may have its own word for a question"
        );
    }

    #[test]
    fn japanese_content_loses_the_spaces_of_its_line_breaks_only() {
        let message = Message {
            en: "kept as it is".into(),
            ja: "証跡を保全し、 次に IIS を 止めます。".into(),
        };
        let said = |lang| Texts::load(lang).unwrap().message(&message);
        assert_eq!(said(Lang::Ja), "証跡を保全し、次に IIS を止めます。");
        assert_eq!(said(Lang::En), "kept as it is");
    }

    #[test]
    fn a_key_without_a_text_shows_itself() {
        let texts = Texts::load(Lang::Ja).unwrap();
        assert_eq!(texts.reason(&Reason::new("from-tomorrow", &[("x", "1")])), "[reason-from-tomorrow: x=1]");
        assert_eq!(texts.gap("http-proxy"), texts.gap("gap-http-proxy"));
    }
}
