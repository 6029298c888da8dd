//! Hostile input through every entrance: an error with a code of its own, and nothing has changed.

use super::common::*;
use acetate_engine::api::{
    Batch, BatchEdit, CommitTurn, CreateBranch, CreateCheckpoint, CreateWorkspace, Fork, Grep, ListFiles, MoveFile, OpenSession, ReadFile,
    ReadMany, StringEdit, Undo, WorkspaceSource, WorkspaceUpdate, WriteFile,
};
use acetate_engine::{EngineError, Session};
use acetate_testing::GitRepo;
use acetate_types::{FileMode, ObjectFormat, RepoPath};

/// Paths that some platform takes for `.git`, or that are none. The shape of the first kind passes where a repository already has it.
const FORBIDDEN: &[&[u8]] = &[
    b".git",
    b".git/config",
    b".GIT/hooks/post-checkout",
    b"a/.Git/x",
    b"git~1",
    b"GIT~1/config",
    b"a/git~1/x",
    b".git ",
    b".git.",
    b".git...",
    b".git . .",
    b".git::$INDEX_ALLOCATION",
    b".git::$INDEX_ALLOCATION/config",
    b"a\\.git\\config",
    b".git\\config",
    b"..\\x",
    "\u{200c}.git/config".as_bytes(),
    ".g\u{200d}it/config".as_bytes(),
    ".gi\u{feff}t/config".as_bytes(),
    ".G\u{202e}it".as_bytes(),
    ".git\u{206f}/x".as_bytes(),
];

const SHAPELESS: &[&[u8]] = &[b"", b"/", b"/etc/passwd", b"a//b", b"a/", b".", b"..", b"../x", b"a/../b", b"a/./b", b"./a", b"a\0b"];

fn fixture() -> GitRepo {
    let repo = bare(&[("a", "one\ntwo\nthree\n"), ("d/x", "x\n"), ("d/e/y", "y\n")]);
    repo.fast_commit("main", [("link", "120000", Some("a"))]);
    repo
}

fn refused<T: std::fmt::Debug>(what: &str, result: Result<T, EngineError>) -> EngineError {
    let error = result.err().unwrap_or_else(|| panic!("{what} was taken"));
    let plain = error.code().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    assert!(plain && !error.code().is_empty(), "{what}: {error:?}");
    assert_ne!(error.kind(), acetate_types::ErrorKind::Internal, "{what}: {error:?}");
    error
}

/// Every way in which a session takes a path to write to.
fn entrances(session: &Session, at: &RepoPath) -> Vec<(&'static str, Result<(), EngineError>)> {
    let batch = |edits| session.batch(&Batch { edits }).map(drop);
    let first = || BatchEdit::Write { path: path("first"), content: "x".to_owned().into(), mode: None, expect: None };
    let write = |mode| WriteFile { path: at.clone(), content: "text".to_owned().into(), mode, expect: None };
    vec![
        ("write", session.write(write(None)).map(drop)),
        ("write a link", session.write(write(Some(FileMode::Symlink))).map(drop)),
        ("write large", session.write(WriteFile { content: vec![b'x'; 2 << 20].into(), ..write(None) }).map(drop)),
        ("edit", session.edit(at, &[StringEdit { old: "".to_owned().into(), new: "x".to_owned().into(), all: false }], None).map(drop)),
        ("move", session.rename(&MoveFile { from: path("a"), to: at.clone(), replace: false }).map(drop)),
        ("move over", session.rename(&MoveFile { from: path("a"), to: at.clone(), replace: true }).map(drop)),
        ("move a folder", session.rename(&MoveFile { from: path("d"), to: at.clone(), replace: false }).map(drop)),
        (
            "batch write",
            batch(vec![first(), BatchEdit::Write { path: at.clone(), content: "x".to_owned().into(), mode: None, expect: None }]),
        ),
        ("batch move", batch(vec![first(), BatchEdit::Move { from: path("a"), to: at.clone(), replace: true }])),
        ("batch directory", batch(vec![first(), BatchEdit::Directory { path: at.clone() }])),
        (
            "batch edit",
            batch(vec![
                first(),
                BatchEdit::Edit {
                    path: at.clone(),
                    edits: vec![StringEdit { old: "".to_owned().into(), new: "x".to_owned().into(), all: false }],
                    expect: None,
                },
            ]),
        ),
    ]
}

#[test]
fn no_path_reaches_dot_git_or_leaves_the_repository() {
    let repo = fixture();
    let engine = open(&repo);
    let ada = session(&engine, "ada");
    write(&ada, "edited", "x\n");
    let before = state(&ada);
    for bytes in SHAPELESS {
        assert!(RepoPath::new(bytes.to_vec()).is_err() && RepoPath::existing(bytes.to_vec()).is_err(), "{bytes:?}");
        let json = serde_json::json!({ "path": String::from_utf8_lossy(bytes), "content": "x" });
        assert!(serde_json::from_value::<WriteFile>(json).is_err(), "{bytes:?}");
    }
    let long: Vec<Vec<u8>> = vec![vec![b'a'; 256], [b"a/".repeat(1800), b"b".to_vec()].concat(), vec![b'b'; 100_000]];
    for bytes in FORBIDDEN.iter().map(|bytes| bytes.to_vec()).chain(long) {
        assert!(RepoPath::new(bytes.clone()).is_err(), "{:?}", String::from_utf8_lossy(&bytes));
        // An embedding program may make a path by its shape alone; each entrance checks again.
        let Ok(at) = RepoPath::existing(bytes.clone()) else { continue };
        for (what, result) in entrances(&ada, &at) {
            let error = refused(what, result);
            assert!(error.code().starts_with("path_") || error.code() == "file_not_found", "{what} {at}: {error:?}");
        }
        refused("delete", ada.delete(&at, None));
        refused("mode", ada.set_mode(&at, FileMode::Executable));
        refused("read", ada.read(&at));
        refused("stat", ada.stat(&at));
    }
    assert_eq!(state(&ada), before);
    assert_eq!(ada.standing(None).notices.len(), 0);
    engine.shutdown();
    assert_eq!(repo.fsck(), "");
}

#[test]
fn links_that_git_itself_would_read_and_targets_that_are_none() {
    let repo = fixture();
    let engine = open(&repo);
    let ada = session(&engine, "ada");
    let before = state(&ada);
    for name in [".gitmodules", ".gitattributes", ".gitignore", ".mailmap", "d/.gitignore", ".GITMODULES"] {
        refused(name, try_write(&ada, &path(name), "a", Some(FileMode::Symlink)));
        refused(name, ada.rename(&MoveFile { from: path("link"), to: path(name), replace: false }));
    }
    for target in [&b""[..], b"a\0b", &[b'x'; 4096]] {
        refused("a target", try_write(&ada, &path("new"), target, Some(FileMode::Symlink)));
        // Also where the link is there already and no mode is named.
        refused("a target", try_write(&ada, &path("link"), target, None));
        let write = BatchEdit::Write { path: path("link"), content: target.to_vec().into(), mode: None, expect: None };
        refused("a target", ada.batch(&Batch { edits: vec![write] }));
    }
    refused("a large target", try_write(&ada, &path("link"), vec![b'x'; 2 << 20], None));
    refused("a submodule", try_write(&ada, &path("sub"), "x", Some(FileMode::Submodule)));
    refused("a mode", ada.set_mode(&path("a"), FileMode::Symlink));
    refused("a mode", ada.set_mode(&path("a"), FileMode::Submodule));
    refused("a link's mode", ada.set_mode(&path("link"), FileMode::Executable));
    refused(
        "a link as text",
        ada.edit(&path("link"), &[StringEdit { old: "a".to_owned().into(), new: "b".to_owned().into(), all: false }], None),
    );
    assert_eq!(state(&ada), before);
    // A file that Git reads may be edited as long as it is a file; made a link it is refused.
    write(&ada, ".gitignore", "x\n");
    let before = state(&ada);
    refused("a link", try_write(&ada, &path(".gitignore"), "a", Some(FileMode::Symlink)));
    assert_eq!(state(&ada), before);
}

#[test]
fn a_submodule_is_no_file() {
    let repo = fixture();
    let stream = "commit refs/heads/main\ncommitter A <a@b> 1700000000 +0000\ndata 1\nm\nfrom refs/heads/main^0\nM 160000 0123456789012345678901234567890123456789 \"sub\"\n";
    repo.git_in(&["fast-import", "--quiet", "--force"], stream.as_bytes());
    let engine = open(&repo);
    let ada = session(&engine, "ada");
    let before = state(&ada);
    refused("edit", ada.edit(&path("sub"), &[StringEdit { old: "0".to_owned().into(), new: "1".to_owned().into(), all: true }], None));
    refused("below", try_write(&ada, &path("sub/x"), "x", None));
    refused("mode", ada.set_mode(&path("sub"), FileMode::Executable));
    assert_eq!(state(&ada), before);
    for text in [b"x".to_vec(), vec![b'x'; 2 << 20]] {
        if try_write(&ada, &path("sub"), &text, None).is_ok() {
            assert_eq!(ada.read(&path("sub")).expect("read").mode, FileMode::Regular, "what is written is a file");
        }
        landed(&ada);
    }
    engine.shutdown();
    assert_eq!(repo.fsck(), "");
}

#[test]
fn names_points_ids_globs_patterns_and_cursors() {
    let repo = fixture();
    let engine = open(&repo);
    let owner = engine.owner();
    let space = workspace(&engine);
    let ada = session(&engine, "ada");
    write(&ada, "edited", "x\n");
    let (before, view) = (state(&ada), showing(&space));
    let long = "x".repeat(300);
    let names = [
        "",
        " ",
        "-x",
        "--upload-pack=x",
        "a..b",
        "a b",
        "a~1",
        "a^",
        "a:b",
        "a?",
        "a*",
        "a[",
        "a\\b",
        "/a",
        "a/",
        "a//b",
        "a.lock",
        "a/.b",
        "@",
        "@{",
        "a@{1}",
        "HEAD",
        "a\0b",
        "a\nb",
        "a\u{7f}",
        "refs/heads/",
        "refs/acetate/keep/x",
        "refs/tags/../heads/main",
        &long,
        "refs/namespaces/x/refs/heads/y",
    ];
    for name in names {
        let branch = |name: &str| CreateBranch { name: name.into(), at: None };
        assert_eq!(refused(name, space.create_branch(branch(name), None)).code(), "branch_name_invalid", "{name:?}");
        refused(name, space.delete_branch(name, None));
        refused(name, space.open_session(on("x", name)));
        let point = CreateCheckpoint { name: name.into(), at: None, message: None };
        assert_eq!(refused(name, space.create_checkpoint(point, None)).code(), "checkpoint_name_invalid", "{name:?}");
        refused(name, space.update(WorkspaceUpdate { default_branch: Some(name.into()), ..Default::default() }));
        refused(name, space.fork(Fork { name: Some("fork".into()), at: Some(name.into()) }, None));
        refused(name, space.read(Some(name), &path("a")));
        refused(name, space.bundle(Some(name), false, &|_| ()));
        refused(name, space.open_session(OpenSession { at: Some(name.into()), ..named("x") }));
        assert_eq!(refused(name, engine.submission(&owner, name)).code(), "submission_not_found");
        refused(name, engine.workspace(&owner, name));
        assert!(name.parse::<acetate_types::SessionId>().is_err() && name.parse::<acetate_types::WorkspaceId>().is_err());
    }
    // A ref can't exist beside one that it would be a folder of.
    refused("below a branch", space.create_branch(CreateBranch { name: "main/below".into(), at: None }, None));
    for name in ["", "a/b", "..", ".hidden", "-x", "a b", "x.git", "a\0", "\u{202e}", &long, "w_0000000000000000"] {
        let create = |from| CreateWorkspace { name: Some(name.into()), from, ..Default::default() };
        assert_eq!(refused(name, engine.create_workspace(&owner, create(None), None, &|_| ())).code(), "name_invalid");
        refused(name, space.update(WorkspaceUpdate { name: Some(name.into()), ..Default::default() }));
        refused(name, space.fork(Fork { name: Some(name.into()), at: None }, None));
    }
    for open in [
        named(""),
        named(&"x".repeat(201)),
        named("a\0b"),
        OpenSession { intent: Some("x".repeat(2001)), ..named("x") },
        OpenSession { intent: Some("a\0b".into()), ..named("x") },
        OpenSession { ttl: Some(0), ..named("x") },
        OpenSession { ttl: Some(u64::MAX), ..named("x") },
    ] {
        refused("a session", space.open_session(open.clone()));
        refused("a fork", ada.fork(open));
    }
    for glob in ["[", "{a", &"{a,b}".repeat(5000), &"x".repeat(1 << 20), "a/**b**/[z-a]"] {
        let list = ListFiles { glob: Some((*glob).to_owned()), ..ListFiles::default() };
        if let Err(error) = ada.files(&list) {
            assert_eq!(error.code(), "glob_invalid");
        }
        let _ = ada
            .read_many(&ReadMany { globs: vec![(*glob).to_owned()], ..Default::default() }, &mut |_| true)
            .map_err(|error| assert_eq!(error.code(), "glob_invalid"));
        let _ = space.files(None, &list).map_err(|error| assert_eq!(error.code(), "glob_invalid"));
    }
    assert!(ada.files(&ListFiles { glob: Some("[".into()), ..ListFiles::default() }).is_err());
    for pattern in ["(", "[", "a{1000000}", "(?:a{1000}){1000}", "\\p{Nope}", "(?i", &"(".repeat(10_000), &"a".repeat(10 << 20)] {
        let grep = Grep { pattern: (*pattern).to_owned(), ..Grep::default() };
        assert_eq!(refused("a pattern", ada.grep(&grep)).code(), "pattern_invalid", "{}", &pattern[..pattern.len().min(40)]);
    }
    // Linear time, whatever the pattern.
    write(&ada, "long", "a".repeat(200_000));
    assert!(ada.grep(&Grep { pattern: "(a*)*b".into(), ..Grep::default() }).is_ok());
    let huge = Grep { pattern: "a".into(), before: u32::MAX, after: u32::MAX, limit: Some(usize::MAX), ..Grep::default() };
    assert!(ada.grep(&huge).is_ok() || ada.grep(&huge).is_err());
    delete(&ada, "long");
    for cursor in ["x", "zz", "00", "2f", "2e2e", &"61".repeat(100_000), ""] {
        let grep = Grep { pattern: "a".into(), cursor: Some((*cursor).to_owned()), ..Grep::default() };
        if let Err(error) = ada.grep(&grep) {
            assert_eq!(error.code(), "cursor_invalid");
        }
    }
    assert!(ada.grep(&Grep { pattern: "a".into(), cursor: Some("zz".into()), ..Grep::default() }).is_err());
    let limit = Some(usize::MAX);
    assert!(ada.files(&ListFiles { limit, ..ListFiles::default() }).is_ok());
    assert!(space.versions(Some(u64::MAX), limit, None).is_ok());
    assert!(space.events(u64::MAX, limit).is_ok_and(|page| page.events.is_empty()));
    assert!(space.operations(Some(0), limit).is_ok());
    assert!(engine.workspaces(&owner, Some(&long), limit).is_ok());
    // A page with nothing in it would never end a walk.
    assert_eq!(code(ada.files(&ListFiles { limit: Some(0), ..ListFiles::default() })), "limit_invalid");
    assert_eq!(code(space.versions(None, Some(0), None)), "limit_invalid");
    refused("an operation", space.undo(Undo { operation: Some(u64::MAX) }, None));
    refused("an operation", space.undo(Undo { operation: Some(0) }, None));
    refused("a read", ada.read_many(&ReadMany { at: Some("v1".into()), ..Default::default() }, &mut |_| true));
    assert_eq!(ada.standing(Some(u64::MAX)).events.len(), 0);
    assert_eq!(state(&ada), before);
    assert_eq!(showing(&space), view);
    for at in [0u8, 1] {
        let id = repo.id(["main^{tree}", "main:a"][usize::from(at)]).to_hex();
        assert_eq!(refused("an object that is no commit", space.read(Some(&id), &path("a"))).code(), "point_not_found");
    }
    engine.shutdown();
    assert_eq!(repo.git(&["for-each-ref", "--format=%(refname)", "refs/heads", "refs/tags"]), "refs/heads/main");
    assert_eq!(repo.fsck(), "");
}

#[test]
fn edits_that_can_not_be_made_change_nothing_and_say_why() {
    let repo = fixture();
    let engine = open(&repo);
    let ada = session(&engine, "ada");
    write(&ada, "twice", "same\nsame\n");
    let before = state(&ada);
    let edit = |old: &str, new: &str, all| StringEdit { old: old.to_owned().into(), new: new.to_owned().into(), all };
    for (edits, code) in [
        (vec![edit("no such line", "x", false)], "text_not_found"),
        (vec![edit("same", "x", false)], "text_not_unique"),
        (vec![edit("same\nsame", "same\nsame", false)], "text_unchanged"),
        (vec![edit("same", "x", true), edit("gone", "y", false)], "text_not_found"),
        (vec![], "edits_empty"),
        (vec![edit("", "x", false)], "text_empty"),
    ] {
        assert_eq!(refused(code, ada.edit(&path("twice"), &edits, None)).code(), code);
    }
    refused("too many", ada.edit(&path("twice"), &vec![edit("a", "b", false); 2000], None));
    for expect in ["0000000000000000000000000000000000000000", "x", "", "W/\"x\""] {
        let write = WriteFile { path: path("twice"), content: "x".to_owned().into(), mode: None, expect: Some(expect.into()) };
        assert_eq!(refused("expect", ada.write(write)).code(), "stale_revision");
        assert_eq!(refused("expect", ada.delete(&path("twice"), Some(expect))).code(), "stale_revision");
    }
    let write = WriteFile { path: path("absent"), content: "x".to_owned().into(), mode: None, expect: Some("*".into()) };
    assert_eq!(refused("expect", ada.write(write)).code(), "stale_revision");
    refused("under a file", try_write(&ada, &path("a/below"), "x", None));
    refused("a folder", try_write(&ada, &path("d"), "x", None));
    refused("a folder read", ada.read(&path("d")));
    refused("into itself", ada.rename(&MoveFile { from: path("d"), to: path("d/e/f"), replace: true }));
    refused("onto a file", ada.rename(&MoveFile { from: path("a"), to: path("d/x"), replace: false }));
    refused("from nowhere", ada.rename(&MoveFile { from: path("nowhere"), to: path("x"), replace: false }));
    refused("delete nothing", ada.delete(&path("nowhere"), None));
    refused("a commit message", ada.commit(CommitTurn { message: Some("x".repeat(70_000)) }, None));
    let steps = vec![
        BatchEdit::Write { path: path("n1"), content: "x".to_owned().into(), mode: None, expect: None },
        BatchEdit::Move { from: path("a"), to: path("b"), replace: false },
        BatchEdit::Delete { path: path("a") },
    ];
    let error = refused("a batch", ada.batch(&Batch { edits: steps }));
    use acetate_types::Classify as _;
    assert_eq!(error.problem().details.expect("details")["step"], 2);
    assert_eq!(state(&ada), before);
}

#[test]
fn paths_that_are_not_utf_8_work_everywhere() {
    let name: &[u8] = b"d\xff\xfe/\x80 name\n\t\"q\".txt";
    let repo = GitRepo::bare(ObjectFormat::Sha1);
    repo.fast_commit("main", [(&b"d\xff\xfe/base\xc0"[..], "100644", Some("base\n")), (&b"plain"[..], "100644", Some("plain\n"))]);
    let mut engine = open(&repo);
    let ada = session(&engine, "ada");
    let id = ada.id().clone();
    let at = path(name);
    assert_eq!(read(&ada, b"d\xff\xfe/base\xc0"), "base\n");
    let written = try_write(&ada, &at, "one\ntwo\n", None).expect("written");
    assert!(written.warning.is_some(), "no such name on Windows");
    ada.edit(&at, &[StringEdit { old: "two".to_owned().into(), new: "2".to_owned().into(), all: false }], None).expect("edited");
    ada.rename(&MoveFile { from: path(b"d\xff\xfe/base\xc0"), to: path(b"moved\xf0"), replace: false }).expect("moved");
    let list = ada.files(&ListFiles { prefix: Some(path(b"d\xff\xfe")), ..Default::default() }).expect("listed");
    assert_eq!(list.files.iter().map(|file| file.path.as_bytes()).collect::<Vec<_>>(), [name]);
    assert_eq!(ada.files(&ListFiles { shallow: true, ..Default::default() }).expect("listed").files.len(), 3);
    let page = ada.files(&ListFiles { limit: Some(1), ..Default::default() }).expect("listed");
    assert_eq!(ada.files(&ListFiles { after: page.next, ..Default::default() }).expect("listed").files.len(), 2);
    let mut found = 0;
    ada.read_many(&ReadMany { paths: vec![at.clone()], globs: vec!["**/*.txt".into()], at: None }, &mut |read| {
        found += usize::from(matches!(read, ReadFile::File(file) if file.path == at));
        true
    })
    .expect("read");
    assert_eq!(found, 2);
    assert_eq!(ada.grep(&Grep { pattern: "^2$".into(), ..Grep::default() }).expect("searched").files[0].path, at);
    let patch = ada.diff(&diff_options()).expect("a diff").patch.expect("a patch");
    assert!(patch.0.windows(9).any(|window| window == b"\\200 name"), "quoted as Git does");
    // Through JSON and back.
    let status = ada.status().expect("status");
    let json = serde_json::to_string(&status).expect("json");
    assert!(json.contains("base64"));
    assert_eq!(serde_json::from_str::<acetate_engine::api::SessionStatus>(&json).expect("read back"), status);
    ada.commit(CommitTurn::default(), None).expect("committed");
    drop(ada);
    drop(engine);
    engine = open(&repo);
    let ada = engine.session(&engine.owner(), &id).expect("ada");
    assert_eq!(read(&ada, name), "one\n2\n");
    landed(&ada);
    engine.shutdown();
    let names = repo.git_in(&["ls-tree", "-r", "-z", "--name-only", "main"], b"");
    assert_eq!(names, [name, b"\0moved\xf0\0plain\0"].concat());
    assert_eq!(repo.fsck(), "");
}

#[test]
fn portable_paths_are_refused_or_warned_of() {
    let repo = bare(&[("aux.txt", "in the base\n"), ("Readme", "r\n")]);
    let engine = open(&repo);
    let space = workspace(&engine);
    let ada = session(&engine, "ada");
    let bad: [&[u8]; 8] = [b"nul", b"a/CON.txt", b"a:b", b"what?", b"dot.", b"space ", b"\xff", "READMe".as_bytes()];
    for at in bad {
        let written = try_write(&ada, &path(at), "x", None).expect("only warned of");
        assert!(written.warning.is_some(), "{}", String::from_utf8_lossy(at));
        ada.delete(&path(at), None).expect("deleted");
    }
    space.update(WorkspaceUpdate { portable_paths: Some(true), ..Default::default() }).expect("set");
    let before = state(&ada);
    for at in bad {
        let error = refused("not portable", try_write(&ada, &path(at), "x", None));
        assert!(["path_not_portable", "path_collision"].contains(&error.code()), "{error:?}");
        refused("not portable", ada.rename(&MoveFile { from: path("Readme2"), to: path(at), replace: false }));
        refused("not portable", try_write(&ada, &path(at), vec![b'x'; 2 << 20], None));
    }
    assert_eq!(state(&ada), before);
    write(&ada, "aux.txt", "what the base has stays editable\n");
    ada.rename(&MoveFile { from: path("Readme"), to: path("README"), replace: false }).expect("a change of case is no collision");
}

#[test]
fn sources_of_workspaces() {
    let repo = fixture();
    let engine = open(&repo);
    let view = engine.workspaces(&engine.owner(), None, None).expect("listed");
    let refs = || repo.git(&["for-each-ref", "--format=%(refname) %(objectname)"]);
    let before = refs();
    for source in [
        "",
        " ",
        "-",
        "--upload-pack=touch /dev/shm/acetate-hostile",
        "-u/x",
        "ext::sh -c 'touch /dev/shm/acetate-hostile'",
        "ext::sh%20-c%20x",
        "fd::17",
        "file:///etc/passwd",
        "https://user:secret@-oProxyCommand=x/",
        "ssh://-oProxyCommand=touch/x",
        "-oProxyCommand=x:y",
        "host:-x",
        "/nonexistent",
        "/etc/passwd",
        "http://127.0.0.1:1/x",
        "git://127.0.0.1:1/x",
        "https://127.0.0.1:1/x\nhost=y",
        "a\0b",
    ] {
        for from in [WorkspaceSource::Git(source.into()), WorkspaceSource::Bundle(source.into()), WorkspaceSource::Workspace(source.into())]
        {
            let create = CreateWorkspace { name: Some("made".into()), from: Some(from.clone()), ..Default::default() };
            let error = refused(source, engine.create_workspace(&engine.owner(), create, None, &|_| ()));
            assert!(!error.to_string().is_empty());
        }
    }
    assert!(!std::path::Path::new("/dev/shm/acetate-hostile").exists());
    assert_eq!(engine.workspaces(&engine.owner(), None, None).expect("listed"), view);
    assert_eq!(refs(), before);
}
