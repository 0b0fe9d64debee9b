//! Tokens of short texts of our own, and what holds for any text.

use super::*;
use proptest::prelude::*;

/// The tokens of a text, short.
fn spell(language: Language, text: &str) -> String {
    tokens_of_text(language, text).iter().map(|token| short(&token.kind)).collect::<Vec<_>>().join(" ")
}

fn short(kind: &TokenKind<'_>) -> String {
    match kind {
        TokenKind::Word(word) => word.to_string(),
        TokenKind::Text(text) => format!("{text:?}"),
        TokenKind::Template(parts) => format!("`{}`", parts.iter().map(part).collect::<String>()),
        TokenKind::Number(number) => number.to_string(),
        TokenKind::Sign(sign) => (*sign).to_owned(),
        TokenKind::End => ";".to_owned(),
        TokenKind::Markup(text) => format!("<{text}>"),
        TokenKind::Written(tokens) => {
            format!("={}", tokens.iter().map(|token| short(&token.kind)).collect::<String>())
        }
    }
}

fn part(part: &Part<'_>) -> String {
    match part {
        Part::Text(text) => text.to_string(),
        Part::Tokens(tokens) => {
            format!("<{}>", tokens.iter().map(|token| short(&token.kind)).collect::<Vec<_>>().join(" "))
        }
    }
}

#[test]
fn escapes_are_undone_as_each_language_has_them() {
    assert_eq!(
        spell(Language::CSharp, r#""\x41B\u0042\U00000043\t\0""#),
        r#""\u{41b}B\u{43}\t\0""#.replace("\\u{43}", "C").replace("\\u{41b}", "\u{41b}")
    );
    assert_eq!(spell(Language::JScript, r"'\x41B\101\u{42}\q'"), r#""ABABq""#);
    assert_eq!(spell(Language::Java, r#""\101\s" '\''"#), r#""A " "'""#);
    assert_eq!(spell(Language::Php, r#""\x41\101\u{42}\$\q" '\x\'\\'"#), r#""AAB$\\q" "\\x'\\""#);
}

#[test]
fn names_lose_their_escapes_and_what_only_formats() {
    assert_eq!(spell(Language::CSharp, "\\u0065val @class a\u{200d}b"), "eval class ab");
    assert_eq!(spell(Language::JScript, r"ev\u0061l $a"), "eval $a");
    assert_eq!(spell(Language::Java, r"\u0065\uu0076al\u0028 // x \u000a f"), "eval ( f");
    assert_eq!(spell(Language::Java, r#""\\u0041""#), r#""\\u0041""#);
}

#[test]
fn texts_are_quoted_in_many_ways() {
    assert_eq!(
        spell(Language::CSharp, r#"@"c:\a""b" $"x{a + "q"}{{y}}{b:N}" """r"w""" "#),
        r#""c:\\a\"b" `x<a + "q">{y}<b>` "r\"w""#
    );
    assert_eq!(spell(Language::Java, "\"\"\"\n a\\tb\"\"\" 'c'"), "\"\\n a\\tb\" \"c\"");
    assert_eq!(spell(Language::JScript, "`a${b}c` 'it\"s'"), "`a<b>c` \"it\\\"s\"");
    assert_eq!(
        spell(Language::Php, r#""a$b[c]$d->e{$f['g']}${h}${'i'}$""#),
        r#"`a<$b [ "c" ]><$d -> e><$f [ "g" ]><$h><$ { "i" }>$`"#
    );
    assert_eq!(spell(Language::Php, "<<<A\n b $c\nA\n; <<<'D'\n$e\n D;"), "` b <$c>` ; \"$e\" ;");
    assert_eq!(spell(Language::Php, "`ls $a`"), "shell_exec ( `ls <$a>` )");
}

#[test]
fn comments_and_lines_of_the_preprocessor_are_no_tokens() {
    assert_eq!(spell(Language::CSharp, "#region x\na // b\n/* c */ d\n# if e\nf"), "a d f");
    assert_eq!(spell(Language::JScript, "<!-- a\n/*@cc_on b @*/ /* c */"), "b");
    assert_eq!(spell(Language::Php, "a # b\n// c ?>d<?php e /* ?> */ f #[g]"), "a ; <d> e f # [ g ]");
}

#[test]
fn what_divides_is_no_pattern() {
    assert_eq!(spell(Language::JScript, "a / b / c"), "a / b / c");
    assert_eq!(spell(Language::JScript, "a = /b/g"), "a = new RegExp ( \"b\" , \"g\" )");
    assert_eq!(spell(Language::CSharp, "(a) /b/ c"), "( a ) / b / c");
}

#[test]
fn numbers_are_whole() {
    assert_eq!(spell(Language::CSharp, "0x1F 1_000L 1.5e3f .5 0b11"), "31 1000 1 0 3");
    assert_eq!(spell(Language::Php, "017 0x41 1.5"), "15 65 1");
}

#[test]
fn php_ends_at_its_compiler() {
    assert_eq!(spell(Language::Php, "a; __HALT_COMPILER(); b"), "a ; ;");
}

#[test]
fn lines_are_counted_through_texts_and_comments() {
    for (language, text) in [
        (Language::CSharp, "@\"\n\n\" /*\n*/ // x\n a"),
        (Language::Php, "'\n\n' /*\n*/ # x\n $a"),
        (Language::Php, "<<<X\n\n$b\nX\n.$a"),
    ] {
        assert_eq!(tokens_of_text(language, text).last().unwrap().line, 5, "{text}");
    }
}

const LANGUAGES: [Language; 4] = [Language::CSharp, Language::JScript, Language::Java, Language::Php];

proptest! {
    #[test]
    fn any_text_gives_tokens_on_lines_that_it_has(text in r#"(.|[ -~]|\n|["'`$\\{}<?]|<<<A\n|\$"|@"|"""|/\*|\\u0041){0,80}"#) {
        let lines = u32::try_from(text.split('\n').count()).unwrap();
        for language in LANGUAGES {
            let tokens = tokens_of_text(language, &text);
            prop_assert!(tokens.windows(2).all(|pair| pair[0].line <= pair[1].line));
            // What Java writes as `\u000a` is a line of its own.
            prop_assert!(language == Language::Java || tokens.iter().all(|token| token.line <= lines));
        }
    }
}
