//! Bundles from outside: a corpus of hostile ones, each refused within limits and with nothing left behind; and the law that what went out
//! comes in as it was.

use super::common::*;
use acetate_engine::api::{CreateBranch, CreateCheckpoint, CreateWorkspace, Restore, Undo, WorkspaceSource};
use acetate_engine::{Engine, EngineOptions, Workspace};
use acetate_testing::{GitRepo, git_command};
use acetate_types::{ErrorKind, ObjectFormat};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

struct Corpus {
    repo: GitRepo,
    engine: Engine,
}

impl Corpus {
    fn new() -> Self {
        let repo = bare(&[("a", "a\n"), ("d/b", "b\n")]);
        let mut options = EngineOptions::at(repo.beside("store"));
        options.create = true;
        options.background = false;
        options.limits.import_files = 10_000;
        options.limits.import_bytes = 8 << 20;
        let engine = start(options);
        Self { repo, engine }
    }

    fn import(&self, bytes: &[u8]) -> Result<Workspace, acetate_engine::EngineError> {
        let file = self.repo.beside("hostile.bundle");
        std::fs::write(&file, bytes).expect("written");
        let from = Some(WorkspaceSource::Bundle(file.to_str().expect("text").into()));
        let create = CreateWorkspace { name: Some("taken".into()), from, ..Default::default() };
        let made = self.engine.create_workspace(&self.engine.owner(), create, None, &|_| ())?;
        self.engine.workspace(&self.engine.owner(), made.id.as_str())
    }

    /// What is on disk and in the catalog.
    fn state(&self) -> (Vec<String>, String, Vec<PathBuf>) {
        let names = self.engine.workspaces(&self.engine.owner(), None, None).expect("listed").workspaces.into_iter().map(|info| info.name);
        let refs = git_command(self.engine.git_dir()).arg("for-each-ref").output().expect("git").stdout;
        let mut files = Vec::new();
        let mut folders = vec![self.engine.git_dir().join("objects"), self.engine.git_dir().join("acetate")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                if entry.path().is_dir() { folders.push(entry.path()) } else { files.push(entry.path()) }
            }
        }
        files.retain(|file| {
            !file.to_string_lossy().ends_with(".keep")
                && !file.to_string_lossy().contains("/journal/")
                && !file.to_string_lossy().contains("catalog.db")
                && !file.ends_with("info/acetate.keep")
        });
        files.sort();
        (names.collect(), String::from_utf8_lossy(&refs).into_owned(), files)
    }

    /// A bundle is refused, for a reason of its own, and nothing is there afterwards.
    #[track_caller]
    fn refused(&self, what: &str, bytes: &[u8]) {
        let before = self.state();
        let error = self.import(bytes).expect_err(what);
        assert!(matches!(error.kind(), ErrorKind::Invalid | ErrorKind::Limit), "{what}: {error:?}");
        assert_eq!(self.state(), before, "{what}");
    }

    fn git(&self, args: &[&str], input: &[u8]) -> Vec<u8> {
        let mut command = git_command(self.repo.path());
        let mut child = command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("git");
        child.stdin.take().expect("an input").write_all(input).expect("written");
        let output = child.wait_with_output().expect("git");
        assert!(output.status.success(), "{args:?}");
        output.stdout
    }

    fn object(&self, kind: &str, content: &[u8]) -> String {
        String::from_utf8(self.git(&["hash-object", "-w", "--literally", "-t", kind, "--stdin"], content)).expect("text").trim().to_owned()
    }

    /// A tree with raw entries.
    fn tree(&self, entries: &[(&str, &[u8], &str)]) -> String {
        let mut content = Vec::new();
        for (mode, name, id) in entries {
            content.extend_from_slice(format!("{mode} ").as_bytes());
            content.extend_from_slice(name);
            content.push(0);
            content.extend_from_slice(&hex(id));
        }
        self.object("tree", &content)
    }

    fn commit(&self, tree: &str) -> String {
        let who = "a <a@b> 1700000000 +0000";
        self.object("commit", format!("tree {tree}\nauthor {who}\ncommitter {who}\n\nx\n").as_bytes())
    }

    /// A bundle of this header and of all objects that the ids reach.
    fn bundle(&self, header: &str, ids: &[&str]) -> Vec<u8> {
        let wanted: String = ids.iter().map(|id| format!("{id}\n")).collect();
        let objects = self.git(&["rev-list", "--objects", "--no-object-names", "--stdin"], wanted.as_bytes());
        let pack = self.git(&["pack-objects", "--stdout", "-q"], &objects);
        [format!("# v2 git bundle\n{header}\n").as_bytes(), &pack].concat()
    }

    fn of_tree(&self, tree: &str) -> Vec<u8> {
        let commit = self.commit(tree);
        self.bundle(&format!("{commit} refs/heads/main\n"), &[&commit])
    }
}

fn hex(text: &str) -> Vec<u8> {
    text.as_bytes().chunks(2).map(|two| u8::from_str_radix(std::str::from_utf8(two).expect("text"), 16).expect("hex")).collect()
}

#[test]
fn hostile_bundles_leave_nothing() {
    let corpus = Corpus::new();
    let main = corpus.repo.id("main").to_hex();
    let main = main.as_str();
    let good = corpus.bundle(&format!("{main} HEAD\n{main} refs/heads/main\n"), &[main]);
    // Cut off, and damaged.
    for at in [0, 1, 10, 16, 40, 60, 100, good.len() / 2, good.len() - 1] {
        corpus.refused(&format!("cut at {at}"), &good[..at]);
    }
    for at in (0..good.len()).step_by(7) {
        let mut bytes = good.clone();
        bytes[at] ^= 0x55;
        let before = corpus.state();
        if corpus.import(&bytes).is_err() {
            assert_eq!(corpus.state(), before, "byte {at}");
        } else {
            // A changed name of a ref is another name.
            corpus.engine.workspace(&corpus.engine.owner(), "taken").expect("there").delete().expect("deleted");
            corpus.engine.project_refs().expect("projected");
        }
    }
    corpus.refused("no bundle", b"PACK\0\0\0\x02\0\0\0\0");
    corpus.refused("another version", &[b"# v9 git bundle\n", &good[16..]].concat());
    // Refs.
    let with = |header: &str| corpus.bundle(header, &[main]);
    corpus.refused("no refs", &with(""));
    corpus.refused("HEAD alone", &with(&format!("{main} HEAD\n")));
    for name in [
        "refs/heads/../x",
        "refs/heads/-x",
        "refs/heads/a.lock",
        "refs/heads/a..b",
        "refs/heads/",
        "refs/heads/a b",
        "refs/heads/a\u{7f}",
        "refs/heads/@{x",
        "refs/tags/-t",
        "main",
        "../../etc/passwd",
        "refs/heads/HEAD",
    ] {
        corpus.refused(name, &with(&format!("{main} refs/heads/main\n{main} {name}\n")));
    }
    corpus.refused("a name twice", &with(&format!("{main} refs/heads/main\n{main} refs/heads/main\n")));
    corpus.refused("colliding names", &with(&format!("{main} refs/heads/a\n{main} refs/heads/a/b\n")));
    corpus.refused("no id", &with("0123 refs/heads/main\n"));
    corpus.refused("a filter", &[format!("# v3 git bundle\n@filter=blob:none\n{main} refs/heads/main\n\n").as_bytes(), b"PACK"].concat());
    corpus.refused(
        "another hash",
        &[format!("# v3 git bundle\n@object-format=sha256\n{} refs/heads/main\n\n", "0".repeat(64)).as_bytes(), b"PACK"].concat(),
    );
    let many: String = (0..100_001).map(|at| format!("{main} refs/heads/b{at}\n")).collect();
    corpus.refused("too many refs", &with(&many));
    corpus.refused("an endless header", &[&b"# v2 git bundle\n"[..], &vec![b'x'; 65 << 20]].concat());
    // Objects.
    let missing = "1234567890123456789012345678901234567890";
    corpus.refused("a tip that is not in it", &with(&format!("{missing} refs/heads/main\n")));
    corpus.refused("what it builds on is not here", &with(&format!("-{missing} \n{main} refs/heads/main\n")));
    let blob = corpus.object("blob", b"x\n");
    corpus.refused("a branch that is a blob", &corpus.bundle(&format!("{blob} refs/heads/main\n"), &[&blob]));
    let hole = corpus.commit(&corpus.tree(&[("100644", b"a", &blob)]));
    let alone = corpus.git(&["pack-objects", "--stdout", "-q"], format!("{hole}\n").as_bytes());
    corpus.refused("a hole", &[format!("# v2 git bundle\n{hole} refs/heads/main\n\n").as_bytes(), &alone].concat());
    // Trees.
    let b = blob.as_str();
    let empty = corpus.tree(&[]);
    for (what, entries) in [
        ("climbing", vec![("40000", &b".."[..], empty.as_str())]),
        ("here", vec![("100644", &b"."[..], b)]),
        (".git", vec![("40000", &b".git"[..], empty.as_str())]),
        (".GIT", vec![("40000", &b".GIT"[..], empty.as_str())]),
        ("git~1", vec![("40000", &b"git~1"[..], empty.as_str())]),
        ("a slash", vec![("100644", &b"a/b"[..], b)]),
        ("no name", vec![("100644", &b""[..], b)]),
        ("twice", vec![("100644", &b"a"[..], b), ("100644", &b"a"[..], b)]),
        ("a file and a folder", vec![("100644", &b"a"[..], b), ("40000", &b"a"[..], empty.as_str())]),
        ("not sorted", vec![("100644", &b"b"[..], b), ("100644", &b"a"[..], b)]),
        ("a null id", vec![("100644", &b"a"[..], "0000000000000000000000000000000000000000")]),
    ] {
        let mut content = Vec::new();
        for (mode, name, id) in &entries {
            content.extend_from_slice(format!("{mode} ").as_bytes());
            content.extend_from_slice(name);
            content.push(0);
            content.extend_from_slice(&hex(id));
        }
        let tree = corpus.object("tree", &content);
        let commit = corpus.commit(&tree);
        // Git itself would refuse to walk some of them.
        let objects = format!("{commit}\n{tree}\n{blob}\n{empty}\n");
        let pack = corpus.git(&["pack-objects", "--stdout", "-q"], objects.as_bytes());
        corpus.refused(what, &[format!("# v2 git bundle\n{commit} refs/heads/main\n\n").as_bytes(), &pack].concat());
    }
    // Bombs: ten folders, each ten times the next.
    let mut tree = corpus.tree(&(0..10).map(|at| ("100644", NAMES[at].as_bytes(), b)).collect::<Vec<_>>());
    for _ in 0..9 {
        let below = tree;
        tree = corpus.tree(&(0..10).map(|at| ("40000", NAMES[at].as_bytes(), below.as_str())).collect::<Vec<_>>());
    }
    let bomb = corpus.commit(&tree);
    let trees =
        corpus.git(&["rev-list", "--objects", "--no-object-names", "--filter=blob:none", "--stdin"], format!("{bomb}\n").as_bytes());
    let pack = corpus.git(&["pack-objects", "--stdout", "-q"], &[&trees[..], format!("{blob}\n").as_bytes()].concat());
    corpus.refused("a tree bomb", &[format!("# v2 git bundle\n{bomb} refs/heads/main\n\n").as_bytes(), &pack].concat());
    let mut deep = empty.clone();
    for _ in 0..1100 {
        deep = corpus.tree(&[("40000", b"d", &deep)]);
    }
    corpus.refused("a well", &corpus.of_tree(&deep));
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let noise: Vec<u8> = (0..9u32 << 20)
        .map(|_| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            (random >> 32) as u8
        })
        .collect();
    let large = corpus.object("blob", &noise);
    corpus.refused("too many bytes", &corpus.of_tree(&corpus.tree(&[("100644", b"large", &large)])));
    // After all that the good one is taken, and refs of others are passed over.
    let stock = corpus.bundle(&format!("{main} HEAD\n{main} refs/heads/main\n{main} refs/remotes/origin/main\n{main} refs/namespaces/x/refs/heads/main\n{main} refs/acetate/keep/x/y\n"), &[main]);
    let taken = corpus.import(&stock).expect("taken");
    assert_eq!(taken.branches().expect("listed").len(), 1);
    corpus.engine.project_refs().expect("projected");
    let refs = corpus.state().1;
    assert!(!refs.contains("namespaces/x/") && !refs.contains("keep/x"), "{refs}");
    let fsck = git_command(corpus.engine.git_dir()).args(["fsck", "--full", "--strict", "--no-dangling"]).output().expect("git");
    assert!(fsck.status.success() && fsck.stdout.is_empty(), "{fsck:?}");
}

const NAMES: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

#[derive(Debug, Clone)]
enum Step {
    Land(BTreeMap<u8, Option<u8>>),
    Branch(u8),
    Checkpoint(u8),
    Restore(u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let edits = proptest::collection::btree_map(0u8..5, proptest::option::of(0u8..9), 1..4);
    let step = prop_oneof![
        4 => edits.prop_map(Step::Land),
        1 => (0u8..4).prop_map(Step::Branch),
        1 => (0u8..4).prop_map(Step::Checkpoint),
        1 => (0u8..9).prop_map(Step::Restore),
    ];
    proptest::collection::vec(step, 1..10)
}

/// Does what a step says, as far as it can be done; whether it was an operation.
fn take(engine: &Engine, space: &Workspace, step: &Step) -> bool {
    match step {
        Step::Land(edits) => {
            let session = opened(engine, space, named("ada"));
            for (file, content) in edits {
                let at = path(format!("f{file}"));
                match content {
                    Some(content) => drop(try_write(&session, &at, format!("{content}\n"), None).expect("written")),
                    None => drop(session.delete(&at, None)),
                }
            }
            let before = space.info().expect("info").head.version;
            submit(&session);
            session.close(true).expect("closed");
            space.info().expect("info").head.version != before
        }
        Step::Branch(name) => space.create_branch(CreateBranch { name: format!("b{name}"), at: None }, None).is_ok(),
        Step::Checkpoint(name) => {
            let create = CreateCheckpoint { name: format!("c{name}"), at: None, message: Some("why".into()) };
            space.create_checkpoint(create, None).is_ok()
        }
        Step::Restore(version) => space.restore(&Restore { at: format!("v{version}"), branch: None, message: None }, None).is_ok(),
    }
}

/// Everything that is to come over, or back: heads with their trees, checkpoints, and the history's commits.
fn state(space: &Workspace) -> (BTreeMap<String, String>, Vec<(String, String)>) {
    let branches = space.branches().expect("listed").into_iter().map(|branch| {
        let files = space.files(Some(&branch.name), &Default::default()).expect("listed").files;
        let shown: Vec<String> = files.iter().map(|file| format!("{} {}", file.path, file.id.expect("an id"))).collect();
        (branch.name, shown.join("\n"))
    });
    let checkpoints = space.checkpoints().expect("listed").into_iter().map(|point| (point.name, point.tag.to_hex()));
    (branches.collect(), checkpoints.collect())
}

fn history(git_dir: &Path, space: &Workspace) -> String {
    let head = space.info().expect("info").head.commit.map(|commit| commit.to_hex());
    let Some(head) = head else { return String::new() };
    String::from_utf8_lossy(&git_command(git_dir).args(["rev-list", &head]).output().expect("git").stdout).into_owned()
}

fn fresh() -> (GitRepo, Engine, Workspace) {
    let repo = GitRepo::bare(ObjectFormat::Sha1);
    let mut options = EngineOptions::at(repo.beside("store"));
    options.create = true;
    options.background = false;
    let engine = start(options);
    let create = CreateWorkspace { name: Some("one".into()), ..Default::default() };
    engine.create_workspace(&engine.owner(), create, None, &|_| ()).expect("made");
    let space = engine.workspace(&engine.owner(), "one").expect("there");
    (repo, engine, space)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn what_goes_out_comes_in_as_it_was(steps in steps()) {
        let (repo, engine, space) = fresh();
        for step in &steps {
            take(&engine, &space, step);
        }
        if space.info().expect("info").head.commit.is_none() {
            return Ok(());
        }
        let mut bundle = space.bundle(None, false, &|_| ()).expect("a bundle");
        let file = repo.beside("out.bundle");
        std::io::copy(&mut bundle.file, &mut std::fs::File::create(&file).expect("a file")).expect("copied");
        repo.git(&["bundle", "verify", "-q", file.to_str().expect("text")]);
        let (_other, into, _) = fresh();
        let from = Some(WorkspaceSource::Bundle(file.to_str().expect("text").into()));
        let create = CreateWorkspace { name: Some("two".into()), from, ..Default::default() };
        into.create_workspace(&into.owner(), create, None, &|_| ()).expect("imported");
        let back = into.workspace(&into.owner(), "two").expect("there");
        prop_assert_eq!(state(&space), state(&back));
        prop_assert_eq!(history(engine.git_dir(), &space), history(into.git_dir(), &back));
    }

    #[test]
    fn undoing_all_of_it_gives_the_state_before(first in steps(), second in steps()) {
        let (_repo, engine, space) = fresh();
        for step in &first {
            take(&engine, &space, step);
        }
        if space.info().expect("info").head.commit.is_none() {
            return Ok(());
        }
        let before = state(&space);
        let done = second.iter().filter(|step| take(&engine, &space, step)).count();
        for _ in 0..done {
            space.undo(Undo::default(), None).expect("undone");
        }
        prop_assert_eq!(state(&space), before);
    }

    #[test]
    fn a_fork_and_its_parent_go_their_own_ways(first in steps(), ours in steps(), theirs in steps()) {
        let (_repo, engine, space) = fresh();
        for step in &first {
            take(&engine, &space, step);
        }
        let fork = space.fork(acetate_engine::api::Fork { name: Some("fork".into()), at: None }, None).expect("forked");
        let fork = engine.workspace(&engine.owner(), fork.id.as_str()).expect("there");
        let start = state(&space);
        prop_assert_eq!(&state(&fork), &start);
        for step in &ours {
            take(&engine, &space, step);
        }
        prop_assert_eq!(&state(&fork), &start);
        let after = state(&space);
        for step in &theirs {
            take(&engine, &fork, step);
        }
        prop_assert_eq!(state(&space), after);
    }
}
