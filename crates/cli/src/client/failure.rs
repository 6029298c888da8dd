//! What went wrong, and the exit code that says so. The table is part of the reference, `docs/reference/cli.md`.

use acetate_types::{Classify as _, ErrorKind, Problem};
use std::process::ExitCode;

/// How the command ended. The numbers never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Ok = 0,
    /// A fault of Acetate, of the store or of the machine.
    Unexpected = 1,
    /// The command line or the request is wrong.
    Usage = 2,
    /// The named thing does not exist.
    NotFound = 3,
    /// Two changes exclude each other; also a submit or sync that ends so.
    Conflict = 4,
    /// Checks refused the submission.
    Rejected = 5,
    /// The request was right for an earlier state.
    Stale = 6,
    /// A right is missing.
    Denied = 7,
    /// A size, quota or bound was exceeded.
    Limit = 8,
    /// No answer in time, or none to be had now; trying again may help.
    TimedOut = 9,
    /// The daemon can't be reached or started.
    Unreachable = 10,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// The code of a problem that means: there is no daemon to ask.
const UNREACHABLE: &str = "daemon_unreachable";

/// An error as the command shows it.
#[derive(Debug, Clone, PartialEq)]
pub enum Failure {
    /// To be shown.
    Problem(Box<Problem>),
    /// The reader of the output went away; nothing is to be said.
    Silent,
}

impl Failure {
    /// A wrong command line, found later than by the parser.
    pub fn usage(message: impl Into<String>) -> Self {
        Problem::new(ErrorKind::Invalid, "usage", message).into()
    }

    /// A named thing that is not there.
    pub fn not_found(code: &'static str, message: impl Into<String>) -> Self {
        Problem::new(ErrorKind::NotFound, code, message).into()
    }

    /// The daemon can't be reached or started.
    pub fn unreachable(message: impl Into<String>) -> Self {
        Problem::new(ErrorKind::Unavailable, UNREACHABLE, message).into()
    }

    /// No answer in time.
    pub fn timed_out(message: impl Into<String>) -> Self {
        Problem::new(ErrorKind::Unavailable, "timeout", message).into()
    }

    /// A fault.
    pub fn unexpected(message: impl Into<String>) -> Self {
        Problem::new(ErrorKind::Internal, "unexpected", message).into()
    }

    /// A file of the caller that can't be read or written.
    pub fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        let (kind, code) = match error.kind() {
            std::io::ErrorKind::NotFound => (ErrorKind::NotFound, "local_file_not_found"),
            std::io::ErrorKind::PermissionDenied => (ErrorKind::Denied, "local_file_denied"),
            _ => (ErrorKind::Internal, "local_file"),
        };
        Problem::new(kind, code, format!("{}: {error}", path.display())).into()
    }

    /// The same with the next step.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        match self {
            Self::Problem(problem) => Self::Problem(Box::new(problem.hint(hint))),
            Self::Silent => Self::Silent,
        }
    }

    /// The stable code, empty for silence.
    #[cfg(test)]
    pub fn code(&self) -> &str {
        match self {
            Self::Problem(problem) => &problem.code,
            Self::Silent => "",
        }
    }

    /// Whether the command line is wrong.
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Problem(problem) if problem.code == "usage")
    }

    /// The exit code.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Problem(problem) => exit_of(problem),
            Self::Silent => Exit::Ok,
        }
    }
}

fn exit_of(problem: &Problem) -> Exit {
    match problem.kind {
        ErrorKind::NotFound => Exit::NotFound,
        ErrorKind::Conflict => Exit::Conflict,
        ErrorKind::Invalid => Exit::Usage,
        ErrorKind::Stale => Exit::Stale,
        ErrorKind::Limit => Exit::Limit,
        ErrorKind::Denied => Exit::Denied,
        ErrorKind::Unavailable if problem.code == UNREACHABLE => Exit::Unreachable,
        ErrorKind::Unavailable => Exit::TimedOut,
        // Kinds that a newer daemon may know.
        _ => Exit::Unexpected,
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

impl From<acetate_engine::EngineError> for Failure {
    fn from(error: acetate_engine::EngineError) -> Self {
        error.problem().into()
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Self::Silent,
            _ => Problem::new(ErrorKind::Internal, "io", error.to_string()).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_exit_code() {
        let cases = [
            (ErrorKind::NotFound, "session_not_found", 3),
            (ErrorKind::Conflict, "file_exists", 4),
            (ErrorKind::Invalid, "glob_invalid", 2),
            (ErrorKind::Stale, "stale_revision", 6),
            (ErrorKind::Limit, "file_too_large", 8),
            (ErrorKind::Denied, "denied", 7),
            (ErrorKind::Unavailable, "store_read_only", 9),
            (ErrorKind::Unavailable, "timeout", 9),
            (ErrorKind::Unavailable, UNREACHABLE, 10),
            (ErrorKind::Internal, "internal", 1),
        ];
        for (kind, code, expect) in cases {
            assert_eq!(Failure::from(Problem::new(kind, code, "")).exit() as u8, expect, "{kind} {code}");
        }
        assert_eq!(Exit::Rejected as u8, 5);
    }

    #[test]
    fn a_reader_that_goes_away_is_no_error() {
        let failure = Failure::from(std::io::Error::from(std::io::ErrorKind::BrokenPipe));
        assert_eq!((failure.exit(), failure), (Exit::Ok, Failure::Silent));
    }
}
