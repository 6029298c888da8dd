//! `Range` with a single range of bytes (RFC 9110 §14). What is malformed, of another unit, or of several ranges is ignored, as the
//! RFC allows: the answer is then whole.

use axum::http::HeaderMap;
use axum::http::header::{IF_RANGE, RANGE};
use std::ops::Range;

/// What to send of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ranged {
    /// All of it: 200.
    Whole,
    /// These bytes, at least one: 206.
    Part(Range<usize>),
    /// Nothing of what was asked for is there: 416.
    Unsatisfiable,
}

/// What a request asks of a body of this length and revision.
pub(crate) fn range(headers: &HeaderMap, length: usize, etag: &str) -> Ranged {
    let mut values = headers.get_all(RANGE).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return Ranged::Whole };
    // The range was meant for that revision; for another one the whole body is right.
    if let Some(condition) = headers.get(IF_RANGE)
        && !condition.to_str().is_ok_and(|condition| condition.trim() == format!("\"{etag}\""))
    {
        return Ranged::Whole;
    }
    value.to_str().ok().and_then(|value| single(value, length)).unwrap_or(Ranged::Whole)
}

fn single(value: &str, length: usize) -> Option<Ranged> {
    let (unit, spec) = value.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (first, last) = spec.trim().split_once('-')?;
    if first.is_empty() {
        let suffix = digits(last)?.min(length);
        return Some(if suffix == 0 { Ranged::Unsatisfiable } else { Ranged::Part(length - suffix..length) });
    }
    let first = digits(first)?;
    let last = if last.is_empty() { usize::MAX } else { digits(last)? };
    if last < first {
        return None;
    }
    Some(if first >= length { Ranged::Unsatisfiable } else { Ranged::Part(first..last.saturating_add(1).min(length)) })
}

/// A number of digits only; one too large for the type is as good as the largest.
fn digits(text: &str) -> Option<usize> {
    let text = text.trim();
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    fn check(value: &str, length: usize, expect: Ranged) {
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, HeaderValue::from_str(value).expect("a header"));
        assert_eq!(range(&headers, length, "e"), expect, "{value} of {length}");
    }

    #[test]
    fn single_ranges() {
        check("bytes=0-3", 10, Ranged::Part(0..4));
        check("bytes=4-", 10, Ranged::Part(4..10));
        check("bytes=-3", 10, Ranged::Part(7..10));
        check("bytes=-30", 10, Ranged::Part(0..10));
        check("bytes=0-99999999999999999999999", 10, Ranged::Part(0..10));
        check("Bytes=9-9", 10, Ranged::Part(9..10));
        check("bytes=10-", 10, Ranged::Unsatisfiable);
        check("bytes=0-", 0, Ranged::Unsatisfiable);
        check("bytes=-0", 10, Ranged::Unsatisfiable);
        check("bytes=99999999999999999999999-", 10, Ranged::Unsatisfiable);
        for ignored in ["bytes=3-2", "bytes=0-1,3-4", "lines=0-3", "bytes", "bytes=a-b", "bytes=-", "bytes=+1-2", ""] {
            check(ignored, 10, Ranged::Whole);
        }
    }

    #[test]
    fn if_range_must_name_the_revision() {
        for (condition, expect) in
            [("\"e\"", Ranged::Part(0..1)), ("\"other\"", Ranged::Whole), ("W/\"e\"", Ranged::Whole), ("Sun, 22 Nov 2026", Ranged::Whole)]
        {
            let mut headers = HeaderMap::new();
            headers.insert(RANGE, HeaderValue::from_static("bytes=0-0"));
            headers.insert(IF_RANGE, HeaderValue::from_str(condition).expect("a header"));
            assert_eq!(range(&headers, 10, "e"), expect, "{condition}");
        }
    }

    proptest! {
        #[test]
        fn a_part_is_never_empty_and_always_within(value in "bytes=[0-9]{0,20}-[0-9]{0,20}", length in 0usize..100) {
            let mut headers = HeaderMap::new();
            headers.insert(RANGE, HeaderValue::from_str(&value).expect("a header"));
            if let Ranged::Part(part) = range(&headers, length, "e") {
                prop_assert!(part.start < part.end && part.end <= length);
            }
        }
    }
}
