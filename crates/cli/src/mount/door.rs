//! The daemon's side: its mounts, as long as it serves.

use crate::client::Failure;
use acetate_engine::Engine;
use acetate_mount::{Mounts, socket_beside};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

/// The daemon's mounts; none where this machine has no FUSE.
pub struct Folders(Option<Arc<Mounts>>);

impl Folders {
    /// Whether anything is mounted.
    pub fn any(&self) -> bool {
        self.0.as_ref().is_some_and(|mounts| mounts.any())
    }

    /// Another handle.
    pub fn another(&self) -> Self {
        Self(self.0.clone())
    }

    /// Unmounts everything; the last handle.
    pub fn close(self) {
        if let Some(mounts) = self.0.and_then(Arc::into_inner) {
            mounts.close();
        }
    }
}

/// Takes requests for mounts beside the daemon's socket.
///
/// # Errors
/// When that socket can't be made.
pub fn serve_mounts(engine: &Engine, socket: &Path, state: &Path) -> Result<Folders, Failure> {
    if !Path::new("/dev/fuse").exists() {
        return Ok(Folders(None));
    }
    let guard = || {
        let mut command = Command::new(std::env::current_exe().ok()?);
        command.arg("mount-guard").current_dir("/");
        Some(command)
    };
    let mounts = Mounts::listen(engine.clone(), socket_beside(socket), state.join("scratch"), guard)?;
    Ok(Folders(Some(Arc::new(mounts))))
}
