//! The plan in every format, one file each.

pub(crate) mod cacao;
pub(crate) mod csv;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod markdown;
