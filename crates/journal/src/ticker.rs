//! The thread that syncs what nobody asked to sync. It sleeps without a timer while there is nothing to do.

use crate::journal::Core;
use parking_lot::{Condvar, Mutex};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

#[derive(Debug)]
pub(crate) struct Ticker {
    bell: Arc<Bell>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Bell {
    dirty: AtomicBool,
    stop: Mutex<bool>,
    rung: Condvar,
}

impl Ticker {
    pub fn start(core: Arc<Core>, interval: Duration) -> io::Result<Self> {
        let bell = Arc::new(Bell::default());
        let its = Arc::clone(&bell);
        let thread = std::thread::Builder::new().name("journal-sync".to_owned()).spawn(move || its.run(&core, interval))?;
        Ok(Self { bell, thread: Some(thread) })
    }

    /// Says that there is something to sync.
    pub fn note(&self) {
        if !self.bell.dirty.swap(true, Ordering::AcqRel) {
            let _stop = self.bell.stop.lock();
            self.bell.rung.notify_all();
        }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        *self.bell.stop.lock() = true;
        self.bell.rung.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic there was reported already; there is nothing to clean up after it.
            let _ = thread.join();
        }
    }
}

impl Bell {
    fn run(&self, core: &Core, interval: Duration) {
        loop {
            {
                let mut stop = self.stop.lock();
                while !*stop && !self.dirty.load(Ordering::Acquire) {
                    self.rung.wait(&mut stop);
                }
                self.dirty.store(false, Ordering::Release);
                let until = Instant::now() + interval;
                while !*stop && !self.rung.wait_until(&mut stop, until).timed_out() {}
                if *stop {
                    return;
                }
            }
            // Failures are kept in the journal's state, which every caller meets.
            let synced = core.sync();
            let quiet = !self.dirty.load(Ordering::Acquire);
            if synced.is_ok() && quiet {
                let _ = core.tend();
            } else {
                core.tidy();
            }
        }
    }
}
