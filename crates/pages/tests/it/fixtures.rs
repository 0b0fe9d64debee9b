//! Pages for tests. They are kept in ROT13, so that nothing that looks for web shells takes the sources for one, and none of
//! those that would give control compiles: each begins with an error, or with something that is declared nowhere.

use afterpatch_pages::judge;
use afterpatch_pages::kind::Kind;
use afterpatch_pages::verdict::Judgement;
use std::path::{Path, PathBuf};

/// Returns the folder of the fixtures.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures")
}

/// Returns a page by its name.
pub(crate) fn page(name: &str) -> String {
    let path = folder().join(format!("{name}.rot13"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.chars().map(turned).collect()
}

/// Turns a letter by half of the alphabet.
fn turned(sign: char) -> char {
    let turn = |first: u8| char::from(first + (sign as u8 - first + 13) % 26);
    match sign {
        'a'..='z' => turn(b'a'),
        'A'..='Z' => turn(b'A'),
        _ => sign,
    }
}

/// Judges a page by its name.
pub(crate) fn judged(name: &str) -> Judgement {
    let extension = name.rsplit('.').next().unwrap();
    judge(page(name).as_bytes(), Kind::of_extension(extension).unwrap())
}

/// Returns the codes of a judgement's signals.
pub(crate) fn codes(judgement: &Judgement) -> Vec<&'static str> {
    judgement.signals.iter().map(|signal| signal.code).collect()
}
