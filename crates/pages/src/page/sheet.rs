//! What a style sheet brings: Microsoft's processors run `<msxsl:script language="…">` where its expressions call it.

use super::builder::language;
use super::escapes;
use super::markup::{attributes, find_tag, tag_name};
use crate::kind::{Kind, Language};
use memchr::memchr;
use std::borrow::Cow;

/// The most blocks of script in one sheet that are read.
const MOST_BLOCKS: usize = 16;

/// Returns the blocks of script in a style sheet of a page, each with its language; a block that names none is in JScript.
pub(crate) fn scripts(sheet: &str, kind: Kind) -> Vec<(Language, Cow<'_, str>)> {
    let bytes = sheet.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(begin) = memchr(b'<', &bytes[at..]).map(|place| at + place) {
        let name = tag_name(sheet, begin);
        at = begin + 1 + name.len();
        if name.split_once(':').is_none_or(|(_, local)| local != "script") {
            continue;
        }
        let Some((attributes, after)) = attributes(sheet, at, ">") else { continue };
        at = find_tag(bytes, after, &format!("</{name}")).unwrap_or(bytes.len());
        let named = attributes.iter().find(|(name, _)| name == "language");
        let language = named.and_then(|(_, name)| language(name, kind)).unwrap_or(Language::JScript);
        found.push((language, escapes::xml(without_elements(&sheet[after..at]), &[])));
        if found.len() == MOST_BLOCKS {
            break;
        }
    }
    found
}

/// Drops the elements before a script, which name libraries: `<msxsl:assembly name="…"/>`.
fn without_elements(body: &str) -> &str {
    let mut rest = body.trim_start();
    while rest.starts_with('<') && !rest.starts_with("<!") {
        let Some(end) = memchr(b'>', rest.as_bytes()) else { break };
        rest = rest[end + 1..].trim_start();
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_gives_its_scripts_as_they_run() {
        let sheet = "<xsl:stylesheet><ms:script language='C#' implements-prefix='u'><ms:assembly name=\"x\"/>\
            <![CDATA[a < b;]]></ms:script><ms:script>c &amp;&amp; d</ms:script><script>no</script></xsl:stylesheet>";
        let scripts = scripts(sheet, Kind::Aspx);
        let expected = [(Language::CSharp, "a < b;".into()), (Language::JScript, "c && d".into())];
        assert_eq!(scripts, expected);
    }

    #[test]
    fn what_breaks_off_is_read_to_its_end() {
        for sheet in ["<", "<a:script", "<a:script>", "<a:script><", "<a:script><b", "<a:script><![CDATA[x"] {
            assert!(scripts(sheet, Kind::Asp).len() <= 1, "{sheet}");
        }
        assert_eq!(scripts("<a:script>x", Kind::Asp)[0].1, "x");
    }
}
