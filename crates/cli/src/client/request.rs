//! Requests and answers as plain values; nothing here touches a socket.

use super::Failure;
use acetate_types::{ErrorKind, Problem};
use bytes::Bytes;
use hyper::{Method, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::borrow::Cow;

/// What stays as it is in one segment of an address: RFC 3986's unreserved characters.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const PATH: &AsciiSet = &SEGMENT.remove(b'/');

/// One segment of an address, or a value of its query.
pub fn encode_segment(text: impl AsRef<[u8]>) -> String {
    let text = text.as_ref();
    // A segment of dots alone would be taken for a step upwards.
    match text {
        b"." => "%2E".to_owned(),
        b".." => "%2E%2E".to_owned(),
        _ => percent_encode(text, SEGMENT).to_string(),
    }
}

/// A repository path in an address: its slashes stay.
pub fn encode_path(path: &acetate_types::RepoPath) -> String {
    percent_encode(path.as_bytes(), PATH).to_string()
}

/// A request to the daemon.
#[derive(Debug, Clone)]
pub struct Request {
    pub(super) method: Method,
    pub(super) target: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Bytes,
}

impl Request {
    fn new(method: Method, target: impl Into<String>) -> Self {
        Self { method, target: target.into(), headers: Vec::new(), body: Bytes::new() }
    }

    /// Asks for something.
    pub fn get(target: impl Into<String>) -> Self {
        Self::new(Method::GET, target)
    }

    /// Asks for something to be done.
    pub fn post(target: impl Into<String>, body: &impl Serialize) -> Result<Self, Failure> {
        Self::new(Method::POST, target).json(body)
    }

    /// Changes something.
    pub fn patch(target: impl Into<String>, body: &impl Serialize) -> Result<Self, Failure> {
        Self::new(Method::PATCH, target).json(body)
    }

    /// Deletes something.
    pub fn delete(target: impl Into<String>) -> Self {
        Self::new(Method::DELETE, target)
    }

    /// Writes bytes.
    pub fn put(target: impl Into<String>, body: Bytes) -> Self {
        let mut request = Self::new(Method::PUT, target).header("content-type", "application/octet-stream");
        request.body = body;
        request
    }

    fn json(mut self, body: &impl Serialize) -> Result<Self, Failure> {
        self.body = serde_json::to_vec(body).map_err(|error| Failure::unexpected(error.to_string()))?.into();
        Ok(self.header("content-type", "application/json"))
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// With a query parameter.
    #[must_use]
    pub fn query(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.target.push(if self.target.contains('?') { '&' } else { '?' });
        self.target.push_str(name);
        self.target.push('=');
        self.target.push_str(&percent_encode(value.as_ref(), SEGMENT).to_string());
        self
    }

    /// With a query parameter if there is a value.
    #[must_use]
    pub fn maybe(self, name: &str, value: Option<impl AsRef<[u8]>>) -> Self {
        match value {
            Some(value) => self.query(name, value),
            None => self,
        }
    }

    /// With a query parameter if it is so.
    #[must_use]
    pub fn flag(self, name: &str, value: bool) -> Self {
        if value { self.query(name, "true") } else { self }
    }
}

/// An answer read whole.
#[derive(Debug)]
pub struct Reply {
    /// Its body.
    pub body: Bytes,
}

impl Reply {
    /// The body as JSON, `null` for none.
    pub fn value(&self) -> Result<Value, Failure> {
        if self.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&self.body).map_err(misread)
    }

    /// The body as one of the shapes of the engine.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_slice(&self.body).map_err(misread)
    }
}

fn misread(error: serde_json::Error) -> Failure {
    Failure::unexpected(format!("the daemon's answer can't be read: {error}"))
        .hint("the daemon may be of another version: `acetate stop`, then try again")
}

/// The problem that an answer with an error status carries.
pub fn problem(status: StatusCode, body: &[u8]) -> Problem {
    #[derive(serde::Deserialize)]
    struct Wire {
        kind: Option<ErrorKind>,
        code: Option<String>,
        detail: Option<String>,
        title: Option<String>,
        hint: Option<String>,
        details: Option<Value>,
    }
    let wire: Option<Wire> = serde_json::from_slice(body).ok();
    let by_status = match status.as_u16() {
        404 | 410 => ErrorKind::NotFound,
        409 => ErrorKind::Conflict,
        412 => ErrorKind::Stale,
        413 | 429 => ErrorKind::Limit,
        401 | 403 => ErrorKind::Denied,
        408 | 503 | 504 => ErrorKind::Unavailable,
        400..500 => ErrorKind::Invalid,
        _ => ErrorKind::Internal,
    };
    let Some(wire) = wire else {
        return Problem::new(by_status, by_status.as_str(), format!("the daemon answered {status}"));
    };
    let kind = wire.kind.unwrap_or(by_status);
    Problem {
        kind,
        code: wire.code.map_or(Cow::Borrowed(kind.as_str()), Cow::Owned),
        message: wire.detail.or(wire.title).unwrap_or_else(|| format!("the daemon answered {status}")),
        hint: wire.hint,
        details: wire.details.map(Box::new),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use acetate_types::RepoPath;

    #[test]
    fn addresses_hold_any_byte() {
        let path = RepoPath::existing(&b"a b/%?#\xff.rs"[..]).expect("a path");
        assert_eq!(encode_path(&path), "a%20b/%25%3F%23%FF.rs");
        assert_eq!(encode_segment(".."), "%2E%2E");
        assert_eq!(encode_segment("a/b"), "a%2Fb");
        let request = Request::get("/v1/x").query("glob", "**/*.rs").maybe("at", None::<&str>).flag("changed", true);
        assert_eq!(request.target, "/v1/x?glob=%2A%2A%2F%2A.rs&changed=true");
    }

    #[test]
    fn problems_are_read_from_the_body_and_else_from_the_status() {
        let body = br#"{"type":"about:blank","title":"Gone","status":404,"detail":"no such session","code":"session_not_found","kind":"not_found","hint":"list them","details":{"a":1}}"#;
        let read = problem(StatusCode::NOT_FOUND, body);
        assert_eq!((read.kind, &*read.code, &*read.message), (ErrorKind::NotFound, "session_not_found", "no such session"));
        assert_eq!(read.details, Some(Box::new(serde_json::json!({"a": 1}))));
        for (status, kind) in [
            (409, ErrorKind::Conflict),
            (412, ErrorKind::Stale),
            (401, ErrorKind::Denied),
            (422, ErrorKind::Invalid),
            (500, ErrorKind::Internal),
        ] {
            let status = StatusCode::from_u16(status).expect("a status");
            assert_eq!(problem(status, b"<html>").kind, kind, "{status}");
        }
    }
}
