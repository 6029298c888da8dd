//! Versions, operations, events.

use super::samples::{event, object, operation, version, workspace, workspace_id};
use super::{Case, applied, rejected};
use crate::{Batch, Catalog, MAX_JSON_DEPTH, Rejected, WorkspaceRecord, Write};
use serde_json::{Value, json};

pub(super) const CASES: &[Case] = &[
    ("versions follow one another", versions),
    ("a commit that landed twice is its newest version", landed_twice),
    ("operations and events are numbered without gaps", numbered),
    ("an operation undoes one that exists", undoes),
    ("what is out of range is refused", ranges),
];

fn versions(catalog: &dyn Catalog) {
    assert!(matches!(rejected(catalog, [Write::AddVersion(version(1, 1, 1))]), Rejected::Missing { what: "workspace", .. }));
    applied(catalog, [Write::CreateWorkspace(workspace(1)), Write::CreateWorkspace(workspace(2))]);
    assert_eq!(catalog.last_version(&workspace_id(1)).expect("read"), None);
    let taken = |last| Rejected::VersionTaken { workspace: workspace_id(1), last };
    for number in [0, 2, i64::MAX as u64] {
        assert_eq!(rejected(catalog, [Write::AddVersion(version(1, number, 1))]), taken(0));
    }
    applied(catalog, (1..=4).map(|number| Write::AddVersion(version(1, number, number as u8))));
    applied(catalog, [Write::AddVersion(version(2, 1, 7))]);
    for number in [0, 1, 4, 6] {
        assert_eq!(rejected(catalog, [Write::AddVersion(version(1, number, 1))]), taken(4));
    }
    assert_eq!(catalog.version(&workspace_id(1), 2).expect("read"), Some(version(1, 2, 2)));
    assert_eq!(catalog.version(&workspace_id(1), u64::MAX).expect("read"), None);
    assert_eq!(catalog.last_version(&workspace_id(1)).expect("read"), Some(version(1, 4, 4)));
    let numbers = |branch: Option<&[u8]>, before, limit| {
        let found = catalog.versions(&workspace_id(1), branch, before, limit).expect("read");
        found.iter().map(|found| found.number).collect::<Vec<_>>()
    };
    assert_eq!(numbers(None, None, 9), [4, 3, 2, 1]);
    assert_eq!(numbers(None, Some(4), 2), [3, 2]);
    assert_eq!(numbers(None, Some(u64::MAX), 1), [4]);
    assert_eq!(numbers(None, Some(0), 9), [0; 0]);
    assert_eq!(numbers(Some(b"refs/heads/\xe9"), None, 9), [3, 1]);
    assert_eq!(numbers(Some(b"refs/heads/even"), Some(4), 9), [2]);
    applied(catalog, [Write::DeleteWorkspace { id: workspace_id(1), at: 1 }]);
    assert_eq!(rejected(catalog, [Write::AddVersion(version(1, 5, 5))]), Rejected::WorkspaceDeleted(workspace_id(1)));
}

fn landed_twice(catalog: &dyn Catalog) {
    applied(catalog, [Write::CreateWorkspace(workspace(1))]);
    applied(catalog, [(1, 8), (2, 9), (3, 8)].map(|(number, commit)| Write::AddVersion(version(1, number, commit))));
    let found = |commit| catalog.version_of(&workspace_id(1), &object(commit)).expect("read").map(|found| found.number);
    assert_eq!([found(8), found(9), found(7)], [Some(3), Some(2), None]);
    assert_eq!(catalog.version_of(&workspace_id(2), &object(8)).expect("read"), None);
}

fn numbered(catalog: &dyn Catalog) {
    applied(catalog, [Write::CreateWorkspace(workspace(1)), Write::CreateWorkspace(workspace(2))]);
    let answer = applied(
        catalog,
        [
            Write::AddEvent(event(1, 1)),
            Write::AddOperation(operation(1, None)),
            Write::AddEvent(event(2, 2)),
            Write::AddEvent(event(1, 3)),
            Write::AddOperation(operation(1, None)),
        ],
    );
    assert_eq!((answer.events, answer.operations), (vec![1, 1, 2], vec![1, 2]));
    // A rejected batch takes its numbers with it.
    let good = |payload| Batch::new([Write::AddEvent(event(1, payload)), Write::AddOperation(operation(1, None))]);
    let bad = Batch::new([Write::AddEvent(event(1, 9)), Write::AddOperation(operation(1, None)), Write::AddEvent(event(9, 9))]);
    let answers = catalog.apply(&[good(4), bad, good(5)]).expect("the storage works");
    let numbers: Vec<_> = answers.iter().map(|answer| answer.as_ref().map(|applied| applied.events.clone()).ok()).collect();
    assert_eq!(numbers, [Some(vec![3]), None, Some(vec![4])]);
    assert_eq!(catalog.last_event(&workspace_id(1)).expect("read"), 4);
    assert_eq!(catalog.last_event(&workspace_id(3)).expect("read"), 0);
    let events = |after, limit| catalog.events(&workspace_id(1), after, limit).expect("read");
    let expected: Vec<_> = [(1, 1), (2, 3), (3, 4), (4, 5)].map(|(number, payload)| event(1, payload).numbered(number)).into();
    assert_eq!(events(0, 9), expected);
    assert_eq!(events(1, 2), expected[1..3]);
    assert_eq!(events(u64::MAX, 2), []);
    assert_eq!(catalog.operation(&workspace_id(1), 2).expect("read"), Some(operation(1, None).numbered(2)));
    assert_eq!(catalog.operation(&workspace_id(1), u64::MAX).expect("read"), None);
    let operations = |before, limit| {
        let found = catalog.operations(&workspace_id(1), before, limit).expect("read");
        found.iter().map(|found| found.number).collect::<Vec<_>>()
    };
    assert_eq!((operations(None, 2), operations(Some(3), 9), operations(Some(0), 9)), (vec![4, 3], vec![2, 1], vec![]));
}

fn undoes(catalog: &dyn Catalog) {
    applied(catalog, [Write::CreateWorkspace(workspace(1)), Write::CreateWorkspace(workspace(2))]);
    applied(catalog, [Write::AddOperation(operation(1, None)), Write::AddOperation(operation(1, Some(1)))]);
    for (n, undone) in [(1, 3), (1, 0), (2, 1)] {
        let missing = Rejected::Missing { what: "operation", id: undone.to_string() };
        assert_eq!(rejected(catalog, [Write::AddOperation(operation(n, Some(undone)))]), missing);
    }
    assert!(matches!(rejected(catalog, [Write::AddOperation(operation(9, None))]), Rejected::Missing { what: "workspace", .. }));
}

fn ranges(catalog: &dyn Catalog) {
    applied(catalog, [Write::CreateWorkspace(workspace(1))]);
    let beyond = 1 << 63;
    let nested =
        |levels: usize| (0..levels).fold(json!(1), |inner, level| if level % 2 == 0 { json!([inner]) } else { json!({ "k": inner }) });
    let base = WorkspaceRecord { version_base: beyond, ..workspace(2) };
    let setting = |value: Value| Write::PutSetting { key: "key-1".to_owned(), value: Some(value) };
    for (field, write) in [
        ("version_base", Write::CreateWorkspace(base)),
        ("number", Write::AddVersion(version(1, u64::MAX, 1))),
        ("undoes", Write::AddOperation(operation(1, Some(beyond)))),
        ("value", setting(nested(MAX_JSON_DEPTH + 1))),
    ] {
        assert_eq!(rejected(catalog, [write]), Rejected::OutOfRange { field });
    }
    applied(catalog, [setting(nested(MAX_JSON_DEPTH))]);
    assert_eq!(catalog.setting("key-1").expect("read"), Some(nested(MAX_JSON_DEPTH)));
    // The last number there can be.
    let base = WorkspaceRecord { version_base: i64::MAX as u64 - 1, ..workspace(3) };
    applied(catalog, [Write::CreateWorkspace(base), Write::AddVersion(version(3, i64::MAX as u64, 1))]);
    assert_eq!(catalog.versions(&workspace_id(3), None, None, 9).expect("read").len(), 1);
    assert_eq!(catalog.versions(&workspace_id(3), None, Some(1 << 63), 9).expect("read").len(), 1);
}
