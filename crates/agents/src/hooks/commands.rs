//! What the hooks run.

use crate::{Entry, NAME};

/// An event of Claude Code that a hook of ours answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    Create,
    Remove,
}

impl Event {
    /// Both, in the order in which they are written.
    pub const ALL: [Self; 2] = [Self::Create, Self::Remove];

    /// The name in the settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "WorktreeCreate",
            Self::Remove => "WorktreeRemove",
        }
    }

    /// The words by which a command line is known as ours.
    pub fn words(self) -> [&'static str; 3] {
        ["agent", "hook", if self == Self::Create { "worktree-create" } else { "worktree-remove" }]
    }

    /// Whether a command line answers this event with Acetate.
    pub fn is_ours(self, line: &str) -> bool {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.windows(3).any(|words| words == self.words())
    }
}

/// The command lines of both hooks, for a shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hooks {
    /// Of `WorktreeCreate`.
    pub create: String,
    /// Of `WorktreeRemove`.
    pub remove: String,
}

impl Default for Hooks {
    /// `acetate agent hook …`.
    fn default() -> Self {
        Self::with(NAME, &[])
    }
}

impl Hooks {
    /// Those that name the program, the store and the workspace as an entry does. None for an entry that does not run `mcp` of Acetate
    /// itself, but a container for example.
    pub fn of(entry: &Entry) -> Option<Self> {
        let mut words = entry.args.iter().map(String::as_str);
        if words.next() != Some("mcp") {
            return None;
        }
        let mut kept = Vec::new();
        while let Some(word) = words.next() {
            for option in ["--store", "--workspace"] {
                if word == option {
                    kept.extend([option, words.next()?]);
                } else if word.strip_prefix(option).is_some_and(|rest| rest.starts_with('=')) {
                    kept.push(word);
                }
            }
        }
        Some(Self::with(&entry.command, &kept))
    }

    fn with(program: &str, options: &[&str]) -> Self {
        let line = |event: Event| {
            let words = std::iter::once(program).chain(event.words()).chain(options.iter().copied());
            words.map(quoted).collect::<Vec<_>>().join(" ")
        };
        Self { create: line(Event::Create), remove: line(Event::Remove) }
    }

    pub(super) fn of_event(&self, event: Event) -> &str {
        match event {
            Event::Create => &self.create,
            Event::Remove => &self.remove,
        }
    }
}

/// A word as a shell reads it, with the home folder left for it to find.
fn quoted(word: &str) -> String {
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./=:,+@%".contains(&byte));
    if plain(word) {
        return word.to_owned();
    }
    match word.strip_prefix("~/").filter(|rest| !rest.is_empty()) {
        Some(rest) => format!("~/{}", quoted(rest)),
        None => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(command: &str, args: &[&str]) -> Entry {
        Entry { command: command.into(), args: args.iter().map(|&arg| arg.into()).collect(), ..Entry::default() }
    }

    #[test]
    fn they_name_what_the_entry_names() {
        let create = |command: &str, args: &[&str]| Hooks::of(&entry(command, args)).map(|hooks| hooks.create);
        assert_eq!(Hooks::of(&Entry::default()), Some(Hooks::default()));
        assert_eq!(Hooks::default().remove, "acetate agent hook worktree-remove");
        assert_eq!(create("/opt/my tools/acetate", &["mcp"]).as_deref(), Some("'/opt/my tools/acetate' agent hook worktree-create"));
        assert_eq!(create("~/.cargo/bin/acetate", &["mcp"]).as_deref(), Some("~/.cargo/bin/acetate agent hook worktree-create"));
        assert_eq!(
            create("acetate", &["mcp", "--store", "/srv/a'b", "--session", "s_1", "--workspace=w"]).as_deref(),
            Some("acetate agent hook worktree-create --store '/srv/a'\\''b' --workspace=w")
        );
        assert_eq!(create("podman", &["run", "acetate", "mcp"]), None);
        assert_eq!(create("acetate", &["mcp", "--store"]), None);
    }

    #[test]
    fn they_are_known_by_their_words() {
        for line in ["acetate agent hook worktree-create", "'/a b/acetate'  agent hook worktree-create --store /x"] {
            assert!(Event::Create.is_ours(line) && !Event::Remove.is_ours(line), "{line}");
        }
        assert!(!Event::Create.is_ours("./agent-hook worktree-create"));
    }
}
