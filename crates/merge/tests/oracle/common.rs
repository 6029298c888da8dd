//! The real `git merge-tree` as an oracle, fast enough for thousands of merges: one `fast-import` makes all trees, one `merge-tree --stdin`
//! merges them, one `cat-file --batch` reads everything back.

use acetate_merge::{MergedContent, MergedEntry, TreeMerge};
use acetate_testing::{GitRepo, git_command};
use acetate_types::{EntryKind, FileMode, ObjectError, ObjectFormat, ObjectId, Objects, Tree};
use bytes::Bytes;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::Arc;

/// All files of a tree: path to mode and content (for submodules: the commit's digits).
pub type World = BTreeMap<Vec<u8>, (FileMode, Bytes)>;

/// Three trees to merge.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    pub base: World,
    pub ours: World,
    pub theirs: World,
}

/// The ids of a case's trees.
#[derive(Debug, Clone, Copy)]
pub struct Ids {
    pub base: ObjectId,
    pub ours: ObjectId,
    pub theirs: ObjectId,
}

/// What Git made of a case.
#[derive(Debug, Clone)]
pub struct Answer {
    pub clean: bool,
    /// The tree that Git wrote, with conflict markers where it is not clean.
    pub tree: ObjectId,
    /// What Git says about it, raw.
    pub said: Vec<String>,
}

pub struct Oracle {
    pub repo: GitRepo,
}

impl Oracle {
    pub fn new() -> Self {
        let repo = GitRepo::bare(ObjectFormat::Sha1);
        for (key, value) in
            [("core.fsync", "none"), ("fastimport.unpackLimit", "1"), ("core.looseCompression", "0"), ("merge.renames", "true")]
        {
            repo.git(&["config", key, value]);
        }
        Self { repo }
    }

    /// Stores the trees of all cases.
    pub fn store(&self, cases: &[Case]) -> Vec<Ids> {
        let mut stream = Vec::new();
        let mut marks = 0;
        for world in cases.iter().flat_map(|case| [&case.base, &case.ours, &case.theirs]) {
            marks += 1;
            stream.extend_from_slice(
                format!("commit refs/heads/w\nmark :{marks}\ncommitter A <a@b> 1 +0000\ndata 0\ndeleteall\n").as_bytes(),
            );
            for (path, (mode, data)) in world {
                if *mode == FileMode::Submodule {
                    stream.extend_from_slice(format!("M 160000 {} {}\n", String::from_utf8_lossy(data), quote(path)).as_bytes());
                } else {
                    stream.extend_from_slice(format!("M {mode} inline {}\ndata {}\n", quote(path), data.len()).as_bytes());
                    stream.extend_from_slice(data);
                    stream.push(b'\n');
                }
            }
        }
        let file = self.repo.beside("marks");
        let export = format!("--export-marks={}", file.display());
        self.repo.git_in(&["fast-import", "--quiet", "--force", &export], &stream);
        let listed = std::fs::read_to_string(&file).expect("marks");
        let mut commits = vec![String::new(); marks + 1];
        for line in listed.lines() {
            let (mark, id) = line.split_once(' ').expect("mark and id");
            commits[mark[1..].parse::<usize>().expect("a number")] = format!("{id}^{{tree}}\n");
        }
        let answers = self.repo.git_in(&["cat-file", "--batch-check=%(objectname)"], commits.concat().as_bytes());
        let ids: Vec<ObjectId> = String::from_utf8(answers).expect("text").lines().map(|id| id.parse().expect("an id")).collect();
        ids.chunks(3).map(|ids| Ids { base: ids[0], ours: ids[1], theirs: ids[2] }).collect()
    }

    /// Merges all cases; `None` where Git died of one of its own assertions.
    pub fn merge(&self, ids: &[Ids], config: &[&str]) -> Vec<Option<Answer>> {
        let mut answers = Vec::new();
        while answers.len() < ids.len() {
            let input: String = ids[answers.len()..].iter().map(|ids| format!("{} -- {} {}\n", ids.base, ids.ours, ids.theirs)).collect();
            let mut command = git_command(self.repo.path());
            for setting in config {
                command.args(["-c", setting]);
            }
            let mut child = command
                .args(["merge-tree", "--stdin", "--messages"])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .expect("git");
            let mut stdin = child.stdin.take().expect("stdin");
            let writer = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
            let output = child.wait_with_output().expect("git merge-tree");
            writer.join().expect("writer");
            let before = answers.len();
            parse(&output.stdout, &mut answers);
            if !output.status.success() {
                answers.push(None);
            }
            assert!(answers.len() > before, "git merge-tree gave no answer");
        }
        answers
    }

    pub fn objects(&self) -> CatFile {
        CatFile::new(&self.repo)
    }
}

fn parse(mut output: &[u8], answers: &mut Vec<Option<Answer>>) {
    let mut next = || {
        let end = output.iter().position(|byte| *byte == 0)?;
        let field = String::from_utf8_lossy(&output[..end]).into_owned();
        output = &output[end + 1..];
        Some(field)
    };
    while let Some(clean) = next() {
        let Some(tree) = next() else { return };
        let mut said = Vec::new();
        if clean == "0" {
            while let Some(field) = next() {
                if field.is_empty() {
                    break;
                }
                said.push(field);
            }
        } else {
            // An empty field stands for no conflicted files.
            next();
        }
        // Messages: a number of paths, the paths, a type, a text; an empty field ends them.
        while let Some(field) = next() {
            if field.is_empty() {
                break;
            }
            let paths = (0..field.parse::<usize>().expect("a number")).filter_map(|_| next()).collect::<Vec<_>>().join(", ");
            let kind = next().unwrap_or_default();
            next();
            said.push(format!("{kind}: {paths}"));
        }
        answers.push(Some(Answer { clean: clean == "1", tree: tree.parse().expect("an id"), said }));
    }
}

fn quote(path: &[u8]) -> String {
    let mut text = String::from("\"");
    for byte in path {
        match byte {
            b'"' | b'\\' => text.extend(['\\', *byte as char]),
            0x20..=0x7e => text.push(*byte as char),
            _ => text.push_str(&format!("\\{byte:03o}")),
        }
    }
    text.push('"');
    text
}

/// Objects read through one `git cat-file --batch`.
pub struct CatFile {
    child: RefCell<(Child, ChildStdin, BufReader<ChildStdout>)>,
    trees: RefCell<HashMap<ObjectId, Arc<Tree>>>,
    blobs: RefCell<HashMap<ObjectId, Bytes>>,
    /// How many trees and blobs were read.
    pub reads: RefCell<(usize, usize)>,
}

impl CatFile {
    fn new(repo: &GitRepo) -> Self {
        let mut child = git_command(repo.path())
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("git cat-file");
        let stdin = child.stdin.take().expect("stdin");
        let stdout = BufReader::new(child.stdout.take().expect("stdout"));
        Self {
            child: RefCell::new((child, stdin, stdout)),
            trees: RefCell::default(),
            blobs: RefCell::default(),
            reads: RefCell::default(),
        }
    }

    fn read(&self, id: &ObjectId) -> Result<Bytes, ObjectError> {
        let (_, stdin, stdout) = &mut *self.child.borrow_mut();
        stdin.write_all(format!("{id}\n").as_bytes()).expect("cat-file takes ids");
        stdin.flush().expect("cat-file takes ids");
        let mut line = String::new();
        stdout.read_line(&mut line).expect("cat-file answers");
        let Some(size) = line.trim_end().rsplit(' ').next().and_then(|size| size.parse::<usize>().ok()) else {
            return Err(ObjectError::Missing(*id));
        };
        let mut data = vec![0; size + 1];
        stdout.read_exact(&mut data).expect("cat-file answers");
        data.pop();
        Ok(data.into())
    }

    /// All files below a tree.
    pub fn world(&self, tree: &ObjectId) -> World {
        let mut world = World::new();
        self.fill(tree, b"", &mut world);
        world
    }

    fn fill(&self, tree: &ObjectId, prefix: &[u8], world: &mut World) {
        for entry in self.tree(tree).expect("a tree").entries() {
            let mut path = prefix.to_vec();
            path.extend_from_slice(entry.name);
            match entry.kind {
                EntryKind::Tree => {
                    path.push(b'/');
                    self.fill(&entry.id, &path, world);
                }
                EntryKind::File(mode) => drop(world.insert(path, (mode, self.content(mode, &entry.id)))),
            }
        }
    }

    fn content(&self, mode: FileMode, id: &ObjectId) -> Bytes {
        if mode == FileMode::Submodule { id.to_hex().into() } else { self.blob(id).expect("a blob") }
    }

    /// The files of `ours` after a merge's edits.
    pub fn apply(&self, ours: &World, merge: &TreeMerge) -> World {
        let mut world = ours.clone();
        for edit in &merge.edits {
            let path = edit.path.as_bytes();
            let below = [path, b"/"].concat();
            world.retain(|file, _| file != path && !file.starts_with(&below));
            match &edit.entry {
                None => {}
                Some(MergedEntry::Tree(id)) => self.fill(id, &below, &mut world),
                Some(MergedEntry::File { mode, content: MergedContent::Object(id) }) => {
                    world.insert(path.to_vec(), (*mode, self.content(*mode, id)));
                }
                Some(MergedEntry::File { mode, content: MergedContent::Bytes(bytes) }) => {
                    world.insert(path.to_vec(), (*mode, bytes.clone()));
                }
            }
        }
        world
    }
}

impl Drop for CatFile {
    fn drop(&mut self) {
        let (child, _, _) = &mut *self.child.borrow_mut();
        drop(child.kill());
        drop(child.wait());
    }
}

impl Objects for CatFile {
    fn tree(&self, id: &ObjectId) -> Result<Arc<Tree>, ObjectError> {
        if *id == ObjectId::empty_tree(id.format()) {
            return Ok(Arc::default());
        }
        if let Some(tree) = self.trees.borrow().get(id) {
            return Ok(Arc::clone(tree));
        }
        self.reads.borrow_mut().0 += 1;
        let tree = Tree::parse(id.format(), &self.read(id)?).map_err(|error| ObjectError::Damaged { id: *id, why: error.to_string() })?;
        let tree = Arc::new(tree);
        self.trees.borrow_mut().insert(*id, Arc::clone(&tree));
        Ok(tree)
    }

    fn blob(&self, id: &ObjectId) -> Result<Bytes, ObjectError> {
        if let Some(blob) = self.blobs.borrow().get(id) {
            return Ok(blob.clone());
        }
        self.reads.borrow_mut().1 += 1;
        let blob = self.read(id)?;
        self.blobs.borrow_mut().insert(*id, blob.clone());
        Ok(blob)
    }

    fn blob_size(&self, id: &ObjectId) -> Result<u64, ObjectError> {
        self.blob(id).map(|blob| blob.len() as u64)
    }
}

/// A small generator of pseudo-random numbers (SplitMix64), so that a case is named by its seed.
#[derive(Debug, Clone)]
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    /// True once in `times`.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// How many cases to run: `PROPTEST_CASES`, else the default.
pub fn cases(default: usize) -> usize {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(default)
}

/// Where to start, to run other cases than the usual ones: `MERGE_SEED`.
pub fn first_seed() -> u64 {
    std::env::var("MERGE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0)
}
