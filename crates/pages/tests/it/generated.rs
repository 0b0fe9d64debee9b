//! Sources that ASP.NET makes of pages, `App_Web_….0.cs`: what is left of a page that was deleted.

use crate::fixtures::{codes, judged};
use afterpatch_pages::verdict::Verdict;

#[test]
fn what_is_made_of_a_shell_is_one() {
    for (name, signal) in [("generated.cs", "visitor-started"), ("generated-handler.cs", "visitor-loaded")] {
        let judgement = judged(name);
        assert_eq!(judgement.verdict, Some(Verdict::Shell), "{name}: {judgement:?}");
        assert!(codes(&judgement).contains(&signal), "{name}: {judgement:?}");
    }
}

#[test]
fn what_is_made_of_a_page_like_others_is_none() {
    for name in ["generated-twin.cs", "generated-handler-twin.cs"] {
        let judgement = judged(name);
        assert_eq!(judgement.verdict, None, "{name}: {judgement:?}");
    }
}
