//! What all tests ask of an edit.

#![allow(dead_code, reason = "each test file uses its own part of this")]

use acetate_agents::{Clash, Edited, Entry, Present, Tool, Undo, add, present, remove};

/// Adds the entry and checks everything that must hold of any text; what came out.
pub fn added(tool: Tool, before: Option<&str>, entry: &Entry) -> String {
    let Ok(Edited::Text(after)) = add(tool, before, entry, Clash::Refuse) else {
        panic!("{tool}: {:?} into {before:?}", add(tool, before, entry, Clash::Refuse))
    };
    assert_eq!(present(tool, &after), Ok(Some(Present::Command(entry.clone()))), "{tool}: {after}");
    assert_eq!(add(tool, Some(&after), entry, Clash::Refuse), Ok(Edited::Same), "{tool}: twice into {before:?}");
    let undo = Undo::between(before, &after);
    assert_eq!(undo.apply(&after).as_ref().map(Option::as_deref), Ok(before), "{tool}: {after}");
    after
}

/// The same, and that taking it out gives back every byte without a receipt.
pub fn there_and_back(tool: Tool, before: Option<&str>, entry: &Entry) -> String {
    let after = added(tool, before, entry);
    let expected = before.map_or(Edited::Gone, |before| Edited::Text(before.to_owned()));
    assert_eq!(remove(tool, &after), Ok(expected), "{tool}: {after}");
    after
}
