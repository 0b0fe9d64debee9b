//! What Velociraptor's offline collector writes with a password: the ZIP in another one, locked, the scheme beside it.

use super::{Taken, packed, velociraptor};
use std::io;
use std::path::Path;

/// What opens a locked collection of this crate.
pub const PASSWORD: &str = "correct horse battery staple";

const METADATA: &[u8] = br#"[{"EncryptedPass":"","Scheme":"Password"}]"#;

pub(super) fn write(taken: &Taken<'_>, to: &Path) -> io::Result<()> {
    let inner = velociraptor::zip(taken)?;
    let entries = [("data.zip".to_owned(), inner.as_slice())];
    packed::write_locked(
        &to.join(velociraptor::name(taken)),
        &[("metadata.json", METADATA)],
        entries,
        PASSWORD,
    )
}
