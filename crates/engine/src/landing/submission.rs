//! A submission in the line.

use super::Conflicts;
use crate::EngineError;
use crate::api::{Submission, SubmissionOutcome};
use crate::pipeline::{RefMove, Reply};
use crate::session::SessionCell;
use crate::store::Once;
use crate::workspace::Head;
use acetate_catalog::{EventDraft, SessionRecord};
use acetate_git::ObjectBatch;
use acetate_merge::{Move, SameSymbol};
use acetate_types::ObjectId;
use crossbeam_channel::Sender;
use std::sync::Arc;

/// Work that wants to land. Everything in it was prepared by the submitter; nothing in it changes while it waits.
#[derive(Clone)]
pub(crate) struct Landing {
    /// The submitting session.
    pub(crate) session: Arc<SessionCell>,
    /// The submission's id.
    pub(crate) id: String,
    /// What the session stands on.
    pub(crate) base: Head,
    /// The session's tree, staged or durable.
    pub(crate) tree: ObjectId,
    /// Objects of the turn that ends with this submission.
    pub(crate) objects: Arc<ObjectBatch>,
    /// Moves recorded in the session.
    pub(crate) moves: Vec<Move>,
    /// What becomes of a symbol that both sides changed.
    pub(crate) same_symbol: SameSymbol,
    /// The landed commit's message, without trailers.
    pub(crate) message: String,
    /// The turn that lands.
    pub(crate) turn: u32,
    /// The session as it is recorded if this does not land (its turn ends all the same).
    pub(crate) record: Box<SessionRecord>,
    /// Refs that the end of the turn moves.
    pub(crate) refs: Vec<RefMove>,
    /// The event that tells of the end of the turn, if it made a commit.
    pub(crate) turn_event: Option<EventDraft>,
    /// The key under which the answer is stored.
    pub(crate) once: Option<Once>,
    /// Who asked, for the operation log.
    pub(crate) actor: String,
    /// Where the outcome goes, with the end of the pipeline on which the submitter waits for it to be durable.
    pub(crate) reply: Sender<Result<(Outcome, Reply), EngineError>>,
}

/// What became of a submission.
pub(crate) enum Outcome {
    /// It landed and is durable.
    Landed(Landed),
    /// It meets changes that exclude it.
    Conflict {
        /// The conflicts.
        conflicts: Conflicts,
        /// The head they were computed against, durable.
        against: Head,
    },
}

/// A landing.
#[derive(Debug, Clone)]
pub(crate) struct Landed {
    /// The new head, or the head that has everything already.
    pub(crate) head: Head,
    /// Whether there was nothing to land.
    pub(crate) unchanged: bool,
    /// How many paths landed.
    pub(crate) paths: u64,
    /// Findings of the merge.
    pub(crate) findings: Vec<String>,
}

impl Outcome {
    /// The state in the submission's record.
    pub(crate) fn state(&self) -> &'static str {
        match self {
            Self::Landed(_) => "landed",
            Self::Conflict { .. } => "conflict",
        }
    }

    /// What doors show.
    pub(crate) fn submission(&self, landing: &Landing) -> Submission {
        let outcome = match self {
            Self::Landed(landed) => SubmissionOutcome::Landed {
                version: landed.head.version,
                commit: landed.head.commit,
                tree: landed.head.tree,
                unchanged: landed.unchanged,
                paths: landed.paths,
                findings: landed.findings.clone(),
            },
            Self::Conflict { conflicts, against } => {
                SubmissionOutcome::Conflict { conflicts: conflicts.listed.clone(), open: conflicts.open, against: against.base() }
            }
        };
        Submission { id: Some(landing.id.clone()), session: landing.session.id.clone(), outcome }
    }
}
