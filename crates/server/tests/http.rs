//! The API over real sockets, with a real engine on a real repository.

mod support;

use acetate_server::HttpLimits;
use acetate_testing::GitRepo;
use acetate_types::ObjectFormat;
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};
use std::time::Duration;
use support::{Client, Served};

fn repository() -> GitRepo {
    let repo = GitRepo::bare(ObjectFormat::Sha1);
    let files = [("README.md", "read me\n"), ("src/lib.rs", "fn one() {}\nfn two() {}\n"), ("src/deep/x.txt", "x\n")];
    repo.fast_commit("main", files.map(|(path, text)| (path, "100644", Some(text))));
    repo
}

#[tokio::test(flavor = "multi_thread")]
async fn from_opening_to_landing() {
    let served = Served::start(repository()).await;
    let owner = served.owner();
    assert_eq!(owner.get("/v1").await.json(200)["state"], "healthy");
    let name = served.workspace().await;
    let (session, _) = served.open("ada").await;
    let file = format!("{session}/files/src/new%20file.rs");

    let made = owner.put(&file, &[("if-none-match", "*"), ("acetate-mode", "100755")], b"fn new() {}\n").await;
    let answer = made.json(201);
    assert_eq!((&answer["created"], &answer["size"]), (&json!(true), &json!(12)));
    assert!(answer["standing"]["base"]["commit"].is_string() && answer["standing"]["behind"] == 0, "{answer}");
    let etag = made.header("etag").to_owned();
    assert_eq!(etag, format!("\"{}\"", answer["etag"].as_str().expect("a revision")));

    let read = owner.get(&file).await;
    assert_eq!((read.status.as_u16(), &read.body[..]), (200, &b"fn new() {}\n"[..]));
    assert_eq!((read.header("etag"), read.header("acetate-mode"), read.header("acetate-behind")), (&*etag, "100755", "0"));
    assert_eq!((read.header("content-type"), read.header("x-content-type-options")), ("application/octet-stream", "nosniff"));
    assert_eq!(owner.ask("GET", &file, &[("if-none-match", &etag)], "").await.status, 304);
    let part = owner.ask("GET", &file, &[("range", "bytes=3-5")], "").await;
    assert_eq!((part.status.as_u16(), &part.body[..], part.header("content-range")), (206, &b"new"[..], "bytes 3-5/12"));
    owner.ask("GET", &file, &[("range", "bytes=90-")], "").await.problem(416, "range_unsatisfiable");
    let head = owner.ask("HEAD", &file, &[], "").await;
    assert_eq!((head.status.as_u16(), head.header("etag"), head.body.len()), (200, &*etag, 0));

    owner.put(&file, &[("if-match", "\"something-else\"")], b"x").await.problem(412, "stale_revision");
    owner.put(&file, &[("if-none-match", "*")], b"x").await.problem(412, "stale_revision");
    assert_eq!(owner.put(&file, &[("if-match", &etag)], b"fn newer() {}\n").await.status, 200);

    let edit = json!({ "path": "src/lib.rs", "edits": [{ "old": "two", "new": "three" }] });
    assert_eq!(owner.post(&format!("{session}/edit"), &edit).await.json(200)["replacements"], 1);
    owner.post(&format!("{session}/edit"), &edit).await.problem(400, "text_not_found");
    let found = owner.post(&format!("{session}/grep"), &json!({ "pattern": "fn \\w+", "glob": "**/*.rs" })).await.json(200);
    assert_eq!(found["files"].as_array().map(Vec::len), Some(2), "{found}");
    let batch = json!({ "edits": [{ "op": "write", "path": "a.txt", "content": "a" }, { "op": "delete", "path": "src/deep/x.txt" }] });
    assert_eq!(owner.post(&format!("{session}/batch"), &batch).await.json(200)["written"].as_array().map(Vec::len), Some(2));
    assert_eq!(owner.post(&format!("{session}/move"), &json!({ "from": "a.txt", "to": "b.txt" })).await.status, 200);
    assert_eq!(owner.post(&format!("{session}/mode"), &json!({ "path": "b.txt", "mode": "100755" })).await.status, 200);
    owner.ask("DELETE", &format!("{session}/files/nowhere"), &[], "").await.problem(404, "path_not_found");
    let listed = owner.get(&format!("{session}/files?changed=true")).await.json(200);
    assert!(listed["files"].as_array().is_some_and(|files| files.iter().any(|file| file["path"] == "b.txt")), "{listed}");
    assert!(owner.get(&format!("{session}/status")).await.json(200)["changed"].as_u64() >= Some(4));
    let diff = owner.get(&format!("{session}/diff?patch=true&path=src/lib.rs")).await.json(200);
    assert!(diff["patch"].as_str().is_some_and(|patch| patch.contains("+fn three() {}")), "{diff}");

    assert_eq!(owner.post(&format!("{session}/commit"), &json!({ "message": "a turn" })).await.json(200)["turn"], 1);
    assert_eq!(owner.post(&format!("{session}/submit"), &json!({ "dry_run": true })).await.json(200)["result"], "landed");
    let landed = owner.ask("POST", &format!("{session}/submit"), &[], "").await.json(200);
    assert_eq!(landed["result"], "landed", "{landed}");
    let version = landed["version"].as_u64().expect("a version");
    let versions = owner.get(&format!("/v1/workspaces/{name}/versions?limit=1")).await.json(200);
    assert_eq!(versions["versions"][0]["version"], version);
    let kept = owner.get(&format!("/v1/submissions/{}", landed["id"].as_str().expect("an id"))).await.json(200);
    assert_eq!(kept["version"], version);
    let change = owner.get(&format!("/v1/changes/{}", landed["commit"].as_str().expect("a commit"))).await.json(200);
    assert_eq!(change["version"], version);
    let there = owner.get(&format!("/v1/workspaces/{name}/files/b.txt?at=v{version}")).await;
    assert_eq!((there.status.as_u16(), &there.body[..], there.header("acetate-mode")), (200, &b"a"[..], "100755"));
    owner.get(&format!("/v1/workspaces/{name}/files/b.txt?at=v{}", version + 1)).await.problem(404, "point_not_found");
    assert_eq!(owner.ask("DELETE", &session, &[], "").await.status, 200);
    let repo = served.end().await;
    assert_eq!(repo.git(&["show", "main:b.txt"]), "a");
    assert_eq!(repo.fsck(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_in_one_function_meet_by_its_name() {
    let served = Served::start(repository()).await;
    let owner = served.owner();
    let name = served.workspace().await;
    let (ada, _) = served.open("ada").await;
    let (bob, _) = served.open("bob").await;
    let body = |first: &str, last: &str| format!("fn run() {{\n    first({first});\n    second();\n    third();\n    last({last});\n}}\n");
    let (setup, _) = served.open("setup").await;
    owner.ask("PUT", &format!("{setup}/files/src/run.rs"), &[], body("0", "0")).await.json(201);
    owner.ask("POST", &format!("{setup}/submit"), &[], "").await.json(200);
    for (session, text) in [(&ada, body("1", "0")), (&bob, body("0", "2"))] {
        owner.ask("POST", &format!("{session}/sync"), &[], "").await.json(200);
        owner.ask("PUT", &format!("{session}/files/src/run.rs"), &[], text).await.json(200);
    }
    let told = owner.get(&format!("{ada}/symbols?path=src/run.rs")).await.json(200);
    assert_eq!((&told["symbols"][0]["symbol"], &told["language"]), (&json!("run"), &json!("rust")), "{told}");
    let notice = &told["standing"]["notices"][0];
    assert_eq!((&notice["symbol"], &notice["agent"]), (&json!("run"), &json!("bob")), "{told}");
    owner.ask("POST", &format!("{ada}/submit"), &[], "").await.json(200);
    let met = owner.ask("POST", &format!("{bob}/submit"), &[], "").await.json(200);
    assert_eq!((&met["result"], &met["open"], &met["conflicts"][0]["symbol"]), (&json!("conflict"), &json!(1), &json!("run")), "{met}");
    let marked = owner.get(&format!("{bob}/conflicts/src/run.rs?style=merge")).await;
    let shown = String::from_utf8_lossy(&marked.body).into_owned();
    assert!(marked.status == 200 && shown.contains("<<<<<<<") && shown.contains(": run"), "{shown}");
    let take = json!({ "path": "src/run.rs", "symbol": "run", "take": "proposal", "submit": true });
    let landed = owner.post(&format!("{bob}/resolve"), &take).await.json(200);
    assert_eq!((&landed["moved"], &landed["submission"]["result"]), (&json!(true), &json!("landed")), "{landed}");
    let page = owner.get(&format!("/v1/workspaces/{name}/events?wait=0&symbol=run")).await.json(200);
    let agents: Vec<&serde_json::Value> = page["events"].as_array().expect("events").iter().map(|event| &event["data"]["agent"]).collect();
    assert_eq!(agents, ["setup", "ada", "bob"]);
    let file = owner.get(&format!("/v1/workspaces/{name}/files/src/run.rs")).await;
    assert_eq!(String::from_utf8_lossy(&file.body), body("1", "2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn tcp_needs_a_token_that_reaches_what_it_asks_for() {
    let served = Served::start(repository()).await;
    let (session, token) = served.open("ada").await;
    let (other, _) = served.open("bob").await;
    let nobody = served.remote(None);
    assert_eq!(nobody.get("/healthz").await.json(200), json!({ "status": "ok" }));
    for target in ["/v1", &session, "/v1/openapi.json", &format!("{session}?token={token}")] {
        let reply = nobody.get(target).await;
        reply.problem(401, "token_missing");
        assert!(reply.header("www-authenticate").starts_with("Bearer"));
    }
    served.remote(Some("made-up")).get(&session).await.problem(401, "token_unknown");
    // Also the owner's socket takes a token at its word.
    let wrong = [("authorization", "Bearer made-up")];
    served.owner().ask("GET", &session, &wrong, "").await.problem(401, "token_unknown");
    let ada = served.remote(Some(&token));
    assert_eq!(ada.get(&session).await.json(200)["agent"], "ada");
    assert_eq!(ada.put(&format!("{session}/files/a"), &[], b"a").await.status, 201);
    let absent = ada.get("/v1/sessions/s_0000000000000000").await.problem(404, "session_not_found");
    assert_eq!(ada.get(&other).await.problem(404, "session_not_found")["title"], absent["title"]);
    ada.post("/v1/tokens", &json!({ "rights": ["admin"] })).await.problem(403, "right_missing");
    // Without the right to read, nothing is shown, and nothing of what others do is told.
    let made = served.owner().post("/v1/tokens", &json!({ "rights": ["write"] })).await.json(201);
    let blind = served.remote(made["token"].as_str());
    blind.get(&session).await.problem(403, "right_missing");
    let sessions = format!("/v1/workspaces/{}/sessions", served.workspace().await);
    let opened = blind.post(&sessions, &json!({ "agent": "eve" })).await.json(201);
    let own = served.remote(opened["token"].as_str());
    let own_session = format!("/v1/sessions/{}", opened["id"].as_str().expect("an id"));
    own.get(&own_session).await.problem(403, "right_missing");
    served.owner().post(&format!("/v1/workspaces/{}/branches", served.workspace().await), &json!({ "name": "side" })).await.json(201);
    let written = own.put(&format!("{own_session}/files/b"), &[], b"b").await.json(201);
    assert_eq!(written["standing"]["events"], Value::Null, "{written}");
    own.post(&format!("{own_session}/submit"), &json!({})).await.problem(403, "right_missing");
    let made = served.owner().post("/v1/tokens", &json!({ "rights": ["read"], "label": "reader" })).await.json(201);
    let reader = served.remote(made["token"].as_str());
    assert_eq!(reader.get("/v1").await.status, 200);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_and_origins_are_checked_on_every_route() {
    let served = Served::start(repository()).await;
    let name = served.workspace().await;
    let clients: [Client; 2] = [served.owner(), served.remote(None)];
    for client in clients {
        for target in
            ["/v1", "/healthz", "/nowhere", &format!("/git/{name}.git/info/refs?service=git-upload-pack"), "/v1/sessions/x/files/y"]
        {
            for method in ["GET", "PUT"] {
                let refused = client.ask(method, target, &[("host", "evil.example")], "").await;
                refused.problem(403, "host_forbidden");
                assert_eq!((refused.header("x-content-type-options"), refused.header("cache-control")), ("nosniff", "private, no-cache"));
                client.ask(method, target, &[("origin", "https://evil.example")], "").await.problem(403, "origin_forbidden");
            }
        }
    }
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_requests_are_problems() {
    let limits = HttpLimits { body_bytes: 4_000, file_bytes: 9_000, json_depth: 6, ..HttpLimits::default() };
    let served = Served::with_limits(repository(), limits).await;
    let owner = served.owner();
    let (session, _) = served.open("ada").await;
    owner.get("/v1/nowhere").await.problem(404, "route_not_found");
    owner.get("/").await.problem(404, "route_not_found");
    let wrong = owner.ask("DELETE", "/v1", &[], "").await;
    wrong.problem(405, "method_not_allowed");
    assert!(wrong.header("allow").contains("GET"));
    let submit = format!("{session}/submit");
    owner.post(&submit, &json!({ "surprise": 1 })).await.problem(400, "json_shape");
    owner.post(&submit, &json!({ "message": 7 })).await.problem(400, "json_shape");
    owner.ask("POST", &submit, &[("content-type", "application/json")], "{\"message\":").await.problem(400, "json_invalid");
    owner.ask("POST", &submit, &[("content-type", "text/plain")], "{}").await.problem(415, "content_type");
    owner.ask("POST", &submit, &[("content-type", "application/json")], "[".repeat(7)).await.problem(400, "json_too_deep");
    owner.post(&submit, &json!({ "message": "m".repeat(5_000) })).await.problem(413, "body_too_large");
    owner.ask("PUT", &format!("{session}/files/a"), &[], vec![b'x'; 9_001]).await.problem(413, "body_too_large");
    owner.get(&format!("{session}?surprise=1")).await.problem(400, "query_unknown");
    owner.get(&format!("{session}/files?limit=x")).await.problem(400, "query_invalid");
    owner.put(&format!("{session}/files/a"), &[("if-match", "unquoted")], b"x").await.problem(400, "precondition_invalid");
    owner.put(&format!("{session}/files/a"), &[("acetate-mode", "777")], b"x").await.problem(400, "mode_invalid");
    owner.put(&format!("{session}/files/.git/config"), &[], b"x").await.problem(400, "path_dot_git");
    owner.put(&format!("{session}/files/%2e%2e/x"), &[], b"x").await.problem(400, "path_relative");
    for absent in ["/v1/sessions/x", "/v1/sessions/%ff", "/v1/sessions/s_0000000000000000"] {
        owner.get(absent).await.problem(404, "session_not_found");
    }
    for absent in ["/v1/workspaces/nowhere", "/v1/workspaces/%ff"] {
        owner.get(absent).await.problem(404, "workspace_not_found");
    }
    // Every route knows its parameters, and what they may be.
    let name = served.workspace().await;
    let workspace = format!("/v1/workspaces/{name}");
    for (method, target, body) in [
        ("POST", format!("{workspace}/sessions"), json!({ "agent": "x" })),
        ("POST", format!("{session}/pause"), json!({})),
        ("POST", format!("{session}/resume"), json!({})),
        ("POST", format!("{session}/fork"), json!({ "agent": "x" })),
        ("POST", "/v1/workspaces".to_owned(), json!({})),
        ("PATCH", workspace.clone(), json!({})),
        ("POST", format!("{workspace}/branches"), json!({ "name": "x" })),
        ("POST", format!("{workspace}/forks"), json!({})),
        ("POST", format!("{workspace}/catch-up"), json!({})),
        ("POST", format!("{workspace}/checkpoints"), json!({ "name": "x" })),
        ("POST", format!("{workspace}/undo"), json!({})),
        ("POST", "/v1/tokens".to_owned(), json!({ "rights": ["read"] })),
        ("POST", "/v1/backup".to_owned(), json!({ "path": "/x" })),
    ] {
        owner.ask(method, &format!("{target}?surprise=1"), &[], body.to_string()).await.problem(400, "query_unknown");
    }
    for target in ["files", "versions", "operations", "events"].map(|name| format!("{workspace}/{name}")) {
        owner
            .get(&format!("{target}?limit=0&{}", if target.ends_with("events") { "wait=0" } else { "" }))
            .await
            .problem(400, "limit_invalid");
    }
    owner.get("/v1/workspaces?limit=0").await.problem(400, "limit_invalid");
    owner.get(&format!("{session}/files?limit=0")).await.problem(400, "limit_invalid");
    owner.post(&format!("{session}/grep"), &json!({ "pattern": "x", "limit": 0 })).await.problem(400, "limit_invalid");
    owner.post(&format!("{workspace}/sessions"), &json!(["x"])).await.problem(400, "json_shape");
    owner.post("/v1/workspaces", &json!({ "from": { "template": "x" } })).await.problem(404, "workspace_not_found");
    owner.ask("GET", "/v1", &[("x-long", &"x".repeat(40_000))], "").await.problem(431, "head_too_large");
    assert_eq!(owner.ask("GET", "/v1", &[("x-long", &"x".repeat(30_000))], "").await.status, 200);
    // A name that is taken says nothing of who has it.
    let taken = owner.post("/v1/workspaces", &json!({ "name": "other" })).await.json(201);
    let refused = owner.ask("PATCH", "/v1/workspaces/other", &[], json!({ "name": name }).to_string()).await.problem(409, "name_taken");
    assert!(!refused.to_string().contains("w_"), "{refused} {taken}");
    owner.get("/v1/changes/xyz").await.problem(404, "change_not_found");
    owner.get("/v1/submissions/xyz").await.problem(404, "submission_not_found");
    owner.get(&format!("{session}/symbols")).await.problem(400, "symbols_unasked");
    owner.get(&format!("{session}/conflicts/a?style=odd")).await.problem(400, "style_unknown");
    owner.get(&format!("{session}/conflicts/a")).await.problem(404, "conflict_not_found");
    owner.post(&format!("{session}/submit"), &json!({ "same_symbol": "odd" })).await.problem(400, "json_shape");
    owner.get(&format!("/v1/workspaces/{name}/events?wait=61")).await.problem(400, "query_invalid");
    owner.get(&format!("/v1/workspaces/{name}/diff?from=v1")).await.problem(400, "query_invalid");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_texts_need_not_be_utf_8() {
    let served = Served::start(repository()).await;
    let owner = served.owner();
    let (session, _) = served.open("ada").await;
    let file = format!("{session}/files/odd/%FF%FE.bin");
    let made = owner.put(&file, &[], b"\xff\x00").await.json(201);
    assert_eq!(made["path"], json!({ "base64": "b2RkL//+LmJpbg==" }));
    assert_eq!(&owner.get(&file).await.body[..], b"\xff\x00");
    let listed = owner.get(&format!("{session}/files?prefix=odd")).await.json(200);
    assert_eq!(listed["files"][0]["path"], json!({ "base64": "b2RkL//+LmJpbg==" }));
    let lines = owner.post(&format!("{session}/read"), &json!({ "paths": [{ "base64": "b2RkL//+LmJpbg==" }, "README.md", "gone"] })).await;
    assert_eq!((lines.status.as_u16(), lines.header("content-type"), lines.header("acetate-behind")), (200, "application/x-ndjson", "0"));
    let lines: Vec<Value> = lines
        .body
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).expect("JSON"))
        .collect();
    assert_eq!(lines.len(), 3);
    assert_eq!((&lines[0]["content"], &lines[1]["content"]), (&json!({ "base64": "/wA=" }), &json!("read me\n")));
    assert!(lines[2]["code"].is_string(), "{}", lines[2]);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_makes_a_call_safe_to_repeat() {
    let served = Served::start(repository()).await;
    let owner = served.owner();
    let name = served.workspace().await;
    let target = format!("/v1/workspaces/{name}/checkpoints");
    let key = [("idempotency-key", "one"), ("content-type", "application/json")];
    let first = owner.ask("POST", &target, &key, json!({ "name": "a" }).to_string()).await.json(201);
    assert_eq!(owner.ask("POST", &target, &key, json!({ "name": "a" }).to_string()).await.json(201), first);
    let other = owner.ask("POST", &target, &key, json!({ "name": "b" }).to_string()).await;
    assert!(other.status.is_client_error());
    assert_eq!(owner.get(&target).await.json(200)["checkpoints"].as_array().map(Vec::len), Some(1));
    owner.ask("POST", &target, &[("idempotency-key", " ")], json!({ "name": "c" }).to_string()).await.problem(400, "idempotency_key");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_answers_with_a_token_is_safe_to_repeat_too() {
    let served = Served::start(repository()).await;
    let owner = served.owner();
    let name = served.workspace().await;
    let sessions = format!("/v1/workspaces/{name}/sessions");
    let ask = async |target: &str, key: &str, body: Value| {
        owner.ask("POST", target, &[("idempotency-key", key), ("content-type", "application/json")], body.to_string()).await
    };
    let first = ask(&sessions, "one", json!({ "agent": "ada" })).await.json(201);
    assert_eq!(ask(&sessions, "one", json!({ "agent": "ada" })).await.json(201), first);
    ask(&sessions, "one", json!({ "agent": "bob" })).await.problem(409, "idempotency_key_reused");
    let session = format!("/v1/sessions/{}", first["id"].as_str().expect("an id"));
    assert_eq!(served.remote(first["token"].as_str()).get(&session).await.json(200)["agent"], "ada");
    let fork = format!("{session}/fork");
    let forked = ask(&fork, "two", json!({ "agent": "eve" })).await.json(201);
    assert_eq!(ask(&fork, "two", json!({ "agent": "eve" })).await.json(201), forked);
    assert_eq!(owner.get(&sessions).await.json(200)["sessions"].as_array().map(Vec::len), Some(2));
    let made = ask("/v1/tokens", "three", json!({ "rights": ["read"] })).await.json(201);
    assert_eq!(ask("/v1/tokens", "three", json!({ "rights": ["read"] })).await.json(201), made);
    assert_eq!(owner.get("/v1/tokens").await.json(200)["tokens"].as_array().map(Vec::len), Some(1));
    // The tokens themselves are nowhere: once the store was closed they can't be given again.
    let catalog = served.repo.path().join("acetate");
    let repo = served.end().await;
    let secret = made["token"].as_str().expect("a token").as_bytes();
    for file in std::fs::read_dir(catalog).expect("a folder").filter_map(Result::ok).filter(|file| file.path().is_file()) {
        let bytes = std::fs::read(file.path()).expect("read");
        assert!(!bytes.windows(secret.len()).any(|window| window == secret), "{:?}", file.path());
    }
    let served = Served::start(repo).await;
    let owner = served.owner();
    let headers = [("idempotency-key", "three"), ("content-type", "application/json")];
    owner.ask("POST", "/v1/tokens", &headers, json!({ "rights": ["read"] }).to_string()).await.problem(409, "token_shown_once");
    assert_eq!(served.remote(made["token"].as_str()).get("/v1").await.status, 200);
    // Edits of files are guarded by revisions, and say so.
    let (session, _) = served.open("ada").await;
    let edit = json!({ "path": "README.md", "edits": [{ "old": "read", "new": "read read" }] });
    let headers = [("idempotency-key", "four"), ("content-type", "application/json")];
    owner.ask("POST", &format!("{session}/edit"), &headers, edit.to_string()).await.problem(400, "idempotency_unsupported");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_listed_and_revoked_and_streams_end_with_them() {
    let served = Served::start(repository()).await;
    let owner = served.owner();
    let name = served.workspace().await;
    let other = owner.post("/v1/workspaces", &json!({ "name": "other" })).await.json(201);
    let make = async |workspace: Option<&str>, rights: &[&str]| {
        let made = owner.post("/v1/tokens", &json!({ "rights": rights, "label": "ci", "workspace": workspace })).await.json(201);
        (made["id"].as_str().expect("an id").to_owned(), served.remote(made["token"].as_str()))
    };
    let (id, client) = make(None, &["read", "write", "land"]).await;
    let (twin, twin_client) = make(None, &["read", "write", "land"]).await;
    let (_, admin) = make(Some("other"), &["admin"]).await;
    let listed = owner.get("/v1/tokens").await.json(200);
    let found: Vec<&str> = listed["tokens"].as_array().expect("a list").iter().filter_map(|token| token["id"].as_str()).collect();
    assert!(found.len() == 3 && found.contains(&&*id) && found.contains(&&*twin), "{listed}");
    assert!(!listed.to_string().contains("act_"), "{listed}");
    let seen = admin.get("/v1/tokens").await.json(200);
    assert_eq!((seen["tokens"].as_array().map(Vec::len), &seen["tokens"][0]["workspace"]), (Some(1), &other["id"]), "{seen}");
    admin.ask("DELETE", &format!("/v1/tokens/{id}"), &[], "").await.problem(404, "token_not_found");
    client.get("/v1/tokens").await.problem(403, "right_missing");
    // Two tokens with one label are two callers: the same key means two requests.
    let sessions = format!("/v1/workspaces/{name}/sessions");
    let headers = [("idempotency-key", "one"), ("content-type", "application/json")];
    let opened = client.ask("POST", &sessions, &headers, json!({ "agent": "ada" }).to_string()).await.json(201);
    let twins = twin_client.ask("POST", &sessions, &headers, json!({ "agent": "ada" }).to_string()).await.json(201);
    assert_ne!(opened["id"], twins["id"]);
    let session = served.remote(opened["token"].as_str());
    let address = format!("/v1/sessions/{}", opened["id"].as_str().expect("an id"));
    assert_eq!(session.get(&address).await.status, 200);
    let request = hyper::Request::get(format!("/v1/workspaces/{name}/events")).body(Full::default()).expect("a request");
    let mut stream = client.send(request).await;
    assert_eq!(stream.status(), 200);

    assert_eq!(owner.ask("DELETE", &format!("/v1/tokens/{id}"), &[], "").await.json(200)["id"], id);
    owner.ask("DELETE", &format!("/v1/tokens/{id}"), &[], "").await.problem(404, "token_not_found");
    client.get("/v1").await.problem(401, "token_unknown");
    session.get(&address).await.problem(401, "token_unknown");
    let ended = async { while stream.frame().await.is_some() {} };
    tokio::time::timeout(Duration::from_secs(30), ended).await.expect("the stream ends with its token");
    assert_eq!(owner.get(&address).await.status, 200, "the session stays");
    assert_eq!(twin_client.get("/v1").await.status, 200);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_followed_resumed_and_end_with_the_server() {
    let served = Served::with_limits(repository(), HttpLimits { watchers: 1, ..HttpLimits::default() }).await;
    let owner = served.owner();
    let name = served.workspace().await;
    let events = format!("/v1/workspaces/{name}/events");
    let before = owner.get(&format!("{events}?wait=0")).await.json(200)["next"].as_u64().expect("a number");
    // A page that is waited for comes as soon as there is something.
    let waiting = tokio::spawn({
        let (owner, target) = (owner.clone(), format!("{events}?after={before}&wait=30"));
        async move { owner.get(&target).await.json(200) }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    owner.get(&format!("{events}?wait=5")).await.problem(429, "watchers_limit");
    owner.post(&format!("/v1/workspaces/{name}/branches"), &json!({ "name": "side" })).await.json(201);
    let page = waiting.await.expect("no panic");
    assert_eq!(page["events"][0]["kind"], "branch_created", "{page}");
    let number = page["events"][0]["number"].as_u64().expect("a number");

    let request = |last: u64| hyper::Request::get(&events).header("last-event-id", last).body(Full::default()).expect("a request");
    let mut body = owner.send(request(number - 1)).await;
    assert_eq!(body.headers()["content-type"], "text/event-stream");
    let mut text = String::new();
    while !text.contains("\n\n") {
        let frame = body.frame().await.expect("more").expect("a frame");
        text.push_str(&String::from_utf8_lossy(&frame.into_data().unwrap_or_default()));
    }
    assert!(text.contains(&format!("id: {number}\n")) || text.contains(&format!("id:{number}\n")), "{text}");
    assert!(text.contains("branch_created"), "{text}");
    // The server's end is the stream's.
    let ending = tokio::spawn(served.end());
    while let Some(frame) = body.frame().await {
        drop(frame);
    }
    ending.await.expect("no panic");
}

#[tokio::test(flavor = "multi_thread")]
async fn bundles_are_git_bundles() {
    let served = Served::start(repository()).await;
    let owner = served.owner();
    let name = served.workspace().await;
    let bundle = owner.get(&format!("/v1/workspaces/{name}/bundle")).await;
    assert_eq!((bundle.status.as_u16(), bundle.header("content-type")), (200, "application/x-git-bundle"));
    let path = served.repo.beside("whole.bundle");
    std::fs::write(&path, &bundle.body).expect("written");
    served.repo.git(&["bundle", "verify", "-q", path.to_str().expect("text")]);
    let (session, _) = served.open("ada").await;
    owner.put(&format!("{session}/files/a"), &[], b"a").await.json(201);
    owner.ask("DELETE", &session, &[], "").await.problem(409, "session_unsubmitted");
    owner.ask("DELETE", &format!("{session}?archive=true&discard=true"), &[], "").await.problem(400, "query_invalid");
    let archive = owner.ask("DELETE", &format!("{session}?archive=true"), &[], "").await;
    assert_eq!((archive.status.as_u16(), archive.header("content-type")), (200, "application/x-git-bundle"));
    assert!(session.ends_with(archive.header("acetate-session")) && archive.header("acetate-tip").len() == 40);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_socket_goes_with_the_server() {
    let served = Served::start(repository()).await;
    let socket = served.addresses.unix.clone().expect("a socket");
    assert!(socket.exists());
    let repo = served.end().await;
    assert!(!socket.exists());
    // And the store can be served again.
    let again = Served::start(repo).await;
    assert_eq!(again.owner().get("/v1").await.status, 200);
    again.end().await;
}
