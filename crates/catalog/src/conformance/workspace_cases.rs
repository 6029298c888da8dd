//! Workspaces and refs.

use super::samples::{self, object, workspace, workspace_id};
use super::{Case, applied, rejected};
use crate::{Batch, Catalog, Expected, ForkPoint, PendingRef, Rejected, SessionState, TokenScope, WorkspaceRecord, Write};
use acetate_types::{ObjectId, Text};

pub(super) const CASES: &[Case] = &[
    ("a name belongs to one workspace that is not deleted", names),
    ("what is fixed stays", fixed),
    ("workspaces are listed by name", listed),
    ("refs move by compare-and-swap", moved),
    ("refs are found by prefix", by_prefix),
    ("a ref is no folder", clashes),
    ("projections follow, also of removed refs", projections),
    ("a purge takes everything of a workspace and nothing else", purge),
    ("a parent stays as long as its forks", forks),
];

fn deleted(n: u8, at: i64) -> Write {
    Write::DeleteWorkspace { id: workspace_id(n), at }
}

fn names(catalog: &dyn Catalog) {
    applied(catalog, [Write::CreateWorkspace(workspace(1))]);
    assert_eq!(catalog.workspace(&workspace_id(1)).expect("read"), Some(workspace(1)));
    assert_eq!(catalog.workspace_named("name-1").expect("read"), Some(workspace(1)));
    assert_eq!(rejected(catalog, [Write::CreateWorkspace(workspace(1))]), Rejected::Exists(workspace_id(1)));
    let taken = WorkspaceRecord { name: "name-1".to_owned(), ..workspace(2) };
    let name_taken = |by| Rejected::NameTaken { name: "name-1".to_owned(), by: workspace_id(by) };
    assert_eq!(rejected(catalog, [Write::CreateWorkspace(taken.clone())]), name_taken(1));
    assert_eq!(
        rejected(catalog, [Write::CreateWorkspace(workspace(2)), Write::UpdateWorkspace(taken.clone())]),
        name_taken(1),
        "renaming is checked as well"
    );
    // Within one batch the name is free once its holder is deleted; the first deletion's time counts.
    applied(catalog, [deleted(1, 50), deleted(1, 60), Write::CreateWorkspace(taken.clone())]);
    assert_eq!(catalog.workspace(&workspace_id(1)).expect("read").and_then(|found| found.deleted), Some(50));
    assert_eq!(catalog.workspace_named("name-1").expect("read"), Some(taken.clone()));
    // The deleted one comes back under another name only.
    assert_eq!(rejected(catalog, [Write::UpdateWorkspace(workspace(1))]), name_taken(2));
    let renamed = WorkspaceRecord { name: "other".to_owned(), description: String::new(), ..workspace(1) };
    applied(catalog, [Write::UpdateWorkspace(renamed.clone()), Write::UpdateWorkspace(taken)]);
    assert_eq!(catalog.workspace_named("other").expect("read"), Some(renamed));
    let missing = |n: u8| Rejected::Missing { what: "workspace", id: workspace_id(n).to_string() };
    assert_eq!(rejected(catalog, [Write::UpdateWorkspace(workspace(9))]), missing(9));
    assert_eq!(rejected(catalog, [deleted(9, 1)]), missing(9));
    assert_eq!(rejected(catalog, [Write::PurgeWorkspace(workspace_id(9))]), missing(9));
}

fn fixed(catalog: &dyn Catalog) {
    applied(catalog, [Write::CreateWorkspace(workspace(1)), Write::CreateWorkspace(workspace(2))]);
    let parent = Some(ForkPoint { workspace: workspace_id(2), version: 1, commit: object(1) });
    for (field, record) in [
        ("created", WorkspaceRecord { created: 2, ..workspace(1) }),
        ("parent", WorkspaceRecord { parent, ..workspace(1) }),
        ("version_base", WorkspaceRecord { version_base: 1, ..workspace(1) }),
    ] {
        assert_eq!(rejected(catalog, [Write::UpdateWorkspace(record)]), Rejected::Fixed { workspace: workspace_id(1), field });
    }
}

fn listed(catalog: &dyn Catalog) {
    let named = |n: u8, name: &str, deleted| WorkspaceRecord { name: name.to_owned(), deleted, ..workspace(n) };
    let all = [named(5, "", None), named(2, "a", None), named(3, "a", Some(1)), named(4, "a\u{0}", None), named(1, "é", Some(2))];
    applied(catalog, all.iter().rev().cloned().map(Write::CreateWorkspace));
    let ids = |after: Option<usize>, limit, include_deleted| {
        let after = after.and_then(|at| all.get(at)).map(|record| (record.name.as_str(), &record.id));
        let page = catalog.workspaces(after, limit, include_deleted).expect("read");
        page.iter().filter_map(|found| all.iter().position(|record| record == found)).collect::<Vec<_>>()
    };
    assert_eq!(ids(None, 10, true), [0, 1, 2, 3, 4]);
    assert_eq!(ids(None, usize::MAX, false), [0, 1, 3]);
    assert_eq!(ids(Some(1), 2, true), [2, 3]);
    assert_eq!(ids(Some(2), 2, false), [3], "a cursor need not be among what is listed");
    assert_eq!(ids(None, 0, true), [0; 0]);
}

fn move_ref(name: &[u8], expected: Expected, target: Option<ObjectId>) -> Write {
    Write::MoveRef { workspace: workspace_id(1), name: Text::from(name.to_vec()), expected, target }
}

fn target(catalog: &dyn Catalog, name: &[u8]) -> Option<ObjectId> {
    catalog.reference(&workspace_id(1), name).expect("read").map(|found| found.target)
}

fn moved(catalog: &dyn Catalog) {
    let name = b"refs/heads/\xff";
    let refused = |found| Rejected::RefMoved { workspace: workspace_id(1), name: Text::from(name.to_vec()), found };
    assert_eq!(
        rejected(catalog, [move_ref(name, Expected::Any, Some(object(1)))]),
        Rejected::Missing { what: "workspace", id: workspace_id(1).to_string() }
    );
    applied(catalog, [Write::CreateWorkspace(workspace(1)), move_ref(name, Expected::Absent, Some(object(1)))]);
    assert_eq!(target(catalog, name), Some(object(1)));
    for expected in [Expected::Absent, Expected::At(object(2))] {
        assert_eq!(rejected(catalog, [move_ref(name, expected, Some(object(3)))]), refused(Some(object(1))));
        assert_eq!(rejected(catalog, [move_ref(name, expected, None)]), refused(Some(object(1))));
    }
    // One batch of a group is rejected, those around it see each other.
    let steps = [(1, 2), (1, 3), (2, 4)].map(|(from, to)| Batch::new([move_ref(name, Expected::At(object(from)), Some(object(to)))]));
    let answers = catalog.apply(&steps).expect("the storage works");
    assert_eq!(answers.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(answers.get(1), Some(&Err(refused(Some(object(2))))));
    assert_eq!(target(catalog, name), Some(object(4)));
    applied(catalog, [move_ref(name, Expected::At(object(4)), None)]);
    assert_eq!(target(catalog, name), None);
    assert_eq!(rejected(catalog, [move_ref(name, Expected::At(object(4)), Some(object(4)))]), refused(None));
    applied(catalog, [move_ref(name, Expected::Any, None), move_ref(name, Expected::Absent, None)]);
    assert_eq!(catalog.unprojected(None, None, 9).expect("read"), [], "what never was on disk leaves nothing behind");
}

fn by_prefix(catalog: &dyn Catalog) {
    let names: [&[u8]; 7] = [b"a", b"b", b"b\x00", b"bb", b"b\xff", b"b\xff\xff", b"c"];
    applied(catalog, [Write::CreateWorkspace(workspace(1)), Write::CreateWorkspace(workspace(2))]);
    applied(catalog, names.iter().map(|name| move_ref(name, Expected::Absent, Some(object(1)))));
    let found = |prefix: &[u8], after: Option<&[u8]>, limit| {
        let found = catalog.references(&workspace_id(1), prefix, after, limit).expect("read");
        found.into_iter().map(|found| found.name.0.to_vec()).collect::<Vec<_>>()
    };
    assert_eq!(found(b"", None, 9), names);
    assert_eq!(found(b"b", None, 9), names[1..6]);
    assert_eq!(found(b"b", Some(b"b"), 2), names[2..4]);
    assert_eq!(found(b"b", Some(b"a"), 2), names[1..3]);
    assert_eq!(found(b"b\xff", None, 9), names[4..6]);
    assert_eq!(found(b"b\xff", Some(b"b\xff"), 9), names[5..6]);
    assert_eq!(found(b"b", Some(b"c"), 9), [b""; 0]);
    assert_eq!(found(b"\xff", None, 9), [b""; 0]);
    assert_eq!(catalog.references(&workspace_id(2), b"", None, 9).expect("read"), []);
}

fn clashes(catalog: &dyn Catalog) {
    applied(catalog, [Write::CreateWorkspace(workspace(1)), move_ref(b"r/a/b", Expected::Absent, Some(object(1)))]);
    applied(catalog, [move_ref(b"r/a-b", Expected::Absent, Some(object(1))), move_ref(b"r/a/bc", Expected::Absent, Some(object(1)))]);
    for (name, with) in [(&b"r/a"[..], &b"r/a/b"[..]), (b"r", b"r/a-b"), (b"r/a/b/c", b"r/a/b"), (b"r/a/b/c/d", b"r/a/b")] {
        let clash = Rejected::RefClash { name: Text::from(name.to_vec()), with: Text::from(with.to_vec()) };
        assert_eq!(rejected(catalog, [move_ref(name, Expected::Any, Some(object(2)))]), clash);
        applied(catalog, [move_ref(name, Expected::Any, None)]);
    }
    // Once removed it is in nobody's way, though it still waits for its projection.
    let on_disk = Write::Projected { workspace: workspace_id(1), name: Text::from("r/a/b"), target: Some(object(1)) };
    applied(catalog, [on_disk, move_ref(b"r/a/b", Expected::Any, None), move_ref(b"r/a/b/c", Expected::Any, Some(object(2)))]);
}

fn projections(catalog: &dyn Catalog) {
    let projected = |n, name: &str, target| Write::Projected { workspace: workspace_id(n), name: Text::from(name.to_owned()), target };
    let pending = |name: &str, target: Option<u8>, projected: Option<u8>| PendingRef {
        workspace: workspace_id(1),
        name: Text::from(name.to_owned()),
        target: target.map(object),
        projected: projected.map(object),
    };
    let open = || catalog.unprojected(None, None, 9).expect("read");
    assert!(matches!(rejected(catalog, [projected(1, "r", None)]), Rejected::Missing { what: "workspace", .. }));
    applied(catalog, [Write::CreateWorkspace(workspace(1)), Write::CreateWorkspace(workspace(2))]);
    applied(catalog, [move_ref(b"r", Expected::Any, Some(object(1)))]);
    assert_eq!(open(), [pending("r", Some(1), None)]);
    applied(catalog, [projected(1, "r", Some(object(1)))]);
    assert_eq!(open(), []);
    assert_eq!(catalog.reference(&workspace_id(1), b"r").expect("read").and_then(|found| found.projected), Some(object(1)));
    applied(catalog, [move_ref(b"r", Expected::Any, Some(object(2)))]);
    assert_eq!(open(), [pending("r", Some(2), Some(1))]);
    applied(catalog, [move_ref(b"r", Expected::Any, None)]);
    assert_eq!(open(), [pending("r", None, Some(1))]);
    assert_eq!(target(catalog, b"r"), None);
    assert_eq!(catalog.references(&workspace_id(1), b"", None, 9).expect("read"), []);
    applied(catalog, [projected(1, "r", None)]);
    assert_eq!(open(), []);
    // Written to disk by somebody slow after the ref was removed: it has to go again.
    applied(catalog, [projected(1, "late", Some(object(3))), projected(2, "late", Some(object(3))), projected(2, "r", Some(object(3)))]);
    assert_eq!(catalog.unprojected(Some(&workspace_id(1)), None, 9).expect("read"), [pending("late", None, Some(3))]);
    assert_eq!(catalog.unprojected(None, Some((&workspace_id(1), b"late")), 9).expect("read").len(), 2);
    assert_eq!(catalog.unprojected(Some(&workspace_id(2)), Some((&workspace_id(2), b"late")), 9).expect("read").len(), 1);
    assert_eq!(catalog.unprojected(None, None, 2).expect("read").len(), 2);
}

fn purge(catalog: &dyn Catalog) {
    applied(catalog, [Write::CreateWorkspace(workspace(2)), Write::PutToken(samples::token(1, TokenScope::Store))]);
    applied(catalog, [Write::PutToken(samples::token(2, TokenScope::Workspace(workspace_id(2)))), move_other()]);
    let before = super::dump(catalog);
    applied(
        catalog,
        [
            Write::CreateWorkspace(workspace(1)),
            move_ref(b"r", Expected::Any, Some(object(1))),
            Write::Projected { workspace: workspace_id(1), name: Text::from("s"), target: Some(object(1)) },
            Write::AddVersion(samples::version(1, 1, 1)),
            Write::PutSession(Box::new(samples::session(1, 1, SessionState::Active, 1))),
            Write::AddOperation(samples::operation(1, None)),
            Write::AddEvent(samples::event(1, 1)),
            Write::PutSubmission(samples::submission("one", 1, 1, "waiting")),
            Write::PutToken(samples::token(3, TokenScope::Workspace(workspace_id(1)))),
            Write::PutToken(samples::token(4, TokenScope::Session(samples::session_id(1)))),
        ],
    );
    assert_eq!(rejected(catalog, [Write::PurgeWorkspace(workspace_id(1))]), Rejected::NotDeleted(workspace_id(1)));
    applied(catalog, [deleted(1, 1), Write::PurgeWorkspace(workspace_id(1))]);
    assert_eq!(super::dump(catalog), before);
    assert_eq!(catalog.workspace(&workspace_id(1)).expect("read"), None);
}

fn move_other() -> Write {
    Write::MoveRef { workspace: workspace_id(2), name: Text::from("r"), expected: Expected::Any, target: Some(object(1)) }
}

fn forks(catalog: &dyn Catalog) {
    let parent = Some(ForkPoint { workspace: workspace_id(1), version: 3, commit: object(3) });
    let fork = WorkspaceRecord { parent, version_base: 3, ..workspace(2) };
    assert!(matches!(rejected(catalog, [Write::CreateWorkspace(fork.clone())]), Rejected::Missing { what: "workspace", .. }));
    applied(catalog, [Write::CreateWorkspace(workspace(1)), Write::CreateWorkspace(fork.clone()), deleted(1, 1)]);
    assert_eq!(catalog.workspace(&workspace_id(2)).expect("read"), Some(fork));
    let refused = Rejected::HasForks { workspace: workspace_id(1), fork: workspace_id(2) };
    assert_eq!(rejected(catalog, [Write::PurgeWorkspace(workspace_id(1))]), refused);
    // The fork numbers on; its parent's versions are not its own.
    let wrong = rejected(catalog, [Write::AddVersion(samples::version(2, 1, 9))]);
    assert_eq!(wrong, Rejected::VersionTaken { workspace: workspace_id(2), last: 3 });
    applied(catalog, [Write::AddVersion(samples::version(2, 4, 9))]);
    assert_eq!(catalog.version(&workspace_id(2), 3).expect("read"), None);
    applied(catalog, [deleted(2, 1), Write::PurgeWorkspace(workspace_id(2)), Write::PurgeWorkspace(workspace_id(1))]);
    assert_eq!(catalog.workspaces(None, 9, true).expect("read"), []);
}
