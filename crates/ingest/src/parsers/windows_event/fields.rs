//! The data of an event as one flat object.

use super::json::{Json, Members, write_object};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Named values in the order of the source; no name stands twice.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Fields<'a> {
    members: Members<'a>,
}

impl<'a> Fields<'a> {
    /// Adds a value as it is. Null says nothing and is left out.
    pub(crate) fn push(&mut self, name: impl Into<Cow<'a, str>>, value: Json<'a>) {
        if value != Json::Null {
            self.members.push((name.into(), value));
        }
    }

    /// Adds one value of the event's data, without trailing blanks.
    pub(crate) fn push_value(&mut self, name: Cow<'a, str>, value: Json<'a>) {
        self.push(name, trimmed(value));
    }

    /// Adds `EventData`, `UserData` or what stands in their place: values by the name of their element.
    pub(crate) fn push_data(&mut self, name: Cow<'a, str>, value: Json<'a>) {
        let nested = match value {
            Json::Object(members) => members,
            scalar => return self.push(name, trimmed(scalar)),
        };
        for (key, value) in nested {
            match (key.as_ref(), value) {
                ("#attributes", Json::Object(attributes)) => self.push_attributes(&name, attributes),
                ("#text", text) if name == "Data" => self.push("Data", list_of_text(trimmed(text))),
                ("#text", text) => self.push(name.clone(), trimmed(text)),
                ("Data", text @ (Json::Text(_) | Json::Escaped(_) | Json::List(_))) => {
                    self.push("Data", list_of_text(trimmed(text)));
                }
                (_, value) => self.push_data(key, value),
            }
        }
    }

    /// Namespaces say nothing about the event; every other attribute is kept as `Element@Attribute`.
    fn push_attributes(&mut self, element: &str, attributes: Members<'a>) {
        for (name, value) in attributes {
            if !name.starts_with("xmlns") {
                self.push(format!("{element}@{name}"), trimmed(value));
            }
        }
    }

    /// Joins values of one name into a list, at the place of the first.
    pub(crate) fn join_namesakes(&mut self) {
        let mut names: Vec<&str> = self.members.iter().map(|(name, _)| name.as_ref()).collect();
        names.sort_unstable();
        if names.windows(2).all(|pair| pair.first() != pair.last()) {
            return;
        }
        let mut places: BTreeMap<Cow<'a, str>, usize> = BTreeMap::new();
        let mut single: Members<'a> = Vec::new();
        for (name, value) in self.members.drain(..) {
            if let Some((_, first)) = places.get(&name).and_then(|place| single.get_mut(*place)) {
                *first = joined(std::mem::replace(first, Json::Null), value);
            } else {
                places.insert(name.clone(), single.len());
                single.push((name, value));
            }
        }
        self.members = single;
    }

    /// Tells whether there is nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Returns a value by its name.
    pub(crate) fn get(&self, name: &str) -> Option<&Json<'a>> {
        self.members.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Returns every value, with those of lists one by one.
    pub(crate) fn values(&self) -> impl Iterator<Item = &Json<'a>> {
        self.members.iter().flat_map(|(_, value)| match value {
            Json::List(items) => items.as_slice(),
            value => std::slice::from_ref(value),
        })
    }

    /// Writes the object as JSON over what `json` held; `None` where it is empty.
    pub(crate) fn write<'j>(&self, json: &'j mut String) -> Option<&'j str> {
        json.clear();
        write_object(json, &self.members);
        (!self.is_empty()).then_some(json)
    }
}

/// Takes off the blanks that providers leave at the end of values, such as `NtLmSsp ` in 4624: rules that
/// compare whole values miss them otherwise.
fn trimmed(value: Json<'_>) -> Json<'_> {
    match value {
        Json::Text(Cow::Borrowed(text)) => Json::Text(Cow::Borrowed(without_blanks(text))),
        Json::Text(Cow::Owned(mut text)) => {
            text.truncate(without_blanks(&text).len());
            Json::Text(Cow::Owned(text))
        }
        Json::Escaped(spelt) if may_end_blank(spelt) => {
            trimmed(Json::Text(Json::Escaped(spelt).into_text().unwrap_or_default()))
        }
        Json::List(items) => Json::List(items.into_iter().map(trimmed).collect()),
        value => value,
    }
}

/// Tells whether a text ends in a blank, or in what may spell one, such as `\n`.
fn may_end_blank(spelt: &str) -> bool {
    let mut from_end = spelt.chars().rev();
    let last = from_end.next();
    last.is_some_and(char::is_whitespace) || from_end.next() == Some('\\')
}

fn without_blanks(text: &str) -> &str {
    text.trim_end_matches(|c: char| c.is_whitespace() || c == '\0')
}

/// Positions count in unnamed data, so that what is no text becomes text and null an empty one.
fn list_of_text(value: Json<'_>) -> Json<'_> {
    let items = match value {
        Json::List(items) => items,
        item => vec![item],
    };
    let text = |item| match item {
        Json::Text(_) | Json::Escaped(_) => item,
        item => Json::Text(item.into_text().unwrap_or_default()),
    };
    Json::List(items.into_iter().map(text).collect())
}

fn joined<'a>(first: Json<'a>, second: Json<'a>) -> Json<'a> {
    let mut items = match first {
        Json::List(items) => items,
        value => vec![value],
    };
    match second {
        Json::List(more) => items.extend(more),
        value => items.push(value),
    }
    Json::List(items)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(text: &str) -> String {
        let mut fields = Fields::default();
        fields.push_data("EventData".into(), Json::read(text).unwrap());
        fields.join_namesakes();
        fields.write(&mut String::new()).unwrap_or_default().to_owned()
    }

    #[test]
    fn unnamed_data_is_always_a_list_of_text() {
        assert_eq!(
            flat(r##"{"Data":{"#text":["a "," b",""]},"Binary":"00"}"##),
            r#"{"Data":["a"," b",""],"Binary":"00"}"#
        );
        assert_eq!(flat(r##"{"Data":{"#text":"a"}}"##), r#"{"Data":["a"]}"#);
        assert_eq!(flat(r#"{"Data":["a",3,null]}"#), r#"{"Data":["a","3",""]}"#);
    }

    #[test]
    fn nested_elements_are_named_by_their_leaf_and_keep_attributes_but_namespaces() {
        let text = r##"{"LogFileCleared":{"#attributes":{"xmlns":"x","xmlns:a":"y","Id":7},"User":"a","Old":{"#attributes":{"T":1},"#text":"v "}}}"##;
        assert_eq!(flat(text), r#"{"LogFileCleared@Id":7,"User":"a","Old@T":1,"Old":"v"}"#);
    }

    #[test]
    fn namesakes_become_a_list_where_the_first_stood() {
        assert_eq!(
            flat(r#"{"A":{"N":1},"M":2,"B":{"N":["x","y"]},"C":{"N":3}}"#),
            r#"{"N":[1,"x","y",3],"M":2}"#
        );
        assert_eq!(flat("null"), "");
    }

    #[test]
    fn blanks_go_from_the_end_only() {
        assert_eq!(
            flat(r#"{"P":"NtLmSsp \u0000","L":"  %%1538\n\t\t"}"#),
            r#"{"P":"NtLmSsp","L":"  %%1538"}"#
        );
    }
}
