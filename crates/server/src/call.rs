//! One call into the engine: who calls, off the async threads, bounded in number and time.
//!
//! Answers are serialised where they were made, straight into a buffer, so that a long listing costs the async threads nothing.

use crate::door::{Door, Peer};
use crate::problem::Failure;
use acetate_engine::api::{Answer, Right, Standing, Timestamp};
use acetate_engine::{Access, Engine, EngineError, Session, Vouched};
use acetate_oauth::Issuer;
use acetate_types::{Classify as _, ErrorKind, SessionId};
use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use serde::Serialize;
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;

/// An authorised caller at the door.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) door: Arc<Door>,
    pub(crate) access: Access,
}

/// Which schemes of `Authorization` a route takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Schemes {
    /// `Bearer` only.
    Bearer,
    /// Also `Basic` with any user and the token as password, which is all that Git clients can send.
    BearerAndBasic,
}

impl FromRequestParts<Arc<Door>> for Call {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, door: &Arc<Door>) -> Result<Self, Failure> {
        Self::authorize(parts, door, Schemes::Bearer).await
    }
}

impl Call {
    /// Who calls: by token, or the owner on the Unix socket without one. A token that is named counts, also there.
    pub(crate) async fn authorize(parts: &Parts, door: &Arc<Door>, schemes: Schemes) -> Result<Self, Failure> {
        let peer = parts.extensions.get::<Peer>().copied().unwrap_or(Peer::Tcp);
        let access = match (token(&parts.headers, schemes)?, peer) {
            (None, Peer::Owner) => door.engine.owner(),
            (None, _) => {
                return Err(Failure::new(ErrorKind::Denied, "token_missing", "a token is needed here")
                    .hint("send `Authorization: Bearer <token>`; `acetate token create` makes one"));
            }
            (Some(token), _) => match door.engine.known(&token) {
                Some(access) => access,
                None => {
                    let permit = door.enter().await?;
                    let (engine, issuer) = (door.engine.clone(), door.issuer.clone());
                    blocking(door, permit, move || found(&engine, issuer.as_deref(), &token)).await?
                }
            },
        };
        if peer == Peer::Tcp {
            door.rate.take(&access.actor)?;
        }
        Ok(Self { door: door.clone(), access })
    }

    /// One call, within the request's time.
    pub(crate) async fn run<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnOnce(&Engine, &Access) -> Result<T, EngineError> + Send + 'static,
    {
        let permit = self.door.enter().await?;
        let (engine, access) = (self.door.engine.clone(), self.access.clone());
        blocking(&self.door, permit, move || work(&engine, &access)).await
    }

    /// One call that may take as long as it needs: imports, bundles, backups.
    pub(crate) async fn run_long<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnOnce(&Engine, &Access) -> Result<T, EngineError> + Send + 'static,
    {
        let permit = self.door.enter().await?;
        let (engine, access) = (self.door.engine.clone(), self.access.clone());
        joined(tokio::task::spawn_blocking(move || {
            let answer = work(&engine, &access);
            drop(permit);
            answer
        }))
        .await
    }

    /// One call whose answer is shown as JSON.
    pub(crate) async fn json<T, F>(&self, status: StatusCode, work: F) -> Result<Response, Failure>
    where
        T: Serialize,
        F: FnOnce(&Engine, &Access) -> Result<T, EngineError> + Send + 'static,
    {
        let body = self.run(move |engine, access| to_json(&work(engine, access)?)).await?;
        Ok(json_response(status, body))
    }

    /// As [`Call::json`], taking as long as it needs.
    pub(crate) async fn json_long<T, F>(&self, status: StatusCode, work: F) -> Result<Response, Failure>
    where
        T: Serialize,
        F: FnOnce(&Engine, &Access) -> Result<T, EngineError> + Send + 'static,
    {
        let body = self.run_long(move |engine, access| to_json(&work(engine, access)?)).await?;
        Ok(json_response(status, body))
    }

    /// One call about a session; the answer says where the session stands after it.
    pub(crate) async fn answer<T, F>(&self, id: SessionId, seen: Option<u64>, work: F) -> Result<Response, Failure>
    where
        T: Serialize,
        F: FnOnce(&Session) -> Result<T, EngineError> + Send + 'static,
    {
        self.json(StatusCode::OK, move |engine, access| {
            let session = engine.session(access, &id)?;
            let body = work(&session)?;
            let standing: Standing = session.standing(seen);
            Ok(Answer { body, standing })
        })
        .await
    }
}

/// Runs blocking work within the request's time. Work that takes longer goes on to its end and keeps its place until then.
async fn blocking<T: Send + 'static>(
    door: &Door,
    permit: OwnedSemaphorePermit,
    work: impl FnOnce() -> Result<T, EngineError> + Send + 'static,
) -> Result<T, Failure> {
    let task = tokio::task::spawn_blocking(move || {
        let answer = work();
        drop(permit);
        answer
    });
    match tokio::time::timeout(door.limits.request_timeout, joined(task)).await {
        Ok(answer) => answer,
        Err(_) => Err(Failure::new(ErrorKind::Unavailable, "request_timeout", "the call takes too long; it may still take effect")
            .hint("repeat it with the same Idempotency-Key, or look at the state first")
            .status(StatusCode::SERVICE_UNAVAILABLE)),
    }
}

/// The access of a token that is not known yet: one of this store, or of the issuer.
fn found(engine: &Engine, issuer: Option<&Issuer>, token: &str) -> Result<Access, EngineError> {
    let Some(issuer) = issuer.filter(|_| Issuer::is_token(token)) else { return engine.authorize(token) };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let grant = issuer.check(token, now).map_err(|error| EngineError::from(error.problem()))?;
    let rights = [Right::Read, Right::Write, Right::Land, Right::Admin];
    engine.vouch(
        token,
        &Vouched {
            subject: grant.subject,
            rights: rights.into_iter().filter(|right| grant.rights.iter().any(|name| name == right.as_str())).collect(),
            workspace: grant.workspace,
            expires: Timestamp(i64::try_from(grant.expires).unwrap_or(i64::MAX / 1000).saturating_mul(1000)),
        },
    )
}

/// What a blocking task came to; a panic in it is an internal error of this request only.
pub(crate) async fn joined<T>(task: tokio::task::JoinHandle<Result<T, EngineError>>) -> Result<T, Failure> {
    match task.await {
        Ok(answer) => Ok(answer?),
        Err(error) => {
            tracing::error!(%error, "a call into the engine did not end");
            Err(Failure::internal("the call ended in a fault of the server"))
        }
    }
}

/// The value as JSON bytes.
pub(crate) fn to_json<T: Serialize>(value: &T) -> Result<Vec<u8>, EngineError> {
    serde_json::to_vec(value).map_err(|error| {
        EngineError::new(ErrorKind::Internal, "internal", "the answer could not be written")
            .details(serde_json::Value::String(error.to_string()))
    })
}

/// Bytes of JSON as an answer.
pub(crate) fn json_response(status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = (status, body).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The token that a request names, if it names one.
fn token(headers: &HeaderMap, schemes: Schemes) -> Result<Option<String>, Failure> {
    let malformed = || {
        Failure::new(ErrorKind::Denied, "token_malformed", "the Authorization header can't be read")
            .hint("send `Authorization: Bearer <token>`")
    };
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(malformed());
    }
    let (scheme, rest) = value.to_str().ok().and_then(|value| value.split_once(' ')).ok_or_else(malformed)?;
    let rest = rest.trim();
    let token = if scheme.eq_ignore_ascii_case("bearer") {
        rest.to_owned()
    } else if scheme.eq_ignore_ascii_case("basic") && schemes == Schemes::BearerAndBasic {
        let decoded = base64::engine::general_purpose::STANDARD.decode(rest).map_err(|_| malformed())?;
        let decoded = String::from_utf8(decoded).map_err(|_| malformed())?;
        decoded.split_once(':').ok_or_else(malformed)?.1.to_owned()
    } else {
        return Err(malformed());
    };
    if token.is_empty() { Err(malformed()) } else { Ok(Some(token)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[&str], schemes: Schemes, expect: Result<Option<&str>, ()>) {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_str(value).expect("a header"));
        }
        let found = token(&headers, schemes).map_err(|failure| assert_eq!(failure.status_code(), StatusCode::UNAUTHORIZED));
        assert_eq!(found.as_ref().map(Option::as_deref).map_err(|&()| ()), expect, "{values:?}");
    }

    #[test]
    fn tokens_in_the_authorization_header() {
        for schemes in [Schemes::Bearer, Schemes::BearerAndBasic] {
            check(&[], schemes, Ok(None));
            check(&["Bearer abc"], schemes, Ok(Some("abc")));
            check(&["bearer  abc "], schemes, Ok(Some("abc")));
            check(&["Bearer "], schemes, Err(()));
            check(&["Bearer"], schemes, Err(()));
            check(&["Bearer a", "Bearer b"], schemes, Err(()));
            check(&["Digest abc"], schemes, Err(()));
        }
        // "x:to:ken" and "no colon".
        check(&["Basic eDp0bzprZW4="], Schemes::BearerAndBasic, Ok(Some("to:ken")));
        check(&["Basic bm8gY29sb24="], Schemes::BearerAndBasic, Err(()));
        check(&["Basic !"], Schemes::BearerAndBasic, Err(()));
        check(&["Basic eDp0b2tlbg=="], Schemes::Bearer, Err(()));
    }
}
