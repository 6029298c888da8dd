//! Checking a token.

use crate::OauthError;
use crate::keys::{KeySource, Keys};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::{Value, json};

/// Longest token, in bytes.
const LONGEST: usize = 16 << 10;
/// How far the clocks of issuer and server may be apart, in seconds.
const LEEWAY: u64 = 60;
/// The scopes that count here; each gives the right of the same name.
const SCOPES: [&str; 4] = ["read", "write", "land", "admin"];
/// Signatures that only the issuer can make.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// An issuer whose tokens count, for this server alone.
pub struct Issuer {
    issuer: String,
    audience: String,
    keys: Keys,
}

/// What a token gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Who presents it: the issuer's name for them.
    pub subject: String,
    /// The rights, of `read`, `write`, `land`, `admin`; at least one.
    pub rights: Vec<String>,
    /// The workspace that it is for, by its claim `acetate_workspace`; the whole store without.
    pub workspace: Option<String>,
    /// When it ends here, in seconds since 1970: a minute after the issuer says, for clocks that are apart.
    pub expires: u64,
}

#[derive(Deserialize)]
struct Claims {
    #[serde(default)]
    sub: Option<String>,
    /// Seconds, which may have a fraction (RFC 7519, section 2).
    exp: f64,
    #[serde(default)]
    nbf: Option<f64>,
    #[serde(default)]
    scope: Option<String>,
    /// How some issuers write scopes.
    #[serde(default)]
    scp: Option<Value>,
    #[serde(default)]
    client_id: Option<String>,
    /// Absent is not null: an issuer that has no value for somebody writes null, and that is not the whole store.
    #[serde(default, deserialize_with = "present")]
    acetate_workspace: Option<Option<String>>,
}

fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(deserializer).map(Some)
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issuer").field("issuer", &self.issuer).field("audience", &self.audience).finish_non_exhaustive()
    }
}

impl Issuer {
    /// The issuer of this address, whose tokens are for the resource `audience`: this server's address, as clients know it.
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>, keys: KeySource) -> Self {
        let issuer = issuer.into();
        Self { keys: Keys::new(&issuer, keys), issuer, audience: audience.into() }
    }

    /// Whether a text can be a token of an issuer: three parts, not too long. Tells them from this server's own tokens.
    pub fn is_token(text: &str) -> bool {
        text.len() <= LONGEST && text.split('.').count() == 3
    }

    /// What this token gives now. Blocks, and may fetch keys.
    ///
    /// # Errors
    /// See [`OauthError`].
    pub fn check(&self, token: &str, now: u64) -> Result<Grant, OauthError> {
        if !Self::is_token(token) {
            return Err(OauthError::Token("it is no JWT"));
        }
        let header = decode_header(token).map_err(|_| OauthError::Token("its head can't be read"))?;
        if !ALGORITHMS.contains(&header.alg) {
            return Err(OauthError::Token("its signature is of a kind that does not count"));
        }
        let key = self.keys.find(header.kid.as_deref(), now)?.ok_or(OauthError::Token("its key is not the issuer's"))?;
        let key = DecodingKey::from_jwk(&key).map_err(|_| OauthError::Token("its key can't be used"))?;
        let mut rules = Validation::new(header.alg);
        rules.set_issuer(&[&self.issuer]);
        rules.set_audience(&[&self.audience]);
        rules.set_required_spec_claims(&["exp", "iss", "aud"]);
        // Times are checked below, against the time that was passed in.
        rules.validate_exp = false;
        rules.validate_nbf = false;
        let claims = decode::<Claims>(token, &key, &rules).map_err(|error| OauthError::Token(why(&error)))?.claims;
        // A number that is none, or negative, becomes 0.
        let expires = (claims.exp as u64).saturating_add(LEEWAY);
        if expires <= now {
            return Err(OauthError::Token("it has ended"));
        }
        if claims.nbf.is_some_and(|from| from as u64 > now.saturating_add(LEEWAY)) {
            return Err(OauthError::Token("it does not count yet"));
        }
        let rights = rights(&claims);
        if rights.is_empty() {
            return Err(OauthError::Scope);
        }
        let workspace = match claims.acetate_workspace {
            None => None,
            Some(Some(name)) => Some(name),
            Some(None) => return Err(OauthError::Token("it names no workspace")),
        };
        let subject = claims.sub.or(claims.client_id).unwrap_or_default();
        Ok(Grant { subject, rights, workspace, expires })
    }

    /// The metadata of this resource (RFC 9728), which tells clients where tokens are had.
    pub fn metadata(&self) -> Value {
        json!({
            "resource": self.audience,
            "authorization_servers": [self.issuer],
            "bearer_methods_supported": ["header"],
            "scopes_supported": SCOPES.map(|scope| format!("acetate:{scope}")),
            "resource_name": "Acetate",
        })
    }

    /// The address of that metadata.
    pub fn metadata_address(&self) -> String {
        let audience = self.audience.trim_end_matches('/');
        let after_host =
            audience.find("://").and_then(|at| audience[at + 3..].find('/').map(|slash| at + 3 + slash)).unwrap_or(audience.len());
        let (host, path) = audience.split_at(after_host);
        format!("{host}/.well-known/oauth-protected-resource{path}")
    }
}

/// The rights that a token's scopes give.
fn rights(claims: &Claims) -> Vec<String> {
    let listed: Vec<&str> = match &claims.scp {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(text)) => text.split(' ').collect(),
        _ => Vec::new(),
    };
    let all: Vec<&str> = claims.scope.iter().flat_map(|text| text.split(' ')).chain(listed).collect();
    SCOPES
        .iter()
        .filter(|scope| all.iter().any(|one| one.strip_prefix("acetate:") == Some(scope)))
        .map(|scope| (*scope).to_owned())
        .collect()
}

fn why(error: &jsonwebtoken::errors::Error) -> &'static str {
    use jsonwebtoken::errors::ErrorKind;
    match error.kind() {
        ErrorKind::InvalidIssuer => "its issuer is another",
        ErrorKind::InvalidAudience => "it is for another server",
        ErrorKind::InvalidSignature => "its signature is wrong",
        ErrorKind::MissingRequiredClaim(_) => "it lacks issuer, audience or expiry",
        _ => "it can't be read",
    }
}

#[cfg(test)]
#[path = "issuer_tests.rs"]
mod tests;
