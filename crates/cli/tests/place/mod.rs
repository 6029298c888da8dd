//! A repository with a checkout, and the command run in it; the daemon that it starts is stopped in the end.

#![allow(dead_code, reason = "each test uses some of it")]

pub mod folder;

use acetate_testing::{GitRepo, git_command};
use acetate_types::ObjectFormat;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// Bytes as text, whatever they are.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The place.
pub struct Place {
    /// The repository.
    pub repo: GitRepo,
}

/// A clone of it.
pub struct Clone {
    _dir: tempfile::TempDir,
    path: PathBuf,
}

impl Place {
    /// A repository with three small files.
    pub fn new() -> Self {
        Self::with_sources(0)
    }

    /// The same with so many longer source files.
    pub fn with_sources(count: usize) -> Self {
        let repo = GitRepo::new(ObjectFormat::Sha1);
        repo.write("README.md", "one\ntwo\nthree\n");
        repo.write("src/a.rs", "fn a() {}\n");
        repo.write("src/b.rs", "fn b() {}\n");
        for file in 0..count {
            let text: String = (0..120).map(|line| format!("pub const VALUE_{file}_{line}: u32 = {line};\n")).collect();
            repo.write(format!("lib/file{file}.rs"), text);
        }
        repo.commit("Begin");
        Self { repo }
    }

    /// The command, apart from the machine's own settings.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_acetate"));
        command.current_dir(self.repo.path());
        for (name, _) in std::env::vars_os() {
            let name_bytes = name.as_encoded_bytes();
            if name_bytes.starts_with(b"ACETATE_") || name_bytes.starts_with(b"GIT_") {
                command.env_remove(name);
            }
        }
        command.stdin(Stdio::null());
        command
    }

    /// Runs it with standard input.
    pub fn run(&self, args: &[&str], input: &[u8]) -> Output {
        let mut child =
            self.command().args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
        let mut stdin = child.stdin.take().expect("piped");
        let input = input.to_vec();
        // A command that does not read its input closes it; that is not the test's concern.
        let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child.wait_with_output().expect("it ends");
        writer.join().expect("no panic");
        output
    }

    /// Runs it in a session.
    pub fn run_in(&self, session: &str, args: &[&str], input: &[u8]) -> Output {
        self.run(&[&["--session", session], args].concat(), input)
    }

    /// What it prints when all is well.
    pub fn ok(&self, args: &[&str]) -> String {
        let output = self.run(args, b"");
        assert!(output.status.success(), "{args:?}: {}{}", text(&output.stderr), text(&output.stdout));
        text(&output.stdout)
    }

    /// The same in a session.
    pub fn ok_in(&self, session: &str, args: &[&str]) -> String {
        self.ok(&[&["--session", session], args].concat())
    }

    /// The document it prints, whatever its exit code.
    pub fn json(&self, args: &[&str]) -> serde_json::Value {
        let output = self.run(&[args, &["--json"]].concat(), b"");
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{args:?}: {error}: {}{}", text(&output.stderr), text(&output.stdout)))
    }

    /// The same in a session.
    pub fn json_in(&self, session: &str, args: &[&str]) -> serde_json::Value {
        self.json(&[&["--session", session], args].concat())
    }

    /// A session of this agent.
    pub fn open(&self, agent: &str) -> String {
        self.ok(&["session", "open", "--agent", agent, "--id-only"]).trim().to_owned()
    }

    /// A clone of the workspace over HTTP with the owner's token.
    pub fn clone_over_http(&self) -> Clone {
        let state = self.repo.path().join(".git/acetate");
        let daemon: serde_json::Value = serde_json::from_slice(&std::fs::read(state.join("daemon.json")).expect("a daemon")).expect("JSON");
        let token = std::fs::read_to_string(state.join("token")).expect("a token");
        let workspace = self.json(&["workspace", "show"]);
        let url = format!("{}/git/{}.git", daemon["http"].as_str().expect("an address"), workspace["id"].as_str().expect("an id"));
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("clone");
        let mut command = git_command(dir.path());
        command.env("GIT_CONFIG_COUNT", "2").env("GIT_CONFIG_KEY_0", "http.extraHeader").env("GIT_CONFIG_KEY_1", "http.proxy");
        command.env("GIT_CONFIG_VALUE_0", format!("Authorization: Bearer {}", token.trim())).env("GIT_CONFIG_VALUE_1", "");
        let output = command.args(["clone", "-q", &url]).arg(&path).output().expect("git runs");
        assert!(output.status.success(), "{}", text(&output.stderr));
        Clone { _dir: dir, path }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // The daemon's store is about to go; a test that stopped it already has nothing left to stop.
        drop(self.command().arg("stop").output());
    }
}

impl Clone {
    /// A file of the checkout.
    pub fn file(&self, path: &str) -> String {
        std::fs::read_to_string(self.path.join(path)).expect("a file")
    }

    /// What git says in it.
    pub fn git(&self, args: &[&str]) -> String {
        let output = git_command(&self.path).args(args).output().expect("git runs");
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    }
}
