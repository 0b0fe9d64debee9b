//! `goto`: statements in the order in which they run, where they are written in another.

use crate::parser::cursor::{Parser, name};
use crate::token::TokenKind;
use crate::tree::{Name, Statement};
use std::collections::HashMap;

/// What stands between statements.
enum Mark {
    /// `name:`.
    Label(Name),
    /// `goto name;`.
    Jump(Name),
}

/// The marks of a list of statements, each with how many statements stand before it.
#[derive(Default)]
pub(super) struct Marks {
    marks: Vec<(usize, Mark)>,
    jumps: bool,
}

impl Marks {
    /// Reads a label or jump, if one stands there.
    pub(super) fn read(&mut self, parser: &mut Parser<'_, '_>, n_statements: usize) -> bool {
        let word = parser.word(0);
        if word.is_empty() || word.starts_with('$') {
            return false;
        }
        let mark = if parser.sign(1) == ":" && !matches!(&*name(word), "default" | "else" | "case") {
            Mark::Label(name(word))
        } else if word.eq_ignore_ascii_case("goto") && matches!(parser.kind(2), Some(TokenKind::End)) {
            self.jumps = true;
            Mark::Jump(name(parser.word(1)))
        } else {
            return false;
        };
        parser.at += 2;
        self.marks.push((n_statements, mark));
        true
    }

    /// Returns the statements as they run: behind a jump what its label stands before, once; what no jump leads to last.
    pub(super) fn sort(self, statements: Vec<Statement>) -> Vec<Statement> {
        if !self.jumps {
            return statements;
        }
        let labels: HashMap<&Name, usize> = self
            .marks
            .iter()
            .enumerate()
            .filter_map(|(at, (_, mark))| if let Mark::Label(name) = mark { Some((name, at)) } else { None })
            .collect();
        let mut left: Vec<Option<Statement>> = statements.into_iter().map(Some).collect();
        let mut sorted = Vec::with_capacity(left.len());
        let mut seen = vec![false; self.marks.len()];
        let (mut from, mut next) = (0, 0);
        loop {
            let to = self.marks.get(next).map_or(left.len(), |(before, _)| *before);
            sorted.extend(left[from..to].iter_mut().filter_map(Option::take));
            let Some((before, mark)) = self.marks.get(next) else { break };
            if std::mem::replace(&mut seen[next], true) {
                break;
            }
            from = *before;
            next += 1;
            if let Mark::Jump(name) = mark
                && let Some(label) = labels.get(name)
            {
                next = *label;
                from = self.marks[next].0;
            }
        }
        sorted.extend(left.into_iter().flatten());
        sorted
    }
}
