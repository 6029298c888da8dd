//! The entry put in.

use super::tree::{Kind, Member, Node, Tree};
use super::write::{block, member as flow_member};
use crate::flow::prepend;
use crate::json::{self, Style};
use crate::layout::{line_start, newline, next_line, slice};
use crate::shape::{Field, Fields};
use crate::splice::Splice;
use crate::{ConfigError, NAME};

/// The indentation of a file that shows none of its own.
const UNIT: &str = "  ";

/// A file with nothing but the entry.
pub fn fresh(parent: &str, fields: &Fields) -> String {
    format!("{}\n", top(parent, fields, "", "\n"))
}

fn named(name: &str, fields: &Fields) -> Fields {
    vec![(name.to_owned(), Field::Map(fields.clone()))]
}

fn top(parent: &str, fields: &Fields, indent: &str, newline: &str) -> String {
    block(&named(parent, &named(NAME, fields)), indent, UNIT, newline)
}

/// Puts the entry in.
pub fn insert(text: &str, parent: &str, fields: &Fields) -> Result<Vec<Splice>, ConfigError> {
    let Some(root) = Tree::parse(text)?.root else { return Ok(vec![append(text, parent, fields, "")]) };
    let (flow, members) = mapping(&root, "the file")?;
    let Some((key, value)) = member(members, parent)? else {
        return Ok(vec![if flow {
            prepend(text, root.start, members.is_empty(), &json::made(parent, fields, &Style::Line))
        } else if !text.ends_with('\n') && root.ends_openly() {
            let (indent, newline) = (column(text, root.start)?, newline(text));
            Splice::insert(line_start(text, root.start), format!("{}{newline}", top(parent, fields, indent, newline)))
        } else {
            append(text, parent, fields, column(text, root.start)?)
        }]);
    };
    if value.is_blank() {
        return Ok(vec![below(text, key, &format!("{}{UNIT}", column(text, key.start)?), fields)?]);
    }
    let (flow, servers) = mapping(value, parent)?;
    if flow {
        return Ok(vec![prepend(text, value.start, servers.is_empty(), &flow_member(NAME, &Field::Map(fields.clone())))]);
    }
    let first = servers.first().map_or(value.start, |(key, _)| key.start);
    Ok(vec![below(text, key, column(text, first)?, fields)?])
}

/// Puts ours in the place of the entry that is there.
pub fn replace(text: &str, parent: &str, fields: &Fields) -> Result<Vec<Splice>, ConfigError> {
    let missing = || ConfigError::shape(format!("there is no `{NAME}`"));
    let root = Tree::parse(text)?.root.ok_or_else(missing)?;
    let (_, value) = member(mapping(&root, "the file")?.1, parent)?.ok_or_else(missing)?;
    let (flow, servers) = mapping(value, parent)?;
    let (key, entry) = member(servers, NAME)?.ok_or_else(missing)?;
    if flow {
        return Ok(vec![Splice::replace(key.start..entry.end, flow_member(NAME, &Field::Map(fields.clone())))]);
    }
    let (start, end) = (line_start(text, key.start), entry.next_line(text).max(next_line(text, key.end)));
    let own = block(&named(NAME, fields), column(text, key.start)?, UNIT, newline(text));
    let last = if slice(text, start..end).ends_with('\n') { newline(text) } else { "" };
    Ok(vec![Splice::replace(start..end, format!("{own}{last}"))])
}

/// A mapping's members, and whether it stands in braces.
pub fn mapping<'n>(node: &'n Node, what: &str) -> Result<(bool, &'n [Member]), ConfigError> {
    match &node.kind {
        Kind::Map { flow, members } => Ok((*flow, members)),
        _ => Err(ConfigError::shape(format!("{what} is no mapping of its own"))),
    }
}

/// The member of a name.
pub fn member<'n>(members: &'n [Member], key: &str) -> Result<Option<&'n Member>, ConfigError> {
    let mut found = members.iter().filter(|(name, _)| matches!(&name.kind, Kind::Scalar { text, .. } if text == key));
    let first = found.next();
    if found.next().is_some() { Err(ConfigError::Ambiguous { key: key.to_owned() }) } else { Ok(first) }
}

/// The blanks before a key that begins its line.
fn column(text: &str, at: usize) -> Result<&str, ConfigError> {
    let before = slice(text, line_start(text, at)..at);
    if before.bytes().all(|byte| byte == b' ') {
        Ok(before)
    } else {
        Err(ConfigError::shape("a key that matters here does not begin its line"))
    }
}

/// Directly below the line of the parent's key.
fn below(text: &str, key: &Node, indent: &str, fields: &Fields) -> Result<Splice, ConfigError> {
    if !slice(text, key.end..text.len()).trim_start_matches(' ').starts_with(':') {
        return Err(ConfigError::shape("a key that matters here is written in a way that is not edited"));
    }
    let (at, newline) = (next_line(text, key.end), newline(text));
    let own = block(&named(NAME, fields), indent, UNIT, newline);
    let ended = slice(text, 0..at).ends_with('\n');
    Ok(Splice::insert(at, if ended { format!("{own}{newline}") } else { format!("{newline}{own}") }))
}

/// At the end. A text without a last line end goes on having none, so that both kinds come back as they were.
fn append(text: &str, parent: &str, fields: &Fields, indent: &str) -> Splice {
    let newline = newline(text);
    let own = top(parent, fields, indent, newline);
    let block = if text.is_empty() {
        own
    } else if text.ends_with('\n') {
        format!("{own}{newline}")
    } else {
        format!("{newline}{own}")
    };
    Splice::insert(text.len(), block)
}
