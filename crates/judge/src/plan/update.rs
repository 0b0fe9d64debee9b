//! Which update a server needs, by the builds that are known to have been published.

use super::response::RESPONSE;
use super::targets::same;
use crate::evidence::Evidence;
use afterpatch_detect::KnownBuild;
use afterpatch_model::{Build, Message};

/// Says which update to install on a server: the newest cumulative update of its product, and the newest update for it.
pub(super) fn advice(evidence: &Evidence<'_>, server: &str) -> Message {
    let Some(current) = newest_seen(evidence, server) else {
        return RESPONSE.words("update-unknown-build", &[]);
    };
    let Some((cumulative, newest)) = target(evidence, current) else {
        return RESPONSE.words("update-unknown-product", &[("build", same(&evidence.named(current)))]);
    };
    let fill = [
        ("build", same(&evidence.named(current))),
        ("cumulative", same(&called(cumulative))),
        ("newest", same(&called(newest))),
    ];
    let in_place = current.branch() == newest.build.branch();
    let key = match (in_place, cumulative.build == newest.build) {
        (true, _) => "update-same",
        (false, true) => "update-cumulative",
        (false, false) => "update-both",
    };
    let advice = RESPONSE.words(key, &fill);
    match ended(evidence, current) {
        Some(after) => both(&advice, &after),
        None => advice,
    }
}

fn both(one: &Message, other: &Message) -> Message {
    Message { en: format!("{} {}", one.en, other.en), ja: format!("{}{}", one.ja, other.ja) }
}

/// Returns the build that was seen last, and of several the newest.
pub(super) fn newest_seen(evidence: &Evidence<'_>, server: &str) -> Option<Build> {
    let seen = evidence.builds.get(server)?;
    seen.iter().max_by_key(|span| (span.last, span.build)).map(|span| span.build)
}

/// Returns the newest cumulative update of a build's product, and the newest update for it, as far as nobody doubts it.
fn target<'k>(evidence: &Evidence<'k>, current: Build) -> Option<(&'k KnownBuild, &'k KnownBuild)> {
    let product = current.product()?;
    let published = || {
        let of_product = evidence.knowledge.builds().filter(|known| known.product == product);
        of_product.filter(|known| known.doubt.is_none() && !known.label.contains("Preview"))
    };
    let newest = published().max_by_key(|known| known.build)?;
    let cumulative = published().filter(|known| known.build.branch() == newest.build.branch());
    Some((cumulative.min_by_key(|known| known.build)?, newest))
}

/// Names an update: `CU23 Mar21SU (15.1.2507.6, KB5011155)`.
fn called(known: &KnownBuild) -> String {
    let article = known.article.as_ref().map(|article| format!(", {article}")).unwrap_or_default();
    format!("{} ({}{article})", known.label, known.build)
}

/// Says that a product's support has ended, and where to go from there.
fn ended(evidence: &Evidence<'_>, current: Build) -> Option<Message> {
    let until = evidence.knowledge.support(current)?.until?;
    let key = match current.product()? {
        "Exchange 2019" => "support-ended-in-place",
        _ => "support-ended",
    };
    Some(RESPONSE.words(key, &[("until", same(&until.day()))]))
}
