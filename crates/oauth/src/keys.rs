//! The issuer's keys: where they are, and those that were read last.
//!
//! Invariant: no lock is held while they are fetched but the one that keeps a second fetch away, and nobody waits for that.

use crate::OauthError;
use crate::fetch::fetch;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use parking_lot::Mutex;
use serde::Deserialize;
use std::path::PathBuf;
use std::sync::Arc;

/// Keys are read again after so many seconds.
const FRESH: u64 = 3_600;
/// For a key that is not there, they are read again after no less than so many seconds.
const PAUSE: u64 = 30;

/// Where the issuer's key set is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// Where the issuer's own metadata says.
    Discover,
    /// At this address.
    Address(String),
    /// In this file.
    File(PathBuf),
}

/// The key set as read last.
pub(crate) struct Keys {
    source: KeySource,
    issuer: String,
    known: Mutex<Known>,
    /// Held while they are read: one call reads, the others are answered with what is known.
    reading: Mutex<()>,
}

/// What is known of the keys.
#[derive(Default)]
struct Known {
    set: Option<Arc<JwkSet>>,
    /// When they were read last, or tried to.
    tried: Option<u64>,
    /// Why that failed, if it did.
    failed: Option<OauthError>,
}

impl Known {
    /// What can be said without reading them anew; with `anyway` also where that were due.
    fn answer(&self, kid: Option<&str>, now: u64, anyway: bool) -> Option<Result<Option<Jwk>, OauthError>> {
        let age = now.saturating_sub(self.tried?);
        let found = self.set.as_ref().and_then(|set| match (kid, set.keys.as_slice()) {
            (Some(kid), _) => set.find(kid).cloned(),
            (None, [only]) => Some(only.clone()),
            (None, _) => None,
        });
        match (found, &self.failed) {
            (Some(key), _) if anyway || age < FRESH => Some(Ok(Some(key))),
            (None, Some(error)) if anyway || age < PAUSE => Some(Err(error.clone())),
            (None, None) if anyway || age < PAUSE => Some(Ok(None)),
            _ => None,
        }
    }
}

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: String,
}

impl Keys {
    pub(crate) fn new(issuer: &str, source: KeySource) -> Self {
        Self { source, issuer: issuer.to_owned(), known: Mutex::default(), reading: Mutex::new(()) }
    }

    /// The key of this name; of an issuer with a single key also without a name.
    pub(crate) fn find(&self, kid: Option<&str>, now: u64) -> Result<Option<Jwk>, OauthError> {
        if let Some(answer) = self.known.lock().answer(kid, now, false) {
            return answer;
        }
        // Nobody waits for a slow issuer but the one that asks it.
        let Some(_reading) = self.reading.try_lock() else {
            return self.known.lock().answer(kid, now, true).unwrap_or_else(|| Err(OauthError::Keys("they are being fetched".to_owned())));
        };
        let read = self.load();
        let mut known = self.known.lock();
        known.tried = Some(now);
        match read {
            Ok(set) => (known.set, known.failed) = (Some(Arc::new(set)), None),
            // The keys of before still count while the issuer can't be reached.
            Err(error) => known.failed = Some(error),
        }
        known.answer(kid, now, true).unwrap_or(Ok(None))
    }

    fn load(&self) -> Result<JwkSet, OauthError> {
        let document = match &self.source {
            KeySource::File(path) => std::fs::read(path).map_err(|error| OauthError::Keys(format!("{}: {error}", path.display())))?,
            KeySource::Address(address) => fetch(address)?,
            KeySource::Discover => fetch(&self.discover()?)?,
        };
        serde_json::from_slice(&document).map_err(|error| OauthError::Keys(format!("they are no key set: {error}")))
    }

    /// The key set's address by the issuer's metadata: RFC 8414's place first, then OpenID Connect's.
    fn discover(&self) -> Result<String, OauthError> {
        let issuer = self.issuer.trim_end_matches('/');
        let after_host = issuer.find("://").and_then(|at| issuer[at + 3..].find('/').map(|slash| at + 3 + slash)).unwrap_or(issuer.len());
        let (host, path) = issuer.split_at(after_host);
        let places = [format!("{host}/.well-known/oauth-authorization-server{path}"), format!("{issuer}/.well-known/openid-configuration")];
        let mut last = OauthError::Keys("the issuer has no metadata".to_owned());
        for place in places {
            match fetch(&place).map(|document| serde_json::from_slice::<Metadata>(&document)) {
                // RFC 8414, section 3.3: metadata of another issuer is not to be used.
                Ok(Ok(found)) if found.issuer.trim_end_matches('/') == issuer => return Ok(found.jwks_uri),
                Ok(Ok(_)) => last = OauthError::Keys(format!("{place} is the metadata of another issuer")),
                Ok(Err(error)) => last = OauthError::Keys(format!("{place}: {error}")),
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}
