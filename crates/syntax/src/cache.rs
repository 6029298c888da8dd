//! One bounded cache of trees and outlines for everybody.
//!
//! A blob never changes, so nothing is ever invalidated. What would fill more than a sixteenth of a shard is not taken in.

use crate::{Language, Outline, ParseError, ParseLimits, Parsed, Skeleton};
use acetate_types::ObjectId;
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter, sync};
use std::sync::Arc;

/// What an entry costs besides its content, in bytes: keys, pointers, the cache's own bookkeeping.
const ENTRY: u64 = 192;

/// The bytes of memory that a tree takes for each byte of its text. Measured over hundreds of files of 4 to 60 KB a language, as the growth
/// of resident memory while all their trees are held: Rust and Python 28, Go 27, TypeScript and JavaScript 23, Java 21, JSON 13 to 16, TOML 31,
/// YAML 48, Markdown 58.
fn tree_weight(language: Language, text: usize) -> u64 {
    let per_byte = match language {
        Language::Markdown => 58,
        Language::Yaml => 48,
        Language::Toml => 31,
        Language::Json => 16,
        _ => 28,
    };
    text as u64 * per_byte
}

/// The same text is parsed differently as another language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Place {
    blob: ObjectId,
    language: Language,
    what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum What {
    Tree,
    Outline,
    /// The outline of a text's skeleton.
    Skimmed,
}

#[derive(Clone)]
enum Entry {
    Parsed(Parsed),
    Outline(Arc<Outline>),
    /// There is none.
    Nothing,
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<Place, Entry> for ByBytes {
    fn weight(&self, _: &Place, entry: &Entry) -> u64 {
        weight(entry)
    }
}

fn weight(entry: &Entry) -> u64 {
    let content = match entry {
        Entry::Parsed(parsed) => tree_weight(parsed.language, parsed.len),
        Entry::Outline(outline) => outline.weight() as u64,
        Entry::Nothing => 0,
    };
    content + ENTRY
}

/// Trees and outlines of blobs, shared by all who work on them.
pub struct Syntax {
    entries: sync::Cache<Place, Entry, ByBytes>,
    largest: u64,
    limits: ParseLimits,
}

impl Syntax {
    /// A cache of at most `bytes`.
    pub fn new(bytes: usize, limits: ParseLimits) -> Self {
        const SHARDS: usize = 8;
        let options = OptionsBuilder::new()
            .estimated_items_capacity((bytes / 16_384).max(64))
            .weight_capacity(bytes as u64)
            .shards(SHARDS)
            .build()
            .expect("both capacities are given");
        let entries = sync::Cache::with_options(options, ByBytes, DefaultHashBuilder::default(), sync::DefaultLifecycle::default());
        Self { entries, largest: (bytes / SHARDS / 16) as u64, limits }
    }

    /// The tree of a blob's text, parsed if nobody has yet.
    ///
    /// # Errors
    /// When the text is too large, too deep or too costly.
    pub fn parsed(&self, blob: ObjectId, language: Language, text: &[u8]) -> Result<Parsed, ParseError> {
        let place = Place { blob, language, what: What::Tree };
        if let Some(Entry::Parsed(parsed)) = self.entries.get(&place) {
            return Ok(parsed);
        }
        let parsed = Parsed::new(language, text, &self.limits)?;
        self.insert(place, Entry::Parsed(parsed.clone()));
        Ok(parsed)
    }

    /// The tree of a blob's text, if somebody has parsed it and it is still here.
    pub fn known(&self, blob: ObjectId, language: Language) -> Option<Parsed> {
        match self.entries.get(&Place { blob, language, what: What::Tree }) {
            Some(Entry::Parsed(parsed)) => Some(parsed),
            _ => None,
        }
    }

    /// Keeps a tree that was made otherwise: from the tree of a text that differs a little.
    pub fn insert_parsed(&self, blob: ObjectId, parsed: Parsed) {
        self.insert(Place { blob, language: parsed.language, what: What::Tree }, Entry::Parsed(parsed));
    }

    /// The symbols of a blob's text. Its tree is not kept for that alone: it weighs far more.
    ///
    /// # Errors
    /// When the text is too large, too deep or too costly.
    pub fn outline(&self, blob: ObjectId, language: Language, text: &[u8]) -> Result<Arc<Outline>, ParseError> {
        if let Some(outline) = self.known_outline(blob, language) {
            return Ok(outline);
        }
        let place = Place { blob, language, what: What::Outline };
        let parsed = match self.entries.get(&Place { what: What::Tree, ..place }) {
            Some(Entry::Parsed(parsed)) => parsed,
            _ => Parsed::new(language, text, &self.limits)?,
        };
        let outline = Arc::new(Outline::of(&parsed, text));
        self.insert(place, Entry::Outline(outline.clone()));
        Ok(outline)
    }

    /// The symbols of a blob's text, if somebody has asked for them and they are still here.
    pub fn known_outline(&self, blob: ObjectId, language: Language) -> Option<Arc<Outline>> {
        match self.entries.get(&Place { blob, language, what: What::Outline }) {
            Some(Entry::Outline(outline)) => Some(outline),
            _ => None,
        }
    }

    /// The symbols of a blob's text, with its tree where that is here or had to be made.
    ///
    /// # Errors
    /// When the text is too large, too deep or too costly.
    pub fn tables(&self, blob: ObjectId, language: Language, text: &[u8]) -> Result<(Option<Parsed>, Arc<Outline>), ParseError> {
        let known = self.known(blob, language);
        if let Some(outline) = self.known_outline(blob, language) {
            return Ok((known, outline));
        }
        let parsed = known.map_or_else(|| Parsed::new(language, text, &self.limits), Ok)?;
        let outline = Arc::new(Outline::of(&parsed, text));
        self.insert(Place { blob, language, what: What::Outline }, Entry::Outline(outline.clone()));
        Ok((Some(parsed), outline))
    }

    /// The symbols of a blob's text by its skeleton, as [`Skeleton::outline`] tells them; `None` where it does not.
    pub fn skimmed(&self, blob: ObjectId, language: Language, text: &[u8], skeleton: &Skeleton) -> Option<Arc<Outline>> {
        let place = Place { blob, language, what: What::Skimmed };
        match self.entries.get(&place) {
            Some(Entry::Outline(outline)) => return Some(outline),
            Some(Entry::Nothing) => return None,
            _ => {}
        }
        let outline = skeleton.outline(language, text, &self.limits).map(Arc::new);
        self.insert(place, outline.clone().map_or(Entry::Nothing, Entry::Outline));
        outline
    }

    /// Bytes held now, as they are counted.
    pub fn bytes(&self) -> u64 {
        self.entries.weight()
    }

    fn insert(&self, place: Place, entry: Entry) {
        if weight(&entry) <= self.largest {
            self.entries.insert(place, entry);
        }
    }
}

impl std::fmt::Debug for Syntax {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Syntax").field("bytes", &self.bytes()).finish_non_exhaustive()
    }
}
