//! How often one caller may call: a bound for each token, so that one that runs wild leaves room for the others.

use crate::problem::Failure;
use acetate_types::ErrorKind;
use governor::clock::DefaultClock;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

/// A burst may be so many times what is allowed in a second.
const BURST: u32 = 10;
/// After so many calls, callers that have long been silent are forgotten.
const SWEEP: u32 = 10_000;

/// The bound, if there is one.
pub(crate) struct Rate {
    limiter: Option<RateLimiter<String, HashMapStateStore<String>, DefaultClock>>,
    calls: AtomicU32,
}

impl Rate {
    /// At most so many calls of one caller in a second, in the long run.
    pub(crate) fn new(most: Option<NonZeroU32>) -> Self {
        let limiter = most.map(|most| RateLimiter::hashmap(Quota::per_second(most).allow_burst(most.saturating_mul(BURST_TIMES))));
        Self { limiter, calls: AtomicU32::new(0) }
    }

    /// Counts a call.
    pub(crate) fn take(&self, caller: &str) -> Result<(), Failure> {
        let Some(limiter) = &self.limiter else { return Ok(()) };
        if self.calls.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            limiter.retain_recent();
        }
        limiter.check_key(&caller.to_owned()).map_err(|_| {
            Failure::new(ErrorKind::Limit, "rate_limited", "this token calls too often")
                .hint("wait a second and call again; several files are read or changed in one call")
                .status(axum::http::StatusCode::TOO_MANY_REQUESTS)
        })
    }
}

const BURST_TIMES: NonZeroU32 = match NonZeroU32::new(BURST) {
    Some(times) => times,
    None => NonZeroU32::MIN,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_caller_has_a_bound_of_its_own() {
        let rate = Rate::new(NonZeroU32::new(1));
        for _ in 0..BURST {
            rate.take("a").expect("within the burst");
        }
        let refused = rate.take("a").expect_err("over it");
        assert_eq!(refused.problem().code, "rate_limited");
        rate.take("b").expect("another caller");
        let free = Rate::new(None);
        for _ in 0..1_000 {
            free.take("a").expect("no bound");
        }
    }
}
