//! A server over a real engine and repository, and a client for it.

use acetate_engine::{Engine, EngineOptions};
use acetate_server::{Bound, HttpLimits, ServeOptions, Server};
use acetate_testing::GitRepo;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{HeaderMap, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpStream, UnixStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A running server; ended by [`Served::end`], or with its test.
pub struct Served {
    pub repo: GitRepo,
    pub engine: Engine,
    pub addresses: Bound,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<Result<(), acetate_server::ServeError>>,
}

/// A client of one of the server's two listeners.
#[derive(Clone)]
pub struct Client {
    addresses: Bound,
    tcp: bool,
    token: Option<String>,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Served {
    /// Serves a repository in place.
    pub async fn start(repo: GitRepo) -> Self {
        Self::with_limits(repo, HttpLimits::default()).await
    }

    /// The same with other bounds.
    pub async fn with_limits(repo: GitRepo, limits: HttpLimits) -> Self {
        Self::with(repo, |options| options.limits = limits).await
    }

    /// The same with other options.
    pub async fn with(repo: GitRepo, set: impl FnOnce(&mut ServeOptions)) -> Self {
        let path = repo.path().to_owned();
        let engine =
            tokio::task::spawn_blocking(move || Engine::open(EngineOptions::at(path))).await.expect("no panic").expect("an engine");
        let mut options = ServeOptions {
            unix_socket: Some(repo.beside("door.sock")),
            tcp: Some("127.0.0.1:0".parse().expect("an address")),
            ..ServeOptions::default()
        };
        set(&mut options);
        let server = Server::bind(engine.clone(), options).await.expect("bound");
        let addresses = server.addresses().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let running = tokio::spawn(server.run(async move {
            stopped.await.ok();
        }));
        Self { repo, engine, addresses, stop: Some(stop), running }
    }

    /// The owner, at the Unix socket.
    pub fn owner(&self) -> Client {
        Client { addresses: self.addresses.clone(), tcp: false, token: None }
    }

    /// Somebody at TCP.
    pub fn remote(&self, token: Option<&str>) -> Client {
        Client { addresses: self.addresses.clone(), tcp: true, token: token.map(str::to_owned) }
    }

    /// The name of the workspace that is served in place.
    pub async fn workspace(&self) -> String {
        let list = self.owner().get("/v1/workspaces").await.json(200);
        list["workspaces"][0]["name"].as_str().expect("a name").to_owned()
    }

    /// Opens a session: its path and its token.
    pub async fn open(&self, agent: &str) -> (String, String) {
        let path = format!("/v1/workspaces/{}/sessions", self.workspace().await);
        let opened = self.owner().post(&path, &serde_json::json!({ "agent": agent })).await.json(201);
        let text = |name: &str| opened[name].as_str().expect("text").to_owned();
        (format!("/v1/sessions/{}", text("id")), text("token"))
    }

    /// Asks the server to end and waits for it.
    pub async fn end(mut self) -> GitRepo {
        self.stop.take().expect("once").send(()).expect("it runs");
        self.running.await.expect("no panic").expect("a good end");
        let engine = self.engine;
        tokio::task::spawn_blocking(move || engine.shutdown()).await.expect("no panic");
        self.repo
    }
}

impl Client {
    /// Sends a request as it is, but for the host and the token where they are missing.
    pub async fn send(&self, mut request: Request<Full<Bytes>>) -> Response<Incoming> {
        let tcp = self.addresses.tcp.expect("an address");
        let host = if self.tcp { tcp.to_string() } else { "localhost".to_owned() };
        request.headers_mut().entry(HOST).or_insert(host.parse().expect("a header"));
        if let Some(token) = &self.token {
            request.headers_mut().entry("authorization").or_insert(format!("Bearer {token}").parse().expect("a header"));
        }
        if self.tcp {
            exchange(TcpStream::connect(tcp).await.expect("connected"), request).await
        } else {
            let path = self.addresses.unix.as_ref().expect("a socket");
            exchange(UnixStream::connect(path).await.expect("connected"), request).await
        }
    }

    pub async fn ask(&self, method: &str, target: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Reply {
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.send(request.body(Full::new(body.into())).expect("a request")).await;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a whole body").to_bytes();
        Reply { status: parts.status, headers: parts.headers, body }
    }

    pub async fn get(&self, target: &str) -> Reply {
        self.ask("GET", target, &[], Bytes::new()).await
    }

    pub async fn post(&self, target: &str, body: &Value) -> Reply {
        self.ask("POST", target, &[(CONTENT_TYPE.as_str(), "application/json")], body.to_string()).await
    }

    pub async fn put(&self, target: &str, headers: &[(&str, &str)], body: &'static [u8]) -> Reply {
        self.ask("PUT", target, headers, body).await
    }
}

async fn exchange<I>(stream: I, request: Request<Full<Bytes>>) -> Response<Incoming>
where
    I: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
    tokio::spawn(connection);
    sender.send_request(request).await.expect("an answer")
}

impl Reply {
    /// The body as JSON, of an answer with this status.
    pub fn json(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.body));
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// Checks a problem: its status, code and shape.
    pub fn problem(&self, status: u16, code: &str) -> Value {
        let body = self.json(status);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        assert_eq!(body["code"], code, "{body}");
        assert_eq!(body["status"], status);
        assert_eq!(body["type"], format!("urn:acetate:problem:{code}"));
        for member in ["title", "detail", "kind"] {
            assert!(body[member].as_str().is_some_and(|text| !text.is_empty()), "{member}: {body}");
        }
        body
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}")).to_str().expect("text")
    }
}
