//! What a resolution is about: a whole path, or one part of a file.

use crate::EngineError;
use crate::api::{ConflictInfo, ConflictSide, Resolve, Take};
use crate::landing::whole_key;

/// What is to be settled.
pub(super) enum Target<'a> {
    /// One question of a file's text.
    Part(&'a ConflictInfo),
    /// A path with all that is asked about its text; or, of several conflicts about where files are, one.
    Whole {
        /// What it is kept by.
        key: String,
        /// Its conflicts, at least one.
        conflicts: Vec<&'a ConflictInfo>,
    },
}

impl<'a> Target<'a> {
    /// Finds what is asked for among the conflicts that the caller was shown.
    ///
    /// # Errors
    /// `conflict_not_found`.
    pub(super) fn find(conflicts: &'a [ConflictInfo], resolve: &Resolve) -> Result<Self, EngineError> {
        let here: Vec<&ConflictInfo> = conflicts.iter().filter(|conflict| conflict.path == resolve.path).collect();
        let named = |conflict: &ConflictInfo| {
            let symbol = match resolve.symbol.as_deref() {
                None => true,
                Some("") => conflict.symbol.is_none() && is_part(conflict),
                symbol => conflict.symbol.as_deref() == symbol,
            };
            symbol && resolve.kind.as_ref().is_none_or(|kind| conflict.kind == *kind)
        };
        // Several can be asked for at once: they are settled one after the other, and the first one anew when all are.
        let asked = || here.iter().copied().filter(|conflict| named(conflict));
        let found = asked().find(|conflict| !conflict.resolved).or_else(|| asked().next()).ok_or_else(|| missing(&here, resolve))?;
        let key = whole_of(found);
        let together: Vec<&ConflictInfo> = here.into_iter().filter(|other| whole_of(other) == key).collect();
        let one_of_several = resolve.kind.is_some() && together.len() > 1;
        if is_part(found) && (resolve.symbol.is_some() || one_of_several) {
            return Ok(Self::Part(found));
        }
        Ok(Self::Whole { key, conflicts: together })
    }

    /// What the resolution is kept by.
    pub(super) fn key(&self) -> String {
        match self {
            Self::Part(conflict) => conflict.id.clone(),
            Self::Whole { key, .. } => key.clone(),
        }
    }

    /// Whether an earlier resolution at the same path no longer counts: the same one, the whole's for a part, a part's for the whole.
    pub(super) fn replaces(&self, key: &str) -> bool {
        match self {
            Self::Part(conflict) => conflict.id == key || whole_of(conflict) == key,
            Self::Whole { key: own, conflicts } => own == key || conflicts.iter().any(|conflict| conflict.id == key),
        }
    }

    /// Checks that what is taken is there.
    ///
    /// # Errors
    /// `no_proposal`, `no_text`, `text_missing`, `text_unexpected`.
    pub(super) fn check(&self, resolve: &Resolve) -> Result<(), EngineError> {
        let all = match self {
            Self::Part(conflict) => std::slice::from_ref(conflict),
            Self::Whole { conflicts, .. } => conflicts.as_slice(),
        };
        match resolve.take {
            Take::Proposal => match all.iter().find(|conflict| conflict.proposal.is_none()) {
                Some(without) => {
                    let symbol = without.symbol.as_ref().map(|symbol| format!(", {symbol},")).unwrap_or_default();
                    Err(EngineError::invalid("no_proposal", format!("the conflict at {}{symbol} has no proposal", resolve.path))
                        .hint("take head, session or text; name a symbol to settle only its part"))
                }
                None if resolve.text.is_some() => Err(unexpected()),
                None => Ok(()),
            },
            Take::Text if all.iter().all(|conflict| sides(conflict).iter().all(Option::is_none)) => Err(EngineError::invalid(
                "no_text",
                format!("the conflict at {} is about where files belong, not about a text", resolve.path),
            )
            .hint("take head or session: every file stays where its side has it, and can be moved or edited then")),
            Take::Text if resolve.text.is_none() => Err(EngineError::invalid("text_missing", "`take: text` needs the text")),
            Take::Text => Ok(()),
            _ if resolve.text.is_some() => Err(unexpected()),
            _ => Ok(()),
        }
    }
}

fn unexpected() -> EngineError {
    EngineError::invalid("text_unexpected", "a text goes with `take: text` only")
}

fn missing(here: &[&ConflictInfo], resolve: &Resolve) -> EngineError {
    let error = EngineError::not_found(
        "conflict_not_found",
        match &resolve.symbol {
            Some(symbol) if !here.is_empty() => format!("{symbol:?} in {} is not in conflict", resolve.path),
            _ => format!("{} is not in conflict", resolve.path),
        },
    );
    let symbols: Vec<&str> = here.iter().filter_map(|conflict| conflict.symbol.as_deref()).take(20).collect();
    if symbols.is_empty() {
        error.hint("`status` lists the conflicts that wait")
    } else {
        error.hint(format!("in conflict there: {}", symbols.join(", ")))
    }
}

fn sides(conflict: &ConflictInfo) -> [Option<acetate_types::ObjectId>; 3] {
    let id = |side: &Option<ConflictSide>| side.as_ref().map(|side| side.id);
    [id(&conflict.base), id(&conflict.head), id(&conflict.session)]
}

/// What a resolution of the whole path would be kept by.
fn whole_of(conflict: &ConflictInfo) -> String {
    whole_key(&conflict.path, &sides(conflict))
}

/// Whether a conflict is one question of a file's text.
fn is_part(conflict: &ConflictInfo) -> bool {
    conflict.id != whole_of(conflict)
}
