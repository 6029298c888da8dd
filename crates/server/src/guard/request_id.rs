//! `X-Request-Id`: the name that a request goes by in answers and in the log. A caller's own is kept, if it is plain and short.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

const NAME: &str = "x-request-id";
/// The longest id that is taken from a caller.
const LONGEST: usize = 128;

static COUNT: AtomicU64 = AtomicU64::new(0);

/// Names the request, and has the answer say the name.
pub(super) async fn named(request: Request, next: Next) -> Response {
    let id = given(request.headers()).unwrap_or_else(made);
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let mut response = next.run(request).await;
    if response.status().is_server_error() {
        tracing::warn!(request = ?id, %method, path, status = response.status().as_u16(), "a request failed");
    }
    response.headers_mut().insert(NAME, id);
    response
}

/// The caller's id, if it is one that a log may show.
fn given(headers: &HeaderMap) -> Option<HeaderValue> {
    let id = headers.get(NAME)?;
    let plain = id.as_bytes().iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/".contains(byte));
    (plain && !id.is_empty() && id.len() <= LONGEST).then(|| id.clone())
}

/// An id that no other request of this machine has: it tells requests apart and need not be hard to guess.
fn made() -> HeaderValue {
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let at = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    let text = format!("r-{at:x}-{:x}-{count:x}", std::process::id());
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("r"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_ids_are_kept() {
        let check = |text: &'static str, expect: bool| {
            let mut headers = HeaderMap::new();
            headers.insert(NAME, HeaderValue::from_static(text));
            assert_eq!(given(&headers).is_some(), expect, "{text}");
        };
        check("abc-1", true);
        check("0af7651916cd43dd8448eb211c80319c/1", true);
        check("", false);
        check("a b", false);
        check("<script>", false);
        assert_ne!(made(), made());
    }
}
