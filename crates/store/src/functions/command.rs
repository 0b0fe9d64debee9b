//! One form of a command line, however it is spelt: what rules compare, so that no rule undoes disguises by itself.

use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

/// `PowerShell` takes its text with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Returns the command line in one form: small letters, one blank between words, without the carets, quotes and backticks
/// that interpreters drop; what `PowerShell` was given encoded stands behind it, decoded.
pub(super) fn folded_command(line: &str) -> String {
    let mut folded = fold(line);
    for text in line.split_whitespace().zip(line.split_whitespace().skip(1)).filter_map(encoded) {
        folded.push(' ');
        folded.push_str(&fold(&text));
    }
    folded
}

fn fold(line: &str) -> String {
    let kept =
        line.chars().filter(|letter| !matches!(letter, '^' | '"' | '`' | '\0')).map(|letter| match letter {
            // PowerShell takes every dash for the one that begins a parameter.
            '\u{2013}' | '\u{2014}' | '\u{2015}' => '-',
            letter => letter,
        });
    let plain: String = kept.collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Returns the text of `-EncodedCommand`, by any of the beginnings of its name that `PowerShell` takes.
fn encoded((name, value): (&str, &str)) -> Option<String> {
    /// Shorter texts are a word by chance.
    const SHORTEST: usize = 16;
    let name = fold(name);
    let name = name.strip_prefix(['-', '/'])?;
    let is_encoded = name == "ec" || !name.is_empty() && "encodedcommand".starts_with(name);
    let value = value.trim_matches(['"', '\'', ';']);
    if !is_encoded || value.len() < SHORTEST {
        return None;
    }
    let bytes = BASE64.decode(value).ok()?;
    let units = bytes.chunks_exact(2).filter_map(|pair| Some(u16::from_le_bytes(pair.try_into().ok()?)));
    Some(String::from_utf16_lossy(&units.collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn for_powershell(text: &str) -> String {
        BASE64.encode(text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>())
    }

    #[test]
    fn disguises_fold_to_one_form() {
        let cases = [
            ("cmd /c whoami", "cmd /c whoami"),
            ("CMD   /c\twho^ami", "cmd /c whoami"),
            ("\"cmd\" /c w\"ho\"ami", "cmd /c whoami"),
            ("powershell \u{2013}c Get-`Process", "powershell -c get-process"),
            ("", ""),
        ];
        for (line, folded) in cases {
            assert_eq!(folded_command(line), folded, "{line}");
        }
    }

    #[test]
    fn what_powershell_was_given_encoded_is_read() {
        let text = for_powershell("Get-Item  LSASS");
        for name in ["-e", "-ec", "-Enc", "/encoded", "-EncodedCommand", "\u{2013}en^c"] {
            let folded = folded_command(&format!("powershell.exe -nop {name} {text}"));
            assert!(folded.ends_with(" get-item lsass"), "{folded}");
        }
        let not_encoded =
            [format!("powershell -c {text}"), format!("tool -x {text}"), "powershell -enc short".to_owned()];
        for line in not_encoded {
            assert!(!folded_command(&line).contains("lsass"), "{line}");
        }
    }

    proptest! {
        #[test]
        fn any_line_is_read_and_has_one_form(line in ".{0,80}") {
            let folded = fold(&line);
            prop_assert_eq!(&fold(&folded), &folded);
            prop_assert!(folded_command(&line).starts_with(&folded));
        }

        #[test]
        fn carets_quotes_and_capitals_hide_nothing(word in "[a-z]{3,10}", at in 0_usize..3, other in "[\\^\"`]") {
            let hidden = format!("{}{other}{}", &word[..at], word[at..].to_uppercase());
            prop_assert_eq!(folded_command(&hidden), word);
        }
    }
}
