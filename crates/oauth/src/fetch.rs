//! Fetching a small document over HTTPS; over plain HTTP only from this machine.

use crate::OauthError;
use std::time::Duration;

/// Largest document, in bytes.
const LARGEST: u64 = 1 << 20;
/// How long a fetch may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The document at an address.
pub(crate) fn fetch(address: &str) -> Result<Vec<u8>, OauthError> {
    if !is_safe(address) {
        return Err(OauthError::Keys(format!("{address} is not an https address")));
    }
    let failed = |error: ureq::Error| OauthError::Keys(format!("{address}: {error}"));
    let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).max_redirects(0).build().into();
    let mut response = agent.get(address).call().map_err(failed)?;
    response.body_mut().with_config().limit(LARGEST).read_to_vec().map_err(failed)
}

/// Whether nobody between could change what comes from there.
pub(crate) fn is_safe(address: &str) -> bool {
    let local = |rest: &str| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        // Before an @ stands a user, who may be called localhost.
        let authority = if authority.contains('@') { "" } else { authority };
        let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
        matches!(host, "localhost" | "127.0.0.1" | "[::1]")
    };
    address.starts_with("https://") || address.strip_prefix("http://").is_some_and(local)
}

#[cfg(test)]
mod tests {
    use super::is_safe;

    #[test]
    fn only_this_machine_is_asked_in_the_clear() {
        for safe in ["https://issuer.example/keys", "http://localhost:8080/keys", "http://127.0.0.1/", "http://[::1]:7/keys"] {
            assert!(is_safe(safe), "{safe}");
        }
        for unsafe_ in
            ["http://issuer.example/keys", "http://localhost.evil.example/", "http://localhost:80@evil.example/", "file:///etc/passwd", ""]
        {
            assert!(!is_safe(unsafe_), "{unsafe_}");
        }
    }
}
