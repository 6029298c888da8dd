//! The protocol against the real `git` as a client, with a plain repository and `git index-pack` in place of the engine.

use super::advertise::advertisement;
use super::feed::Asked;
use super::fetch::{Times, stream};
use super::inflate::Encoding;
use super::process::Upload;
use super::push::take;
use super::push_body::push_body;
use super::refusal::Refusal;
use super::request::protocol;
use acetate_engine::{AdvertisedRef, EngineError, PushCommand, PushReport};
use acetate_testing::{GitRepo, git_command};
use acetate_types::{ErrorKind, ObjectFormat};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use std::io::{Read, Write as _};
use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// What is served: a repository, or a namespace of it.
struct Served {
    dir: PathBuf,
    namespace: Option<String>,
    format: ObjectFormat,
}

const TIMES: Times = Times { whole: Duration::from_secs(60), ending: Duration::from_secs(10) };

async fn info_refs(State(served): State<Arc<Served>>, request: Request) -> Result<impl IntoResponse, Refusal> {
    let headers = request.headers();
    if request.uri().query() == Some("service=git-receive-pack") {
        let media = [("content-type", "application/x-git-receive-pack-advertisement")];
        return Ok((media, advertisement(&refs(&served), served.format)).into_response());
    }
    let protocol = protocol(headers);
    let mut prefix = Vec::new();
    if protocol != Some("version=2") {
        prefix.extend_from_slice(b"001e# service=git-upload-pack\n0000");
    }
    let upload = Upload { dir: &served.dir, namespace: served.namespace.as_deref(), protocol, advertise: true };
    let body = stream(upload, None, prefix, TIMES, ()).await?;
    Ok(([("content-type", "application/x-git-upload-pack-advertisement")], body).into_response())
}

async fn upload_pack(State(served): State<Arc<Served>>, headers: HeaderMap, body: axum::body::Bytes) -> Result<impl IntoResponse, Refusal> {
    let asked = Asked::bare(body, Encoding::of(&headers)?, 1 << 20);
    let upload = Upload { dir: &served.dir, namespace: served.namespace.as_deref(), protocol: protocol(&headers), advertise: false };
    let body = stream(upload, Some(asked), Vec::new(), TIMES, ()).await?;
    Ok(([("content-type", "application/x-git-upload-pack-result")], body))
}

async fn receive_pack(State(served): State<Arc<Served>>, request: Request) -> Result<impl IntoResponse, Refusal> {
    let (pump, reader) = push_body(1 << 30, Duration::from_secs(20));
    let pushing = tokio::task::spawn_blocking(move || {
        take(|commands: &[PushCommand], pack: Option<&mut (dyn Read + Send)>| land(&served, commands, pack), reader, served.format)
    });
    let ((), body) = tokio::join!(pump.feed(request.into_body()), pushing);
    Ok(([("content-type", "application/x-git-receive-pack-result")], body.expect("no panic")?))
}

fn refs(served: &Served) -> Vec<AdvertisedRef> {
    let listed = git_command(&served.dir).args(["for-each-ref", "--format=%(objectname) %(refname)"]).output().expect("refs");
    let prefix = served.namespace.as_ref().map_or(String::new(), |name| format!("refs/namespaces/{name}/"));
    String::from_utf8(listed.stdout)
        .expect("text")
        .lines()
        .filter_map(|line| {
            let (id, name) = line.split_once(' ')?;
            let name = name.strip_prefix(&prefix)?;
            let shown = name.starts_with("refs/heads/") || name.starts_with("refs/tags/");
            shown.then(|| AdvertisedRef { name: name.to_owned().into(), target: id.parse().expect("an id"), peeled: None })
        })
        .collect()
}

/// What the engine does, in short: the pack is checked and stored, then each ref moves; `refs/heads/closed` is refused.
fn land(served: &Served, commands: &[PushCommand], pack: Option<&mut (dyn Read + Send)>) -> Result<Vec<PushReport>, EngineError> {
    if let Some(pack) = pack {
        let mut data = Vec::new();
        pack.read_to_end(&mut data).map_err(|error| EngineError::invalid("pack_rejected", error.to_string()))?;
        let mut index = git_command(&served.dir)
            .args(["index-pack", "--stdin", "--strict", "--fix-thin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("git");
        index.stdin.take().expect("a pipe").write_all(&data).ok();
        if !index.wait().expect("an end").success() {
            return Err(EngineError::new(ErrorKind::Invalid, "pack_rejected", "the pack is damaged"));
        }
    }
    let one = |command: &PushCommand| {
        let name = String::from_utf8_lossy(&command.name).into_owned();
        if name == "refs/heads/closed" {
            return Err("this branch is closed".to_owned());
        }
        let full = served.namespace.as_ref().map_or(name.clone(), |namespace| format!("refs/namespaces/{namespace}/{name}"));
        let old = command.old.map_or("0".repeat(served.format.id_len() * 2), |id| id.to_hex());
        let new = command.new.map_or(String::new(), |id| id.to_hex());
        let args = if new.is_empty() { vec!["update-ref", "-d", &full, &old] } else { vec!["update-ref", &full, &new, &old] };
        let moved = git_command(&served.dir).args(args).output().expect("git");
        if moved.status.success() { Ok("landed".to_owned()) } else { Err("it moved meanwhile".to_owned()) }
    };
    Ok(commands.iter().map(|command| PushReport { name: command.name.clone(), result: one(command) }).collect())
}

/// Serves a repository over HTTP and gives its address.
async fn serve(repo: &GitRepo, namespace: Option<&str>, format: ObjectFormat) -> String {
    let served = Served { dir: repo.path().join(".git"), namespace: namespace.map(str::to_owned), format };
    let served = Arc::new(Served { dir: if served.dir.exists() { served.dir } else { repo.path().to_owned() }, ..served });
    let routes = Router::new()
        .route("/r.git/info/refs", get(info_refs))
        .route("/r.git/git-upload-pack", post(upload_pack))
        .route("/r.git/git-receive-pack", post(receive_pack))
        .layer(axum::extract::DefaultBodyLimit::disable())
        .with_state(served);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, routes).await });
    format!("http://{address}/r.git")
}

/// Runs `git` off the async threads, so that the server goes on.
async fn git(repo: &Arc<GitRepo>, args: &[&str]) -> Output {
    let (repo, args) = (repo.clone(), args.iter().map(|arg| (*arg).to_owned()).collect::<Vec<_>>());
    tokio::task::spawn_blocking(move || repo.try_git(&args)).await.expect("no panic")
}

async fn good(repo: &Arc<GitRepo>, args: &[&str]) -> String {
    let output = git(repo, args).await;
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

/// A repository of three commits, with refs of Acetate's own and another workspace's that nobody must see; with a namespace, its branches are there.
fn repository(namespace: Option<&str>, format: ObjectFormat) -> GitRepo {
    let repo = GitRepo::new(format);
    for at in 0..3 {
        repo.write(format!("f{at}.txt"), format!("text {at}\n"));
        repo.commit(&format!("commit {at}"));
    }
    repo.git(&["tag", "-a", "-m", "a point", "point"]);
    repo.git(&["update-ref", "refs/acetate/keep/x", "HEAD~1"]);
    repo.git(&["update-ref", "refs/namespaces/other/refs/heads/secret", "HEAD"]);
    if let Some(namespace) = namespace {
        let at = |name: &str| format!("refs/namespaces/{namespace}/{name}");
        repo.git(&["update-ref", &at("refs/heads/main"), "HEAD"]);
        repo.git(&["update-ref", &at("refs/heads/side"), "HEAD~1"]);
        repo.git(&["update-ref", &at("refs/acetate/hidden"), "HEAD~1"]);
        repo.git(&["symbolic-ref", &at("HEAD"), &at("refs/heads/main")]);
    }
    repo
}

async fn check_fetches(namespace: Option<&str>, format: ObjectFormat) {
    let repo = repository(namespace, format);
    let tip = repo.id("main").to_hex();
    let url = serve(&repo, namespace, format).await;
    let client = Arc::new(GitRepo::new(format));
    for version in ["0", "1", "2"] {
        let protocol = format!("protocol.version={version}");
        let listed = good(&client, &["-c", &protocol, "ls-remote", &url]).await;
        assert!(listed.contains(&format!("{tip}\tHEAD")) && listed.contains(&format!("{tip}\trefs/heads/main")), "v{version}: {listed}");
        for hidden in ["acetate", "namespaces", "secret"] {
            assert!(!listed.contains(hidden), "v{version}: {listed}");
        }
        assert_eq!(listed.contains("refs/heads/side"), namespace.is_some());
        let clone = format!("clone{version}");
        let to = client.beside(&clone);
        let to = to.to_str().expect("text");
        good(&client, &["-c", &protocol, "clone", "-q", &url, to]).await;
        assert_eq!(good(&client, &["-C", to, "rev-parse", "HEAD"]).await, tip);
        good(&client, &["-C", to, "fsck", "--strict"]).await;
        let shallow = client.beside(&format!("shallow{version}"));
        let shallow = shallow.to_str().expect("text");
        good(&client, &["-c", &protocol, "clone", "-q", "--depth=1", &url, shallow]).await;
        assert_eq!(good(&client, &["-C", shallow, "rev-list", "--count", "HEAD"]).await, "1");
        good(&client, &["-C", shallow, "-c", &protocol, "fetch", "-q", "--unshallow"]).await;
        assert_eq!(good(&client, &["-C", shallow, "rev-list", "--count", "HEAD"]).await, "3");
        let partial = client.beside(&format!("partial{version}"));
        let partial = partial.to_str().expect("text");
        // Its checkout fetches the blobs it lacks, by id.
        good(&client, &["-c", &protocol, "clone", "-q", "--filter=blob:none", &url, partial]).await;
        assert_eq!(good(&client, &["-C", partial, "show", "HEAD~1:f1.txt"]).await, "text 1");
    }
    // A later commit reaches a clone by a fetch.
    repo.write("later.txt", "later\n");
    let later = repo.commit("later").to_hex();
    if let Some(namespace) = namespace {
        repo.git(&["update-ref", &format!("refs/namespaces/{namespace}/refs/heads/main"), &later]);
    }
    let to = client.beside("clone2");
    let to = to.to_str().expect("text");
    good(&client, &["-C", to, "fetch", "-q"]).await;
    assert_eq!(good(&client, &["-C", to, "rev-parse", "origin/main"]).await, later);
}

#[tokio::test(flavor = "multi_thread")]
async fn clones_and_fetches_of_a_repository_in_place() {
    check_fetches(None, ObjectFormat::Sha1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clones_and_fetches_of_a_namespace() {
    check_fetches(Some("w_0000000000000000"), ObjectFormat::Sha256).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_repository_clones() {
    let repo = GitRepo::bare(ObjectFormat::Sha1);
    let url = serve(&repo, None, ObjectFormat::Sha1).await;
    let client = Arc::new(GitRepo::new(ObjectFormat::Sha1));
    for version in ["0", "2"] {
        let to = client.beside(version);
        good(&client, &["-c", &format!("protocol.version={version}"), "clone", "-q", &url, to.to_str().expect("text")]).await;
    }
}

async fn check_pushes(format: ObjectFormat) {
    let repo = GitRepo::bare(format);
    let url = serve(&repo, None, format).await;
    let client = Arc::new(GitRepo::new(format));
    for at in 0..3 {
        client.write(format!("f{at}"), format!("{at}"));
        client.commit("m");
    }
    // Into an empty repository, then forward, a tag beside it, a deletion, and nothing new.
    good(&client, &["push", "-q", &url, "main~1:refs/heads/main"]).await;
    client.git(&["tag", "-a", "-m", "m", "point"]);
    good(&client, &["push", "-q", &url, "main", "point", "main:refs/heads/side"]).await;
    assert_eq!(repo.id("main"), client.id("main"));
    assert_eq!(repo.id("point"), client.id("point"));
    good(&client, &["push", "-q", &url, ":refs/heads/side"]).await;
    assert!(!repo.try_git(&["rev-parse", "--verify", "-q", "refs/heads/side"]).status.success());
    good(&client, &["push", &url, "main"]).await;
    // One ref refused, the other landed; people read why.
    let output = git(&client, &["push", &url, "main:refs/heads/open", "main:refs/heads/closed"]).await;
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(words.contains("remote rejected") && words.contains("this branch is closed") && words.contains("remote: landed"), "{words}");
    assert_eq!(repo.id("open"), client.id("main"));
    // A large push comes in chunks, after a request with nothing in it.
    let noise: Vec<u8> = (0..3_000_000u32).flat_map(|at| at.wrapping_mul(2_654_435_761).rotate_left(at % 31).to_le_bytes()).collect();
    client.write("large", &noise);
    client.commit("large");
    good(&client, &["push", "-q", &url, "main"]).await;
    assert_eq!(repo.id("main"), client.id("main"));
    assert_eq!(repo.fsck(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn pushes() {
    check_pushes(ObjectFormat::Sha1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pushes_of_sha256() {
    check_pushes(ObjectFormat::Sha256).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_answer_takes_its_process_with_it() {
    let repo = repository(None, ObjectFormat::Sha1);
    let upload = Upload { dir: &repo.path().join(".git"), namespace: None, protocol: None, advertise: false };
    // Waits for a request that never comes, until it is dropped.
    let process = upload.spawn().expect("git");
    let pid = rustix::process::Pid::from_raw(process.child.id().expect("it runs") as i32).expect("a process");
    assert!(rustix::process::test_kill_process(pid).is_ok());
    drop(process);
    for _ in 0..500 {
        if rustix::process::test_kill_process(pid).is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("git upload-pack goes on without its request");
}
