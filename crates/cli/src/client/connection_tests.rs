//! The connection against a server that answers from a script.

use super::*;
use crate::client::Exit;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixListener;

/// What the server does with one connection: for each request the bytes to answer, `None` to never answer.
type Script = Vec<Vec<Option<&'static str>>>;

/// Serves the connections one after the other; each ends when its script does.
fn check<T>(script: Script, timeout: Option<Duration>, use_it: impl FnOnce(&mut Client) -> T) -> T {
    let dir = tempfile::tempdir().expect("a folder");
    let socket = dir.path().join("s");
    let listener = UnixListener::bind(&socket).expect("bound");
    let (done, wait) = std::sync::mpsc::channel::<()>();
    let server = std::thread::spawn(move || {
        for answers in script {
            let (mut stream, _) = listener.accept().expect("a connection");
            for answer in answers {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    let mut byte = [0];
                    if stream.read(&mut byte).expect("readable") == 0 {
                        return;
                    }
                    head.extend_from_slice(&byte);
                }
                match answer {
                    Some(answer) => stream.write_all(answer.as_bytes()).expect("writable"),
                    None => drop(wait.recv()),
                }
            }
        }
    });
    let mut client = Client::connect(&socket, timeout).expect("connected");
    let result = use_it(&mut client);
    drop((client, done));
    server.join().expect("the server saw what it expected");
    result
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n{\"a\":1}";

#[test]
fn answers_and_problems_come_over_one_connection() {
    const PROBLEM: &str = "HTTP/1.1 412 x\r\ncontent-length: 52\r\n\r\n{\"kind\":\"stale\",\"code\":\"stale_revision\",\"detail\":\"\"}";
    check(vec![vec![Some(OK), Some(PROBLEM), Some(OK)]], None, |client| {
        assert_eq!(client.ask(Request::get("/v1")).expect("an answer").value(), Ok(serde_json::json!({"a": 1})));
        let failure = client.ask(Request::get("/v1")).expect_err("a problem");
        assert_eq!((failure.code(), failure.exit()), ("stale_revision", Exit::Stale));
        assert!(client.ask(Request::get("/v1")).is_ok());
        assert_eq!(client.daemon_pid(), Some(std::process::id()));
    });
}

#[test]
fn a_connection_found_closed_is_replaced() {
    const LAST: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}";
    check(vec![vec![Some(LAST)], vec![Some(OK)]], None, |client| {
        assert!(client.ask(Request::get("/v1")).is_ok());
        assert!(client.ask(Request::get("/v1")).is_ok());
    });
}

#[test]
fn a_request_that_was_sent_is_never_sent_again() {
    // A second connection would be answered: only by not being asked again does the first request fail.
    check(vec![vec![Some("")], vec![Some(OK)]], None, |client| {
        assert_eq!(client.ask(Request::get("/v1")).expect_err("no answer").exit(), Exit::Unreachable);
        assert!(client.ask(Request::get("/v1")).is_ok(), "the next one is a request of its own");
    });
}

#[test]
fn a_daemon_that_does_not_answer_times_out() {
    let failure =
        check(vec![vec![None]], Some(Duration::from_millis(50)), |client| client.ask(Request::get("/v1")).expect_err("no answer"));
    assert_eq!(failure.exit(), Exit::TimedOut);
}

#[test]
fn lines_are_put_together_from_pieces() {
    const PIECES: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n6\r\n\ntwo\n\n\r\n4\r\nlast\r\n0\r\n\r\n";
    let lines = |bound| {
        check(vec![vec![Some(PIECES)]], None, |client| {
            let mut lines = Vec::new();
            let ended = client.stream(Request::get("/v1")).expect("a stream").lines(bound, |line| {
                lines.push(String::from_utf8_lossy(line).into_owned());
                Ok(())
            });
            ended.map(|()| lines)
        })
    };
    assert_eq!(lines(10), Ok(["one", "two", "", "last"].map(str::to_owned).to_vec()));
    assert!(lines(3).is_err(), "a line that never ends is not kept in memory");
}

#[test]
fn a_transfer_cut_short_is_a_failure() {
    const SHORT: &str = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{}";
    let failure = check(vec![vec![Some(SHORT)]], None, |client| client.ask(Request::get("/v1")).expect_err("cut"));
    assert_eq!(failure.exit(), Exit::Unreachable);
}
