//! Names and what stands under them: of a field in JSON, and of a parameter of a cmdlet in each of the ways in which logs spell it.

use serde_json::Value;

/// Returns the field of that name of a JSON object, without case, as text; null where there is none.
pub(super) fn field(object: &str, name: &str) -> Option<String> {
    let Value::Object(object) = serde_json::from_str(object).ok()? else { return None };
    let value = object.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)?;
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => {
            let texts =
                items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned));
            Some(texts.collect::<Vec<_>>().join(", "))
        }
        other => Some(other.to_string()),
    }
}

/// Returns the value of a parameter: `-Name "value"` of the event log, `Name='value'` of the control panel, `-Name:value`
/// and `Name:value`; quotes around it are dropped. Null where it is not given.
pub(super) fn parameter(parameters: &str, name: &str) -> Option<String> {
    if name.is_empty() {
        return None;
    }
    let lower = parameters.to_ascii_lowercase();
    let name = name.to_ascii_lowercase();
    let (mut from, mut passed, mut is_quoted) = (0, 0, false);
    while let Some(found) = lower.get(from..).and_then(|rest| rest.find(&name)) {
        let start = from + found;
        let end = start + name.len();
        let before = parameters.get(..start).and_then(|text| text.chars().next_back());
        let rest = parameters.get(end..).unwrap_or_default();
        // Within a value in double quotes anything may stand.
        is_quoted ^= parameters.get(passed..start).is_some_and(|text| text.matches('"').count() % 2 == 1);
        passed = start;
        if is_boundary(before) && !is_quoted {
            let is_dashed = before == Some('-');
            if let Some(value) = value_of(rest, is_dashed) {
                return Some(value);
            }
        }
        from = end;
    }
    None
}

fn is_boundary(before: Option<char>) -> bool {
    before.is_none_or(|c| c.is_whitespace() || matches!(c, '-' | '.' | ',' | ';' | '(' | '{'))
}

fn value_of(rest: &str, is_dashed: bool) -> Option<String> {
    let joined = rest.strip_prefix([':', '=']).map(str::trim_start);
    let value = match joined {
        Some(value) => value,
        None if is_dashed && rest.starts_with(char::is_whitespace) => rest.trim_start(),
        None if is_dashed && rest.is_empty() => return Some(String::new()),
        None => return None,
    };
    for quote in ['"', '\''] {
        if let Some(inner) = value.strip_prefix(quote) {
            return Some(inner.split(quote).next().unwrap_or(inner).to_owned());
        }
    }
    // A switch is followed by the next parameter.
    if joined.is_none() && value.starts_with('-') {
        return Some(String::new());
    }
    let bare = value.split_whitespace().next().unwrap_or_default();
    Some(bare.trim_end_matches([',', ';']).to_owned())
}

/// Returns the short name of a mailbox or account, in small letters, as far as every spelling of it has one: of an address
/// what stands before `@`, of `DOMAIN\\name` and `example.org/Users/name` the last part.
pub(super) fn mailbox_name(text: &str) -> Option<String> {
    let bare = text.trim().trim_start_matches("SMTP:").trim_start_matches("smtp:");
    let last = bare.rsplit(['\\', '/']).next().unwrap_or(bare);
    let name = last.split('@').next().unwrap_or(last).trim();
    (!name.is_empty()).then(|| name.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn parameters_are_found_as_every_log_spells_them() {
        let cases = [
            ("-Mailbox \"a b\" -ForwardTo \"x@example.net\"", "ForwardTo", Some("x@example.net")),
            ("-Mailbox \"a b\" -ForwardTo \"x@example.net\"", "mailbox", Some("a b")),
            ("ForwardTo='x@example.net'.Name='r'", "ForwardTo", Some("x@example.net")),
            ("ForwardTo='x@example.net'.Name='r'", "Name", Some("r")),
            ("-Role:ApplicationImpersonation -User:svc", "Role", Some("ApplicationImpersonation")),
            ("Role=ApplicationImpersonation;User=svc", "User", Some("svc")),
            ("-Confirm -Name \"r\"", "Confirm", Some("")),
            ("-Name r -Confirm", "Confirm", Some("")),
            ("-DisplayName \"r\"", "Name", None),
            ("-Note \"say -Name x\" -Name \"r\"", "Name", Some("r")),
            ("-UserName \"a\" -User \"b\"", "User", Some("b")),
            ("", "Name", None),
        ];
        for (parameters, name, value) in cases {
            assert_eq!(parameter(parameters, name).as_deref(), value, "{parameters} {name}");
        }
    }

    #[test]
    fn fields_of_json_are_text() {
        let object = r#"{"ImagePath":"C:\\a.exe","Id":7,"Data":["x",1],"None":null}"#;
        assert_eq!(field(object, "imagepath").as_deref(), Some(r"C:\a.exe"));
        assert_eq!(field(object, "Id").as_deref(), Some("7"));
        assert_eq!(field(object, "Data").as_deref(), Some("x, 1"));
        assert_eq!(field(object, "None"), None);
        assert_eq!(field(object, "Other"), None);
        assert_eq!(field("no json", "Id"), None);
        assert_eq!(field("[1]", "Id"), None);
    }

    #[test]
    fn a_mailbox_has_one_short_name() {
        for text in [
            "c.osei@example.org",
            r"EXAMPLE\C.Osei",
            "example.org/Users/c.osei",
            "SMTP:c.osei@example.org",
            "c.osei",
        ] {
            assert_eq!(mailbox_name(text).as_deref(), Some("c.osei"), "{text}");
        }
        assert_eq!(mailbox_name(" "), None);
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(name in "[A-Z][a-z]{2,8}", value in "[ !#-&(-~é]{0,20}") {
            prop_assert_eq!(parameter(&format!("-Q \"1\" -{name} \"{value}\""), &name), Some(value.clone()));
            let object = serde_json::json!({ (name.clone()): value.clone() }).to_string();
            prop_assert_eq!(field(&object, &name), Some(value));
        }

        #[test]
        fn any_text_is_read_without_a_panic(parameters in ".{0,60}", name in ".{0,6}") {
            let _ = (parameter(&parameters, &name), field(&parameters, &name));
        }
    }
}
