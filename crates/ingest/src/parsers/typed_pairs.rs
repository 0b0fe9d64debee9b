//! Typed pairs, `S:URL=/ecp;I32:ADS.C[dc]=2`: how Exchange's components write many values into one cell of a log.

/// The pairs of one cell, in their order, and what in it is no pair.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct TypedPairs {
    pairs: Vec<(String, String)>,
    text: String,
}

impl TypedPairs {
    /// The most pairs that are read: no genuine record has more; one made to be costly is read this far.
    const MOST: usize = 256;

    /// Reads a cell. A part that holds a quote may be wrapped in quotes, with those inside doubled.
    pub(super) fn read(data: &str) -> Self {
        let mut read = Self::default();
        let mut rest = data.trim_start_matches(SEPARATORS);
        while !rest.is_empty() && read.pairs.len() < Self::MOST {
            let (pair, after) = next_pair(rest);
            if let Some((name, value)) = pair {
                read.pairs.push((name, bare(&value).to_owned()));
            } else {
                let length = rest.len().saturating_sub(after.len());
                read.add_text(rest.get(..length).unwrap_or_default());
            }
            rest = after.trim_start_matches(SEPARATORS);
        }
        read.add_text(rest);
        read
    }

    fn add_text(&mut self, text: &str) {
        if !text.is_empty() && !self.text.is_empty() {
            self.text.push(';');
        }
        self.text.push_str(text);
    }

    /// Returns the first value under a name, in whatever case; nothing where it is empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.pairs.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// Returns names and values, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Returns what of the cell is no pair; empty for a genuine one.
    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

const SEPARATORS: [char; 2] = [';', ' '];

/// Takes off the mark that Exchange puts around what names a person.
fn bare(value: &str) -> &str {
    value.strip_prefix("<PII>").and_then(|value| value.strip_suffix("</PII>")).unwrap_or(value)
}

fn next_pair(text: &str) -> (Option<(String, String)>, &str) {
    if let Some((part, after)) = unwrap_quotes(text) {
        let pair = typed_key(&part).map(|(key, value)| (key.to_owned(), value.to_owned()));
        return (pair, after);
    }
    let Some((key, value)) = typed_key(text) else {
        return (None, text.get(end_of_part(text)..).unwrap_or_default());
    };
    if let Some((value, after)) = unwrap_quotes(value) {
        return (Some((key.to_owned(), value)), after);
    }
    let (value, after) = value.split_at_checked(end_of_part(value)).unwrap_or((value, ""));
    (Some((key.to_owned(), value.to_owned())), after)
}

/// Splits `S:CMD=x` into `CMD` and `x`; nothing where the text does not begin with a typed key.
///
/// Statistics have keys such as `ADS.C[dc1.example.org]`.
fn typed_key(text: &str) -> Option<(&str, &str)> {
    let (_, after) = split_word(text, ':', 4, |byte| byte.is_ascii_alphanumeric())?;
    split_word(after, '=', 160, |byte| byte.is_ascii_alphanumeric() || b"_.-[]".contains(&byte))
}

/// Splits a word of at most `most` letters from what follows its `mark`; looks no further than that.
fn split_word(text: &str, mark: char, most: usize, is_letter: fn(u8) -> bool) -> Option<(&str, &str)> {
    let length = text.bytes().take(most.saturating_add(1)).position(|byte| !is_letter(byte))?;
    let (word, after) = text.split_at_checked(length)?;
    (length > 0).then_some((word, after.strip_prefix(mark)?))
}

/// Takes a value in single quotes that is closed right before the next part.
fn unwrap_quotes(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix('\'')?;
    let mut value = String::new();
    loop {
        let (before, after) = rest.split_once('\'')?;
        value.push_str(before);
        match after.strip_prefix('\'') {
            Some(further) => {
                value.push('\'');
                rest = further;
            }
            None => return ends_part(after).then_some((value, after)),
        }
    }
}

fn ends_part(after: &str) -> bool {
    after.is_empty() || after.strip_prefix(';').is_some_and(|next| next.is_empty() || begins_part(next))
}

fn begins_part(text: &str) -> bool {
    typed_key(text.strip_prefix('\'').unwrap_or(text)).is_some()
}

/// Finds where a part without quotes around it ends: at the semicolon before the next typed key, outside quotes.
/// Where the quotes inside are not in pairs, they say nothing.
fn end_of_part(text: &str) -> usize {
    let has_pairs = text.bytes().filter(|byte| *byte == b'\'').count() % 2 == 0;
    let mut is_quoted = false;
    for (place, byte) in text.bytes().enumerate() {
        match byte {
            b'\'' => is_quoted = has_pairs && !is_quoted,
            b';' if !is_quoted && text.get(place..).is_some_and(ends_part) => return place,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(data: &str) -> Vec<(String, String)> {
        TypedPairs::read(data).pairs
    }

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn typed_pairs_are_read_with_and_without_quotes() {
        assert_eq!(
            read("S:TIME=10;S:CMD=Get-InboxRule;S:EX="),
            [pair("TIME", "10"), pair("CMD", "Get-InboxRule"), pair("EX", "")]
        );
        let wrapped = "S:CMD='Set-X.Url=''a;S:EX=no;b''.Identity=''1''';S:SID=2";
        assert_eq!(read(wrapped), [pair("CMD", "Set-X.Url='a;S:EX=no;b'.Identity='1'"), pair("SID", "2")]);
        let bare = "S:CMD=Set-X.Url='a;S:EX=no;b'.Identity='1';S:SID=2;";
        assert_eq!(read(bare), read(wrapped));
        let whole = "'S:CMD=Set-X.Url=''a;S:EX=no;b''.Identity=''1''';S:SID=2";
        assert_eq!(read(whole), read(wrapped));
    }

    #[test]
    fn a_lone_quote_hides_nothing_that_follows() {
        assert_eq!(read("S:EX=it couldn't be;S:ACTID=7"), [pair("EX", "it couldn't be"), pair("ACTID", "7")]);
    }

    #[test]
    fn text_that_is_no_pair_is_passed_over() {
        let read = TypedPairs::read("free text; more;S:A=1;end; x");
        assert_eq!(
            (read.pairs.as_slice(), read.text()),
            ([pair("A", "1;end; x")].as_slice(), "free text; more")
        );
        assert_eq!(TypedPairs::read(";;;"), TypedPairs::default());
    }

    #[test]
    fn statistics_are_pairs_and_people_are_read_without_their_mark() {
        let text =
            "S:PSA=<PII>a@example.org</PII>;S:ActID=7;Dbl:BudgUse.T[]=12.5;I32:ADS.C[dc-1.example.org]=3";
        let expected = [
            pair("PSA", "a@example.org"),
            pair("ActID", "7"),
            pair("BudgUse.T[]", "12.5"),
            pair("ADS.C[dc-1.example.org]", "3"),
        ];
        assert_eq!(read(text), expected);
        assert_eq!(read("S:A=x;S:no key=1"), [pair("A", "x;S:no key=1")], "a blank is in no key");
    }

    #[test]
    fn a_cell_made_to_be_costly_is_kept_as_text_from_some_pair_on() {
        let read = TypedPairs::read(&"S:A=1;".repeat(TypedPairs::MOST + 2));
        assert_eq!((read.pairs.len(), read.text()), (TypedPairs::MOST, "S:A=1;S:A=1;"));
    }

    proptest! {
        #[test]
        fn what_is_written_as_pairs_is_read_again(
            pairs in proptest::collection::vec(("[A-Za-z]{1,4}", "[A-Za-z_.]{1,9}", "[ -~é日]{0,20}"), 0..9),
        ) {
            let write = |(kind, name, value): &(String, String, String)| {
                format!("{kind}:{name}='{}'", value.replace('\'', "''"))
            };
            let text: Vec<String> = pairs.iter().map(write).collect();
            let expected: Vec<(String, String)> = pairs.into_iter().map(|(_, name, value)| (name, value)).collect();
            prop_assert_eq!(read(&text.join(";")), expected);
        }
    }
}
