//! How long the agents' calls took.

use serde::Serialize;
use std::time::{Duration, Instant};

/// The kinds of call that are measured.
#[derive(Debug, Default, Clone)]
pub struct Timings {
    /// Opening a session.
    pub open: Vec<Duration>,
    /// Any edit.
    pub edit: Vec<Duration>,
    /// Ending a turn.
    pub commit: Vec<Duration>,
    /// Submitting, whatever came of it.
    pub submit: Vec<Duration>,
}

/// The middle and the slow end of some durations, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// How many.
    pub count: usize,
    /// Half of them took at most so long.
    pub median_us: u64,
    /// 95 of 100 took at most so long.
    pub p95_us: u64,
}

impl Timings {
    /// Adds another's.
    pub fn add(&mut self, other: Self) {
        self.open.extend(other.open);
        self.edit.extend(other.edit);
        self.commit.extend(other.commit);
        self.submit.extend(other.submit);
    }

    /// Each kind by name.
    pub fn summaries(&self) -> [(&'static str, Summary); 4] {
        [("open", summary(&self.open)), ("edit", summary(&self.edit)), ("commit", summary(&self.commit)), ("submit", summary(&self.submit))]
    }
}

/// Does something and notes how long it took.
pub fn timed<T>(into: &mut Vec<Duration>, work: impl FnOnce() -> T) -> T {
    let from = Instant::now();
    let result = work();
    into.push(from.elapsed());
    result
}

fn summary(durations: &[Duration]) -> Summary {
    let mut sorted = durations.to_vec();
    sorted.sort_unstable();
    // Nearest rank: the smallest one that at least so many of a hundred do not exceed.
    let rank = |percent: usize| {
        let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
        sorted.get(at).map_or(0, |time| u64::try_from(time.as_micros()).unwrap_or(u64::MAX))
    };
    Summary { count: sorted.len(), median_us: rank(50), p95_us: rank(95) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_the_nearest() {
        let of = |range: std::ops::RangeInclusive<u64>| summary(&range.rev().map(Duration::from_micros).collect::<Vec<_>>());
        assert_eq!(of(1..=100), Summary { count: 100, median_us: 50, p95_us: 95 });
        assert_eq!(of(1..=20), Summary { count: 20, median_us: 10, p95_us: 19 });
        assert_eq!(of(7..=7), Summary { count: 1, median_us: 7, p95_us: 7 });
        assert_eq!(summary(&[]), Summary { count: 0, median_us: 0, p95_us: 0 });
    }
}
