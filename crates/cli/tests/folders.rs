//! Sessions as folders from the command line: mounted, run in, found again, and gone when they should be.

mod place;

use place::folder::{mounted, possible, until};
use place::{Place, text};
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::time::Duration;

fn beside(place: &Place, name: &str) -> PathBuf {
    place.repo.beside(name)
}

#[test]
fn a_session_is_mounted_and_unmounted() {
    if !possible() {
        return;
    }
    let place = Place::new();
    let (session, folder) = (place.open("ada"), beside(&place, "work"));
    let at = folder.to_str().expect("text");
    let said = place.json(&["mount", &session, at]);
    assert_eq!(said["folder"], at);
    assert_eq!(fs::read_to_string(folder.join("README.md")).expect("read"), "one\ntwo\nthree\n");
    fs::write(folder.join("new.txt"), "new\n").expect("written");
    assert_eq!(place.ok_in(&session, &["read", "new.txt"]), "new\n");
    // Inside the folder, commands mean its session.
    let status = place.command().current_dir(folder.join("src")).args(["status", "--json"]).output().expect("it runs");
    let status: serde_json::Value = serde_json::from_slice(&status.stdout).expect("JSON");
    assert_eq!((status["session"]["id"].as_str(), status["changed"].as_u64()), (Some(session.as_str()), Some(1)));
    assert_eq!(place.json(&["mount", "--list"])["mounts"][0]["session"], session);
    // Twice is once too often, and a folder with something in it is refused.
    let again = place.run(&["mount", &session, beside(&place, "other").to_str().expect("text"), "--json"], b"");
    assert_eq!(again.status.code(), Some(4), "{}", text(&again.stdout));
    assert!(!mounted(&beside(&place, "other")));
    fs::create_dir_all(beside(&place, "full/of")).expect("made");
    let other = place.open("bob");
    let full = place.run(&["mount", &other, beside(&place, "full").to_str().expect("text")], b"");
    assert_eq!(full.status.code(), Some(4), "{}", text(&full.stderr));
    assert_eq!(place.run(&["mount", "s_0000000000000000", beside(&place, "none").to_str().expect("text")], b"").status.code(), Some(3));
    // In use, it stays; then it goes.
    let open = fs::File::open(folder.join("README.md")).expect("opened");
    assert_eq!(place.run(&["unmount", at], b"").status.code(), Some(4));
    drop(open);
    place.ok(&["unmount", at]);
    assert!(!mounted(&folder));
    assert_eq!(place.run(&["unmount", at], b"").status.code(), Some(3));
    // What a mounted folder held is there when the session is mounted again.
    place.ok(&["mount", &session, at]);
    assert_eq!(fs::read_to_string(folder.join("new.txt")).expect("read"), "new\n");
    place.ok(&["stop"]);
    until("ending takes the folder away", || !mounted(&folder));
}

#[test]
fn a_killed_daemon_leaves_no_folder_and_loses_nothing() {
    if !possible() {
        return;
    }
    let place = Place::new();
    let (session, folder) = (place.open("ada"), beside(&place, "work"));
    let at = folder.to_str().expect("text");
    for round in 0..3 {
        place.ok(&["mount", &session, at]);
        let pid = fs::read(place.repo.path().join(".git/acetate/daemon.json")).expect("a daemon");
        let pid: serde_json::Value = serde_json::from_slice(&pid).expect("JSON");
        let pid = rustix::process::Pid::from_raw(i32::try_from(pid["pid"].as_i64().expect("a number")).expect("a number"));
        let writer = std::thread::spawn({
            let folder = folder.clone();
            move || {
                let mut written = 0;
                // Until it is killed: what was answered is counted.
                for number in 0..100_000 {
                    let file = folder.join(format!("r{round}-{}.txt", number % 50));
                    if fs::write(file, format!("{number}\n")).is_err() {
                        break;
                    }
                    written = number;
                }
                written
            }
        });
        std::thread::sleep(Duration::from_millis(150));
        rustix::process::kill_process(pid.expect("a process"), rustix::process::Signal::KILL).expect("killed");
        let written = writer.join().expect("no panic");
        // It goes whole: what is written on would be nobody's.
        let gone = || fs::symlink_metadata(&folder).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound);
        until("the folder goes", gone);
        let last = place.ok_in(&session, &["read", &format!("r{round}-{}.txt", written % 50)]);
        // The next write may have been under way.
        let last: u32 = last.trim().parse().unwrap_or_default();
        assert!(last == written || last == written + 50, "{last} after {written}");
    }
}

#[test]
fn a_command_runs_in_sessions_of_its_own() {
    if !possible() {
        return;
    }
    let place = Place::new();
    place.repo.write(".gitignore", "out/\n");
    place.repo.commit("Ignore");
    let script = "echo run $ACETATE_RUN; mkdir out; echo built > out/x; printf \"fn c$ACETATE_RUN() {}\\n\" > src/c$ACETATE_RUN.rs";
    let ran = place.run(&["run", "--json", "-n", "4", "--submit", "-m", "Add one", "--", "sh", "-c", script], b"");
    assert!(text(&ran.stderr).contains("[3] run 3\n"), "{}", text(&ran.stderr));
    let said: serde_json::Value = serde_json::from_slice(&ran.stdout).expect("JSON");
    let sessions = said["sessions"].as_array().expect("sessions");
    assert_eq!(sessions.len(), 4);
    for session in sessions {
        assert_eq!(
            (session["exit"].as_u64(), session["kept"].as_bool(), session["paths"].as_u64()),
            (Some(0), Some(false), Some(1)),
            "{said}"
        );
        assert!(session["landed"].is_u64(), "{said}");
    }
    assert_eq!(place.repo.git(&["log", "--format=%s", "-4"]), ["Add one"; 4].join("\n"));
    assert_eq!(place.json(&["session", "list"])["sessions"].as_array().map(Vec::len), Some(0));
    let scratch = place.repo.path().join(".git/acetate/scratch");
    assert_eq!(fs::read_dir(&scratch).map_or(0, Iterator::count), 0);
    assert!(
        !fs::read_to_string("/proc/self/mounts")
            .expect("listed")
            .lines()
            .any(|line| line.starts_with(&*sessions[0]["session"].to_string()))
    );
    // Ignored files of the checkout come along where they are asked for; others are what was landed.
    fs::write(place.repo.path().join(".gitignore"), "out/\n.env\n").expect("written");
    place.repo.commit("Ignore more");
    fs::write(place.repo.path().join(".env"), "SECRET=1\n").expect("written");
    let brought = place.run(&["run", "--bring", ".env", "--json", "--", "sh", "-c", "cat .env; ! test -e out"], b"");
    assert!(brought.status.success() && text(&brought.stderr).contains("SECRET=1"), "{}", text(&brought.stderr));
    let refused = place.run(&["run", "--bring", "README.md", "--json", "--", "true"], b"");
    assert!(!refused.status.success() && text(&refused.stdout).contains("not ignored"), "{}", text(&refused.stdout));
    // One that fails stays, with its work and its output, and can be gone on with.
    let failed = place.run(&["run", "--json", "--", "sh", "-c", "echo half > half.txt; exit 7"], b"");
    assert_eq!(failed.status.code(), Some(7), "{}", text(&failed.stderr));
    let failed: serde_json::Value = serde_json::from_slice(&failed.stdout).expect("JSON");
    let session = failed["sessions"][0]["session"].as_str().expect("a session").to_owned();
    let done = place.run_in(&session, &["run", "--submit", "--json", "--", "sh", "-c", "cat half.txt && echo whole > half.txt"], b"");
    assert!(done.status.success() && text(&done.stderr).contains("half\n"), "{}{}", text(&done.stdout), text(&done.stderr));
    let landed = place.repo.try_git(&["show", "main:half.txt"]);
    let log = || place.repo.git(&["log", "--oneline", "--stat", "-3", "main"]);
    assert_eq!(text(&landed.stdout), "whole\n", "{}{}{}", text(&done.stdout), text(&done.stderr), log());
}

#[test]
fn an_interrupted_run_ends_cleanly() {
    if !possible() {
        return;
    }
    let place = Place::new();
    place.ok(&["session", "list"]);
    let script = "echo begun > begun.txt; sleep 60";
    let mut child = place
        .command()
        .args(["run", "-n", "2", "--json", "--", "sh", "-c", script])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("it runs");
    let begun = || {
        let list = place.json(&["session", "list"]);
        let sessions = list["sessions"].as_array().cloned().unwrap_or_default();
        sessions.len() == 2 && sessions.iter().all(|session| session["unsaved"] == true)
    };
    until("both begin", begun);
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("interrupted");
    let status = child.wait().expect("it ends");
    assert!(status.signal().is_none() && !status.success());
    let list = place.json(&["session", "list"]);
    for session in list["sessions"].as_array().expect("sessions") {
        assert_eq!(
            (session["state"].as_str(), session["unsaved"].as_bool(), session["turn"].as_u64()),
            (Some("paused"), Some(false), Some(1))
        );
    }
    assert_eq!(place.json(&["mount", "--list"])["mounts"].as_array().map(Vec::len), Some(0));
}

#[test]
fn what_a_person_ignores_everywhere_stays_on_disk() {
    if !possible() {
        return;
    }
    let place = Place::new();
    let home = beside(&place, "home");
    fs::create_dir_all(home.join(".config/git")).expect("made");
    fs::write(home.join(".config/git/ignore"), "*.swp\n*.keep\n").expect("written");
    fs::write(home.join("own"), "*.own\n").expect("written");
    fs::write(home.join("large"), "*.large\n".repeat(100_000)).expect("written");
    // The repository's own word comes after the person's.
    fs::create_dir_all(place.repo.path().join(".git/info")).expect("made");
    fs::write(place.repo.path().join(".git/info/exclude"), "!b.keep\n").expect("written");
    let kept = |config: &str, names: &[&str]| -> Vec<bool> {
        fs::write(home.join(".gitconfig"), config).expect("written");
        let (session, folder) = (place.open("ada"), beside(&place, "work"));
        let mut command = place.command();
        command.env("HOME", &home).env_remove("XDG_CONFIG_HOME").arg("mount").arg(&session).arg(&folder);
        assert!(command.output().expect("it runs").status.success());
        for name in names {
            fs::write(folder.join(name), "text").expect("written");
        }
        let seen = names.iter().map(|name| place.run_in(&session, &["read", name], b"").status.success()).collect();
        // Git says the same there, whosever home it has.
        let status = acetate_testing::git_command(&folder).args(["status", "--porcelain"]).output().expect("git runs");
        let status = text(&status.stdout);
        let shown: Vec<bool> = names.iter().map(|name| status.contains(&format!("?? {name}"))).collect();
        assert_eq!(shown, seen, "{config}: {status}");
        place.ok(&["unmount", folder.to_str().expect("text")]);
        seen
    };
    assert_eq!(kept("", &["a.swp", "b.keep", "c.keep", "d.own"]), [false, true, false, true]);
    assert_eq!(kept("[core]\n\texcludesFile = ~/own\n", &["a.swp", "d.own"]), [true, false]);
    assert_eq!(kept("[core]\n\texcludesFile = \n", &["a.swp"]), [true]);
    assert_eq!(kept("[core]\n\texcludesFile = ~/large\n", &["a.large"]), [true]);
}

#[test]
fn claude_codes_worktrees_are_mounted_sessions() {
    if !possible() {
        return;
    }
    let place = Place::new();
    let input = serde_json::json!({ "hook_event_name": "WorktreeCreate", "name": "faster", "cwd": place.repo.path() });
    let made = place.run(&["agent", "hook", "worktree-create"], input.to_string().as_bytes());
    assert!(made.status.success(), "{}", text(&made.stderr));
    let folder = PathBuf::from(text(&made.stdout).trim());
    assert!(mounted(&folder) && folder.join("README.md").is_file());
    fs::write(folder.join("README.md"), "faster\n").expect("written");
    let input = serde_json::json!({ "hook_event_name": "WorktreeRemove", "worktree_path": folder, "cwd": place.repo.path() });
    let removed = place.run(&["agent", "hook", "worktree-remove"], input.to_string().as_bytes());
    assert!(removed.status.success(), "{}", text(&removed.stderr));
    assert!(!mounted(&folder) && !folder.exists());
    // The work is kept, and the answer says where.
    let list = place.json(&["session", "list"]);
    let session = list["sessions"][0]["id"].as_str().expect("a session");
    assert!(text(&removed.stderr).contains(&format!("refs/acetate/sessions/{session}")), "{}", text(&removed.stderr));
    assert_eq!((list["sessions"][0]["state"].as_str(), list["sessions"][0]["intent"].as_str()), (Some("paused"), Some("faster")));
    // Refs on disk follow what was answered.
    let name = format!("refs/acetate/sessions/{session}:README.md");
    until("the ref", || place.repo.try_git(&["show", &name]).status.success());
    assert_eq!(place.repo.git(&["show", &name]), "faster");
}

#[test]
fn folders_that_are_brought_are_views_of_one_seed() {
    if !possible() {
        return;
    }
    let place = Place::new();
    place.repo.write(".gitignore", "deps/\n.env*\n");
    place.repo.write(".worktreeinclude", ".env\n");
    place.repo.commit("Ignore");
    place.repo.write("deps/one/index.js", "one\n");
    place.repo.write("deps/two.js", "two\n");
    place.repo.write(".env", "SECRET=1\n");
    place.repo.write(".env.other", "not listed\n");
    let script = "cat .env deps/two.js && ! test -e .env.other && echo mine$ACETATE_RUN >> deps/one/index.js && cat deps/one/index.js && \
                  rm deps/two.js && mkdir deps/new && echo n > deps/new/n && ls deps && mv deps/one deps/moved && test -z \"$(git status --porcelain)\"";
    let run = place.run(&["run", "-n", "2", "--bring", "deps", "--json", "--", "sh", "-c", script], b"");
    let said = text(&run.stderr);
    assert!(run.status.success(), "{}{said}", text(&run.stdout));
    for number in 1..=2 {
        let lines = ["SECRET=1", "two", "one", &format!("mine{number}"), "new"].map(|line| format!("[{number}] {line}\n"));
        assert!(lines.iter().all(|line| said.contains(line)), "{said}");
    }
    // The checkout has what it had, and nothing of the sessions is left; the seed is there for the next.
    assert_eq!(fs::read_to_string(place.repo.path().join("deps/one/index.js")).expect("read"), "one\n");
    assert!(place.repo.path().join("deps/two.js").is_file());
    let state = place.repo.path().join(".git/acetate");
    assert_eq!(fs::read_dir(state.join("scratch")).map_or(0, Iterator::count), 0);
    let state_name = state.canonicalize().expect("there");
    let mounts = fs::read_to_string("/proc/self/mounts").expect("listed");
    assert!(!mounts.lines().any(|line| line.contains(state_name.to_str().expect("text"))), "{mounts}");
    let seeds = || fs::read_dir(state.join("seeds")).map_or(0, Iterator::count);
    let sharing = place.json(&["doctor"]);
    let sharing =
        sharing["findings"].as_array().expect("findings").iter().find(|found| found["check"] == "seeds").expect("told").to_string();
    assert_eq!(seeds(), usize::from(sharing.contains("by overlayfs")), "{sharing}");
    // A session that is mounted again has what it left, also after its view was lost, as when the machine is started anew.
    let (session, folder) = (place.open("ada"), beside(&place, "work"));
    let at = folder.to_str().expect("text");
    place.ok(&["mount", "--bring", "deps", &session, at]);
    fs::write(folder.join("deps/own.js"), "own\n").expect("written");
    fs::remove_file(folder.join("deps/two.js")).expect("removed");
    place.ok(&["unmount", at]);
    acetate_mount::hide_seeds(&state_name);
    place.ok(&["mount", &session, at]);
    assert_eq!(fs::read_to_string(folder.join("deps/own.js")).expect("read"), "own\n");
    assert!(folder.join("deps/one/index.js").is_file() && !folder.join("deps/two.js").exists());
    // A link where a seed or a file is to be is not followed.
    let (eve, trap, outside) = (place.open("eve"), beside(&place, "trap"), beside(&place, "outside"));
    fs::create_dir_all(&outside).expect("made");
    place.ok(&["mount", &eve, trap.to_str().expect("text")]);
    fs::remove_file(trap.join(".env")).expect("removed");
    std::os::unix::fs::symlink(outside.join("env"), trap.join(".env")).expect("a link");
    std::os::unix::fs::symlink(&outside, trap.join("deps")).expect("a link");
    place.ok(&["unmount", trap.to_str().expect("text")]);
    place.run(&["mount", "--bring", "deps", "--bring", "deps/one", &eve, trap.to_str().expect("text")], b"");
    assert_eq!(fs::read_dir(&outside).expect("listed").count(), 0);
    let mounts = fs::read_to_string("/proc/self/mounts").expect("listed");
    assert!(!mounts.lines().any(|line| line.contains(outside.to_str().expect("text"))), "{mounts}");
    place.run(&["unmount", trap.to_str().expect("text")], b"");
    // A view can be removed as any folder, and stays removed.
    fs::remove_dir_all(folder.join("deps")).expect("removed");
    assert!(!folder.join("deps").exists());
    fs::create_dir(folder.join("deps")).expect("made");
    fs::write(folder.join("deps/plain"), "plain\n").expect("written");
    place.ok(&["unmount", at]);
    place.ok(&["mount", &session, at]);
    assert_eq!(fs::read_dir(folder.join("deps")).expect("listed").count(), 1);
    // What changed in the checkout is another seed.
    place.repo.write("deps/three.js", "three\n");
    let other = beside(&place, "other");
    place.ok(&["mount", "--bring", "deps", &place.open("bob"), other.to_str().expect("text")]);
    assert!(other.join("deps/three.js").is_file() && !folder.join("deps/three.js").exists());
    place.ok(&["unmount", at]);
    place.ok(&["unmount", other.to_str().expect("text")]);
    place.ok(&["stop"]);
    acetate_mount::hide_seeds(&state_name);
}

#[test]
fn what_is_brought_stays_within_the_scratch() {
    if !possible() {
        return;
    }
    let place = Place::new();
    place.repo.write(".gitignore", "cache\n");
    place.repo.commit("Ignore");
    place.repo.write("cache/a/x", "x\n");
    let (session, folder, outside) = (place.open("ada"), beside(&place, "work"), beside(&place, "outside"));
    fs::create_dir(&outside).expect("made");
    let at = folder.to_str().expect("text");
    place.ok(&["mount", &session, at]);
    // Whatever worked in the session left a link where files are brought to.
    std::os::unix::fs::symlink(&outside, folder.join("cache")).expect("linked");
    place.ok(&["unmount", at]);
    for bring in ["cache", "cache/a"] {
        let refused = place.run(&["mount", &session, at, "--bring", bring], b"");
        assert!(!refused.status.success(), "{}", text(&refused.stdout));
        assert!(!mounted(&folder) && fs::read_dir(&outside).expect("listed").next().is_none());
    }
    place.ok(&["mount", &session, at]);
    fs::remove_file(folder.join("cache")).expect("removed");
    place.ok(&["unmount", at]);
    place.ok(&["mount", &session, at, "--bring", "cache/a"]);
    assert_eq!(fs::read_to_string(folder.join("cache/a/x")).expect("read"), "x\n");
}
