//! Object ids of both Git hash functions, as one small value.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

/// The hash function that names a repository's objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ObjectFormat {
    /// SHA-1, 20 bytes.
    Sha1,
    /// SHA-256, 32 bytes.
    Sha256,
}

impl ObjectFormat {
    /// The length of an id in bytes: 20 or 32.
    pub const fn id_len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// The name Git uses in `--object-format`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
        }
    }
}

/// The id of a Git object. Copied freely; 33 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectId {
    format: ObjectFormat,
    bytes: [u8; 32],
}

/// Why a text or byte string is no object id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an object id has 40 or 64 hexadecimal digits, not {0:?}")]
pub struct IdError(pub String);

impl ObjectId {
    /// An id from its raw bytes: 20 for SHA-1, 32 for SHA-256.
    ///
    /// # Errors
    /// Any other length.
    pub fn from_bytes(raw: &[u8]) -> Result<Self, IdError> {
        let format = match raw.len() {
            20 => ObjectFormat::Sha1,
            32 => ObjectFormat::Sha256,
            _ => return Err(IdError(hex::encode(raw))),
        };
        let mut bytes = [0; 32];
        bytes[..raw.len()].copy_from_slice(raw);
        Ok(Self { format, bytes })
    }

    /// An id from exactly 40 or 64 hexadecimal digits of either case.
    ///
    /// # Errors
    /// Anything else.
    pub fn from_hex(text: &[u8]) -> Result<Self, IdError> {
        let error = || IdError(String::from_utf8_lossy(&text[..text.len().min(80)]).into_owned());
        let format = match text.len() {
            40 => ObjectFormat::Sha1,
            64 => ObjectFormat::Sha256,
            _ => return Err(error()),
        };
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes[..format.id_len()]).map_err(|_| error())?;
        Ok(Self { format, bytes })
    }

    /// The all-zero id, Git's "no object" in ref updates.
    pub const fn null(format: ObjectFormat) -> Self {
        Self { format, bytes: [0; 32] }
    }

    /// Whether this is the all-zero id.
    pub fn is_null(&self) -> bool {
        self.bytes == [0; 32]
    }

    /// The id of the tree without entries, which every repository is taken to have.
    pub fn empty_tree(format: ObjectFormat) -> Self {
        let text: &[u8] = match format {
            ObjectFormat::Sha1 => b"4b825dc642cb6eb9a060e54bf8d69288fbee4904",
            ObjectFormat::Sha256 => b"6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
        };
        Self::from_hex(text).unwrap_or(Self::null(format))
    }

    /// The hash function of this id.
    pub const fn format(&self) -> ObjectFormat {
        self.format
    }

    /// The raw bytes, 20 or 32 of them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.format.id_len()]
    }

    /// The id in lower-case hexadecimal digits.
    pub fn to_hex(&self) -> String {
        hex::encode(self.as_bytes())
    }
}

impl Hash for ObjectId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // The bytes are uniformly distributed already; the first eight tell ids apart as well as all of them.
        let mut first = [0; 8];
        first.copy_from_slice(&self.bytes[..8]);
        state.write_u64(u64::from_le_bytes(first));
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; 64];
        let text = &mut text[..self.format.id_len() * 2];
        hex::encode_to_slice(self.as_bytes(), text).map_err(|_| fmt::Error)?;
        f.pad(std::str::from_utf8(text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for ObjectId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::from_hex(text.as_bytes())
    }
}

impl Serialize for ObjectId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ObjectId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_round_trips_and_other_lengths_are_refused() {
        for text in ["4b825dc642cb6eb9a060e54bf8d69288fbee4904", "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"] {
            let id: ObjectId = text.parse().expect("an id");
            assert_eq!(id.to_string(), text);
            assert_eq!(ObjectId::from_bytes(id.as_bytes()), Ok(id));
            assert_eq!(id, ObjectId::empty_tree(id.format()));
        }
        for text in ["", "4b82", "zb825dc642cb6eb9a060e54bf8d69288fbee4904", "4b825dc642cb6eb9a060e54bf8d69288fbee49041"] {
            assert!(text.parse::<ObjectId>().is_err(), "{text}");
        }
    }
}
