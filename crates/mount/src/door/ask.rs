//! The asking side: what mounts a folder and hands its device to the daemon.

use super::excludes;
use super::words::{MountInfo, Reply, Request};
use crate::device;
use crate::owner::Owner;
use acetate_types::{ErrorKind, Problem};
use rustix::fd::AsFd as _;
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags};
use std::io::{BufRead as _, BufReader, IoSlice, Write as _};
use std::mem::MaybeUninit;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// The longest line that is read, in bytes.
const LINE: u64 = 16 << 20;

struct Conversation {
    stream: UnixStream,
    answers: BufReader<UnixStream>,
}

fn unreachable(error: &std::io::Error) -> Problem {
    Problem::new(ErrorKind::Unavailable, "mount_unreachable", format!("the daemon does not answer about mounts: {error}"))
        .hint("it may be of another version: `acetate stop` ends it, the next command starts a new one")
}

impl Conversation {
    fn begin(socket: &Path, request: &Request, patience: Duration) -> Result<Self, Problem> {
        let begun = || {
            let mut stream = UnixStream::connect(socket)?;
            stream.set_read_timeout(Some(patience))?;
            let mut line = serde_json::to_vec(request)?;
            line.push(b'\n');
            stream.write_all(&line)?;
            Ok(Self { answers: BufReader::new(stream.try_clone()?), stream })
        };
        begun().map_err(|error: std::io::Error| unreachable(&error))
    }

    fn answer(&mut self) -> Result<Reply, Problem> {
        let mut line = String::new();
        let read = std::io::Read::take(&mut self.answers, LINE).read_line(&mut line);
        match read {
            Ok(0) => Err(unreachable(&std::io::Error::other("it ended the conversation"))),
            Ok(_) => match serde_json::from_str(&line).map_err(|error| unreachable(&error.into()))? {
                Reply::Refused(problem) => Err(problem),
                reply => Ok(reply),
            },
            Err(error) => Err(unreachable(&error)),
        }
    }

    fn unexpected() -> Problem {
        unreachable(&std::io::Error::other("it answered something else"))
    }
}

/// Mounts a session at an empty folder, in the caller's namespace and with the caller's rights, and has the daemon serve it.
///
/// # Errors
/// What the daemon answers, such as `session_not_found` and `session_watched`; `mount_failed` with what the machine said. Nothing is
/// mounted then.
pub fn mount_session(socket: &Path, session: &str, folder: &Path) -> Result<MountInfo, Problem> {
    ask_to_mount(socket, session, folder, false).map(|(info, _)| info)
}

/// A mount that is there as long as this is: when its process is gone, the daemon takes the folder away once nothing works in it.
#[derive(Debug)]
pub struct Held {
    _stream: UnixStream,
}

/// The same for a folder that is wanted as long as the caller lives.
///
/// # Errors
/// As for [`mount_session`].
pub fn hold_session(socket: &Path, session: &str, folder: &Path) -> Result<(MountInfo, Held), Problem> {
    ask_to_mount(socket, session, folder, true).map(|(info, stream)| (info, Held { _stream: stream }))
}

fn ask_to_mount(socket: &Path, session: &str, folder: &Path, held: bool) -> Result<(MountInfo, UnixStream), Problem> {
    let (owner, excludes) = (Some(Owner::of_process()), excludes::global());
    let request = Request::Mount { session: session.to_owned(), folder: folder.to_owned(), held, owner, excludes };
    let mut conversation = Conversation::begin(socket, &request, Duration::from_secs(30))?;
    let Reply::Send {} = conversation.answer()? else { return Err(Conversation::unexpected()) };
    let device = device::mount(folder, session).map_err(|error| {
        let problem = Problem::new(ErrorKind::Unavailable, "mount_failed", error.to_string());
        problem.hint(error.help())
    })?;
    let sent = || -> Result<(), std::io::Error> {
        let descriptors = [device.as_fd()];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        ancillary.push(SendAncillaryMessage::ScmRights(&descriptors));
        rustix::net::sendmsg(&conversation.stream, &[IoSlice::new(b"d")], &mut ancillary, SendFlags::empty())?;
        Ok(())
    };
    let answer = sent().map_err(|error| unreachable(&error)).and_then(|()| {
        drop(device);
        conversation.answer()
    });
    match answer {
        Ok(Reply::Mounted(info)) => Ok((info, conversation.stream)),
        other => {
            // Nobody serves it: whoever looked into it would wait for ever.
            let _ = device::unmount(folder, true);
            Err(other.err().unwrap_or_else(Conversation::unexpected))
        }
    }
}

/// What is mounted.
///
/// # Errors
/// When the daemon does not answer.
pub fn list(socket: &Path) -> Result<Vec<MountInfo>, Problem> {
    match Conversation::begin(socket, &Request::List {}, Duration::from_secs(10))?.answer()? {
        Reply::Mounts(mounts) => Ok(mounts),
        _ => Err(Conversation::unexpected()),
    }
}

/// Waits until the daemon serves nothing at a folder any more, after it was unmounted.
///
/// # Errors
/// `mount_busy` when something still uses it; when the daemon does not answer.
pub fn wait_gone(socket: &Path, folder: &Path) -> Result<(), Problem> {
    let request = Request::Gone { folder: folder.to_owned() };
    match Conversation::begin(socket, &request, Duration::from_secs(30))?.answer()? {
        Reply::Gone {} => Ok(()),
        _ => Err(Conversation::unexpected()),
    }
}
