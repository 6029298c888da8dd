//! What an edit comes to in a plain folder, of which the session knows the files that are not ignored.
//!
//! Where ignored files are in the way of an edit, which knows nothing of them, there is no right answer: such edits are left out.

use crate::edit::Edit;
use acetate_testing::folder::{Seen, whole};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// What is to be expected of an edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expect {
    /// It is made.
    Made,
    /// It is refused with one of these codes.
    Refused(&'static [&'static str]),
    /// It is made, or refused so: only the session knows whether a folder without files is its own.
    Either(&'static [&'static str]),
    /// There is no right answer.
    Open,
}

use Expect::{Either, Made, Open, Refused};

/// A plain folder, and which files in it the session has.
pub struct Plain {
    pub root: PathBuf,
    pub known: BTreeSet<String>,
}

/// What the repository ignores, by turns; the first is where each case begins.
pub const RULES: [&str; 4] = ["out/\n*.o\n", "*.o\nnew/\n", "out/\n/d/e/\n", ""];

/// Whether these rules ignore a path that is no folder.
pub fn ignored(rules: &str, path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    rules.lines().any(|rule| match rule {
        "*.o" => parts.iter().any(|part| part.ends_with(".o")),
        "/d/e/" => path.starts_with("d/e/"),
        folder => parts[..parts.len() - 1].contains(&folder.trim_end_matches('/')),
    })
}

fn below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

impl Plain {
    fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    fn is_dir(&self, path: &str) -> bool {
        fs::symlink_metadata(self.at(path)).is_ok_and(|meta| meta.is_dir())
    }

    fn is_link(&self, path: &str) -> bool {
        fs::symlink_metadata(self.at(path)).is_ok_and(|meta| meta.is_symlink())
    }

    fn there(&self, path: &str) -> bool {
        fs::symlink_metadata(self.at(path)).is_ok()
    }

    fn knows(&self, path: &str) -> bool {
        self.known.contains(path)
    }

    fn knows_below(&self, folder: &str) -> bool {
        self.known.iter().any(|path| below(path, folder))
    }

    /// Whether something is below a folder that is not the session's and no folder.
    fn others_below(&self, folder: &str) -> bool {
        whole(&self.at(folder)).into_iter().any(|(name, seen)| seen != Seen::Directory && !self.knows(&format!("{folder}/{name}")))
    }

    /// What stands in the way above a path: something of the session's, something else, or nothing.
    fn above(&self, path: &str) -> Option<Expect> {
        let mut above = path;
        while let Some((parent, _)) = above.rsplit_once('/') {
            if self.there(parent) && !self.is_dir(parent) {
                return Some(if self.knows(parent) { Refused(&["not_a_directory"]) } else { Open });
            }
            above = parent;
        }
        None
    }

    /// What an edit of a file that is there already comes to.
    fn existing(&self, path: &str) -> Expect {
        match () {
            () if self.knows(path) && self.is_link(path) => Refused(&["not_a_file", "mode_invalid"]),
            () if self.knows(path) => Made,
            () if self.is_dir(path) => Refused(&["is_a_directory", "path_not_found"]),
            () => Refused(&["path_not_found", "not_a_directory"]),
        }
    }

    /// What is to be expected; `tool` says that the edit is one of MCP's.
    pub fn expect(&self, edit: &Edit, tool: bool) -> Expect {
        match edit {
            Edit::Write { path, text, mode } => self.expect_write(path, text, *mode, tool),
            Edit::Replace { path, old, new, all } => match self.existing(path) {
                Made => {
                    let text = fs::read(self.at(path)).expect("read");
                    let found = text.windows(old.len()).filter(|window| *window == old.as_bytes()).count();
                    if found == 0 || (found > 1 && !all) || old == new {
                        return Refused(&["text_not_found", "text_not_unique", "text_unchanged"]);
                    }
                    Made
                }
                other => other,
            },
            Edit::Delete { path } => match () {
                () if self.knows(path) || (self.is_dir(path) && self.knows_below(path)) => Made,
                () if self.is_dir(path) => Either(&["path_not_found"]),
                () => Refused(&["path_not_found", "not_a_directory"]),
            },
            Edit::Move { from, to, replace } => self.expect_move(from, to, *replace),
            Edit::Mode { path, .. } => self.existing(path),
            Edit::Batch(_) => Open,
        }
    }

    fn expect_write(&self, path: &str, text: &[u8], mode: Option<&str>, tool: bool) -> Expect {
        let no_target = text.is_empty() || text.contains(&0);
        if mode == Some("120000") && no_target {
            return Refused(&["symlink_target_invalid", "is_a_directory", "not_a_directory"]);
        }
        if let Some(above) = self.above(path) {
            return above;
        }
        if self.is_dir(path) {
            return match () {
                () if self.knows_below(path) => Refused(&["is_a_directory"]),
                () if self.others_below(path) => Open,
                () => Made,
            };
        }
        let link = self.knows(path) && self.is_link(path);
        if link && tool {
            return Refused(&["not_a_file"]);
        }
        if link && mode.is_none() && no_target {
            return Refused(&["symlink_target_invalid"]);
        }
        Made
    }

    fn expect_move(&self, from: &str, to: &str, replace: bool) -> Expect {
        let dir = self.is_dir(from);
        if !self.knows(from) && !dir {
            return Refused(&["path_not_found", "not_a_directory"]);
        }
        if dir && (from == to || below(to, from)) {
            return if self.knows_below(from) && from != to { Refused(&["move_into_itself"]) } else { Open };
        }
        if from == to {
            return Made;
        }
        if dir && (self.others_below(from) || whole(&self.at(from)).into_values().any(|seen| seen == Seen::Directory)) {
            // Ignored files stay where they are, and of folders without files only the session knows whose they are.
            return Open;
        }
        if let Some(above) = self.above(to) {
            return if above == Open { Open } else { Refused(&["not_a_directory", "path_not_found"]) };
        }
        let refused: &[&str] = &["path_exists", "is_a_directory", "not_a_directory", "directory_not_empty", "path_not_found"];
        if self.is_dir(to) {
            return match () {
                () if self.others_below(to) => Open,
                () if self.knows_below(to) => Refused(refused),
                () => Either(refused),
            };
        }
        match (dir, self.knows(to)) {
            (false, true) if replace => Made,
            (_, true) => Refused(refused),
            // An ignored file is in the way of a folder.
            (true, false) if self.there(to) => Open,
            (false, false) => Made,
            (true, false) if self.knows_below(from) => Made,
            (true, false) => Either(&["path_not_found"]),
        }
    }

    /// Makes an edit that was made.
    pub fn make(&mut self, edit: &Edit) {
        match edit {
            Edit::Write { path, text, mode } => self.write(path, text, *mode),
            Edit::Replace { path, old, new, .. } => {
                let text = fs::read(self.at(path)).expect("read");
                fs::write(self.at(path), replaced(&text, old.as_bytes(), new.as_bytes())).expect("written");
            }
            Edit::Delete { path } => self.delete(path),
            Edit::Move { from, to, .. } => self.rename(from, to),
            Edit::Mode { path, mode } => self.set_mode(path, mode),
            Edit::Batch(steps) => steps.iter().for_each(|step| self.make(step)),
        }
    }

    fn clear(&mut self, path: &str) {
        let at = self.at(path);
        match fs::symlink_metadata(&at) {
            Ok(meta) if meta.is_dir() => fs::remove_dir_all(&at).expect("removed"),
            Ok(_) => fs::remove_file(&at).expect("removed"),
            Err(_) => {}
        }
        fs::create_dir_all(at.parent().expect("below")).expect("made");
    }

    fn write(&mut self, path: &str, text: &[u8], mode: Option<&str>) {
        let known = self.knows(path);
        let (link, executable) = (known && self.is_link(path), known && is_executable(&self.at(path)));
        self.clear(path);
        match mode {
            Some("120000") => link_to(text, &self.at(path)),
            None if link => link_to(text, &self.at(path)),
            mode => {
                fs::write(self.at(path), text).expect("written");
                let executable = mode.map_or(executable, |mode| mode == "100755");
                self.set_mode(path, if executable { "100755" } else { "100644" });
            }
        }
        self.known.insert(path.to_owned());
    }

    fn set_mode(&self, path: &str, mode: &str) {
        let mode = if mode == "100755" { 0o755 } else { 0o644 };
        fs::set_permissions(self.at(path), fs::Permissions::from_mode(mode)).expect("set");
    }

    /// The session's files go, then folders in which nothing is left.
    fn delete(&mut self, path: &str) {
        let gone: Vec<String> = self.known.iter().filter(|known| *known == path || below(known, path)).cloned().collect();
        for path in gone {
            fs::remove_file(self.at(&path)).expect("removed");
            self.known.remove(&path);
        }
        if self.is_dir(path) {
            prune(&self.at(path));
        }
    }

    fn rename(&mut self, from: &str, to: &str) {
        if from == to {
            return;
        }
        self.known.remove(to);
        self.clear(to);
        fs::rename(self.at(from), self.at(to)).expect("moved");
        let moved: Vec<String> = self.known.iter().filter(|known| *known == from || below(known, from)).cloned().collect();
        for path in moved {
            self.known.remove(&path);
            self.known.insert(format!("{to}{}", &path[from.len()..]));
        }
    }

    /// What several edits come to, all or none; tried in a copy.
    pub fn expect_batch(&self, steps: &[Edit], tool: bool, copy: &Path) -> Expect {
        drop(fs::remove_dir_all(copy));
        copy_all(&self.root, copy);
        let mut plain = Self { root: copy.to_owned(), known: self.known.clone() };
        for step in steps {
            // What a step writes over and a later one moves away was never there for the others.
            if let Edit::Write { path, .. } | Edit::Move { to: path, .. } = step
                && plain.there(path)
                && !plain.knows(path)
            {
                return Open;
            }
            match plain.expect(step, tool) {
                Made => plain.make(step),
                Refused(codes) => return Refused(codes),
                Either(_) | Open => return Open,
            }
        }
        Made
    }
}

fn is_executable(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|meta| meta.mode() & 0o100 != 0)
}

fn link_to(target: &[u8], at: &Path) {
    std::os::unix::fs::symlink(std::ffi::OsStr::from_bytes(target), at).expect("linked");
}

fn replaced(text: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let (mut out, mut rest) = (Vec::new(), text);
    while let Some(at) = rest.windows(old.len()).position(|window| window == old) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(new);
        rest = &rest[at + old.len()..];
    }
    out.extend_from_slice(rest);
    out
}

fn prune(folder: &Path) {
    for entry in fs::read_dir(folder).expect("listed") {
        let path = entry.expect("an entry").path();
        if fs::symlink_metadata(&path).expect("there").is_dir() {
            prune(&path);
        }
    }
    // One with something in it stays.
    let _ = fs::remove_dir(folder);
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    for (name, seen) in whole(from) {
        let (from, to) = (from.join(&name), to.join(&name));
        match seen {
            Seen::Directory => fs::create_dir_all(to).expect("made"),
            Seen::Link { .. } => {
                fs::create_dir_all(to.parent().expect("below")).expect("made");
                std::os::unix::fs::symlink(fs::read_link(from).expect("read"), to).expect("linked");
            }
            Seen::File { .. } => {
                fs::create_dir_all(to.parent().expect("below")).expect("made");
                fs::copy(from, to).map(drop).expect("copied");
            }
        }
    }
}
