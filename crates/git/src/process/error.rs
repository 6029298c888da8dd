//! Why a run of `git` came to nothing.

use super::Exit;
use acetate_types::{Classify, ErrorKind, Problem};
use std::io;

/// Why a run of `git` came to nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GitError {
    /// It could not be started.
    #[error("git can't be started: {0}")]
    Spawn(io::Error),
    /// It is older than what is needed.
    #[error("git {found} is too old; {needed} or newer is needed")]
    Version {
        /// What was found.
        found: String,
        /// What is needed.
        needed: &'static str,
    },
    /// It took too long and was killed.
    #[error("git {command} took longer than {seconds} s and was ended")]
    TimedOut {
        /// The subcommand.
        command: String,
        /// The limit.
        seconds: u64,
    },
    /// It printed more than is taken.
    #[error("git {command} printed more than {limit} bytes")]
    TooMuchOutput {
        /// The subcommand.
        command: String,
        /// The limit.
        limit: u64,
    },
    /// It was no longer wanted and was ended.
    #[error("git {command} was called off")]
    CalledOff {
        /// The subcommand.
        command: String,
    },
    /// It said no.
    #[error("git {command} failed: {message}")]
    Failed {
        /// The subcommand.
        command: String,
        /// Its exit code, `None` if a signal ended it.
        code: Option<i32>,
        /// The end of what it printed to standard error, at most 4 KiB, control characters dropped.
        message: String,
    },
    /// It printed what it never should.
    #[error("git {command} printed something unexpected")]
    Unexpected {
        /// The subcommand.
        command: String,
    },
    /// Its pipes, or the file it should read or write, failed.
    #[error("talking to git {command}: {source}")]
    Io {
        /// The subcommand.
        command: String,
        /// The cause.
        source: io::Error,
    },
    /// A ref, path or option that must not reach `git`.
    #[error("{0:?} can't be passed to git")]
    Argument(String),
    /// The repository was opened without a checkout.
    #[error("the repository has no checkout")]
    NoCheckout,
}

impl Classify for GitError {
    fn problem(&self) -> Problem {
        let text = self.to_string();
        match self {
            Self::Spawn(_) => Problem::new(ErrorKind::Unavailable, "git_missing", text).hint("install git 2.39 or newer"),
            Self::Version { .. } => Problem::new(ErrorKind::Unavailable, "git_version", text).hint("install git 2.39 or newer"),
            Self::TimedOut { .. } => Problem::new(ErrorKind::Unavailable, "git_timeout", text),
            Self::TooMuchOutput { .. } => Problem::new(ErrorKind::Limit, "git_output", text),
            Self::CalledOff { .. } => Problem::new(ErrorKind::Unavailable, "git_called_off", text),
            Self::Failed { .. } => Problem::new(ErrorKind::Internal, "git_failed", text),
            Self::Unexpected { .. } => Problem::new(ErrorKind::Internal, "git_unexpected", text),
            Self::Io { .. } => Problem::new(ErrorKind::Internal, "git_io", text),
            Self::Argument(_) => Problem::new(ErrorKind::Invalid, "git_argument", text),
            Self::NoCheckout => Problem::new(ErrorKind::Invalid, "no_checkout", text),
        }
    }
}

/// The error for a run that exited with something other than 0.
pub(crate) fn failed(command: String, exit: &Exit) -> GitError {
    let text = String::from_utf8_lossy(&exit.stderr);
    let mut message: String = text.trim().chars().map(|ch| if ch == '\n' { ' ' } else { ch }).filter(|ch| !ch.is_control()).collect();
    if message.len() > 4096 {
        let from = (message.len() - 4096..message.len()).find(|at| message.is_char_boundary(*at)).unwrap_or(0);
        message.drain(..from);
    }
    GitError::Failed { command, code: exit.code, message }
}
