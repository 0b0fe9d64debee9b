//! Compiled pages: assemblies of .NET, such as the `App_Web_….dll` that ASP.NET makes of pages, read and never run.
//!
//! ```text
//! bytes ──image──▶ metadata ──tables──▶ types and methods ──code──▶ what each method refers to ──pages──▶ signals
//! ```
//!
//! What a method does with values is not followed. A page class counts where its methods, and what of the assembly they
//! call, refer both to what the visitor sends and to what gives control. Calls are followed a few steps and no further:
//! in large programs everything is reached from everywhere.
//!
//! The layout is that of ECMA-335, partition II, chapters 24 and 25.

mod bytes;
mod code;
mod image;
mod metadata;
mod pages;
mod powers;
mod schema;
mod tables;

use crate::signal::Signal;

/// Returns what speaks for an assembly holding a web shell; nothing of what is no assembly.
pub(crate) fn signals(bytes: &[u8]) -> Vec<Signal> {
    image::Image::of(bytes)
        .and_then(|image| Some((metadata::Metadata::of(image.metadata()?)?, image)))
        .map(|(metadata, image)| pages::signals(&metadata, &image))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::signals;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes: Vec<u8>) {
            prop_assert!(signals(&bytes).is_empty());
        }
    }
}
