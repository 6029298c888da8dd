//! What overlays take of memory, measured at the allocator.

use acetate_overlay::{Overlay, Sink};
use acetate_types::{MemoryObjects, ObjectFormat, ObjectId, RepoPath, Tree};
use bytes::Bytes;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
}

struct Counting;

fn count(bytes: isize) {
    // A thread that is ending may still free: nobody asks for its sum.
    let _ = HELD.try_with(|held| held.set(held.get() + bytes));
}

// SAFETY: every call is passed on unchanged to the system's allocator; counting neither allocates nor touches the memory.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller's own obligations are the ones asked for.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: as above.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

struct Ids(Vec<(ObjectId, Result<Tree, Bytes>)>);

impl Ids {
    fn next(&mut self, object: Result<Tree, Bytes>) -> ObjectId {
        let mut raw = [7; 20];
        raw[..8].copy_from_slice(&(self.0.len() as u64).to_le_bytes());
        let id = ObjectId::from_bytes(&raw).expect("20 bytes");
        self.0.push((id, object));
        id
    }
}

impl Sink for Ids {
    fn blob(&mut self, data: Bytes) -> ObjectId {
        self.next(Err(data))
    }
    fn tree(&mut self, tree: Tree) -> ObjectId {
        self.next(Ok(tree))
    }
}

fn path(text: &str) -> RepoPath {
    text.parse().expect("a path")
}

/// Text of 130 lines, about 5 KB, with `changed` lines of its own for `turn`.
fn text(file: usize, turn: usize, changed: usize) -> Bytes {
    let line = |n: usize| match (n * 37 + file) % 130 < changed {
        true if turn > 0 => format!("    let changed_{n} = call_{turn}(argument_{file}, {});\n", n * file),
        _ => format!("    let value_{n} = compute(input_{file}, {n});\n"),
    };
    Bytes::from((0..130).map(line).collect::<String>().into_boxed_str().into_boxed_bytes())
}

fn name(file: usize) -> String {
    format!("crates/part_{}/src/module_{}/file_{file}.rs", file % 7, file % 3)
}

/// Objects with so many files, and their root tree.
fn base(files: usize) -> (MemoryObjects, ObjectId) {
    let mut objects = MemoryObjects::new();
    let mut overlay = Overlay::new(ObjectId::empty_tree(ObjectFormat::Sha1));
    for file in 0..files {
        overlay.write(&objects, &path(&name(file)), None, text(file, 0, 0)).expect("written");
    }
    let mut ids = Ids(Vec::new());
    let built = overlay.build(&objects, &mut ids).expect("a tree");
    for (id, object) in ids.0 {
        match object {
            Ok(tree) => objects.insert_tree(id, tree),
            Err(data) => objects.insert_blob(id, data),
        }
    }
    (objects, built.tree)
}

/// Asserts that what the overlay says it takes is what making it took, within a quarter.
fn check(at_most: usize, make: impl FnOnce() -> Overlay) {
    let before = HELD.get();
    let overlay = make();
    let taken = usize::try_from(HELD.get() - before).expect("more than before") + size_of::<Overlay>();
    let told = overlay.memory_bytes();
    assert!(told.max(taken) <= at_most, "{told} told, {taken} taken");
    assert!(told * 4 >= taken * 3 && taken * 4 >= told * 3, "{told} told, {taken} taken");
}

#[test]
fn an_idle_overlay_takes_less_than_a_kilobyte() {
    check(1024, || Overlay::new(ObjectId::empty_tree(ObjectFormat::Sha256)));
}

#[test]
fn fifty_files_with_a_thousand_changed_lines_take_less_than_150_kilobytes_at_rest() {
    let (objects, tree) = base(400);
    let written = || {
        let mut overlay = Overlay::new(tree);
        for file in 0..50 {
            overlay.write(&objects, &path(&name(file * 8)), None, text(file * 8, 1, 20)).expect("written");
        }
        overlay
    };
    check(450 * 1024, written);
    check(150 * 1024, || {
        let mut overlay = written();
        while !overlay.settle(&objects, 20_000).expect("settled").done {}
        overlay
    });
}

#[test]
fn what_was_committed_takes_little_more_than_its_names() {
    let (objects, tree) = base(400);
    let committed = || {
        let mut overlay = Overlay::new(tree);
        for file in 0..50 {
            overlay.write(&objects, &path(&name(file)), None, text(file, 1, 20)).expect("written");
        }
        let built = overlay.build(&objects, &mut Ids(Vec::new())).expect("a tree");
        overlay.adopt(&built.overlay);
        overlay
    };
    // The first time, names in the base's trees come to be shared, which is remembered there.
    drop(committed());
    check(24 * 1024, committed);
}

#[test]
fn many_files_in_one_folder_and_many_moves_are_told_truly() {
    let (objects, tree) = base(10);
    check(usize::MAX, || {
        let mut overlay = Overlay::new(tree);
        for file in 0..3000 {
            let at = path(&format!("generated/{}.rs", file * 7919 % 3000));
            overlay.write(&objects, &at, None, text(file, 1, 2).slice(..40)).expect("written");
        }
        for file in 0..10 {
            overlay.rename(&objects, &path(&name(file)), &path(&format!("moved/{file}")), false).expect("moved");
        }
        overlay.settle(&objects, usize::MAX).expect("settled");
        overlay
    });
}

#[test]
fn a_fork_takes_nothing_until_it_is_written_to() {
    let (objects, tree) = base(10);
    let mut overlay = Overlay::new(tree);
    for file in 0..3000 {
        overlay.write(&objects, &path(&format!("generated/{file}.rs")), None, Bytes::from_static(b"x")).expect("written");
    }
    let before = HELD.get();
    let mut forks: Vec<_> = std::iter::repeat_with(|| overlay.clone()).take(100).collect();
    let room = isize::try_from(forks.capacity() * size_of::<Overlay>()).expect("small");
    assert_eq!(HELD.get() - before, room);
    forks[50].write(&objects, &path("generated/77.rs"), None, Bytes::from_static(b"y")).expect("written");
    assert!(HELD.get() - before - room < 8 * 1024, "{}", HELD.get() - before - room);
}
