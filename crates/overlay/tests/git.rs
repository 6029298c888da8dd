//! The trees that are built are the ones that `git` makes of the same files.

use acetate_overlay::{Flow, Overlay, Sink, Visit};
use acetate_testing::GitRepo;
use acetate_types::{FileMode, ObjectError, ObjectFormat, ObjectId, Objects, RepoPath, Tree};
use bytes::Bytes;
use std::process::Command;
use std::sync::Arc;

/// Objects read and written with `git` itself.
struct Database<'r>(&'r GitRepo, ObjectFormat);

impl Objects for Database<'_> {
    fn tree(&self, id: &ObjectId) -> Result<Arc<Tree>, ObjectError> {
        let data = self.0.git_in(&["cat-file", "tree", &id.to_hex()], b"");
        Tree::parse(self.1, &data.into()).map(Arc::new).map_err(|error| ObjectError::Damaged { id: *id, why: error.to_string() })
    }
    fn blob(&self, id: &ObjectId) -> Result<Bytes, ObjectError> {
        Ok(self.0.git_in(&["cat-file", "blob", &id.to_hex()], b"").into())
    }
    fn blob_size(&self, id: &ObjectId) -> Result<u64, ObjectError> {
        Ok(self.0.git(&["cat-file", "-s", &id.to_hex()]).parse().expect("a number"))
    }
}

impl Database<'_> {
    fn put(&self, kind: &str, data: &[u8]) -> ObjectId {
        let id = self.0.git_in(&["hash-object", "-w", "-t", kind, "--stdin"], data);
        ObjectId::from_hex(id.trim_ascii()).expect("an id")
    }
}

impl Sink for Database<'_> {
    fn blob(&mut self, data: Bytes) -> ObjectId {
        self.put("blob", &data)
    }
    fn tree(&mut self, tree: Tree) -> ObjectId {
        self.put("tree", &tree.to_bytes())
    }
}

fn path(path: &[u8]) -> RepoPath {
    RepoPath::existing(path.to_vec()).expect("a path")
}

/// The edits, through the overlay.
fn edit(database: &Database<'_>, overlay: &mut Overlay) {
    overlay.write(database, &path(b"a/x"), None, Bytes::from_static(b"edited\n")).expect("written");
    overlay.write(database, &path(b"deep/er/new"), Some(FileMode::Executable), Bytes::from_static(b"new\n")).expect("written");
    overlay.set_mode(database, &path(b"run"), FileMode::Executable).expect("set");
    overlay.symlink(database, &path(b"link"), Bytes::from_static(b"a/x")).expect("linked");
    overlay.remove(database, &path(b"gone")).expect("removed");
    overlay.rename(database, &path(b"a/y"), &path(b"a-y"), false).expect("moved");
    overlay.rename(database, &path(b"a0"), &path(b"a/zero"), false).expect("moved");
    overlay.rename(database, &path(b"\xff/\xfe"), &path(b"\xff/\xfd"), false).expect("moved");
    overlay.make_directory(database, &path(b"empty/dir")).expect("made");
    overlay.remove(database, &path(b"a.b")).expect("removed");
    overlay.write(database, &path(b"a.b/file"), None, Bytes::from_static(b"f\n")).expect("written");
}

/// The same edits, in a checkout.
const SCRIPT: &str = r#"
echo edited >a/x; mkdir -p deep/er; echo new >deep/er/new; chmod +x deep/er/new run; ln -s a/x link; rm gone; mv a/y a-y
mv a0 a/zero; mv "$(printf '\377/\376')" "$(printf '\377/\375')"; mkdir -p empty/dir; rm a.b; mkdir a.b; echo f >a.b/file
"#;

fn check(format: ObjectFormat) {
    let repo = GitRepo::new(format);
    let files = [("a/x", "x\n"), ("a/y/z", "z\n"), ("a.b", "dot\n"), ("a0", "zero\n"), ("keep/k", "k\n"), ("run", "#!\n"), ("gone", "g\n")];
    for (at, data) in files {
        repo.write(at, data);
    }
    repo.write(b"\xff/\xfe", "raw\n");
    let base = repo.commit("base");
    let tree = repo.id(&format!("{base}^{{tree}}"));
    let database = Database(&repo, format);
    let mut overlay = Overlay::new(tree);
    edit(&database, &mut overlay);
    let output = Command::new("sh").args(["-ec", SCRIPT]).current_dir(repo.path()).output().expect("a shell");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let commit = repo.commit("edited");
    let expect = repo.id(&format!("{commit}^{{tree}}"));
    let built = overlay.build(&database, &mut Database(&repo, format)).expect("a tree");
    assert_eq!(built.tree, expect);

    let mut walked = Vec::new();
    let mut visit = |visit: Visit<'_>| {
        if let Visit::File { path, file } = visit {
            let id = file.id().map_or_else(|| "?".into(), |id| id.to_hex());
            walked.extend_from_slice(format!("{} {id} 0\t", file.mode()).as_bytes());
            walked.extend_from_slice(path);
            walked.push(0);
        }
        Flow::Continue
    };
    built.overlay.walk(&database, None, &mut visit).expect("a walk");
    assert_eq!(walked, repo.git_in(&["ls-files", "-s", "-z"], b""), "the order and the entries of the index");

    let changes = overlay.changes(&database).expect("changes");
    let names = changes.iter().flat_map(|change| [change.path.as_bytes(), b"\0"].concat()).collect::<Vec<_>>();
    let trees = [&tree.to_hex()[..], &expect.to_hex()];
    assert_eq!(names, repo.git_in(&[&["diff-tree", "-r", "-z", "--name-only", "--no-renames"][..], &trees].concat(), b""));

    let again = Overlay::from_trees(&database, tree, expect).expect("an overlay");
    assert_eq!(again.build(&database, &mut Database(&repo, format)).expect("a tree").tree, expect);
    overlay.adopt(&built.overlay);
    for name in [&b"a"[..], b"a-y", b"a.b", b"deep", b"empty", b"keep", b"link", b"run", b"\xff"] {
        overlay.remove(&database, &path(name)).expect("removed");
    }
    let empty = overlay.build(&database, &mut Database(&repo, format)).expect("a tree");
    assert_eq!(empty.tree, ObjectId::empty_tree(format));
    assert_eq!(repo.fsck(), "");
}

#[test]
fn trees_equal_those_of_git() {
    check(ObjectFormat::Sha1);
}

#[test]
fn trees_equal_those_of_git_with_sha256() {
    check(ObjectFormat::Sha256);
}
