//! Tokens of an OAuth issuer, checked for a resource server: who presents one, what it may do, and until when.
//!
//! Tokens are JWTs as RFC 9068 has them, signed with a key of the issuer's key set (RFC 7517), which is fetched when it is first needed
//! (RFC 8414, or OpenID Connect's discovery) and again when a key is not in it. The only crate that names a JWT library and fetches over
//! HTTPS.
//!
//! Invariants: only asymmetric signatures count; issuer, audience and expiry are always checked; what a token names is taken from the token
//! alone after its signature was checked. Time is passed in.
//!
//! Deliberately missing: issuing tokens, opaque tokens and introspection, proof of possession.

#![deny(missing_docs)]

mod error;
mod fetch;
mod issuer;
mod keys;

pub use error::OauthError;
pub use issuer::{Grant, Issuer};
pub use keys::KeySource;
