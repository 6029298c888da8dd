//! The answering side: the daemon's mounts, from the socket to their end.

use super::excludes;
use super::words::{MountInfo, Reply, Request};
use crate::mounted::{MountOptions, Mounted};
use crate::owner::Owner;
use crate::watchdog::Watchdog;
use crate::{device, gitdir};
use acetate_engine::{Engine, EngineError};
use acetate_types::{Classify as _, ErrorKind, Problem, SessionId};
use parking_lot::Mutex;
use rustix::event::{PollFd, PollFlags, Timespec};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// The longest request, in bytes: excludes are quoted in it, a character by up to six.
const LINE: u64 = (64 << 10) + 6 * excludes::LONGEST;
/// How often mounts are looked after.
const ROUND: Duration = Duration::from_secs(20);
/// How often a folder is tried whose holder is gone, while something still works in it.
const BUSY: Duration = Duration::from_secs(1);
/// How long an unmounted folder may take to be let go of.
const LET_GO: Duration = Duration::from_secs(20);

/// Where mounts are asked for, beside the daemon's own socket.
pub fn socket_beside(socket: &Path) -> PathBuf {
    socket.with_extension("mnt")
}

/// The daemon's mounts.
pub struct Mounts {
    inner: Arc<Inner>,
    thread: Option<JoinHandle<()>>,
}

struct Inner {
    engine: Engine,
    /// Where sessions' scratch folders are.
    scratch: PathBuf,
    socket: PathBuf,
    /// Held to look at or change the list.
    live: Mutex<Vec<Arc<Mounted>>>,
    /// The process that unmounts what this one leaves behind if it is killed; started with the first mount. Held while it is told.
    watchdog: Mutex<Option<Watchdog>>,
    guard: Box<dyn Fn() -> Option<Command> + Send + Sync>,
    ending: AtomicBool,
}

impl std::fmt::Debug for Mounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mounts").field("socket", &self.inner.socket).finish_non_exhaustive()
    }
}

impl Mounts {
    /// Listens. `scratch` is the folder of all sessions' scratch; `guard` makes the command that runs [`crate::stand_guard`], if any.
    ///
    /// # Errors
    /// When the socket can't be made.
    pub fn listen(
        engine: Engine,
        socket: PathBuf,
        scratch: PathBuf,
        guard: impl Fn() -> Option<Command> + Send + Sync + 'static,
    ) -> io::Result<Self> {
        match std::fs::remove_file(&socket) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&socket)?;
        std::fs::set_permissions(&socket, std::fs::Permissions::from_mode(0o600))?;
        listener.set_nonblocking(true)?;
        let inner = Arc::new(Inner {
            engine,
            scratch,
            socket,
            live: Mutex::default(),
            watchdog: Mutex::new(None),
            guard: Box::new(guard),
            ending: AtomicBool::new(false),
        });
        let own = Arc::clone(&inner);
        let thread = std::thread::Builder::new().name("mount-door".to_owned()).spawn(move || own.run(&listener))?;
        Ok(Self { inner, thread: Some(thread) })
    }

    /// Whether anything is mounted.
    pub fn any(&self) -> bool {
        self.inner.live.lock().iter().any(|mounted| !mounted.is_over())
    }

    /// Unmounts everything and stops listening.
    pub fn close(mut self) {
        self.inner.ending.store(true, Ordering::Release);
        // The listening thread waits at most this long for nothing.
        drop(UnixStream::connect(&self.inner.socket));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        let live = std::mem::take(&mut *self.inner.live.lock());
        for mounted in &live {
            if !mounted.is_over()
                && let Err(error) = device::unmount(mounted.folder(), true)
            {
                // In another namespace; the kernel ends it when this process goes.
                tracing::debug!(%error, "left to the kernel");
            }
        }
        for mounted in &live {
            mounted.wait(Duration::from_secs(2));
        }
        self.inner.tidy();
        drop(std::fs::remove_file(&self.inner.socket));
    }
}

impl Inner {
    fn run(self: Arc<Self>, listener: &UnixListener) {
        self.tidy();
        while !self.ending.load(Ordering::Acquire) {
            let mut waits = [PollFd::new(listener, PollFlags::IN)];
            let round = Timespec { tv_sec: ROUND.as_secs().cast_signed(), tv_nsec: 0 };
            let _ = rustix::event::poll(&mut waits, Some(&round));
            match listener.accept() {
                Ok((stream, _)) => {
                    let own = Arc::clone(&self);
                    let spawned = std::thread::Builder::new().name("mount-ask".to_owned()).spawn(move || own.hear(stream));
                    if let Err(error) = spawned {
                        tracing::warn!(%error, "a mount can't be asked for");
                    }
                }
                Err(_) => self.look_after(),
            }
        }
    }

    /// Sessions that are mounted do not expire; what was unmounted is forgotten.
    fn look_after(&self) {
        let over: Vec<_> = {
            let mut live = self.live.lock();
            let over = live.iter().filter(|mounted| mounted.is_over()).map(Arc::clone).collect();
            live.retain(|mounted| !mounted.is_over());
            over
        };
        for mounted in over {
            self.forget(&mounted);
        }
        for mounted in self.live.lock().iter() {
            mounted.session().touch();
        }
        self.tidy();
    }

    fn forget(&self, mounted: &Mounted) {
        if let Some(watchdog) = self.watchdog.lock().as_mut() {
            watchdog.forget(mounted.folder());
        }
    }

    /// The scratch of sessions that are no more goes.
    fn tidy(&self) {
        let Ok(folders) = std::fs::read_dir(&self.scratch) else { return };
        for folder in folders.flatten() {
            let Some(id) = folder.file_name().to_str().and_then(|name| name.parse::<SessionId>().ok()) else { continue };
            let gone = matches!(self.engine.session(&self.engine.owner(), &id), Err(error) if error.kind() == ErrorKind::NotFound);
            let mounted = || self.live.lock().iter().any(|mounted| *mounted.session().id() == id && !mounted.is_over());
            if gone && !mounted() {
                crate::scratch::remove(&folder.path());
            }
        }
    }

    fn hear(&self, stream: UnixStream) {
        let own = rustix::process::geteuid();
        let peer = rustix::net::sockopt::socket_peercred(&stream);
        if !peer.is_ok_and(|peer| peer.uid == own || peer.uid.is_root()) {
            return;
        }
        match self.converse(&stream) {
            Ok((reply, held)) => {
                say(&stream, &reply);
                if let Some(mounted) = held {
                    self.hold(&stream, &mounted);
                }
            }
            Err(problem) => say(&stream, &Reply::Refused(problem)),
        }
    }

    /// Waits for the end of whoever holds a mount; what is left of it then goes once nothing works in it any more.
    fn hold(&self, mut stream: &UnixStream, mounted: &Mounted) {
        let _ = stream.set_read_timeout(None);
        // Nothing more is said.
        let _ = io::copy(&mut stream, &mut io::sink());
        let (folder, session) = (mounted.folder(), mounted.session().id().as_str());
        while !mounted.is_over() && !self.ending.load(Ordering::Acquire) {
            let there = device::mounted().unwrap_or_default().iter().any(|(at, of)| at == folder && of == session);
            if there && device::unmount(folder, false).is_ok() {
                tracing::info!(folder = %folder.display(), "unmounted, for who mounted it is gone");
                mounted.wait(LET_GO);
                // Made for the mount, with the folder above; one that is anything else has something in it.
                let _ = std::fs::remove_dir(folder);
                let _ = folder.parent().map(std::fs::remove_dir);
                self.look_after();
                return;
            }
            std::thread::sleep(BUSY);
        }
    }

    /// Answers; with a mount that is held as long as the stream lasts.
    fn converse(&self, stream: &UnixStream) -> Result<(Reply, Option<Arc<Mounted>>), Problem> {
        let invalid = |message: String| Problem::new(ErrorKind::Invalid, "request_invalid", message);
        let heard = || {
            stream.set_read_timeout(Some(Duration::from_secs(60)))?;
            let mut line = String::new();
            // Nothing follows before it is answered: a descriptor is not read away here.
            BufReader::new(stream.take(LINE)).read_line(&mut line)?;
            Ok(line)
        };
        let line = heard().map_err(|error: io::Error| invalid(error.to_string()))?;
        let request = serde_json::from_str(&line).map_err(|error| invalid(error.to_string()))?;
        match request {
            Request::List {} => {
                let live: Vec<_> = self.live.lock().iter().filter(|mounted| !mounted.is_over()).map(Arc::clone).collect();
                Ok((Reply::Mounts(live.iter().map(|mounted| self.info(mounted)).collect()), None))
            }
            Request::Gone { folder } => {
                let there = self.live.lock().iter().find(|mounted| mounted.folder() == folder && !mounted.is_over()).map(Arc::clone);
                if there.is_some_and(|mounted| !mounted.wait(LET_GO)) {
                    let message = format!("something still uses what was mounted at {}", folder.display());
                    return Err(Problem::new(ErrorKind::Unavailable, "mount_busy", message));
                }
                self.look_after();
                Ok((Reply::Gone {}, None))
            }
            Request::Mount { session, folder, held, owner, excludes } => {
                let mounted = self.mount(stream, &session, folder, owner, &excludes).map_err(|error| error.problem())?;
                Ok((Reply::Mounted(self.info(&mounted)), held.then_some(mounted)))
            }
        }
    }

    fn mount(
        &self,
        stream: &UnixStream,
        session: &str,
        folder: PathBuf,
        owner: Option<Owner>,
        excludes: &str,
    ) -> Result<Arc<Mounted>, EngineError> {
        let engine = &self.engine;
        let id: SessionId =
            session.parse().map_err(|_| EngineError::not_found("session_not_found", format!("there is no session {session:?}")))?;
        let session = engine.session(&engine.owner(), &id)?;
        session.resume()?;
        session.view()?;
        // One that was unmounted just now is let go of in a moment.
        let before = self.live.lock().iter().find(|mounted| *mounted.session().id() == id && !mounted.is_over()).map(Arc::clone);
        if let Some(before) = before {
            before.wait(Duration::from_millis(500));
        }
        say(stream, &Reply::Send {});
        let device = device::receive(stream).ok_or_else(|| EngineError::invalid("device_missing", "no device followed"))?;
        let scratch = self.scratch.join(id.as_str());
        // Of one pattern and another the later one counts: the repository's own come last.
        let exclude = [excludes.as_bytes(), b"\n", &gitdir::exclude(engine.git_dir())].concat();
        let git = Some(gitdir::Store::of(engine).with_global_excludes(excludes));
        let options = MountOptions { folder: folder.clone(), scratch, exclude, git };
        let mounted = Arc::new(Mounted::serve_for(&session, device, options, owner.unwrap_or_else(Owner::of_process))?);
        self.guard(&folder, id.as_str());
        self.live.lock().push(Arc::clone(&mounted));
        tracing::info!(session = %id, folder = %folder.display(), "mounted");
        Ok(mounted)
    }

    /// Has the watchdog look after a folder.
    fn guard(&self, folder: &Path, session: &str) {
        let mut watchdog = self.watchdog.lock();
        if watchdog.is_none() {
            match (self.guard)().map(Watchdog::start) {
                Some(Ok(started)) => *watchdog = Some(started),
                Some(Err(error)) => tracing::warn!(%error, "nobody unmounts if this process is killed"),
                None => {}
            }
        }
        if let Some(watchdog) = watchdog.as_mut() {
            watchdog.watch(folder, session);
        }
    }

    fn info(&self, mounted: &Mounted) -> MountInfo {
        let session = mounted.session();
        MountInfo {
            session: session.id().to_string(),
            agent: session.info().agent,
            folder: mounted.folder().to_owned(),
            scratch: self.scratch.join(session.id().as_str()),
            known: mounted.known(),
        }
    }
}

fn say(mut stream: &UnixStream, reply: &Reply) {
    let said = serde_json::to_vec(reply).map_err(io::Error::from).and_then(|mut line| {
        line.push(b'\n');
        stream.write_all(&line)
    });
    if let Err(error) = said {
        tracing::debug!(%error, "whoever asked is gone");
    }
}
