//! The OpenAPI 3.1 document, made from the routes themselves.

use crate::problem::{PROBLEM_JSON, ProblemBody};
use crate::routes;
use serde_json::{Map, Value, json};
use utoipa::{PartialSchema as _, ToSchema as _};

/// The OpenAPI 3.1 document of `/v1`: what the server answers at `/v1/openapi.json`.
///
/// Git's own routes are not in it: they are Git's smart HTTP protocol.
pub fn openapi() -> Value {
    let described = routes::routes().into_openapi();
    // The document is plain data; writing it does not fail.
    let mut document = serde_json::to_value(described).unwrap_or_default();
    document["info"] = json!({
        "title": "Acetate",
        "description": "Many agents edit one codebase at a time. Every answer about a session says where it stands; what is not UTF-8 \
                        appears as {\"base64\": …}; errors are RFC 9457 problems.",
        "version": env!("CARGO_PKG_VERSION"),
        "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        "x-schema-version": acetate_engine::api::SCHEMA_VERSION,
    });
    document["security"] = json!([{ "token": [] }]);
    document["components"]["securitySchemes"] = json!({
        "token": { "type": "http", "scheme": "bearer", "description": "Not needed by the owner on the Unix socket." }
    });
    document["components"]["schemas"][ProblemBody::name().as_ref()] = serde_json::to_value(ProblemBody::schema()).unwrap_or_default();
    document["components"]["responses"] = json!({ "Problem": {
        "description": "What went wrong, as an RFC 9457 problem.",
        "content": { PROBLEM_JSON: { "schema": { "$ref": format!("#/components/schemas/{}", ProblemBody::name()) } } },
    } });
    if let Some(paths) = document["paths"].as_object_mut() {
        *paths = std::mem::take(paths).into_iter().map(|(path, item)| (path.replace("{*", "{"), item)).collect();
        for operation in paths.values_mut().filter_map(Value::as_object_mut).flat_map(Map::values_mut) {
            if operation.get("responses").is_some() {
                operation["responses"]["default"] = json!({ "$ref": "#/components/responses/Problem" });
            }
        }
    }
    document
}
