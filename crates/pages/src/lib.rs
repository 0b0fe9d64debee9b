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
mod search;
pub mod signal;
pub mod text;
pub mod together;
pub mod token;
pub mod tree;
pub mod verdict;

use kind::Kind;
use page::Named;
use signal::{Signal, Step};
use std::cell::Cell;
use together::Neighbours;
use verdict::Judgement;

/// Judges a page by its bytes and by what a server takes it for.
pub fn judge(bytes: &[u8], kind: Kind) -> Judgement {
    judge_among(bytes, kind, &())
}

/// Judges a page, and, where it takes in files that lie around it, both together; see [`together`].
pub fn judge_among(bytes: &[u8], kind: Kind, around: &dyn Neighbours) -> Judgement {
    if kind == Kind::Assembly {
        return verdict::weigh(kind, assembly::signals(bytes));
    }
    let text = text::read(bytes, kind);
    if kind == Kind::Script {
        return verdict::weigh(kind, client::signals(&text.text, kind));
    }
    let page = page::cut(&text.text, kind);
    let (programs, too_long) = programs(&page);
    let takes_in = Cell::new(false);
    let meet = |named: Named<'_>, _: u32| {
        takes_in.set(takes_in.get() || around.find(None, named).is_some());
        None
    };
    let flow::Followed { mut signals, cut_short } = seen(&text.text, kind, &programs, &meet);
    signals.extend(text.hidden.iter().map(|code| Signal { code, line: 1, path: vec![Step::of_page(1, "")] }));
    let alone = Judgement { cut_short: cut_short || too_long, ..verdict::weigh(kind, signals) };
    if takes_in.get() || together::takes_in(&page, &programs, around) {
        together::judge(&text.text, kind, alone, around)
    } else {
        alone
    }
}

/// Returns what is seen of a page: of what it does on the server, and in the visitor's browser.
fn seen<'p>(
    text: &str,
    kind: Kind,
    programs: &'p [tree::Program],
    take_in: flow::TakeIn<'p>,
) -> flow::Followed {
    let mut followed = flow::follow(kind, programs, &parser::program_of_text, take_in);
    followed.signals.extend(client::signals(text, kind));
    followed
}

/// Reads the programs of a page, and says whether there is more of them than is read.
fn programs(page: &page::Page<'_>) -> (Vec<tree::Program>, bool) {
    let mut programs = vec![parser::objects(page)];
    let mut n_tokens = 0;
    for stream in &page.streams {
        let tokens = lexer::tokens(stream);
        n_tokens += lexer::count(&tokens);
        programs.push(parser::program(stream.language, &tokens));
        if n_tokens >= lexer::MOST_TOKENS || stream.pieces.len() >= page::MOST_PIECES {
            return (programs, true);
        }
    }
    (programs, false)
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
    fn a_page_that_is_too_much_to_follow_says_so() {
        let page = |calls: usize| format!("<?php {}", "f($_GET['a'] . 'b');".repeat(calls));
        assert!(judge(page(200_000).as_bytes(), Kind::Php).cut_short);
        assert!(!judge(page(2_000).as_bytes(), Kind::Php).cut_short);
        let tokens = |most: usize| format!("<?php {}", "1;".repeat(most / 2));
        assert!(judge(tokens(lexer::MOST_TOKENS).as_bytes(), Kind::Php).cut_short);
        let written = "<?= $a ?>".repeat(lexer::MOST_TOKENS / 2);
        assert!(judge(written.as_bytes(), Kind::Php).cut_short);
        let blocks = "<script runat=\"server\">a;</script>".repeat(lexer::MOST_TOKENS / 2);
        assert!(judge(blocks.as_bytes(), Kind::Aspx).cut_short);
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
