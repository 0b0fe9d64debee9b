//! Pages that ask for passwords, and the scripts of theirs, changed to keep what is typed in; and such as are only made prettier.

use crate::fixtures::{codes, judged};
use afterpatch_pages::verdict::Verdict;

/// Changed pages and scripts, with the signal that tells each, and the verdict that it comes to.
static CHANGED: &[(&str, &str, Verdict)] = &[
    ("logon-kept.aspx", "password-kept", Verdict::Shell),
    ("logon-kept-stream.aspx", "password-kept", Verdict::Shell),
    ("logon-sent.aspx", "password-sent", Verdict::DualUse),
    ("logon-script.aspx", "password-sent-by-script", Verdict::Shell),
    ("flogon-image.js", "password-sent-by-script", Verdict::Shell),
    ("flogon-request.js", "password-sent-by-script", Verdict::DualUse),
    ("flogon-fetch.js", "password-sent-by-script", Verdict::DualUse),
    ("flogon-beacon.js", "password-sent-by-script", Verdict::DualUse),
    ("flogon-address.js", "password-in-address", Verdict::DualUse),
    ("flogon-action.js", "form-sent-elsewhere", Verdict::DualUse),
];

/// Pages and scripts that check what is typed in, ask for a captcha, count visits, and send the form to their own server.
static CUSTOMISED: &[&str] =
    &["logon-server-twin.aspx", "logon-script-twin.aspx", "flogon-twin.js", "flogon-ajax-twin.js"];

#[test]
fn what_keeps_or_sends_away_passwords_is_told() {
    for (name, signal, verdict) in CHANGED {
        let judgement = judged(name);
        assert!(codes(&judgement).contains(signal), "{name}: {judgement:?}");
        assert_eq!(judgement.verdict, Some(*verdict), "{name}: {judgement:?}");
    }
}

#[test]
fn customised_pages_are_none() {
    for name in CUSTOMISED {
        let judgement = judged(name);
        assert_eq!(judgement.verdict, None, "{name}: {judgement:?}");
        let told =
            codes(&judgement).into_iter().find(|code| code.contains("password") || code.contains("form"));
        assert_eq!(told, None, "{name}: {judgement:?}");
    }
}
