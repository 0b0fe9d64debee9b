//! What a page of a web server does, read as the server would read it, and never run.
//!
//! Web shells are told by their structure: by what of the visitor's reaches what gives control. Names of files, layout and
//! comments make no difference.
//!
//! ```text
//! bytes ──text──▶ text ──page──▶ streams ──lexer──▶ tokens ──parser──▶ tree ──flow──▶ signals ──verdict──▶ judgement
//! ```
//!
//! Nothing here fails and nothing panics: what cannot be read as code is passed over, within bounds.

mod assembly;
mod client;
pub mod evaluation;
pub mod flow;
pub mod kind;
pub mod lexer;
pub mod page;
pub mod parser;
mod passwords;
pub mod signal;
pub mod text;
pub mod token;
pub mod tree;
pub mod verdict;

use kind::Kind;
use signal::{Signal, Step};
use verdict::Judgement;

/// Judges a page by its bytes and by what a server takes it for.
pub fn judge(bytes: &[u8], kind: Kind) -> Judgement {
    if kind == Kind::Assembly {
        return verdict::weigh(kind, assembly::signals(bytes));
    }
    let text = text::read(bytes, kind);
    if kind == Kind::Script {
        return verdict::weigh(kind, client::signals(&text.text, kind));
    }
    let page = page::cut(&text.text, kind);
    let mut programs = vec![parser::objects(&page)];
    programs
        .extend(page.streams.iter().map(|stream| parser::program(stream.language, &lexer::tokens(stream))));
    let mut signals = flow::follow(kind, &programs, &parser::program_of_text).signals;
    signals.extend(text.hidden.iter().map(|code| Signal {
        code,
        line: 1,
        path: vec![Step { line: 1, what: String::new() }],
    }));
    signals.extend(client::signals(&text.text, kind));
    verdict::weigh(kind, signals)
}

#[cfg(test)]
mod tests {
    use super::*;
    use verdict::Verdict;

    #[test]
    fn markup_between_brackets_that_are_never_closed_ends() {
        for page in ["<% f(\"a\" %>x<% \"b\" %>y", "<% f(\"a\" %>x<%= 1 %>y<% , \"b\") %>"] {
            assert_eq!(judge(page.as_bytes(), Kind::Asp).verdict, None);
        }
    }

    #[test]
    fn a_page_is_judged_in_whichever_language_it_is_written() {
        let page =
            |evaluated: &str| format!("<%@ Language=\"JScript\" %><% eval({evaluated}, \"unsafe\"); %>");
        assert_eq!(judge(page("Request.Item[\"q\"]").as_bytes(), Kind::Aspx).verdict, Some(Verdict::Shell));
        assert_eq!(judge(page("\"1\"").as_bytes(), Kind::Aspx).verdict, None);
        let page = |called: &str| format!("<% {called}(Request(\"q\")) %>");
        assert_eq!(judge(page("Execute").as_bytes(), Kind::Asp).verdict, Some(Verdict::Shell));
        assert_eq!(judge(page("conn.Append").as_bytes(), Kind::Asp).verdict, None);
    }
}
