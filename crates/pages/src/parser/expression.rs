//! Expressions, by the strength of their operators: one reader, and a table of operators for each family of languages.

use super::cursor::{Parser, call, nothing};
use crate::token::{Part, TokenKind};
use crate::tree::{Choice, Expression, Operator, Statement, StatementKind};

/// What a family of languages brings along.
pub(super) struct Grammar {
    /// How strongly an operator between operands binds, and what it makes of them.
    pub(super) infix: fn(&str) -> Option<(u8, Infix)>,
    /// Reads an operand: what stands before it, itself, and what is attached to it.
    pub(super) operand: fn(&mut Parser<'_, '_>) -> Expression,
}

/// What an operator makes of its operands.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Infix {
    /// One value.
    Join(Operator),
    /// One value; the right operand is read first.
    Right(Operator),
    /// A new value of the left one.
    Assign(Option<Operator>),
    /// `a ? b : c`, `a ?: c`.
    Ternary,
    /// `a ?? b`.
    Either,
    /// `a is T x`, `a instanceof T x`.
    Is,
    /// `a as T`.
    As,
    /// `a switch { … }`.
    Switch,
}

/// The weakest binding: a whole expression.
pub(super) const WHOLE: u8 = 0;

/// How many operands are joined from left to right; more are joined evenly, so that the tree stays low.
const MOST_IN_A_ROW: usize = 32;

/// Whether a word may be one that a language reserves: a name between brackets, as `[&]`, may spell anything.
pub(super) fn is_keyword(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_alphabetic())
}

impl Parser<'_, '_> {
    /// Reads an expression of operators that bind at least so strongly. What is none is passed over, one token.
    pub(super) fn expression(&mut self, least: u8) -> Expression {
        self.deeper(|parser| {
            let left = (parser.grammar.operand)(parser);
            parser.operators(left, least)
        })
        .unwrap_or_else(nothing)
    }

    /// Reads the operators behind an operand, with what stands behind them.
    pub(super) fn operators(&mut self, mut left: Expression, least: u8) -> Expression {
        while let Some((binding, infix)) = self.infix(least, &left) {
            left = self.join(left, binding, infix);
        }
        left
    }

    fn infix(&self, least: u8, left: &Expression) -> Option<(u8, Infix)> {
        let spelled = match self.kind(0)? {
            TokenKind::Sign(sign) => sign,
            TokenKind::Word(word) if is_keyword(word) => &**word,
            _ => return None,
        };
        let (binding, infix) = (self.grammar.infix)(spelled)?;
        // `!$a = f()` sets `$a`: what can be set is set, however strongly what stands before it binds.
        let sets = matches!(infix, Infix::Assign(_)) && can_be_set(left);
        (binding >= least.max(1) || sets).then_some((binding, infix))
    }

    fn join(&mut self, left: Expression, binding: u8, infix: Infix) -> Expression {
        match infix {
            Infix::Join(operator) if matches!(operator, Operator::Add | Operator::Join) => {
                self.row(left, binding, operator)
            }
            Infix::Join(operator) => {
                self.at += 1;
                let right = self.expression(binding + 1);
                self.binary(operator, left, right)
            }
            Infix::Right(operator) => {
                self.at += 1;
                let right = self.expression(binding);
                self.binary(operator, left, right)
            }
            Infix::Assign(operator) => {
                self.at += 1;
                let value = self.expression(binding);
                self.part(left, value, |target, value| Expression::Assign { target, operator, value })
            }
            Infix::Ternary => self.ternary(left, binding),
            Infix::Either => {
                self.at += 1;
                let otherwise = self.expression(binding);
                self.choice(None, vec![left, otherwise])
            }
            Infix::Is | Infix::As | Infix::Switch => super::c_like::of_type(self, left, infix),
        }
    }

    /// `a + b + c`, as long as the operator stays the same.
    fn row(&mut self, left: Expression, binding: u8, operator: Operator) -> Expression {
        let sign = self.sign(0);
        let mut operands = vec![left];
        loop {
            self.at += 1;
            operands.push(self.expression(binding + 1));
            if sign.is_empty() || self.sign(0) != sign {
                break;
            }
        }
        self.joined(operator, operands)
    }

    /// Joins operands: from left to right where they are few, else evenly.
    pub(super) fn joined(&mut self, operator: Operator, operands: Vec<Expression>) -> Expression {
        if operands.len() > MOST_IN_A_ROW {
            for _ in 0..operands.len().ilog2() {
                self.grow();
            }
            let n_operands = operands.len();
            return evenly(operator, &mut operands.into_iter(), n_operands);
        }
        let mut operands = operands.into_iter();
        let first = operands.next().unwrap_or_else(nothing);
        operands.fold(first, |left, right| self.binary(operator, left, right))
    }

    fn binary(&mut self, operator: Operator, left: Expression, right: Expression) -> Expression {
        self.part(left, right, |left, right| Expression::Binary { operator, left, right })
    }

    /// Makes one expression of two; where the tree is high enough, keeps them side by side.
    pub(super) fn part(
        &mut self,
        left: Expression,
        right: Expression,
        make: impl FnOnce(Box<Expression>, Box<Expression>) -> Expression,
    ) -> Expression {
        if self.grow() { make(Box::new(left), Box::new(right)) } else { beside(left, vec![right]) }
    }

    fn ternary(&mut self, condition: Expression, binding: u8) -> Expression {
        self.at += 1;
        if self.eat(":") {
            let otherwise = self.expression(binding + 1);
            return self.choice(None, vec![condition, otherwise]);
        }
        let mut ways = vec![self.expression(binding)];
        if self.eat(":") {
            ways.push(self.expression(binding));
        }
        self.choice(Some(condition), ways)
    }

    /// One of several; where the tree is high enough, all side by side.
    pub(super) fn choice(&mut self, condition: Option<Expression>, mut ways: Vec<Expression>) -> Expression {
        if self.grow() {
            return Expression::Choice(Box::new(Choice { condition, ways }));
        }
        let first = condition.unwrap_or_else(|| ways.remove(0));
        beside(first, ways)
    }

    /// Attaches something to an expression: a member, arguments, a place. Where the tree is high enough, keeps what was
    /// read side by side.
    pub(super) fn attach(
        &mut self,
        to: Expression,
        read: Vec<Expression>,
        make: impl FnOnce(Box<Expression>, Vec<Expression>) -> Expression,
    ) -> Expression {
        if self.grow() { make(Box::new(to), read) } else { beside(to, read) }
    }

    /// A call of what was read.
    pub(super) fn call(&mut self, callee: Expression, arguments: Vec<Expression>, line: u32) -> Expression {
        if self.grow() { Expression::call(callee, arguments, line) } else { beside(callee, arguments) }
    }

    /// Reads expressions between brackets, with `,` between them, and the closing bracket. The opening one is read.
    pub(super) fn list(
        &mut self,
        closing: &str,
        mut read: impl FnMut(&mut Self) -> Expression,
    ) -> Vec<Expression> {
        if self.eat(closing) {
            return Vec::new();
        }
        // Most lists are short.
        let mut list = Vec::with_capacity(2);
        loop {
            let before = self.at;
            match self.kind(0) {
                Some(TokenKind::Sign(sign)) if *sign == closing => {
                    self.at += 1;
                    return list;
                }
                None | Some(TokenKind::Sign("}")) => return list,
                Some(TokenKind::Sign(",") | TokenKind::End) => self.at += 1,
                Some(_) => list.push(read(self)),
            }
            if self.at == before {
                self.pass_over();
            }
        }
    }

    /// Reads a text, a number or a template; nothing where none stands.
    pub(super) fn literal(&mut self) -> Option<Expression> {
        let kind = self.kind(0)?;
        self.at += 1;
        match kind {
            TokenKind::Text(text) => Some(Expression::text(&**text)),
            TokenKind::Number(number) => Some(Expression::Number(*number)),
            TokenKind::Template(parts) => Some(self.template(parts)),
            _ => {
                self.at -= 1;
                None
            }
        }
    }

    /// Reads what stands between statements, whatever the language: their ends, markup, and what is written out. Returns
    /// whether there was any.
    pub(super) fn between(&mut self, out: &mut Vec<Statement>) -> bool {
        let line = self.line();
        let kind = match self.kind(0) {
            Some(TokenKind::End) => None,
            Some(TokenKind::Markup(_)) => Some(StatementKind::Markup),
            Some(TokenKind::Written(tokens)) => Some(StatementKind::Expression(self.written(tokens, line))),
            _ => return false,
        };
        self.at += 1;
        out.extend(kind.map(|kind| Statement { line, kind }));
        true
    }

    /// A text with expressions in it, as its parts joined.
    fn template(&mut self, parts: &[Part<'_>]) -> Expression {
        let operands = parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => Expression::text(&**text),
                Part::Tokens(tokens) => {
                    self.deeper(|parser| parser.within(tokens).expression(WHOLE)).unwrap_or_else(nothing)
                }
            })
            .collect();
        self.joined(Operator::Join, operands)
    }

    /// An expression that is written out, from its tokens.
    pub(super) fn written(&mut self, tokens: &[crate::token::Token<'_>], line: u32) -> Expression {
        let mut inner = self.within(tokens);
        let mut written = Vec::with_capacity(1);
        while !inner.done() {
            let before = inner.at;
            written.push(inner.expression(WHOLE));
            if inner.at == before {
                inner.pass_over();
            }
        }
        call("#write", written, line)
    }
}

/// What is read beside what is high enough.
fn beside(first: Expression, more: Vec<Expression>) -> Expression {
    let mut all = match first {
        Expression::Other(all) => all,
        first => vec![first],
    };
    all.extend(more);
    Expression::Other(all)
}

/// Joins the next so many operands, half with half.
fn evenly(operator: Operator, operands: &mut impl Iterator<Item = Expression>, n: usize) -> Expression {
    if n < 2 {
        return operands.next().unwrap_or_else(nothing);
    }
    let left = Box::new(evenly(operator, operands, n / 2));
    let right = Box::new(evenly(operator, operands, n - n / 2));
    Expression::Binary { operator, left, right }
}

fn can_be_set(expression: &Expression) -> bool {
    matches!(
        expression,
        Expression::Name(_)
            | Expression::Computed(_)
            | Expression::Member { .. }
            | Expression::Index { .. }
            | Expression::List(_)
            | Expression::Call(_)
    )
}
