//! `Host` and `Origin`: the defence against pages that reach a local server through a name of their own (DNS rebinding) or by a form.
//!
//! Invariant: a request passes only with exactly one acceptable `Host`, and without `Origin` or with one that is its own or listed.

use crate::door::Peer;
use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};
use axum::http::uri::{Authority, Uri};
use std::net::{IpAddr, SocketAddr};

/// The names by which clients may call this server, and the origins from which they may.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    tcp: Option<SocketAddr>,
    hosts: Vec<String>,
    origins: Vec<String>,
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// No acceptable `Host`.
    Host,
    /// An `Origin` that is neither the server's own nor listed.
    Origin,
}

impl Names {
    /// The names for a server that listens at `tcp`; `hosts` as `name` or `name:port`, `origins` as `scheme://name[:port]`.
    pub(crate) fn new(tcp: Option<SocketAddr>, hosts: &[String], origins: &[String]) -> Self {
        Self {
            tcp,
            hosts: hosts.iter().map(|host| host.to_ascii_lowercase()).collect(),
            origins: origins.iter().map(|origin| origin.trim_end_matches('/').to_ascii_lowercase()).collect(),
        }
    }

    /// Checks a request.
    pub(crate) fn check(&self, peer: Peer, uri: &Uri, headers: &HeaderMap) -> Result<(), Refused> {
        let mut hosts = headers.get_all(HOST).iter();
        let host = match (hosts.next(), hosts.next()) {
            (Some(host), None) => host.to_str().map_err(|_| Refused::Host)?,
            _ => return Err(Refused::Host),
        };
        if !self.host_allowed(peer, host) {
            return Err(Refused::Host);
        }
        // A target in absolute form names the host a second time; both must be the same.
        if uri.authority().is_some_and(|authority| !authority.as_str().eq_ignore_ascii_case(host)) {
            return Err(Refused::Host);
        }
        let mut origins = headers.get_all(ORIGIN).iter();
        match (origins.next(), origins.next()) {
            (None, _) => Ok(()),
            (Some(origin), None) if origin.to_str().is_ok_and(|origin| self.origin_allowed(origin, host)) => Ok(()),
            _ => Err(Refused::Origin),
        }
    }

    fn host_allowed(&self, peer: Peer, host: &str) -> bool {
        // A user part has no place in a Host header.
        let Ok(authority) = host.parse::<Authority>() else { return false };
        if host.contains('@') {
            return false;
        }
        let name = authority.host().to_ascii_lowercase();
        let port = match authority.port() {
            Some(port) => match port.as_str().parse::<u16>() {
                Ok(port) => Some(port),
                Err(_) => return false,
            },
            None if host.ends_with(':') => return false,
            None => None,
        };
        let listed = self.hosts.iter().any(|allowed| *allowed == name || port.is_some_and(|port| *allowed == format!("{name}:{port}")));
        if listed {
            return true;
        }
        match (peer, self.tcp) {
            (Peer::Owner | Peer::OtherUser, _) => matches!(name.as_str(), "localhost" | "acetate") && port.is_none(),
            (Peer::Tcp, Some(bound)) => port.unwrap_or(80) == bound.port() && names_bound(&name, bound.ip()),
            (Peer::Tcp, None) => false,
        }
    }

    fn origin_allowed(&self, origin: &str, host: &str) -> bool {
        let origin = origin.to_ascii_lowercase();
        origin == format!("http://{}", host.to_ascii_lowercase()) || self.origins.contains(&origin)
    }
}

/// Whether a name stands for the address that is listened at: a loopback name, or exactly that address.
fn names_bound(name: &str, bound: IpAddr) -> bool {
    // A server on another address than loopback (or on all) may also be called from this machine.
    let reaches_loopback = bound.is_loopback() || bound.is_unspecified();
    if name == "localhost" {
        return reaches_loopback;
    }
    let literal = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    match literal.parse::<IpAddr>() {
        Ok(address) => (!address.is_unspecified() && address == bound) || (address.is_loopback() && reaches_loopback),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn check(bound: &str, peer: Peer, host: &[&str], origin: &[&str], expect: Result<(), Refused>) {
        let names = Names::new(
            Some(bound.parse().expect("an address")),
            &["build.example".into(), "exact.example:8443".into()],
            &["https://app.example/".into()],
        );
        let mut headers = HeaderMap::new();
        for host in host {
            headers.append(HOST, HeaderValue::from_str(host).expect("a header"));
        }
        for origin in origin {
            headers.append(ORIGIN, HeaderValue::from_str(origin).expect("a header"));
        }
        let found = names.check(peer, &Uri::from_static("/v1"), &headers);
        assert_eq!(found, expect, "{bound} {peer:?} {host:?} {origin:?}");
    }

    #[test]
    fn hosts() {
        let bound = "127.0.0.1:7400";
        for host in
            ["localhost:7400", "LocalHost:7400", "127.0.0.1:7400", "[::1]:7400", "build.example", "build.example:99", "exact.example:8443"]
        {
            check(bound, Peer::Tcp, &[host], &[], Ok(()));
        }
        for host in [
            "evil.example:7400",
            "localhost",
            "localhost:7401",
            "localhost:",
            "localhost:07400x",
            "127.0.0.1.evil.example:7400",
            "exact.example",
            "user@localhost:7400",
            "192.168.1.5:7400",
            "acetate",
            "0.0.0.0:7400",
            "",
            "localhost:7400,evil",
            "[::1:7400",
        ] {
            check(bound, Peer::Tcp, &[host], &[], Err(Refused::Host));
        }
        check(bound, Peer::Tcp, &[], &[], Err(Refused::Host));
        check(bound, Peer::Tcp, &["localhost:7400", "localhost:7400"], &[], Err(Refused::Host));
        check("127.0.0.1:80", Peer::Tcp, &["localhost"], &[], Ok(()));
        check("192.168.1.5:7400", Peer::Tcp, &["192.168.1.5:7400"], &[], Ok(()));
        check("192.168.1.5:7400", Peer::Tcp, &["localhost:7400"], &[], Err(Refused::Host));
        check("0.0.0.0:7400", Peer::Tcp, &["127.0.0.1:7400"], &[], Ok(()));
        check("0.0.0.0:7400", Peer::Tcp, &["192.168.1.5:7400"], &[], Err(Refused::Host));
    }

    #[test]
    fn hosts_on_the_unix_socket() {
        for peer in [Peer::Owner, Peer::OtherUser] {
            for host in ["localhost", "acetate", "build.example"] {
                check("127.0.0.1:7400", peer, &[host], &[], Ok(()));
            }
            for host in ["evil.example", "localhost:7400", "127.0.0.1"] {
                check("127.0.0.1:7400", peer, &[host], &[], Err(Refused::Host));
            }
        }
    }

    #[test]
    fn origins() {
        let host = &["localhost:7400"][..];
        for origin in ["http://localhost:7400", "https://app.example"] {
            check("127.0.0.1:7400", Peer::Tcp, host, &[origin], Ok(()));
        }
        for origin in [
            "null",
            "http://evil.example",
            "https://localhost:7400",
            "http://localhost:7401",
            "http://127.0.0.1:7400",
            "https://app.example.evil",
            "",
        ] {
            check("127.0.0.1:7400", Peer::Tcp, host, &[origin], Err(Refused::Origin));
        }
        check("127.0.0.1:7400", Peer::Tcp, host, &["http://localhost:7400", "http://localhost:7400"], Err(Refused::Origin));
        check("127.0.0.1:7400", Peer::Owner, &["localhost"], &["http://evil.example"], Err(Refused::Origin));
    }

    #[test]
    fn an_absolute_target_must_agree_with_the_host() {
        let names = Names::new("127.0.0.1:7400".parse().ok(), &[], &[]);
        let mut headers = HeaderMap::new();
        headers.append(HOST, HeaderValue::from_static("localhost:7400"));
        assert_eq!(names.check(Peer::Tcp, &Uri::from_static("http://localhost:7400/v1"), &headers), Ok(()));
        assert_eq!(names.check(Peer::Tcp, &Uri::from_static("http://evil.example/v1"), &headers), Err(Refused::Host));
    }
}
