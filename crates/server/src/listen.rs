//! Where the server listens: a Unix socket that nobody else may open, and TCP that stays on this machine unless told otherwise.

use crate::server::ServeError;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt as _, FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use tokio::net::{TcpListener, UnixListener, UnixStream};

/// A Unix socket being listened at; its file goes with it.
#[derive(Debug)]
pub(crate) struct UnixSocket {
    pub(crate) listener: UnixListener,
    pub(crate) path: PathBuf,
    /// Device and inode, so that a successor's socket is never removed.
    identity: (u64, u64),
}

impl UnixSocket {
    /// Listens at `path`. The socket has mode 0600 from its first moment: it is made in a private folder and moved into place. A
    /// socket that nobody answers is replaced; the folder is made with mode 0700 if it is missing.
    ///
    /// # Errors
    /// A server that answers there already, something that is no socket, a folder in which others could replace it, disk errors.
    pub(crate) async fn bind(path: &Path) -> Result<Self, ServeError> {
        let failed = |source| ServeError::Unix { path: path.to_owned(), source };
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        private_folder(parent).map_err(failed)?;
        match path.symlink_metadata() {
            Ok(found) if !found.file_type().is_socket() => return Err(ServeError::NotASocket(path.to_owned())),
            Ok(_) if UnixStream::connect(path).await.is_ok() => return Err(ServeError::InUse(path.to_owned())),
            _ => {}
        }
        // Not beside the socket: the address of a Unix socket is short, and a folder's name on top could be too much.
        let nursery = tempfile::Builder::new().prefix(".s").rand_bytes(3).tempdir_in(parent).map_err(failed)?;
        std::fs::set_permissions(nursery.path(), std::fs::Permissions::from_mode(0o700)).map_err(failed)?;
        let born = nursery.path().join("s");
        let listener = UnixListener::bind(&born).map_err(failed)?;
        std::fs::set_permissions(&born, std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
        let found = born.symlink_metadata().map_err(failed)?;
        std::fs::rename(&born, path).map_err(failed)?;
        Ok(Self { listener, path: path.to_owned(), identity: (found.dev(), found.ino()) })
    }
}

impl Drop for UnixSocket {
    fn drop(&mut self) {
        if self.path.symlink_metadata().is_ok_and(|found| (found.dev(), found.ino()) == self.identity) {
            // Whoever finds a stale socket finds nobody there, so failing here harms nobody.
            drop(std::fs::remove_file(&self.path));
        }
    }
}

/// Makes a folder that only its owner can enter, or checks that nobody else can replace what is in it.
fn private_folder(path: &Path) -> std::io::Result<()> {
    match path.metadata() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return std::fs::DirBuilder::new().mode(0o700).recursive(true).create(path);
        }
        found => {
            let found = found?;
            let sticky = found.mode() & 0o1000 != 0;
            let ours = found.uid() == rustix::process::geteuid().as_raw();
            let private = ours && found.mode() & 0o022 == 0;
            if !(private || sticky) {
                return Err(std::io::Error::new(
                    std::io::ErrorKind::PermissionDenied,
                    format!("others can write to {}; a socket there could be replaced", path.display()),
                ));
            }
        }
    }
    Ok(())
}

/// Listens on TCP.
///
/// # Errors
/// An address that is not loopback without `allow_remote`, or that can't be had.
pub(crate) async fn bind_tcp(address: SocketAddr, allow_remote: bool) -> Result<TcpListener, ServeError> {
    if !address.ip().is_loopback() && !allow_remote {
        return Err(ServeError::Remote(address));
    }
    TcpListener::bind(address).await.map_err(|source| ServeError::Tcp { address, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_socket_is_private_and_replaces_only_a_stale_one() {
        let temp = tempfile::tempdir().expect("a folder");
        let path = temp.path().join("state/door.sock");
        let first = UnixSocket::bind(&path).await.expect("bound");
        assert_eq!(path.metadata().expect("there").mode() & 0o777, 0o600);
        assert_eq!(path.parent().expect("a folder").metadata().expect("there").mode() & 0o777, 0o700);
        assert_eq!(std::fs::read_dir(path.parent().expect("a folder")).expect("listed").count(), 1, "nothing else is left there");
        assert!(matches!(UnixSocket::bind(&path).await, Err(ServeError::InUse(_))));
        // A stale socket: its file is there, nobody listens.
        std::fs::rename(&path, temp.path().join("aside")).expect("moved");
        drop(first);
        std::fs::rename(temp.path().join("aside"), &path).expect("moved back");
        let second = UnixSocket::bind(&path).await.expect("replaced");
        UnixStream::connect(&path).await.expect("answers");
        drop(second);
        assert!(!path.exists());
        std::fs::write(&path, "a file").expect("written");
        assert!(matches!(UnixSocket::bind(&path).await, Err(ServeError::NotASocket(_))));
    }

    #[tokio::test]
    async fn a_folder_that_others_can_write_to_is_refused() {
        let temp = tempfile::tempdir().expect("a folder");
        let open = temp.path().join("open");
        std::fs::create_dir(&open).expect("made");
        std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o777)).expect("opened");
        assert!(matches!(UnixSocket::bind(&open.join("s")).await, Err(ServeError::Unix { .. })));
        std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o1777)).expect("opened");
        UnixSocket::bind(&open.join("s")).await.expect("a sticky folder protects its files");
    }

    #[tokio::test]
    async fn addresses_off_this_machine_need_a_word() {
        let anywhere: SocketAddr = "0.0.0.0:0".parse().expect("an address");
        assert!(matches!(bind_tcp(anywhere, false).await, Err(ServeError::Remote(_))));
        bind_tcp(anywhere, true).await.expect("allowed");
        bind_tcp("127.0.0.1:0".parse().expect("an address"), false).await.expect("loopback");
    }
}
