//! A Git bundle as an answer, streamed from its temporary file.

use acetate_engine::BundleFile;
use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use std::io::Read as _;

/// Bytes that are read at a time.
const CHUNK: usize = 128 << 10;

/// The bundle; its file goes when the answer has been sent or broken off.
pub(crate) fn bundle_response(bundle: BundleFile) -> Response {
    let bytes = bundle.bytes;
    let body = futures::stream::unfold(Some(bundle), |bundle| async move {
        let mut bundle = bundle?;
        let read = tokio::task::spawn_blocking(move || {
            let mut chunk = vec![0; CHUNK];
            let read = bundle.file.read(&mut chunk);
            read.map(|length| {
                chunk.truncate(length);
                (Bytes::from(chunk), bundle)
            })
        });
        match read.await {
            Ok(Ok((chunk, _))) if chunk.is_empty() => None,
            Ok(Ok((chunk, bundle))) => Some((Ok(chunk), Some(bundle))),
            Ok(Err(error)) => Some((Err(error), None)),
            Err(error) => Some((Err(std::io::Error::other(error)), None)),
        }
    });
    let mut response = Body::from_stream(body).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-git-bundle"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes));
    response
}
