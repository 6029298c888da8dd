//! One hook put into a settings file's text, replaced, and what the text may have been before it came.

use super::commands::{Event, Hooks};
use crate::ConfigError;
use crate::format::Earlier;
use crate::json::{Container, Document, Style, along, member, member_object, member_text, quoted, range, top, top_in, unit, value};
use crate::shape::{Field, Fields};
use crate::splice::Splice;
use jsonc_parser::ast::{Array, Object, Value};

/// Claude Code reads with `JSON.parse`: with a comment in it the whole file is skipped.
const COMMENTS: bool = false;
/// The key under which events stand, and in a group its hooks.
const HOOKS: &str = "hooks";

fn map(name: &str, value: Field) -> Fields {
    vec![(name.to_owned(), value)]
}

fn hook(command: &str) -> Field {
    let fields = [("type", "command"), ("command", command)];
    Field::Map(fields.map(|(name, text)| (name.to_owned(), Field::Text(text.to_owned()))).into())
}

/// A hook with nothing beside it.
fn group(command: &str) -> Field {
    Field::Map(map(HOOKS, Field::List(vec![hook(command)])))
}

fn groups(command: &str) -> Field {
    Field::List(vec![group(command)])
}

/// A whole file with nothing but both hooks, without a last line end.
pub fn whole(hooks: &Hooks) -> String {
    let events = Event::ALL.map(|event| (event.name().to_owned(), groups(hooks.of_event(event))));
    top(&map(HOOKS, Field::Map(events.into())), "\n")
}

/// An event with the hook in it. On one line it has blanks inside its brackets, which an empty one that was filled has not.
fn made(event: Event, command: &str, style: &Style) -> String {
    match style {
        Style::Line => format!("{}: [ {} ]", quoted(event.name()), value(&group(command), style)),
        Style::Lines { .. } => member_text(event.name(), &groups(command), style),
    }
}

fn list<'o, 'a>(events: &'o Object<'a>, event: Event) -> Result<Option<(usize, &'o Array<'a>)>, ConfigError> {
    match member(events, event.name())? {
        None => Ok(None),
        Some((number, member)) => match &member.value {
            Value::Array(list) => Ok(Some((number, list))),
            _ => Err(ConfigError::shape(format!("{:?} is no list", event.name()))),
        },
    }
}

/// Puts the hook in, in a group of its own behind all others.
pub fn insert(text: &str, event: Event, command: &str) -> Result<Vec<Splice>, ConfigError> {
    let document = Document::parse(text, COMMENTS)?;
    let Some(root) = document.object()? else {
        return Ok(vec![top_in(text, &map(HOOKS, Field::Map(map(event.name(), groups(command)))))]);
    };
    let unit = unit(text, root);
    let Some((_, events)) = member_object(root, HOOKS)? else {
        return Ok(Container::object(root).append(&document, &unit, |style| match style {
            Style::Line => format!("{}: {{ {} }}", quoted(HOOKS), made(event, command, style)),
            Style::Lines { .. } => member_text(HOOKS, &Field::Map(map(event.name(), groups(command))), style),
        }));
    };
    Ok(match list(events, event)? {
        None => Container::object(events).append(&document, &unit, |style| made(event, command, style)),
        Some((_, groups)) => Container::list(groups).append(&document, &unit, |style| value(&group(command), style)),
    })
}

/// A hook of ours in the text.
struct Found<'o, 'a> {
    /// The containers from the top object down to the hook, and in each the item that leads on.
    way: Vec<(Container, usize)>,
    hook: &'o Object<'a>,
}

/// The first hook of ours.
fn find<'o, 'a>(root: &'o Object<'a>, event: Event) -> Result<Option<Found<'o, 'a>>, ConfigError> {
    let Some((at, events)) = member_object(root, HOOKS)? else { return Ok(None) };
    let Some((number, groups)) = list(events, event)? else { return Ok(None) };
    for (place, group) in groups.elements.iter().enumerate() {
        let Value::Object(group) = group else { continue };
        let Some((_, member)) = member(group, HOOKS)? else { continue };
        let Value::Array(hooks) = &member.value else { continue };
        for (index, hook) in hooks.elements.iter().enumerate() {
            if let Value::Object(hook) = hook
                && command_line(hook)?.is_some_and(|line| event.is_ours(&line))
            {
                let mut way = vec![(Container::object(root), at), (Container::object(events), number), (Container::list(groups), place)];
                // A group that holds others too stays.
                if hooks.elements.len() > 1 {
                    way.push((Container::list(hooks), index));
                }
                return Ok(Some(Found { way, hook }));
            }
        }
    }
    Ok(None)
}

fn command_line(hook: &Object<'_>) -> Result<Option<String>, ConfigError> {
    let Some((_, command)) = member(hook, "command")? else { return Ok(None) };
    let Value::StringLit(command) = &command.value else { return Ok(None) };
    let mut words = vec![command.value.to_string()];
    if let Some((_, args)) = member(hook, "args")?
        && let Value::Array(args) = &args.value
    {
        words.extend(args.elements.iter().filter_map(|arg| match arg {
            Value::StringLit(arg) => Some(arg.value.to_string()),
            _ => None,
        }));
    }
    Ok(Some(words.join(" ")))
}

/// Puts the command in the place of what the hook runs; whatever else it says stays, unless its words stand one by one.
pub fn replace(text: &str, event: Event, command: &str) -> Result<Vec<Splice>, ConfigError> {
    let document = Document::parse(text, COMMENTS)?;
    let Some(root) = document.object()? else { return Ok(Vec::new()) };
    let Some(found) = find(root, event)? else { return Ok(Vec::new()) };
    let Some((_, there)) = member(found.hook, "command")? else { return Ok(Vec::new()) };
    Ok(vec![match member(found.hook, "args")? {
        None => Splice::replace(range(&there.value), quoted(command)),
        Some(_) => Splice::replace(range(found.hook), value(&hook(command), &Style::Line)),
    }])
}

/// What the text may have been before the first hook of ours came; none if there is no such hook.
pub fn earlier(text: &str, event: Event) -> Result<Option<Earlier>, ConfigError> {
    let document = Document::parse(text, COMMENTS)?;
    let Some(root) = document.object()? else { return Ok(None) };
    let Some(Found { way, .. }) = find(root, event)? else { return Ok(None) };
    let mut earlier = along(&document, root, &way);
    // An event without hooks says nothing.
    if let [_, (events, number), (groups, _)] = way.as_slice()
        && groups.items.len() == 1
    {
        earlier.close = events.without(&document, *number);
    }
    Ok(Some(earlier))
}
