//! What a repository holds, and what is made in a folder, neither reaches outside nor is executed: not by Git there, and not by the daemon.

use crate::common::{Mount, at, possible};
use acetate_engine::api::{CommitTurn, WriteFile};
use acetate_testing::{GitRepo, git_command};
use acetate_types::ObjectFormat;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A folder that nothing may touch, with a file in it.
struct Outside {
    folder: PathBuf,
}

impl Outside {
    fn beside(repo: &GitRepo) -> Self {
        let folder = repo.beside("outside");
        fs::create_dir(&folder).expect("made");
        fs::write(folder.join("secret"), "secret\n").expect("written");
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A shell command that leaves a mark here.
    fn command(&self) -> String {
        format!("touch {}", self.path("mark").display())
    }

    #[track_caller]
    fn untouched(&self) {
        let names: Vec<_> = fs::read_dir(&self.folder).expect("listed").map(|entry| entry.expect("an entry").file_name()).collect();
        assert_eq!(names, ["secret"]);
        assert_eq!(fs::read_to_string(self.path("secret")).expect("read"), "secret\n");
    }
}

fn write(mount: &Mount, path: &str, text: &str) {
    let content = acetate_types::Text(text.to_owned().into());
    mount.session.write(WriteFile { path: at(path), content, mode: None, expect: None }).expect("written");
}

fn git(folder: &Path, args: &[&str]) -> std::process::Output {
    git_command(folder).args(args).output().expect("git")
}

#[track_caller]
fn git_ok(folder: &Path, args: &[&str]) -> String {
    let output = git(folder, args);
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

/// Puts a file in place as Git does, which is how the mount notices.
fn put(path: &Path, text: &str) {
    let lock = path.with_extension("lock");
    fs::create_dir_all(path.parent().expect("below")).expect("made");
    fs::write(&lock, text).expect("written");
    fs::rename(lock, path).expect("moved");
}

/// Waits until the session has so many turns.
#[track_caller]
fn turns(mount: &Mount, count: usize) {
    let until = Instant::now() + Duration::from_secs(10);
    while mount.session.turns().expect("listed").turns.len() < count {
        assert!(Instant::now() < until, "no turn {count}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_link_among_ignored_files_leads_no_other_door_outside() {
    if !possible() {
        return;
    }
    let mount = Mount::new(&[("a.txt", "a\n"), (".gitignore", "ignored*\n")]);
    let outside = Outside::beside(&mount.repo);
    symlink(&outside.folder, mount.path("ignored")).expect("linked");
    symlink(outside.path("secret"), mount.path("ignored-file")).expect("linked");
    // In the folder they are links, as anywhere.
    assert_eq!(fs::read_to_string(mount.path("ignored/secret")).expect("read"), "secret\n");
    // For the others there is nothing, and what they write there is the session's own.
    assert!(mount.session.read(&at("ignored/secret")).is_err());
    write(&mount, "ignored/x", "x\n");
    write(&mount, "ignored-file", "mine\n");
    outside.untouched();
    let names = |path: &str| -> Vec<String> {
        let names = fs::read_dir(mount.path(path)).expect("listed");
        names.map(|entry| entry.expect("an entry").file_name().into_string().expect("text")).collect()
    };
    assert_eq!(names("ignored"), ["x"]);
    assert_eq!(fs::read_to_string(mount.path("ignored-file")).expect("read"), "mine\n");
    fs::write(mount.path("ignored/y"), "y\n").expect("written");
    fs::write(mount.path("ignored/secret"), "mine\n").expect("written");
    outside.untouched();
    // Wherever the folder goes, and when it goes.
    fs::rename(mount.path("ignored"), mount.path("moved")).expect("moved");
    fs::write(mount.path("moved/secret"), "mine too\n").expect("written");
    mount.session.delete(&at("moved"), None).expect("deleted");
    let _ = fs::remove_dir_all(mount.path("moved"));
    mount.session.commit(CommitTurn { message: None }, None).expect("committed");
    outside.untouched();
}

#[test]
fn links_in_a_git_folder_are_not_followed_and_nothing_waits_for_ever() {
    if !possible() {
        return;
    }
    let mount = Mount::new(&[("a.txt", "a\n")]);
    let outside = Outside::beside(&mount.repo);
    let dot_git = mount.path(".git");
    git_ok(&mount.folder, &["status"]);
    // Where Acetate is about to write when the head moves.
    for name in ["HEAD.acetate-new", "index.acetate-new", "packed-refs.acetate-new", "acetate-head.acetate-new"] {
        symlink(outside.path("secret"), dot_git.join(name)).expect("linked");
    }
    fs::remove_dir_all(dot_git.join("refs/heads")).expect("removed");
    symlink(&outside.folder, dot_git.join("refs/heads")).expect("linked");
    write(&mount, "b.txt", "b\n");
    mount.session.commit(CommitTurn { message: None }, None).expect("committed");
    outside.untouched();
    // What it reads may have no end, or never begin.
    for (name, prepare) in [("HEAD", "ln -sf /dev/zero"), ("HEAD", "mkfifo"), ("refs/heads/main", "mkfifo")] {
        let _ = fs::remove_file(dot_git.join("refs/heads"));
        fs::create_dir_all(dot_git.join("refs/heads")).expect("made");
        let _ = fs::remove_file(dot_git.join(name));
        let made = std::process::Command::new("sh").args(["-c", &format!("{prepare} \"$0\"")]).arg(dot_git.join(name)).status();
        assert!(made.expect("it runs").success());
        // Somebody may have committed, as far as the mount can tell.
        put(&dot_git.join("refs/heads/other"), "x\n");
        std::thread::sleep(Duration::from_millis(50));
        fs::remove_file(dot_git.join(name)).expect("removed");
        fs::remove_file(dot_git.join("refs/heads/other")).expect("removed");
    }
    // All is well again once the repository is one.
    let head = mount.session.info().tip.expect("a tip").to_hex();
    fs::write(dot_git.join("HEAD"), "ref: refs/heads/main\n").expect("written");
    fs::write(dot_git.join("refs/heads/main"), format!("{head}\n")).expect("written");
    let before = mount.session.turns().expect("listed").turns.len();
    fs::write(mount.path("c.txt"), "c\n").expect("written");
    git_ok(&mount.folder, &["add", "-A"]);
    git_ok(&mount.folder, &["commit", "-q", "-m", "Add c"]);
    turns(&mount, before + 1);
    // Objects of others are not read for it.
    let other = GitRepo::new(ObjectFormat::Sha1);
    other.write("other.txt", "other\n");
    let foreign = other.commit("Not for you").to_hex();
    let alternates = format!("{}\n", other.path().join(".git/objects").display());
    fs::write(dot_git.join("objects/info/alternates"), alternates).expect("written");
    put(&dot_git.join("refs/heads/main"), &format!("{foreign}\n"));
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(mount.session.turns().expect("listed").turns.len(), before + 1);
    outside.untouched();
}

#[test]
fn an_agents_configuration_is_its_own() {
    if !possible() {
        return;
    }
    let mount = Mount::new(&[("a.txt", "a\n"), (".gitattributes", "* filter=x diff=x merge=x\n")]);
    let outside = Outside::beside(&mount.repo);
    let (folder, run) = (&mount.folder, outside.command());
    // A commit made without anything that the configuration below would run.
    fs::write(mount.path("b.txt"), "b\n").expect("written");
    let blob = git_ok(folder, &["hash-object", "-w", "--no-filters", "b.txt"]);
    git_ok(folder, &["update-index", "--add", "--cacheinfo", &format!("100644,{blob},b.txt")]);
    let tree = git_ok(folder, &["write-tree"]);
    let commit = git_ok(folder, &["commit-tree", &tree, "-p", "HEAD", "-m", "Add b"]);
    let mut config = String::new();
    for (section, key) in [
        ("core", "fsmonitor"),
        ("core", "sshCommand"),
        ("core", "pager"),
        ("core", "editor"),
        ("core", "askPass"),
        ("core", "alternateRefsCommand"),
        ("diff", "external"),
        ("gpg", "program"),
        ("credential", "helper"),
        ("filter \"x\"", "clean"),
        ("filter \"x\"", "smudge"),
        ("filter \"x\"", "process"),
        ("diff \"x\"", "command"),
        ("diff \"x\"", "textconv"),
        ("merge \"x\"", "driver"),
        ("uploadpack", "packObjectsHook"),
    ] {
        config.push_str(&format!("[{section}]\n\t{key} = {run}\n"));
    }
    let hooks = mount.path(".git/hooks");
    config.push_str(&format!("[core]\n\thooksPath = {}\n[log]\n\tshowSignature = true\n[commit]\n\tgpgSign = true\n", hooks.display()));
    for hook in ["reference-transaction", "post-commit", "post-update", "update", "pre-receive", "post-checkout", "post-index-change"] {
        fs::write(hooks.join(hook), format!("#!/bin/sh\n{run}\n")).expect("written");
        fs::set_permissions(hooks.join(hook), std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("set");
    }
    let mut file = fs::OpenOptions::new().append(true).open(mount.path(".git/config")).expect("opened");
    std::io::Write::write_all(&mut file, config.as_bytes()).expect("written");
    // The branch moves without Git, and the daemon takes the commit over.
    let branch = git_ok(folder, &["-c", "core.fsmonitor=false", "symbolic-ref", "HEAD"]);
    put(&mount.path(".git").join(&branch), &format!("{commit}\n"));
    turns(&mount, 1);
    write(&mount, "c.txt", "c\n");
    mount.session.commit(CommitTurn { message: None }, None).expect("committed");
    outside.untouched();
}

/// A tree that no `git add` makes.
fn tree(repo: &GitRepo, entries: &[(&str, &[u8], &str)]) -> String {
    let mut raw = Vec::new();
    for (mode, name, id) in entries {
        raw.extend_from_slice(mode.as_bytes());
        raw.push(b' ');
        raw.extend_from_slice(name);
        raw.push(0);
        raw.extend((0..id.len() / 2).map(|at| u8::from_str_radix(&id[2 * at..2 * at + 2], 16).expect("hex")));
    }
    let made = repo.git_in(&["hash-object", "-t", "tree", "-w", "--literally", "--stdin"], &raw);
    String::from_utf8(made).expect("text").trim().to_owned()
}

#[test]
fn git_is_told_of_no_name_that_no_repository_may_hold() {
    if !possible() {
        return;
    }
    let repo = GitRepo::bare(ObjectFormat::Sha1);
    let outside = Outside::beside(&repo);
    let blob =
        |text: &str| String::from_utf8(repo.git_in(&["hash-object", "-w", "--stdin"], text.as_bytes())).expect("text").trim().to_owned();
    let hook = blob(&format!("#!/bin/sh\n{}\n", outside.command()));
    let file = blob("text\n");
    let hooks = tree(&repo, &[("100755", b"post-checkout", &hook)]);
    let dot_git = tree(&repo, &[("40000", b"hooks", &hooks)]);
    let in_file = tree(&repo, &[("100644", b"below", &file)]);
    let escaped = tree(&repo, &[("100644", b"ESCAPED", &file)]);
    let root = tree(
        &repo,
        &[
            ("40000", b"..", &escaped),
            ("40000", b".git", &dot_git),
            ("100644", b"a.txt", &file),
            // A file, and a folder that it hides.
            ("100644", b"d", &file),
            ("40000", b"d", &in_file),
        ],
    );
    let commit = repo.git(&["commit-tree", &root, "-m", "Hostile"]);
    repo.git(&["update-ref", "refs/heads/main", &commit]);
    let mount = Mount::of(repo);
    assert_eq!(git_ok(&mount.folder, &["ls-files"]), "a.txt\nd");
    // The commit has them, and that is all that Git knows of them.
    assert_eq!(git_ok(&mount.folder, &["status", "--porcelain"]), "D  ../ESCAPED\nD  .git/hooks/post-checkout\nD  d/below");
    for args in [&["checkout", "-q", "--", "."][..], &["checkout-index", "-a", "-f"], &["restore", "."], &["checkout", "-q", "-b", "other"]]
    {
        git_ok(&mount.folder, args);
    }
    outside.untouched();
    assert!(!mount.repo.beside("ESCAPED").exists() && !mount.path(".git/hooks/post-checkout").exists());
}

#[test]
fn a_repository_that_unfolds_to_billions_of_files_stops_nobody() {
    if !possible() {
        return;
    }
    let repo = GitRepo::bare(ObjectFormat::Sha1);
    let mut id = String::from_utf8(repo.git_in(&["hash-object", "-w", "--stdin"], b"x")).expect("text").trim().to_owned();
    for level in 0..9 {
        let mode = if level == 0 { "100644" } else { "40000" };
        let names: Vec<String> = (0..10).map(|number| format!("n{number}")).collect();
        id = tree(&repo, &names.iter().map(|name| (mode, name.as_bytes(), &*id)).collect::<Vec<_>>());
    }
    let commit = repo.git(&["commit-tree", &id, "-m", "Bomb"]);
    repo.git(&["update-ref", "refs/heads/main", &commit]);
    let mount = Mount::of(repo);
    assert!(fs::metadata(mount.path(".git/index")).is_err(), "no index is made of it");
    // Once: the second look does not try again.
    assert!(fs::read(mount.path(".git/index")).is_err());
    write(&mount, "new.txt", "by another door");
    assert_eq!(fs::read_to_string(mount.path("new.txt")).expect("read"), "by another door");
    assert_eq!(fs::read_to_string(mount.path("n1/n2/n3/n4/n5/n6/n7/n8/n9")).expect("read"), "x");
}

#[test]
fn folders_deeper_than_any_stack_are_made_read_and_removed() {
    if !possible() {
        return;
    }
    let mount = Mount::new(&[(".gitignore", "out/\n"), ("a.txt", "a\n")]);
    // By shell, which goes down step by step: no path is that long.
    let script =
        "mkdir out && cd out && n=0; while mkdir d 2>/dev/null && cd d; do n=$((n + 1)); done; echo $n; echo deep > file && cat file";
    let made = std::process::Command::new("sh").args(["-c", script]).current_dir(&mount.folder).output().expect("it runs");
    let said = String::from_utf8_lossy(&made.stdout).into_owned();
    let (depth, rest) = said.split_once('\n').expect("a line");
    assert_eq!((depth, rest), ("511", ""), "as deep as the session's own paths, and nothing below");
    assert_eq!(fs::read_to_string(mount.path("a.txt")).expect("the mount is alive"), "a\n");
    let removed = std::process::Command::new("rm").args(["-rf", "out"]).current_dir(&mount.folder).status().expect("it runs");
    assert!(removed.success() && !mount.path("out").exists());
}

#[test]
fn a_hostile_repository_executes_nothing_and_reaches_nothing() {
    if !possible() {
        return;
    }
    let repo = GitRepo::bare(ObjectFormat::Sha1);
    let outside = Outside::beside(&repo);
    let run = outside.command();
    let blob =
        |text: &str| String::from_utf8(repo.git_in(&["hash-object", "-w", "--stdin"], text.as_bytes())).expect("text").trim().to_owned();
    let config = blob(&format!(
        "[core]\n\tfsmonitor = {run}\n\thooksPath = hooks\n\tbare = false\n[filter \"x\"]\n\tclean = {run}\n\tsmudge = {run}\n"
    ));
    let hook = blob(&format!("#!/bin/sh\n{run}\n"));
    let head = blob("ref: refs/heads/main\n");
    let hooks: Vec<(&str, &[u8], &str)> =
        ["post-checkout", "post-commit", "pre-commit", "reference-transaction"].map(|name| ("100755", name.as_bytes(), &*hook)).to_vec();
    let hooks = tree(&repo, &hooks);
    let dot_git = tree(&repo, &[("100644", b"HEAD", &head), ("100644", b"config", &config), ("40000", b"hooks", &hooks)]);
    let away = blob(outside.folder.to_str().expect("text"));
    let secret = blob(outside.path("secret").to_str().expect("text"));
    let up = blob("../../../../../../../../../../etc/passwd");
    let file = blob("text\n");
    let in_away = tree(&repo, &[("100644", b"secret", &file)]);
    let gitfile = blob(&format!("gitdir: {}\n", outside.folder.display()));
    let sub = tree(&repo, &[("100644", b".git", &gitfile), ("100644", b"file", &file)]);
    let odd = tree(
        &repo,
        &[
            ("100644", b".", &file),
            ("100644", b"..", &file),
            ("100644", b"../up", &file),
            ("100644", b"/abs", &file),
            ("100644", b"ok", &file),
        ],
    );
    let attributes = blob("* filter=x diff=x merge=x\n");
    let modules = blob(&format!(
        "[submodule \"x\"]\n\tpath = module\n\turl = {}\n\tupdate = !{run}\n[submodule \"../../outside\"]\n\tpath = away\n\turl = -u./x\n",
        outside.folder.display()
    ));
    let commit = "1234567890123456789012345678901234567890";
    let mut root: Vec<(&str, &[u8], &str)> = vec![
        ("100644", b".GIT", &gitfile),
        ("40000", b".git", &dot_git),
        ("40000", b".git ", &dot_git),
        ("100644", b".gitattributes", &attributes),
        ("100644", b".gitconfig", &config),
        ("40000", b".githooks", &hooks),
        ("100644", b".gitmodules", &modules),
        // A link, and a folder of the same name behind it.
        ("120000", b"away", &away),
        ("100644", b"file", &file),
        ("40000", b"git~1", &dot_git),
        ("40000", b"hooks", &hooks),
        ("160000", b"module", commit),
        ("40000", b"odd", &odd),
        ("120000", b"secret", &secret),
        ("40000", b"sub", &sub),
        ("120000", b"up", &up),
    ];
    root.sort_by_key(|(mode, name, _)| if *mode == "40000" { [*name, b"/"].concat() } else { name.to_vec() });
    root.insert(0, ("40000", b"away", &in_away));
    let root = tree(&repo, &root);
    let commit = repo.git(&["commit-tree", &root, "-m", "Hostile"]);
    repo.git(&["update-ref", "refs/heads/main", &commit]);

    let mount = Mount::of(repo);
    let names = |path: &str| -> Vec<String> {
        let Ok(entries) = fs::read_dir(mount.path(path)) else { return Vec::new() };
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    };
    let seen = names("");
    for name in [".GIT", ".git ", "git~1"] {
        assert!(!seen.iter().any(|seen| seen == name) && fs::symlink_metadata(mount.path(name)).is_err(), "{name:?}");
    }
    assert!(!names("sub").iter().any(|name| name == ".git") && !mount.path("sub/.git").exists());
    assert!(names("odd").iter().all(|name| name == "ok"), "{:?}", names("odd"));
    // The folder's own `.git` is the one that Acetate made.
    let folder = &mount.folder;
    assert!(!fs::read_to_string(mount.path(".git/config")).expect("read").contains("hooksPath"));
    assert_eq!(git_ok(&mount.path("sub"), &["rev-parse", "--show-toplevel"]), folder.display().to_string());
    for args in [
        &["status"][..],
        &["status", "--porcelain", "--ignored"],
        &["diff"],
        &["log", "-p", "--stat"],
        &["show"],
        &["add", "-A"],
        &["commit", "-q", "-m", "Commit all"],
        &["checkout", "-q", "-b", "other"],
        &["checkout", "-q", "-f", "main"],
        &["checkout", "-q", "--", "."],
        &["reset", "-q", "--hard"],
        &["submodule", "status"],
        &["submodule", "init"],
        &["submodule", "update", "--init", "--recursive"],
        &["submodule", "sync"],
        &["stash"],
        &["stash", "pop"],
        &["merge", "other"],
        &["grep", "text"],
        &["clean", "-n", "-d"],
        &["archive", "HEAD", "-o", "/dev/null"],
    ] {
        // Git itself refuses some of it.
        git(folder, args);
        outside.untouched();
    }
    // What the daemon does with it.
    write(&mount, "new.txt", "new\n");
    fs::write(mount.path("file"), "changed\n").expect("written");
    mount.session.commit(CommitTurn { message: None }, None).expect("committed");
    let _ = mount.session.delete(&at("away"), None);
    let _ = mount.session.write(WriteFile { path: at("away/secret"), content: acetate_types::Text("x".into()), mode: None, expect: None });
    let _ = mount.session.write(WriteFile { path: at("up"), content: acetate_types::Text("x".into()), mode: None, expect: None });
    let _ = fs::remove_dir_all(mount.path("sub"));
    let _ = mount.session.commit(CommitTurn { message: None }, None);
    outside.untouched();
}
