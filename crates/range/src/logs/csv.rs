//! What Exchange's own logs share: comment lines at the top, values quoted where they must be.

use crate::calendar::{ISO, form};
use afterpatch_model::Timestamp;
use std::borrow::Cow;

/// Quotes a value where it holds a comma, a quote or a line break.
pub(crate) fn quote(value: &str) -> Cow<'_, str> {
    if value.contains([',', '"', '\r', '\n']) {
        Cow::Owned(format!("\"{}\"", value.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(value)
    }
}

/// Joins values into one row.
pub(crate) fn join<'a>(values: impl IntoIterator<Item = Cow<'a, str>>) -> String {
    let quoted: Vec<String> = values.into_iter().map(|value| quote(&value).into_owned()).collect();
    quoted.join(",")
}

/// Returns the lines at the top of a log.
pub(crate) fn head(version: &str, log_type: &str, opened: Timestamp, fields: &[&str]) -> String {
    format!(
        "#Software: Microsoft Exchange Server\r\n#Version: {version}\r\n#Log-type: {log_type}\r\n#Date: {}\r\n#Fields: {}\r\n",
        form(opened, ISO),
        fields.join(",")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_only_what_must_be_quoted() {
        assert_eq!(quote("a;b"), "a;b");
        assert_eq!(quote("a,b \"c\""), "\"a,b \"\"c\"\"\"");
    }
}
