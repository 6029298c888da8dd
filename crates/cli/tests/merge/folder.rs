//! A folder with files, and the two commands run in it.

use acetate_testing::git_command;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Bytes as text, whatever they are.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The command in a folder, apart from the machine's own settings.
pub fn acetate(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_acetate"));
    command.current_dir(folder).env_clear().stdin(Stdio::null());
    for (name, value) in git_command(folder).get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    command
}

/// A temporary folder.
pub struct Folder {
    dir: tempfile::TempDir,
}

impl Folder {
    /// An empty one.
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a folder") }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Writes a file.
    pub fn write(&self, name: &str, data: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, data).expect("a file");
        path
    }

    /// A file's content.
    pub fn read(&self, name: &str) -> String {
        text(&std::fs::read(self.path().join(name)).expect("a file"))
    }

    /// Runs `acetate`.
    pub fn acetate(&self, args: &[&str]) -> Output {
        acetate(self.path()).args(args).output().expect("it runs")
    }

    /// Runs `git`.
    pub fn git(&self, args: &[&str]) -> Output {
        git_command(self.path()).args(args).output().expect("git runs")
    }

    /// The JSON that `acetate` prints.
    pub fn json(&self, args: &[&str]) -> serde_json::Value {
        let output = self.acetate(&[args, &["--json"]].concat());
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{args:?}: {error}: {}", text(&output.stderr)))
    }
}
