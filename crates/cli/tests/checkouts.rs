//! Sessions as real trees: checked out, carried both ways, never beyond their folder.

mod place;

use place::{Place, text};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

/// A session checked out.
struct Out {
    place: Place,
    session: String,
    folder: PathBuf,
}

impl Out {
    fn new(place: Place) -> Self {
        let session = place.open("ada");
        let folder = place.repo.beside("work");
        place.ok(&["checkout", &session, folder.to_str().expect("text")]);
        Self { place, session, folder }
    }

    /// Carries; gives what was said.
    fn carry(&self, args: &[&str]) -> serde_json::Value {
        self.place.json(&[&["sync-dir", self.folder.to_str().expect("text")], args].concat())
    }

    fn write(&self, path: &str, content: &str) {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().expect("above")).expect("made");
        fs::write(path, content).expect("written");
    }

    fn write_session(&self, path: &str, content: &str) {
        let written = self.place.run_in(&self.session, &["write", path], content.as_bytes());
        assert!(written.status.success(), "{path}: {}", text(&written.stderr));
    }

    fn git(&self, args: &[&str]) -> String {
        let output = acetate_testing::git_command(&self.folder).args(args).output().expect("git runs");
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout).trim_end().to_owned()
    }

    /// What the session has: modes and contents.
    fn session_files(&self) -> BTreeMap<String, (String, Vec<u8>)> {
        let list = self.place.json_in(&self.session, &["ls", "-r"]);
        let files = list["files"].as_array().expect("files").iter().filter(|file| file["type"] != "directory");
        let names = files.map(|file| (file["path"].as_str().expect("text").to_owned(), file["mode"].as_str().expect("a mode").to_owned()));
        names
            .map(|(path, mode)| {
                let content = self.place.run_in(&self.session, &["read", &path], b"").stdout;
                (path, (mode, content))
            })
            .collect()
    }

    /// What the folder has, but for `.git` and what is ignored.
    fn folder_files(&self) -> BTreeMap<String, (String, Vec<u8>)> {
        let mut found = BTreeMap::new();
        let mut folders = vec![self.folder.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("listed") {
                let entry = entry.expect("an entry");
                let (path, meta) = (entry.path(), entry.metadata().expect("there"));
                let name = path.strip_prefix(&self.folder).expect("below").to_str().expect("text").to_owned();
                if name == ".git" || name == "ignored" {
                    continue;
                }
                if meta.is_dir() {
                    folders.push(path);
                } else if meta.is_symlink() {
                    found.insert(name, ("120000".to_owned(), fs::read_link(path).expect("a link").into_os_string().into_encoded_bytes()));
                } else {
                    let mode = if meta.permissions().mode() & 0o100 == 0 { "100644" } else { "100755" };
                    found.insert(name, (mode.to_owned(), fs::read(path).expect("read")));
                }
            }
        }
        found
    }
}

fn paths(value: &serde_json::Value) -> Vec<&str> {
    let mut paths: Vec<&str> = value.as_array().expect("a list").iter().map(|entry| entry["path"].as_str().expect("text")).collect();
    paths.sort_unstable();
    paths
}

#[test]
fn a_session_is_checked_out_and_carried_both_ways() {
    let place = Place::new();
    place.repo.write(".gitignore", "ignored\n");
    place.repo.write("run.sh", "#!/bin/sh\n");
    fs::set_permissions(place.repo.path().join("run.sh"), fs::Permissions::from_mode(0o755)).expect("executable");
    symlink("src/a.rs", place.repo.path().join("link")).expect("a link");
    place.repo.commit("More");
    let out = Out::new(place);
    assert_eq!(out.folder_files(), out.session_files());
    assert_eq!(out.git(&["status", "--porcelain"]), "");
    assert_eq!(out.git(&["log", "--format=%s", "-1"]), "More");
    // From the folder: what is new, changed, gone, executable now; not what is ignored.
    out.write("src/new/deep.rs", "fn deep() {}\n");
    out.write("src/a.rs", "fn a() { 1 }\n");
    out.write("ignored/x", "x");
    fs::remove_file(out.folder.join("README.md")).expect("removed");
    fs::set_permissions(out.folder.join("src/b.rs"), fs::Permissions::from_mode(0o755)).expect("executable");
    let would = out.carry(&["--dry-run"]);
    let said = out.carry(&[]);
    let expect = ["README.md", "src/a.rs", "src/b.rs", "src/new/deep.rs"];
    assert_eq!((paths(&would["to_session"]), paths(&said["to_session"])), (expect.to_vec(), expect.to_vec()));
    assert_eq!(out.folder_files(), out.session_files());
    assert_eq!(paths(&out.carry(&[])["to_session"]), Vec::<&str>::new(), "once");
    // From the session.
    out.write_session("src/c.rs", "fn c() {}\n");
    out.place.ok_in(&out.session, &["rm", "src/new/deep.rs"]);
    assert_eq!(paths(&out.carry(&[])["to_folder"]), ["src/c.rs", "src/new/deep.rs"]);
    assert_eq!(out.folder_files(), out.session_files());
    assert!(!out.folder.join("src/new").exists() && out.folder.join("ignored/x").exists());
    // Both: both stay, and it is said; then one is taken.
    out.write_session("src/c.rs", "fn c() { session }\n");
    out.write("src/c.rs", "fn c() { folder }\n");
    out.write("other", "other\n");
    let at = out.folder.to_str().expect("text").to_owned();
    let run = out.place.run(&["sync-dir", &at, "--json"], b"");
    assert_eq!(run.status.code(), Some(4));
    let said: serde_json::Value = serde_json::from_slice(&run.stdout).expect("JSON");
    assert_eq!((paths(&said["conflicts"]), paths(&said["to_session"])), (vec!["src/c.rs"], vec!["other"]));
    assert_eq!(fs::read_to_string(out.folder.join("src/c.rs")).expect("read"), "fn c() { folder }\n");
    assert_eq!(out.place.ok_in(&out.session, &["read", "src/c.rs"]), "fn c() { session }\n");
    assert_eq!(paths(&out.carry(&["--take", "session"])["to_folder"]), ["src/c.rs"]);
    assert_eq!(out.folder_files(), out.session_files());
    // A commit in the folder is a turn, with its message; what lands is seen there.
    out.git(&["add", "-A"]);
    out.git(&["-c", "user.name=Ada", "-c", "user.email=a@b", "commit", "-qm", "By Git"]);
    assert!(out.carry(&[])["turn"].is_string());
    let status = out.place.json_in(&out.session, &["status"]);
    assert_eq!((status["session"]["turn"].as_u64(), status["session"]["unsaved"].as_bool()), (Some(1), Some(false)));
    assert_eq!(out.git(&["status", "--porcelain"]), "");
    let other = out.place.open("bob");
    assert!(out.place.run_in(&other, &["write", "bobs"], b"bob\n").status.success());
    out.place.ok_in(&other, &["submit"]);
    out.place.ok_in(&out.session, &["submit"]);
    assert_eq!(out.place.repo.git(&["log", "--format=%s", "-1", "main"]), "By Git");
    assert_eq!(paths(&out.carry(&[])["to_folder"]), ["bobs"]);
    assert_eq!((out.git(&["status", "--porcelain"]), out.git(&["log", "--format=%s", "-1"])), (String::new(), "By Git".to_owned()));
    // Commands inside mean the session, and `sync-dir` the folder.
    let inside = out.place.command().current_dir(out.folder.join("src")).args(["sync-dir", "--json"]).output().expect("it runs");
    assert!(inside.status.success(), "{}", text(&inside.stderr));
}

#[test]
fn what_is_ignored_and_what_can_not_be_taken_stays_in_the_folder() {
    let place = Place::new();
    // A line that is no UTF-8 says nothing; those behind it count.
    fs::write(place.repo.path().join(".gitignore"), b"caf\xe9/\nbuild/\n*.tmp\n!kept.tmp\n").expect("written");
    place.repo.commit("Ignore");
    fs::write(place.repo.path().join(".git/info/exclude"), "excluded\n").expect("written");
    let out = Out::new(place);
    for path in ["build/o", "x.tmp", "kept.tmp", "excluded", "src/deep/.gitignore", "src/deep/no", "src/deep/yes", "git~1/x"] {
        out.write(path, if path.ends_with("ignore") { "no\n" } else { path });
    }
    rustix::fs::mkfifoat(rustix::fs::CWD, out.folder.join("pipe"), rustix::fs::Mode::from_raw_mode(0o644)).expect("a pipe");
    let said = out.carry(&[]);
    assert_eq!(paths(&said["to_session"]), ["kept.tmp", "src/deep/.gitignore", "src/deep/yes"]);
    assert_eq!(paths(&said["skipped"]), ["git~1", "pipe"]);
}

#[test]
fn what_is_no_empty_folder_is_refused_and_left() {
    let place = Place::new();
    let session = place.open("ada");
    let full = place.repo.beside("full");
    fs::create_dir_all(&full).expect("made");
    fs::write(full.join("mine"), "mine").expect("written");
    let at = full.to_str().expect("text");
    let refused = |args: &[&str]| {
        let said = place.run(&[args, &["--json"]].concat(), b"").stderr;
        let said: serde_json::Value = serde_json::from_slice(&said).expect("JSON");
        said["error"]["code"].as_str().expect("a code").to_owned()
    };
    assert_eq!(refused(&["checkout", &session, at]), "folder_not_empty");
    assert_eq!(refused(&["sync-dir", at]), "checkout_not_found");
    assert_eq!(fs::read_dir(&full).expect("listed").count(), 1);
    let fresh = place.repo.beside("fresh");
    assert_eq!(refused(&["checkout", "s_0000000000000000", fresh.to_str().expect("text")]), "session_not_found");
    assert!(!fresh.exists());
    place.ok(&["checkout", &session, fresh.to_str().expect("text")]);
    fs::write(fresh.join(".git/acetate-checkout"), "{\"form\":9}\n").expect("written");
    assert_eq!(refused(&["sync-dir", fresh.to_str().expect("text")]), "checkout_unreadable");
}

#[test]
fn links_in_the_folder_lead_nowhere() {
    let out = Out::new(Place::new());
    let outside = out.place.repo.beside("outside");
    fs::create_dir_all(&outside).expect("made");
    fs::write(outside.join("a.rs"), "theirs").expect("written");
    fs::remove_dir_all(out.folder.join("src")).expect("removed");
    symlink(&outside, out.folder.join("src")).expect("a link");
    // The session changes below what is a link in the folder now.
    out.write_session("src/a.rs", "fn a() { 2 }\n");
    out.write_session("src/d/e.rs", "fn e() {}\n");
    let said = out.carry(&[]);
    assert!(!paths(&said["conflicts"]).is_empty(), "{said}");
    let seen: Vec<_> = fs::read_dir(&outside).expect("listed").map(|entry| entry.expect("one").file_name()).collect();
    assert_eq!((seen.len(), fs::read_to_string(outside.join("a.rs")).expect("read")), (1, "theirs".to_owned()));
    out.carry(&["--take", "session"]);
    let seen: Vec<_> = fs::read_dir(&outside).expect("listed").map(|entry| entry.expect("one").file_name()).collect();
    assert_eq!((seen.len(), fs::read_to_string(outside.join("a.rs")).expect("read")), (1, "theirs".to_owned()));
    // An ignored file in the way of a session's is not written over.
    out.write(".git/info/exclude", "kept\n");
    out.write("kept", "precious\n");
    out.write_session("kept", "from the session\n");
    assert_eq!(paths(&out.carry(&[])["conflicts"]), ["kept"]);
    assert_eq!(fs::read_to_string(out.folder.join("kept")).expect("read"), "precious\n");
    out.carry(&["--take", "session"]);
    assert_eq!(fs::read_to_string(out.folder.join("kept")).expect("read"), "from the session\n");
    // Nor do links in its `.git` lead anywhere.
    let victim = outside.join("victim");
    fs::write(&victim, "precious\n").expect("written");
    for name in ["acetate-checkout.new", "packed-refs.acetate-new", "HEAD.acetate-new", "index.acetate-new", "acetate-checkout.lock"] {
        let link = out.folder.join(".git").join(name);
        drop(fs::remove_file(&link));
        symlink(&victim, link).expect("a link");
        out.write("more", name);
        out.place.ok_in(&out.session, &["commit", "-m", name]);
        out.place.run(&["sync-dir", out.folder.to_str().expect("text")], b"");
        assert_eq!(fs::read_to_string(&victim).expect("read"), "precious\n", "{name}");
    }
}

#[test]
fn a_commit_in_the_folder_is_one_turn() {
    let place = Place::new();
    place.repo.write(".gitignore", "*.log\n");
    place.repo.commit("Ignore");
    let out = Out::new(place);
    out.write("one.txt", "one\n");
    out.write("forced.log", "forced\n");
    out.git(&["add", "one.txt"]);
    out.git(&["add", "-f", "forced.log"]);
    out.git(&["-c", "user.name=Ada", "-c", "user.email=a@b", "commit", "-qm", "First"]);
    // Also of refs that were packed meanwhile.
    out.git(&["pack-refs", "--all"]);
    assert!(out.carry(&[])["turn"].is_string());
    assert_eq!(out.place.ok_in(&out.session, &["read", "forced.log"]), "forced\n", "what a commit has is the session's");
    out.write("two.txt", "two\n");
    assert!(out.carry(&[])["turn"].is_null() && out.carry(&[])["turn"].is_null());
    let status = out.place.json_in(&out.session, &["status"]);
    assert_eq!((status["session"]["turn"].as_u64(), status["session"]["unsaved"].as_bool()), (Some(1), Some(true)));
    // The agent's own refs stay when the session's head moves.
    out.git(&["branch", "mine"]);
    out.git(&["pack-refs", "--all"]);
    out.place.ok_in(&out.session, &["commit", "-m", "Second"]);
    assert!(out.carry(&[])["turn"].is_null());
    assert_eq!((out.git(&["log", "--format=%s", "-1"]), out.git(&["log", "--format=%s", "-1", "mine"])), ("Second".into(), "First".into()));
    assert_eq!(out.git(&["status", "--porcelain"]), "");
}

#[test]
fn a_repository_with_other_hashes_and_no_commit_is_checked_out_too() {
    let place = Place::new();
    let store = place.repo.beside("fresh");
    let made = acetate_testing::git_command(place.repo.path()).args(["init", "-q", "--object-format=sha256"]).arg(&store).status();
    assert!(made.expect("git runs").success());
    let at = store.to_str().expect("text").to_owned();
    let run = |args: &[&str], input: &[u8]| {
        let output = place.run(&[&["--store", &at], args].concat(), input);
        assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
        text(&output.stdout)
    };
    let session = run(&["session", "open", "--agent", "ada", "--id-only"], b"").trim().to_owned();
    run(&["--session", &session, "write", "a"], b"a\n");
    let folder = place.repo.beside("work");
    run(&["checkout", &session, folder.to_str().expect("text")], b"");
    fs::write(folder.join("a"), "changed\n").expect("written");
    run(&["sync-dir", folder.to_str().expect("text")], b"");
    assert_eq!(run(&["--session", &session, "read", "a"], b""), "changed\n");
    run(&["--session", &session, "submit"], b"");
    run(&["sync-dir", folder.to_str().expect("text")], b"");
    let status = acetate_testing::git_command(&folder).args(["status", "--porcelain"]).output().expect("git runs");
    assert_eq!((text(&status.stdout), text(&status.stderr)), (String::new(), String::new()));
    run(&["stop"], b"");
}

/// Numbers without a pattern (xorshift64*).
fn next(state: &mut u64) -> u64 {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33
}

/// A change to one side: a file written, a directory in a file's place or the other way round, something removed.
fn change(out: &Out, state: &mut u64, in_folder: bool) {
    let names = ["a", "b", "a/c", "a/d", "b/e", "b/f/g", "src/a.rs"];
    let path = names[usize::try_from(next(state)).expect("small") % names.len()];
    let content = format!("{}\n", next(state) % 5);
    let remove = next(state).is_multiple_of(3);
    if !in_folder {
        // What the session refuses is not done.
        if remove {
            out.place.run_in(&out.session, &["rm", path], b"");
        } else {
            out.place.run_in(&out.session, &["write", path], content.as_bytes());
        }
        return;
    }
    let at = out.folder.join(path);
    let clear = |at: &Path| {
        if at.is_dir() {
            drop(fs::remove_dir_all(at));
        } else {
            drop(fs::remove_file(at));
        }
    };
    clear(&at);
    if remove {
        return;
    }
    for above in at.ancestors().skip(1).take_while(|above| *above != out.folder) {
        if above.is_file() {
            clear(above);
        }
    }
    fs::create_dir_all(at.parent().expect("above")).expect("made");
    fs::write(at, content).expect("written");
}

#[test]
fn whatever_both_sides_did_they_end_the_same() {
    let seed = std::env::var("ACETATE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| u64::from(std::process::id()));
    let rounds = std::env::var("ACETATE_CASES").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(12);
    let out = Out::new(Place::new());
    let mut state = seed | 1;
    for round in 0..rounds {
        for _ in 0..1 + next(&mut state) % 4 {
            change(&out, &mut state, true);
        }
        for _ in 0..next(&mut state) % 4 {
            change(&out, &mut state, false);
        }
        let before = (out.folder_files(), out.session_files());
        let said = out.carry(&[]);
        let (folder, session) = (out.folder_files(), out.session_files());
        // What is said to be in conflict is as it was on both sides; all else is the same.
        let conflicts = paths(&said["conflicts"]);
        for path in folder.keys().chain(session.keys()) {
            if conflicts.contains(&path.as_str()) {
                let was = (before.0.get(path), before.1.get(path));
                assert_eq!((folder.get(path), session.get(path)), was, "seed {seed}, round {round}, {path}: {said}");
            } else {
                assert_eq!(folder.get(path), session.get(path), "seed {seed}, round {round}, {path}: {said}");
            }
        }
        if !conflicts.is_empty() {
            let side = if next(&mut state).is_multiple_of(2) { "folder" } else { "session" };
            // What stands in another's place may take a second look.
            for _ in 0..3 {
                out.carry(&["--take", side]);
            }
            assert_eq!(out.folder_files(), out.session_files(), "seed {seed}, round {round}: take {side}, after {said}");
        }
    }
}

#[test]
fn a_command_runs_in_real_trees_where_nothing_can_be_mounted() {
    let place = Place::new();
    place.repo.write(".gitignore", "out\n");
    place.repo.commit("Ignore");
    let script = "mkdir out && echo o > out/o && cat src/a.rs && echo \"$ACETATE_RUN\" > n$ACETATE_RUN.txt && git status --porcelain";
    let run = place.run(&["run", "--checkout", "-n", "3", "--submit", "-m", "Add", "--json", "--", "sh", "-c", script], b"");
    assert!(run.status.success(), "{}{}", text(&run.stdout), text(&run.stderr));
    assert_eq!(place.repo.git(&["log", "--format=%s", "-3", "main"]), "Add\nAdd\nAdd");
    assert_eq!(place.repo.git(&["ls-tree", "--name-only", "main", "n1.txt", "n2.txt", "n3.txt"]), "n1.txt\nn2.txt\nn3.txt");
    assert_eq!(place.json(&["session", "list"])["sessions"].as_array().map(Vec::len), Some(0));
    let failed = place.run(&["run", "--checkout", "--json", "--", "sh", "-c", "echo half > half.txt; exit 7"], b"");
    assert_eq!(failed.status.code(), Some(7), "{}", text(&failed.stderr));
    let failed: serde_json::Value = serde_json::from_slice(&failed.stdout).expect("JSON");
    let session = failed["sessions"][0]["session"].as_str().expect("a session");
    place.ok(&["session", "resume", session]);
    assert_eq!(place.ok_in(session, &["read", "half.txt"]), "half\n");
    // What can't be carried stays where it is, and the answer says where.
    let script = format!("echo precious > work.txt; {} session pause $ACETATE_SESSION", env!("CARGO_BIN_EXE_acetate"));
    let stuck = place.run(&["run", "--checkout", "--json", "--", "sh", "-c", &script], b"");
    assert!(!stuck.status.success());
    let stuck: serde_json::Value = serde_json::from_slice(&stuck.stdout).expect("JSON");
    let folder = PathBuf::from(stuck["sessions"][0]["folder"].as_str().expect("a folder"));
    assert_eq!(fs::read_to_string(folder.join("work.txt")).expect("kept"), "precious\n");
    let session = stuck["sessions"][0]["session"].as_str().expect("a session");
    place.ok(&["session", "resume", session]);
    place.ok(&["sync-dir", folder.to_str().expect("text")]);
    assert_eq!(place.ok_in(session, &["read", "work.txt"]), "precious\n");
    fs::remove_dir_all(folder.parent().expect("above")).expect("removed");
}
