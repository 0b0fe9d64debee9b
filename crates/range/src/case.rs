//! The small cases that are kept beside the code: `cases/<scenario>/case.toml`.

use crate::layout::Layout;
use crate::scenario::Scenario;
use serde::{Deserialize, Serialize};

/// What `case.toml` says: which scenario, in which layout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The scenario's name.
    pub scenario: String,
    /// The layout's name.
    pub layout: String,
    /// Why the case is kept: what it would catch.
    pub proves: String,
}

/// Why a `case.toml` is of no use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaseError {
    /// It is no TOML, or lacks a key.
    #[error("case.toml: {0}")]
    Form(#[from] toml::de::Error),
    /// It names a scenario that is not there.
    #[error("case.toml: no scenario is called {0:?}")]
    Scenario(String),
    /// It names a layout that is not there.
    #[error("case.toml: no layout is called {0:?}")]
    Layout(String),
}

impl Case {
    /// Reads a `case.toml`.
    pub fn read(text: &str) -> Result<Self, CaseError> {
        Ok(toml::from_str(text)?)
    }

    /// Returns the scenario and the layout that it names.
    pub fn resolve(&self) -> Result<(&'static Scenario, Layout), CaseError> {
        let scenario = Scenario::by_name(&self.scenario);
        let layout = Layout::ALL.into_iter().find(|layout| layout.name() == self.layout);
        Ok((
            scenario.ok_or_else(|| CaseError::Scenario(self.scenario.clone()))?,
            layout.ok_or_else(|| CaseError::Layout(self.layout.clone()))?,
        ))
    }
}
