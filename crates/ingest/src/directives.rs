//! What a page says of the code behind it, in its directives: `<%@ Page Inherits="Some.Class" %>`.

use crate::parsers::text::decode_head;
use regex::Regex;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// A directive, up to its end or to where the head ends.
static DIRECTIVE: LazyLock<Regex> = LazyLock::new(|| regex("<%@[^%]*"));

/// An attribute of a directive that names a class or an assembly.
static NAMES_CODE: LazyLock<Regex> =
    LazyLock::new(|| regex(r#"(?i)\b(?:inherits|class|service|factory|assembly)\s*=\s*["']?([^\s"'=,>]+)"#));

#[expect(clippy::expect_used, reason = "a fixed pattern, which the tests use")]
fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a valid pattern")
}

/// Returns the classes and assemblies that the directives in the head of a page name, in order of their names and parted by
/// commas; nothing where none does.
pub(crate) fn code_behind(head: &[u8]) -> Option<String> {
    let text = decode_head(head);
    let mut names = BTreeSet::new();
    for directive in DIRECTIVE.find_iter(&text) {
        for named in NAMES_CODE.captures_iter(directive.as_str()) {
            let (_, [name]) = named.extract();
            names.insert(name);
        }
    }
    (!names.is_empty()).then(|| Vec::from_iter(names).join(","))
}

#[cfg(test)]
mod tests {
    use super::code_behind;

    #[test]
    fn a_directive_names_the_class_behind_its_page() {
        let named = |page: &str| code_behind(page.as_bytes());
        let page = "<%@ Page language=\"c#\" AutoEventWireup=\"false\" Inherits=\"Example.Web.Logon\" %>\n<%@ Import namespace=\"Example\"%>";
        assert_eq!(named(page).as_deref(), Some("Example.Web.Logon"));
        let service =
            "<%@ ServiceHost\r\n  Factory = 'Example.Factory'\r\n Service=Example.Service, Example %>";
        assert_eq!(named(service).as_deref(), Some("Example.Factory,Example.Service"));
        let control =
            "<%@ Control %><%@ Register TagPrefix=\"x\" Assembly=\"Example.Panel, Version=15.0.0.0\" %>";
        assert_eq!(named(control).as_deref(), Some("Example.Panel"));
        let wide: Vec<u8> =
            std::iter::once(0xFEFF).chain(page.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        assert_eq!(code_behind(&wide).as_deref(), Some("Example.Web.Logon"));
    }

    #[test]
    fn what_stands_elsewhere_names_nothing() {
        for page in [
            "<%@ Page Language=\"C#\" %><a class=\"Example\">x</a>",
            "<div Inherits=\"Example.Web.Logon\"></div>",
            "<% string inherits = \"Example\"; %>",
            "",
        ] {
            assert_eq!(code_behind(page.as_bytes()), None, "{page}");
        }
    }
}
