//! Sessions, and what belongs to callers: tokens, idempotency keys, submissions.

use super::super::columns::{Col, maybe};
use super::super::read;
use super::{Stop, Table};
use crate::error::Rejected;
use crate::record::{IdempotencyRecord, SessionRecord, SubmissionRecord, TokenRecord};
use acetate_types::{SessionId, WorkspaceId};
use rusqlite::params;

/// Sets every column but those that an index has.
const SET_SESSION: &str =
    "UPDATE sessions SET branch = ?3, agent = ?4, intent = ?5, owner = ?6, durability = ?8, base_commit = ?9, base_tree = ?10,
            base_version = ?11, tip_commit = ?12, tip_tree = ?13, turn = ?14, applied_seq = ?15, landed = ?16, token_hash = ?17,
            created = ?18, touched = ?19, expires = ?20, ttl_ms = ?21, quota = ?22, moves = ?23, conflicts = ?24, extra = ?25
    WHERE id = ?1 AND workspace = ?2 AND state = ?7";

const PUT_SESSION: &str = "INSERT INTO sessions (id, workspace, branch, agent, intent, owner, state, durability, base_commit, base_tree,
        base_version, tip_commit, tip_tree, turn, applied_seq, landed, token_hash, created, touched, expires, ttl_ms, quota, moves,
        conflicts, extra)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25)
    ON CONFLICT DO UPDATE SET workspace = ?2, branch = ?3, agent = ?4, intent = ?5, owner = ?6, state = ?7, durability = ?8,
        base_commit = ?9, base_tree = ?10, base_version = ?11, tip_commit = ?12, tip_tree = ?13, turn = ?14, applied_seq = ?15,
        landed = ?16, token_hash = ?17, created = ?18, touched = ?19, expires = ?20, ttl_ms = ?21, quota = ?22, moves = ?23,
        conflicts = ?24, extra = ?25";

impl Table<'_> {
    pub(super) fn put_session(&self, record: &SessionRecord) -> Result<(), Stop> {
        self.known(&record.workspace)?;
        // SQLite rewrites the entries of every index that has a column in the SET list, changed or not. Most puts change none of them.
        let same = "SELECT 1 FROM sessions WHERE id = ?1 AND workspace = ?2 AND state = ?3";
        let key = params![Col(&record.id), Col(&record.workspace), Col(&record.state)];
        let unindexed = self.connection.prepare_cached(same)?.exists(key)?;
        self.run(
            if unindexed { SET_SESSION } else { PUT_SESSION },
            params![
                Col(&record.id),
                Col(&record.workspace),
                Col(&record.branch),
                record.agent,
                record.intent,
                record.owner,
                Col(&record.state),
                Col(&record.durability),
                Col(&record.base_commit),
                Col(&record.base_tree),
                maybe(record.base_version),
                maybe(record.tip_commit.as_ref()),
                maybe(record.tip_tree.as_ref()),
                record.turn,
                Col(record.applied_seq),
                maybe(record.landed.as_ref()),
                record.token_hash,
                record.created,
                record.touched,
                record.expires,
                record.ttl_ms,
                Col(record.quota),
                Col(&record.moves),
                Col(&record.conflicts),
                Col(&record.extra),
            ],
        )
    }

    pub(super) fn remove_session(&self, id: &SessionId) -> Result<(), Stop> {
        self.run("DELETE FROM tokens WHERE scope_kind = 'session' AND scope_id = ?1", [Col(id)])?;
        self.run("DELETE FROM sessions WHERE id = ?1", [Col(id)])
    }

    pub(super) fn put_token(&self, record: &TokenRecord) -> Result<(), Stop> {
        let (kind, id) = read::scope_columns(&record.scope);
        self.run(
            "INSERT INTO tokens (hash, scope_kind, scope_id, rights, label, created, expires) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT DO UPDATE SET scope_kind = excluded.scope_kind, scope_id = excluded.scope_id, rights = excluded.rights,
                label = excluded.label, created = excluded.created, expires = excluded.expires",
            params![record.hash, kind, id, record.rights, record.label, record.created, record.expires],
        )
    }

    pub(super) fn put_idempotency(&self, record: &IdempotencyRecord) -> Result<(), Stop> {
        if let Some(found) = read::idempotent(self.connection, &record.caller, record.workspace.as_ref(), &record.key)? {
            return Err(Rejected::KeyUsed(Box::new(found)).into());
        }
        self.run(
            "INSERT INTO idempotency (caller, workspace, key, body_hash, answer, status, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                record.caller,
                record.workspace.as_ref().map_or("", WorkspaceId::as_str),
                record.key,
                record.body_hash,
                Col(&record.answer),
                record.status,
                record.created,
            ],
        )
    }

    pub(super) fn put_submission(&self, record: &SubmissionRecord) -> Result<(), Stop> {
        self.known(&record.workspace)?;
        self.run(
            "INSERT INTO submissions (id, workspace, session, state, answer, created, finished) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT DO UPDATE SET workspace = excluded.workspace, session = excluded.session, state = excluded.state,
                answer = excluded.answer, created = excluded.created, finished = excluded.finished",
            params![
                record.id,
                Col(&record.workspace),
                Col(&record.session),
                record.state,
                Col(&record.answer),
                record.created,
                record.finished,
            ],
        )
    }
}
