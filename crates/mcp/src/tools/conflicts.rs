//! Conflicts as a model meets them: what, why, both texts, both agents, and the call that settles it.

use crate::awareness::{point, quoted};
use crate::outcome::{Outcome, clip, counted};
use acetate_engine::api::{Base, ConflictInfo, ConflictSide, Person};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// Most characters of one text of a conflict.
const TEXT: usize = 4_000;
/// Conflicts that are listed.
const LISTED: usize = 100;

/// The answer of a merge that met conflicts. Of the first ones the texts are shown, as many as fit.
pub(super) fn conflicted(conflicts: &[ConflictInfo], open: u64, against: &Base, chars: usize) -> Outcome {
    let mut text = format!("{} with {}; nothing has landed, your session is as it was", counted(open, "conflict"), point(against));
    let mut listed = Vec::new();
    let mut left = chars;
    for found in conflicts.iter().filter(|found| !found.resolved).take(LISTED) {
        let most = if left > 0 { TEXT } else { 0 };
        let lines = conflict_lines(found, most);
        left = left.saturating_sub(lines.len());
        let _ = write!(text, "\n\n{lines}");
        listed.push(conflict(found, most));
    }
    let shown = u64::try_from(listed.len()).unwrap_or(u64::MAX);
    if open > shown {
        let _ = write!(text, "\n\n(and {} more; they are shown when these are settled)", open - shown);
    }
    Outcome::new(json!({ "result": "conflict", "conflicts": listed, "open": open, "against": point(against) }), text)
}

/// A conflict as data, with at most so many characters of each text (none for 0).
pub(crate) fn conflict(found: &ConflictInfo, most: usize) -> Value {
    let mut data = json!({ "file_path": found.path, "kind": found.kind, "why": found.why });
    if let Some(symbol) = &found.symbol {
        data["symbol"] = symbol.as_str().into();
    }
    for (name, side, author) in [
        ("base", &found.base, None),
        ("head", &found.head, found.head_author.as_ref()),
        ("session", &found.session, found.session_author.as_ref()),
    ] {
        if let Some(side) = side {
            data[name] = side_data(side, author, most);
        }
    }
    if let Some(proposal) = &found.proposal {
        data["proposal"] = json!({ "why": proposal.why });
        if most > 0 {
            data["proposal"]["text"] = clip(&String::from_utf8_lossy(&proposal.text.0), most).into();
        }
    }
    if found.resolved {
        data["resolved"] = true.into();
    }
    data["settle"] = json!({ "tool": "resolve", "arguments": settle(found) });
    data
}

fn side_data(side: &ConflictSide, author: Option<&Person>, most: usize) -> Value {
    let mut data = Map::new();
    if let Some(author) = author {
        data.insert("agent".into(), quoted(&author.name).into());
        if let Some(intent) = &author.intent {
            data.insert("intent".into(), quoted(intent).into());
        }
        if let Some(version) = author.version {
            data.insert("version".into(), format!("v{version}").into());
        }
    }
    if let Some(place) = side.places.first() {
        data.insert("line".into(), place.start.into());
    }
    if most > 0 && !side.texts.is_empty() {
        data.insert("text".into(), clip(&text_of(side), most).into());
    }
    if let Some(size) = side.size {
        data.insert("size".into(), size.into());
    }
    Value::Object(data)
}

/// The arguments of the call that settles it, but for `take`.
fn settle(found: &ConflictInfo) -> Value {
    let mut arguments = json!({ "file_path": found.path, "kind": found.kind });
    if let Some(symbol) = &found.symbol {
        arguments["symbol"] = symbol.as_str().into();
    }
    arguments
}

/// Which lines a side's text is.
fn lines_of(side: &ConflictSide) -> String {
    let spans: Vec<String> = side
        .places
        .iter()
        .filter(|place| place.lines > 0)
        .map(|place| {
            if place.lines == 1 {
                format!("line {}", place.start)
            } else {
                format!("lines {}-{}", place.start, place.start + place.lines - 1)
            }
        })
        .collect();
    if spans.is_empty() { String::new() } else { format!(", {}", spans.join(" and ")) }
}

fn text_of(side: &ConflictSide) -> String {
    side.texts.iter().map(|text| String::from_utf8_lossy(&text.0).into_owned()).collect::<Vec<_>>().join("…\n")
}

/// A conflict in a few lines.
pub(super) fn conflict_lines(found: &ConflictInfo, most: usize) -> String {
    let mut out = found.path.to_lossy().into_owned();
    if let Some(symbol) = found.symbol.as_deref().filter(|symbol| !symbol.is_empty()) {
        let _ = write!(out, ", {symbol}");
    }
    let _ = write!(out, ": {} ({})", found.kind, found.why);
    for (name, side, author) in
        [("head", &found.head, found.head_author.as_ref()), ("session (you)", &found.session, found.session_author.as_ref())]
    {
        let who = author.map(|author| {
            let intent = author.intent.as_deref().map(|intent| format!(", intent {:?}", quoted(intent))).unwrap_or_default();
            format!(" by {:?}{intent}", quoted(&author.name))
        });
        let who = who.unwrap_or_default();
        match side {
            Some(side) if most > 0 && !side.texts.is_empty() => {
                let text = text_of(side);
                let place = lines_of(side);
                match text.trim_end_matches('\n') {
                    "" => drop(write!(out, "\n--- {name}{who}{place}: has nothing there")),
                    text => drop(write!(out, "\n--- {name}{who}{place}:\n{}", clip(text, most))),
                }
            }
            None if most > 0 => {
                let _ = write!(out, "\n--- {name}{who}: deleted");
            }
            _ => {}
        }
    }
    let mut takes = "head, session, text or delete";
    if let Some(proposal) = &found.proposal {
        takes = "proposal, head, session, text or delete";
        if most > 0 {
            let text = String::from_utf8_lossy(&proposal.text.0).into_owned();
            let _ = write!(out, "\n--- proposal ({}):\n{}", proposal.why, clip(text.trim_end_matches('\n'), most));
        }
    }
    let _ = write!(out, "\nSettle: resolve {} with take: {takes}", settle(found));
    out
}
