//! A ledger of postings.

use crate::clock::Clock;
use crate::money::{Amount, Currency};
use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::Arc;

/// Most postings of one entry.
const MOST: usize = 64;
static NAME: &str = "ledger";

/// Why an entry is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// Debits and credits differ.
    Unbalanced { by: i64 },
    /// Nothing is in it.
    Empty,
    /// The account is closed.
    Closed(String),
}

/// One posting.
#[derive(Debug, Clone)]
pub struct Posting {
    pub account: String,
    pub amount: i64,
    /// When.
    pub at: u64,
}

/// All entries.
#[derive(Default)]
pub struct Ledger {
    entries: Vec<Vec<Posting>>,
    closed: HashSet<String>,
    totals: BTreeMap<String, i64>,
}

impl Ledger {
    /// An empty ledger.
    pub fn new() -> Self {
        Self::default()
    }

    /// Closes an account.
    pub fn close(&mut self, account: &str) -> bool {
        self.closed.insert(account.to_owned())
    }

    /// Adds an entry.
    pub fn post(&mut self, entry: Vec<Posting>) -> Result<usize, Refused> {
        if entry.is_empty() {
            return Err(Refused::Empty);
        }
        let by: i64 = entry.iter().map(|posting| posting.amount).sum();
        if by != 0 {
            return Err(Refused::Unbalanced { by });
        }
        for posting in &entry {
            if self.closed.contains(&posting.account) {
                return Err(Refused::Closed(posting.account.clone()));
            }
        }
        for posting in &entry {
            *self.totals.entry(posting.account.clone()).or_default() += posting.amount;
        }
        self.entries.push(entry);
        Ok(self.entries.len())
    }

    #[must_use]
    pub fn total(&self, account: &str) -> i64 {
        self.totals.get(account).copied().unwrap_or(0)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unbalanced { by } => write!(f, "unbalanced by {by}"),
            Self::Empty => f.write_str("empty"),
            Self::Closed(account) => write!(f, "{account} is closed"),
        }
    }
}

fn describe(ledger: &Ledger) -> String {
    let mut text = String::new();
    for (account, total) in &ledger.totals {
        text.push_str(&format!("{account}: {total}\n"));
    }
    text
}

macro_rules! posting {
    ($account:expr, $amount:expr) => {
        Posting { account: $account.to_owned(), amount: $amount, at: 0 }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn balanced_entries_are_taken() {
        let mut ledger = Ledger::new();
        assert_eq!(ledger.post(vec![posting!("a", 5), posting!("b", -5)]), Ok(1));
        assert_eq!(ledger.total("a"), 5);
    }

    #[test]
    fn empty_entries_are_not() {
        assert_eq!(Ledger::new().post(Vec::new()), Err(Refused::Empty));
    }
}
