//! Sessions as folders for people without root: mounted by `fusermount3`, served by a daemon of their own.

use acetate_testing::Person;
use serde_json::Value;
use std::path::Path;

/// Somebody with the command and a repository.
fn person() -> Option<Person> {
    let person = Person::who_mounts()?;
    person.lend(Path::new(env!("CARGO_BIN_EXE_acetate")));
    let begin = "git config --global user.name Ada && git config --global user.email ada@example.com &&
        git init -q -b main repo && cd repo && echo out/ > .gitignore && mkdir src && echo one > src/a.txt && git add . && git commit -q -m Begin";
    person.ok(begin, &[]);
    Some(person)
}

fn in_repo(person: &Person, script: &str, args: &[&str]) -> String {
    person.ok(&format!("cd repo && {script}"), args)
}

fn open(person: &Person) -> String {
    in_repo(person, "acetate session open --agent ada --id-only", &[]).trim().to_owned()
}

/// What doctor finds about mounts.
fn mounts(person: &Person, args: &str) -> Vec<(String, String)> {
    let output = person.script(&format!("cd repo && acetate doctor --json {args}"), &[]);
    let said: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let found = said["findings"].as_array().expect("findings").iter().filter(|finding| finding["check"] == "mount");
    found.map(|finding| ["grade", "message"].map(|key| finding[key].as_str().expect("a text").to_owned())).map(|[a, b]| (a, b)).collect()
}

/// The daemon's process.
const DAEMON: &str = "daemon=$(sed -n 's/.*\"pid\": *\\([0-9]*\\).*/\\1/p' .git/acetate/daemon.json)";
/// Waits until nothing is mounted at the first argument.
const GONE: &str = "for i in $(seq 200); do grep -q \" $1 \" /proc/self/mounts || exit 0; sleep 0.05; done; exit 1";

#[test]
fn a_session_is_a_folder() {
    let Some(person) = person() else { return };
    let (session, folder) = (open(&person), person.path("work"));
    let at = folder.to_str().expect("text");
    in_repo(&person, "acetate mount \"$1\" \"$2\"", &[&session, at]);
    let script = "cd \"$1\" && cat src/a.txt && echo two >> src/a.txt && mkdir out && echo built > out/x && chmod 700 out/x &&
        mv out/x out/y && stat -c '%u %a' out/y src/a.txt | tr '\\n' ' ' && git status --short && git commit -qam Two && cat out/y && id -u";
    let said = person.ok(script, &[at]);
    let user = said.lines().last().expect("a number");
    assert_eq!(said, format!("one\n{user} 700 {user} 644  M src/a.txt\nbuilt\n{user}\n"));
    assert_eq!(in_repo(&person, "acetate --session \"$1\" read src/a.txt", &[&session]), "one\ntwo\n");
    assert_eq!(mounts(&person, ""), [("ok".to_owned(), "by fusermount3; contents of ignored files pass through the daemon".to_owned())]);
    let busy = person.script("cd repo && exec 3< \"$1/src/a.txt\" && acetate unmount --json \"$1\"", &[at]);
    assert_eq!(busy.status.code(), Some(4), "{busy:?}");
    in_repo(&person, "acetate unmount \"$1\"", &[at]);
    person.ok(GONE, &[at]);
    in_repo(&person, "acetate stop", &[]);
}

#[test]
fn commands_and_shells_run_in_sessions() {
    let Some(person) = person() else { return };
    let script = "mkdir out && echo built > out/x && echo $ACETATE_RUN > src/n$ACETATE_RUN.txt";
    let said = in_repo(&person, "acetate run -n 2 --submit --json -m Number -- sh -c \"$1\" 2>/dev/null", &[script]);
    let said: Value = serde_json::from_str(&said).expect("JSON");
    for session in said["sessions"].as_array().expect("sessions") {
        assert!(session["landed"].is_u64() && session["kept"] == false, "{said}");
    }
    assert_eq!(in_repo(&person, "git log --format=%s", &[]), "Number\nNumber\nBegin\n");
    let session = open(&person);
    let shell = person
        .script("cd repo && echo 'echo $ACETATE_SESSION; echo new > new.txt; exit 3' | SHELL=/bin/sh acetate shell \"$1\"", &[&session]);
    assert_eq!((shell.status.code(), String::from_utf8_lossy(&shell.stdout).trim()), (Some(3), &*session), "{shell:?}");
    assert_eq!(in_repo(&person, "acetate --session \"$1\" read new.txt", &[&session]), "new\n");
    assert_eq!(person.ok("grep -c fuse.acetate.*user_id=$(id -u), /proc/self/mounts || true", &[]), "0\n");
    in_repo(&person, "acetate stop", &[]);
}

#[test]
fn a_killed_daemon_leaves_nothing_that_stays() {
    let Some(person) = person() else { return };
    let (session, folder) = (open(&person), person.path("work"));
    let at = folder.to_str().expect("text");
    let mount = "acetate mount \"$1\" \"$2\" > /dev/null && echo $3 > \"$2/src/a.txt\"";
    in_repo(&person, mount, &[&session, at, "first"]);
    in_repo(&person, &format!("{DAEMON} && kill -9 $daemon"), &[]);
    person.ok(GONE, &[at]);
    assert_eq!(in_repo(&person, "acetate --session \"$1\" read src/a.txt", &[&session]), "first\n");
    // Without what looks after it the folder stays, answers nothing, and is found.
    in_repo(&person, mount, &[&session, at, "second"]);
    let guard = "guard=$(for one in /proc/[0-9]*; do grep -q \"^PPid:.$daemon$\" $one/status 2>/dev/null && tr '\\0' ' ' < $one/cmdline |
        grep -q mount-guard && basename $one; done)";
    in_repo(&person, &format!("{DAEMON} && {guard}; kill -9 $guard $daemon"), &[]);
    assert!(!person.script("ls \"$1\"", &[at]).status.success());
    let left = mounts(&person, "");
    assert!(left.iter().any(|(grade, message)| grade == "warn" && message.contains(at)), "{left:?}");
    let fixed = mounts(&person, "--fix");
    assert!(fixed.iter().any(|(grade, message)| grade == "ok" && message.contains(at)), "{fixed:?}");
    person.ok(GONE, &[at]);
    assert_eq!(mounts(&person, "").len(), 1);
    in_repo(&person, mount, &[&session, at, "third"]);
    assert_eq!(in_repo(&person, "acetate --session \"$1\" read src/a.txt", &[&session]), "third\n");
    in_repo(&person, "acetate stop", &[]);
    person.ok(GONE, &[at]);
}

#[test]
fn what_is_missing_is_named() {
    let Some(person) = person() else { return };
    let session = open(&person);
    in_repo(&person, "mkdir ../few && for name in git sh; do ln -s \"$(command -v $name)\" ../few; done", &[]);
    let code = |script: &str| {
        let output = person.script(&format!("cd repo && {script}"), &[&session]);
        let said: Value = serde_json::from_slice(&output.stderr).unwrap_or_else(|_| panic!("{output:?}"));
        (said["error"]["code"].as_str().expect("a code").to_owned(), said["error"]["hint"].as_str().expect("a hint").to_owned())
    };
    let (failed, hint) = code("own=$(command -v acetate); PATH=../few $own mount --json \"$1\" ../work");
    assert!(failed == "mount_failed" && hint.contains("fuse3"), "{failed}: {hint}");
    let (failed, hint) = code("setpriv --no-new-privs acetate mount --json \"$1\" ../work");
    assert!(failed == "mount_failed" && hint.contains("setuid"), "{failed}: {hint}");
    assert!(!person.path("work/src").exists());
    in_repo(&person, "acetate stop", &[]);
}

#[test]
fn in_a_user_namespace_the_kernel_mounts() {
    let Some(person) = person() else { return };
    let (session, folder) = (open(&person), person.path("work"));
    let at = folder.to_str().expect("text");
    if !person.script("unshare -Urm true", &[]).status.success() {
        eprintln!("skipped: this machine lets nobody make user namespaces");
        return;
    }
    // The daemon runs outside, where the same person has another number; and then inside.
    let inside =
        "acetate mount \"$1\" \"$2\" && cd \"$2\" && stat -c '%u %g' . src/a.txt | tr '\\n' ' ' && echo $3 >> src/a.txt && mkdir -p out &&
        echo x > out/x && stat -c '%u %g' out/x && chown 0:0 out/x src/a.txt && chmod 600 src/a.txt && git status --short &&
        acetate doctor --json | grep -o 'by the kernel, in a user namespace' && cd / && acetate unmount \"$2\"";
    for (before, number, after) in [("acetate session list > /dev/null", "1", "true"), ("acetate stop > /dev/null", "2", "acetate stop")] {
        let script = format!("{before}; unshare -Urm sh -c \"$4\" sh \"$1\" \"$2\" \"$3\"");
        let said = in_repo(&person, &script, &[&session, at, number, &format!("{inside} && cd \"$OLDPWD\"; {after}")]);
        let expect = "0 0 0 0 0 0\n M src/a.txt\nby the kernel, in a user namespace\n";
        let (_, said) = said.split_once('\n').expect("lines");
        assert!(said.starts_with(expect), "{said}");
    }
    assert_eq!(in_repo(&person, "acetate --session \"$1\" read src/a.txt", &[&session]), "one\n1\n2\n");
    in_repo(&person, "acetate stop", &[]);
}
