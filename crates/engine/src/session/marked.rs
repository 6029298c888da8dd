//! A conflict between texts as conflict markers, for people. Only ever shown: nothing reads markers back.

use super::handle::Session;
use super::submit::merge_moves;
use crate::EngineError;
use crate::api::Right;
use crate::landing::merge;
use acetate_merge::{Labels, MarkerStyle, TreeMerge};
use acetate_types::RepoPath;
use bytes::Bytes;

impl Session {
    pub(super) fn marked_text(&self, path: &RepoPath, style: MarkerStyle) -> Result<Bytes, EngineError> {
        self.need(Right::Read)?;
        let _gate = self.cell.gate.lock();
        self.cell.touch(self.store.now());
        let pending = self.pending()?;
        // What the session has now is merged, and nothing of it kept.
        let turn = self.end_turn(None)?;
        let merged = merge_moves(&self.store, &turn.snapshot)
            .and_then(|moves| merge(&self.store, [&turn.base.tree, &pending.against.tree, &turn.tree], moves, pending.same_symbol));
        self.store.repo.unstage(&turn.objects);
        let at = |point: Option<u64>| point.map(|version| format!(" v{version}")).unwrap_or_default();
        let labels = Labels {
            base: format!("base{}", at(turn.base.version)),
            ours: format!("head{}", at(pending.against.version)),
            theirs: format!("session {}", self.cell.agent.chars().filter(|ch| !ch.is_control()).collect::<String>()),
        };
        render(&merged?, path, &labels, style)
    }
}

fn render(merge: &TreeMerge, path: &RepoPath, labels: &Labels, style: MarkerStyle) -> Result<Bytes, EngineError> {
    let mut here = merge.conflicts.iter().filter(|conflict| conflict.path == *path).peekable();
    if here.peek().is_none() {
        return Err(EngineError::not_found("conflict_not_found", format!("{path} is not in conflict"))
            .hint("`status` lists the conflicts that wait"));
    }
    here.find_map(|conflict| conflict.marked(labels, style)).map(Bytes::from).ok_or_else(|| {
        EngineError::invalid("no_text", format!("the conflict at {path} is not one between texts"))
            .hint("`status` says what each side has there")
    })
}
