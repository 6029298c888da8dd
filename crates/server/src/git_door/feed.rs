//! What a client asks of `upload-pack`, on its way into the process: decoded piece by piece, counted until the last byte is gone.

use super::inflate::{Decoded, Encoding};
use crate::input::Held;
use crate::problem::Failure;
use tokio::io::AsyncWriteExt as _;
use tokio::process::ChildStdin;

/// A request as it came, with its place in the server's room for bodies.
pub(super) struct Asked {
    body: Decoded,
    _held: Option<Held>,
}

impl Asked {
    /// A request of at most `limit` bytes once decoded.
    pub(super) fn new(held: Held, encoding: Encoding, limit: usize) -> Self {
        Self { body: Decoded::new(held.bytes.clone(), encoding, limit), _held: Some(held) }
    }

    /// The same without a server around it.
    #[cfg(test)]
    pub(super) fn bare(body: bytes::Bytes, encoding: Encoding, limit: usize) -> Self {
        Self { body: Decoded::new(body, encoding, limit), _held: None }
    }
}

/// Feeds a request to the process, at the pace at which it reads; without one the process meets an end at once. Fails where the request
/// can't be decoded, after which the process finds it cut off.
pub(super) async fn feed(mut stdin: ChildStdin, asked: Option<Asked>) -> Result<(), Failure> {
    let Some(mut asked) = asked else { return Ok(()) };
    while let Some(piece) = asked.body.next()? {
        if stdin.write_all(&piece).await.is_err() {
            // A git that reads no further has said why to standard error.
            return Ok(());
        }
    }
    Ok(())
}
