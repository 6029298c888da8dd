//! Any sequence of edits shows what a plain map of files shows, and fails where that would.

use super::check::{Model, above, is_below, shows};
use super::store::{Files, Into, Store, path};
use crate::{Overlay, OverlayError};
use acetate_types::{Classify, FileMode, Objects};
use bytes::Bytes;
use proptest::prelude::*;
use std::collections::BTreeSet;

#[derive(Debug, Clone)]
enum Op {
    Write(Vec<u8>, Option<FileMode>, Vec<u8>),
    /// Changes a few bytes of the file at the path, or of none.
    Edit(Vec<u8>, u8),
    /// Replaces a part of the file at the path.
    Part(Vec<u8>, u8, u8),
    WriteBack(Vec<u8>),
    Mode(Vec<u8>, FileMode),
    Link(Vec<u8>, Vec<u8>),
    Directory(Vec<u8>),
    Remove(Vec<u8>),
    Rename(Vec<u8>, Vec<u8>, bool),
    Object(Vec<u8>, Vec<u8>),
    Fork,
    Switch(u8),
    Settle(usize),
    Build,
    Adopt(u8),
}

/// What an operation fails with, as code; the model's side.
type Outcome = Result<(), &'static str>;

impl Model {
    fn route(&self, at: &[u8]) -> Outcome {
        if above(at).any(|dir| self.files.contains_key(dir)) { Err("not_a_directory") } else { Ok(()) }
    }

    fn make_above(&mut self, at: &[u8]) {
        self.dirs.extend(above(at).map(<[u8]>::to_vec));
    }

    fn write(&mut self, at: &[u8], mode: Option<FileMode>, data: &[u8]) -> Outcome {
        self.route(at)?;
        if self.dirs.contains(at) {
            return Err("is_a_directory");
        }
        let there = self.files.get(at).map(|(mode, _)| *mode);
        if mode.is_none() && there.is_some_and(|mode| !mode.is_file()) {
            return Err("not_a_file");
        }
        self.make_above(at);
        self.files.insert(at.to_vec(), (mode.or(there).unwrap_or(FileMode::Regular), data.to_vec()));
        Ok(())
    }

    fn set_mode(&mut self, at: &[u8], mode: FileMode) -> Outcome {
        self.route(at)?;
        if self.dirs.contains(at) {
            return Err("is_a_directory");
        }
        let file = self.files.get_mut(at).ok_or("path_not_found")?;
        if !file.0.is_file() {
            return Err("not_a_file");
        }
        file.0 = mode;
        Ok(())
    }

    fn make_directory(&mut self, at: &[u8]) -> Outcome {
        self.route(at)?;
        if self.dirs.contains(at) || self.files.contains_key(at) {
            return Err("path_exists");
        }
        self.make_above(at);
        self.dirs.insert(at.to_vec());
        Ok(())
    }

    fn remove(&mut self, at: &[u8]) -> Outcome {
        self.route(at)?;
        if self.files.remove(at).is_none() && !self.dirs.remove(at) {
            return Err("path_not_found");
        }
        self.files.retain(|path, _| !is_below(path, at));
        self.dirs.retain(|path| !is_below(path, at));
        Ok(())
    }

    fn is_empty(&self, dir: &[u8]) -> bool {
        !self.files.keys().chain(&self.dirs).any(|path| is_below(path, dir))
    }

    fn rename(&mut self, from: &[u8], to: &[u8], replace: bool) -> Outcome {
        self.route(from)?;
        let is_dir = self.dirs.contains(from);
        if !is_dir && !self.files.contains_key(from) {
            return Err("path_not_found");
        }
        if from == to {
            return Ok(());
        }
        if is_dir && is_below(to, from) {
            return Err("move_into_itself");
        }
        self.route(to)?;
        match (self.files.contains_key(to), self.dirs.contains(to)) {
            (false, false) => {}
            _ if !replace => return Err("path_exists"),
            (true, _) if is_dir => return Err("not_a_directory"),
            (true, _) => {}
            (_, true) if !is_dir => return Err("is_a_directory"),
            (_, true) if self.is_empty(to) => {}
            (_, true) => return Err("directory_not_empty"),
        }
        self.make_above(to);
        let moved = |path: &[u8]| [to, &path[from.len()..]].concat();
        let here = |path: &[u8]| path == from || is_below(path, from);
        let files: Vec<_> = self.files.extract_if(.., |path, _| here(path)).collect();
        self.files.extend(files.into_iter().map(|(path, file)| (moved(&path), file)));
        let dirs: Vec<_> = self.dirs.extract_if(.., |path| here(path)).collect();
        self.dirs.extend(dirs.iter().map(|path| moved(path)));
        Ok(())
    }
}

fn paths() -> impl Strategy<Value = Vec<u8>> {
    // Names that sort differently as files and as directories, and one that is no UTF-8.
    let name =
        prop_oneof![3 => Just(&b"a"[..]), 3 => Just(&b"b"[..]), 1 => Just(&b"a.x"[..]), 1 => Just(&b"a0"[..]), 1 => Just(&b"\xff"[..])];
    proptest::collection::vec(name, 1..4).prop_map(|names| names.join(&b'/'))
}

fn contents() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        3 => proptest::collection::vec(b'a'..b'd', 0..3),
        2 => (0u8..4, 5usize..30).prop_map(|(seed, lines)| (0..lines).flat_map(|n| format!("line {seed} {n} of a text\n").into_bytes()).collect()),
    ]
}

fn modes() -> impl Strategy<Value = FileMode> {
    prop_oneof![6 => Just(FileMode::Regular), 2 => Just(FileMode::Executable), 1 => Just(FileMode::Symlink)]
}

fn ops() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => (paths(), proptest::option::of(modes()), contents()).prop_map(|(at, mode, data)| Op::Write(at, mode, data)),
        4 => (paths(), any::<u8>()).prop_map(|(at, by)| Op::Edit(at, by)),
        3 => (paths(), any::<u8>(), any::<u8>()).prop_map(|(at, from, by)| Op::Part(at, from, by)),
        2 => paths().prop_map(Op::WriteBack),
        2 => (paths(), prop_oneof![Just(FileMode::Regular), Just(FileMode::Executable)]).prop_map(|(at, mode)| Op::Mode(at, mode)),
        1 => (paths(), contents()).prop_map(|(at, target)| Op::Link(at, target)),
        2 => paths().prop_map(Op::Directory),
        4 => paths().prop_map(Op::Remove),
        6 => (paths(), paths(), any::<bool>()).prop_map(|(from, to, replace)| Op::Rename(from, to, replace)),
        1 => (paths(), contents()).prop_map(|(at, data)| Op::Object(at, data)),
        1 => Just(Op::Fork),
        1 => any::<u8>().prop_map(Op::Switch),
        2 => (0usize..2000).prop_map(Op::Settle),
        2 => Just(Op::Build),
        2 => any::<u8>().prop_map(Op::Adopt),
    ]
}

/// Files that can stand together: of a file and one below it the first in order stays.
fn bases() -> impl Strategy<Value = Files> {
    let submodules = prop_oneof![12 => modes(), 1 => Just(FileMode::Submodule)];
    proptest::collection::btree_map(paths(), (submodules, contents()), 0..12).prop_map(|files| {
        let all = files.clone();
        files.into_iter().filter(|(path, _)| !above(path).any(|dir| all.contains_key(dir))).collect()
    })
}

fn code<T>(result: Result<T, OverlayError>) -> Result<(), String> {
    result.map(drop).map_err(|error| error.problem().code.into_owned())
}

/// Does one edit on both; their outcomes must be the same.
fn edit(store: &Store, base: &Files, overlay: &mut Overlay, model: &mut Model, op: &Op) {
    let bytes = |data: &[u8]| Bytes::copy_from_slice(data);
    let (got, expect) = match op {
        Op::Write(at, mode, data) => (code(overlay.write(store, &path(at), *mode, bytes(data))), model.write(at, *mode, data)),
        Op::Edit(at, by) => {
            let mut data = model.files.get(at).map_or(Vec::new(), |(_, data)| data.clone());
            let from = usize::from(*by) % (data.len() + 1);
            data.splice(from..(from + usize::from(by % 7)).min(data.len()), *b"edit");
            (code(overlay.write(store, &path(at), None, bytes(&data))), model.write(at, None, &data))
        }
        Op::Part(at, from, by) => {
            let mut data = model.files.get(at).map_or(Vec::new(), |(_, data)| data.clone());
            let from = usize::from(*from) % (data.len() + 1);
            let (removed, zeros) = (usize::from(by % 5).min(data.len() - from), usize::from(by % 3));
            data.splice(from..from + removed, std::iter::repeat_n(0, zeros).chain(*b"part"));
            let expect = match model.files.get(at).map(|(mode, _)| *mode) {
                Some(FileMode::Regular | FileMode::Executable) => model.write(at, None, &data),
                Some(_) => Err("not_a_file"),
                // What is wrong on the way to it is what setting a mode meets too.
                None => model.set_mode(at, FileMode::Regular),
            };
            (code(overlay.write_part(store, &path(at), (from, removed), zeros, b"part")), expect)
        }
        Op::WriteBack(at) => {
            let Some((mode, data)) = base.get(at).filter(|(mode, _)| *mode != FileMode::Submodule) else { return };
            (code(overlay.write(store, &path(at), Some(*mode), bytes(data))), model.write(at, Some(*mode), data))
        }
        Op::Mode(at, mode) => (code(overlay.set_mode(store, &path(at), *mode)), model.set_mode(at, *mode)),
        Op::Link(at, target) => (code(overlay.symlink(store, &path(at), bytes(target))), model.write(at, Some(FileMode::Symlink), target)),
        Op::Directory(at) => (code(overlay.make_directory(store, &path(at))), model.make_directory(at)),
        Op::Remove(at) => (code(overlay.remove(store, &path(at))), model.remove(at)),
        Op::Rename(from, to, replace) => (code(overlay.rename(store, &path(from), &path(to), *replace)), model.rename(from, to, *replace)),
        Op::Object(at, data) => {
            let id = store.blob_of(data);
            let size = data.len() as u64;
            let mode = Some(FileMode::Regular);
            (code(overlay.write_object(store, &path(at), mode, id, size)), model.write(at, mode, data))
        }
        Op::Fork | Op::Switch(_) | Op::Settle(_) | Op::Build | Op::Adopt(_) => return,
    };
    assert_eq!(got, expect.map_err(str::to_owned), "{op:?}");
}

fn run(base: &Files, ops: &[Op]) {
    let store = Store::default();
    let base_tree = store.write(base);
    let (mut overlay, mut model) = (Overlay::new(base_tree), Model::of(base.clone()));
    let mut forks = vec![(overlay.clone(), model.clone())];
    let mut built = Vec::new();
    for op in ops {
        match op {
            Op::Fork => forks.push((overlay.clone(), model.clone())),
            Op::Switch(to) => {
                let to = usize::from(*to) % forks.len();
                (overlay, model) = std::mem::replace(&mut forks[to], (overlay, model));
            }
            Op::Settle(budget) => {
                let before = overlay.load.hot;
                let settled = overlay.settle(&store, *budget).expect("settled");
                assert!(settled.done || (settled.files > 0 && overlay.load.hot < before));
            }
            Op::Build => {
                let made = overlay.build(&store, &mut Into(&store)).expect("a tree");
                assert_eq!(made.tree, store.write(&model.files), "{:?}", store.tree(&made.tree));
                shows(&store, &made.overlay, base, &model);
                assert_eq!(made.overlay.diff_since(&store, &overlay).expect("paths"), []);
                built.push(made.overlay);
            }
            // What was built of an older state, or of a fork, must never bring its contents with it.
            Op::Adopt(which) if !built.is_empty() => overlay.adopt(&built[usize::from(*which) % built.len()]),
            Op::Adopt(_) => {}
            op => edit(&store, base, &mut overlay, &mut model, op),
        }
        shows(&store, &overlay, base, &model);
    }
    finish(&store, base, &overlay, &model);
    for (older, then) in &forks {
        shows(&store, older, base, then);
        let paths: BTreeSet<_> =
            then.files.keys().chain(model.files.keys()).filter(|at| then.files.get(*at) != model.files.get(*at)).collect();
        let dirs: BTreeSet<_> = then.dirs.symmetric_difference(&model.dirs).collect();
        let expect: BTreeSet<_> = paths.union(&dirs).map(path).collect();
        assert_eq!(overlay.diff_since(&store, older).expect("paths"), expect.into_iter().collect::<Vec<_>>());
    }
}

/// Building and starting again gives the same but for empty directories, and moves point from the base to what is there.
fn finish(store: &Store, base: &Files, overlay: &Overlay, model: &Model) {
    let made = overlay.build(store, &mut Into(store)).expect("a tree");
    let again = Overlay::from_trees(store, overlay.base_tree(), made.tree).expect("an overlay");
    shows(store, &again, base, &Model::of(model.files.clone()));
    assert_eq!(again.is_clean(), *base == model.files);
    let was = Model::of(base.clone());
    for moved in overlay.moves(store).expect("moves") {
        let (from, to) = (moved.from.as_bytes(), moved.to.as_bytes());
        assert!(was.files.contains_key(from) && model.files.contains_key(to) || was.dirs.contains(from) && model.dirs.contains(to));
        assert!(!was.files.contains_key(from) || !model.files.contains_key(from));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn it_shows_what_a_plain_map_of_files_shows(base in bases(), ops in proptest::collection::vec(ops(), 1..30)) {
        run(&base, &ops);
    }
}
