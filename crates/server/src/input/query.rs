//! The query of a request: percent-encoded bytes, each parameter known, each at most once unless it is a list.

use crate::problem::Failure;
use acetate_types::RepoPath;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::str::FromStr;

/// The parameters that are not taken yet. Routes take what they know, then call [`Query::done`].
#[derive(Debug)]
pub(crate) struct Query {
    left: Vec<(Vec<u8>, Vec<u8>)>,
    /// The `Acetate-Seen` header, which `seen` can also say.
    seen: Option<String>,
}

/// Most parameters of one request.
const MOST: usize = 1_000;

/// No parameters at all.
pub(crate) struct NoQuery;

impl<S: Sync> FromRequestParts<S> for NoQuery {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        Query::parse(parts.uri.query().unwrap_or_default())?.done().map(|()| Self)
    }
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let mut query = Self::parse(parts.uri.query().unwrap_or_default())?;
        if let Some(seen) = parts.headers.get("acetate-seen") {
            query.seen = Some(seen.to_str().map_err(|_| wrong("Acetate-Seen"))?.to_owned());
        }
        Ok(query)
    }
}

impl Query {
    /// Parses a query as forms encode it: `+` is a space.
    fn parse(query: &str) -> Result<Self, Failure> {
        let mut left = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            left.push((form_decoded(name), form_decoded(value)));
            if left.len() > MOST {
                return Err(Failure::invalid("query_invalid", format!("the query has over {MOST} parameters")));
            }
        }
        Ok(Self { left, seen: None })
    }

    /// Every value of a parameter.
    fn all(&mut self, name: &str) -> Vec<Vec<u8>> {
        let (taken, left) = std::mem::take(&mut self.left).into_iter().partition(|(found, _)| found == name.as_bytes());
        self.left = left;
        let taken: Vec<(Vec<u8>, Vec<u8>)> = taken;
        taken.into_iter().map(|(_, value)| value).collect()
    }

    fn bytes(&mut self, name: &str) -> Result<Option<Vec<u8>>, Failure> {
        let mut values = self.all(name).into_iter();
        let value = values.next();
        if values.next().is_some() {
            return Err(Failure::invalid("query_invalid", format!("the query has {name} more than once")));
        }
        Ok(value)
    }

    /// A text.
    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>, Failure> {
        self.bytes(name)?.map(|value| String::from_utf8(value).map_err(|_| wrong(name))).transpose()
    }

    /// A text that must be there.
    pub(crate) fn needed(&mut self, name: &str) -> Result<String, Failure> {
        self.text(name)?.ok_or_else(|| Failure::invalid("query_invalid", format!("the query lacks {name}")))
    }

    /// A number.
    pub(crate) fn number<N: FromStr>(&mut self, name: &str) -> Result<Option<N>, Failure> {
        self.text(name)?.map(|value| value.parse().map_err(|_| wrong(name))).transpose()
    }

    /// A yes or no: `true`, `false`, `1`, `0`, or the bare name for yes. Absent is `None`.
    pub(crate) fn flag(&mut self, name: &str) -> Result<Option<bool>, Failure> {
        match self.text(name)?.as_deref() {
            None => Ok(None),
            Some("" | "true" | "1") => Ok(Some(true)),
            Some("false" | "0") => Ok(Some(false)),
            Some(_) => Err(wrong(name)),
        }
    }

    /// A path.
    pub(crate) fn path(&mut self, name: &str) -> Result<Option<RepoPath>, Failure> {
        self.bytes(name)?.map(existing).transpose()
    }

    /// Paths; the parameter may be repeated.
    pub(crate) fn paths(&mut self, name: &str) -> Result<Vec<RepoPath>, Failure> {
        self.all(name).into_iter().map(existing).collect()
    }

    /// The newest event that the caller knows: `seen`, or the `Acetate-Seen` header.
    pub(crate) fn seen(&mut self) -> Result<Option<u64>, Failure> {
        let said = self.number("seen")?;
        match self.seen.take() {
            Some(header) if said.is_none() => header.trim().parse().map(Some).map_err(|_| wrong("Acetate-Seen")),
            _ => Ok(said),
        }
    }

    /// Refuses what is left.
    pub(crate) fn done(self) -> Result<(), Failure> {
        match self.left.first() {
            None => Ok(()),
            Some((name, _)) => {
                let name: String = String::from_utf8_lossy(name).chars().filter(|ch| !ch.is_control()).take(80).collect();
                Err(Failure::invalid("query_unknown", format!("this route has no parameter {name:?}"))
                    .hint("GET /v1/openapi.json lists them"))
            }
        }
    }
}

/// A path of what may be there already; a trailing slash, as directories are often written, is not part of it.
fn existing(mut value: Vec<u8>) -> Result<RepoPath, Failure> {
    if value.len() > 1 && value.ends_with(b"/") {
        value.pop();
    }
    RepoPath::existing(value).map_err(|error| Failure::invalid(error.code(), error.to_string()))
}

fn form_decoded(text: &str) -> Vec<u8> {
    let spaced: Vec<u8> = text.bytes().map(|byte| if byte == b'+' { b' ' } else { byte }).collect();
    percent_encoding::percent_decode(&spaced).collect()
}

fn wrong(name: &str) -> Failure {
    Failure::invalid("query_invalid", format!("the value of {name} can't be read"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Query {
        Query::parse(text).expect("a query")
    }

    #[test]
    fn values_are_decoded_and_checked() {
        let mut found = query("glob=**%2F*.rs&limit=7&changed&sizes=false&prefix=a%FFb%2F&path=x&path=y+z");
        assert_eq!(found.text("glob").expect("text").as_deref(), Some("**/*.rs"));
        assert_eq!(found.number::<usize>("limit").expect("number"), Some(7));
        assert_eq!(found.flag("changed").expect("flag"), Some(true));
        assert_eq!(found.flag("sizes").expect("flag"), Some(false));
        assert_eq!(found.flag("shallow").expect("flag"), None);
        assert_eq!(found.path("prefix").expect("path").map(|path| path.as_bytes().to_vec()), Some(b"a\xffb".to_vec()));
        assert_eq!(found.paths("path").expect("paths").len(), 2);
        found.done().expect("nothing is left");
    }

    #[test]
    fn what_is_unknown_or_wrong_is_refused() {
        for (text, code) in [
            ("token=x", "query_unknown"),
            ("limit=-1", "query_invalid"),
            ("limit=1&limit=2", "query_invalid"),
            ("prefix=../x", "path_relative"),
        ] {
            let mut found = query(text);
            let result =
                found.number::<u64>("limit").map(|_| ()).and_then(|()| found.path("prefix").map(|_| ())).and_then(|()| found.done());
            assert_eq!(result.expect_err("refused").problem().code, code, "{text}");
        }
        assert!(Query::parse(&"a&".repeat(MOST + 1)).is_err());
    }
}
