//! What signals weigh in each language, where it is not what they weigh in most: what is ordinary in one tells shells in another.

mod asp;
mod dotnet;
mod java;
mod php;

use crate::kind::Kind;

/// A signal's code, and what it adds to the logarithms of the odds of a shell and of a tool of dual use.
type Weight = (&'static str, f64, f64);

/// Returns what signals weigh in a kind of page.
pub(super) fn of(kind: Kind) -> &'static [Weight] {
    match kind {
        Kind::Asp => asp::WEIGHTS,
        Kind::Jsp => java::WEIGHTS,
        Kind::Php => php::WEIGHTS,
        Kind::Aspx
        | Kind::Ascx
        | Kind::Ashx
        | Kind::Asmx
        | Kind::Asax
        | Kind::Razor
        | Kind::Source
        | Kind::Assembly
        | Kind::Script => dotnet::WEIGHTS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::MEANINGS;

    #[test]
    fn every_weight_is_that_of_a_signal() {
        for (code, ..) in [asp::WEIGHTS, dotnet::WEIGHTS, java::WEIGHTS, php::WEIGHTS].concat() {
            assert!(MEANINGS.iter().any(|meaning| meaning.code == code), "{code} is no signal");
        }
    }
}
