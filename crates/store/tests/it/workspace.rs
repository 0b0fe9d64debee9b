//! What must hold for the whole workspace so that the store works at all.

use std::fs;
use std::path::Path;

/// Rows are made by `arrow-array` in the parsers and read by `DataFusion`: two versions of it would be two types.
#[test]
fn there_is_one_arrow() {
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock");
    let text = fs::read_to_string(lock).unwrap();
    for package in ["arrow", "arrow-array", "arrow-schema", "parquet", "datafusion"] {
        let versions = text.lines().filter(|line| *line == format!("name = {package:?}")).count();
        assert_eq!(versions, 1, "{package}");
    }
}
