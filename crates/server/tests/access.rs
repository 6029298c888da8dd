//! Who may call, and how often: tokens of an issuer, the bound for each token, MCP behind both.

#[expect(dead_code, reason = "shared with tests that use more of it")]
mod support;

use acetate_oauth::{Issuer, KeySource};
use acetate_server::HttpLimits;
use acetate_testing::GitRepo;
use acetate_types::ObjectFormat;
use serde_json::{Value, json};
use std::num::NonZeroU32;
use std::sync::Arc;
use support::{Client, Served};

/// An issuer's public key. The private one was made for these tests and thrown away.
const KEYS: &str =
    r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"one","alg":"EdDSA","use":"sig","x":"s2UlkzuS4e0G8JNLPqkUU-YUf900Oil_q0I0pte_1-s"}]}"#;
/// For ada, to read and write, until the year 2100.
const ADA: &str = "eyJhbGciOiJFZERTQSIsImtpZCI6Im9uZSIsInR5cCI6ImF0K2p3dCJ9.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwiYXVkIjoiaHR0cHM6Ly9hY2V0YXRlLmV4YW1wbGUvbWNwIiwic3ViIjoiYWRhIiwiZXhwIjo0MTAyNDQ0ODAwLCJzY29wZSI6ImFjZXRhdGU6cmVhZCBhY2V0YXRlOndyaXRlIn0.k0pMDQKKdYZJqlfTdq1cOfmjAmFJnArCQgM2wW1qiHskmbcKfZeTCvE2rFJNXVKZEQBYGfH3RX1aRvO2NeGcBw";
/// For ada, ended in 2001.
const ENDED: &str = "eyJhbGciOiJFZERTQSIsImtpZCI6Im9uZSIsInR5cCI6ImF0K2p3dCJ9.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwiYXVkIjoiaHR0cHM6Ly9hY2V0YXRlLmV4YW1wbGUvbWNwIiwic3ViIjoiYWRhIiwiZXhwIjoxMDAwMDAwMDAwLCJzY29wZSI6ImFjZXRhdGU6cmVhZCJ9.yBR4ybYyH0yi2gb1m9jDHvHPlp178zd_aPChQKaArdfzFppFh8vPojAnNCh20ZnBlYoXMoAZwaipycrf5GsLCg";

fn repository() -> GitRepo {
    let repo = GitRepo::bare(ObjectFormat::Sha1);
    repo.fast_commit("main", [("a.txt", "100644", Some("one\n"))]);
    repo
}

async fn served() -> (Served, tempfile::NamedTempFile) {
    let keys = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(keys.path(), KEYS).expect("written");
    let source = KeySource::File(keys.path().to_owned());
    let issuer = Issuer::new("https://issuer.example", "https://acetate.example/mcp", source);
    (Served::with(repository(), |options| options.issuer = Some(Arc::new(issuer))).await, keys)
}

/// A call of a tool, without a handshake.
async fn tool(client: &Client, name: &str, arguments: Value) -> Value {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": { "name": "t", "version": "1" },
    });
    let body =
        json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": name, "arguments": arguments, "_meta": meta } });
    let headers = [
        ("content-type", "application/json"),
        ("accept", "application/json, text/event-stream"),
        ("mcp-protocol-version", "2026-07-28"),
        ("mcp-method", "tools/call"),
        ("mcp-name", name),
    ];
    client.ask("POST", "/mcp", &headers, body.to_string()).await.json(200)["result"].take()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_the_issuer_gives_what_it_says() {
    let (served, _keys) = served().await;
    let ada = served.remote(Some(ADA));
    let opened = tool(&ada, "session_open", json!({})).await;
    let session = opened["structuredContent"]["session_id"].clone();
    let write = json!({ "session_id": session, "file_path": "b.txt", "content": "two\n" });
    assert_eq!(tool(&ada, "write", write).await["isError"], json!(false));
    let refused = tool(&ada, "submit", json!({ "session_id": session })).await;
    assert_eq!(refused["structuredContent"]["error"]["code"], json!("right_missing"), "it may not land");
    // The same over the other door, and a session's own token has no more than it.
    let path = format!("/v1/workspaces/{}/sessions", served.workspace().await);
    let opened = ada.post(&path, &json!({ "agent": "ada" })).await.json(201);
    let own = served.remote(opened["token"].as_str());
    own.post(&format!("/v1/sessions/{}/submit", opened["id"].as_str().expect("an id")), &json!({})).await.problem(403, "right_missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_none_learns_where_to_get_one() {
    let (served, _keys) = served().await;
    let mut changed = ADA.to_owned();
    changed.replace_range(ADA.len() - 2..ADA.len() - 1, "x");
    for token in [None, Some(ENDED), Some(changed.as_str()), Some("a.b.c"), Some("nonsense")] {
        let reply = served.remote(token).post("/mcp", &json!({})).await;
        assert_eq!(reply.status, 401, "{token:?}");
        let challenge = "Bearer resource_metadata=\"https://acetate.example/.well-known/oauth-protected-resource/mcp\"";
        assert_eq!(reply.header("www-authenticate"), challenge);
    }
    let metadata = served.remote(None).get("/.well-known/oauth-protected-resource/mcp").await.json(200);
    assert_eq!(metadata["authorization_servers"], json!(["https://issuer.example"]));
    let plain = Served::start(repository()).await;
    plain.remote(None).get("/.well-known/oauth-protected-resource").await.problem(404, "issuer_missing");
    plain.remote(Some(ADA)).get("/v1/workspaces").await.problem(401, "token_unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_calls_too_often_waits() {
    let limits = HttpLimits { rate: NonZeroU32::new(1), ..HttpLimits::default() };
    let served = Served::with_limits(repository(), limits).await;
    let made = served.owner().post("/v1/tokens", &json!({ "rights": ["read"] })).await.json(201);
    let caller = served.remote(made["token"].as_str());
    let mut refused = 0;
    for _ in 0..30 {
        let reply = caller.get("/v1/workspaces").await;
        if reply.status == 429 {
            assert_eq!(reply.header("retry-after"), "1");
            reply.problem(429, "rate_limited");
            refused += 1;
        }
    }
    assert!(refused >= 15, "{refused}");
    served.owner().get("/v1/workspaces").await.json(200);
}
