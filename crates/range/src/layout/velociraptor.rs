//! What Velociraptor's offline collector writes: a ZIP with `uploads/<accessor>/<path>` and lists beside it.

use super::{Taken, packed, parts};
use crate::calendar::{ISO, form};
use crate::server::DOMAIN;
use serde_json::json;
use std::io;
use std::path::Path;

pub(super) fn write(taken: &Taken<'_>, to: &Path) -> io::Result<()> {
    let host = full_name(taken);
    let name =
        format!("Collection-{}-{}.zip", host.replace('.', "_"), form(taken.collected, "%Y-%m-%dT%H_%M_%SZ"));
    let lists = [
        ("client_info.json", client_info(taken)),
        ("collection_context.json", context(taken)),
        ("uploads.json", uploads(taken)),
    ];
    let lists = lists.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes()));
    let files = taken.files.iter().map(|file| (stored_name(&file.path), file.bytes.as_slice()));
    let mut entries: Vec<(String, &[u8])> = lists.chain(files).collect();
    entries.sort_unstable();
    packed::write_zip(&to.join(name), entries)
}

fn full_name(taken: &Taken<'_>) -> String {
    format!("{}.{DOMAIN}", taken.plan.name.to_lowercase())
}

fn client_info(taken: &Taken<'_>) -> String {
    let info = json!({
        "Hostname": taken.plan.name,
        "Fqdn": full_name(taken),
        "OS": "windows",
        "Architecture": "amd64",
        "Platform": "Microsoft Windows Server 2016 Standard",
    });
    format!("{info}\n")
}

fn context(taken: &Taken<'_>) -> String {
    let bytes: usize = taken.files.iter().map(|file| file.bytes.len()).sum();
    let context = json!({
        "session_id": "F.RANGE",
        "total_uploaded_files": taken.files.len(),
        "total_uploaded_bytes": bytes,
        "state": "FINISHED",
        "hostname": taken.plan.name,
    });
    format!("{context}\n")
}

fn uploads(taken: &Taken<'_>) -> String {
    let line = |file: &crate::tree::File| {
        let components: Vec<&str> = ["uploads", "auto"].into_iter().chain(parts(&file.path)).collect();
        let line = json!({
            "Timestamp": form(taken.collected, ISO),
            "started": form(taken.collected, "%Y-%m-%d %H:%M:%S +0000 UTC"),
            "vfs_path": file.path,
            "_Components": components,
            "file_size": file.bytes.len(),
            "uploaded_size": file.bytes.len(),
            "Type": "",
        });
        format!("{line}\n")
    };
    taken.files.iter().map(line).collect()
}

fn stored_name(path: &str) -> String {
    let escaped: Vec<String> = parts(path).map(escape).collect();
    format!("uploads/auto/{}", escaped.join("/"))
}

/// Escapes one component as the collector does.
fn escape(component: &str) -> String {
    let last = component.chars().count().saturating_sub(1);
    let escape = |(place, c): (usize, char)| match c {
        '?' | '"' | '*' | ':' | '|' | '<' | '>' | '%' | '/' | '\\' => format!("%{:02X}", u32::from(c)),
        '.' | ' ' if place == 0 || place == last => format!("%{:02X}", u32::from(c)),
        _ => c.to_string(),
    };
    component.chars().enumerate().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Takes the escapes of one component back, as a reader of the collector's output does.
    fn unescape(component: &str) -> String {
        let mut rest = component;
        let mut plain = String::new();
        while let Some((before, after)) = rest.split_once('%') {
            plain.push_str(before);
            let code = u8::from_str_radix(&after[..2], 16).unwrap();
            plain.push(char::from(code));
            rest = &after[2..];
        }
        plain + rest
    }

    proptest! {
        #[test]
        fn escapes_can_be_taken_back(component in "[^\\x00-\\x1f]{1,24}") {
            let escaped = escape(&component);
            prop_assert!(!escaped.contains(['/', '\\', ':']));
            prop_assert_eq!(unescape(&escaped), component);
        }
    }

    #[test]
    fn components_are_escaped_one_by_one() {
        assert_eq!(stored_name(r"C:\a\b%4c.jsonl"), "uploads/auto/C%3A/a/b%254c.jsonl");
        assert_eq!(escape(".hidden "), "%2Ehidden%20");
        assert_eq!(escape("Program Files"), "Program Files");
    }
}
