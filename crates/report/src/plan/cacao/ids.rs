//! Ids as CACAO spells them: `type--UUID`, with UUIDs of version 5 (RFC 9562).

use sha1::{Digest, Sha1};
use uuid::{Builder, Uuid, uuid};

/// The namespace of everything of ours: version 5 of `https://example.org/afterpatch` in the namespace of addresses.
/// The namespace of the standard itself is for those who follow its own recipe of names.
const NAMESPACE: Uuid = uuid!("be8ccefa-b1cd-59f3-b010-b7862ea1b557");

/// The ids of one playbook and of what it holds.
#[derive(Debug)]
pub(super) struct Ids {
    playbook: Uuid,
}

impl Ids {
    /// Derives the playbook's id from all that it says.
    pub(super) fn of_playbook(said: &[&str]) -> Self {
        Self { playbook: named(NAMESPACE, &said.join("\0")) }
    }

    /// Returns the playbook's own id.
    pub(super) fn playbook(&self) -> String {
        format!("playbook--{}", self.playbook)
    }

    /// Returns the id of an object in it.
    pub(super) fn of(&self, kind: &str, name: &str) -> String {
        format!("{kind}--{}", named(self.playbook, &format!("{kind}\0{name}")))
    }
}

/// Returns the id of who made the playbook: afterpatch, as a STIX identity.
pub(super) fn producer() -> String {
    format!("identity--{}", named(NAMESPACE, "afterpatch"))
}

fn named(namespace: Uuid, name: &str) -> Uuid {
    let digest = Sha1::new().chain_update(namespace.as_bytes()).chain_update(name).finalize();
    let mut bytes = [0; 16];
    for (byte, hashed) in bytes.iter_mut().zip(digest) {
        *byte = hashed;
    }
    Builder::from_sha1_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_give_the_uuids_of_the_standard() {
        // The namespaces and the first example are those of RFC 9562, appendix A.4.
        let dns = uuid!("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
        assert_eq!(named(dns, "www.example.com"), uuid!("2ed6657d-e927-568b-95e1-2665a8aea6a2"));
        let url = uuid!("6ba7b811-9dad-11d1-80b4-00c04fd430c8");
        assert_eq!(named(url, "https://example.org/afterpatch"), NAMESPACE);
        assert_eq!(NAMESPACE.get_version_num(), 5);
    }

    #[test]
    fn what_is_said_and_what_is_named_tell_ids_apart() {
        let one = Ids::of_playbook(&["a", "b"]);
        let other = Ids::of_playbook(&["ab", ""]);
        assert_ne!(one.playbook(), other.playbook());
        assert_ne!(one.of("end", "x"), one.of("end", "y"));
        assert_ne!(one.of("end", "x"), other.of("end", "x"));
    }
}
