//! What `doctor` looks at without the daemon: git, the disk, the socket.

use std::io::Write as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// The oldest git that will do.
pub const GIT: (u32, u32) = (2, 39);

/// The version that `git --version` names.
pub fn git_version() -> Option<String> {
    let output = Command::new("git").arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim().strip_prefix("git version ").unwrap_or(&text).to_owned())
}

/// Major and minor of a version such as `2.39.5 (Apple Git-154)`.
pub fn version_of(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split('.').map(|part| part.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

/// Bytes free for the caller on the disk that holds this folder.
pub fn free_bytes(folder: &Path) -> std::io::Result<u64> {
    let found = rustix::fs::statvfs(folder)?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}

/// The middle of five synced appends in this folder.
pub fn sync_time(folder: &Path) -> std::io::Result<Duration> {
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    let mut times = Vec::new();
    for _ in 0..5 {
        let from = Instant::now();
        file.write_all(&[0; 512])?;
        file.as_file().sync_data()?;
        times.push(from.elapsed());
    }
    times.sort();
    Ok(times.get(times.len() / 2).copied().unwrap_or_default())
}

/// What is wrong with who may reach the socket; `None` when nothing is.
pub fn socket_fault(socket: &Path, user: u32) -> std::io::Result<Option<String>> {
    let found = socket.symlink_metadata()?;
    let folder = socket.parent().unwrap_or(socket).metadata()?;
    Ok(if !found.file_type().is_socket() {
        Some("it is no socket".to_owned())
    } else if found.uid() != user || folder.uid() != user {
        Some("it belongs to another user".to_owned())
    } else if found.mode() & 0o077 != 0 {
        Some(format!("its mode is {:04o}, and should be 0600", found.mode() & 0o7777))
    } else if folder.mode() & 0o077 != 0 {
        Some(format!("its folder's mode is {:04o}, and should be 0700", folder.mode() & 0o7777))
    } else {
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_all_makers_are_read() {
        for (text, expect) in [
            ("2.47.3", Some((2, 47))),
            ("2.39.5 (Apple Git-154)", Some((2, 39))),
            ("2.45.GIT", Some((2, 45))),
            ("3.0", Some((3, 0))),
            ("two", None),
            ("2", None),
        ] {
            assert_eq!(version_of(text), expect, "{text}");
        }
        assert!(version_of("2.9.1").is_some_and(|version| version < GIT));
    }

    #[test]
    fn the_disk_answers() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(free_bytes(folder.path()).expect("an answer") > 0);
        assert!(sync_time(folder.path()).is_ok());
        assert!(sync_time(&folder.path().join("absent")).is_err());
        assert!(std::fs::read_dir(folder.path()).expect("a listing").next().is_none(), "nothing is left behind");
    }

    #[test]
    fn an_open_socket_is_a_fault() {
        use std::os::unix::fs::PermissionsExt as _;
        let outer = tempfile::tempdir().expect("a folder");
        std::fs::set_permissions(outer.path(), std::fs::Permissions::from_mode(0o700)).expect("closed");
        let socket = outer.path().join("s");
        let user = rustix::process::geteuid().as_raw();
        let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("bound");
        let mode = |mode| std::fs::set_permissions(&socket, std::fs::Permissions::from_mode(mode)).expect("set");
        mode(0o600);
        assert_eq!(socket_fault(&socket, user).expect("an answer"), None);
        assert!(socket_fault(&socket, user.wrapping_add(1)).expect("an answer").is_some());
        mode(0o666);
        assert!(socket_fault(&socket, user).expect("an answer").is_some());
        mode(0o600);
        std::fs::set_permissions(outer.path(), std::fs::Permissions::from_mode(0o750)).expect("opened");
        assert!(socket_fault(&socket, user).expect("an answer").is_some());
        assert!(socket_fault(&outer.path().join("absent"), user).is_err());
    }
}
