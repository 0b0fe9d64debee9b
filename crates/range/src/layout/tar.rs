//! A tar a server, with a folder a drive in it, packed or not. The same files give the same bytes.

use super::folder::write_file;
use super::{Taken, below_drive};
use crate::tree::File;
use ::tar::{Builder, Header};
use std::io::{self, Write};
use std::path::Path;

pub(super) fn write(taken: &Taken<'_>, to: &Path) -> io::Result<()> {
    write_as(taken, to, "tar", Ok)
}

pub(super) fn write_gz(taken: &Taken<'_>, to: &Path) -> io::Result<()> {
    write_as(taken, to, "tar.gz", |bytes| gzip(&bytes))
}

pub(super) fn write_zst(taken: &Taken<'_>, to: &Path) -> io::Result<()> {
    write_as(taken, to, "tar.zst", |bytes| zstd::encode_all(bytes.as_slice(), 1))
}

pub(super) fn write_xz(taken: &Taken<'_>, to: &Path) -> io::Result<()> {
    write_as(taken, to, "tar.xz", |bytes| {
        let mut packed = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(0))?;
        packed.write_all(&bytes)?;
        packed.finish()
    })
}

pub(super) fn write_bz2(taken: &Taken<'_>, to: &Path) -> io::Result<()> {
    write_as(taken, to, "tar.bz2", |bytes| {
        let mut packed = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        packed.write_all(&bytes)?;
        packed.finish()
    })
}

fn write_as(
    taken: &Taken<'_>,
    to: &Path,
    end: &str,
    pack: impl FnOnce(Vec<u8>) -> io::Result<Vec<u8>>,
) -> io::Result<()> {
    let bytes = of_files(taken, |file| below_drive(&file.path), &[])?;
    write_file(&to.join(format!("{}.{end}", taken.plan.name)), &pack(bytes)?)
}

/// Packs bytes with gzip, without a time in the header.
pub(super) fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes)?;
    packed.finish()
}

/// Returns a tar of the server's files, each under the name that `name` gives it, and of other files before them.
pub(super) fn of_files(
    taken: &Taken<'_>,
    name: impl Fn(&File) -> String,
    others: &[(&str, &str)],
) -> io::Result<Vec<u8>> {
    let mut tar = Builder::new(Vec::new());
    for (name, text) in others {
        append(&mut tar, name, text.as_bytes(), taken.collected.nanos())?;
    }
    for file in taken.files {
        append(&mut tar, &name(file), &file.bytes, file.modified.nanos())?;
    }
    tar.into_inner()
}

fn append(tar: &mut Builder<Vec<u8>>, name: &str, bytes: &[u8], nanos: i64) -> io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    header.set_mtime(u64::try_from(nanos / 1_000_000_000).unwrap_or_default());
    tar.append_data(&mut header, name, bytes)
}
