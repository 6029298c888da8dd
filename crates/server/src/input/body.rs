//! Request bodies: bounded in size, depth and time; JSON without unknown fields.

use super::depth::deeper_than;
use super::once::Once;
use crate::door::Door;
use crate::problem::Failure;
use acetate_engine::Idempotency;
use acetate_types::ErrorKind;
use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;

/// A JSON body, and the key that makes the call safe to repeat.
pub(crate) struct Incoming<T> {
    pub(crate) value: T,
    pub(crate) once: Option<Idempotency>,
}

/// As [`Incoming`], where an empty body stands for the default.
pub(crate) struct IncomingOrDefault<T> {
    pub(crate) value: T,
    pub(crate) once: Option<Idempotency>,
}

/// A body in memory, counted against the server's room for bodies until dropped.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) bytes: Bytes,
    _room: Vec<OwnedSemaphorePermit>,
}

/// A body without anything in it: `{}` or nothing at all.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

impl<T> Incoming<T> {
    /// The body of a call that can't be made safe to repeat by a key: one that names a key is refused, not answered as if it counted.
    pub(crate) fn unkeyed(self) -> Result<T, Failure> {
        if self.once.is_none() {
            return Ok(self.value);
        }
        Err(Failure::invalid("idempotency_unsupported", "edits of files take no Idempotency-Key")
            .hint("guard a repeat by the file's revision: `expect`, or If-Match"))
    }
}

impl<T: DeserializeOwned> FromRequest<Arc<Door>> for Incoming<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, door: &Arc<Door>) -> Result<Self, Failure> {
        let (held, once) = json_body(request, door).await?;
        Ok(Self { value: parse(&held.bytes, door.limits.json_depth)?, once })
    }
}

impl<T: DeserializeOwned + Default> FromRequest<Arc<Door>> for IncomingOrDefault<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, door: &Arc<Door>) -> Result<Self, Failure> {
        let (held, once) = json_body(request, door).await?;
        let value = if held.bytes.is_empty() { T::default() } else { parse(&held.bytes, door.limits.json_depth)? };
        Ok(Self { value, once })
    }
}

async fn json_body(request: Request, door: &Door) -> Result<(Held, Option<Idempotency>), Failure> {
    let (parts, body) = request.into_parts();
    refuse_encoded(&parts.headers)?;
    if let Some(found) = parts.headers.get(CONTENT_TYPE)
        && !found.to_str().is_ok_and(is_json)
    {
        return Err(Failure::invalid("content_type", "the body must be JSON")
            .hint("send `Content-Type: application/json`")
            .status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let held = read_body(&parts.headers, body, door, door.limits.body_bytes).await?;
    let once = Once::of(&parts.method, &parts.uri, &parts.headers, &held.bytes)?;
    Ok((held, once))
}

fn is_json(media: &str) -> bool {
    let essence = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

pub(super) fn refuse_encoded(headers: &HeaderMap) -> Result<(), Failure> {
    match headers.get(CONTENT_ENCODING) {
        Some(value) if value != "identity" => Err(Failure::invalid("content_encoding", "an encoded body is not taken here")
            .hint("send the body as it is")
            .status(StatusCode::UNSUPPORTED_MEDIA_TYPE)),
        _ => Ok(()),
    }
}

/// Reads a body whole: at most `limit` bytes, within the request's time, counted against the server's room for bodies.
pub(crate) async fn read_body(headers: &HeaderMap, body: Body, door: &Door, limit: usize) -> Result<Held, Failure> {
    // What is too long by its own word is refused before it is sent.
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(too_large(limit));
    }
    tokio::time::timeout(door.limits.request_timeout, collect(body, door, limit)).await.unwrap_or_else(|_| {
        Err(Failure::new(ErrorKind::Unavailable, "body_timeout", "the body took too long to arrive").status(StatusCode::REQUEST_TIMEOUT))
    })
}

async fn collect(mut body: Body, door: &Door, limit: usize) -> Result<Held, Failure> {
    let mut room = Vec::new();
    let mut roomy = 0;
    let mut first = Bytes::new();
    let mut data = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Failure::invalid("body_truncated", "the body ended before its time").hint("send it again, whole"))?;
        let Ok(chunk) = frame.into_data() else { continue };
        let total = first.len() + data.len() + chunk.len();
        if total > limit {
            return Err(too_large(limit));
        }
        if total > roomy {
            // In steps that grow, so that a long body takes few of them.
            let step = (total - roomy).max(roomy.min(8 << 20)).max(16 << 10).min(limit.saturating_sub(roomy).max(1));
            room.push(door.hold(step)?);
            roomy += step;
        }
        // A body in one piece, which is the common case, is not copied.
        if first.is_empty() && data.is_empty() {
            first = chunk;
        } else {
            if data.is_empty() {
                data.extend_from_slice(&std::mem::take(&mut first));
            }
            data.extend_from_slice(&chunk);
        }
    }
    let bytes = if data.is_empty() { first } else { data.freeze() };
    Ok(Held { bytes, _room: room })
}

fn too_large(limit: usize) -> Failure {
    Failure::new(ErrorKind::Limit, "body_too_large", format!("the body is over {limit} bytes"))
}

fn parse<T: DeserializeOwned>(bytes: &[u8], depth: usize) -> Result<T, Failure> {
    if deeper_than(bytes, depth) {
        return Err(Failure::invalid("json_too_deep", format!("the body nests deeper than {depth}")));
    }
    let value = serde_json::from_slice(bytes).map_err(|error| {
        let code = match error.classify() {
            serde_json::error::Category::Data => "json_shape",
            _ => "json_invalid",
        };
        // The parser quotes what it met; control characters in it never reach a terminal.
        let message: String = error.to_string().chars().map(|ch| if ch.is_control() { '\u{fffd}' } else { ch }).take(500).collect();
        Failure::invalid(code, format!("the body can't be read: {message}")).hint("GET /v1/openapi.json describes it")
    })?;
    // The parser would take a list of an object's values for the object.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(Failure::invalid("json_shape", "the body must be a JSON object").hint("GET /v1/openapi.json describes it"));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use acetate_engine::api::{MoveFile, Submit};

    fn check<T: DeserializeOwned>(text: &str, expect: Option<&str>) {
        let code = parse::<T>(text.as_bytes(), 8).err().map(|failure| {
            assert_eq!(failure.status_code(), StatusCode::BAD_REQUEST);
            failure.problem().code.clone()
        });
        assert_eq!(code.as_deref(), expect, "{text}");
    }

    #[test]
    fn wrong_bodies_are_told_apart() {
        check::<Submit>("{}", None);
        check::<Submit>(r#"{"message":"m"}"#, None);
        check::<Submit>(r#"{"dry_run":"yes"}"#, Some("json_shape"));
        check::<Submit>(r#"{"unknown":1}"#, Some("json_shape"));
        check::<Submit>(r#"{"message":"m""#, Some("json_invalid"));
        check::<Submit>("{} {}", Some("json_invalid"));
        check::<Submit>("", Some("json_invalid"));
        check::<Submit>(&"[".repeat(100_000), Some("json_too_deep"));
        check::<Submit>(r#"["m"]"#, Some("json_shape"));
        check::<MoveFile>(r#" ["a","b"]"#, Some("json_shape"));
        check::<Nothing>("[]", Some("json_shape"));
        check::<Nothing>(" {}", None);
        check::<MoveFile>(r#"{"from":{"base64":"/w=="},"to":"a"}"#, None);
        check::<MoveFile>(r#"{"from":"../a","to":"a"}"#, Some("json_shape"));
        check::<MoveFile>(r#"{"from":".git/config","to":"a"}"#, Some("json_shape"));
    }

    #[test]
    fn media_types_of_json() {
        for (media, expect) in [
            ("application/json", true),
            ("application/json; charset=utf-8", true),
            ("Application/JSON", true),
            ("application/vnd.x+json", true),
            ("text/plain", false),
            ("application/x-www-form-urlencoded", false),
        ] {
            assert_eq!(is_json(media), expect, "{media}");
        }
    }
}
