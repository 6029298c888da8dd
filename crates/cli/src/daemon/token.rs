//! The token that the store's owner uses on loopback TCP, kept in a file only the owner can read.

use crate::client::Failure;
use acetate_engine::Engine;
use acetate_engine::api::{CreateToken, Right};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The file with the token: the one there if the engine still knows it, else a new one.
///
/// # Errors
/// Disk errors, and those of making a token.
pub fn ensure(engine: &Engine, state: &Path) -> Result<PathBuf, Failure> {
    let path = state.join("token");
    if let Ok(text) = std::fs::read_to_string(&path)
        && engine.authorize(text.trim()).is_ok()
    {
        return Ok(path);
    }
    let create = CreateToken {
        workspace: None,
        rights: vec![Right::Read, Right::Write, Right::Land, Right::Admin],
        label: Some("owner on this machine".to_owned()),
        ttl: None,
    };
    let token = engine.create_token(&engine.owner(), &create)?.token;
    // A temporary file is made with 0600 and keeps it.
    let mut file = tempfile::NamedTempFile::new_in(state)?;
    writeln!(file, "{token}")?;
    file.persist(&path).map_err(|error| error.error)?;
    Ok(path)
}
