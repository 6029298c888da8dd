//! Entity tags and preconditions (RFC 9110 §8.8, §13), and the mode of a written file.
//!
//! An entity tag is the engine's revision in double quotes. Reading takes any list; writing takes exactly what the engine can check.

use crate::problem::Failure;
use acetate_types::FileMode;
use axum::http::header::{IF_MATCH, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// The header that carries a file's mode.
pub(crate) const MODE: HeaderName = HeaderName::from_static("acetate-mode");

/// An entity tag as a header.
pub(crate) fn quoted(etag: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("\"{etag}\"")).ok()
}

/// What `If-Match` and `If-None-Match` of a write come to, in the engine's words: a revision, `*` for any, empty for absent.
pub(crate) fn precondition(headers: &HeaderMap) -> Result<Option<String>, Failure> {
    let matching = single(headers, &IF_MATCH)?;
    let none = single(headers, &IF_NONE_MATCH)?;
    match (matching, none) {
        (None, None) => Ok(None),
        (Some(tag), None) if tag.trim() == "*" => Ok(Some("*".to_owned())),
        (Some(tag), None) => match entity_tags(tag).as_deref() {
            Some([Tag { weak: false, opaque }]) if !opaque.is_empty() && *opaque != "*" => Ok(Some((*opaque).to_owned())),
            _ => Err(wrong("If-Match takes `*` or one strong entity tag in double quotes")),
        },
        (None, Some(tag)) if tag.trim() == "*" => Ok(Some(String::new())),
        (None, Some(_)) => Err(wrong("If-None-Match of a write takes only `*`")),
        (Some(_), Some(_)) => Err(wrong("If-Match and If-None-Match exclude each other here")),
    }
}

/// Whether `If-None-Match` of a read names this revision: then the answer is 304. Compared weakly; what can't be read matches nothing.
pub(crate) fn if_none_match(headers: &HeaderMap, etag: &str) -> bool {
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.trim() == "*" || entity_tags(value).is_some_and(|tags| tags.iter().any(|tag| tag.opaque == etag)))
}

/// The mode that a write asks for.
pub(crate) fn mode(headers: &HeaderMap) -> Result<Option<FileMode>, Failure> {
    single(headers, &MODE)?
        .map(|text| {
            FileMode::parse(text.trim())
                .ok_or_else(|| Failure::invalid("mode_invalid", "Acetate-Mode is none that Git stores").hint("100644, 100755 or 120000"))
        })
        .transpose()
}

fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Failure> {
    let mut values = headers.get_all(name).iter();
    let value = values.next();
    if values.next().is_some() {
        return Err(wrong(&format!("{name} appears more than once")));
    }
    value.map(|value| value.to_str().map_err(|_| wrong(&format!("{name} can't be read")))).transpose()
}

fn wrong(message: &str) -> Failure {
    Failure::invalid("precondition_invalid", message)
}

#[derive(Debug, PartialEq)]
struct Tag<'a> {
    weak: bool,
    opaque: &'a str,
}

/// A list of entity tags, `None` if it is none. Commas may be part of a tag.
fn entity_tags(mut text: &str) -> Option<Vec<Tag<'_>>> {
    let mut tags = Vec::new();
    loop {
        text = text.trim_start_matches([' ', '\t', ',']);
        if text.is_empty() {
            return (!tags.is_empty()).then_some(tags);
        }
        let (weak, rest) = text.strip_prefix("W/").map_or((false, text), |rest| (true, rest));
        let (opaque, rest) = rest.strip_prefix('"')?.split_once('"')?;
        tags.push(Tag { weak, opaque });
        text = rest.trim_start_matches([' ', '\t']);
        if !text.is_empty() && !text.starts_with(',') {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(HeaderName, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name, HeaderValue::from_str(value).expect("a header"));
        }
        headers
    }

    #[test]
    fn preconditions_of_writes() {
        for (pairs, expect) in [
            (&[][..], Ok(None)),
            (&[(IF_MATCH, "\"abc\"")][..], Ok(Some("abc"))),
            (&[(IF_MATCH, " * ")], Ok(Some("*"))),
            (&[(IF_NONE_MATCH, "*")], Ok(Some(""))),
            (&[(IF_MATCH, "abc")], Err(())),
            (&[(IF_MATCH, "W/\"abc\"")], Err(())),
            (&[(IF_MATCH, "\"a\", \"b\"")], Err(())),
            (&[(IF_MATCH, "\"\"")], Err(())),
            (&[(IF_MATCH, "\"*\"")], Err(())),
            (&[(IF_MATCH, "")], Err(())),
            (&[(IF_MATCH, "\"a")], Err(())),
            (&[(IF_NONE_MATCH, "\"a\"")], Err(())),
            (&[(IF_MATCH, "\"a\""), (IF_NONE_MATCH, "*")], Err(())),
            (&[(IF_MATCH, "\"a\""), (IF_MATCH, "\"b\"")], Err(())),
        ] {
            let found = precondition(&headers(pairs));
            assert_eq!(found.as_ref().map(Option::as_deref).map_err(|_| ()), expect, "{pairs:?}");
        }
    }

    #[test]
    fn conditions_of_reads() {
        for (value, expect) in [
            ("\"abc\"", true),
            ("W/\"abc\"", true),
            ("\"x\",\"abc\"", true),
            ("\"x\" , W/\"y,\", \"abc\" ", true),
            ("*", true),
            ("\"x\"", false),
            ("abc", false),
            ("\"abc\" junk", false),
            ("", false),
        ] {
            assert_eq!(if_none_match(&headers(&[(IF_NONE_MATCH, value)]), "abc"), expect, "{value}");
        }
        assert!(!if_none_match(&HeaderMap::new(), "abc"));
    }

    #[test]
    fn modes() {
        assert_eq!(mode(&headers(&[(MODE, "100755")])).expect("a mode"), Some(FileMode::Executable));
        assert_eq!(mode(&HeaderMap::new()).expect("none"), None);
        assert!(mode(&headers(&[(MODE, "0755")])).is_err());
    }
}
