//! The issuer's keys: where they are, and those that were read last.

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
    /// Held while it is read, so that many first calls read once.
    read: Mutex<Option<(u64, Arc<JwkSet>)>>,
}

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: String,
}

impl Keys {
    pub(crate) fn new(issuer: &str, source: KeySource) -> Self {
        Self { source, issuer: issuer.to_owned(), read: Mutex::default() }
    }

    /// The key of this name; of an issuer with a single key also without a name.
    pub(crate) fn find(&self, kid: Option<&str>, now: u64) -> Result<Option<Jwk>, OauthError> {
        let mut read = self.read.lock();
        let look = |set: &JwkSet| match (kid, set.keys.as_slice()) {
            (Some(kid), _) => set.find(kid).cloned(),
            (None, [only]) => Some(only.clone()),
            (None, _) => None,
        };
        if let Some((at, set)) = &*read {
            let age = now.saturating_sub(*at);
            let found = look(set);
            if (found.is_some() && age < FRESH) || age < PAUSE {
                return Ok(found);
            }
        }
        match self.load() {
            Ok(set) => {
                let found = look(&set);
                *read = Some((now, Arc::new(set)));
                Ok(found)
            }
            // The keys of before still count while the issuer can't be reached.
            Err(error) => match &*read {
                Some((_, set)) if look(set).is_some() => Ok(look(set)),
                _ => Err(error),
            },
        }
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
