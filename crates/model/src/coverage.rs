//! Which spans of time the evidence really covers: "no trace" means nothing without it.

use crate::time::Span;
use serde::{Deserialize, Serialize};

/// What one artifact covers, before spans of one kind are joined.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CoverageSpan {
    /// The server.
    pub server: String,
    /// The kind of artifact: the parser's name.
    pub source: String,
    /// What within the kind: HttpProxy folder, W3SVC site, event channel, served folder. Lower case; may be empty.
    pub scope: String,
    /// The folder on the server in which the artifact lay.
    pub folder: String,
    /// The span: whole hours or days for files that are cut by the clock.
    pub span: Span,
    /// Facts in it.
    pub records: u64,
}

/// What is covered of one kind of artifact on one server.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Coverage {
    /// The server.
    pub server: String,
    /// The kind of artifact: the parser's name.
    pub source: String,
    /// What within the kind; see [`CoverageSpan::scope`].
    pub scope: String,
    /// The folder on the server.
    pub folder: String,
    /// The spans covered: in order, disjoint. Empty for kinds that have no span, such as files.
    pub spans: Vec<Span>,
    /// The artifacts that it rests on.
    pub artifacts: u64,
    /// Facts in them.
    pub records: u64,
}

impl Coverage {
    /// Joins what single artifacts cover, per server, kind and scope; holes up to `tolerance(source)` nanoseconds close.
    pub fn join(mut spans: Vec<CoverageSpan>, tolerance: impl Fn(&str) -> i64) -> Vec<Self> {
        spans.sort();
        let mut joined: Vec<Self> = Vec::new();
        for span in spans {
            let same = |last: &Self| {
                (&last.server, &last.source, &last.scope) == (&span.server, &span.source, &span.scope)
            };
            match joined.last_mut() {
                Some(last) if same(last) => {
                    last.spans.push(span.span);
                    last.artifacts += 1;
                    last.records += span.records;
                }
                _ => joined.push(Self {
                    server: span.server,
                    source: span.source,
                    scope: span.scope,
                    folder: span.folder,
                    spans: vec![span.span],
                    artifacts: 1,
                    records: span.records,
                }),
            }
        }
        for coverage in &mut joined {
            coverage.spans = Span::union(std::mem::take(&mut coverage.spans), tolerance(&coverage.source));
        }
        joined
    }
}
