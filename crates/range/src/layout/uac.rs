//! What UAC writes on an analyst's machine at which the server's disks are mounted: a packed tar with `[root]`.

use super::folder::write_file;
use super::{Taken, below_drive, tar};
use crate::calendar::form;
use std::io;
use std::path::Path;

const LOG: &str = "2021-03-04 03:00:00 +0000 [INF] Collection started\n";

pub(super) fn write(taken: &Taken<'_>, to: &Path) -> io::Result<()> {
    let name = |file: &crate::tree::File| format!("[root]/mnt/{}", below_drive(&file.path));
    let packed = tar::gzip(&tar::of_files(taken, name, &[("uac.log", LOG)])?)?;
    let time = form(taken.collected, "%Y%m%d%H%M%S");
    write_file(&to.join(format!("uac-{}-linux-{time}.tar.gz", taken.plan.name)), &packed)
}
