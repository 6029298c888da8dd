//! Tokens: made once, kept as a hash, looked up per call from memory.

use crate::api::{CreateToken, NewToken, Right};
use crate::session::{TokenHash, new_token, token_hash};
use crate::store::Store;
use crate::{Access, EngineError, Scope};
use acetate_catalog::{Batch, TokenRecord, TokenScope, Write};
use acetate_types::ErrorKind;
use std::sync::Arc;

const RIGHTS: [Right; 4] = [Right::Read, Right::Write, Right::Land, Right::Admin];

fn bits(rights: &[Right]) -> u32 {
    RIGHTS.iter().enumerate().filter(|(_, right)| rights.contains(right)).map(|(at, _)| 1 << at).sum()
}

fn rights(bits: u32) -> Vec<Right> {
    RIGHTS.iter().enumerate().filter(|(at, _)| bits & 1 << at != 0).map(|(_, right)| *right).collect()
}

fn unknown() -> EngineError {
    EngineError::new(ErrorKind::Denied, "token_unknown", "the token is unknown, or has ended")
        .hint("`acetate token create` makes one; opening a session returns its own")
}

/// The access that a token gives.
pub(super) fn authorize(store: &Arc<Store>, token: &str) -> Result<Access, EngineError> {
    if token.len() > 200 {
        return Err(unknown());
    }
    access_of(store, token_hash(token))
}

/// The same access as its token gives it now. `token_unknown` once the token has ended.
pub(super) fn renew(store: &Arc<Store>, access: &Access) -> Result<Access, EngineError> {
    access.token.map_or_else(|| Ok(access.clone()), |hash| access_of(store, hash))
}

fn access_of(store: &Arc<Store>, hash: TokenHash) -> Result<Access, EngineError> {
    if let Some(session) = store.session_tokens.pin().get(&hash)
        && let Some(cell) = store.sessions.pin().get(session)
    {
        // No more than the token that opened the session gives, and no longer.
        let most = cell.opener.map(|opener| known(store, &opener)).transpose()?.map_or(u32::MAX, |opener| opener.rights);
        let rights = rights(most & bits(&[Right::Read, Right::Write, Right::Land]));
        let scope = Scope::Session { session: session.clone(), workspace: cell.workspace.id.clone() };
        return Ok(Access { scope, rights, actor: format!("session:{session}"), token: Some(hash) });
    }
    let record = known(store, &hash)?;
    let scope = match record.scope {
        TokenScope::Store => Scope::Store,
        TokenScope::Workspace(workspace) => Scope::Workspace(workspace),
        TokenScope::Session(session) => {
            let workspace = store.sessions.pin().get(&session).map(|cell| cell.workspace.id.clone()).ok_or_else(unknown)?;
            Scope::Session { session, workspace }
        }
    };
    let short: String = hex::encode(hash).chars().take(8).collect();
    let actor = if record.label.is_empty() { format!("token:{short}") } else { format!("token:{}", record.label) };
    Ok(Access { scope, rights: rights(record.rights), actor, token: Some(hash) })
}

/// A token that was made and has not ended.
fn known(store: &Arc<Store>, hash: &TokenHash) -> Result<TokenRecord, EngineError> {
    let cached = store.tokens.pin().get(hash).cloned();
    let record = match cached {
        Some(record) => record,
        None => {
            let record = store.catalog.token(hash)?.ok_or_else(unknown)?;
            store.tokens.pin().insert(*hash, record.clone());
            record
        }
    };
    if record.expires.is_some_and(|expires| expires <= store.now().0) { Err(unknown()) } else { Ok(record) }
}

/// Makes a token.
pub(super) fn create(store: &Arc<Store>, access: &Access, create: &CreateToken) -> Result<NewToken, EngineError> {
    access.need(Right::Admin)?;
    let scope = match &create.workspace {
        None => {
            access.need_store(Right::Admin)?;
            TokenScope::Store
        }
        Some(name) => TokenScope::Workspace(super::handle::find_workspace(store, access, name)?.id.clone()),
    };
    if create.rights.is_empty() {
        return Err(EngineError::invalid("rights_empty", "a token needs at least one right"));
    }
    let label = create.label.clone().unwrap_or_default();
    if label.len() > 200 || label.chars().any(char::is_control) {
        return Err(EngineError::invalid("label_invalid", "a label has at most 200 bytes and no control characters"));
    }
    let now = store.now();
    let token = new_token(store);
    let expires = create.ttl.map(|ttl| now.plus_millis(i64::try_from(ttl).unwrap_or(i64::MAX / 1000).saturating_mul(1000)).0);
    let record = TokenRecord { hash: token_hash(&token), scope, rights: bits(&create.rights), label, created: now.0, expires };
    store.pipeline.commit(Vec::new(), Batch { writes: vec![Write::PutToken(record)] }, Vec::new(), None)?;
    Ok(NewToken { token })
}
