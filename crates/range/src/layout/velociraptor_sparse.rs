//! What Velociraptor's offline collector writes of sparse files: the runs of data, and a map of where they lay.

use super::velociraptor::{self, Upload};
use super::{Taken, packed};
use crate::tree::File;
use serde_json::{Value, json};
use std::io;
use std::path::Path;

/// How the files are cut into runs.
const RUN: usize = 1 << 14;

pub(super) fn write(taken: &Taken<'_>, to: &Path) -> io::Result<()> {
    let uploads: Vec<Upload> = taken.files.iter().flat_map(|file| [runs(file), map(file)]).collect();
    let zip = packed::zip(velociraptor::entries(taken, &uploads))?;
    super::folder::write_file(&to.join(velociraptor::name(taken)), &zip)
}

fn pieces(file: &File) -> impl Iterator<Item = &[u8]> {
    file.bytes.chunks(RUN)
}

fn is_hole(piece: &[u8]) -> bool {
    piece.iter().all(|byte| *byte == 0)
}

/// Keeps the runs in which there is anything.
fn runs(file: &File) -> Upload {
    let kept = pieces(file).filter(|piece| !is_hole(piece)).flatten().copied().collect();
    Upload { path: file.path.clone(), bytes: kept, file_size: file.bytes.len(), kind: "sparse" }
}

fn map(file: &File) -> Upload {
    let (mut original, mut kept) = (0, 0);
    let mut ranges: Vec<Value> = Vec::new();
    for piece in pieces(file) {
        let length = piece.len();
        let file_length = if is_hole(piece) { 0 } else { length };
        ranges.push(json!({
            "file_offset": kept, "original_offset": original, "file_length": file_length, "length": length,
        }));
        original += length;
        kept += file_length;
    }
    let bytes = json!({ "ranges": ranges }).to_string().into_bytes();
    Upload { path: format!("{}.idx", file.path), file_size: bytes.len(), bytes, kind: "idx" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use afterpatch_model::Timestamp;

    #[test]
    fn a_hole_is_in_the_map_alone() {
        let bytes = [vec![1; RUN], vec![0; RUN], vec![2; 3]].concat();
        let file = File { path: "a".to_owned(), bytes, modified: Timestamp::from_nanos(0) };
        assert_eq!(runs(&file).bytes.len(), RUN + 3);
        let map: Value = serde_json::from_slice(&map(&file).bytes).unwrap();
        let expected = json!({"file_offset": RUN, "original_offset": RUN, "file_length": 0, "length": RUN});
        assert_eq!(map["ranges"][1], expected);
        assert_eq!(map["ranges"][2]["file_offset"], json!(RUN));
    }
}
