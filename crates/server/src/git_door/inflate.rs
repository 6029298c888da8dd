//! Compressed requests: Git clients gzip long negotiations.

use crate::problem::Failure;
use acetate_types::ErrorKind;
use axum::http::header::CONTENT_ENCODING;
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use std::io::Read as _;

/// How a request's body is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// As it is.
    Plain,
    /// Gzip.
    Gzip,
}

impl Encoding {
    /// The encoding that a request names; others than gzip are refused.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Failure> {
        match headers.get(CONTENT_ENCODING).map(|value| value.as_bytes().to_ascii_lowercase()).as_deref() {
            None | Some(b"identity") => Ok(Self::Plain),
            Some(b"gzip" | b"x-gzip") => Ok(Self::Gzip),
            Some(_) => {
                Err(Failure::invalid("content_encoding", "the body may be plain or gzip").status(StatusCode::UNSUPPORTED_MEDIA_TYPE))
            }
        }
    }
}

/// A gzip body as it was, at most `limit` bytes of it. Blocking: work for the processor.
pub(super) fn inflated(body: &[u8], limit: usize) -> Result<Bytes, Failure> {
    let mut out = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    MultiGzDecoder::new(body)
        .take(most)
        .read_to_end(&mut out)
        .map_err(|_| Failure::invalid("content_encoding", "the body is no gzip, or a damaged one"))?;
    if out.len() > limit {
        return Err(Failure::new(ErrorKind::Limit, "body_too_large", format!("the body is over {limit} bytes once inflated")));
    }
    Ok(out.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write as _;

    fn gzip(data: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(data).expect("compressed");
        encoder.finish().expect("compressed")
    }

    #[test]
    fn inflating_is_bounded() {
        let data = vec![0; 10 << 20];
        let small = gzip(&data);
        assert!(small.len() < 20 << 10);
        assert_eq!(inflated(&small, data.len()).expect("within"), &data[..]);
        assert_eq!(inflated(&small, data.len() - 1).expect_err("refused").problem().code, "body_too_large");
        for bad in [&small[..small.len() / 2], b"plain text", b""] {
            assert_eq!(inflated(bad, 1 << 30).expect_err("refused").problem().code, "content_encoding");
        }
    }
}
