//! Git inside a mounted session does what agents do with it.

use crate::common::{Mount, at, possible};
use acetate_engine::api::{CommitTurn, Submit, WriteFile};
use acetate_testing::git_command;
use std::fs;
use std::time::{Duration, Instant};

fn git(mount: &Mount, args: &[&str]) -> String {
    let output = git_command(&mount.folder).args(args).output().expect("git");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    assert!(output.status.success(), "git {args:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// What an agent's commit came to, once it was taken over.
fn turns(mount: &Mount, count: usize) -> Vec<String> {
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        let turns = mount.session.turns().expect("listed").turns;
        if turns.len() >= count || Instant::now() > until {
            let commits = turns.iter().map(|turn| turn.commit.to_hex());
            return commits.map(|commit| mount.repo.git(&["log", "-1", "--format=%s", &commit])).collect();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn an_agent_works_with_git_as_in_a_checkout() {
    if !possible() {
        return;
    }
    let mount = Mount::new(&[("src/a.txt", "one\ntwo\n"), ("b.txt", "b\n"), (".gitignore", "target/\n")]);
    assert_eq!(git(&mount, &["status", "--porcelain"]), "");
    assert_eq!(git(&mount, &["rev-parse", "HEAD"]), mount.repo.git(&["rev-parse", "main"]));
    assert_eq!(git(&mount, &["branch", "--show-current"]), "main");
    fs::create_dir(mount.path("target")).expect("made");
    fs::write(mount.path("target/out"), "out").expect("written");
    fs::write(mount.path("src/a.txt"), "one\n2\n").expect("written");
    fs::write(mount.path("new.txt"), "new\n").expect("written");
    fs::remove_file(mount.path("b.txt")).expect("removed");
    assert_eq!(git(&mount, &["status", "--porcelain"]), " D b.txt\n M src/a.txt\n?? new.txt");
    assert!(git(&mount, &["diff"]).contains("-two\n+2"));
    git(&mount, &["add", "-A"]);
    git(&mount, &["commit", "-q", "-m", "Say 2", "-m", "Because it is shorter."]);
    assert_eq!(git(&mount, &["status", "--porcelain"]), "");
    assert_eq!(git(&mount, &["log", "--format=%s", "-1"]), "Say 2");
    assert_eq!(turns(&mount, 1), ["Say 2"]);
    let info = mount.session.info();
    assert!(!info.unsaved);
    assert_eq!(
        mount.repo.git(&["rev-parse", &format!("{}^{{tree}}", info.tip.expect("a tip"))]),
        git(&mount, &["rev-parse", "HEAD^{tree}"])
    );
    assert_eq!(git(&mount, &["grep", "-h", "2", "--", "src"]), "2");
    assert!(git(&mount, &["blame", "src/a.txt"]).lines().count() == 2);
    // A turn that another door ends is what is checked out then.
    let content = acetate_types::Text("three\n".into());
    mount.session.write(WriteFile { path: at("c.txt"), content, mode: None, expect: None }).expect("written");
    assert_eq!(git(&mount, &["status", "--porcelain"]), "?? c.txt");
    mount.session.commit(CommitTurn { message: Some("Add c".into()) }, None).expect("committed");
    assert_eq!(git(&mount, &["status", "--porcelain"]), "");
    assert_eq!(git(&mount, &["log", "-1", "--format=%s"]), "Add c");
    mount.session.submit(Submit::default(), None).expect("landed");
    assert_eq!(git(&mount, &["rev-parse", "HEAD"]), mount.repo.git(&["rev-parse", "main"]));
    assert_eq!(git(&mount, &["status", "--porcelain"]), "");
    // What Git is told to track although it is ignored, the session has.
    fs::write(mount.path("target/kept"), "kept\n").expect("written");
    git(&mount, &["add", "-f", "target/kept"]);
    git(&mount, &["commit", "-q", "-m", "Keep one"]);
    assert_eq!(turns(&mount, 1), ["Keep one"]);
    assert_eq!(mount.seen("target/kept").as_deref(), Some("kept\n"));
    assert_eq!(git(&mount, &["status", "--porcelain"]), "");
    mount.session.submit(Submit::default(), None).expect("landed");
    // Branches and stashes are the agent's own.
    fs::write(mount.path("new.txt"), "newer\n").expect("written");
    git(&mount, &["stash", "-q"]);
    assert_eq!(mount.seen("new.txt").as_deref(), Some("new\n"));
    git(&mount, &["stash", "pop", "-q"]);
    assert_eq!(mount.seen("new.txt").as_deref(), Some("newer\n"));
    git(&mount, &["checkout", "-q", "--", "new.txt"]);
    git(&mount, &["checkout", "-q", "HEAD~2"]);
    assert_eq!(mount.seen("new.txt"), None);
    assert_eq!(mount.session.turns().expect("listed").turns.len(), 0);
    git(&mount, &["checkout", "-q", "main"]);
    assert_eq!(git(&mount, &["status", "--porcelain"]), "");
    git(&mount, &["fsck"]);
    assert_eq!(mount.repo.fsck(), "");
}

#[test]
fn the_first_status_reads_no_file() {
    if !possible() {
        return;
    }
    let files: Vec<(String, String)> = (0..200).map(|at| (format!("d{}/f{at}.txt", at % 7), format!("{at}\n"))).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let mount = Mount::new(&files);
    fs::write(mount.path("d0/f0.txt"), "changed\n").expect("written");
    let trace = mount.repo.beside("trace");
    let strace = std::process::Command::new("strace").arg("-V").output();
    if !strace.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: this machine has no strace");
        return;
    }
    let status = std::process::Command::new("strace")
        .args(["-f", "-e", "trace=openat", "-o"])
        .arg(&trace)
        .args(["git", "status", "--porcelain"])
        .current_dir(&mount.folder)
        .output()
        .expect("git");
    assert_eq!(String::from_utf8_lossy(&status.stdout), " M d0/f0.txt\n");
    let opened = fs::read_to_string(&trace).expect("traced");
    let read: Vec<&str> = opened.lines().filter(|line| line.contains(".txt\"")).collect();
    assert!(read.len() <= 1, "{read:?}");
}

#[test]
fn what_a_repository_holds_is_not_its_git() {
    if !possible() {
        return;
    }
    // As a hostile commit could have it: made past Git's own checks.
    let mount = Mount::new(&[("a.txt", "a\n"), (".gitattributes", "*.txt filter=evil\n")]);
    let marker = mount.repo.beside("ran");
    fs::write(mount.path(".gitattributes"), "*.txt filter=evil\n*.txt diff=evil\n").expect("written");
    fs::create_dir_all(mount.path("sub/.git/hooks")).expect("made");
    fs::write(mount.path("sub/.git/config"), format!("[core]\n\tfsmonitor = touch {}\n", marker.display())).expect("written");
    fs::write(mount.path("a.txt"), "changed\n").expect("written");
    git(&mount, &["status"]);
    git(&mount, &["diff"]);
    // Names that no repository may hold stay in the scratch.
    let turn = mount.session.commit(CommitTurn { message: None }, None).expect("committed");
    let tree = mount.repo.git(&["ls-tree", "-r", "--name-only", &turn.commit.expect("a commit").to_hex()]);
    assert_eq!(tree, ".gitattributes\na.txt");
    assert!(!marker.exists());
    // The store is out of reach: what the session's Git writes is its own.
    mount.engine.project_refs().expect("projected");
    let before = mount.repo.git(&["for-each-ref"]);
    git(&mount, &["update-ref", "refs/heads/evil", "HEAD"]);
    git(&mount, &["repack", "-adq"]);
    assert_eq!(mount.repo.git(&["for-each-ref"]), before);
    assert_eq!(mount.repo.fsck(), "");
}

#[test]
fn what_ignores_itself_is_in_no_turn() {
    if !possible() {
        return;
    }
    let mount = Mount::new(&[("a.txt", "a\n"), ("kept/.gitignore", "")]);
    // As pytest makes its cache: under a name of the moment, the rules after what they name.
    fs::create_dir(mount.path("cache-moment")).expect("made");
    fs::write(mount.path("cache-moment/README.md"), "a cache\n").expect("written");
    fs::write(mount.path("cache-moment/.gitignore"), "*\n").expect("written");
    fs::write(mount.path("cache-moment/TAG"), "tag\n").expect("written");
    fs::rename(mount.path("cache-moment"), mount.path("cache")).expect("moved");
    let open = fs::File::open(mount.path("cache/README.md")).expect("opened");
    let times = |name: &str| fs::metadata(mount.path(name)).expect("there").modified().expect("a time");
    let before = times("cache/README.md");
    // What Git was told of stays, whatever the rules say later, and so does what another door wrote.
    fs::write(mount.path("kept/x.log"), "log\n").expect("written");
    git(&mount, &["add", "kept/x.log"]);
    fs::write(mount.path("kept/y.log"), "log\n").expect("written");
    fs::write(mount.path("kept/.gitignore"), "*.log\n").expect("written");
    let content = acetate_types::Text("z\n".into());
    mount.session.write(WriteFile { path: at("kept/z.log"), content, mode: None, expect: None }).expect("written");
    fs::write(mount.path("new.txt"), "new\n").expect("written");
    git(&mount, &["commit", "-q", "-a", "-m", "Log"]);
    assert_eq!(turns(&mount, 1), ["Log"]);
    let tree = |at: &str| mount.repo.git(&["ls-tree", "-r", "--name-only", at]);
    let tip = mount.session.info().tip.expect("a tip").to_hex();
    assert_eq!(tree(&tip).lines().collect::<Vec<_>>(), ["a.txt", "kept/.gitignore", "kept/x.log", "kept/z.log", "new.txt"]);
    // It is all still there, on disk.
    for (name, text) in [("cache/README.md", "a cache\n"), ("cache/.gitignore", "*\n"), ("cache/TAG", "tag\n"), ("kept/y.log", "log\n")] {
        assert_eq!(fs::read_to_string(mount.path(name)).expect("read"), text);
        assert_eq!(mount.seen(name), None);
    }
    assert_eq!(std::io::read_to_string(open).expect("read"), "a cache\n");
    assert_eq!(times("cache/README.md"), before);
    assert_eq!(git(&mount, &["status", "--porcelain", "--ignored"]), "?? new.txt\n!! cache/\n!! kept/y.log\n!! kept/z.log");
    // What a turn has is tracked from then on.
    fs::write(mount.path(".gitignore"), "new.txt\n").expect("written");
    mount.session.commit(CommitTurn { message: None }, None).expect("committed");
    let tip = mount.session.info().tip.expect("a tip").to_hex();
    assert!(tree(&tip).contains("new.txt"));
}
