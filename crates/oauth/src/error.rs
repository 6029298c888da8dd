//! Why a token gives nothing.

use acetate_types::{Classify, ErrorKind, Problem};

/// Why a token gives nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OauthError {
    /// It is no token of this issuer for this server, or it has ended.
    #[error("the token is none that counts here: {0}")]
    Token(&'static str),
    /// It allows nothing here.
    #[error("the token has none of the scopes acetate:read, acetate:write, acetate:land, acetate:admin")]
    Scope,
    /// The issuer's keys can't be had.
    #[error("the issuer's keys can't be had: {0}")]
    Keys(String),
}

impl Classify for OauthError {
    fn problem(&self) -> Problem {
        let text = self.to_string();
        match self {
            Self::Token(_) => {
                Problem::new(ErrorKind::Denied, "token_unknown", text).hint("get a token from the issuer that this server's metadata names")
            }
            Self::Scope => Problem::new(ErrorKind::Denied, "token_scope", text).hint("ask the issuer for a token with one of these scopes"),
            Self::Keys(_) => Problem::new(ErrorKind::Unavailable, "issuer_unavailable", text).hint("try again; the server's log says more"),
        }
    }
}
