//! `open_spans`: the SQL function that reads from the builds of one server which runs were open to what.
//!
//! It stands where a join and a sort of every change of every flaw would: a hundred thousand servers have some five
//! runs each, and ten million such changes.

use crate::knowledge::{Flaw, Knowledge, Seen, Standing};
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, Int64Array, ListArray, StringArray, StructArray};
use arrow_schema::{DataType, Field, Fields};
use datafusion::arrow::buffer::OffsetBuffer;
use datafusion::common::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// `open_spans(builds)`: takes the numbers of a server's builds, a list in order of its runs, and returns a list of
/// `{fix_set, open_by, from_run, last_run, until_run}`.
///
/// Runs count from 1: the first and last run of the span, and the one that closed it; none while it is open. `open_by` is
/// `build`, `doubt`, or `before`: the first run mends what must have been open before it.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct OpenSpans {
    builds: Vec<Openness>,
    signature: Signature,
}

/// To what a build is open, and what it mends though it must have been open before.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Openness {
    open: BTreeMap<i64, bool>,
    mended: BTreeSet<i64>,
}

/// One span; see [`OpenSpans`].
#[derive(Debug, PartialEq, Eq)]
struct Span {
    fix_set: i64,
    open_by: &'static str,
    from_run: i64,
    last_run: i64,
    until_run: Option<i64>,
}

impl OpenSpans {
    /// Makes the function for builds whose numbers are their places in `builds`.
    pub(super) fn new(knowledge: &Knowledge, builds: &[Seen]) -> Self {
        let sets: BTreeMap<usize, &Flaw> = knowledge.fix_sets().collect();
        let used: BTreeSet<usize> =
            knowledge.fix_sets().filter(|(_, flaw)| flaw.exploited.is_some()).map(|(set, _)| set).collect();
        let openness = |seen: &Seen| {
            let mut openness = Openness { open: BTreeMap::new(), mended: BTreeSet::new() };
            for (set, flaw) in &sets {
                let (standing, number) = (knowledge.standing(*seen, flaw), i64::try_from(*set).unwrap_or(0));
                if standing.may_be_open() {
                    openness.open.insert(number, standing == Standing::Doubtful);
                } else if standing == Standing::Mended && used.contains(set) {
                    openness.mended.insert(number);
                }
            }
            openness
        };
        Self {
            builds: builds.iter().map(openness).collect(),
            signature: Signature::exact(
                vec![DataType::new_list(DataType::Int64, true)],
                Volatility::Immutable,
            ),
        }
    }

    /// Returns the spans of one server.
    fn spans(&self, builds: &[i64]) -> Vec<Span> {
        let mut spans = Vec::new();
        let mut open: BTreeMap<(i64, bool), i64> = BTreeMap::new();
        for (build, run) in builds.iter().zip(1..) {
            let Some(now) = usize::try_from(*build).ok().and_then(|place| self.builds.get(place)) else {
                continue;
            };
            if run == 1 {
                let before = |set: &i64| Span::of(*set, "before", (run, run), Some(run));
                spans.extend(now.mended.iter().map(before));
            }
            open.retain(|&(set, is_doubtful), from| {
                let is_still = now.open.get(&set) == Some(&is_doubtful);
                if !is_still {
                    spans.push(Span::of(set, open_by(is_doubtful), (*from, run - 1), Some(run)));
                }
                is_still
            });
            for (set, is_doubtful) in &now.open {
                open.entry((*set, *is_doubtful)).or_insert(run);
            }
        }
        let last = i64::try_from(builds.len()).unwrap_or(i64::MAX);
        let still = |((set, is_doubtful), from)| Span::of(set, open_by(is_doubtful), (from, last), None);
        spans.extend(open.into_iter().map(still));
        spans
    }
}

fn open_by(is_doubtful: bool) -> &'static str {
    if is_doubtful { "doubt" } else { "build" }
}

impl Span {
    fn of(
        fix_set: i64,
        open_by: &'static str,
        (from_run, last_run): (i64, i64),
        until_run: Option<i64>,
    ) -> Self {
        Self { fix_set, open_by, from_run, last_run, until_run }
    }
}

fn fields() -> Fields {
    let number = |name| Field::new(name, DataType::Int64, true);
    let [set, from, last, until] = ["fix_set", "from_run", "last_run", "until_run"].map(number);
    Fields::from(vec![set, Field::new("open_by", DataType::Utf8, true), from, last, until])
}

/// Writes spans as lists, one for each server, which has as many of them as `lengths` say.
fn lists(spans: &[Span], lengths: impl IntoIterator<Item = usize>) -> ArrayRef {
    let numbers = |number: fn(&Span) -> i64| Arc::new(Int64Array::from_iter_values(spans.iter().map(number)));
    let columns: Vec<ArrayRef> = vec![
        numbers(|span| span.fix_set),
        Arc::new(StringArray::from_iter_values(spans.iter().map(|span| span.open_by))),
        numbers(|span| span.from_run),
        numbers(|span| span.last_run),
        Arc::new(spans.iter().map(|span| span.until_run).collect::<Int64Array>()),
    ];
    let structs = StructArray::new(fields(), columns, None);
    let field = Field::new_list_field(structs.data_type().clone(), true);
    Arc::new(ListArray::new(Arc::new(field), OffsetBuffer::from_lengths(lengths), Arc::new(structs), None))
}

impl ScalarUDFImpl for OpenSpans {
    fn name(&self) -> &'static str {
        "open_spans"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::new_list(DataType::Struct(fields()), true))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let histories = arrays.first().and_then(|array| array.as_list_opt::<i32>());
        let (mut spans, mut lengths) = (Vec::new(), Vec::new());
        for server in 0..histories.map_or(0, Array::len) {
            let builds = histories.filter(|lists| lists.is_valid(server)).map(|lists| lists.value(server));
            let builds = builds.as_ref().and_then(|list| list.as_primitive_opt::<Int64Type>());
            let of_server = builds.map(|builds| self.spans(builds.values())).unwrap_or_default();
            lengths.push(of_server.len());
            spans.extend(of_server);
        }
        Ok(ColumnarValue::Array(lists(&spans, lengths)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Builds by what they are: open to fix set 7, in doubt of it, free of it, and one that mends it.
    fn function() -> OpenSpans {
        let build = |open: &[(i64, bool)], mended: &[i64]| Openness {
            open: open.iter().copied().collect(),
            mended: mended.iter().copied().collect(),
        };
        let builds =
            vec![build(&[(7, false)], &[]), build(&[(7, true)], &[]), build(&[], &[]), build(&[], &[7])];
        OpenSpans { builds, signature: Signature::any(1, Volatility::Immutable) }
    }

    #[test]
    fn a_span_goes_from_run_to_run() {
        let spans = |builds: &[i64]| function().spans(builds);
        assert_eq!(spans(&[0, 0, 2]), [Span::of(7, "build", (1, 2), Some(3))]);
        assert_eq!(spans(&[2, 0]), [Span::of(7, "build", (2, 2), None)], "it is open still");
        assert_eq!(
            spans(&[0, 1, 2]),
            [Span::of(7, "build", (1, 1), Some(2)), Span::of(7, "doubt", (2, 2), Some(3))]
        );
        assert_eq!(
            spans(&[0, 3, 0]),
            [Span::of(7, "build", (1, 1), Some(2)), Span::of(7, "build", (3, 3), None)],
            "what was mended can be opened again"
        );
        assert_eq!(spans(&[3]), [Span::of(7, "before", (1, 1), Some(1))]);
        assert_eq!(spans(&[2, 3]), [], "only what is first seen mended was open before");
        assert_eq!(spans(&[]), []);
        assert_eq!(spans(&[99, -1]), [], "a number that is no build's");
    }
}
