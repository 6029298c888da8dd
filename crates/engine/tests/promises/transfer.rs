//! Workspaces from outside and out again: imports, bundles, backups.

use super::common::*;
use acetate_engine::api::{CreateCheckpoint, CreateWorkspace, OpenSession, WorkspaceInfo, WorkspaceSource};
use acetate_engine::{BundleFile, Engine, EngineError, EngineOptions};
use acetate_testing::{GitRepo, git_command};
use acetate_types::ObjectFormat;
use std::path::PathBuf;

fn import(engine: &Engine, name: &str, from: WorkspaceSource) -> Result<WorkspaceInfo, EngineError> {
    let create = CreateWorkspace { name: Some(name.into()), from: Some(from), ..Default::default() };
    engine.create_workspace(&engine.owner(), create, None, &|_| ())
}

fn store(repo: &GitRepo) -> Engine {
    let mut options = EngineOptions::at(repo.beside("store"));
    options.create = true;
    options.background = false;
    super::common::start(options)
}

fn text(path: PathBuf) -> String {
    path.to_str().expect("utf-8").to_owned()
}

fn save(repo: &GitRepo, name: &str, mut bundle: BundleFile) -> String {
    let at = repo.beside(name);
    std::io::copy(&mut bundle.file, &mut std::fs::File::create(&at).expect("a file")).expect("copied");
    assert_eq!(std::fs::metadata(&at).expect("there").len(), bundle.bytes);
    text(at)
}

fn source() -> GitRepo {
    let repo = checkout(&[("a", "a\n"), ("d/b", "b\n")]);
    repo.git(&["tag", "-a", "-m", "a tag", "t1"]);
    repo.git(&["branch", "side"]);
    repo.write("c", "c\n");
    repo.commit("second");
    repo
}

#[test]
fn a_path_is_imported_as_it_is() {
    let repo = source();
    let engine = store(&repo);
    let info = import(&engine, "one", WorkspaceSource::Git(text(repo.path().to_owned()))).expect("imported");
    assert_eq!((info.head.version, info.head.commit), (Some(1), Some(repo.id("main"))), "an import is v1");
    let space = engine.workspace(&engine.owner(), "one").expect("there");
    let names: Vec<String> = space.branches().expect("branches").into_iter().map(|branch| branch.name).collect();
    assert_eq!(names, ["refs/heads/main", "refs/heads/side"]);
    assert_eq!(space.checkpoints().expect("checkpoints")[0].name, "t1");
    let ada = opened(&engine, &space, named("ada"));
    write(&ada, "x", "x\n");
    assert_eq!(landed(&ada), 2);
    assert_eq!(code(import(&engine, "one", WorkspaceSource::Git(text(repo.path().to_owned())))), "name_taken");
    // A second workspace of the same source shares nothing but objects.
    let other = import(&engine, "two", WorkspaceSource::Git(text(repo.path().to_owned()))).expect("imported");
    assert_eq!(other.head.version, Some(1));
    engine.project_refs().expect("projected");
    let git =
        |args: &[&str]| String::from_utf8_lossy(&git_command(engine.git_dir()).args(args).output().expect("git").stdout).trim().to_owned();
    assert_eq!(git(&["rev-parse", &format!("refs/namespaces/{}/refs/heads/main", other.id)]), repo.id("main").to_hex());
    assert_eq!(git(&["fsck", "--strict", "--full", "--no-dangling"]), "");
}

#[test]
fn shallow_partial_and_other_formats_are_refused_and_leave_nothing() {
    let repo = source();
    let url = format!("file://{}", repo.path().display());
    repo.git(&["config", "uploadpack.allowFilter", "true"]);
    repo.git(&["clone", "-q", "--bare", "--depth", "1", &url, &text(repo.beside("shallow"))]);
    repo.git(&["clone", "-q", "--bare", "--filter=blob:none", &url, &text(repo.beside("partial"))]);
    let engine = store(&repo);
    let refs = || String::from_utf8_lossy(&git_command(engine.git_dir()).args(["for-each-ref"]).output().expect("git").stdout).into_owned();
    let sha256 = GitRepo::new(ObjectFormat::Sha256);
    sha256.write("a", "a\n");
    sha256.commit("first");
    for (what, at) in [("shallow", repo.beside("shallow")), ("partial", repo.beside("partial")), ("sha256", sha256.path().to_owned())] {
        let error = import(&engine, what, WorkspaceSource::Git(text(at))).expect_err(what);
        assert_ne!(error.kind(), acetate_types::ErrorKind::Internal, "{what}: {error:?}");
        assert_eq!(refs(), "", "{what}");
    }
    for what in ["shallow", "partial"] {
        let error = Engine::open(EngineOptions::at(repo.beside(what))).expect_err(what);
        assert!(error.code().contains(what), "{what}: {error:?}");
    }
    assert_eq!(engine.workspaces(&engine.owner(), None, None).expect("listed").workspaces.len(), 0);
    // A source without a commit is an empty workspace, or refused; never half of one.
    let empty = GitRepo::new(ObjectFormat::Sha1);
    if let Ok(info) = import(&engine, "empty", WorkspaceSource::Git(text(empty.path().to_owned()))) {
        assert_eq!(info.head.commit, None);
    }
}

#[test]
fn bundles_go_out_and_come_in() {
    let repo = source();
    let engine = open(&repo);
    let space = workspace(&engine);
    let ada = session(&engine, "ada");
    write(&ada, "x", "x\n");
    landed(&ada);
    space.create_checkpoint(CreateCheckpoint { name: "p".into(), at: None, message: None }, None).expect("made");
    let whole = save(&repo, "whole.bundle", space.bundle(None, false, &|_| ()).expect("a bundle"));
    repo.git(&["bundle", "verify", "-q", &whole]);
    let clone = text(repo.beside("clone"));
    repo.git(&["clone", "-q", &whole, &clone]);
    let inside =
        |args: &[&str]| String::from_utf8_lossy(&git_command(clone.as_ref()).args(args).output().expect("git").stdout).trim().to_owned();
    assert_eq!(inside(&["rev-parse", "HEAD"]), repo.id("main").to_hex());
    assert_eq!(inside(&["tag"]), "p\nt1");
    assert_eq!(std::fs::read_to_string(repo.beside("clone").join("x")).expect("checked out"), "x\n");
    // Since a point: what came after it, for who has that.
    write(&ada, "y", "y\n");
    landed(&ada);
    let since = save(&repo, "since.bundle", space.bundle(Some("v2"), false, &|_| ()).expect("a bundle"));
    assert!(std::fs::metadata(&since).expect("there").len() < std::fs::metadata(&whole).expect("there").len());
    assert!(!inside(&["bundle", "list-heads", &since]).is_empty());
    assert!(git_command(clone.as_ref()).args(["bundle", "verify", "-q", &since]).output().expect("git").status.success());
    // A session's branch.
    write(&ada, "z", "z\n");
    let id = ada.id().clone();
    let (closed, archive) = ada.archive().expect("archived");
    let archive = save(&repo, "archive.bundle", archive);
    repo.git(&["bundle", "verify", "-q", &archive]);
    assert!(repo.git(&["bundle", "list-heads", &archive]).contains(&closed.tip.expect("a tip").to_hex()));
    assert_eq!(code(engine.session(&engine.owner(), &id)), "session_not_found");
    // In again.
    let store = store(&repo);
    // One that needs what is not here, and one that is damaged.
    assert!(import(&store, "thin", WorkspaceSource::Bundle(since.clone())).is_err());
    let mut bytes = std::fs::read(&whole).expect("read");
    let middle = bytes.len() / 2;
    bytes.truncate(middle);
    let cut = repo.beside("cut.bundle");
    std::fs::write(&cut, bytes).expect("written");
    assert!(import(&store, "cut", WorkspaceSource::Bundle(text(cut))).is_err());
    let info = import(&store, "back", WorkspaceSource::Bundle(whole)).expect("imported");
    assert_eq!(info.head.version, Some(1));
    let back = store.workspace(&store.owner(), "back").expect("there");
    assert!(back.read(None, &path("x")).is_ok());
    assert_eq!(back.checkpoints().expect("checkpoints").len(), 2);
    assert_eq!(store.workspaces(&store.owner(), None, None).expect("listed").workspaces.len(), 1);
    engine.shutdown();
    assert_eq!(repo.fsck(), "");
}

#[test]
fn a_backup_opens_with_everything_in_it() {
    let repo = source();
    let engine = open(&repo);
    let ada = opened(&engine, &workspace(&engine), OpenSession { intent: Some("try".into()), ..named("ada") });
    write(&ada, "x", "x\n");
    landed(&ada);
    write(&ada, "unsaved", "u\n");
    let to = repo.beside("backup");
    engine.backup(&engine.owner(), &to, &|_| ()).expect("backed up");
    assert_eq!(code(engine.backup(&engine.owner(), &to, &|_| ())), "backup_exists");
    assert_eq!(code(engine.backup(&engine.owner(), "relative".as_ref(), &|_| ())), "backup_path");
    write(&ada, "later", "later\n");
    landed(&ada);
    let mut options = EngineOptions::at(&to);
    options.background = false;
    let restored = super::common::start(options);
    let space = workspace(&restored);
    assert_eq!(gap_free(&space).len(), 2);
    let again = restored.session(&restored.owner(), ada.id()).expect("the session is there");
    assert_eq!(read(&again, "unsaved"), "u\n");
    assert_eq!(landed(&again), 3);
    restored.shutdown();
    let fsck = git_command(&to).args(["fsck", "--strict", "--full", "--no-dangling"]).output().expect("git");
    assert_eq!(String::from_utf8_lossy(&fsck.stdout), "");
    assert!(fsck.status.success());
}

#[test]
fn a_bundle_that_is_cut_off_is_refused_and_a_failed_import_leaves_no_refs() {
    let repo = source();
    let engine = store(&repo);
    repo.git(&["bundle", "create", "-q", "whole", "--all"]);
    let whole = std::fs::read(repo.path().join("whole")).expect("read");
    let evil = [b"# v2 git bundle\n".as_slice(), format!("{} refs/heads/--evil\n", repo.id("main")).as_bytes()].concat();
    let pack = whole.windows(2).position(|two| two == b"\n\n").expect("a header's end") + 1;
    let evil = [&evil, &whole[pack..]].concat();
    for (name, bytes) in [("short", &whole[..30]), ("header", &whole[..pack - 1]), ("pack", &whole[..pack + 40]), ("evil", &evil)] {
        let at = repo.beside(name);
        std::fs::write(&at, bytes).expect("written");
        assert_eq!(code(import(&engine, name, WorkspaceSource::Bundle(text(at)))), "import_failed", "{name}");
    }
    assert_eq!(repo.git(&["--git-dir", &text(repo.beside("store")), "for-each-ref"]), "");
    import(&engine, "whole", WorkspaceSource::Bundle(text(repo.path().join("whole")))).expect("imported");
}
