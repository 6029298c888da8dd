//! The command end to end: a real repository, the real daemon, the real git.

mod place;

use place::{Place, text};
use std::process::Output;

fn code(output: &Output) -> i32 {
    output.status.code().expect("it ended by itself")
}

#[test]
fn what_one_submits_is_in_a_clone_over_http() {
    let place = Place::new();
    let session = place.open("ada");
    place.run_in(&session, &["write", "notes/hello.txt"], b"hello\n");
    place.ok_in(&session, &["edit", "README.md", "--old", "two", "--new", "TWO"]);
    assert_eq!(place.ok_in(&session, &["read", "README.md"]), "one\nTWO\nthree\n");
    let status = place.json_in(&session, &["status"]);
    assert_eq!(status["changed"], 2, "{status}");
    let patch = place.ok_in(&session, &["diff"]);
    assert!(patch.contains("-two\n+TWO\n"), "{patch}");
    place.repo.git_in(&["apply", "--check"], patch.as_bytes());
    let turn = place.json_in(&session, &["commit", "-m", "Greet"]);
    assert_eq!((&turn["changed"], &turn["schema"]), (&true.into(), &1.into()), "{turn}");
    let landed = place.json_in(&session, &["submit", "-m", "Greet everybody"]);
    assert_eq!(landed["result"], "landed", "{landed}");

    let clone = place.clone_over_http();
    assert_eq!(clone.file("notes/hello.txt"), "hello\n");
    assert_eq!(clone.file("README.md"), "one\nTWO\nthree\n");
    assert_eq!(clone.git(&["log", "-1", "--format=%s"]).trim(), "Greet everybody");
    assert_eq!(clone.git(&["rev-parse", "HEAD"]).trim(), landed["commit"].as_str().expect("a commit"));
    assert_eq!(place.repo.git(&["rev-parse", "refs/heads/main"]), landed["commit"].as_str().expect("a commit"));
    assert_eq!(place.repo.fsck(), "");

    let log = place.ok(&["log"]);
    assert!(log.contains("Greet everybody") && log.contains("ada"), "{log}");
    let events = place.ok(&["events", "--json"]);
    assert!(events.lines().any(|line| line.contains("\"landed\"")), "{events}");
    place.ok_in(&session, &["session", "close"]);
}

#[test]
fn each_class_of_error_has_its_exit_code() {
    let place = Place::new();
    let session = place.open("ada");
    let run = |args: &[&str]| place.run_in(&session, args, b"");
    let check = |args: &[&str], expect: i32| {
        let output = run(args);
        assert_eq!(code(&output), expect, "{args:?}: {}", text(&output.stderr));
        assert!(!output.stderr.is_empty() && output.stdout.is_empty(), "{args:?}");
    };
    check(&["read", "absent"], 3);
    check(&["edit", "README.md", "--old", "nowhere", "--new", "x"], 2);
    check(&["grep", "("], 2);
    check(&["write", "README.md", "--expect", "0000000000000000000000000000000000000000"], 6);
    check(&["write", "README.md", "--new"], 6);
    check(&["write", ".git/config"], 2);
    check(&["commit", "-m", &"x".repeat(100_000)], 8);
    check(&["workspace", "show", "absent"], 3);
    check(&["session", "show", "s_0123456789abcdef"], 3);
    check(&["session", "show", "nonsense"], 3);
    check(&["log", "--store", "/nonexistent"], 3);
    check(&["resolve", "README.md", "--take", "head", "--from", "x"], 2);
    // One path or several, for people or for programs: the same failure ends the same way.
    check(&["read", "src"], 4);
    for args in [&["read", "src", "README.md"][..], &["read", "src", "--json"]] {
        assert_eq!(code(&run(args)), 4, "{args:?}");
    }
    check(&["serve"], 4);
    assert!(text(&run(&["serve"]).stderr).contains("is in use by process"));
    assert_eq!(code(&place.run(&["diff"], b"")), 2, "no session is named");

    let failed = run(&["read", "absent", "--json"]);
    let error: serde_json::Value = serde_json::from_slice(&failed.stderr).expect("one document");
    assert_eq!((&error["schema"], &error["error"]["kind"]), (&1.into(), &"not_found".into()), "{error}");
    assert!(error["error"]["code"].is_string() && error["error"]["message"].is_string());
}

#[test]
fn programs_are_told_what_is_wrong_with_a_command_line() {
    let place = Place::new();
    for args in
        [&["--json"][..], &["nonsense", "--json"], &["read", "--json"], &["--json", "read", "../x"], &["log", "--limit", "x", "--json"]]
    {
        let output = place.run(args, b"");
        assert_eq!((code(&output), text(&output.stdout)), (2, String::new()), "{args:?}");
        let error: serde_json::Value = serde_json::from_slice(&output.stderr).expect("one document");
        // A path that no repository may hold has the code that every door gives it.
        let expect = if args.contains(&"../x") { "path_relative" } else { "usage" };
        assert_eq!((&error["schema"], &error["error"]["code"]), (&1.into(), &expect.into()), "{args:?}: {error}");
        let message = error["error"]["message"].as_str().expect("a sentence");
        assert!(!message.is_empty() && !message.contains("Usage:") && !message.contains('\u{1b}'), "{args:?}: {message}");
    }
    assert_eq!(code(&place.run(&["--help", "--json"], b"")), 0);
    // What stands after `--` is no option.
    let output = place.run(&["nonsense", "--", "--json"], b"");
    assert!(code(&output) == 2 && text(&output.stderr).contains("Usage:"), "{}", text(&output.stderr));
}

#[test]
fn tokens_are_listed_and_revoked() {
    let place = Place::new();
    let made = place.json(&["token", "create", "--label", "ci", "--ttl", "600"]);
    let id = made["id"].as_str().expect("an id");
    let listed = place.ok(&["token", "list"]);
    assert!(listed.contains(id) && listed.contains("ci") && listed.contains("owner on this machine"), "{listed}");
    assert!(place.ok(&["token", "revoke", id]).contains(id));
    assert!(!place.ok(&["token", "list"]).contains(id));
    assert_eq!(code(&place.run(&["token", "revoke", id], b"")), 3);
}

#[test]
fn catching_up_says_whether_it_did_and_the_doctor_whether_it_would() {
    let place = Place::new();
    let checkout = |place: &Place| {
        let found = place.json(&["doctor"]);
        let findings = found["findings"].as_array().expect("findings").clone();
        findings.into_iter().find(|finding| finding["check"] == "checkout").expect("the checkout")
    };
    place.repo.write("README.md", "mine\n");
    let session = place.open("ada");
    place.ok_in(&session, &["edit", "README.md", "--old", "two", "--new", "TWO"]);
    place.ok_in(&session, &["submit"]);
    assert_eq!(code(&place.run(&["workspace", "catch-up"], b"")), 4);
    assert_eq!(place.json(&["workspace", "catch-up"])["lags"], true);
    assert_eq!(checkout(&place)["hint"], "acetate workspace catch-up");
    place.repo.git(&["checkout", "-q", "--", "README.md"]);
    assert_eq!(code(&place.run(&["workspace", "catch-up"], b"")), 0);
    assert_eq!(checkout(&place)["grade"], "ok");
    // Moved back by hand: that is nothing to catch up with.
    place.repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    assert_eq!(code(&place.run(&["workspace", "catch-up"], b"")), 4);
    let found = checkout(&place);
    assert!(found["grade"] == "warn" && found["hint"].as_str().is_some_and(|hint| !hint.contains("acetate workspace catch-up")), "{found}");
}

#[test]
fn a_long_path_needs_no_runtime_folder() {
    let place = Place::new();
    let long = place.repo.beside(&"x".repeat(120));
    place.repo.git(&["clone", "-q", "--bare", &place.repo.path().to_string_lossy(), &long.to_string_lossy()]);
    let run = |args: &[&str]| {
        let mut command = place.command();
        command.env("XDG_RUNTIME_DIR", place.repo.beside("nobody-made-this")).args(args).arg("--store").arg(&long);
        command.output().expect("it runs")
    };
    let output = run(&["log"]);
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    assert_eq!(code(&run(&["stop"])), 0);
}

#[test]
fn a_conflict_ends_with_4_and_can_be_settled() {
    let place = Place::new();
    let (first, second) = (place.open("ada"), place.open("bob"));
    place.ok_in(&first, &["edit", "README.md", "--old", "two", "--new", "ada's"]);
    place.ok_in(&second, &["edit", "README.md", "--old", "two", "--new", "bob's"]);
    place.ok_in(&first, &["submit"]);
    assert_eq!(code(&place.run_in(&second, &["submit", "--dry-run"], b"")), 4);
    let met = place.run_in(&second, &["submit"], b"");
    assert_eq!(code(&met), 4);
    let shown = text(&met.stdout);
    assert!(shown.contains("ada's") && shown.contains("bob's") && shown.contains("README.md"), "{shown}");
    assert_eq!(code(&place.run_in(&second, &["sync"], b"")), 4);
    place.run_in(&second, &["resolve", "README.md", "--take", "text"], b"one\nboth\nthree\n");
    let landed = place.json_in(&second, &["submit"]);
    assert_eq!(landed["result"], "landed", "{landed}");
    assert_eq!(place.ok(&["read", "README.md"]), "one\nboth\nthree\n");
}

#[test]
fn two_in_one_function_meet_by_its_name_and_one_more_command_lands() {
    let place = Place::new();
    let body = |first: &str, last: &str| format!("fn run() {{\n    first({first});\n    second();\n    third();\n    last({last});\n}}\n");
    let setup = place.open("setup");
    place.run_in(&setup, &["write", "run.rs"], body("0", "0").as_bytes());
    place.ok_in(&setup, &["submit"]);
    let (first, second) = (place.open("ada"), place.open("bob"));
    place.run_in(&first, &["write", "run.rs"], body("1", "0").as_bytes());
    place.run_in(&second, &["write", "run.rs"], body("0", "2").as_bytes());
    assert!(place.ok_in(&first, &["symbols", "run.rs"]).contains("run"));
    assert!(place.ok_in(&second, &["symbols", "--query", "run"]).contains("run.rs:1"));
    assert!(place.ok_in(&second, &["diff", "--symbols"]).contains("changed body"));
    let status = place.ok_in(&second, &["status"]);
    assert!(status.contains("~run") && status.contains("edits run of run.rs too"), "{status}");
    place.ok_in(&first, &["submit"]);
    assert_eq!(code(&place.run_in(&second, &["submit"], b"")), 4);
    let waiting = place.ok_in(&second, &["conflicts"]);
    assert!(waiting.contains("run.rs") && waiting.contains("same_symbol") && waiting.contains("proposal"), "{waiting}");
    assert!(place.ok_in(&second, &["conflicts", "run.rs"]).contains("|||||||"));
    assert_eq!(code(&place.run_in(&second, &["submit", "--same-symbol", "odd"], b"")), 2);
    let landed = place.ok_in(&second, &["resolve", "run.rs", "--symbol", "run", "--take", "proposal", "--submit"]);
    assert!(landed.contains("landed as v4"), "{landed}");
    assert_eq!(place.ok(&["read", "run.rs"]), body("1", "2"));
    assert!(place.ok(&["events", "--symbol", "run"]).lines().count() == 3);
    assert!(place.ok(&["workspace", "set", "--same-symbol", "merge"]).contains("merge"));
    assert_eq!(code(&place.run(&["workspace", "set"], b"")), 2);
}

#[test]
fn without_a_daemon_and_without_leave_to_start_one_it_ends_with_10() {
    let place = Place::new();
    let output = place.run(&["log", "--no-start"], b"");
    assert_eq!(code(&output), 10, "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("acetate serve"));
    place.ok(&["log"]);
    place.ok(&["log", "--no-start"]);
    assert!(place.ok(&["stop"]).starts_with("stopped"));
    assert_eq!(place.ok(&["stop"]).trim(), "no daemon is running");
    assert_eq!(code(&place.run(&["log", "--no-start"], b"")), 10);
}

#[test]
fn a_daemon_that_can_not_start_says_why() {
    let place = Place::new();
    let shallow = place.repo.beside("shallow");
    place.repo.git(&["clone", "-q", "--depth", "1", &format!("file://{}", place.repo.path().display()), &shallow.to_string_lossy()]);
    let output = place.command().args(["log", "--store"]).arg(&shallow).output().expect("it runs");
    assert_eq!(code(&output), 10, "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("its log says") && text(&output.stderr).contains("shallow"), "{}", text(&output.stderr));
}

#[test]
fn a_daemon_ends_by_itself_when_nobody_calls() {
    let place = Place::new();
    let idle = place.command().args(["serve", "--no-tcp", "--idle-exit", "1", "--json"]).output().expect("it ends");
    assert_eq!(code(&idle), 0, "{}", text(&idle.stderr));
    let announced: serde_json::Value = serde_json::from_slice(&idle.stdout).expect("one document");
    assert!(announced["http"].is_null() && announced["socket"].is_string(), "{announced}");
    let state = place.repo.path().join(".git/acetate");
    assert!(!state.join("daemon.json").exists() && !state.join("acetate.sock").exists());
    assert_eq!(code(&place.run(&["log", "--no-start"], b"")), 10);
}

#[test]
fn edits_survive_the_death_of_the_daemon() {
    let place = Place::new();
    let session = place.open("ada");
    place.run_in(&session, &["write", "kept.txt"], b"kept\n");
    let file = std::fs::read(place.repo.path().join(".git/acetate/daemon.json")).expect("a daemon");
    let file: serde_json::Value = serde_json::from_slice(&file).expect("JSON");
    let killed = std::process::Command::new("kill").args(["-9", &file["pid"].to_string()]).status().expect("it runs");
    assert!(killed.success());
    // A signal is sent before the process is gone: wait until nobody answers at its socket.
    let socket = std::path::PathBuf::from(file["socket"].as_str().expect("a socket"));
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while std::os::unix::net::UnixStream::connect(&socket).is_ok() && std::time::Instant::now() < deadline {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert_eq!(place.ok_in(&session, &["read", "kept.txt"]), "kept\n", "the next command starts a new daemon over the stale socket");
}

#[test]
fn of_many_commands_at_once_one_starts_the_daemon() {
    let place = Place::new();
    let outputs: Vec<Output> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| place.run(&["status", "--json"], b""))).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    for output in outputs {
        assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    }
}

#[test]
fn paths_that_are_not_utf8_go_through() {
    use std::os::unix::ffi::OsStrExt as _;
    let place = Place::new();
    let session = place.open("ada");
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.txt");
    let output = place.command().args(["--session", &session, "write"]).arg(name).output().expect("it runs");
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    let listed = place.ok_in(&session, &["ls", "--changed"]);
    assert_eq!(listed, "\"caf\\351.txt\"\n");
    let read = place.command().args(["--session", &session, "read"]).arg(name).output().expect("it runs");
    assert_eq!((code(&read), read.stdout.len()), (0, 0), "{}", text(&read.stderr));
}

#[test]
fn files_of_a_session_are_listed_searched_moved_and_deleted() {
    let place = Place::new();
    let session = place.open("ada");
    assert_eq!(place.ok_in(&session, &["ls"]), "README.md\nsrc/\n");
    assert_eq!(place.ok_in(&session, &["ls", "-r"]), "README.md\nsrc/a.rs\nsrc/b.rs\n");
    assert_eq!(place.ok_in(&session, &["grep", "fn \\w+", "src"]), "src/a.rs:1:fn a() {}\nsrc/b.rs:1:fn b() {}\n");
    place.ok_in(&session, &["mv", "src/a.rs", "src/c.rs"]);
    place.ok_in(&session, &["rm", "src/b.rs", "README.md"]);
    assert_eq!(place.ok_in(&session, &["ls", "-r"]), "src/c.rs\n");
    assert_eq!(place.ok(&["ls", "-r"]), "README.md\nsrc/a.rs\nsrc/b.rs\n", "the workspace is as it was");
    let many = place.json_in(&session, &["read", "src/c.rs", "src/b.rs"]);
    assert_eq!(many["files"].as_array().map(Vec::len), Some(2), "{many}");
}

#[test]
fn workspaces_branches_and_checkpoints() {
    let place = Place::new();
    place.ok(&["workspace", "branch", "create", "release"]);
    assert!(place.ok(&["workspace", "branches"]).contains("release"));
    place.ok(&["workspace", "branch", "delete", "release"]);
    assert!(!place.ok(&["workspace", "branches"]).contains("release"));
    place.ok(&["workspace", "checkpoint", "start", "-m", "Before it all"]);
    assert!(place.ok(&["workspace", "checkpoints"]).contains("Before it all"));
    place.ok(&["workspace", "fork", "--name", "other"]);
    let list = place.json(&["workspace", "list"]);
    assert_eq!(list["workspaces"].as_array().map(Vec::len), Some(2), "{list}");
    let bundle = place.repo.beside("all.bundle");
    place.ok(&["workspace", "bundle", "-o", &bundle.to_string_lossy()]);
    place.repo.git(&["bundle", "verify", "-q", &bundle.to_string_lossy()]);
    place.ok(&["import", &bundle.to_string_lossy(), "--name", "again"]);
    assert_eq!(place.ok(&["--workspace", "again", "read", "README.md"]), "one\ntwo\nthree\n");
    place.ok(&["workspace", "delete", "other"]);
    let backup = place.repo.beside("backup");
    place.ok(&["backup", &backup.to_string_lossy()]);
    assert!(backup.is_dir());
}

#[test]
fn the_doctor_finds_nothing_wrong() {
    let place = Place::new();
    let found = place.json(&["doctor"]);
    let findings = found["findings"].as_array().expect("findings");
    assert!(findings.len() >= 8, "{found}");
    assert!(findings.iter().all(|finding| finding["grade"] != "fail"), "{found}");
}

#[test]
fn the_demo_lands_everybody_and_leaves_nothing() {
    let place = Place::with_sources(30);
    let before = place.repo.git(&["for-each-ref", "refs/heads"]);
    let report = place.json(&["demo", "--agents", "8"]);
    assert_eq!(report["landed"].as_array().map(Vec::len), Some(8), "{report}");
    assert_eq!((&report["agrees"], &report["git"]["commits"]), (&true.into(), &8.into()), "{report}");
    let met = report["conflicts"].as_array().expect("conflicts");
    assert!(met.len() >= 2 && met.iter().all(|one| one["rival"].is_string()), "{report}");
    assert_eq!(place.repo.git(&["for-each-ref", "refs/heads"]), before);
    assert_eq!(place.repo.git(&["status", "--porcelain"]), "");
}

#[test]
fn a_kept_demo_stays() {
    let place = Place::with_sources(12);
    let kept = place.repo.beside("kept.git");
    let report = place.json(&["demo", "--agents", "4", "--keep", &kept.to_string_lossy()]);
    assert_eq!(report["agrees"], true, "{report}");
    let count = std::process::Command::new("git").arg("-C").arg(&kept).args(["rev-list", "--count", "main"]).output().expect("git runs");
    assert_eq!(text(&count.stdout).trim(), "5");
    let stopped = place.command().args(["stop", "--store"]).arg(&kept).output().expect("it runs");
    assert_eq!(code(&stopped), 0);
}
