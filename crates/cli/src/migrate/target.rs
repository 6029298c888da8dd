//! The workspace that an exported session becomes, and how far it has come.

use crate::client::{Exit, Failure, Request, encode_segment};
use crate::commands::Context;
use acetate_engine::api::{VersionInfo, VersionPage, WorkspaceInfo};
use sha2::{Digest as _, Sha256};

/// What a migrated version's message begins with; its snapshot's mark follows.
const SUBJECT: &str = "Migrate snapshot ";

/// The message of a snapshot's version.
pub fn message(number: usize, mark: &str, session: &str, made: Option<&str>) -> String {
    let made = made.map(|made| format!("Created-At: {made}\n")).unwrap_or_default();
    format!("{SUBJECT}{number} ({mark})\n\nMigrated-From: {session}\n{made}")
}

/// The name of the workspace of an exported session: its id as far as a name takes it, and a hash where that is not all of it.
pub fn name(prefix: &str, session: &str) -> String {
    let plain = |ch: char| ch.is_ascii_alphanumeric() || matches!(ch, '.' | '_' | '-');
    let kept: String = session.chars().map(|ch| if plain(ch) { ch } else { '-' }).take(60).collect();
    let whole = format!("{prefix}{kept}");
    let name = whole.trim_start_matches(['.', '-']).to_owned();
    let faithful = kept == session && name == whole && !name.is_empty() && !name.ends_with(".git") && !looks_like_id(&name);
    if faithful {
        return name;
    }
    let hash: String = Sha256::digest(session).iter().take(5).map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{hash}", if name.is_empty() { "session" } else { name.trim_end_matches(".git") })
}

fn looks_like_id(name: &str) -> bool {
    name.parse::<acetate_types::WorkspaceId>().is_ok()
}

/// A workspace that is there.
pub struct Target {
    /// Its address.
    pub address: String,
    /// The marks of the snapshots that have landed, oldest first.
    pub landed: Vec<String>,
    /// Whether something landed that was no snapshot.
    pub others: bool,
}

/// Looks for the workspace of that name.
///
/// # Errors
/// When the daemon can't be asked.
pub fn find(context: &mut Context, name: &str) -> Result<Option<Target>, Failure> {
    let address = format!("/v1/workspaces/{}", encode_segment(name));
    match context.ask(Request::get(&*address)) {
        Ok(reply) => drop(reply.parse::<WorkspaceInfo>()?),
        Err(failure) if failure.exit() == Exit::NotFound => return Ok(None),
        Err(failure) => return Err(failure),
    }
    let mut versions: Vec<VersionInfo> = Vec::new();
    let mut before = None;
    loop {
        let request = Request::get(format!("{address}/versions")).query("limit", "500");
        let page: VersionPage = context.ask(request.maybe("before", before.map(|number: u64| number.to_string())))?.parse()?;
        versions.extend(page.versions);
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    let mut target = Target { address, landed: Vec::new(), others: false };
    for version in versions.iter().rev() {
        match mark_of(&version.message) {
            // What comes behind other work is not the export's history any more.
            Some(mark) if !target.others => target.landed.push(mark.to_owned()),
            _ => target.others = true,
        }
    }
    Ok(Some(target))
}

fn mark_of(message: &str) -> Option<&str> {
    message.strip_prefix(SUBJECT)?.rsplit_once(" (")?.1.strip_suffix(')')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart() {
        assert_eq!(name("", "chat_17"), "chat_17");
        assert_eq!(name("app-", "17"), "app-17");
        for (one, other) in [("a/b", "a-b"), ("a b", "a-b"), (".a", "a"), ("", "-"), ("x.git", "x"), ("é", "e")] {
            let (one, other) = (name("", one), name("", other));
            assert_ne!(one, other);
            assert!(one.len() <= 100 && !one.starts_with(['.', '-']) && !one.ends_with(".git"), "{one}");
        }
        assert_ne!(name("", &"x".repeat(61)), name("", &"x".repeat(62)));
    }

    #[test]
    fn messages_say_their_marks() {
        let text = message(3, "0123456789abcdef", "s (1)", Some("2024"));
        assert_eq!(mark_of(text.lines().next().expect("a line")), Some("0123456789abcdef"));
        assert_eq!(mark_of("Fix the parser (x)"), None);
    }
}
