//! A file as an answer: raw bytes, revision, mode, ranges.

use crate::input::{Ranged, if_none_match, quoted, range};
use crate::problem::Failure;
use acetate_engine::FileStat;
use acetate_engine::api::FileContent;
use acetate_types::{ErrorKind, FileMode};
use axum::body::Body;
use axum::http::header::{ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

/// The whole file, the range that was asked for, or 304 when the caller has this revision.
pub(crate) fn file_response(asked: &HeaderMap, file: FileContent) -> Response {
    if if_none_match(asked, &file.etag) {
        return not_modified(&file.etag, Some(file.mode));
    }
    let bytes = file.content.0;
    let mut response = match range(asked, bytes.len(), &file.etag) {
        Ranged::Whole => bytes.into_response(),
        Ranged::Part(part) => {
            let shown = format!("bytes {}-{}/{}", part.start, part.end.saturating_sub(1), bytes.len());
            let mut response = (StatusCode::PARTIAL_CONTENT, bytes.slice(part)).into_response();
            if let Ok(value) = HeaderValue::from_str(&shown) {
                response.headers_mut().insert(CONTENT_RANGE, value);
            }
            response
        }
        Ranged::Unsatisfiable => {
            return unsatisfiable(bytes.len() as u64);
        }
    };
    describe(response.headers_mut(), &file.etag, Some(file.mode));
    response
}

/// What `HEAD` answers: the headers of the file without it. The length is left out where finding it would mean reading the file.
pub(crate) fn head_response(asked: &HeaderMap, stat: &FileStat) -> Response {
    let etag = stat.etag.as_deref().unwrap_or_default();
    if !etag.is_empty() && if_none_match(asked, etag) {
        return not_modified(etag, stat.info.mode);
    }
    // A body of unknown length, so that no length is made up; its bytes are never sent.
    let mut response = Response::new(Body::from_stream(futures::stream::empty::<Result<bytes::Bytes, std::convert::Infallible>>()));
    if let Some(size) = stat.info.size {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(size));
    }
    describe(response.headers_mut(), etag, stat.info.mode);
    response
}

/// The answer to a range that the file does not have.
pub(crate) fn unsatisfiable(size: u64) -> Response {
    let failure = Failure::new(ErrorKind::Invalid, "range_unsatisfiable", format!("the file has {size} bytes"));
    let mut response = failure.status(StatusCode::RANGE_NOT_SATISFIABLE).into_response();
    if let Ok(value) = HeaderValue::from_str(&format!("bytes */{size}")) {
        response.headers_mut().insert(CONTENT_RANGE, value);
    }
    response
}

/// 304 for this revision.
pub(crate) fn not_modified(etag: &str, mode: Option<FileMode>) -> Response {
    let mut response = StatusCode::NOT_MODIFIED.into_response();
    describe(response.headers_mut(), etag, mode);
    response.headers_mut().remove(CONTENT_TYPE);
    response
}

pub(crate) fn describe(headers: &mut HeaderMap, etag: &str, mode: Option<FileMode>) {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if let Some(etag) = quoted(etag).filter(|_| !etag.is_empty()) {
        headers.insert(ETAG, etag);
    }
    if let Some(mode) = mode {
        headers.insert("acetate-mode", HeaderValue::from_static(mode.as_str()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::header::{IF_NONE_MATCH, RANGE};

    async fn check(asked: &[(axum::http::HeaderName, &str)], status: u16, body: &[u8], shown: Option<&str>) {
        let mut headers = HeaderMap::new();
        for (name, value) in asked {
            headers.insert(name, HeaderValue::from_str(value).expect("a header"));
        }
        let file = FileContent {
            path: "a".parse().expect("a path"),
            mode: FileMode::Executable,
            etag: "e1".into(),
            content: bytes::Bytes::from_static(b"0123456789").into(),
        };
        let response = file_response(&headers, file);
        assert_eq!(response.status().as_u16(), status, "{asked:?}");
        assert_eq!(response.headers().get(CONTENT_RANGE).map(|value| value.to_str().expect("text")), shown);
        if status != 416 {
            assert_eq!(response.headers()[ETAG], "\"e1\"");
            assert_eq!(response.headers()["acetate-mode"], "100755");
            let found = axum::body::to_bytes(response.into_body(), 1 << 16).await.expect("a body");
            assert_eq!(&found[..], body);
        }
    }

    #[tokio::test]
    async fn files_ranges_and_conditions() {
        check(&[], 200, b"0123456789", None).await;
        check(&[(RANGE, "bytes=2-4")], 206, b"234", Some("bytes 2-4/10")).await;
        check(&[(RANGE, "bytes=-2")], 206, b"89", Some("bytes 8-9/10")).await;
        check(&[(RANGE, "bytes=10-")], 416, b"", Some("bytes */10")).await;
        check(&[(IF_NONE_MATCH, "\"e1\"")], 304, b"", None).await;
        check(&[(IF_NONE_MATCH, "\"e2\"")], 200, b"0123456789", None).await;
        // The condition counts before the range.
        check(&[(IF_NONE_MATCH, "\"e1\""), (RANGE, "bytes=0-1")], 304, b"", None).await;
    }
}
