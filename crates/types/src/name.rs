//! The ids of workspaces and sessions: short, URL-safe, made from random bytes that the caller passes in.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Why a text is no id of this kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this kind: {0:?}")]
pub struct NameError(pub String);

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

fn encode(prefix: char, random: [u8; 10]) -> String {
    // 80 bits in Crockford's base 32: sixteen characters.
    let mut text = String::with_capacity(18);
    text.push(prefix);
    text.push('_');
    let bits = random.iter().fold(0u128, |bits, byte| bits << 8 | u128::from(*byte));
    for place in (0..16).rev() {
        text.push(ALPHABET[(bits >> (place * 5) & 31) as usize] as char);
    }
    text
}

/// The bits behind the prefix; checked when the id was made, so other characters do not occur.
fn decode(text: &str) -> [u8; 10] {
    let digit = |byte: u8| ALPHABET.iter().position(|letter| *letter == byte).unwrap_or(0) as u128;
    let bits = text.bytes().skip(2).fold(0u128, |bits, byte| bits << 5 | digit(byte));
    let mut random = [0; 10];
    random.copy_from_slice(&bits.to_be_bytes()[6..]);
    random
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(std::sync::Arc<str>);

        impl $name {
            /// An id from 80 random bits.
            pub fn from_random(random: [u8; 10]) -> Self {
                Self(encode($prefix, random).into())
            }

            /// The random bits that the id was made from.
            pub fn to_random(&self) -> [u8; 10] {
                decode(&self.0)
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;
            fn from_str(text: &str) -> Result<Self, NameError> {
                let body = text.strip_prefix($prefix).and_then(|rest| rest.strip_prefix('_'));
                match body {
                    Some(body) if body.len() == 16 && body.bytes().all(|byte| ALPHABET.contains(&byte)) => Ok(Self(text.into())),
                    _ => Err(NameError(text.chars().take(80).collect())),
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, NameError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0.as_ref().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// The id of a workspace, `w_` and sixteen characters. Never reused; its name can change, its id can't.
    WorkspaceId,
    'w'
);
id!(
    /// The id of a session, `s_` and sixteen characters. A name, not a capability: doors authorise every call.
    SessionId,
    's'
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_round_trip_and_others_are_refused() {
        let id = SessionId::from_random([0xff, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(id.as_str().parse(), Ok(id.clone()));
        assert_eq!(id.as_str().len(), 18);
        assert_eq!(id.to_random(), [0xff, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        for text in ["", "s_", "w_0000000000000000", "s_000000000000000!", "s_00000000000000000"] {
            assert!(text.parse::<SessionId>().is_err(), "{text}");
        }
    }
}
