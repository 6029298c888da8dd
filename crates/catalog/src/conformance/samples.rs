//! Records to test with, told apart by small numbers.

use crate::{
    ChangeRecord, EventDraft, IdempotencyRecord, OperationDraft, SessionDurability, SessionRecord, SessionState, StoreIdentity,
    SubmissionRecord, TokenRecord, TokenScope, VersionRecord, WorkspaceRecord,
};
use acetate_types::{ObjectFormat, ObjectId, SessionId, Text, WorkspaceId};
use serde_json::{Value, json};

/// The identity of a test store.
pub fn identity() -> StoreIdentity {
    StoreIdentity { id: "store-1".to_owned(), format: ObjectFormat::Sha1, created: 1_700_000_000_000 }
}

/// An object id; odd numbers give SHA-256 ones.
pub fn object(n: u8) -> ObjectId {
    let raw = [n; 32];
    ObjectId::from_bytes(if n.is_multiple_of(2) { &raw[..20] } else { &raw }).expect("20 or 32 bytes")
}

/// A workspace's id.
pub fn workspace_id(n: u8) -> WorkspaceId {
    WorkspaceId::from_random([n; 10])
}

/// A session's id.
pub fn session_id(n: u8) -> SessionId {
    SessionId::from_random([n; 10])
}

/// A JSON value with something of everything in it.
pub fn json_of(n: u8) -> Value {
    json!({ "n": n, "text": "\u{0}é\"\\", "list": [null, true, -1, i64::MAX, u64::MAX], "deep": { "": {} } })
}

/// A workspace with a name of its own.
pub fn workspace(n: u8) -> WorkspaceRecord {
    WorkspaceRecord {
        id: workspace_id(n),
        name: format!("name-{n}"),
        description: "ein Text\n".to_owned(),
        default_branch: Text::from(b"refs/heads/m\xff\x00in".to_vec()),
        created: 1,
        deleted: None,
        parent: None,
        in_place: n.is_multiple_of(2),
        settings: json_of(n),
        version_base: 0,
    }
}

/// The version `number` of workspace `n`.
pub fn version(n: u8, number: u64, commit: u8) -> VersionRecord {
    VersionRecord {
        workspace: workspace_id(n),
        number,
        commit: object(commit),
        tree: object(commit.wrapping_add(100)),
        branch: Text::from(if number.is_multiple_of(2) { &b"refs/heads/even"[..] } else { b"refs/heads/\xe9" }),
        parent: (number > 1).then(|| object(commit.wrapping_sub(1))),
        kind: "land".to_owned(),
        session: (number > 1).then(|| session_id(commit)),
        agent: "agent".to_owned(),
        intent: String::new(),
        author: Text::from(b"J\xf6rg <j@example.org>".to_vec()),
        message: Text::from("Mend it"),
        at: -5,
    }
}

/// A session of workspace `n`; an odd `variant` has every optional part.
pub fn session(id: u8, n: u8, state: SessionState, variant: u8) -> SessionRecord {
    let full = variant % 2 == 1;
    SessionRecord {
        id: session_id(id),
        workspace: workspace_id(n),
        branch: Text::from("refs/heads/main"),
        agent: format!("agent-{variant}"),
        intent: "to test".to_owned(),
        owner: "owner".to_owned(),
        state,
        durability: if full { SessionDurability::Memory } else { SessionDurability::Journal },
        base_commit: object(variant),
        base_tree: object(variant.wrapping_add(1)),
        base_version: full.then_some(i64::MAX as u64),
        tip_commit: full.then(|| object(3)),
        tip_tree: full.then(|| object(4)),
        turn: if full { u32::MAX } else { 0 },
        applied_seq: u64::from(variant),
        landed: full.then(|| json_of(variant)),
        token_hash: full.then_some([variant; 32]),
        created: i64::MIN,
        touched: i64::MAX,
        expires: 3,
        ttl_ms: 4,
        quota: 5,
        moves: json!([]),
        conflicts: Value::Null,
        extra: json_of(variant),
    }
}

/// An operation of workspace `n`.
pub fn operation(n: u8, undoes: Option<u64>) -> OperationDraft {
    OperationDraft {
        workspace: workspace_id(n),
        kind: "land".to_owned(),
        actor: "somebody".to_owned(),
        at: 7,
        before: json!(null),
        after: json_of(n),
        undoes,
        detail: json!("detail"),
    }
}

/// An event of workspace `n`.
pub fn event(n: u8, payload: u8) -> EventDraft {
    EventDraft { workspace: workspace_id(n), kind: "landed".to_owned(), at: 8, payload: json_of(payload) }
}

/// A token.
pub fn token(hash: u8, scope: TokenScope) -> TokenRecord {
    let expires = hash.is_multiple_of(2).then_some(9);
    TokenRecord { hash: [hash; 32], scope, rights: u32::MAX, label: format!("label-{hash}"), created: 2, expires }
}

/// An answer to a request with a key.
pub fn answer(caller: &str, n: Option<u8>, key: &str, created: i64) -> IdempotencyRecord {
    IdempotencyRecord {
        caller: caller.to_owned(),
        workspace: n.map(workspace_id),
        key: key.to_owned(),
        body_hash: [7; 32],
        answer: json_of(1),
        status: u16::MAX,
        created,
    }
}

/// A submission.
pub fn submission(id: &str, n: u8, session: u8, state: &str) -> SubmissionRecord {
    SubmissionRecord {
        id: id.to_owned(),
        workspace: workspace_id(n),
        session: session_id(session),
        state: state.to_owned(),
        answer: json_of(2),
        created: 1,
        finished: (state != "waiting").then_some(2),
    }
}

/// A change.
pub fn change(commit: u8, body: u8) -> ChangeRecord {
    ChangeRecord { commit: object(commit), body: json_of(body) }
}
