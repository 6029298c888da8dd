//! The committed OpenAPI document is the one that the code makes. `UPDATE=1` writes it anew.

use std::path::Path;

fn document() -> serde_json::Value {
    acetate_server::openapi()
}

#[test]
fn the_committed_document_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/openapi.json");
    let mut current = serde_json::to_string_pretty(&document()).expect("JSON");
    current.push('\n');
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(&path, &current).expect("written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == current, "docs/reference/openapi.json is not current: run this test with UPDATE=1 and commit it");
}

#[test]
fn it_is_openapi_3_1_and_every_reference_leads_somewhere() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 100);
    for reference in references {
        let pointer = reference.strip_prefix('#').expect("a reference within the document");
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}

fn collect(value: &serde_json::Value, references: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(fields) => {
            if let Some(reference) = fields.get("$ref").and_then(serde_json::Value::as_str) {
                references.push(reference.to_owned());
            }
            fields.values().for_each(|field| collect(field, references));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, references)),
        _ => {}
    }
}

#[test]
fn every_route_of_the_design_is_there() {
    let document = document();
    for (method, path) in [
        ("get", "/healthz"),
        ("get", "/v1"),
        ("get", "/v1/openapi.json"),
        ("post", "/v1/tokens"),
        ("post", "/v1/backup"),
        ("get", "/v1/submissions/{id}"),
        ("get", "/v1/changes/{id}"),
        ("get", "/v1/workspaces"),
        ("post", "/v1/workspaces"),
        ("get", "/v1/workspaces/{w}"),
        ("patch", "/v1/workspaces/{w}"),
        ("delete", "/v1/workspaces/{w}"),
        ("get", "/v1/workspaces/{w}/branches"),
        ("post", "/v1/workspaces/{w}/branches"),
        ("delete", "/v1/workspaces/{w}/branches"),
        ("get", "/v1/workspaces/{w}/versions"),
        ("get", "/v1/workspaces/{w}/diff"),
        ("get", "/v1/workspaces/{w}/files"),
        ("get", "/v1/workspaces/{w}/files/{path}"),
        ("post", "/v1/workspaces/{w}/read"),
        ("get", "/v1/workspaces/{w}/checkpoints"),
        ("post", "/v1/workspaces/{w}/checkpoints"),
        ("post", "/v1/workspaces/{w}/forks"),
        ("post", "/v1/workspaces/{w}/catch-up"),
        ("get", "/v1/workspaces/{w}/bundle"),
        ("get", "/v1/workspaces/{w}/operations"),
        ("post", "/v1/workspaces/{w}/undo"),
        ("get", "/v1/workspaces/{w}/events"),
        ("post", "/v1/workspaces/{w}/sessions"),
        ("get", "/v1/workspaces/{w}/sessions"),
        ("get", "/v1/sessions/{s}"),
        ("delete", "/v1/sessions/{s}"),
        ("post", "/v1/sessions/{s}/pause"),
        ("post", "/v1/sessions/{s}/resume"),
        ("post", "/v1/sessions/{s}/fork"),
        ("get", "/v1/sessions/{s}/files"),
        ("get", "/v1/sessions/{s}/files/{path}"),
        ("head", "/v1/sessions/{s}/files/{path}"),
        ("put", "/v1/sessions/{s}/files/{path}"),
        ("delete", "/v1/sessions/{s}/files/{path}"),
        ("post", "/v1/sessions/{s}/read"),
        ("post", "/v1/sessions/{s}/edit"),
        ("post", "/v1/sessions/{s}/move"),
        ("post", "/v1/sessions/{s}/mode"),
        ("post", "/v1/sessions/{s}/batch"),
        ("post", "/v1/sessions/{s}/grep"),
        ("get", "/v1/sessions/{s}/diff"),
        ("get", "/v1/sessions/{s}/status"),
        ("post", "/v1/sessions/{s}/commit"),
        ("post", "/v1/sessions/{s}/sync"),
        ("post", "/v1/sessions/{s}/submit"),
        ("post", "/v1/sessions/{s}/resolve"),
        ("get", "/v1/sessions/{s}/symbols"),
        ("get", "/v1/sessions/{s}/conflicts/{path}"),
    ] {
        let operation = &document["paths"][path][method];
        assert!(operation.is_object(), "{method} {path} is missing");
        assert_eq!(operation["responses"]["default"]["$ref"], "#/components/responses/Problem", "{method} {path}");
    }
}
