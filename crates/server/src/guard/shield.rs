//! The layers around all routes: panics caught, `Host` and `Origin` checked, unknown routes and methods answered as problems.

use super::names::Refused;
use crate::door::{Door, Peer};
use crate::problem::Failure;
use acetate_types::ErrorKind;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;

/// Puts the layers around all routes.
pub(crate) fn shield(routes: Router<Arc<Door>>, door: Arc<Door>) -> Router {
    routes
        .fallback(unknown_route)
        .method_not_allowed_fallback(wrong_method)
        .with_state(door.clone())
        .layer(CatchPanicLayer::custom(|_| panicked()))
        .layer(from_fn_with_state(door, check_head))
        .layer(from_fn(finish))
        .layer(from_fn(super::request_id::named))
}

/// What is wrong with a request before anybody looks at what it asks for.
async fn check_head(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    // The HTTP library reads in steps and may have taken more before it looked at the length.
    let most = door.limits.header_bytes;
    if head_bytes(request.method(), request.uri(), request.headers()) > most {
        return Failure::new(ErrorKind::Limit, "head_too_large", format!("the request line and headers are over {most} bytes"))
            .status(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)
            .into_response();
    }
    let peer = request.extensions().get::<Peer>().copied().unwrap_or(Peer::Tcp);
    match door.names.check(peer, request.uri(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refused) => refuse(refused).into_response(),
    }
}

/// About how many bytes the head of a request has on the wire.
fn head_bytes(method: &Method, uri: &Uri, headers: &HeaderMap) -> usize {
    let target = uri.path().len() + uri.query().map_or(0, |query| query.len() + 1);
    // `name: value` and the end of the line; the request line has two spaces, a version and its end, and an empty line ends the head.
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum::<usize>() + method.as_str().len() + target + 14
}

fn refuse(refused: Refused) -> Failure {
    match refused {
        Refused::Host => Failure::new(ErrorKind::Denied, "host_forbidden", "the Host header does not name this server")
            .hint("call it by a loopback name and its port, or start it with this name allowed"),
        Refused::Origin => Failure::new(ErrorKind::Denied, "origin_forbidden", "pages of this origin may not call this server")
            .hint("start the server with this origin allowed"),
    }
}

/// What every answer carries, whatever the route: never sniffed, not kept by shared caches unless the route says otherwise.
async fn finish(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-cache"));
    response
}

fn panicked() -> Response {
    // The panic itself was logged by its hook; its words are not for clients.
    Failure::internal("the request ended in a fault of the server").into_response()
}

async fn unknown_route(uri: Uri) -> Failure {
    let shown: String = uri.path().chars().take(200).collect();
    Failure::new(ErrorKind::NotFound, "route_not_found", format!("there is no route {shown}")).hint("GET /v1/openapi.json lists them all")
}

async fn wrong_method(method: Method, uri: Uri) -> Response {
    let shown: String = uri.path().chars().take(200).collect();
    let failure = Failure::invalid("method_not_allowed", format!("{method} is not a method of {shown}"))
        .hint("GET /v1/openapi.json lists them all")
        .status(StatusCode::METHOD_NOT_ALLOWED);
    let mut response = failure.into_response();
    // The router adds the methods that are; RFC 9110 wants the header in any case.
    response.headers_mut().remove(ALLOW);
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::routing::get;
    use tower::ServiceExt as _;

    async fn boom() -> &'static str {
        panic!("secret words")
    }

    async fn ask(method: &str, path: &str) -> (StatusCode, Option<String>, serde_json::Value) {
        let routes: Router = Router::new()
            .route("/boom", get(boom))
            .fallback(unknown_route)
            .method_not_allowed_fallback(wrong_method)
            .layer(CatchPanicLayer::custom(|_| panicked()))
            .layer(from_fn(finish));
        let request = axum::http::Request::builder().method(method).uri(path).body(Body::empty()).expect("a request");
        let response = routes.oneshot(request).await.expect("an answer");
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let allow = response.headers().get(ALLOW).map(|value| value.to_str().expect("text").to_owned());
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 1 << 16).await.expect("a body");
        (status, allow, serde_json::from_slice(&body).expect("a problem"))
    }

    #[tokio::test]
    async fn unknown_routes_wrong_methods_and_panics_are_problems() {
        let (status, _, body) = ask("GET", "/nowhere").await;
        assert_eq!((status.as_u16(), &body["code"]), (404, &serde_json::json!("route_not_found")));
        let (status, allow, body) = ask("DELETE", "/boom").await;
        assert_eq!((status.as_u16(), &body["code"]), (405, &serde_json::json!("method_not_allowed")));
        assert_eq!(allow.as_deref(), Some("GET,HEAD"));
        let (status, _, body) = ask("GET", "/boom").await;
        assert_eq!((status.as_u16(), &body["kind"]), (500, &serde_json::json!("internal")));
        assert!(!body.to_string().contains("secret"));
    }
}
