//! Bundles, fetches and the server side, with the real `git` at the other end.

mod common;

use acetate_git::{
    BundleRefs, Expected, FetchRequest, GitError, OpenOptions, ReceiveOptions, RefUpdate, Repository, Source, SourceError, UploadOptions,
};
use acetate_testing::GitRepo;
use acetate_types::{ObjectFormat, ObjectId};
use common::{FORMATS, MINUTE, open};
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

fn request(source: Source) -> FetchRequest {
    FetchRequest { source, prefix: "refs/namespaces/w/".to_owned(), max_bytes: 1 << 30, timeout: MINUTE }
}

fn sample(format: ObjectFormat) -> GitRepo {
    let repo = GitRepo::bare(format);
    for at in 0..3 {
        repo.fast_commit("main", [("dir/f", "100644", Some(format!("{at}")))]);
    }
    repo.fast_commit("side", [("g", "100644", Some("x"))]);
    repo.git(&["tag", "-a", "-m", "t", "v1", "main"]);
    repo
}

#[test]
fn histories_are_fetched_into_a_namespace() {
    for format in FORMATS {
        let from = sample(format);
        let to = GitRepo::bare(format);
        let repository = open(&to);
        let source = Source::path(from.path()).expect("a source");
        assert_eq!(repository.remote_head(&source, MINUTE).expect("asked").as_deref(), Some("refs/heads/main"));
        let fetched = repository.fetch(&request(source.clone())).expect("fetched");
        let names: Vec<_> = fetched.iter().map(|one| (one.name.as_str(), one.id)).collect();
        assert_eq!(
            names,
            [("refs/heads/main", from.id("main")), ("refs/heads/side", from.id("side")), ("refs/tags/v1", from.id("refs/tags/v1"))]
        );
        assert_eq!(to.id("refs/namespaces/w/refs/heads/main"), from.id("main"));
        assert_eq!(to.git(&["for-each-ref", "--format=%(refname)", "refs/heads", "refs/tags"]), "");
        assert_eq!(repository.commit(&from.id("main")).expect("there").message, "m\n");
        // Again, after the source was rewound.
        from.git(&["update-ref", "refs/heads/main", "main~1"]);
        repository.fetch(&request(source)).expect("fetched");
        assert_eq!(to.id("refs/namespaces/w/refs/heads/main"), from.id("main"));
    }
}

#[test]
fn bundles_go_round() {
    for format in FORMATS {
        let from = sample(format);
        let repository = open(&from);
        let file = from.beside("all.bundle");
        let (main, tag, first) = (from.id("main"), from.id("refs/tags/v1"), from.id("main~2"));
        let refs = vec![("refs/heads/main".to_owned(), main), ("refs/tags/v1".to_owned(), tag), ("HEAD".to_owned(), main)];
        let all = BundleRefs { refs: refs.clone(), since: vec![] };
        repository.create_bundle(&all, &file, MINUTE).expect("written");
        assert!(repository.create_bundle(&all, &file, MINUTE).is_err(), "it is there already");
        let mut listed = repository.verify_bundle(&file, MINUTE).expect("sound");
        listed.sort();
        let mut want = refs.clone();
        want.sort();
        assert_eq!(listed, want);
        // Plain git clones it.
        let clone = from.beside("clone");
        from.git(&["clone", "-q", file.to_str().expect("UTF-8"), clone.to_str().expect("UTF-8")]);
        assert_eq!(std::fs::read_to_string(clone.join("dir/f")).expect("a file"), "2");

        let part = from.beside("part.bundle");
        repository.create_bundle(&BundleRefs { refs: refs[..1].to_vec(), since: vec![first] }, &part, MINUTE).expect("written");
        let empty = GitRepo::bare(format);
        let receiver = open(&empty);
        assert!(matches!(receiver.verify_bundle(&part, MINUTE), Err(GitError::Failed { .. })), "it lacks what the bundle builds on");
        assert!(receiver.fetch(&request(Source::path(&part).expect("a source"))).is_err());
        let fetched = receiver.fetch(&request(Source::path(&file).expect("a source"))).expect("fetched");
        assert_eq!(fetched.iter().map(|one| one.id).collect::<Vec<_>>(), [main, tag]);
        receiver.fetch(&request(Source::path(&part).expect("a source"))).expect("fetched");
        assert_eq!(empty.fsck().lines().filter(|line| !line.starts_with("notice")).count(), 0);

        let mut damaged = std::fs::read(&file).expect("read");
        let at = damaged.len() - 30;
        damaged[at] ^= 1;
        std::fs::write(&part, damaged).expect("written");
        assert!(open(&GitRepo::bare(format)).fetch(&request(Source::path(&part).expect("a source"))).is_err());
        let missing = BundleRefs { refs: vec![("refs/heads/x".to_owned(), ObjectId::null(format))], since: vec![] };
        assert!(repository.create_bundle(&missing, &from.beside("none.bundle"), MINUTE).is_err());
        assert!(!from.beside("none.bundle").exists());
        for name in ["-x", "refs/heads/a b", "refs/heads/a\nb", "x"] {
            let bad = BundleRefs { refs: vec![(name.to_owned(), main)], since: vec![] };
            assert!(matches!(repository.create_bundle(&bad, &from.beside("none.bundle"), MINUTE), Err(GitError::Argument(_))), "{name:?}");
        }
    }
}

/// A tree with one entry of this name, committed by plumbing that checks nothing.
fn hostile(name: &str) -> GitRepo {
    let repo = GitRepo::bare(ObjectFormat::Sha1);
    let blob = repo.git_in(&["hash-object", "-w", "--stdin"], b"x");
    let blob: ObjectId = String::from_utf8_lossy(&blob).trim().parse().expect("an id");
    let mut tree = format!("100644 {name}\0").into_bytes();
    tree.extend_from_slice(blob.as_bytes());
    let tree = repo.git_in(&["hash-object", "-w", "-t", "tree", "--literally", "--stdin"], &tree);
    let tree = String::from_utf8_lossy(&tree).trim().to_owned();
    let commit = repo.git(&["commit-tree", &tree, "-m", "m"]);
    repo.git(&["update-ref", "refs/heads/main", &commit]);
    repo
}

#[test]
fn hostile_trees_do_not_come_in() {
    for name in [".git", ".GIT", "..", ".", "a/b", "git~1"] {
        let to = GitRepo::bare(ObjectFormat::Sha1);
        let repository = open(&to);
        let error = repository.fetch(&request(Source::path(hostile(name).path()).expect("a source"))).expect_err("refused");
        assert!(matches!(error, GitError::Failed { .. }), "{name}: {error}");
        assert!(repository.refs("refs/").expect("listed").is_empty());
    }
    // The way in works for a harmless name.
    let to = GitRepo::bare(ObjectFormat::Sha1);
    open(&to).fetch(&request(Source::path(hostile("fine").path()).expect("a source"))).expect("fetched");
}

#[test]
fn what_is_too_large_does_not_come_in() {
    let from = GitRepo::bare(ObjectFormat::Sha1);
    let mut seed = 1u64;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) as u8
    })
    .take(24 << 20)
    .collect();
    from.fast_commit("main", [("noise", "100644", Some(noise))]);
    let to = GitRepo::bare(ObjectFormat::Sha1);
    let repository = open(&to);
    let mut asked = request(Source::path(from.path()).expect("a source"));
    asked.max_bytes = 1 << 20;
    let error = repository.fetch(&asked).expect_err("refused");
    assert!(matches!(error, GitError::TooMuchOutput { .. }), "{error}");
    assert!(repository.refs("refs/").expect("listed").is_empty());
}

#[test]
fn only_known_transports_are_sources() {
    for good in ["https://example.com/a.git", "ssh://git@example.com:22/a", "git@example.com:a/b.git", "git://example.com/a"] {
        Source::url(good).expect(good);
    }
    for bad in [
        "",
        "-x",
        "--upload-pack=touch /tmp/x",
        "ext::sh -c touch",
        "ext::sh",
        "http://example.com/a",
        "file:///etc",
        "/etc",
        "a/b",
        "ssh://-oProxyCommand=x/a",
        "ssh://git@-oProxyCommand=x/a",
        "-oProxyCommand=x:a",
        "git@-x:a",
        "https://",
        "https:///a",
        "https://exa mple/a",
        "https://example.com/a\n--x",
        "fd::3",
        "transport::https://x",
    ] {
        assert!(Source::url(bad).is_err(), "{bad:?}");
    }
    assert!(matches!(Source::path(Path::new("/no/such/thing")), Err(SourceError::Path(_))));
    let repo = sample(ObjectFormat::Sha1);
    let repository = open(&repo);
    for prefix in ["", "refs/heads", "-x/", "refs/../x/", "refs/a b/", "../"] {
        let mut asked = request(Source::path(repo.path()).expect("a source"));
        asked.prefix = prefix.to_owned();
        assert!(matches!(repository.fetch(&asked), Err(GitError::Argument(_))), "{prefix:?}");
    }
}

/// The answer of a stateless command to a request.
fn answer(mut command: std::process::Command, input: &[u8]) -> String {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
    child.stdin.take().expect("piped").write_all(input).expect("written");
    let output = child.wait_with_output().expect("ended");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn shared_store() -> (GitRepo, Repository) {
    let repo = sample(ObjectFormat::Sha1);
    let repository = open(&repo);
    let made = |name: &str, revision: &str| RefUpdate {
        name: name.to_owned(),
        expected: Expected::Absent,
        new: Some(repo.id(revision)),
        message: String::new(),
    };
    let updates = [
        made("refs/namespaces/w/refs/heads/main", "main"),
        made("refs/namespaces/w/refs/acetate/turns/1", "main~1"),
        made("refs/namespaces/other/refs/heads/secret", "side"),
        made("refs/acetate/keep/1", "main~2"),
    ];
    repository.update_refs(&updates).expect("made");
    (repo, repository)
}

#[test]
fn a_namespace_is_all_that_its_clients_see() {
    let (repo, repository) = shared_store();
    let upload = |namespace: Option<&str>, protocol: Option<&str>| {
        let options = UploadOptions { namespace: namespace.map(str::to_owned), protocol: protocol.map(str::to_owned), advertise: true };
        answer(repository.upload_pack_command(&options), b"")
    };
    let hidden = [repo.id("side").to_hex(), repo.id("main~1").to_hex(), repo.id("main~2").to_hex()];
    let shown = upload(Some("w"), None);
    assert!(shown.contains("refs/heads/main") && shown.contains(&repo.id("main").to_hex()), "{shown}");
    assert!(!hidden.iter().any(|id| shown.contains(id)) && !shown.contains("acetate"), "{shown}");
    let own = upload(None, None);
    assert!(own.contains("refs/heads/side") && !own.contains("namespaces") && !own.contains("acetate"), "{own}");
    assert!(upload(Some("w"), Some("version=2")).contains("version 2"));
    assert!(!upload(Some("w"), Some("version=2;touch x")).contains("version 2"));
    let receive = |namespace: Option<&str>| {
        let options = ReceiveOptions { namespace: namespace.map(str::to_owned), advertise: true, ..ReceiveOptions::default() };
        answer(repository.receive_pack_command(&options), b"")
    };
    let shown = receive(Some("w"));
    assert!(shown.contains("refs/heads/main"), "{shown}");
    assert!(!hidden.iter().any(|id| shown.contains(id)), "nothing as .have: {shown}");
    // Version 2 lists refs on request, under the same rule.
    let list = b"0014command=ls-refs\n00010009peel\n0000";
    let options = UploadOptions { namespace: Some("w".to_owned()), protocol: Some("version=2".to_owned()), advertise: false };
    let shown = answer(repository.upload_pack_command(&options), list);
    assert!(shown.contains("refs/heads/main") && !hidden.iter().any(|id| shown.contains(id)), "{shown}");
}

/// Pushes over the stateless commands, as an HTTP door would pass them on.
fn push(repo: &GitRepo, repository: &Repository, from: &GitRepo, refname: &str, hooks: Option<&Path>) -> String {
    let new = from.id("HEAD");
    let old = repo.try_git(&["rev-parse", "-q", "--verify", &format!("refs/namespaces/w/{refname}")]);
    let old = if old.status.success() { String::from_utf8_lossy(&old.stdout).trim().to_owned() } else { "0".repeat(40) };
    let line = format!("{old} {new} {refname}\0report-status object-format=sha1");
    let mut input = format!("{:04x}{line}0000", line.len() + 4).into_bytes();
    input.extend(from.git_in(&["pack-objects", "--revs", "--stdout", "-q"], format!("{new}\n").as_bytes()));
    let options = ReceiveOptions {
        namespace: Some("w".to_owned()),
        hooks: hooks.map(Path::to_owned),
        env: vec![("ACETATE_TEST".into(), "given".into())],
        max_bytes: 1 << 20,
        ..ReceiveOptions::default()
    };
    let mut child = repository
        .receive_pack_command(&options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    child.stdin.take().expect("piped").write_all(&input).expect("written");
    let output = child.wait_with_output().expect("ended");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn pushes_pass_our_hook_or_nothing() {
    let (repo, repository) = shared_store();
    let hook = |dir: &Path, text: &str| {
        std::fs::create_dir_all(dir).expect("made");
        let file = dir.join("pre-receive");
        std::fs::write(&file, text).expect("written");
        assert!(std::process::Command::new("chmod").arg("+x").arg(&file).status().expect("chmod").success());
    };
    // A hook of the repository itself never runs.
    let ran = repo.beside("ran");
    hook(&repo.path().join("hooks"), &format!("#!/bin/sh\ntouch {}\n", ran.display()));
    let work = GitRepo::new(ObjectFormat::Sha1);
    work.write("new", "1");
    let pushed = work.commit("pushed");
    let said = push(&repo, &repository, &work, "refs/heads/pushed", None);
    assert!(said.contains("ok refs/heads/pushed"), "{said}");
    assert_eq!(repo.id("refs/namespaces/w/refs/heads/pushed"), pushed);
    assert!(!ran.exists());
    let ours = repo.beside("hooks");
    hook(&ours, "#!/bin/sh\ntest \"$ACETATE_TEST\" = given || exit 0\nexit 1\n");
    work.write("new", "2");
    work.commit("refused");
    let said = push(&repo, &repository, &work, "refs/heads/pushed", Some(&ours));
    assert!(said.contains("ng refs/heads/pushed"), "{said}");
    assert_eq!(repo.id("refs/namespaces/w/refs/heads/pushed"), pushed);
    assert_eq!(repository.kind(&work.id("HEAD")).expect("readable"), None, "it stayed in quarantine");
    for hidden in ["refs/acetate/keep/2", "refs/heads/../x"] {
        let said = push(&repo, &repository, &work, hidden, None);
        assert!(!said.contains(&format!("ok {hidden}")), "{said}");
    }
    let said = push(&repo, &repository, &hostile(".git"), "refs/heads/hostile", None);
    assert!(!said.contains("ok refs/heads/hostile"), "{said}");
}

#[test]
fn a_stateless_fetch_gives_what_is_shown_and_nothing_hidden() {
    let (repo, repository) = shared_store();
    let options = UploadOptions { namespace: Some("w".to_owned()), ..UploadOptions::default() };
    let ask = |id: ObjectId| {
        let line = format!("want {id} ofs-delta\n");
        let input = format!("{:04x}{line}00000009done\n", line.len() + 4);
        let mut child = repository
            .upload_pack_command(&options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("started");
        child.stdin.take().expect("piped").write_all(input.as_bytes()).expect("written");
        child.wait_with_output().expect("ended").stdout
    };
    let shown = ask(repo.id("main"));
    let at = shown.windows(4).position(|bytes| bytes == b"PACK").expect("a pack");
    let other = GitRepo::bare(ObjectFormat::Sha1);
    other.git_in(&["index-pack", "--stdin"], &shown[at..]);
    assert_eq!(other.git(&["cat-file", "-p", &format!("{}:dir/f", repo.id("main"))]), "2");
    let refused = ask(repo.id("side"));
    assert!(!refused.windows(4).any(|bytes| bytes == b"PACK"), "a ref of another namespace");
}

#[test]
fn a_mirror_has_the_same_refs_and_default_branch_and_follows() {
    for format in FORMATS {
        let from = sample(format);
        let repository = open(&from);
        repository.set_default_branch("side").expect("moved");
        from.git(&["update-ref", "refs/acetate/keep/1", "main~1"]);
        let copy = from.beside("copies/one");
        let refs = |repository: &Repository| repository.refs("refs/").expect("listed");
        for round in 0..2 {
            repository.mirror_to(&copy, MINUTE).expect("copied");
            let mirror = Repository::open(&copy, &OpenOptions::default()).expect("opens");
            assert_eq!(refs(&mirror), refs(&repository));
            assert_eq!(mirror.default_branch().expect("read").as_deref(), Some("side"));
            assert_eq!(mirror.fsck(true, MINUTE).expect("checked"), []);
            if round == 0 {
                from.git(&["update-ref", "-d", "refs/tags/v1"]);
                from.git(&["update-ref", "refs/heads/main", "main~1"]);
            }
        }
    }
}

/// What `ingest` says to a pack of these revisions of `from`, with `tips` as what it should reach.
fn check_ingest(to: &Repository, from: &GitRepo, revisions: &str, tip: ObjectId, max_bytes: u64) -> bool {
    let pack = from.git_in(&["pack-objects", "--revs", "--stdout", "-q", "--thin"], revisions.as_bytes());
    let files = || {
        let dir = to.git_dir().join("objects/pack");
        let mut names: Vec<_> = std::fs::read_dir(dir).expect("a folder").map(|entry| entry.expect("an entry").file_name()).collect();
        names.sort();
        names
    };
    let before = files();
    let known = to.kind(&tip).expect("readable");
    match to.ingest(&mut &pack[..], max_bytes, &[tip], MINUTE) {
        Ok(kept) => {
            assert_eq!(to.kind(&tip).expect("readable").map(|kind| kind.as_str()), Some("commit"));
            kept.release().expect("released");
            true
        }
        Err(_) => {
            assert_eq!(files(), before);
            assert_eq!(to.kind(&tip).expect("readable"), known);
            assert!(
                !std::fs::read_dir(to.git_dir().join("objects"))
                    .expect("a folder")
                    .any(|entry| { entry.expect("an entry").file_name().as_encoded_bytes().starts_with(b"acetate-incoming") })
            );
            false
        }
    }
}

#[test]
fn a_pushed_pack_comes_in_whole_and_checked_or_not_at_all() {
    for format in FORMATS {
        let from = sample(format);
        let to = GitRepo::bare(format);
        let repository = open(&to);
        let (first, main) = (from.id("main~1"), from.id("main"));
        let newest = format!("{main}\n^{first}\n");
        assert!(!check_ingest(&repository, &from, &newest, main, 1 << 20), "what it builds on is not here");
        assert!(!check_ingest(&repository, &from, &format!("{first}\n"), main, 1 << 20), "the tip is not in it");
        assert!(!check_ingest(&repository, &from, &format!("{first}\n"), first, 100), "too large");
        assert!(check_ingest(&repository, &from, &format!("{first}\n"), first, 1 << 20));
        to.git(&["update-ref", "refs/heads/main", &first.to_hex()]);
        assert!(check_ingest(&repository, &from, &newest, main, 1 << 20));
        to.git(&["update-ref", "refs/heads/main", &main.to_hex()]);
        assert_eq!(to.fsck(), "");
    }
    for name in [".git", "..", "git~1"] {
        let from = hostile(name);
        let to = GitRepo::bare(ObjectFormat::Sha1);
        let tip = from.id("main");
        assert!(!check_ingest(&open(&to), &from, &format!("{tip}\n"), tip, 1 << 20), "{name}");
    }
    let to = GitRepo::bare(ObjectFormat::Sha1);
    assert!(open(&to).ingest(&mut &b"no pack"[..], 1 << 20, &[], MINUTE).is_err());
}
