//! Tokens made by a real key, and those that must not count.

use super::*;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{EncodingKey, Header, encode};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;

/// A key made for these tests: it guards nothing.
const PRIVATE: &str = "MC4CAQAwBQYDK2VwBCIEIP1DUUr7+nNXNjzEfYf60CQ3GZ6kKpWCtUCT5CSsbMDu";
const OTHER: &str = "MC4CAQAwBQYDK2VwBCIEIIcmcOhUNvGeZyYiCBVvMgdI7JYbNS28fngE5d4Y7WzC";
const NOW: u64 = 1_000_000;

fn der(base64: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::new();
    let (mut bits, mut have) = (0_u32, 0);
    for byte in base64.bytes().filter(|byte| *byte != b'=') {
        bits = bits << 6 | LETTERS.iter().position(|letter| *letter == byte).expect("base64") as u32;
        have += 6;
        if have >= 8 {
            have -= 8;
            out.push((bits >> have) as u8);
        }
    }
    out
}

fn signed(key: &str, kid: &str, claims: &Value) -> String {
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some(kid.to_owned());
    encode(&header, claims, &EncodingKey::from_ed_der(&der(key))).expect("signed")
}

fn set() -> JwkSet {
    let mut key = Jwk::from_encoding_key(&EncodingKey::from_ed_der(&der(PRIVATE)), Algorithm::EdDSA).expect("a key");
    key.common.key_id = Some("one".to_owned());
    JwkSet { keys: vec![key] }
}

fn claims() -> Value {
    json!({ "iss": "https://issuer.example", "aud": "https://acetate.example/mcp", "sub": "ada", "exp": NOW + 300, "scope": "openid acetate:read acetate:write" })
}

fn issuer(file: &std::path::Path) -> Issuer {
    Issuer::new("https://issuer.example", "https://acetate.example/mcp", KeySource::File(file.to_owned()))
}

fn keys_file() -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), serde_json::to_vec(&set()).expect("written")).expect("written");
    file
}

fn check(token: &str, expect: Result<&[&str], &str>) {
    let file = keys_file();
    let found = issuer(file.path()).check(token, NOW);
    match (found, expect) {
        (Ok(grant), Ok(rights)) => assert_eq!(grant.rights, rights),
        (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
        (found, expect) => panic!("{found:?}, not {expect:?}"),
    }
}

#[test]
fn a_token_of_the_issuer_counts() {
    let file = keys_file();
    let grant = issuer(file.path()).check(&signed(PRIVATE, "one", &claims()), NOW).expect("a grant");
    let rights = vec!["read".to_owned(), "write".to_owned()];
    assert_eq!(grant, Grant { subject: "ada".into(), rights, workspace: None, expires: NOW + 360 });
    let mut listed = claims();
    listed["scope"] = Value::Null;
    listed["scp"] = json!(["acetate:land"]);
    check(&signed(PRIVATE, "one", &listed), Ok(&["land"]));
}

#[test]
fn what_must_not_count() {
    let with = |name: &str, value: Value| {
        let mut claims = claims();
        claims[name] = value;
        signed(PRIVATE, "one", &claims)
    };
    check(&with("iss", json!("https://evil.example")), Err("issuer is another"));
    check(&with("aud", json!("https://other.example")), Err("another server"));
    check(&with("aud", Value::Null), Err("token"));
    check(&with("exp", json!(NOW - 61)), Err("has ended"));
    check(&with("exp", Value::Null), Err("token"));
    check(&with("nbf", json!(NOW + 120)), Err("not count yet"));
    check(&with("scope", json!("acetate:everything read")), Err("scopes"));
    check(&with("acetate_workspace", Value::Null), Err("no workspace"));
    check(&with("exp", json!(NOW as f64 + 0.5)), Ok(&["read", "write"]));
    check(&signed(OTHER, "one", &claims()), Err("signature is wrong"));
    check(&signed(PRIVATE, "two", &claims()), Err("key is not the issuer's"));
    check("a.b.c", Err("head can't be read"));
    check("", Err("no JWT"));
    // A symmetric signature made with the public key, and none at all.
    let hmac = encode(&Header::new(Algorithm::HS256), &claims(), &EncodingKey::from_secret(b"anything").expect("a key")).expect("signed");
    check(&hmac, Err("does not count"));
    check("eyJhbGciOiJub25lIn0.e30.", Err("head can't be read"));
}

#[test]
fn keys_are_found_where_the_issuer_says() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("bound"));
    let metadata = json!({ "issuer": address, "jwks_uri": format!("{address}/keys") }).to_string();
    let keys = serde_json::to_string(&set()).expect("written");
    let served = std::thread::spawn(move || {
        let mut asked = Vec::new();
        // The metadata, the keys; and once more for a key that is not there, after a pause.
        for _ in 0..4 {
            let (mut stream, _) = listener.accept().expect("accepted");
            let mut head = [0; 4096];
            let read = stream.read(&mut head).expect("read");
            let path = String::from_utf8_lossy(&head[..read]).split(' ').nth(1).expect("a path").to_owned();
            let body = if path == "/keys" { &keys } else { &metadata };
            write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len()).expect("written");
            asked.push(path);
        }
        asked
    });
    let issuer = Issuer::new(address.clone(), "https://acetate.example/mcp", KeySource::Discover);
    let mut claims = claims();
    claims["iss"] = address.into();
    for _ in 0..3 {
        issuer.check(&signed(PRIVATE, "one", &claims), NOW).expect("a grant");
    }
    // A key that is not there does not have every such token fetch anew.
    let unknown = signed(PRIVATE, "two", &claims);
    issuer.check(&unknown, NOW + 1).expect_err("not there");
    issuer.check(&unknown, NOW + 31).expect_err("not there");
    issuer.check(&unknown, NOW + 32).expect_err("not there");
    assert_eq!(
        served.join().expect("served"),
        ["/.well-known/oauth-authorization-server", "/keys", "/.well-known/oauth-authorization-server", "/keys"]
    );
}

#[test]
fn the_metadata_is_where_clients_look() {
    let issuer = Issuer::new("https://issuer.example", "https://acetate.example/mcp", KeySource::Discover);
    assert_eq!(issuer.metadata_address(), "https://acetate.example/.well-known/oauth-protected-resource/mcp");
    assert_eq!(issuer.metadata()["authorization_servers"], json!(["https://issuer.example"]));
}

#[test]
fn an_issuer_that_is_slow_holds_nobody_up() {
    // It takes connections and says nothing.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}/keys", listener.local_addr().expect("bound"));
    let issuer = Issuer::new("https://issuer.example", "https://acetate.example/mcp", KeySource::Address(address));
    let token = signed(PRIVATE, "one", &claims());
    std::thread::scope(|scope| {
        let first = scope.spawn(|| issuer.check(&token, NOW));
        let (held, _) = listener.accept().expect("asked");
        let second = issuer.check(&token, NOW);
        assert!(matches!(&second, Err(OauthError::Keys(why)) if why.contains("being fetched")), "{second:?}");
        drop(held);
        first.join().expect("ended").expect_err("no keys");
    });
    drop(listener);
    // That it failed is remembered for a while.
    issuer.check(&token, NOW + 1).expect_err("no keys");
}
