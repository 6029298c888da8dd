//! Everything that can go wrong in the engine, and how each case is shown.

use acetate_types::{Classify, ErrorKind, ObjectError, PathError, Problem};

/// An error of the engine. What a door shows is its [`Problem`].
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct EngineError(Box<Problem>);

impl EngineError {
    /// An error of this kind, stable code and message.
    pub fn new(kind: ErrorKind, code: &'static str, message: impl Into<String>) -> Self {
        Self(Box::new(Problem::new(kind, code, message)))
    }

    /// The same error with the next step for whoever meets it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// The same error with structured details.
    #[must_use]
    pub fn details(mut self, details: serde_json::Value) -> Self {
        self.0.details = Some(Box::new(details));
        self
    }

    /// The public kind.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The stable code.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// What is not there, or may not be known of.
    pub fn not_found(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotFound, code, message)
    }

    /// A wrong request.
    pub fn invalid(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, code, message)
    }

    /// A bound exceeded.
    pub fn limit(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Limit, code, message)
    }
}

impl Classify for EngineError {
    fn problem(&self) -> Problem {
        (*self.0).clone()
    }
}

impl From<Problem> for EngineError {
    fn from(problem: Problem) -> Self {
        Self(Box::new(problem))
    }
}

impl From<PathError> for EngineError {
    fn from(error: PathError) -> Self {
        Self::invalid(error.code(), error.to_string())
    }
}

/// The stable code of an answer that says: the state moved while the call was prepared; nothing happened, the engine tries again itself.
pub(crate) const RETRY: &str = "retry";

impl From<ObjectError> for EngineError {
    fn from(error: ObjectError) -> Self {
        let (kind, code) = match &error {
            ObjectError::TooLarge { .. } => (ErrorKind::Limit, "object_too_large"),
            ObjectError::Missing(_) => (ErrorKind::Internal, "object_missing"),
            _ => (ErrorKind::Internal, "object_unreadable"),
        };
        Self::new(kind, code, error.to_string()).hint("run `acetate doctor` and `git fsck` on the repository")
    }
}

macro_rules! classified {
    ($($error:ty),* $(,)?) => {$(
        impl From<$error> for EngineError {
            fn from(error: $error) -> Self {
                Self(Box::new(error.problem()))
            }
        }
    )*};
}

classified!(
    acetate_overlay::OverlayError,
    acetate_merge::MergeError,
    acetate_catalog::CatalogError,
    acetate_catalog::Rejected,
    acetate_journal::JournalError,
    acetate_git::OpenError,
    acetate_git::WriteError,
    acetate_git::RefError,
    acetate_git::GitError,
    acetate_git::SourceError,
);
