//! A repository that is served in place, while others do with its refs and objects as they like: nothing that was answered is lost, and
//! nothing that is theirs is overwritten.

use super::common::*;
use acetate_engine::api::{CreateBranch, CreateCheckpoint, Undo};
use acetate_engine::{Engine, PushCommand, Session, Workspace};
use acetate_testing::GitRepo;

fn gc(repo: &GitRepo) {
    repo.git(&["reflog", "expire", "--expire=now", "--all"]);
    repo.git(&["gc", "-q", "--prune=now"]);
}

fn checkpoint(space: &Workspace, name: &str) {
    space.create_checkpoint(CreateCheckpoint { name: name.into(), at: None, message: None }, None).expect("a checkpoint");
}

fn branch(space: &Workspace, name: &str) {
    space.create_branch(CreateBranch { name: name.into(), at: None }, None).expect("a branch");
}

fn branches(space: &Workspace) -> Vec<String> {
    space.branches().expect("branches").into_iter().map(|branch| branch.name.replace("refs/heads/", "")).collect()
}

fn checkpoints(space: &Workspace) -> Vec<String> {
    space.checkpoints().expect("checkpoints").into_iter().map(|checkpoint| checkpoint.name).collect()
}

fn there(repo: &GitRepo, name: &str) -> bool {
    repo.try_git(&["rev-parse", "--verify", "-q", name]).status.success()
}

fn land(session: &Session, at: &str, text: &str) {
    write(session, at, text);
    landed(session);
}

fn restart(repo: &GitRepo, engine: Engine, meanwhile: impl FnOnce()) -> Engine {
    engine.project_refs().expect("on disk");
    engine.shutdown();
    drop(engine);
    meanwhile();
    open(repo)
}

#[test]
fn what_has_landed_outlives_a_gc_whatever_became_of_its_branch() {
    // A branch deleted outside.
    let repo = checkout(&[("a", "a\n")]);
    let engine = open(&repo);
    branch(&workspace(&engine), "feature");
    land(&opened(&engine, &workspace(&engine), on("ada", "feature")), "f", "1\n");
    engine.project_refs().expect("on disk");
    repo.git(&["branch", "-q", "-D", "feature"]);
    gc(&repo);
    let engine = restart(&repo, engine, || gc(&repo));
    assert_eq!(branches(&workspace(&engine)), ["main"]);
    workspace(&engine).undo(Undo::default(), None).expect("had back");
    assert_eq!(repo.git(&["show", "feature:f"]), "1");
    // A branch moved back.
    let repo = bare(&[("a", "a\n")]);
    let engine = open(&repo);
    land(&session(&engine, "ada"), "a", "2\n");
    let landed = workspace(&engine).info().expect("info").head;
    engine.project_refs().expect("on disk");
    repo.git(&["update-ref", "refs/heads/main", "main~1"]);
    gc(&repo);
    let engine = restart(&repo, engine, || gc(&repo));
    let info = workspace(&engine).info().expect("info");
    assert_eq!(info.head, landed);
    assert!(info.diverged.expect("it says so").contains("moved back"));
    assert_eq!(read(&session(&engine, "bob"), "a"), "2\n");
    engine.shutdown();
    assert_eq!(repo.fsck(), "");
}

#[test]
fn branches_that_lag_are_kept_each_by_itself() {
    let repo = checkout(&[("a", "a\n")]);
    let names = ["a/b", "a-b"];
    for name in names {
        repo.git(&["worktree", "add", "-q", "-b", name, repo.beside(&name.replace('/', "_")).to_str().expect("utf-8")]);
    }
    let engine = open(&repo);
    for name in names {
        land(&opened(&engine, &workspace(&engine), on("ada", name)), "x", name);
    }
    engine.project_refs().expect("on disk");
    gc(&repo);
    for name in names {
        assert_eq!(read(&opened(&engine, &workspace(&engine), on("bob", name)), "x"), name);
        let served = format!("refs/namespaces/in-place/refs/heads/{name}:x");
        assert_eq!(repo.git(&["show", &served]), name, "it can be fetched");
        assert!(!there(&repo, &format!("{name}:x")), "the branch itself lags");
    }
}

#[test]
fn a_damaged_branch_stops_nothing_but_itself() {
    let repo = bare(&[("a", "a\n")]);
    let engine = open(&repo);
    branch(&workspace(&engine), "side");
    let side = opened(&engine, &workspace(&engine), on("ada", "side"));
    land(&side, "s", "s\n");
    side.close(true).expect("closed");
    drop(side);
    let lost = repo.id("side").to_hex();
    let engine = restart(&repo, engine, || {
        repo.git(&["repack", "-q", "-a", "-d"]);
        let packs = repo.path().join("objects/pack");
        let kept = repo.beside("packs");
        std::fs::rename(&packs, &kept).expect("moved");
        std::fs::create_dir(&packs).expect("made");
        for pack in
            std::fs::read_dir(&kept).expect("listed").flatten().filter(|file| file.path().extension().is_some_and(|end| end == "pack"))
        {
            repo.git_in(&["unpack-objects", "-q"], &std::fs::read(pack.path()).expect("read"));
        }
        let object = repo.path().join("objects").join(&lost[..2]).join(&lost[2..]);
        std::fs::remove_file(object).expect("damaged");
    });
    let space = workspace(&engine);
    assert!(space.info().expect("info").diverged.expect("it says so").contains(&lost));
    assert_eq!(code(space.open_session(on("bob", "side"))), "branch_damaged");
    land(&session(&engine, "bob"), "a", "on\n");
    assert_eq!(repo.git(&["show", "main:a"]), "on");
    // The way out.
    repo.git(&["update-ref", "refs/heads/side", "main"]);
    space.catch_up().expect("looked");
    assert_eq!(space.info().expect("info").diverged, None);
    land(&opened(&engine, &space, on("bob", "side")), "s", "again\n");
}

#[test]
fn tags_of_others_are_taken_in_and_never_overwritten() {
    let repo = bare(&[("a", "a\n")]);
    for name in ["v1", "gone", "stays"] {
        repo.git(&["tag", "-a", name, "-m", "first", "main"]);
    }
    let engine = open(&repo);
    assert_eq!(checkpoints(&workspace(&engine)), ["gone", "stays", "v1"]);
    let change = || {
        repo.git(&["tag", "-f", "-a", "v1", "-m", "second", "main"]);
        repo.git(&["tag", "-d", "gone"]);
        gc(&repo);
    };
    let engine = restart(&repo, engine, change);
    engine.project_refs().expect("on disk");
    assert!(repo.git(&["cat-file", "-p", "v1"]).contains("second"));
    assert_eq!(checkpoints(&workspace(&engine)), ["stays", "v1"]);
    // Running.
    repo.git(&["tag", "-f", "-a", "v1", "-m", "third", "main"]);
    repo.git(&["tag", "-d", "stays"]);
    repo.git(&["tag", "-a", "rel", "-m", "theirs", "main"]);
    let create = |name: &str| workspace(&engine).create_checkpoint(CreateCheckpoint { name: name.into(), at: None, message: None }, None);
    assert_eq!(code(create("rel")), "checkpoint_exists");
    assert_eq!(code(create("rel/one")), "ref_clash");
    workspace(&engine).catch_up().expect("looked");
    engine.project_refs().expect("on disk");
    assert!(repo.git(&["cat-file", "-p", "v1"]).contains("third"));
    assert_eq!((checkpoints(&workspace(&engine)), there(&repo, "stays")), (vec!["rel".into(), "v1".into()], false));
    checkpoint(&workspace(&engine), "own");
    engine.project_refs().expect("on disk");
    assert!(there(&repo, "own"));
    engine.shutdown();
    assert_eq!(repo.fsck(), "");
}

#[test]
fn a_ref_that_can_not_be_written_stops_no_other() {
    let repo = bare(&[("a", "a\n")]);
    let engine = open(&repo);
    let space = workspace(&engine);
    let fork = space.fork(Default::default(), None).expect("a fork");
    // Where the fork's checkpoint is to be, somebody has put something.
    let folder = repo.path().join(format!("refs/namespaces/{}/refs/tags/rel", fork.id));
    std::fs::create_dir_all(folder.parent().expect("a folder")).expect("made");
    std::fs::write(&folder, format!("{}\n", repo.id("main"))).expect("written");
    let fork = engine.workspace(&engine.owner(), fork.id.as_str()).expect("the fork");
    checkpoint(&fork, "rel/one");
    checkpoint(&space, "fine");
    engine.project_refs().expect("the others are written");
    assert!(there(&repo, "fine"));
    assert!(fork.info().expect("info").diverged.expect("it says so").contains("rel/one"));
    let id = fork.id().clone();
    drop((fork, space));
    let engine = restart(&repo, engine, || gc(&repo));
    assert!(there(&repo, "fine"));
    let fork = engine.workspace(&engine.owner(), id.as_str()).expect("the fork");
    assert_eq!(checkpoints(&fork), ["rel/one"]);
}

#[test]
fn undoing_keeps_what_it_takes_away() {
    let repo = bare(&[("a", "a\n")]);
    let engine = open(&repo);
    let space = workspace(&engine);
    checkpoint(&space, "green");
    let made = space.operations(None, Some(1)).expect("operations").operations.remove(0).number;
    let undone = space.undo(Undo { operation: Some(made) }, None).expect("undone");
    engine.project_refs().expect("on disk");
    gc(&repo);
    space.undo(Undo { operation: Some(undone.number) }, None).expect("redone");
    engine.project_refs().expect("on disk");
    assert_eq!(repo.git(&["rev-parse", "green^{commit}"]), repo.id("main").to_hex());
    engine.shutdown();
    assert_eq!(repo.fsck(), "");
}

#[test]
fn a_branch_that_makes_room_for_another_is_followed() {
    let repo = checkout(&[("a", "a\n")]);
    repo.git(&["branch", "feature"]);
    let engine = open(&repo);
    let space = workspace(&engine);
    repo.git(&["branch", "-q", "-D", "feature"]);
    repo.git(&["branch", "feature/x"]);
    repo.write("a", "outside\n");
    let outside = repo.commit("outside");
    space.catch_up().expect("looked");
    assert_eq!(branches(&space), ["feature/x", "main"]);
    assert_eq!(space.info().expect("info").head.commit, Some(outside));
}

#[test]
fn an_adopted_branch_can_be_deleted() {
    let repo = checkout(&[("a", "a\n")]);
    let engine = open(&repo);
    let space = workspace(&engine);
    repo.git(&["branch", "topic"]);
    repo.git(&["worktree", "add", "-q", "-b", "held", repo.beside("held").to_str().expect("utf-8")]);
    space.catch_up().expect("looked");
    assert_eq!(code(space.delete_branch("held", None)), "branch_checked_out");
    space.delete_branch("topic", None).expect("deleted");
    space.catch_up().expect("looked");
    assert_eq!((branches(&space), there(&repo, "topic")), (vec!["held".into(), "main".into()], false));
    // Also where it was adopted before a restart.
    repo.git(&["branch", "topic"]);
    space.catch_up().expect("looked");
    drop(space);
    let engine = restart(&repo, engine, || ());
    workspace(&engine).delete_branch("topic", None).expect("deleted");
    let engine = restart(&repo, engine, || ());
    assert_eq!((branches(&workspace(&engine)), there(&repo, "topic")), (vec!["held".into(), "main".into()], false));
}

#[test]
fn a_stale_deletion_is_refused() {
    let repo = bare(&[("a", "a\n")]);
    let engine = open(&repo);
    let space = workspace(&engine);
    branch(&space, "topic");
    let old = repo.id("topic");
    land(&opened(&engine, &space, on("ada", "topic")), "t", "t\n");
    let delete = |old| {
        let command = PushCommand { name: "refs/heads/topic".into(), old: Some(old), new: None };
        space.push(&[command], None).expect("answered").remove(0).result
    };
    assert!(delete(old).expect_err("refused").contains("stale"));
    assert!(delete(repo.id("topic")).is_ok());
}

#[test]
fn commits_of_other_workspaces_are_no_points_of_this_one() {
    let repo = bare(&[("a", "a\n")]);
    let engine = open(&repo);
    let space = workspace(&engine);
    let other = engine.create_workspace(&engine.owner(), Default::default(), None, &|_| ()).expect("a workspace");
    let other = engine.workspace(&engine.owner(), other.id.as_str()).expect("the workspace");
    land(&opened(&engine, &space, named("ada")), "secret", "s\n");
    let commit = space.info().expect("info").head.commit.expect("a commit").to_hex();
    let at = Some(commit.as_str());
    assert_eq!(code(other.files(at, &Default::default())), "point_not_found");
    assert_eq!(code(other.diff(&commit, &commit, &diff_options())), "point_not_found");
    assert_eq!(code(other.create_branch(CreateBranch { name: "b".into(), at: at.map(str::to_owned) }, None)), "point_not_found");
    space.files(at, &Default::default()).expect("its own");
    // What no ref reaches may go at any moment.
    let loose = repo.git(&["commit-tree", "-m", "loose", "main^{tree}"]);
    assert_eq!(code(space.files(Some(&loose), &Default::default())), "point_not_found");
}

#[test]
fn trailers_are_not_believed_beyond_reason() {
    let forge = |repo: &GitRepo, number: &str| {
        repo.write("a", number);
        repo.commit(&format!("Change\n\nAcetate-Version: v{number}"));
    };
    // A repository that never met Acetate.
    let repo = checkout(&[("a", "a\n")]);
    forge(&repo, "1");
    forge(&repo, "2000000");
    let engine = open(&repo);
    let head = workspace(&engine).info().expect("info").head;
    assert_eq!((head.version, head.commit), (Some(1), Some(repo.id("main"))));
    // One that did, and lost its catalog: a push in between has no trailer, and one says what can't be.
    let ada = session(&engine, "ada");
    land(&ada, "a", "2\n");
    repo.write("b", "3\n");
    let pushed = repo.commit("outside");
    workspace(&engine).catch_up().expect("looked");
    land(&ada, "a", "4\n");
    drop(ada);
    let engine = restart(&repo, engine, || {
        forge(&repo, "3000000");
        for file in ["catalog.db", "catalog.db-wal", "catalog.db-shm"] {
            let _ = std::fs::remove_file(repo.path().join(".git/acetate").join(file));
        }
    });
    let versions = workspace(&engine).versions(None, None, None).expect("versions").versions;
    let numbers: Vec<u64> = versions.iter().map(|version| version.version).collect();
    assert_eq!(numbers, [4, 3, 2, 1]);
    assert_eq!((versions[1].commit, versions[1].kind.as_str()), (pushed, "push"));
}

#[test]
fn a_tag_that_can_not_be_read_is_not_gone_and_stops_no_other() {
    let repo = bare(&[("a", "a\n")]);
    let engine = open(&repo);
    let space = workspace(&engine);
    checkpoint(&space, "t1");
    engine.project_refs().expect("on disk");
    std::fs::write(repo.path().join("refs/tags/t1"), "").expect("damaged");
    space.catch_up().expect("looked");
    assert_eq!(checkpoints(&space), ["t1"]);
    // A move of it waits, and nothing else does.
    space.undo(Undo::default(), None).expect("the checkpoint is taken back");
    land(&session(&engine, "ada"), "b", "b\n");
    engine.project_refs().expect("the others are written");
    let served = repo.git(&["rev-parse", "refs/namespaces/in-place/refs/heads/main"]);
    assert_eq!(served, repo.git(&["rev-parse", "main"]));
    assert!(repo.git(&["log", "-1", "--format=%s", "main"]).contains('b'));
}

#[test]
fn an_import_that_is_durable_keeps_its_refs_whatever_fails_afterwards() {
    let repo = bare(&[("a", "a\n")]);
    let other = bare(&[("b", "b\n")]);
    let engine = open(&repo);
    let lock = repo.path().join("packed-refs.lock");
    let stop = std::sync::atomic::AtomicBool::new(false);
    let made = std::thread::scope(|scope| {
        // Somebody packs refs for longer than anybody waits, from when the import has been recorded on.
        scope.spawn(|| {
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                if workspaces(&engine) == 2 && !lock.exists() {
                    std::fs::write(&lock, "").expect("locked");
                }
                std::thread::yield_now();
            }
        });
        let from = acetate_engine::api::WorkspaceSource::Git(other.path().to_string_lossy().into_owned());
        let create = acetate_engine::api::CreateWorkspace { name: Some("imp".into()), from: Some(from), ..Default::default() };
        let made = engine.create_workspace(&engine.owner(), create, None, &|_| ());
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        made
    });
    let _ = std::fs::remove_file(&lock);
    let made = made.expect("it is made");
    engine.project_refs().expect("on disk");
    assert!(there(&repo, &format!("refs/namespaces/{}/refs/heads/main", made.id)));
}

fn workspaces(engine: &Engine) -> usize {
    engine.workspaces(&engine.owner(), None, None).expect("workspaces").workspaces.len()
}
