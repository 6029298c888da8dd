//! Sessions over restarts: what they say before is what they say after.

use crate::common::{commit, edit, land, long, open, read, repository, session, write};
use acetate_engine::{Engine, Session};
use acetate_testing::GitRepo;
use acetate_types::ObjectFormat;

/// Closes the store, opens it again and gives the session as it is then.
fn again(engine: Engine, session: Session, repo: &GitRepo) -> (Engine, Session) {
    let id = session.id().clone();
    drop(session);
    drop(engine);
    let engine = open(repo.path());
    let session = engine.session(&engine.owner(), &id).expect("the session is back");
    (engine, session)
}

/// Two sessions change different places of one long file; the second lands on the first.
fn merged(repo: &GitRepo) -> (Engine, Session) {
    let text = format!("first\n{}last\n", "a line that stays as it is\n".repeat(30));
    let engine = open(repo.path());
    let ada = session(&engine, "ada");
    write(&ada, "f", &text);
    land(&ada);
    let bob = session(&engine, "bob");
    edit(&ada, "f", "first\n", "first of ada\n");
    edit(&bob, "f", "last\n", "last of bob\n");
    land(&ada);
    land(&bob);
    (engine, bob)
}

#[test]
fn edits_after_a_landing_that_merged_survive() {
    let repo = repository(ObjectFormat::Sha1, 1);
    let (engine, bob) = merged(&repo);
    edit(&bob, "f", "last of bob\n", "last of bob, again\n");
    let text = read(&bob, "f");
    assert!(text.contains("first of ada"));
    let (engine, bob) = again(engine, bob, &repo);
    assert_eq!(read(&bob, "f"), text);
    // And over a second restart, and with edits between.
    edit(&bob, "f", "first of ada\n", "first of both\n");
    let text = read(&bob, "f");
    let (_engine, bob) = again(engine, bob, &repo);
    assert_eq!(read(&bob, "f"), text);
    assert_eq!(land(&bob).0, 5);
}

#[test]
fn edits_after_a_restart_after_a_landing_survive() {
    let repo = repository(ObjectFormat::Sha1, 1);
    let (engine, bob) = merged(&repo);
    let (engine, bob) = again(engine, bob, &repo);
    edit(&bob, "f", "last of bob\n", "last of bob, again\n");
    let text = read(&bob, "f");
    let (_engine, bob) = again(engine, bob, &repo);
    assert_eq!(read(&bob, "f"), text);
}

#[test]
fn edits_after_a_sync_survive() {
    let repo = repository(ObjectFormat::Sha1, 1);
    let engine = open(repo.path());
    let (ada, bob) = (session(&engine, "ada"), session(&engine, "bob"));
    write(&ada, "f", &long("one"));
    land(&ada);
    drop(ada);
    write(&bob, "g", &long("of bob"));
    bob.sync(Default::default(), None).expect("synced");
    edit(&bob, "f", "value one", "value two");
    edit(&bob, "g", "value of bob", "value of bob, later");
    let (_engine, bob) = again(engine, bob, &repo);
    assert_eq!((read(&bob, "f"), read(&bob, "g")), (long("two"), long("of bob, later")));
    assert_eq!(land(&bob).0, 3);
}

#[test]
fn a_landing_that_changed_nothing_keeps_what_comes_after() {
    let repo = repository(ObjectFormat::Sha1, 1);
    let engine = open(repo.path());
    let ada = session(&engine, "ada");
    write(&ada, "f", &long("one"));
    land(&ada);
    drop(crate::common::submit(&ada));
    edit(&ada, "f", "value one", "value two");
    drop(crate::common::submit(&ada));
    let (engine, ada) = again(engine, ada, &repo);
    assert_eq!(read(&ada, "f"), long("two"));
    edit(&ada, "f", "value two", "value three");
    let (_engine, ada) = again(engine, ada, &repo);
    assert_eq!(read(&ada, "f"), long("three"));
}

#[test]
fn a_turn_after_a_pause_is_what_a_restart_shows() {
    let repo = repository(ObjectFormat::Sha1, 1);
    let engine = open(repo.path());
    let ada = session(&engine, "ada");
    write(&ada, "f", &long("one"));
    commit(&ada);
    edit(&ada, "f", "value one", "value two");
    ada.pause().expect("paused");
    ada.resume().expect("resumed");
    assert_eq!(read(&ada, "f"), long("two"), "unsaved edits come back from a pause");
    edit(&ada, "f", "value two", "value three");
    assert!(commit(&ada).changed);
    edit(&ada, "f", "value three", "value four");
    let (_engine, ada) = again(engine, ada, &repo);
    assert_eq!(read(&ada, "f"), long("four"));
    land(&ada);
    assert_eq!(repo.git(&["show", "main:f"]), long("four").trim_end());
}

#[test]
fn going_back_to_what_was_saved_is_kept_too() {
    let repo = repository(ObjectFormat::Sha1, 1);
    let engine = open(repo.path());
    let ada = session(&engine, "ada");
    write(&ada, "f", &long("one"));
    commit(&ada);
    edit(&ada, "f", "value one", "value two");
    ada.pause().expect("paused");
    ada.resume().expect("resumed");
    edit(&ada, "f", "value two", "value one");
    assert!(!commit(&ada).changed);
    let (engine, ada) = again(engine, ada, &repo);
    assert_eq!(read(&ada, "f"), long("one"));
    edit(&ada, "f", "value one", "value three");
    let (_engine, ada) = again(engine, ada, &repo);
    assert_eq!(read(&ada, "f"), long("three"));
}

#[test]
fn a_fork_keeps_its_edits_over_landings_and_restarts() {
    let repo = repository(ObjectFormat::Sha1, 1);
    let engine = open(repo.path());
    let ada = session(&engine, "ada");
    write(&ada, "f", &long("one"));
    let opened = ada.fork(acetate_engine::api::OpenSession { agent: "bob".into(), ..Default::default() }).expect("forked");
    let bob = engine.session(&engine.owner(), &opened.id).expect("the fork");
    land(&ada);
    drop(ada);
    edit(&bob, "f", "value one", "value of bob");
    let (engine, bob) = again(engine, bob, &repo);
    assert_eq!(read(&bob, "f"), long("of bob"));
    commit(&bob);
    edit(&bob, "f", "value of bob", "value of bob, later");
    let (_engine, bob) = again(engine, bob, &repo);
    assert_eq!(read(&bob, "f"), long("of bob, later"));
}

#[test]
fn turns_before_a_sync_stay_reachable() {
    let repo = repository(ObjectFormat::Sha1, 1);
    let engine = open(repo.path());
    let (ada, bob) = (session(&engine, "ada"), session(&engine, "bob"));
    write(&ada, "f", &long("one"));
    let turn = commit(&ada).commit.expect("a commit").to_hex();
    write(&bob, "g", &long("of bob"));
    land(&bob);
    ada.sync(Default::default(), None).expect("synced");
    land(&ada);
    engine.project_refs().expect("projected");
    assert!(repo.git(&["rev-list", "--all"]).contains(&turn), "a turn that was answered is never left to `git gc`");
}

/// Ends a start at a point, as far as that is possible within a process.
struct Ends(&'static str);

impl acetate_engine::Points for Ends {
    fn hit(&self, name: &'static str) {
        assert_ne!(name, self.0, "the end");
    }
}

#[test]
fn a_first_start_that_is_cut_short_begins_again() {
    let repo = repository(ObjectFormat::Sha1, 1);
    let mut options = crate::common::options(repo.path());
    options.points = std::sync::Arc::new(Ends("open.after_catalog"));
    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(Engine::open(options))));
    assert!(ended.is_err(), "it came to the point");
    let engine = open(repo.path());
    assert_eq!(crate::common::workspace(&engine).info().expect("info").head.version, Some(1));
}

#[test]
fn a_session_branch_that_only_the_disk_has_goes() {
    let repo = repository(ObjectFormat::Sha1, 1);
    let engine = open(repo.path());
    let ada = session(&engine, "ada");
    write(&ada, "f", &long("one"));
    land(&ada);
    let id = ada.id().to_string();
    drop(ada);
    drop(engine);
    // As a kill leaves it that comes between writing refs and telling the catalog.
    repo.git(&["update-ref", &format!("refs/acetate/sessions/{id}"), "main"]);
    repo.git(&["update-ref", "refs/acetate/sessions/s_aaaaaaaaaaaaaaaa", "main"]);
    drop(open(repo.path()));
    let left = repo.git(&["for-each-ref", "--format=%(refname)", "refs/acetate/sessions"]);
    assert_eq!(left, "refs/acetate/sessions/s_aaaaaaaaaaaaaaaa", "what a catalog does not know may be all that is left of it");
}
