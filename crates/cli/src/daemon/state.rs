//! What the daemon leaves beside the store so that commands find it: `daemon.json`, the socket, the log.

use crate::client::Failure;
use serde::{Deserialize, Serialize};
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// The socket's name.
const SOCKET: &str = "acetate.sock";
/// The log's name.
pub const LOG: &str = "daemon.log";
const FILE: &str = "daemon.json";
/// A Unix socket's address holds 108 bytes on Linux and 104 elsewhere.
const SOCKET_BYTES: usize = 100;

/// Where a daemon is to be found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DaemonFile {
    /// Its process id; a hint, the socket's peer is the truth.
    pub pid: u32,
    /// Its socket.
    pub socket: PathBuf,
    /// Its HTTP address on TCP, without a slash at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<String>,
    /// Its version.
    pub version: String,
}

impl DaemonFile {
    /// Reads it; `None` if there is none or it can't be read.
    pub fn read(state: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(state.join(FILE)).ok()?).ok()
    }

    /// Writes it in one step.
    ///
    /// # Errors
    /// Disk errors.
    pub fn write(&self, state: &Path) -> Result<(), Failure> {
        let mut file = tempfile::NamedTempFile::new_in(state)?;
        let text = serde_json::to_vec_pretty(self).map_err(|error| Failure::unexpected(error.to_string()))?;
        file.write_all(&text)?;
        file.persist(state.join(FILE)).map_err(|error| error.error)?;
        Ok(())
    }

    /// Removes it, if it is still about this process.
    pub fn remove(state: &Path, pid: u32) {
        if Self::read(state).is_some_and(|file| file.pid == pid) {
            // Whoever finds a stale file finds nobody at its socket, so failing here harms nobody.
            drop(std::fs::remove_file(state.join(FILE)));
        }
    }
}

/// Makes a folder that only its owner can enter, or checks that it is one.
///
/// # Errors
/// When it can't be made or belongs to somebody else.
pub fn private_dir(path: &Path) -> Result<(), Failure> {
    match std::fs::DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => return Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(Failure::file(path, &error)),
    }
    let found = path.symlink_metadata()?;
    if !found.is_dir() || found.uid() != rustix::process::geteuid().as_raw() {
        return Err(Failure::unexpected(format!("{} is not a folder of yours", path.display())));
    }
    if found.mode() & 0o077 != 0 {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Where the socket goes: beside the store, or where that address would be too long in a private folder elsewhere.
pub fn socket_path(state: &Path, runtime_dir: Option<&Path>, temp_dir: &Path, user: u32) -> PathBuf {
    let beside = state.join(SOCKET);
    if beside.as_os_str().len() <= SOCKET_BYTES {
        return beside;
    }
    // The name tells stores apart; it needs no secrecy, the folder is private. FNV-1a.
    let name = state
        .as_os_str()
        .as_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    let folder = match runtime_dir {
        Some(runtime) if runtime.is_absolute() && runtime.as_os_str().len() < 60 => runtime.join("acetate"),
        _ => temp_dir.join(format!("acetate-{user}")),
    };
    folder.join(format!("{name:016x}.sock"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_addresses_move_elsewhere_and_stay_apart() {
        let temp = Path::new("/temp");
        assert_eq!(socket_path(Path::new("/r/acetate"), None, temp, 7), Path::new("/r/acetate/acetate.sock"));
        let (one, other) = (PathBuf::from(format!("/{}/a", "x".repeat(120))), PathBuf::from(format!("/{}/b", "x".repeat(120))));
        let run = Path::new("/run/user/7");
        assert_ne!(socket_path(&one, Some(run), temp, 7), socket_path(&other, Some(run), temp, 7));
        assert!(socket_path(&one, Some(run), temp, 7).starts_with("/run/user/7/acetate"));
        assert!(socket_path(&one, None, temp, 7).starts_with("/temp/acetate-7"));
        assert!(socket_path(&one, Some(Path::new("relative")), temp, 7).as_os_str().len() <= SOCKET_BYTES);
    }

    #[test]
    fn the_file_is_found_again_and_removed_only_by_its_own() {
        let state = tempfile::tempdir().expect("a folder");
        assert_eq!(DaemonFile::read(state.path()), None);
        let file = DaemonFile { pid: 42, socket: "/x.sock".into(), http: Some("http://127.0.0.1:1".into()), version: "1".into() };
        file.write(state.path()).expect("written");
        assert_eq!(DaemonFile::read(state.path()), Some(file));
        DaemonFile::remove(state.path(), 41);
        assert!(DaemonFile::read(state.path()).is_some());
        DaemonFile::remove(state.path(), 42);
        assert_eq!(DaemonFile::read(state.path()), None);
    }

    #[test]
    fn a_private_folder_is_closed_to_others() {
        let outer = tempfile::tempdir().expect("a folder");
        let path = outer.path().join("state");
        std::fs::create_dir(&path).expect("made");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("opened");
        private_dir(&path).expect("closed");
        assert_eq!(path.metadata().expect("there").mode() & 0o777, 0o700);
        let file = outer.path().join("file");
        std::fs::write(&file, "").expect("written");
        assert!(private_dir(&file).is_err());
    }
}
