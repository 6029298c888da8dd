//! `Idempotency-Key`: the caller's key and a hash of the request it stands for.

use crate::problem::Failure;
use acetate_engine::Idempotency;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Uri};
use sha2::{Digest as _, Sha256};

/// The key of a request without a body.
pub(crate) struct Once(pub(crate) Option<Idempotency>);

impl<S: Sync> FromRequestParts<S> for Once {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        Self::of(&parts.method, &parts.uri, &parts.headers, &[]).map(Self)
    }
}

impl Once {
    /// The key of this request, if it has one. Its length is the engine's to judge.
    pub(super) fn of(method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Result<Option<Idempotency>, Failure> {
        let mut keys = headers.get_all("idempotency-key").iter();
        let Some(key) = keys.next() else { return Ok(None) };
        let wrong = || Failure::invalid("idempotency_key", "the Idempotency-Key is not one text of visible ASCII");
        let key = key.to_str().map_err(|_| wrong())?.trim();
        if key.is_empty() || keys.next().is_some() {
            return Err(wrong());
        }
        let target = uri.path_and_query().map_or("", |target| target.as_str());
        let mut hash = Sha256::new();
        // Neither a method nor a target holds a line end, so the parts can't run into each other.
        for part in [method.as_str().as_bytes(), b"\n", target.as_bytes(), b"\n", body] {
            hash.update(part);
        }
        Ok(Some(Idempotency { key: key.to_owned(), body_hash: hash.finalize().into() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn once(method: Method, target: &'static str, key: Option<&'static str>, body: &[u8]) -> Option<Idempotency> {
        let mut headers = HeaderMap::new();
        if let Some(key) = key {
            headers.insert("idempotency-key", key.parse().expect("a header"));
        }
        Once::of(&method, &Uri::from_static(target), &headers, body).expect("a key")
    }

    #[test]
    fn the_hash_covers_method_target_and_body() {
        assert_eq!(once(Method::POST, "/a", None, b"x"), None);
        let one = once(Method::POST, "/a", Some("k"), b"x").expect("a key");
        assert_eq!(Some(&one), once(Method::POST, "/a", Some("k"), b"x").as_ref());
        for other in [
            once(Method::PUT, "/a", Some("k"), b"x"),
            once(Method::POST, "/b", Some("k"), b"x"),
            once(Method::POST, "/a?y", Some("k"), b"x"),
            once(Method::POST, "/a", Some("k"), b"y"),
        ] {
            let other = other.expect("a key");
            assert_eq!(other.key, "k");
            assert_ne!(other.body_hash, one.body_hash);
        }
    }
}
