//! Random work of several sessions on several branches, held against a plain model: a map of files for each session and each head.
//! The model knows nothing of overlays; merges are `git merge-tree`'s.

mod live;
mod patches;
mod step;

use self::live::{Files, Live, below, show};
use self::step::{BRANCHES, DIRS, PATHS, Step, step, text};
use super::common::*;
use acetate_engine::api::{Batch, BatchEdit, CommitTurn, MoveFile, PathChange, StringEdit, SubmissionOutcome, Submit, SyncOutcome};
use acetate_engine::{Engine, Session, Workspace};
use acetate_testing::{GitRepo, git_command};
use acetate_types::{FileMode, ObjectFormat, ObjectId, RepoPath};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

/// Runs `git` on an index of its own.
fn git_on_index(repo: &GitRepo, index: &Path, args: &[&str], input: &[u8]) -> String {
    let mut command = git_command(repo.path());
    command.args(args).env("GIT_INDEX_FILE", index).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("git");
    child.stdin.take().expect("a pipe").write_all(input).expect("written");
    let output = child.wait_with_output().expect("git");
    assert!(output.status.success(), "{args:?}\n{}", String::from_utf8_lossy(input));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

struct World {
    repo: GitRepo,
    engine: Option<Engine>,
    sessions: Vec<Live>,
    heads: [ObjectId; 2],
    version: u64,
    blobs: HashMap<Vec<u8>, String>,
    trees: HashMap<ObjectId, Files>,
}

impl World {
    fn new() -> Self {
        let repo = GitRepo::bare(ObjectFormat::Sha1);
        let files = PATHS.iter().take(8).map(|path| (*path, "100644", Some(text(4 + path[0] % 2))));
        repo.fast_commit("main", files);
        repo.git(&["branch", "side", "main"]);
        let engine = open(&repo);
        let tree = repo.id("main^{tree}");
        let mut world = Self {
            repo,
            engine: Some(engine),
            sessions: Vec::new(),
            heads: [tree, tree],
            version: 1,
            blobs: HashMap::new(),
            trees: HashMap::new(),
        };
        world.open(0);
        world.open(0);
        world.open(1);
        world
    }

    fn engine(&self) -> &Engine {
        self.engine.as_ref().expect("open")
    }

    fn workspace(&self) -> Workspace {
        workspace(self.engine())
    }

    fn session(&self, at: usize) -> Session {
        self.engine().session(&self.engine().owner(), &self.sessions[at].id).expect("the session is there")
    }

    fn open(&mut self, branch: usize) {
        let opened = self.workspace().open_session(on("agent", BRANCHES[branch])).expect("opened");
        let base = self.heads[branch];
        let files = self.tree(base);
        self.sessions.push(Live { id: opened.id, branch, base, files, hollow: BTreeSet::new(), moved: false });
    }

    /// The files of a tree, by `git`.
    fn tree(&mut self, id: ObjectId) -> Files {
        if let Some(files) = self.trees.get(&id) {
            return files.clone();
        }
        let list = self.repo.git_in(&["ls-tree", "-r", "-z", &id.to_hex()], b"");
        let mut files = Files::new();
        for entry in list.split(|byte| *byte == 0).filter(|entry| !entry.is_empty()) {
            let tab = entry.iter().position(|byte| *byte == b'\t').expect("a tab");
            let head = String::from_utf8_lossy(&entry[..tab]).into_owned();
            let (mode, blob) = (FileMode::parse(&head[..6]).expect("a mode"), &head[head.len() - 40..]);
            let data = match self.blobs.iter().find(|(_, id)| *id == blob) {
                Some((data, _)) => data.clone(),
                None => {
                    let data = self.repo.git_in(&["cat-file", "blob", blob], b"");
                    self.blobs.insert(data.clone(), blob.to_owned());
                    data
                }
            };
            files.insert(entry[tab + 1..].to_vec(), (mode, data));
        }
        self.trees.insert(id, files.clone());
        files
    }

    /// The tree that `git` makes of files.
    fn git_tree(&mut self, files: &Files) -> ObjectId {
        if let Some((id, _)) = self.trees.iter().find(|(_, known)| *known == files) {
            return *id;
        }
        let mut info = Vec::new();
        for (path, (mode, data)) in files {
            let blob = match self.blobs.get(data) {
                Some(blob) => blob.clone(),
                None => {
                    let id = self.repo.git_in(&["hash-object", "-w", "--stdin"], data);
                    let id = String::from_utf8_lossy(&id).trim().to_owned();
                    self.blobs.insert(data.clone(), id.clone());
                    id
                }
            };
            info.extend_from_slice(format!("{mode} {blob}\t").as_bytes());
            info.extend_from_slice(path);
            info.push(0);
        }
        let index = self.repo.beside("index");
        let _ = std::fs::remove_file(&index);
        let run = |args: &[&str], input: &[u8]| git_on_index(&self.repo, &index, args, input);
        run(&["update-index", "-z", "--index-info"], &info);
        let tree = run(&["write-tree"], b"").parse().expect("a tree");
        self.trees.insert(tree, files.clone());
        tree
    }

    /// Every session sees its own files and nothing else; lists, reads and status agree.
    fn check(&mut self) {
        for at in 0..self.sessions.len() {
            let session = self.session(at);
            let base = self.tree(self.sessions[at].base);
            let live = &self.sessions[at];
            let seen = files(&session);
            assert!(seen == live.files, "session {at} sees {:?}, not {:?}", show(&seen), show(&live.files));
            let status = session.status().expect("status");
            assert!(status.session.base.commit.is_some());
            let mut found = BTreeMap::new();
            for change in &status.changes {
                let path = change.path.as_bytes().to_vec();
                if let Some(from) = &change.from {
                    assert_eq!(change.change, PathChange::Renamed);
                    found.insert(from.as_bytes().to_vec(), "gone");
                    found.insert(path, "new");
                } else {
                    let what = match change.change {
                        PathChange::Added => "new",
                        PathChange::Deleted => "gone",
                        _ => "changed",
                    };
                    found.insert(path, what);
                }
            }
            let mut due = BTreeMap::new();
            for path in base.keys().chain(live.files.keys()) {
                match (base.get(path), live.files.get(path)) {
                    (None, Some(_)) => drop(due.insert(path.clone(), "new")),
                    (Some(_), None) => drop(due.insert(path.clone(), "gone")),
                    (before, after) if before != after => drop(due.insert(path.clone(), "changed")),
                    _ => {}
                }
            }
            assert_eq!(found, due, "status of session {at}");
            assert!(status.session.unsubmitted || due.is_empty(), "work that has not landed is said to be there");
        }
    }

    /// An edit that the engine took is made in the model too; one that it refused must have had a reason.
    fn edited<T>(&mut self, at: usize, result: Result<T, acetate_engine::EngineError>, must: bool, apply: impl FnOnce(&mut Live)) {
        match result {
            Ok(_) => apply(&mut self.sessions[at]),
            Err(error) => assert!(!must, "refused without need: {error}"),
        }
    }

    fn run(&mut self, at: usize, step: &Step) {
        let at = at % self.sessions.len();
        let session = self.session(at);
        match step {
            Step::Write { path, text: kind, executable } => {
                let mode = if *executable { FileMode::Executable } else { FileMode::Regular };
                let free = self.sessions[at].writable(PATHS[*path]);
                let result = try_write(&session, &RepoPath::new(PATHS[*path]).expect("a path"), text(*kind), Some(mode));
                self.edited(at, result, free, |live| live.put(PATHS[*path], mode, text(*kind)));
            }
            Step::Line { path, line, text: kind } => {
                let Some((mode, data)) = self.sessions[at].files.get(PATHS[*path]).cloned() else { return };
                let Ok(old) = String::from_utf8(data) else { return };
                let Some(line) = old.split_inclusive('\n').nth(*line) else { return };
                if !mode.is_file() || old.matches(line).count() != 1 || line.trim().is_empty() {
                    return;
                }
                let end = if line.ends_with("\r\n") {
                    "\r\n"
                } else if line.ends_with('\n') {
                    "\n"
                } else {
                    ""
                };
                let fresh = format!("changed to {kind} by {}{end}", at % 2);
                if old.contains(&fresh) {
                    return;
                }
                let edit = StringEdit { old: line.to_owned().into(), new: fresh.clone().into(), all: false };
                let result = session.edit(&RepoPath::new(PATHS[*path]).expect("a path"), &[edit], None);
                let new = old.replacen(line, &fresh, 1).into_bytes();
                self.edited(at, result, true, |live| live.put(PATHS[*path], mode, new));
            }
            Step::Delete { path, whole } => {
                let target = if *whole { DIRS[*path % DIRS.len()] } else { PATHS[*path] };
                let there = self.sessions[at].has(target);
                let result = session.delete(&RepoPath::new(target).expect("a path"), None);
                assert!(result.is_ok() <= (there || self.sessions[at].hollow.contains(target)), "deleted what was not there");
                self.edited(at, result, there, |live| live.remove(target));
            }
            Step::Move { from, to, whole, replace } => {
                let (from, to) = if *whole { (DIRS[*from % DIRS.len()], DIRS[*to % DIRS.len()]) } else { (PATHS[*from], PATHS[*to]) };
                let live = &self.sessions[at];
                let must = live.has(from) && live.free(to) && !live.has(to) && !below(to, from) && !below(from, to);
                let moved =
                    MoveFile { from: RepoPath::new(from).expect("a path"), to: RepoPath::new(to).expect("a path"), replace: *replace };
                let result = session.rename(&moved);
                self.edited(at, result, must, |live| live.rename(from, to));
            }
            Step::Mode { path, executable } => {
                let mode = if *executable { FileMode::Executable } else { FileMode::Regular };
                let must = self.sessions[at].files.get(PATHS[*path]).is_some_and(|(mode, _)| mode.is_file());
                let result = session.set_mode(&RepoPath::new(PATHS[*path]).expect("a path"), mode);
                assert_eq!(result.is_ok(), must);
                self.edited(at, result, must, |live| live.files.get_mut(PATHS[*path]).expect("there").0 = mode);
            }
            Step::Link { path, to } => {
                let target = format!("../target{to}").into_bytes();
                let free = self.sessions[at].writable(PATHS[*path]);
                let result = try_write(&session, &RepoPath::new(PATHS[*path]).expect("a path"), &target, Some(FileMode::Symlink));
                self.edited(at, result, free, |live| live.put(PATHS[*path], FileMode::Symlink, target));
            }
            Step::Directory { path } => {
                let target = DIRS[*path % DIRS.len()];
                let edits = vec![BatchEdit::Directory { path: RepoPath::new(target).expect("a path") }];
                let result = session.batch(&Batch { edits });
                self.edited(at, result, false, |live| live.hollow(target, true));
            }
            Step::Batch { steps, bad } => {
                let mut edits: Vec<BatchEdit> = steps
                    .iter()
                    .map(|(path, kind)| BatchEdit::Write {
                        path: RepoPath::new(PATHS[*path]).expect("a path"),
                        content: text(*kind).into(),
                        mode: Some(FileMode::Regular),
                        expect: None,
                    })
                    .collect();
                if *bad {
                    edits.push(BatchEdit::Delete { path: path("never/there") });
                }
                // Of one batch, too, no file may be where another's folder is.
                let apart = |path: usize, other: usize| path == other || !below(PATHS[path], PATHS[other]);
                let apart = steps.iter().all(|(path, _)| steps.iter().all(|(other, _)| apart(*path, *other)));
                let free = apart && steps.iter().all(|(path, _)| self.sessions[at].writable(PATHS[*path]));
                let result = session.batch(&Batch { edits });
                assert!(!(*bad && result.is_ok()), "all or none");
                self.edited(at, result, free && !bad, |live| {
                    for (path, kind) in steps {
                        live.put(PATHS[*path], FileMode::Regular, text(*kind));
                    }
                });
            }
            Step::Fork => {
                if self.sessions.len() >= 6 {
                    return;
                }
                let opened = session.fork(named("fork")).expect("forked");
                let live = &self.sessions[at];
                let (base, branch, moved) = (live.base, live.branch, live.moved);
                let (files, hollow) = (live.files.clone(), live.hollow.clone());
                self.sessions.push(Live { id: opened.id, branch, base, files, hollow, moved });
            }
            Step::Commit => self.commit(at),
            Step::Sync => self.sync(at),
            Step::Submit { dry } => self.submit(at, *dry),
            Step::Pause => {
                let before = session.info();
                session.pause().expect("paused");
                assert_eq!(code(session.read(&path("a"))), "session_paused");
                let info = session.resume().expect("resumed");
                assert_eq!((info.tip, info.turn, info.base), (before.tip, before.turn, before.base));
            }
            Step::Close => {
                if self.sessions.len() > 2 {
                    let differs = {
                        let base = self.tree(self.sessions[at].base);
                        base != self.sessions[at].files
                    };
                    if differs {
                        assert_eq!(code(session.close(false)), "session_unsubmitted");
                    }
                    let closed = session.close(true).expect("closed");
                    assert!(closed.kept_as.is_some() || !differs, "what was not landed is kept");
                    let live = self.sessions.remove(at);
                    assert_eq!(code(self.engine().session(&self.engine().owner(), &live.id)), "session_not_found");
                }
            }
            Step::Restart => {
                drop(session);
                drop(self.engine.take());
                self.engine = Some(open(&self.repo));
            }
        }
    }

    fn commit(&mut self, at: usize) {
        let session = self.session(at);
        let files = self.sessions[at].files.clone();
        let due = self.git_tree(&files);
        let turn = session.commit(CommitTurn::default(), None).expect("committed");
        let base = self.sessions[at].base;
        let tip = turn.commit.map_or(base, |commit| self.repo.id(&format!("{commit}^{{tree}}")));
        assert_eq!(tip, due, "the tree that git makes of the same files");
        assert!(!session.info().unsaved);
    }

    /// Where the session would stand on the head: by `git`, or `None` for a conflict. The flag says whether the engine has to agree.
    fn merged(&mut self, at: usize) -> (Option<ObjectId>, bool) {
        let files = self.sessions[at].files.clone();
        let tree = self.git_tree(&files);
        let live = &self.sessions[at];
        let (base, head) = (live.base, self.heads[live.branch]);
        (git_merge(&self.repo, &base, &head, &tree), !live.moved)
    }

    /// Holds a merge of the engine against Git's.
    fn agree(&mut self, at: usize, ours: Option<ObjectId>, findings: &[String]) {
        let (git, must) = self.merged(at);
        let named = !must || !findings.is_empty();
        match (git, ours) {
            (Some(git), Some(ours)) => assert!(git == ours || named, "merged to {ours}, Git says {git}: {findings:?}"),
            (Some(git), None) => assert!(!must, "a conflict where Git merges to {git}"),
            (None, Some(ours)) => assert!(named, "merged to {ours} where Git sees a conflict"),
            (None, None) => {}
        }
    }

    fn sync(&mut self, at: usize) {
        let session = self.session(at);
        let before = state(&session);
        let head = self.heads[self.sessions[at].branch];
        match session.sync(Default::default(), None).expect("synced") {
            SyncOutcome::Synced { findings, .. } => {
                let seen = files(&session);
                let tree = self.git_tree(&seen);
                if head != self.sessions[at].base {
                    self.agree(at, Some(tree), &findings);
                }
                let live = &mut self.sessions[at];
                live.base = head;
                live.files = seen;
                live.forget_hollow();
            }
            SyncOutcome::Conflict { conflicts, .. } => {
                assert!(!conflicts.is_empty());
                self.agree(at, None, &[]);
                assert_eq!(state(&session), before, "a conflict leaves the session as it was");
            }
        }
    }

    fn submit(&mut self, at: usize, dry: bool) {
        let session = self.session(at);
        let branch = self.sessions[at].branch;
        let head = self.heads[branch];
        let before = state(&session);
        let view = showing(&self.workspace());
        let submission = session.submit(Submit { dry_run: dry, ..Submit::default() }, None).expect("submitted");
        if dry {
            assert_eq!(state(&session), before, "a dry run changes nothing");
            assert_eq!(showing(&self.workspace()), view, "a dry run changes nothing");
        }
        match submission.outcome {
            SubmissionOutcome::Landed { version, commit, tree, unchanged, findings, .. } => {
                if dry {
                    // The tree need not exist; its id is what counts.
                    let (git, must) = self.merged(at);
                    assert!(git == Some(tree) || !must || !findings.is_empty(), "a dry run says {tree}, Git {git:?}: {findings:?}");
                    return;
                }
                self.agree(at, Some(tree), &findings);
                assert_eq!(unchanged, tree == head, "unchanged means that the head has everything");
                if !unchanged {
                    self.version += 1;
                    assert_eq!(version, Some(self.version), "versions are gap-free");
                    let commit = commit.expect("a commit");
                    assert_eq!(self.repo.id(&format!("{commit}^{{tree}}")), tree);
                    assert_eq!(self.repo.id(&format!("{commit}^1^{{tree}}")), head, "its parent is the head before");
                }
                self.heads[branch] = tree;
                let files = self.tree(tree);
                let live = &mut self.sessions[at];
                (live.base, live.files, live.moved) = (tree, files, false);
                live.forget_hollow();
            }
            SubmissionOutcome::Conflict { conflicts, .. } => {
                assert!(!conflicts.is_empty());
                self.agree(at, None, &[]);
                let (now, files) = (session.status().expect("status"), files(&session));
                assert!(files == self.sessions[at].files, "a conflict leaves the session as it was");
                assert!(dry || !now.conflicts.is_empty());
            }
            SubmissionOutcome::Rejected { .. } => panic!("nothing rejects"),
        }
    }

    /// What a fresh clone would see, and whether Git finds fault with anything.
    fn finish(mut self) {
        let versions = gap_free(&self.workspace());
        all_events(&self.workspace());
        assert_eq!(versions.len() as u64, self.version);
        for at in 0..self.sessions.len() {
            self.commit(at);
        }
        self.engine().project_refs().expect("projected");
        for (branch, head) in BRANCHES.iter().zip(self.heads) {
            assert_eq!(self.repo.id(&format!("{branch}^{{tree}}")), head);
        }
        drop(self.engine.take());
        assert_eq!(self.repo.fsck(), "");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(8),
        max_shrink_iters: 0,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn sessions_behave_like_maps_of_files_and_land_like_git(steps in prop::collection::vec((0..6usize, step()), 40..70)) {
        let mut world = World::new();
        for (at, step) in &steps {
            world.run(*at, step);
            world.check();
        }
        world.finish();
    }
}
