//! Bytes in JSON: a string where they are UTF-8, else `{"base64": …}` (DESIGN.md §6).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A byte string that a JSON document shows as text where it can.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Text(pub Bytes);

/// Why a JSON value is no [`Text`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the base64 text is damaged: {0}")]
pub struct TextError(pub String);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Encoded {
    base64: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Wire {
    Plain(String),
    Encoded(Encoded),
}

impl Text {
    /// The text if it is UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", bstr::BStr::new(&self.0))
    }
}

impl<T: Into<Bytes>> From<T> for Text {
    fn from(data: T) -> Self {
        Self(data.into())
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.as_str() {
            Some(text) => serializer.serialize_str(text),
            None => Encoded { base64: STANDARD.encode(&self.0) }.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Wire::deserialize(deserializer)? {
            Wire::Plain(text) => Ok(Self(text.into())),
            Wire::Encoded(encoded) => STANDARD
                .decode(&encoded.base64)
                .map(|data| Self(data.into()))
                .map_err(|error| serde::de::Error::custom(TextError(error.to_string()))),
        }
    }
}
