//! A process group with a time limit.

use super::GitError;
use parking_lot::{Condvar, Mutex};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};
use std::io;
use std::process::{Child, ExitStatus};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a process that took too long has to clean up.
const GRACE: Duration = Duration::from_secs(2);
/// How often a guard is asked.
const GUARD_STEP: Duration = Duration::from_millis(200);

/// Says from time to time whether a run may go on.
pub(super) struct Guard {
    /// What it bounds; `None` where it does not bound but call off.
    pub(super) limit: Option<u64>,
    pub(super) holds: Box<dyn Fn() -> bool + Send>,
}

/// Why a run was ended from outside.
#[derive(Clone, Copy)]
pub(super) enum Stop {
    Time,
    Guard,
}

#[derive(Default)]
struct State {
    ended: bool,
    stopped: Option<Stop>,
}

/// A process group that is killed when its time is over or it is dropped.
pub(super) struct Group {
    child: Mutex<Child>,
    pid: Pid,
    shared: Arc<(Mutex<State>, Condvar)>,
}

impl Group {
    pub(super) fn watch(child: Child, timeout: Duration, guard: Option<Guard>) -> Result<Self, GitError> {
        let pid = Pid::from_child(&child);
        let shared = Arc::new((Mutex::new(State::default()), Condvar::new()));
        let group = Self { child: Mutex::new(child), pid, shared: Arc::clone(&shared) };
        let watch = move || {
            let (state, changed) = &*shared;
            let started = Instant::now();
            let stop = loop {
                let left = timeout.saturating_sub(started.elapsed());
                if left.is_zero() {
                    break Stop::Time;
                }
                let step = if guard.is_some() { left.min(GUARD_STEP) } else { left };
                if changed.wait_while_for(&mut state.lock(), |state| !state.ended, step).timed_out() {
                    if guard.as_ref().is_some_and(|guard| !(guard.holds)()) {
                        break Stop::Guard;
                    }
                } else {
                    return;
                }
            };
            let mut state = state.lock();
            // First the signal on which git removes its lock files, then the one that nothing survives.
            for signal in [Signal::TERM, Signal::KILL] {
                if state.ended {
                    return;
                }
                state.stopped = Some(stop);
                // The leader is not reaped before `ended` is set under this lock, so the number is still its own.
                let _ = rustix::process::kill_process_group(pid, signal);
                changed.wait_while_for(&mut state, |state| !state.ended, GRACE);
            }
        };
        std::thread::Builder::new().name("git-timeout".to_owned()).spawn(watch).map_err(GitError::Spawn)?;
        Ok(group)
    }

    pub(super) fn kill(&self) {
        let state = self.shared.0.lock();
        if !state.ended {
            let _ = rustix::process::kill_process_group(self.pid, Signal::KILL);
        }
    }

    pub(super) fn wait(&self) -> io::Result<ExitStatus> {
        // Waits without reaping, so that the watcher never signals a number that was given to somebody else.
        while let Err(error) = rustix::process::waitid(WaitId::Pid(self.pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {
            if error != rustix::io::Errno::INTR {
                break;
            }
        }
        self.shared.0.lock().ended = true;
        self.shared.1.notify_all();
        self.child.lock().wait()
    }

    pub(super) fn stopped(&self) -> Option<Stop> {
        self.shared.0.lock().stopped
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if !self.shared.0.lock().ended {
            self.kill();
            let _ = self.wait();
        }
    }
}
