//! How an error looks over HTTP: RFC 9457 `application/problem+json`, and which status each kind gets.
//!
//! A body has `type`, `title`, `status`, `detail` (the problem's sentence) and Acetate's members `code`, `kind`, `hint`, `details`.

use acetate_engine::EngineError;
use acetate_types::{Classify, ErrorKind, Problem};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// The media type of a problem.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// A request that came to nothing.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    problem: Box<Problem>,
    status: StatusCode,
}

/// The body of a problem, as RFC 9457 has it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody<'a> {
    /// `urn:acetate:problem:` and the code.
    r#type: String,
    /// The kind in words.
    title: &'static str,
    /// The HTTP status again.
    status: u16,
    /// One sentence: what happened.
    detail: &'a str,
    /// A stable, specific code such as `session_lost`.
    code: &'a str,
    /// The kind: `not_found`, `conflict`, `invalid`, `stale`, `limit`, `denied`, `unavailable`, `internal`.
    kind: &'static str,
    /// One sentence: what to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
    /// Structured details, as the code documents them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    details: Option<&'a serde_json::Value>,
}

impl Failure {
    /// A failure of the door itself.
    pub(crate) fn new(kind: ErrorKind, code: &'static str, message: impl Into<String>) -> Self {
        Problem::new(kind, code, message).into()
    }

    /// A wrong request: 400.
    pub(crate) fn invalid(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, code, message)
    }

    /// The same failure with the next step for whoever meets it.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.problem.hint = Some(hint.into());
        self
    }

    /// The same failure under another status than its kind's.
    pub(crate) fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// What went wrong.
    pub(crate) fn problem(&self) -> &Problem {
        &self.problem
    }

    /// The status it is answered with.
    pub(crate) fn status_code(&self) -> StatusCode {
        self.status
    }

    /// A fault of the door: a thread that panicked, a value that could not be written.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Internal, "internal", message).hint("the server's log says more")
    }
}

/// The status for a kind; `code` tells rates from sizes, and an unknown caller from one without the right.
fn status_of(kind: ErrorKind, code: &str) -> StatusCode {
    match kind {
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::Invalid => StatusCode::BAD_REQUEST,
        ErrorKind::Stale => StatusCode::PRECONDITION_FAILED,
        ErrorKind::Limit if code.ends_with("_limit") || code == "line_full" => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Limit => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorKind::Denied if code.starts_with("token_") => StatusCode::UNAUTHORIZED,
        ErrorKind::Denied => StatusCode::FORBIDDEN,
        ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn title_of(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::NotFound => "Not found",
        ErrorKind::Conflict => "In conflict with the present state",
        ErrorKind::Invalid => "Wrong request",
        ErrorKind::Stale => "Right for an earlier state",
        ErrorKind::Limit => "Over a limit",
        ErrorKind::Denied => "Not allowed",
        ErrorKind::Unavailable => "Not to be answered now",
        _ => "A fault of the server",
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        let status = status_of(problem.kind, &problem.code);
        Self { problem: Box::new(problem), status }
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        error.problem().into()
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let Self { problem, status } = self;
        if status.is_server_error() && problem.kind == ErrorKind::Internal {
            tracing::error!(code = %problem.code, message = %problem.message, "internal error");
        }
        let body = ProblemBody {
            r#type: format!("urn:acetate:problem:{}", problem.code),
            title: title_of(problem.kind),
            status: status.as_u16(),
            detail: &problem.message,
            code: &problem.code,
            kind: problem.kind.as_str(),
            hint: problem.hint.as_deref(),
            details: problem.details.as_deref(),
        };
        // Texts and a JSON value: writing them can't fail; if it did, the status alone would say enough.
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        match status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"acetate\""));
            }
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_status() {
        for (kind, code, expect) in [
            (ErrorKind::NotFound, "file_not_found", 404),
            (ErrorKind::Conflict, "name_taken", 409),
            (ErrorKind::Invalid, "glob_invalid", 400),
            (ErrorKind::Stale, "stale_revision", 412),
            (ErrorKind::Limit, "file_too_large", 413),
            (ErrorKind::Limit, "session_quota", 413),
            (ErrorKind::Limit, "sessions_limit", 429),
            (ErrorKind::Limit, "line_full", 429),
            (ErrorKind::Denied, "token_unknown", 401),
            (ErrorKind::Denied, "denied", 403),
            (ErrorKind::Unavailable, "store_read_only", 503),
            (ErrorKind::Internal, "object_missing", 500),
        ] {
            assert_eq!(status_of(kind, code).as_u16(), expect, "{kind} {code}");
        }
    }

    #[tokio::test]
    async fn a_problem_has_the_members_of_rfc_9457_and_ours() {
        let failure = Failure::from(
            Problem::new(ErrorKind::Stale, "stale_revision", "It changed.").hint("Read again.").details(serde_json::json!({"etag": "x"})),
        );
        let response = failure.into_response();
        assert_eq!(response.headers()[CONTENT_TYPE], PROBLEM_JSON);
        let body = axum::body::to_bytes(response.into_body(), 1 << 16).await.expect("a body");
        let body: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(
            body,
            serde_json::json!({
                "type": "urn:acetate:problem:stale_revision", "title": "Right for an earlier state", "status": 412, "detail": "It changed.",
                "code": "stale_revision", "kind": "stale", "hint": "Read again.", "details": {"etag": "x"},
            })
        );
    }
}
