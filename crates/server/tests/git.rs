//! Git clients against a real engine: clone, fetch, push, with tokens over TCP.

#[expect(dead_code, reason = "each test binary uses its part of the support")]
mod support;

use acetate_testing::GitRepo;
use acetate_types::ObjectFormat;
use serde_json::json;
use std::process::Output;
use std::sync::Arc;
use support::Served;

async fn git(repo: &Arc<GitRepo>, args: &[&str]) -> Output {
    let (repo, args) = (repo.clone(), args.iter().map(|arg| (*arg).to_owned()).collect::<Vec<_>>());
    tokio::task::spawn_blocking(move || repo.try_git(&args)).await.expect("no panic")
}

async fn good(repo: &Arc<GitRepo>, args: &[&str]) -> String {
    let output = git(repo, args).await;
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

/// What git said when it failed.
async fn bad(repo: &Arc<GitRepo>, args: &[&str]) -> String {
    let output = git(repo, args).await;
    assert!(!output.status.success(), "git {args:?} should have failed");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

async fn start(format: ObjectFormat) -> (Served, Arc<GitRepo>) {
    let repo = GitRepo::bare(format);
    for text in ["one\n", "two\n", "three\n"] {
        repo.fast_commit("main", [("a.txt", "100644", Some(text))]);
    }
    (Served::start(repo).await, Arc::new(GitRepo::new(format)))
}

/// The address of a workspace with a token of these rights.
async fn address(served: &Served, workspace: &str, rights: &[&str]) -> String {
    let made = served.owner().post("/v1/tokens", &json!({ "rights": rights })).await.json(201);
    let token = made["token"].as_str().expect("a token").to_owned();
    format!("http://git:{token}@{}/git/{workspace}.git", served.addresses.tcp.expect("an address"))
}

async fn check_clone(client: &Arc<GitRepo>, url: &str, to: &str, options: &[&str]) {
    let to = client.beside(to);
    let to = to.to_str().expect("text");
    good(client, &[options, &["clone", "-q", url, to]].concat()).await;
    assert_eq!(good(client, &["-C", to, "rev-list", "--count", "HEAD"]).await, "3");
    good(client, &["-C", to, "fsck", "--strict"]).await;
    let listed = good(client, &["-C", to, "ls-remote"]).await;
    assert!(!listed.contains("acetate") && !listed.contains("namespaces"), "{listed}");
}

async fn check_clones(format: ObjectFormat) {
    let (served, client) = start(format).await;
    let owner = served.owner();
    let name = served.workspace().await;
    let url = address(&served, &name, &["read"]).await;
    for version in ["0", "2"] {
        check_clone(&client, &url, &format!("clone{version}"), &["-c", &format!("protocol.version={version}")]).await;
    }
    // What lands is fetched.
    let (session, _) = served.open("ada").await;
    owner.put(&format!("{session}/files/b.txt"), &[], b"b\n").await.json(201);
    let landed = owner.ask("POST", &format!("{session}/submit"), &[], "").await.json(200);
    let to = client.beside("clone2");
    let to = to.to_str().expect("text");
    good(&client, &["-C", to, "fetch", "-q"]).await;
    let commit = landed["commit"].as_str().expect("a commit");
    assert_eq!(good(&client, &["-C", to, "rev-parse", "origin/main"]).await, commit);
    // Whatever becomes of the branch on disk.
    served.repo.git(&["update-ref", "refs/heads/main", "main~1"]);
    for version in ["0", "2"] {
        let version = format!("protocol.version={version}");
        let listed = good(&client, &["-c", &version, "ls-remote", "--symref", &url]).await;
        assert!(listed.starts_with("ref: refs/heads/main\tHEAD\n") && listed.contains(&format!("{commit}\trefs/heads/main")), "{listed}");
    }
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clones_and_fetches() {
    check_clones(ObjectFormat::Sha1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clones_and_fetches_of_sha256() {
    check_clones(ObjectFormat::Sha256).await;
}

/// A fork lives in a ref namespace; its clones see its own branches and check out its default branch.
#[tokio::test(flavor = "multi_thread")]
async fn clones_of_a_fork() {
    let (served, client) = start(ObjectFormat::Sha1).await;
    let forks = format!("/v1/workspaces/{}/forks", served.workspace().await);
    served.owner().post(&forks, &json!({ "name": "fork" })).await.json(201);
    let url = address(&served, "fork", &["read"]).await;
    for version in ["0", "2"] {
        check_clone(&client, &url, &format!("clone{version}"), &["-c", &format!("protocol.version={version}")]).await;
    }
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_branches_of_a_fork_are_fetched() {
    let (served, client) = start(ObjectFormat::Sha1).await;
    let forks = format!("/v1/workspaces/{}/forks", served.workspace().await);
    served.owner().post(&forks, &json!({ "name": "fork" })).await.json(201);
    let url = address(&served, "fork", &["read"]).await;
    good(&client, &["fetch", "-q", &url, "refs/heads/main:refs/heads/fetched"]).await;
    assert_eq!(client.id("fetched"), served.repo.id("main"));
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_is_told_so() {
    let (served, client) = start(ObjectFormat::Sha1).await;
    let name = served.workspace().await;
    let tcp = served.addresses.tcp.expect("an address");
    let nobody = format!("http://{tcp}/git/{name}.git");
    let words = bad(&client, &["ls-remote", &nobody]).await;
    assert!(words.contains("could not read Username") || words.contains("Authentication failed"), "{words}");
    let words = bad(&client, &["ls-remote", &format!("http://git:made-up@{tcp}/git/{name}.git")]).await;
    assert!(words.contains("Authentication failed"), "{words}");
    let reader = address(&served, &name, &["read"]).await;
    let words = bad(&client, &["ls-remote", &reader.replace(&format!("/{name}.git"), "/nowhere.git")]).await;
    assert!(words.contains("workspace_not_found"), "{words}");
    let blind = address(&served, &name, &["write", "land"]).await;
    let words = bad(&client, &["ls-remote", &blind]).await;
    assert!(words.contains("right_missing"), "{words}");
    client.write("x", "x");
    client.commit("x");
    bad(&client, &["push", &reader, "main:refs/heads/other"]).await;
    // The dumb protocol, a missing content type, a service that there is not.
    let owner = served.owner();
    for (method, target) in [
        ("GET", format!("/git/{name}.git/info/refs")),
        ("GET", format!("/git/{name}.git/info/refs?service=git-upload-archive")),
        ("POST", format!("/git/{name}.git/git-upload-pack")),
        ("GET", format!("/git/{name}.git/HEAD")),
    ] {
        let reply = owner.ask(method, &target, &[], "").await;
        assert!(reply.status.is_client_error(), "{method} {target}: {}", reply.status);
    }
    served.end().await;
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, data).expect("compressed");
    encoder.finish().expect("compressed")
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_are_none_are_the_clients_to_mend() {
    let repo = GitRepo::bare(ObjectFormat::Sha1);
    repo.fast_commit("main", [("a.txt", "100644", Some("a\n"))]);
    let limits = acetate_server::HttpLimits { fetch_bytes: 1 << 20, ..acetate_server::HttpLimits::default() };
    let served = Served::with_limits(repo, limits).await;
    let target = format!("/git/{}.git/git-upload-pack", served.workspace().await);
    let owner = served.owner();
    let wants = format!("0032want {}\n", served.repo.id("main")).repeat(100_000).into_bytes();
    let media = ("content-type", "application/x-git-upload-pack-request");
    let zipped = ("content-encoding", "gzip");
    let v2 = ("git-protocol", "version=2");
    for (headers, body, status, code) in [
        (&[media][..], b"garbage".to_vec(), 400, "git_request_invalid"),
        (&[media], b"0009hello".to_vec(), 400, "git_request_invalid"),
        (&[media, v2], b"0009hello0000".to_vec(), 400, "git_request_invalid"),
        (&[media, zipped], gzip(b"garbage"), 400, "git_request_invalid"),
        (&[media, zipped], b"no gzip".to_vec(), 400, "content_encoding"),
        // Few bytes that stand for many: they are never there all at once.
        (&[media, zipped], gzip(&wants), 413, "body_too_large"),
        // What git does not read is not even inflated.
        (&[media, zipped], gzip(&vec![b'0'; 64 << 20]), 200, ""),
    ] {
        let reply = owner.ask("POST", &target, headers, body).await;
        let words = String::from_utf8_lossy(&reply.body).into_owned();
        assert!(reply.status.as_u16() == status && words.contains(code), "{headers:?}: {} {words}", reply.status);
    }
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pushes_land() {
    let (served, client) = start(ObjectFormat::Sha1).await;
    let owner = served.owner();
    let name = served.workspace().await;
    let url = address(&served, &name, &["read", "write", "land"]).await;
    let to = client.beside("clone");
    let to = to.to_str().expect("text");
    good(&client, &["clone", "-q", &url, to]).await;
    let clone = ["-C", to];
    std::fs::write(client.beside("clone").join("pushed.txt"), "pushed\n").expect("written");
    good(&client, &[&clone[..], &["add", "-A"]].concat()).await;
    good(&client, &[&clone[..], &["commit", "-q", "-m", "pushed"]].concat()).await;
    good(&client, &[&clone[..], &["push", "-q", "origin", "main"]].concat()).await;
    let versions = owner.get(&format!("/v1/workspaces/{name}/versions?limit=1")).await.json(200);
    let tip = good(&client, &[&clone[..], &["rev-parse", "HEAD"]].concat()).await;
    assert_eq!((&versions["versions"][0]["kind"], &versions["versions"][0]["commit"]), (&json!("push"), &json!(tip)));
    // The workspace moves on; a push that does not stand on it is refused with a reason, as a submission it is merged.
    let (session, _) = served.open("ada").await;
    owner.put(&format!("{session}/files/b.txt"), &[], b"b\n").await.json(201);
    owner.ask("POST", &format!("{session}/submit"), &[], "").await.json(200);
    std::fs::write(client.beside("clone").join("later.txt"), "later\n").expect("written");
    good(&client, &[&clone[..], &["add", "-A"]].concat()).await;
    good(&client, &[&clone[..], &["commit", "-q", "-m", "later"]].concat()).await;
    let words = bad(&client, &[&clone[..], &["push", "--force", "origin", "main"]].concat()).await;
    assert!(words.contains("remote rejected"), "{words}");
    good(&client, &[&clone[..], &["push", "-q", "origin", "main:refs/for/main"]].concat()).await;
    good(&client, &[&clone[..], &["pull", "-q", "--rebase"]].concat()).await;
    assert!(client.beside("clone").join("b.txt").exists() && client.beside("clone").join("later.txt").exists());
    // A tag becomes a checkpoint; what is Acetate's own can't be written.
    good(&client, &[&clone[..], &["tag", "-a", "-m", "m", "point"]].concat()).await;
    good(&client, &[&clone[..], &["push", "-q", "origin", "point"]].concat()).await;
    assert_eq!(owner.get(&format!("/v1/workspaces/{name}/checkpoints")).await.json(200)["checkpoints"][0]["name"], "point");
    bad(&client, &[&clone[..], &["push", "origin", "main:refs/acetate/x"]].concat()).await;
    bad(&client, &[&clone[..], &["push", "origin", "main:refs/namespaces/x/refs/heads/y"]].concat()).await;
    let repo = served.end().await;
    assert_eq!(repo.fsck(), "");
}
