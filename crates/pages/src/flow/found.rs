//! The signals that a walk has found.

use super::value::{Trace, shortened};
use crate::signal::{Signal, Step};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Signals by line and code; the first way that was found stands for the others.
#[derive(Debug, Default)]
pub(crate) struct Found(BTreeMap<(u32, &'static str), Vec<Step>>);

/// A page with more signals than this has said enough.
const MOST: usize = 512;

impl Found {
    /// Adds a signal that ends at a line.
    pub(crate) fn add(&mut self, code: &'static str, line: u32, trace: Option<&Rc<Trace>>, what: &str) {
        if self.0.len() >= MOST || self.0.contains_key(&(line, code)) {
            return;
        }
        let mut path = Vec::new();
        let mut step = trace;
        while let Some(trace) = step {
            path.push(Step::of_page(trace.line, &*trace.what));
            step = trace.before.as_ref();
        }
        path.reverse();
        path.push(Step::of_page(line, shortened(what)));
        self.0.insert((line, code), path);
    }

    /// Returns them in the order of lines and codes.
    pub(crate) fn finish(self) -> Vec<Signal> {
        self.0.into_iter().map(|((line, code), path)| Signal { code, line, path }).collect()
    }
}
