//! What a session holds, as resources: `acetate://{session_id}/files/{+path}`, `/symbols/{+path}`, `/diff`, `/conflicts`.

use crate::arguments::session_id;
use crate::shared::Shared;
use crate::tools::conflict;
use acetate_engine::api::ListSymbols;
use acetate_engine::{Access, DiffOptions, EngineError, Scope, Session};
use acetate_types::{ErrorKind, RepoPath, SessionId};
use base64::Engine as _;
use percent_encoding::percent_decode_str;
use rmcp::ErrorData;
use rmcp::model::{Resource, ResourceContents, ResourceTemplate};
use serde_json::json;

const SCHEME: &str = "acetate://";
/// Sessions whose resources are listed.
const SESSIONS: usize = 50;
/// Workspaces that are looked into for them.
const WORKSPACES: usize = 50;
/// Largest file that is given as one resource, in bytes.
const FILE: usize = 1 << 20;
/// Most characters of a text of a conflict.
const TEXT: usize = 16_000;

/// The forms of addresses.
pub(crate) fn templates() -> Vec<ResourceTemplate> {
    let of = |path: &str, name: &str, title: &str, about: &str| {
        ResourceTemplate::new(format!("{SCHEME}{{session_id}}/{path}"), name).with_title(title).with_description(about)
    };
    vec![
        of("files/{+path}", "file", "File", "A file as it is in a session"),
        of("symbols/{+path}", "symbols", "Symbols", "The symbols of a file as it is in a session").with_mime_type("application/json"),
        of("diff", "diff", "Diff", "What a session changed since its base").with_mime_type("text/x-diff"),
        of("conflicts", "conflicts", "Conflicts", "The conflicts of a session that wait for resolve").with_mime_type("application/json"),
    ]
}

/// What each open session that the caller may see changed.
pub(crate) fn list(shared: &Shared, access: &Access) -> Result<Vec<Resource>, EngineError> {
    let mut out = Vec::new();
    for (id, agent) in sessions(shared, access)? {
        for (kind, mime) in [("diff", "text/x-diff"), ("conflicts", "application/json")] {
            let name = format!("{kind} of {id}");
            let about = format!("of the session of {:?}", crate::awareness::quoted(&agent));
            out.push(Resource::new(format!("{SCHEME}{id}/{kind}"), name).with_description(about).with_mime_type(mime));
        }
    }
    Ok(out)
}

fn sessions(shared: &Shared, access: &Access) -> Result<Vec<(SessionId, String)>, EngineError> {
    if let Scope::Session { session, .. } = &access.scope {
        let info = shared.engine.session(access, session)?.show()?;
        return Ok(vec![(info.id, info.agent)]);
    }
    let mut out = Vec::new();
    for workspace in shared.engine.workspaces(access, None, Some(WORKSPACES))?.workspaces {
        let sessions = shared.engine.workspace(access, workspace.id.as_str())?.sessions()?.sessions;
        out.extend(sessions.into_iter().map(|info| (info.id, info.agent)));
        if out.len() >= SESSIONS {
            break;
        }
    }
    out.truncate(SESSIONS);
    Ok(out)
}

/// What an address names.
pub(crate) fn read(shared: &Shared, access: &Access, uri: &str) -> Result<ResourceContents, EngineError> {
    let unknown = || EngineError::not_found("resource_not_found", "there is no such resource");
    let (id, rest) = uri.strip_prefix(SCHEME).and_then(|rest| rest.split_once('/')).ok_or_else(unknown)?;
    let session = shared.engine.session(access, &session_id(id)?)?;
    match rest.split_once('/') {
        None if rest == "diff" => {
            let options = DiffOptions { hunks: false, patch: true, symbols: false, context: 3, paths: Vec::new() };
            let patch = session.diff(&options)?.patch.unwrap_or_default();
            Ok(ResourceContents::text(String::from_utf8_lossy(&patch.0), uri).with_mime_type("text/x-diff"))
        }
        None if rest == "conflicts" => {
            let conflicts: Vec<_> = session.status()?.conflicts.iter().map(|found| conflict(found, TEXT)).collect();
            Ok(ResourceContents::text(json!({ "conflicts": conflicts }).to_string(), uri).with_mime_type("application/json"))
        }
        Some(("files", path)) => file(&session, &decoded(path).ok_or_else(unknown)?, uri),
        Some(("symbols", path)) => {
            let path = decoded(path).ok_or_else(unknown)?;
            let list = session.symbols(&ListSymbols { path: Some(path), ..ListSymbols::default() })?;
            let text = serde_json::to_string(&list).unwrap_or_default();
            Ok(ResourceContents::text(text, uri).with_mime_type("application/json"))
        }
        _ => Err(unknown()),
    }
}

fn decoded(path: &str) -> Option<RepoPath> {
    RepoPath::new(percent_decode_str(path).collect::<Vec<u8>>()).ok()
}

fn file(session: &Session, path: &RepoPath, uri: &str) -> Result<ResourceContents, EngineError> {
    let found = session.read(path)?;
    let bytes = found.content.0;
    if bytes.len() > FILE {
        return Err(
            EngineError::limit("file_too_large", format!("the file has {} bytes", bytes.len())).hint("the tool read gives it page by page")
        );
    }
    Ok(match std::str::from_utf8(&bytes) {
        Ok(text) => ResourceContents::text(text, uri).with_mime_type("text/plain"),
        Err(_) => {
            ResourceContents::blob(base64::engine::general_purpose::STANDARD.encode(&bytes), uri).with_mime_type("application/octet-stream")
        }
    })
}

/// An error of the engine as the protocol's: what is not there, or may not be seen, is one thing.
pub(crate) fn error(error: &EngineError, uri: &str) -> ErrorData {
    let data = json!({ "uri": uri, "code": error.code() });
    match error.kind() {
        ErrorKind::NotFound => ErrorData::resource_not_found("there is no such resource", Some(json!({ "uri": uri }))),
        ErrorKind::Internal | ErrorKind::Unavailable => ErrorData::internal_error(error.to_string(), Some(data)),
        _ => ErrorData::invalid_params(error.to_string(), Some(data)),
    }
}
