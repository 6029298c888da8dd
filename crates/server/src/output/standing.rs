//! Where a session stands, in the headers of an answer whose body is raw.

use acetate_engine::api::{Base, Standing};
use axum::http::{HeaderMap, HeaderValue};

/// Puts a session's standing into headers: `Acetate-Base` and `Acetate-Head` as `v12` or a commit (`none` on a branch without commits),
/// `Acetate-Behind` as a number of versions, `Acetate-Events` and `Acetate-Notices` as counts of what waits to be seen.
pub(crate) fn stand(headers: &mut HeaderMap, standing: &Standing) {
    let count = |number: usize| HeaderValue::from(number as u64);
    headers.insert("acetate-base", point(&standing.base));
    headers.insert("acetate-head", point(&standing.head));
    headers.insert("acetate-behind", HeaderValue::from(standing.behind));
    headers.insert("acetate-events", count(standing.events.len()));
    headers.insert("acetate-notices", count(standing.notices.len()));
}

fn point(base: &Base) -> HeaderValue {
    let text = match (base.version, &base.commit) {
        (Some(version), _) => format!("v{version}"),
        (None, Some(commit)) => commit.to_hex(),
        (None, None) => "none".to_owned(),
    };
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("none"))
}
