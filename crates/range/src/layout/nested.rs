//! A ZIP a server, in which somebody put the packed tar that somebody else had made.

use super::{Taken, below_drive, packed, tar};
use std::io;
use std::path::Path;

pub(super) fn write(taken: &Taken<'_>, to: &Path) -> io::Result<()> {
    let name = taken.plan.name;
    let inner = tar::gzip(&tar::of_files(taken, |file| below_drive(&file.path), &[])?)?;
    let entries = [(format!("handed over/{name}.tar.gz"), inner.as_slice())];
    packed::write_zip(&to.join(format!("{name}.zip")), entries)
}
