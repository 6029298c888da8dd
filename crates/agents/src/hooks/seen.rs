//! The hooks of a settings file, as a second parser reads them.

use super::commands::{Event, Hooks};
use crate::plain::Plain;
use std::collections::BTreeMap;

/// The hooks of one event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HookSeen {
    /// What those of ours run.
    pub ours: Vec<String>,
    /// What the others run, for people to read.
    pub others: Vec<String>,
}

/// The hooks for worktrees that a settings file holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HooksPresent {
    /// Of `WorktreeCreate`.
    pub create: HookSeen,
    /// Of `WorktreeRemove`.
    pub remove: HookSeen,
}

impl HooksPresent {
    pub(super) fn of(file: &Plain) -> Self {
        Self { create: HookSeen::of(file, Event::Create), remove: HookSeen::of(file, Event::Remove) }
    }

    pub(super) fn event(&self, event: Event) -> &HookSeen {
        match event {
            Event::Create => &self.create,
            Event::Remove => &self.remove,
        }
    }

    /// Whether both are there and run exactly this.
    pub(super) fn is_exactly(&self, hooks: &Hooks) -> bool {
        Event::ALL.into_iter().all(|event| self.event(event).is_exactly(hooks.of_event(event)))
    }

    /// Both, where each is there once.
    pub fn hooks(&self) -> Option<Hooks> {
        match (self.create.ours.as_slice(), self.remove.ours.as_slice()) {
            ([create], [remove]) => Some(Hooks { create: create.clone(), remove: remove.clone() }),
            _ => None,
        }
    }

    /// Whether nothing of ours is there.
    pub fn is_absent(&self) -> bool {
        self.create.ours.is_empty() && self.remove.ours.is_empty()
    }
}

impl HookSeen {
    /// Whether ours are there and run this; what is there twice runs once.
    pub(super) fn is_exactly(&self, line: &str) -> bool {
        !self.ours.is_empty() && self.ours.iter().all(|own| own == line)
    }

    fn of(file: &Plain, event: Event) -> Self {
        let mut seen = Self::default();
        for group in groups(file, event) {
            for hook in group.get("hooks").map(items).unwrap_or_default() {
                match command_line(hook) {
                    Some(line) if event.is_ours(&line) => seen.ours.push(line),
                    Some(line) => seen.others.push(line),
                    None => seen.others.push(of_another_kind(hook)),
                }
            }
        }
        seen
    }
}

fn groups(file: &Plain, event: Event) -> &[Plain] {
    file.get("hooks").and_then(|hooks| hooks.get(event.name())).map(items).unwrap_or_default()
}

fn items(list: &Plain) -> &[Plain] {
    if let Plain::List(items) = list { items } else { &[] }
}

/// What a hook runs, if it is a command.
pub fn command_line(hook: &Plain) -> Option<String> {
    let command = hook.get("command")?.as_text()?;
    let args = hook.get("args").and_then(Plain::as_texts).unwrap_or_default();
    Some(std::iter::once(command.to_owned()).chain(args).collect::<Vec<_>>().join(" "))
}

fn of_another_kind(hook: &Plain) -> String {
    let said = ["url", "prompt", "tool"].iter().find_map(|key| hook.get(key)?.as_text());
    said.unwrap_or("a hook of another kind").to_owned()
}

/// Everything but the hooks of ours. What is empty without them counts as not there.
pub fn rest(file: &Plain) -> Plain {
    let mut rest = match file {
        Plain::Null => BTreeMap::new(),
        Plain::Map(map) => map.clone(),
        other => return other.clone(),
    };
    let key = |name: &str| Plain::Text(name.to_owned());
    if let Some(Plain::Map(events)) = rest.get_mut(&key("hooks")) {
        for event in Event::ALL {
            let Some(Plain::List(groups)) = events.get_mut(&key(event.name())) else { continue };
            groups.retain_mut(|group| {
                let Plain::Map(group) = group else { return true };
                let Some(Plain::List(hooks)) = group.get_mut(&key("hooks")) else { return true };
                hooks.retain(|hook| !command_line(hook).is_some_and(|line| event.is_ours(&line)));
                !hooks.is_empty()
            });
            if groups.is_empty() {
                events.remove(&key(event.name()));
            }
        }
        if events.is_empty() {
            rest.remove(&key("hooks"));
        }
    }
    Plain::Map(rest)
}
