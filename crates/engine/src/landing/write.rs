//! The commits that Acetate makes.

use crate::api::Timestamp;
use acetate_git::{Commit, Signature};
use acetate_types::ObjectId;
use bytes::Bytes;

/// The address of everyone without one; `.invalid` never resolves (RFC 2606).
const HOST: &str = "acetate.invalid";

/// Who a session's agent is in a commit: its name as it gave it, and an address made from it.
pub(crate) fn agent_signature(agent: &str, at: Timestamp) -> Signature {
    let slug: String = agent
        .chars()
        .map(|ch| if ch.is_ascii_alphanumeric() || ch == '-' || ch == '.' { ch.to_ascii_lowercase() } else { '-' })
        .take(64)
        .collect();
    let slug = slug.trim_matches(['-', '.']);
    let slug = if slug.is_empty() { "agent" } else { slug };
    signature(if agent.trim().is_empty() { "agent" } else { agent }, &format!("{slug}@{HOST}"), at)
}

/// Name and address of a session's agent as its commits have them.
pub fn agent_identity(agent: &str) -> (String, String) {
    let Signature { name, email, .. } = agent_signature(agent, Timestamp(0));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&name), text(&email))
}

/// Acetate itself, as committer.
pub(crate) fn own_signature(at: Timestamp) -> Signature {
    signature("Acetate", &format!("acetate@{HOST}"), at)
}

fn signature(name: &str, email: &str, at: Timestamp) -> Signature {
    let name: String = name.chars().filter(|ch| !ch.is_control() && !matches!(ch, '<' | '>')).collect();
    Signature { name: Bytes::from(name), email: Bytes::from(email.to_owned()), seconds: at.seconds(), offset_minutes: 0 }
}

/// A message with trailers in a last paragraph of their own, as Git reads them. Values lose their line ends: a trailer is one line.
pub(crate) fn commit_message(message: &str, trailers: &[(&str, &str)]) -> Bytes {
    let mut text = message.trim_end().to_owned();
    if text.is_empty() {
        text.push_str("Change");
    }
    text.push_str("\n\n");
    for (key, value) in trailers {
        let value: String = value.chars().map(|ch| if ch.is_control() { ' ' } else { ch }).take(2000).collect();
        let value = value.trim();
        if !value.is_empty() {
            text.push_str(&format!("{key}: {value}\n"));
        }
    }
    Bytes::from(text)
}

/// A commit of an agent, recorded by Acetate.
pub(crate) fn agent_commit(agent: &str, at: Timestamp, tree: ObjectId, parents: Vec<ObjectId>, message: Bytes) -> Commit {
    Commit { tree, parents, author: agent_signature(agent, at), committer: own_signature(at), extra: Bytes::new(), message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trailers_stay_in_one_line_and_come_last() {
        let message = commit_message("Do it\n\nBecause.\n\n", &[("Acetate-Agent", "ada\nAcetate-Version: v9"), ("Acetate-Intent", " ")]);
        assert_eq!(message, "Do it\n\nBecause.\n\nAcetate-Agent: ada Acetate-Version: v9\n");
    }

    #[test]
    fn names_lose_what_would_break_a_commit() {
        let signature = agent_signature("a <b>\n\u{1b}c", Timestamp(1_700_000_000_123));
        assert_eq!(signature.name, "a bc");
        assert_eq!(signature.email, "a--b---c@acetate.invalid");
        assert_eq!(signature.seconds, 1_700_000_000);
    }
}
