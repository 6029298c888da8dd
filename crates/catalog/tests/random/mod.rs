//! Random batches and reads over few names, so that they meet.

use acetate_catalog::conformance::samples;
use acetate_catalog::{Batch, Catalog, Expected, ForkPoint, SessionState, TokenScope, WorkspaceRecord, Write};
use acetate_types::{ObjectId, Text};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

#[derive(Debug, Clone)]
pub struct Group {
    pub batches: Vec<Batch>,
    pub reopen: bool,
}

pub fn groups() -> impl Strategy<Value = Vec<Group>> {
    // Something to work on comes first in every case.
    let start = Batch::new([Write::CreateWorkspace(samples::workspace(1)), Write::CreateWorkspace(samples::workspace(2))]);
    let group = (vec(vec(write(), 0..6).prop_map(Batch::new), 0..5), prop::bool::weighted(0.1));
    vec(group.prop_map(|(batches, reopen)| Group { batches, reopen }), 1..20).prop_map(move |mut groups| {
        groups.insert(0, Group { batches: vec![start.clone()], reopen: false });
        groups
    })
}

const REFS: [&[u8]; 6] = [b"r", b"r/a", b"r/a/b", b"r/\xff", b"s", b"r-"];

fn reference() -> impl Strategy<Value = Text> {
    prop::sample::select(&REFS[..]).prop_map(|name| Text::from(name.to_vec()))
}

fn object() -> impl Strategy<Value = ObjectId> {
    (1u8..5).prop_map(samples::object)
}

fn expected() -> impl Strategy<Value = Expected> {
    prop_oneof![Just(Expected::Any), Just(Expected::Absent), object().prop_map(Expected::At)]
}

fn workspace() -> impl Strategy<Value = WorkspaceRecord> {
    let parent = option::weighted(0.3, (1u8..5, 0u64..3));
    (1u8..5, 1u8..5, parent, option::weighted(0.2, 0i64..9)).prop_map(|(n, name, parent, deleted)| WorkspaceRecord {
        name: format!("name-{name}"),
        deleted,
        version_base: parent.map_or(0, |(_, version)| version),
        parent: parent.map(|(n, version)| ForkPoint { workspace: samples::workspace_id(n), version, commit: samples::object(1) }),
        ..samples::workspace(n)
    })
}

fn state() -> impl Strategy<Value = SessionState> {
    prop::sample::select(vec![SessionState::Active, SessionState::Paused, SessionState::Closed, SessionState::Expired])
}

fn scope() -> impl Strategy<Value = TokenScope> {
    prop_oneof![
        Just(TokenScope::Store),
        (1u8..5).prop_map(|n| TokenScope::Workspace(samples::workspace_id(n))),
        (1u8..5).prop_map(|n| TokenScope::Session(samples::session_id(n))),
    ]
}

// Most writes meet a workspace that exists.
fn n() -> impl Strategy<Value = u8> {
    prop_oneof![8 => 1u8..3, 1 => 3u8..6]
}

fn write() -> impl Strategy<Value = Write> {
    prop_oneof![
        2 => workspace().prop_map(Write::CreateWorkspace),
        1 => workspace().prop_map(Write::UpdateWorkspace),
        1 => (n(), 0i64..9).prop_map(|(n, at)| Write::DeleteWorkspace { id: samples::workspace_id(n), at }),
        1 => n().prop_map(|n| Write::PurgeWorkspace(samples::workspace_id(n))),
        8 => (n(), reference(), expected(), option::weighted(0.7, object())).prop_map(|(n, name, expected, target)| {
            Write::MoveRef { workspace: samples::workspace_id(n), name, expected, target }
        }),
        4 => (n(), reference(), option::weighted(0.7, object())).prop_map(|(n, name, target)| {
            Write::Projected { workspace: samples::workspace_id(n), name, target }
        }),
        5 => (n(), 1u64..5, 1u8..5).prop_map(|(n, number, commit)| Write::AddVersion(samples::version(n, number, commit))),
        4 => (1u8..5, n(), state(), 0u8..9).prop_map(|(id, n, state, variant)| {
            Write::PutSession(Box::new(samples::session(id, n, state, variant)))
        }),
        1 => (1u8..5).prop_map(|id| Write::RemoveSession(samples::session_id(id))),
        3 => (n(), option::weighted(0.3, 0u64..4)).prop_map(|(n, undoes)| Write::AddOperation(samples::operation(n, undoes))),
        4 => (n(), 0u8..9).prop_map(|(n, payload)| Write::AddEvent(samples::event(n, payload))),
        3 => (1u8..7, scope()).prop_map(|(hash, scope)| Write::PutToken(samples::token(hash, scope))),
        1 => (1u8..7).prop_map(|hash| Write::RemoveToken([hash; 32])),
        2 => (option::of(1u8..3), 0u8..3, 0i64..9).prop_map(|(n, key, created)| {
            Write::PutIdempotency(samples::answer("caller", n, &format!("key-{key}"), created))
        }),
        1 => (0i64..9).prop_map(|before| Write::PruneIdempotency { before }),
        2 => ("[ab]{0,2}", n(), 1u8..5, "waiting|landed").prop_map(|(id, n, session, state)| {
            Write::PutSubmission(samples::submission(&id, n, session, &state))
        }),
        1 => (1u8..5, 0u8..9).prop_map(|(commit, body)| Write::PutChange(samples::change(commit, body))),
        1 => object().prop_map(Write::RemoveChange),
        1 => (0u8..3, option::of(0u8..9)).prop_map(|(key, value)| Write::PutSetting {
            key: format!("key-{key}"),
            value: value.map(samples::json_of),
        }),
    ]
}

/// A read with random cursors and limits.
#[derive(Debug, Clone)]
pub struct Read {
    what: u8,
    n: u8,
    id: u8,
    name: Text,
    cursor: Option<u64>,
    after: Option<Text>,
    limit: usize,
    flag: bool,
    scope: Option<TokenScope>,
}

pub fn reads() -> impl Strategy<Value = Vec<Read>> {
    let read =
        (0u8..16, n(), 1u8..5, reference(), option::of(0u64..6), option::of(reference()), 0usize..4, any::<bool>(), option::of(scope()));
    vec(
        read.prop_map(|(what, n, id, name, cursor, after, limit, flag, scope)| Read {
            what,
            n,
            id,
            name,
            cursor,
            after,
            limit,
            flag,
            scope,
        }),
        10..40,
    )
}

/// What a catalog answers.
pub fn answer(catalog: &dyn Catalog, read: &Read) -> String {
    let Read { what, id, limit, flag, cursor, .. } = *read;
    let workspace = &samples::workspace_id(read.n);
    let (session, object) = (samples::session_id(id), samples::object(id));
    let after = read.after.as_ref().map(|after| &after.0[..]);
    let name = format!("name-{id}");
    let hash = cursor.map(|cursor| [cursor as u8; 32]);
    let text = cursor.map(|cursor| ["", "a", "aa", "ab", "b", "bb"][cursor as usize % 6]);
    match what {
        0 => format!("{:?}", catalog.workspace(workspace).expect("read")),
        1 => format!("{:?}", catalog.workspace_named(&name).expect("read")),
        2 => format!("{:?}", catalog.workspaces(flag.then_some((&name, workspace)), limit, id > 2).expect("read")),
        3 => format!("{:?}", catalog.reference(workspace, &read.name.0).expect("read")),
        4 => format!("{:?}", catalog.references(workspace, &read.name.0, after, limit).expect("read")),
        5 => format!("{:?}", catalog.unprojected(flag.then_some(workspace), after.map(|after| (workspace, after)), limit).expect("read")),
        6 => format!("{:?}", catalog.version(workspace, u64::from(id)).expect("read")),
        7 => format!("{:?}", catalog.version_of(workspace, &object).expect("read")),
        8 => format!("{:?}", catalog.versions(workspace, flag.then_some(b"refs/heads/even"), cursor, limit).expect("read")),
        9 => format!("{:?}", catalog.session(&session).expect("read")),
        10 => format!("{:?}", catalog.sessions(flag.then_some(workspace), cursor.map(|_| &session), limit, id > 2).expect("read")),
        11 => format!("{:?}", catalog.operation(workspace, u64::from(id)).expect("read")),
        12 => format!("{:?}", catalog.operations(workspace, cursor, limit).expect("read")),
        13 => format!("{:?}", catalog.events(workspace, cursor.unwrap_or(0), limit).expect("read")),
        14 => format!("{:?}", catalog.tokens(read.scope.as_ref(), hash.as_ref(), limit).expect("read")),
        _ => {
            format!("{:?} {:?}", catalog.submissions(&session, text, limit).expect("read"), catalog.last_version(workspace).expect("read"))
        }
    }
}
