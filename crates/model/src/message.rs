//! Text for people, in the two languages of the house.

use serde::{Deserialize, Serialize};

/// A language in which afterpatch speaks to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Japanese.
    Ja,
}

/// A sentence in both languages, as content gives it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// The English text.
    pub en: String,
    /// The Japanese text.
    pub ja: String,
}

impl Message {
    /// Returns the text in `lang`.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Ja => &self.ja,
        }
    }

    /// Replaces each `{name}` by what `value` gives for it; where the source does not say, the text says that.
    #[must_use]
    pub fn fill(&self, value: impl Fn(&str) -> Option<String>) -> Self {
        Self { en: fill(&self.en, "(not logged)", &value), ja: fill(&self.ja, "(記録なし)", &value) }
    }
}

fn fill(text: &str, unsaid: &str, value: &impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        out.push_str(value(name).as_deref().unwrap_or(unsaid));
        rest = tail;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_names_and_shows_a_missing_one() {
        let message =
            Message { en: "{path} on {server}, {nothing} {".into(), ja: "{server}の{path}".into() };
        let filled = message.fill(|name| match name {
            "path" => Some("a.aspx".into()),
            "server" => Some("MX1".into()),
            _ => None,
        });
        assert_eq!(filled.en, "a.aspx on MX1, (not logged) {");
        assert_eq!(filled.get(Lang::Ja), "MX1のa.aspx");
    }
}
