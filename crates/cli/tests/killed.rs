//! kill -9 at any moment, of the daemon, of what works in a folder, of what mounted it: nothing that fsync(2) acknowledged is lost, no folder
//! hangs, and what is left behind goes.

mod place;

use place::folder::{folder_of, mounted, possible, until};
use place::{Place, text};
use rustix::process::{Pid, Signal, kill_process};
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

fn kill(pid: i32) {
    kill_process(Pid::from_raw(pid).expect("a process"), Signal::KILL).expect("killed");
}

fn daemon(place: &Place) -> i32 {
    let file = fs::read(place.repo.path().join(".git/acetate/daemon.json")).expect("a daemon");
    let file: serde_json::Value = serde_json::from_slice(&file).expect("JSON");
    i32::try_from(file["pid"].as_i64().expect("a number")).expect("a number")
}

/// The process that unmounts what a daemon leaves.
fn guard(daemon: i32) -> i32 {
    let children = fs::read_to_string(format!("/proc/{daemon}/task/{daemon}/children")).unwrap_or_default();
    let all = fs::read_dir(format!("/proc/{daemon}/task")).expect("threads").flatten();
    let of_threads = all.filter_map(|task| fs::read_to_string(task.path().join("children")).ok()).collect::<Vec<_>>().join(" ");
    let is_guard = |pid: &i32| fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| text(&line).contains("mount-guard"));
    let pids = children.split_whitespace().chain(of_threads.split_whitespace()).filter_map(|pid| pid.parse().ok());
    pids.into_iter().find(is_guard).expect("a guard")
}

/// The highest numbers that were acknowledged: of lines, of replacements, of lines in an ignored file.
#[derive(Debug, Clone, Copy, Default)]
struct Acknowledged {
    line: u32,
    replaced: u32,
    ignored: u32,
}

/// Writes and syncs until that fails, as a database, an editor and a build do.
fn write(folder: &Path, who: usize, from: Acknowledged) -> JoinHandle<Acknowledged> {
    // By what is mounted now: the same name may mean a plain folder for a moment, once it is not.
    let held = File::open(folder).expect("opened");
    let folder = PathBuf::from(format!("/proc/self/fd/{}", held.as_raw_fd()));
    std::thread::spawn(move || {
        let _held = held;
        let mut done = from;
        let mut work = || -> std::io::Result<()> {
            let mut lines = OpenOptions::new().append(true).create(true).open(folder.join(format!("lines-{who}.txt")))?;
            fs::create_dir_all(folder.join("out"))?;
            let mut ignored = OpenOptions::new().append(true).create(true).open(folder.join(format!("out/{who}.txt")))?;
            loop {
                lines.write_all(format!("{}\n", done.line + 1).as_bytes())?;
                lines.sync_data()?;
                done.line += 1;
                let new = folder.join(format!("state-{who}.new"));
                let mut file = File::create(&new)?;
                file.write_all(format!("{}\n", done.replaced + 1).as_bytes())?;
                file.sync_all()?;
                fs::rename(&new, folder.join(format!("state-{who}.txt")))?;
                File::open(&folder)?.sync_all()?;
                done.replaced += 1;
                ignored.write_all(format!("{}\n", done.ignored + 1).as_bytes())?;
                ignored.sync_all()?;
                done.ignored += 1;
            }
        };
        work().expect_err("it ends with the folder");
        done
    })
}

/// Checks that what was acknowledged is there, and nothing but the one write that may have been under way; gives what is there.
fn check(folder: &Path, who: usize, done: Acknowledged) -> Acknowledged {
    let read = |name: String| fs::read_to_string(folder.join(name)).unwrap_or_default();
    let lines = |text: String, done: u32| {
        let expect: String = (1..=done).map(|number| format!("{number}\n")).collect();
        let one_more = format!("{expect}{}\n", done + 1);
        assert!(text == expect || text == one_more, "{done} lines were acknowledged, the last ones are {:?}", text.lines().last());
        if text == expect { done } else { done + 1 }
    };
    let state: u32 = read(format!("state-{who}.txt")).trim().parse().unwrap_or_default();
    assert!(state == done.replaced || state == done.replaced + 1, "{state} after {}", done.replaced);
    Acknowledged {
        line: lines(read(format!("lines-{who}.txt")), done.line),
        replaced: state,
        ignored: lines(read(format!("out/{who}.txt")), done.ignored),
    }
}

fn joined(writer: JoinHandle<Acknowledged>) -> Acknowledged {
    until("a writer", || writer.is_finished());
    writer.join().expect("no panic")
}

/// A repository that ignores `out`.
fn place() -> Place {
    let place = Place::new();
    place.repo.write(".gitignore", "out/\n");
    place.repo.commit("Ignore");
    place
}

/// What `doctor` finds about mounts that is not as it should be, and names this; other tests leave things for a while too.
fn odd(place: &Place, fix: bool, named: &str) -> Vec<String> {
    let said = place.json(if fix { &["doctor", "--fix"] } else { &["doctor"] });
    let findings = said["findings"].as_array().expect("findings").iter();
    let odd = findings.filter(|one| one["check"] == "mount" && one["grade"] != "ok").filter_map(|one| one["message"].as_str());
    odd.filter(|message| message.contains(named)).map(str::to_owned).collect()
}

/// Nothing of that name is left that `doctor` would take away.
fn nothing_left(place: &Place, named: &str) {
    place.ok(&["doctor", "--fix"]);
    assert_eq!(odd(place, false, named), [""; 0]);
}

/// How the folders of a run's process begin.
fn of_run(child: &Child) -> String {
    format!("acetate-at-{}-", child.id())
}

#[test]
fn what_was_synced_survives_a_killed_daemon() {
    if !possible() {
        return;
    }
    let place = place();
    let (session, folder) = (place.open("ada"), place.repo.beside("work"));
    let at = folder.to_str().expect("text");
    let mut known = [Acknowledged::default(); 3];
    for round in 0..6u64 {
        place.ok(&["mount", &session, at]);
        for (who, known) in known.iter_mut().enumerate() {
            *known = check(&folder, who, *known);
        }
        let writers: Vec<_> = known.iter().enumerate().map(|(who, known)| write(&folder, who, *known)).collect();
        std::thread::sleep(Duration::from_millis(40 + round * 70));
        kill(daemon(&place));
        for (known, writer) in known.iter_mut().zip(writers) {
            *known = joined(writer);
        }
        until("the folder goes", || !mounted(&folder));
    }
    assert!(known.iter().all(|known| known.ignored > 20), "{known:?}");
    place.ok(&["mount", &session, at]);
    for (who, known) in known.iter_mut().enumerate() {
        *known = check(&folder, who, *known);
        let lines = place.ok_in(&session, &["read", &format!("lines-{who}.txt")]);
        assert_eq!(lines.lines().count(), known.line as usize);
    }
    place.ok(&["unmount", at]);
    nothing_left(&place, at);
}

#[test]
fn a_folder_that_nobody_unmounted_is_taken_away_by_doctor() {
    if !possible() {
        return;
    }
    let place = place();
    let (session, folder) = (place.open("ada"), place.repo.beside("work"));
    let at = folder.to_str().expect("text");
    place.ok(&["mount", &session, at]);
    fs::write(folder.join("new.txt"), "new\n").expect("written");
    let daemon = daemon(&place);
    kill(guard(daemon));
    kill(daemon);
    until("the daemon goes", || fs::metadata(&folder).is_err_and(|error| error.raw_os_error() == Some(107)));
    // A daemon takes a moment to be gone whole; until then its folder answers nobody.
    until("it is seen", || odd(&place, false, at).len() == 1);
    nothing_left(&place, at);
    assert!(!mounted(&folder));
    place.ok(&["mount", &session, at]);
    assert_eq!(fs::read_to_string(folder.join("new.txt")).expect("read"), "new\n");
    // Once the watchdog is gone, the folder still goes when the daemon ends well.
    place.ok(&["stop"]);
    until("ending takes the folder away", || !mounted(&folder));
}

/// A run of two, which say in this folder what was acknowledged.
fn run(place: &Place, acks: &Path, script: &str) -> Child {
    fs::create_dir_all(acks).expect("made");
    place.ok(&["session", "list"]);
    let mut command = place.command();
    command.args(["run", "--json", "-n", "2", "--", "sh", "-c", script]).env("ACKS", acks);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs")
}

/// The number that run `number` acknowledged last.
fn acknowledged(acks: &Path, number: u32) -> u32 {
    fs::read_to_string(acks.join(number.to_string())).ok().and_then(|text| text.trim().parse().ok()).unwrap_or_default()
}

/// The sessions of a run, by their agents' names.
fn sessions(place: &Place) -> Vec<(String, serde_json::Value)> {
    let list = place.json(&["session", "list"]);
    let mut sessions: Vec<_> = list["sessions"].as_array().expect("sessions").clone();
    sessions.sort_by_key(|session| session["agent"].to_string());
    sessions.into_iter().map(|session| (session["id"].as_str().expect("text").to_owned(), session)).collect()
}

/// How many numbered lines a session has of what a run wrote; they are whole and in order.
fn lines(place: &Place, session: &str) -> u32 {
    let text = place.ok_in(session, &["read", "log.txt"]);
    let count = u32::try_from(text.lines().count()).expect("few");
    assert_eq!(text, (1..=count).map(|number| format!("{number}\n")).collect::<String>());
    count
}

/// Writes a line, syncs it, says so, and so on; something else writes at the same time.
const WORK: &str = "(while echo noise >> noise.txt; do :; done) & n=0; \
    while n=$((n + 1)); echo $n >> log.txt && sync log.txt && echo $n > \"$ACKS/$ACETATE_RUN\"; do";

#[test]
fn a_killed_command_leaves_its_work() {
    if !possible() {
        return;
    }
    let place = place();
    let acks = place.repo.beside("acks");
    // Its whole group, in the middle of its writes.
    let script = format!("{WORK} if [ $n = 40 ]; then kill -9 0; fi; done");
    let child = run(&place, &acks, &script);
    let root = of_run(&child);
    let ran = child.wait_with_output().expect("it ends");
    assert!(!ran.status.success());
    let said: serde_json::Value = serde_json::from_slice(&ran.stdout).expect("JSON");
    for one in said["sessions"].as_array().expect("sessions") {
        assert_eq!((one["exit"].as_u64(), one["kept"].as_bool()), (Some(137), Some(true)), "{said}");
    }
    for (session, info) in sessions(&place) {
        assert_eq!((info["state"].as_str(), info["unsaved"].as_bool()), (Some("paused"), Some(false)));
        let done = place.run_in(&session, &["run", "--json", "--", "tail", "-n", "1", "log.txt"], b"");
        assert!(done.status.success() && text(&done.stderr).contains("40\n"), "{}", text(&done.stderr));
        assert_eq!(lines(&place, &session), 40);
        assert!(folder_of(&session).is_none());
    }
    nothing_left(&place, &root);
}

#[test]
fn a_killed_run_leaves_its_work_and_no_folder() {
    if !possible() {
        return;
    }
    let place = place();
    let acks = place.repo.beside("acks");
    let script = format!("{WORK} if test -e \"$ACKS/stop\"; then kill -9 0; fi; done");
    let mut child = run(&place, &acks, &script);
    until("both begin", || [1, 2].iter().all(|number| acknowledged(&acks, *number) > 5));
    let sessions = sessions(&place);
    let folders: Vec<PathBuf> = sessions.iter().map(|(session, _)| folder_of(session).expect("mounted")).collect();
    child.kill().expect("killed");
    child.wait().expect("ended");
    // What works there goes on.
    let before = acknowledged(&acks, 1);
    until("more lines", || acknowledged(&acks, 1) > before + 5);
    let root = of_run(&child);
    assert_eq!(odd(&place, true, &root).len(), 1);
    assert!(folders.iter().all(|folder| mounted(folder)));
    // When it ends, the folders go.
    fs::write(acks.join("stop"), "").expect("written");
    until("the folders go", || !folders.iter().any(|folder| mounted(folder) || folder.exists()));
    for (number, (session, _)) in (1..).zip(&sessions) {
        let (count, known) = (lines(&place, session), acknowledged(&acks, number));
        assert!(count == known || count == known + 1, "{count} lines of {known}");
    }
    until("the folder above", || folders.iter().all(|folder| !folder.parent().expect("a folder").exists()));
    nothing_left(&place, &root);
}

#[test]
fn a_run_whose_daemon_is_killed_ends_and_loses_nothing() {
    if !possible() {
        return;
    }
    let place = place();
    let acks = place.repo.beside("acks");
    let child = run(&place, &acks, &format!("{WORK} :; done; exit 9"));
    until("both begin", || [1, 2].iter().all(|number| acknowledged(&acks, *number) > 5));
    let sessions = sessions(&place);
    let folders: Vec<PathBuf> = sessions.iter().map(|(session, _)| folder_of(session).expect("mounted")).collect();
    let root = of_run(&child);
    kill(daemon(&place));
    let ran = child.wait_with_output().expect("it ends");
    assert!(!ran.status.success(), "{}", text(&ran.stdout));
    assert!(!folders.iter().any(|folder| mounted(folder) || folder.exists()), "{}{}", text(&ran.stdout), text(&ran.stderr));
    for (number, (session, _)) in (1..).zip(&sessions) {
        let (count, known) = (lines(&place, session), acknowledged(&acks, number));
        assert!(count == known || count == known + 1, "{count} lines of {known}");
    }
    nothing_left(&place, &root);
}
