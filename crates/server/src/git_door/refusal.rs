//! Errors of the Git door: plain text, which Git shows to people as `remote: …`, and a challenge that Git's credential helpers answer.

use super::report::plain;
use crate::problem::Failure;
use axum::http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

/// A failure as Git is told of it.
#[derive(Debug)]
pub(super) struct Refusal(Failure);

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self(failure)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = self.0.status_code();
        let problem = self.0.problem();
        let mut text = format!("{} ({})\n", plain(&problem.message), problem.code);
        match (&problem.hint, status) {
            (_, StatusCode::UNAUTHORIZED) => text.push_str("hint: give any user name, and a token as the password\n"),
            (Some(hint), _) => text.push_str(&format!("hint: {}\n", plain(hint))),
            (None, _) => {}
        }
        let mut response = (status, text).into_response();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"acetate\", charset=\"UTF-8\""));
        }
        response
    }
}
