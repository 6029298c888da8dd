//! Everything a catalog answers, in one comparable value.

use super::samples;
use crate::Catalog;
use std::fmt::Debug;

/// The page length that listings are read with: short, so that paging itself is tested.
const PAGE: usize = 3;

/// Everything in the catalog that can be listed, and whatever else [`samples`] with numbers below 16 can name, one line each.
pub fn dump(catalog: &dyn Catalog) -> Vec<String> {
    let mut lines = Vec::new();
    let workspaces = pages(|last: Option<&crate::WorkspaceRecord>| {
        catalog.workspaces(last.map(|last| (last.name.as_str(), &last.id)), PAGE, true).expect("workspaces")
    });
    for workspace in &workspaces {
        let id = &workspace.id;
        assert_eq!(catalog.workspace(id).expect("workspace").as_ref(), Some(workspace));
        add(
            &mut lines,
            "ref",
            pages(|last: Option<&crate::RefRecord>| {
                catalog.references(id, b"", last.map(|last| &last.name.0[..]), PAGE).expect("references")
            }),
        );
        add(
            &mut lines,
            "version",
            pages(|last: Option<&crate::VersionRecord>| catalog.versions(id, None, last.map(|last| last.number), PAGE).expect("versions")),
        );
        add(
            &mut lines,
            "operation",
            pages(|last: Option<&crate::OperationRecord>| catalog.operations(id, last.map(|last| last.number), PAGE).expect("operations")),
        );
        let events =
            pages(|last: Option<&crate::EventRecord>| catalog.events(id, last.map_or(0, |last| last.number), PAGE).expect("events"));
        assert_eq!(catalog.last_event(id).expect("last event"), events.last().map_or(0, |event| event.number));
        add(&mut lines, "event", events);
    }
    add(&mut lines, "workspace", workspaces);
    add(
        &mut lines,
        "pending",
        pages(|last: Option<&crate::PendingRef>| {
            catalog.unprojected(None, last.map(|last| (&last.workspace, &last.name.0[..])), PAGE).expect("unprojected")
        }),
    );
    add(
        &mut lines,
        "session",
        pages(|last: Option<&crate::SessionRecord>| catalog.sessions(None, last.map(|last| &last.id), PAGE, true).expect("sessions")),
    );
    add(
        &mut lines,
        "token",
        pages(|last: Option<&crate::TokenRecord>| catalog.tokens(None, last.map(|last| &last.hash), PAGE).expect("tokens")),
    );
    for n in 0..16 {
        add(
            &mut lines,
            "submission",
            pages(|last: Option<&crate::SubmissionRecord>| {
                catalog.submissions(&samples::session_id(n), last.map(|last| last.id.as_str()), PAGE).expect("submissions")
            }),
        );
        add(&mut lines, "change", catalog.change(&samples::object(n)).expect("change"));
        let key = format!("key-{n}");
        add(&mut lines, "setting", catalog.setting(&key).expect("setting"));
        for workspace in [None, Some(samples::workspace_id(1)), Some(samples::workspace_id(2))] {
            add(&mut lines, "answer", catalog.idempotent("caller", workspace.as_ref(), &key).expect("idempotent"));
        }
    }
    lines
}

fn add<T: Debug>(lines: &mut Vec<String>, what: &str, records: impl IntoIterator<Item = T>) {
    lines.extend(records.into_iter().map(|record| format!("{what} {record:?}")));
}

fn pages<T>(read: impl Fn(Option<&T>) -> Vec<T>) -> Vec<T> {
    let mut all: Vec<T> = Vec::new();
    loop {
        let page = read(all.last());
        let ended = page.len() < PAGE;
        all.extend(page);
        if ended {
            return all;
        }
    }
}
