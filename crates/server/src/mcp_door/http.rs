//! Streamable HTTP, behind a token, and where tokens are had.

use crate::call::{Call, Schemes, json_response};
use crate::door::Door;
use crate::problem::Failure;
use acetate_types::ErrorKind;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use std::sync::Arc;

/// One request of a client: who sends it goes along, and is asked for anew with each.
pub(super) async fn mcp(State(door): State<Arc<Door>>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let call = match Call::authorize(&parts, &door, Schemes::Bearer).await {
        Ok(call) => call,
        Err(failure) => return challenged(&door, failure.into_response()),
    };
    parts.extensions.insert(call.access);
    door.mcp.http.answer(Request::from_parts(parts, body)).await.map(Body::new)
}

/// A refusal that says where a token is had (RFC 9728, section 5.1), if an issuer is configured.
fn challenged(door: &Door, mut response: Response) -> Response {
    if response.status() == StatusCode::UNAUTHORIZED
        && let Some(issuer) = &door.issuer
        && let Ok(challenge) = HeaderValue::from_str(&format!("Bearer resource_metadata=\"{}\"", issuer.metadata_address()))
    {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

/// The metadata of this resource (RFC 9728): public, for it says only where tokens are had.
pub(super) async fn metadata(State(door): State<Arc<Door>>) -> Result<Response, Failure> {
    let Some(issuer) = &door.issuer else {
        return Err(Failure::new(ErrorKind::NotFound, "issuer_missing", "this server takes its own tokens only")
            .hint("`acetate token create` makes one"));
    };
    Ok(json_response(StatusCode::OK, issuer.metadata().to_string().into_bytes()))
}
