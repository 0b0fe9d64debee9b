//! Style sheets that bring script of their own.

use super::Walker;
use super::statements::Evaluated;
use super::tables::Family;
use super::value::Value;
use crate::kind::{Kind, Language};
use crate::page::sheet;

impl Walker<'_, '_, '_> {
    /// A style sheet is applied: the script that a known one brings is walked, given what of a document is known.
    pub(super) fn transform(&mut self, what: &Value, document: &Value) {
        let Some(text) = what.open_text() else { return };
        let kind = match self.state.family {
            Family::Asp | Family::AspJScript => Kind::Asp,
            Family::DotNet | Family::DotNetJScript => Kind::Aspx,
            Family::Java | Family::Php => return,
        };
        for (language, script) in sheet::scripts(text, kind) {
            let family = match (kind, language) {
                (Kind::Asp, Language::JScript) => Family::AspJScript,
                (Kind::Asp, _) => Family::Asp,
                (_, Language::JScript) => Family::DotNetJScript,
                _ => Family::DotNet,
            };
            self.walk_program(&Evaluated {
                family,
                language,
                text: &script,
                hole: what,
                given: Some(document),
            });
        }
    }
}
