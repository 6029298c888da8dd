//! Wall time and processor time of one merge, in milliseconds. On a busy machine the second is the one to compare.

use serde::{Deserialize, Serialize};
use std::time::Instant;

/// What a merge took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Took {
    /// Wall time.
    pub wall: f64,
    /// Processor time.
    pub processor: f64,
}

/// Whose processor time counts.
#[derive(Debug, Clone, Copy)]
pub enum Whose {
    /// This thread's.
    Thread,
    /// That of children that have ended: right as long as one runs at a time.
    Children,
}

/// A running measurement.
#[derive(Debug)]
pub struct Clock {
    whose: Whose,
    processor: f64,
    wall: Instant,
}

impl Clock {
    /// Starts.
    pub fn start(whose: Whose) -> Self {
        Self { whose, processor: processor(whose), wall: Instant::now() }
    }

    /// Stops.
    pub fn stop(&self) -> Took {
        let wall = self.wall.elapsed().as_secs_f64() * 1e3;
        Took { wall, processor: (processor(self.whose) - self.processor).max(0.0) }
    }
}

fn processor(whose: Whose) -> f64 {
    match whose {
        Whose::Thread => {
            let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
            time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
        }
        Whose::Children => {
            let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
            // SAFETY: the pointer is to a whole `rusage`, which the call fills; an all-zero one is valid, should the call fail.
            let usage = unsafe {
                libc::getrusage(libc::RUSAGE_CHILDREN, usage.as_mut_ptr());
                usage.assume_init()
            };
            let of = |time: libc::timeval| time.tv_sec as f64 * 1e3 + time.tv_usec as f64 / 1e3;
            of(usage.ru_utime) + of(usage.ru_stime)
        }
    }
}
