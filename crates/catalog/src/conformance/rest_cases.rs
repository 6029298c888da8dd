//! Sessions, tokens, idempotency keys, submissions, changes, settings, copies.

use super::samples::{self, answer, change, json_of, session, session_id, submission, token, workspace, workspace_id};
use super::{Case, applied, dump, rejected};
use crate::{Catalog, Rejected, SessionState, SqliteCatalog, SqliteOptions, TokenScope, Write};

pub(super) const CASES: &[Case] = &[
    ("sessions are kept whole", sessions),
    ("tokens are found by scope", tokens),
    ("a key answers once", keys),
    ("submissions, changes and settings", the_rest),
    ("a copy holds everything", copy),
    ("an empty group does nothing", empty),
];

fn put(id: u8, n: u8, state: SessionState, variant: u8) -> Write {
    Write::PutSession(Box::new(session(id, n, state, variant)))
}

fn sessions(catalog: &dyn Catalog) {
    use SessionState::{Active, Closed, Expired, Paused};
    assert!(matches!(rejected(catalog, [put(1, 1, Active, 1)]), Rejected::Missing { what: "workspace", .. }));
    applied(catalog, [Write::CreateWorkspace(workspace(1)), Write::CreateWorkspace(workspace(2))]);
    applied(catalog, [put(1, 1, Active, 1), put(2, 1, Closed, 2), put(3, 2, Paused, 3), put(4, 1, Expired, 4), put(5, 1, Paused, 5)]);
    assert_eq!(catalog.session(&session_id(1)).expect("read"), Some(session(1, 1, Active, 1)));
    assert_eq!(catalog.session(&session_id(2)).expect("read"), Some(session(2, 1, Closed, 2)));
    let ids = |n: Option<u8>, after: Option<u8>, limit, include_closed| {
        let after = after.map(session_id);
        let found = catalog.sessions(n.map(workspace_id).as_ref(), after.as_ref(), limit, include_closed).expect("read");
        found.iter().filter_map(|found| (0..9).find(|id| session_id(*id) == found.id)).collect::<Vec<_>>()
    };
    assert_eq!(ids(None, None, 9, true), [1, 2, 3, 4, 5]);
    assert_eq!(ids(None, None, 9, false), [1, 3, 5]);
    assert_eq!(ids(Some(1), None, 3, true), [1, 2, 4]);
    assert_eq!(ids(Some(1), Some(1), 9, false), [5]);
    assert_eq!(ids(None, Some(2), 1, false), [3]);
    // Replaced whole, both ways.
    applied(catalog, [put(1, 2, Closed, 2), put(2, 1, Active, 1)]);
    assert_eq!(catalog.session(&session_id(1)).expect("read"), Some(session(1, 2, Closed, 2)));
    assert_eq!(ids(Some(1), None, 9, false), [2, 5]);
    applied(catalog, [Write::RemoveSession(session_id(1)), Write::RemoveSession(session_id(9))]);
    assert_eq!(catalog.session(&session_id(1)).expect("read"), None);
}

fn tokens(catalog: &dyn Catalog) {
    let of_workspace = TokenScope::Workspace(workspace_id(1));
    let of_session = TokenScope::Session(session_id(1));
    applied(
        catalog,
        [
            Write::CreateWorkspace(workspace(1)),
            put(1, 1, SessionState::Active, 1),
            Write::PutToken(token(3, TokenScope::Store)),
            Write::PutToken(token(1, of_workspace.clone())),
            Write::PutToken(token(2, of_session.clone())),
            Write::PutToken(token(4, of_session.clone())),
            Write::PutToken(token(5, TokenScope::Session(session_id(9)))),
        ],
    );
    assert_eq!(catalog.token(&[2; 32]).expect("read"), Some(token(2, of_session.clone())));
    assert_eq!(catalog.token(&[9; 32]).expect("read"), None);
    let hashes = |scope: Option<&TokenScope>, after: Option<u8>, limit| {
        let after = after.map(|after| [after; 32]);
        let found = catalog.tokens(scope, after.as_ref(), limit).expect("read");
        found.iter().map(|found| found.hash[0]).collect::<Vec<_>>()
    };
    assert_eq!(hashes(None, None, 9), [1, 2, 3, 4, 5]);
    assert_eq!(hashes(None, Some(2), 2), [3, 4]);
    assert_eq!(hashes(Some(&of_session), None, 9), [2, 4]);
    assert_eq!(hashes(Some(&of_session), Some(2), 9), [4]);
    assert_eq!(hashes(Some(&TokenScope::Store), None, 9), [3]);
    applied(catalog, [Write::PutToken(token(1, TokenScope::Store)), Write::RemoveToken([3; 32]), Write::RemoveToken([9; 32])]);
    assert_eq!(hashes(Some(&TokenScope::Store), None, 9), [1]);
    assert_eq!(hashes(Some(&of_workspace), None, 9), [0; 0]);
    applied(catalog, [Write::RemoveSession(session_id(1))]);
    assert_eq!(hashes(None, None, 9), [1, 5]);
}

fn keys(catalog: &dyn Catalog) {
    let first = answer("caller", Some(1), "key-1", 10);
    applied(catalog, [Write::PutIdempotency(first.clone()), Write::PutIdempotency(answer("caller", None, "key-1", 11))]);
    applied(catalog, [Write::PutIdempotency(answer("caller", Some(2), "key-1", 12)), Write::PutIdempotency(answer("", None, "", 13))]);
    assert_eq!(catalog.idempotent("caller", Some(&workspace_id(1)), "key-1").expect("read"), Some(first.clone()));
    assert_eq!(catalog.idempotent("", None, "").expect("read"), Some(answer("", None, "", 13)));
    assert_eq!(catalog.idempotent("other", None, "key-1").expect("read"), None);
    // The effect of the second request is rolled back with it.
    let again = [Write::CreateWorkspace(workspace(1)), Write::PutIdempotency(answer("caller", Some(1), "key-1", 99))];
    assert_eq!(rejected(catalog, again), Rejected::KeyUsed(Box::new(first)));
    applied(catalog, [Write::PruneIdempotency { before: 12 }, Write::PutIdempotency(answer("caller", Some(1), "key-1", 99))]);
    let created = |n: Option<u8>| {
        let found = catalog.idempotent("caller", n.map(workspace_id).as_ref(), "key-1").expect("read");
        found.map(|found| found.created)
    };
    assert_eq!([created(None), created(Some(1)), created(Some(2))], [None, Some(99), Some(12)]);
}

fn the_rest(catalog: &dyn Catalog) {
    let waiting = submission("b", 1, 1, "waiting");
    assert!(matches!(rejected(catalog, [Write::PutSubmission(waiting.clone())]), Rejected::Missing { what: "workspace", .. }));
    applied(catalog, [Write::CreateWorkspace(workspace(1)), Write::PutSubmission(waiting)]);
    let landed = submission("b", 1, 1, "landed");
    applied(catalog, [Write::PutSubmission(landed.clone()), Write::PutSubmission(submission("", 1, 1, "conflict"))]);
    applied(catalog, [Write::PutSubmission(submission("b\u{0}", 1, 1, "x")), Write::PutSubmission(submission("a", 1, 2, "x"))]);
    assert_eq!(catalog.submission("b").expect("read"), Some(landed));
    assert_eq!(catalog.submission("c").expect("read"), None);
    let ids = |after: Option<&str>, limit| {
        let found = catalog.submissions(&session_id(1), after, limit).expect("read");
        found.into_iter().map(|found| found.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(None, 9), ["", "b", "b\u{0}"]);
    assert_eq!((ids(Some(""), 1), ids(Some("b"), 9), ids(Some("z"), 9)), (vec!["b".into()], vec!["b\u{0}".into()], vec![]));

    applied(catalog, [Write::PutChange(change(1, 1)), Write::PutChange(change(2, 2)), Write::PutChange(change(1, 3))]);
    applied(catalog, [Write::RemoveChange(samples::object(2)), Write::RemoveChange(samples::object(9))]);
    assert_eq!(catalog.change(&samples::object(1)).expect("read"), Some(change(1, 3)));
    assert_eq!(catalog.change(&samples::object(2)).expect("read"), None);

    let set = |value| Write::PutSetting { key: String::new(), value };
    assert_eq!(catalog.setting("").expect("read"), None);
    applied(catalog, [set(Some(json_of(1))), set(Some(json_of(2)))]);
    assert_eq!(catalog.setting("").expect("read"), Some(json_of(2)));
    applied(catalog, [set(None), set(None)]);
    assert_eq!(catalog.setting("").expect("read"), None);
}

fn copy(catalog: &dyn Catalog) {
    use crate::{Expected, ForkPoint, WorkspaceRecord};
    let parent = Some(ForkPoint { workspace: workspace_id(2), version: 1, commit: samples::object(1) });
    let ref_at = |target| Write::MoveRef { workspace: workspace_id(2), name: "r".into(), expected: Expected::Any, target };
    applied(
        catalog,
        [
            Write::CreateWorkspace(workspace(2)),
            Write::CreateWorkspace(WorkspaceRecord { parent, version_base: 1, ..workspace(1) }),
            Write::AddVersion(samples::version(2, 1, 1)),
            Write::DeleteWorkspace { id: workspace_id(2), at: 5 },
            Write::CreateWorkspace(WorkspaceRecord { name: workspace(2).name, ..workspace(3) }),
            ref_at(Some(samples::object(1))),
            Write::Projected { workspace: workspace_id(2), name: "r".into(), target: Some(samples::object(1)) },
            ref_at(None),
            Write::AddOperation(samples::operation(1, None)),
            Write::AddEvent(samples::event(1, 1)),
            put(1, 1, SessionState::Paused, 1),
            Write::PutToken(token(1, TokenScope::Store)),
            Write::PutIdempotency(answer("caller", None, "key-1", 1)),
            Write::PutSubmission(submission("a", 1, 1, "waiting")),
            Write::PutChange(change(1, 1)),
            Write::PutSetting { key: "key-1".to_owned(), value: Some(json_of(1)) },
        ],
    );
    let folder = std::env::temp_dir().join(format!("acetate-catalog-copy-{}-{:p}", std::process::id(), &raw const *catalog));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    let to = folder.join("copy.sqlite");
    catalog.backup(&to).expect("a copy");
    assert!(catalog.backup(&to).is_err(), "a copy never replaces a file");
    {
        let copy = SqliteCatalog::open(&to, &SqliteOptions::default()).expect("the copy opens");
        assert_eq!(dump(&copy), dump(catalog));
        assert_eq!(copy.store().expect("read"), catalog.store().expect("read"));
        assert_eq!(copy.integrity().expect("integrity"), Vec::<String>::new());
    }
    std::fs::remove_dir_all(&folder).expect("the folder goes");
}

fn empty(catalog: &dyn Catalog) {
    assert_eq!(catalog.apply(&[]).expect("the storage works"), []);
    applied(catalog, []);
    assert_eq!(dump(catalog), Vec::<String>::new());
}
