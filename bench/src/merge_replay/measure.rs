//! One case through all tools.

use super::acetate;
use super::case::{Case, Texts, Verdict};
use super::clock::Took;
use super::conserved::{Conserved, conserved};
use super::git;
use super::judge::{Class, People};
use super::kept::Kept;
use super::outcome::{Outcome, Status};
use super::peers::Peer;
use acetate_merge::SameSymbol;
use anyhow::Result;
use serde::Serialize;

/// How the cases are run.
#[derive(Debug)]
pub struct Tools {
    /// Whether Acetate takes part, and with which policy.
    pub acetate: Option<SameSymbol>,
    /// The peers.
    pub peers: Vec<Peer>,
    /// Peers' outcomes of earlier runs.
    pub kept: Kept,
    /// Whether those count.
    pub fresh: bool,
    /// Whether `git merge-file` is asked too.
    pub verify_git: bool,
}

/// What a tool came to in a case.
#[derive(Debug)]
pub struct Judged {
    /// The tool.
    pub tool: &'static str,
    /// Its outcome.
    pub outcome: Outcome,
    /// Its class.
    pub class: Class,
    /// What became of lines.
    pub lines: Conserved,
    /// Whether the text is the one that Git's clean merge gives.
    pub as_git: bool,
    /// What only Acetate is asked.
    pub own: Option<Own>,
    /// Whether the outcome is of an earlier run.
    pub kept: bool,
}

/// What only Acetate is asked.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Own {
    /// How long it took when the base's tables are known.
    pub cached: Option<Took>,
    /// How long parsing the base alone took: what no merge that has to parse it can go below.
    pub base: Option<Took>,
    /// Whether swapping the sides changes anything.
    pub sides_matter: bool,
    /// Whether it is a conflict with a proposal that is the people's result.
    pub proposal_equal: bool,
    /// Whether it is a conflict in which everything has a proposal.
    pub proposal: bool,
}

/// A case, run.
#[derive(Debug)]
pub struct Run {
    /// Git's verdict.
    pub git: Verdict,
    /// What each tool came to.
    pub judged: Vec<Judged>,
    /// Whether `git merge-file` gave another verdict or other clean bytes.
    pub git_differs: bool,
}

/// Runs a case; `None` where Git would not merge it.
///
/// # Errors
/// When a peer can't be started or files can't be read or written.
pub fn run(tools: &Tools, case: &Case, texts: &Texts) -> Result<Option<Run>> {
    let Some(lines) = git::lines(texts) else { return Ok(None) };
    let people = People::of(texts, lines.conflict.as_ref());
    let verdict = if lines.conflict.is_some() { Verdict::Conflict } else { Verdict::Clean };
    let by_lines = lines.outcome.text.clone();
    let judge = |tool: &'static str, outcome: Outcome, own: Option<Own>, kept: bool| Judged {
        tool,
        class: people.class(&outcome),
        lines: match outcome.status {
            Status::Clean | Status::Conflict => conserved(texts, &outcome.text, outcome.status == Status::Clean),
            Status::Failed | Status::TimedOut => Conserved::default(),
        },
        as_git: verdict == Verdict::Clean && outcome.status == Status::Clean && outcome.text == by_lines,
        outcome,
        own,
        kept,
    };
    let mut judged = Vec::new();
    let git_differs = tools.verify_git && !git::verified(texts, &lines.outcome)?;
    judged.push(judge("git", lines.outcome, None, false));
    if let Some(policy) = tools.acetate {
        let answer = acetate::merge(&case.path, texts, policy);
        let proposal_equal = answer.proposal.as_ref().is_some_and(|proposal| *proposal == texts.people);
        let own = Own {
            cached: answer.cached,
            base: answer.base,
            sides_matter: answer.sides_matter,
            proposal_equal,
            proposal: answer.proposal.is_some(),
        };
        judged.push(judge("acetate", answer.outcome, Some(own), false));
    }
    for peer in &tools.peers {
        let kept = if tools.fresh { None } else { tools.kept.get(peer, &case.id) };
        match kept {
            Some(outcome) => judged.push(judge(peer.name, outcome, None, true)),
            None => {
                let outcome = peer.merge(case, texts)?;
                tools.kept.put(peer, &case.id, &outcome)?;
                judged.push(judge(peer.name, outcome, None, false));
            }
        }
    }
    Ok(Some(Run { git: verdict, judged, git_differs }))
}
