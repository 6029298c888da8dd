//! The FUSE device: mounting it on a folder, and taking it away again. Called by whoever wants the folder, in their namespace and with
//! their rights; the descriptor goes to the daemon.
//!
//! With the right to mount, or in a user namespace, the kernel is asked directly; else `fusermount3` is.

use rustix::fd::{AsFd, AsRawFd, OwnedFd};
use rustix::fs::{Mode, OFlags};
use rustix::io::{Errno, FdFlags};
use rustix::mount::{MountFlags, UnmountFlags};
use rustix::net::{AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SocketFlags, SocketType};
use std::ffi::CString;
use std::io;
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Why a folder can't be mounted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceError {
    /// The kernel has no FUSE, or hides it.
    #[error("/dev/fuse can't be opened: {0}")]
    Device(io::Error),
    /// The kernel says no.
    #[error("{} can't be mounted: {source}", .path.display())]
    Mount {
        /// The folder.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
    /// Neither may this user mount, nor is there a `fusermount3`.
    #[error("mounting needs `fusermount3`, which is not here")]
    Helper,
    /// `fusermount3` says no.
    #[error("fusermount3: {0}")]
    Refused(String),
    /// It can't be taken away.
    #[error("{} can't be unmounted: {source}", .path.display())]
    Unmount {
        /// The folder.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
}

impl DeviceError {
    /// What helps.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Device(error) if error.kind() == io::ErrorKind::NotFound => {
                "load FUSE (`modprobe fuse`); a container needs `--device /dev/fuse`; `acetate checkout` makes do without"
            }
            Self::Device(_) => "most systems let everybody open it: `chmod 666 /dev/fuse` as root does so until the next start",
            Self::Mount { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
                "a container needs `--device /dev/fuse --cap-add SYS_ADMIN`, often `--security-opt apparmor=unconfined` too; \
                 a user namespace needs mounts of its own (`unshare -Urm`); `acetate checkout` makes do without"
            }
            Self::Mount { .. } => "`dmesg` may say more",
            Self::Unmount { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => "whoever mounted it can unmount it",
            Self::Unmount { .. } => "end what works in it, or leave the folder yourself; --lazy takes it away all the same",
            Self::Helper => "install fuse3 (`apt install fuse3`), or mount as root",
            Self::Refused(said) if said.contains("mount_max") => "unmount some, or raise `mount_max` in /etc/fuse.conf",
            Self::Refused(said) if said.contains("mountpoint") => "name a folder that is yours",
            Self::Refused(_) => {
                "`fusermount3` has to run with root's rights: a container must not forbid setuid programs; or mount as root, \
                 or in a user namespace of your own (`unshare -Urm`); `acetate checkout` makes do without"
            }
        }
    }
}

/// What a helper said, without its name before it.
fn refused(said: &[u8]) -> DeviceError {
    let said = String::from_utf8_lossy(said);
    let said = said.trim();
    DeviceError::Refused(HELPERS.iter().find_map(|name| said.strip_prefix(name)?.strip_prefix(": ")).unwrap_or(said).to_owned())
}

/// The names under which `fusermount3` is known.
const HELPERS: [&str; 2] = ["fusermount3", "fusermount"];

/// What shows in `/proc/mounts` as the kind of file system.
pub const KIND: &str = "fuse.acetate";

/// Mounts a device on a folder and gives its descriptor. Until somebody serves it, whoever looks into the folder waits.
///
/// `name` is what `mount` shows as the source.
///
/// # Errors
/// [`DeviceError`]; nothing is mounted then.
pub fn mount(folder: &Path, name: &str) -> Result<OwnedFd, DeviceError> {
    mount_somehow(folder, name).map(|(device, _)| device)
}

/// The same, with the helper that did it, if the kernel did not when it was asked directly.
pub(crate) fn mount_somehow(folder: &Path, name: &str) -> Result<(OwnedFd, Option<&'static str>), DeviceError> {
    let device = rustix::fs::open("/dev/fuse", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty());
    let device = match device {
        Ok(device) => device,
        // What this user may not open the helper opens in some versions only.
        Err(error @ (Errno::ACCESS | Errno::PERM)) => {
            return with_helper(folder, name).map_err(|helper| match helper {
                DeviceError::Refused(said) if said.contains("/dev/fuse") => DeviceError::Device(error.into()),
                other => other,
            });
        }
        Err(error) => return Err(DeviceError::Device(error.into())),
    };
    let (user, group) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
    let mode = rustix::fs::stat(folder).map(|stat| stat.st_mode & 0o170_000 | 0o755).unwrap_or(0o040_755);
    let options = format!("fd={},rootmode={mode:o},user_id={user},group_id={group},default_permissions", device.as_raw_fd());
    let (options, source) = (CString::new(options).unwrap_or_default(), CString::new(name).unwrap_or_default());
    let flags = MountFlags::NOSUID | MountFlags::NODEV;
    match rustix::mount::mount(source.as_c_str(), folder, KIND, flags, Some(options.as_c_str())) {
        Ok(()) => Ok((device, None)),
        Err(error) => {
            let failed = DeviceError::Mount { path: folder.to_owned(), source: error.into() };
            // Root is told what root lacks; a helper can't help there.
            if error != Errno::PERM || user == 0 { Err(failed) } else { with_helper(folder, name) }
        }
    }
}

/// Has `fusermount3` do it, which hands the descriptor over a socket.
fn with_helper(folder: &Path, name: &str) -> Result<(OwnedFd, Option<&'static str>), DeviceError> {
    let io = |error: Errno| DeviceError::Device(error.into());
    let (ours, theirs) = rustix::net::socketpair(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None).map_err(io)?;
    // The helper finds the socket by its number.
    rustix::io::fcntl_setfd(&theirs, FdFlags::empty()).map_err(io)?;
    let options = format!("fsname={},subtype=acetate,default_permissions,nosuid,nodev", name.replace(',', "\\,"));
    for helper in HELPERS {
        let mut command = Command::new(helper);
        command.args(["-o", &options, "--"]).arg(folder).env("_FUSE_COMMFD", theirs.as_raw_fd().to_string());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let child = match command.spawn() {
            Ok(child) => child,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(DeviceError::Device(error)),
        };
        drop(theirs);
        let device = receive(&ours);
        let output = child.wait_with_output().map_err(DeviceError::Device)?;
        return match device {
            Some(device) if output.status.success() => Ok((device, Some(helper))),
            _ => Err(refused(&output.stderr)),
        };
    }
    Err(DeviceError::Helper)
}

/// One descriptor from a socket.
pub(crate) fn receive(socket: &impl AsFd) -> Option<OwnedFd> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0; 1];
    let mut buffers = [io::IoSliceMut::new(&mut byte)];
    rustix::net::recvmsg(socket, &mut buffers, &mut ancillary, RecvFlags::CMSG_CLOEXEC).ok()?;
    ancillary.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
        _ => None,
    })
}

/// Takes a mount away. With `lazily` also one that is in use: it vanishes at once, and is over when its last user lets go.
///
/// # Errors
/// [`DeviceError::Unmount`], with the kernel's word: `EBUSY` for one in use.
pub fn unmount(folder: &Path, lazily: bool) -> Result<(), DeviceError> {
    let flags = if lazily { UnmountFlags::DETACH } else { UnmountFlags::empty() };
    let failed = |source: io::Error| DeviceError::Unmount { path: folder.to_owned(), source };
    match rustix::mount::unmount(folder, flags | UnmountFlags::NOFOLLOW) {
        Ok(()) => Ok(()),
        Err(Errno::PERM) => {
            for helper in HELPERS {
                let mut command = Command::new(helper);
                command.arg("-u").args(lazily.then_some("-z")).arg("--").arg(folder).env("LC_ALL", "C");
                match command.stdin(Stdio::null()).output() {
                    Ok(output) if output.status.success() => return Ok(()),
                    Ok(output) if output.stderr.windows(4).any(|word| word == b"busy") => return Err(failed(Errno::BUSY.into())),
                    Ok(output) => return Err(failed(io::Error::new(io::ErrorKind::PermissionDenied, refused(&output.stderr).to_string()))),
                    Err(_) => {}
                }
            }
            Err(DeviceError::Helper)
        }
        Err(error) => Err(failed(error.into())),
    }
}

/// Has the kernel give a mount up: whoever waits for it is told that nobody serves it. For one whose server can't answer any more.
///
/// # Errors
/// [`DeviceError::Unmount`].
pub(crate) fn give_up(folder: &Path) -> Result<(), DeviceError> {
    let failed = |source: io::Error| DeviceError::Unmount { path: folder.to_owned(), source };
    // It is reported as busy all the same, by who holds a file there.
    match rustix::mount::unmount(folder, UnmountFlags::FORCE | UnmountFlags::NOFOLLOW) {
        Ok(()) | Err(Errno::BUSY) => Ok(()),
        // Without that right its owner has another way, where the machine shows it.
        Err(Errno::PERM) => std::fs::write(format!("/sys/fs/fuse/connections/{}/abort", connection(folder)?), "1").map_err(failed),
        Err(error) => Err(failed(error.into())),
    }
}

/// The number by which the kernel lists a mount's connection.
fn connection(folder: &Path) -> Result<u32, DeviceError> {
    let failed = |source: io::Error| DeviceError::Unmount { path: folder.to_owned(), source };
    let list = std::fs::read("/proc/self/mountinfo").map_err(failed)?;
    let mut found = list.split(|byte| *byte == b'\n').filter_map(|line| {
        let mut words = line.split(|byte| *byte == b' ').skip(2);
        let (device, at) = (words.next()?, words.nth(1)?);
        let minor = std::str::from_utf8(device).ok()?.split_once(':')?.1.parse().ok()?;
        (unescaped(at) == folder.as_os_str().as_bytes()).then_some(minor)
    });
    // What was mounted last is what is seen.
    found.next_back().ok_or_else(|| failed(io::ErrorKind::NotFound.into()))
}

/// The folders in this namespace at which sessions are mounted, with the name each was given.
///
/// # Errors
/// When the kernel's list can't be read.
pub fn mounted() -> io::Result<Vec<(PathBuf, String)>> {
    let list = std::fs::read("/proc/self/mounts")?;
    let mut found = Vec::new();
    for line in list.split(|byte| *byte == b'\n') {
        let mut words = line.split(|byte| *byte == b' ');
        if let (Some(source), Some(folder), Some(kind)) = (words.next(), words.next(), words.next())
            && kind == KIND.as_bytes()
        {
            let folder = PathBuf::from(std::ffi::OsStr::from_bytes(&unescaped(folder)));
            found.push((folder, String::from_utf8_lossy(&unescaped(source)).into_owned()));
        }
    }
    Ok(found)
}

/// A word of `/proc/mounts`, where white space is written in octal.
pub(crate) fn unescaped(word: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(word.len());
    let mut rest = word;
    while let Some((byte, after)) = rest.split_first() {
        let octal = after.get(..3).filter(|_| *byte == b'\\').and_then(|digits| std::str::from_utf8(digits).ok());
        match octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(escaped) => {
                out.push(escaped);
                rest = after.get(3..).unwrap_or_default();
            }
            None => {
                out.push(*byte);
                rest = after;
            }
        }
    }
    out
}
