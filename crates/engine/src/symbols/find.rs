//! Listing the symbols of a file, and searching for symbols by name.

use super::outlined::{Outlined, outlined};
use crate::EngineError;
use crate::api::{ListSymbols, SymbolInfo, SymbolList};
use crate::store::{Store, page};
use acetate_overlay::{FileView, Flow, Overlay, Visit};
use acetate_syntax::Language;
use acetate_types::RepoPath;
use bytes::Bytes;

/// Most symbols of one answer.
const LISTED: usize = 10_000;
/// Most files that one search parses, and most that it looks into at all.
const PARSED: usize = 500;
const LOOKED: usize = 20_000;
/// Most bytes that one search looks into.
const BYTES: u64 = 256 << 20;

/// The symbols of a file, or those with a name.
pub(crate) fn symbols_of(store: &Store, overlay: &Overlay, list: &ListSymbols) -> Result<SymbolList, EngineError> {
    match (&list.path, list.query.as_deref().map(str::trim)) {
        (Some(path), query) => of_file(store, overlay, path, query, list.limit),
        (None, Some(query)) if !query.is_empty() => search(store, overlay, query, list.limit),
        (None, _) => Err(EngineError::invalid("symbols_unasked", "name a path, or a symbol to look for")
            .hint("`path` lists all symbols of a file, `query` searches by name")),
    }
}

fn show(path: &RepoPath, symbol: &acetate_syntax::Symbol) -> SymbolInfo {
    SymbolInfo {
        path: path.clone(),
        symbol: symbol.path.clone(),
        kind: symbol.kind().as_str().to_owned(),
        start: symbol.lines.start as u64,
        lines: symbol.lines.len() as u64,
        has_error: symbol.has_error,
    }
}

fn of_file(
    store: &Store,
    overlay: &Overlay,
    path: &RepoPath,
    query: Option<&str>,
    limit: Option<usize>,
) -> Result<SymbolList, EngineError> {
    let limit = page(limit, LISTED, LISTED)?;
    let file = overlay.file(&store.repo, path)?;
    let Some(Outlined { language, outline, .. }) = outlined(store, path, &file)? else {
        return Ok(SymbolList { language: None, symbols: Vec::new(), truncated: false });
    };
    let query = query.map(Query::new);
    let wanted = outline.symbols.iter().filter(|symbol| query.as_ref().is_none_or(|query| query.rank(symbol).is_some()));
    let mut symbols: Vec<SymbolInfo> = wanted.map(|symbol| show(path, symbol)).collect();
    let truncated = outline.is_cut || symbols.len() > limit;
    symbols.truncate(limit);
    Ok(SymbolList { language: Some(language.as_str().to_owned()), symbols, truncated })
}

/// A name that is looked for: letter case counts only if it has a capital.
struct Query {
    text: String,
    folded: bool,
    /// What a file must hold to have the symbol: the last part of the name.
    last: Vec<u8>,
}

impl Query {
    fn new(text: &str) -> Self {
        let folded = !text.chars().any(char::is_uppercase);
        let part = |ch: char| !(ch.is_alphanumeric() || ch == '_' || ch == '$');
        let last = text.rsplit(part).find(|part| !part.is_empty()).unwrap_or(text);
        Self { text: text.to_owned(), folded, last: last.as_bytes().to_vec() }
    }

    /// How well a symbol fits: 0 is it, 1 is called so, 2 begins so, 3 has it somewhere in its path.
    fn rank(&self, symbol: &acetate_syntax::Symbol) -> Option<u8> {
        let fold = |text: &str| if self.folded { text.to_lowercase() } else { text.to_owned() };
        let (path, name) = (fold(&symbol.path), fold(symbol.name()));
        if path == self.text {
            return Some(0);
        }
        if name == self.text || ends_with_part(&path, &self.text) {
            return Some(1);
        }
        if name.starts_with(&self.text) {
            return Some(2);
        }
        path.contains(&self.text).then_some(3)
    }

    /// Whether a text may have it.
    fn may_be_in(&self, text: &[u8]) -> bool {
        if !self.folded {
            return memchr::memmem::find(text, &self.last).is_some();
        }
        let Some(first) = self.last.first().filter(|_| self.last.is_ascii()) else { return true };
        let (low, high) = (first.to_ascii_lowercase(), first.to_ascii_uppercase());
        let here = |at: usize| text.get(at..at + self.last.len()).is_some_and(|part| part.eq_ignore_ascii_case(&self.last));
        memchr::memchr2_iter(low, high, text).any(here)
    }
}

/// Whether a path ends with a name that is whole: `next` and `Parser::next` do in `lib::Parser::next`, `xt` does not.
fn ends_with_part(path: &str, name: &str) -> bool {
    path.strip_suffix(name).is_some_and(|rest| !rest.ends_with(|last: char| last.is_alphanumeric() || last == '_'))
}

fn search(store: &Store, overlay: &Overlay, query: &str, limit: Option<usize>) -> Result<SymbolList, EngineError> {
    let limit = page(limit, 100, 1000)?;
    let query = Query::new(query);
    let mut found: Vec<(u8, SymbolInfo)> = Vec::new();
    let (mut parsed, mut bytes, mut truncated) = (0, 0, false);
    // The session's own files first: they are what it works on, and a bound never leaves them out for others.
    let own = overlay.changes(&store.repo)?.into_iter().filter_map(|change| Some((change.path.to_bytes(), change.after?)));
    let own: Vec<(Bytes, FileView)> = own.filter(|(path, _)| Language::of(path).is_some()).collect();
    let seen: std::collections::HashSet<Bytes> = own.iter().map(|(path, _)| path.clone()).collect();
    let others = all(store, overlay)?.into_iter().filter(|(path, _)| !seen.contains(path));
    for (at, (path, file)) in own.iter().cloned().chain(others).enumerate() {
        let size = crate::session::size_of(store, &file)?;
        if at >= LOOKED || parsed >= PARSED || bytes + size > BYTES {
            truncated = true;
            break;
        }
        bytes += size;
        let Ok(path) = RepoPath::existing(path) else { continue };
        if super::outlined::parsable(store, &path, &file)?.is_none() || !query.may_be_in(&file.read(&store.repo)?) {
            continue;
        }
        parsed += 1;
        let Some(Outlined { outline, .. }) = outlined(store, &path, &file)? else { continue };
        found.extend(outline.symbols.iter().filter_map(|symbol| Some((query.rank(symbol)?, show(&path, symbol)))));
        if found.len() > LISTED {
            truncated = true;
            break;
        }
    }
    found.sort_by_key(|(rank, _)| *rank);
    truncated |= found.len() > limit;
    let symbols = found.into_iter().take(limit).map(|(_, symbol)| symbol).collect();
    Ok(SymbolList { language: None, symbols, truncated })
}

/// The files in known languages, in path order.
fn all(store: &Store, overlay: &Overlay) -> Result<Vec<(Bytes, FileView)>, EngineError> {
    let mut files = Vec::new();
    overlay.walk(&store.repo, None, &mut |visit| {
        if let Visit::File { path, file } = visit
            && file.mode().is_file()
            && Language::of(path).is_some()
        {
            files.push((Bytes::copy_from_slice(path), file));
        }
        // One more than is looked into, so that it is known that there are more.
        if files.len() > LOOKED { Flow::Stop } else { Flow::Continue }
    })?;
    Ok(files)
}
