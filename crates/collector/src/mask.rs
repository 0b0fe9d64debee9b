//! Masks: files below a folder, with `\`; `*` is any text within one component, `**` any folders.

/// The component that stands for any folders, or none.
pub(crate) const ANY_FOLDERS: &str = "**";

/// Splits a mask into its components.
pub(crate) fn components(mask: &str) -> Vec<&str> {
    mask.split('\\').collect()
}

/// Splits a mask into the folders and the name of the files in them.
pub(crate) fn folders_and_name(mask: &str) -> (Vec<&str>, &str) {
    let mut folders = components(mask);
    let name = folders.pop().unwrap_or_default();
    (folders, name)
}

/// Tells whether all that `inner` names is named by `outer` too.
pub(crate) fn covers(outer: &str, inner: &str) -> bool {
    path_covers(&components(outer), &components(inner))
}

fn path_covers(outer: &[&str], inner: &[&str]) -> bool {
    match (outer.split_first(), inner.split_first()) {
        (None, None) => true,
        (Some((&ANY_FOLDERS, after)), Some((_, inner_after))) => {
            path_covers(after, inner) || path_covers(outer, inner_after)
        }
        (Some((own, after)), Some((other, inner_after))) => {
            *other != ANY_FOLDERS && name_covers(own, other) && path_covers(after, inner_after)
        }
        _ => false,
    }
}

/// Tells whether a name with `*` covers another, in any case; a `*` of the other is covered by a `*` only.
fn name_covers(outer: &str, inner: &str) -> bool {
    let outer: Vec<char> = outer.to_lowercase().chars().collect();
    let inner: Vec<char> = inner.to_lowercase().chars().collect();
    text_covers(&outer, &inner)
}

fn text_covers(outer: &[char], inner: &[char]) -> bool {
    match (outer.split_first(), inner.split_first()) {
        (None, None) => true,
        (Some(('*', after)), None) => text_covers(after, inner),
        (Some(('*', after)), Some((_, inner_after))) => {
            text_covers(after, inner) || text_covers(outer, inner_after)
        }
        (Some((own, after)), Some((other, inner_after))) => own == other && text_covers(after, inner_after),
        (Some(_) | None, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// One letter, so that masks and paths often have to do with each other.
    fn some(pattern: &'static str) -> impl Strategy<Value = Vec<String>> {
        proptest::collection::vec(pattern, 8)
    }

    proptest! {
        #[test]
        fn what_is_covered_names_nothing_more(
            masks in some(r"((\*\*|\*|a|a\*)\\){0,3}(\*|a|a\*)"),
            paths in some(r"(a{1,2}\\){0,4}a{1,2}"),
        ) {
            let pairs = masks.iter().flat_map(|outer| masks.iter().map(move |inner| (outer, inner)));
            for (outer, inner) in pairs.filter(|(outer, inner)| covers(outer, inner)) {
                for path in paths.iter().filter(|path| covers(inner, path)) {
                    prop_assert!(covers(outer, path), "{outer} covers {inner} but not {path}");
                }
            }
        }
    }

    #[test]
    fn a_mask_covers_what_is_narrower() {
        let cases = [
            (r"**\*", r"**\*.config", true),
            (r"**\*", r"a.log", true),
            (r"FrontEnd\HttpProxy\**\*", r"frontend\httpproxy\**\*.CONFIG", true),
            (r"Logging\OWA\**\*.LOG", r"Logging\OWA\Server\*.log", true),
            (r"a\*\c.log", r"a\b\c.log", true),
            (r"*.log", r"httperr*.log", true),
            (r"**\*.config", r"**\*", false),
            (r"a\*.log", r"a\**\*.log", false),
            (r"a\*\c.log", r"a\**\c.log", false),
            (r"a\b.log", r"a\b*.log", false),
            (r"Logging\Ews\*.LOG", r"Logging\Ews\Old\*.LOG", false),
            (r"Logging\Ews\*.LOG", r"Logging\EwsProxy\*.LOG", false),
        ];
        for (outer, inner, expected) in cases {
            assert_eq!(covers(outer, inner), expected, "{outer} covers {inner}");
        }
    }
}
