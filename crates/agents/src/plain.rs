//! A document as mere data, the same for all formats: what is compared to tell whether an edit did what was meant.
//!
//! Keys have no order here; that the order of a file stays is the splices' promise.

use crate::NAME;
use crate::shape::{Field, Fields};
use serde::de::{Deserialize, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess as _, Visitor};
use std::collections::BTreeMap;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Plain {
    Null,
    Flag(bool),
    /// As text: what matters is that it stays the same.
    Number(String),
    Text(String),
    List(Vec<Plain>),
    Map(BTreeMap<Plain, Plain>),
}

impl Plain {
    pub fn of(fields: &Fields) -> Self {
        Self::Map(fields.iter().map(|(name, field)| (Self::text(name), Self::field(field))).collect())
    }

    fn field(field: &Field) -> Self {
        match field {
            Field::Flag(flag) => Self::Flag(*flag),
            Field::Count(count) => Self::Number(count.to_string()),
            Field::Text(text) => Self::text(text),
            Field::List(items) => Self::List(items.iter().map(Self::field).collect()),
            Field::Map(fields) => Self::of(fields),
        }
    }

    fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    pub fn get(&self, key: &str) -> Option<&Self> {
        if let Self::Map(map) = self { map.get(&Self::text(key)) } else { None }
    }

    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The texts of a list; nothing if it is something else, or holds something else.
    pub fn as_texts(&self) -> Option<Vec<String>> {
        let Self::List(list) = self else { return None };
        list.iter().map(|item| item.as_text().map(str::to_owned)).collect()
    }

    /// The texts of a map; what is no text is left out.
    pub fn as_pairs(&self) -> BTreeMap<String, String> {
        let Self::Map(map) = self else { return BTreeMap::new() };
        let pair = |(name, value): (&Self, &Self)| Some((name.as_text()?.to_owned(), value.as_text()?.to_owned()));
        map.iter().filter_map(pair).collect()
    }

    /// What stands under our name.
    pub fn entry(&self, parent: &str) -> Option<&Self> {
        self.get(parent)?.get(NAME)
    }

    /// Everything but the entry. What is empty without it counts as not there.
    pub fn rest(&self, parent: &str) -> Self {
        let mut rest = match self {
            Self::Null => BTreeMap::new(),
            Self::Map(map) => map.clone(),
            other => return other.clone(),
        };
        let key = Self::text(parent);
        let empty = match rest.get_mut(&key) {
            Some(Self::Map(servers)) => {
                servers.remove(&Self::text(NAME));
                servers.is_empty()
            }
            Some(Self::Null) => true,
            _ => false,
        };
        if empty {
            rest.remove(&key);
        }
        Self::Map(rest)
    }
}

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Plain;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Plain, E> {
        Ok(Plain::Flag(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Plain, E> {
        Ok(Plain::Number(value.to_string()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Plain, E> {
        Ok(Plain::Number(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Plain, E> {
        Ok(Plain::Number(value.to_string()))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Plain, E> {
        Ok(Plain::Number(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Plain, E> {
        Ok(Plain::Number(format!("{value:?}")))
    }

    fn visit_str<E>(self, value: &str) -> Result<Plain, E> {
        Ok(Plain::text(value))
    }

    fn visit_unit<E>(self) -> Result<Plain, E> {
        Ok(Plain::Null)
    }

    fn visit_none<E>(self) -> Result<Plain, E> {
        Ok(Plain::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, value: D) -> Result<Plain, D::Error> {
        Plain::deserialize(value)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, value: D) -> Result<Plain, D::Error> {
        Plain::deserialize(value)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Plain, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Plain::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Plain, A::Error> {
        let mut map = BTreeMap::new();
        while let Some((key, value)) = pairs.next_entry()? {
            map.insert(key, value);
        }
        Ok(Plain::Map(map))
    }

    /// A value with a tag of YAML.
    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Plain, A::Error> {
        let (tag, value) = data.variant::<String>()?;
        Ok(Plain::List(vec![Plain::Text(tag), value.newtype_variant()?]))
    }
}
