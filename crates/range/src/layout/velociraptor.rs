//! What Velociraptor's offline collector writes: a ZIP with `uploads/<accessor>/<path>` and lists beside it.

use super::folder::write_file;
use super::{Taken, packed, parts};
use crate::calendar::{ISO, form};
use crate::server::DOMAIN;
use crate::tree::File;
use serde_json::json;
use std::io;
use std::path::Path;

/// A file as the collector keeps it and lists it.
pub(super) struct Upload {
    /// Its path on the server.
    pub(super) path: String,
    pub(super) bytes: Vec<u8>,
    /// How large it is on the server.
    pub(super) file_size: usize,
    /// Empty for a file that is kept as it is.
    pub(super) kind: &'static str,
}

pub(super) fn write(taken: &Taken<'_>, to: &Path) -> io::Result<()> {
    write_file(&to.join(name(taken)), &zip(taken)?)
}

/// Returns the name that the collector gives its output.
pub(super) fn name(taken: &Taken<'_>) -> String {
    let host = full_name(taken).replace('.', "_");
    format!("Collection-{host}-{}.zip", form(taken.collected, "%Y-%m-%dT%H_%M_%SZ"))
}

/// Returns the collector's ZIP with every file kept as it is.
pub(super) fn zip(taken: &Taken<'_>) -> io::Result<Vec<u8>> {
    let whole = |file: &File| Upload {
        path: file.path.clone(),
        bytes: file.bytes.clone(),
        file_size: file.bytes.len(),
        kind: "",
    };
    let uploads: Vec<Upload> = taken.files.iter().map(whole).collect();
    packed::zip(entries(taken, &uploads))
}

/// Returns what stands in the collector's ZIP, in order.
pub(super) fn entries(taken: &Taken<'_>, uploads: &[Upload]) -> Vec<(String, Vec<u8>)> {
    let lists = [
        ("client_info.json", client_info(taken)),
        ("collection_context.json", context(taken, uploads)),
        ("uploads.json", list(taken, uploads)),
    ];
    let lists = lists.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes()));
    let files = uploads.iter().map(|upload| (stored_name(&upload.path), upload.bytes.clone()));
    let mut entries: Vec<(String, Vec<u8>)> = lists.chain(files).collect();
    entries.sort_unstable();
    entries
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

fn context(taken: &Taken<'_>, uploads: &[Upload]) -> String {
    let bytes: usize = uploads.iter().map(|upload| upload.bytes.len()).sum();
    let context = json!({
        "session_id": "F.RANGE",
        "total_uploaded_files": uploads.len(),
        "total_uploaded_bytes": bytes,
        "state": "FINISHED",
        "hostname": taken.plan.name,
    });
    format!("{context}\n")
}

fn list(taken: &Taken<'_>, uploads: &[Upload]) -> String {
    let line = |upload: &Upload| {
        // The map of a sparse file goes by the components of the file.
        let path = upload.path.strip_suffix(".idx").filter(|_| upload.kind == "idx").unwrap_or(&upload.path);
        let components: Vec<&str> = ["uploads", "auto"].into_iter().chain(parts(path)).collect();
        let line = json!({
            "Timestamp": form(taken.collected, ISO),
            "started": form(taken.collected, "%Y-%m-%d %H:%M:%S +0000 UTC"),
            "vfs_path": upload.path,
            "_Components": components,
            "file_size": upload.file_size,
            "uploaded_size": upload.bytes.len(),
            "Type": upload.kind,
        });
        format!("{line}\n")
    };
    uploads.iter().map(line).collect()
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
