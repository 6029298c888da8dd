//! Compressed requests: Git clients gzip long negotiations.

use crate::problem::Failure;
use acetate_types::ErrorKind;
use axum::http::header::CONTENT_ENCODING;
use axum::http::{HeaderMap, StatusCode};
use bytes::buf::Reader;
use bytes::{Buf as _, Bytes};
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

/// Bytes that are inflated at a time.
const PIECE: usize = 64 << 10;

/// A body as it was before it was encoded, in pieces: what is inflated is never held whole, for a few bytes of gzip can stand for very many.
pub(super) struct Decoded {
    source: Source,
    /// Bytes that may still come.
    left: usize,
    limit: usize,
}

enum Source {
    Plain(Bytes),
    Gzip(Box<MultiGzDecoder<Reader<Bytes>>>),
}

impl Decoded {
    /// A body that may have `limit` bytes once decoded.
    pub(super) fn new(body: Bytes, encoding: Encoding, limit: usize) -> Self {
        let source = match encoding {
            Encoding::Plain => Source::Plain(body),
            Encoding::Gzip => Source::Gzip(Box::new(MultiGzDecoder::new(body.reader()))),
        };
        Self { source, left: limit, limit }
    }

    /// The next piece, `None` at a good end. A piece of gzip takes the processor for less than a millisecond.
    pub(super) fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        let piece = match &mut self.source {
            Source::Plain(body) => std::mem::take(body),
            Source::Gzip(decoder) => {
                let mut piece = Vec::with_capacity(PIECE);
                decoder
                    .take(PIECE as u64)
                    .read_to_end(&mut piece)
                    .map_err(|_| Failure::invalid("content_encoding", "the body is no gzip, or a damaged one"))?;
                piece.into()
            }
        };
        self.left = self.left.checked_sub(piece.len()).ok_or_else(|| {
            Failure::new(ErrorKind::Limit, "body_too_large", format!("the body is over {} bytes once inflated", self.limit))
        })?;
        Ok((!piece.is_empty()).then_some(piece))
    }
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

    /// All pieces, none of them long.
    fn decoded(body: &[u8], encoding: Encoding, limit: usize) -> Result<Vec<u8>, String> {
        let mut decoded = Decoded::new(Bytes::copy_from_slice(body), encoding, limit);
        let mut all = Vec::new();
        while let Some(piece) = decoded.next().map_err(|failure| failure.problem().code.to_string())? {
            assert!(piece.len() <= PIECE);
            all.extend_from_slice(&piece);
        }
        Ok(all)
    }

    #[test]
    fn inflating_is_bounded() {
        let data = vec![0; 10 << 20];
        let small = gzip(&data);
        assert!(small.len() < 20 << 10);
        assert_eq!(decoded(&small, Encoding::Gzip, data.len()).expect("within"), data);
        assert_eq!(decoded(&small, Encoding::Gzip, data.len() - 1), Err("body_too_large".into()));
        assert_eq!(decoded(b"abc", Encoding::Plain, 3).expect("within"), b"abc");
        assert_eq!(decoded(b"abc", Encoding::Plain, 2), Err("body_too_large".into()));
        for bad in [&small[..small.len() / 2], b"plain text", b""] {
            assert_eq!(decoded(bad, Encoding::Gzip, 1 << 30), Err("content_encoding".into()));
        }
    }
}
