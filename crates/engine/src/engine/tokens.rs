//! Tokens: made once, kept as a hash, looked up per call from memory.

use crate::access::Vouched;
use crate::api::{CreateToken, NewToken, Right, Timestamp, TokenInfo, TokenList};
use crate::session::{TokenHash, new_token, repeatable_token, shown_once, token_hash};
use crate::store::{Begun, Once, Store};
use crate::{Access, EngineError, Idempotency, Scope};
use acetate_catalog::{Batch, TokenRecord, TokenScope, Write};
use acetate_types::ErrorKind;
use std::sync::Arc;

/// Tokens that are read from the catalog at a time.
const PAGE: usize = 500;
/// Longest token, in bytes: those of other issuers are far longer than our own.
const LONGEST: usize = 16 << 10;
/// From so many known tokens on, those that have ended are forgotten before another one is vouched for.
const KNOWN: usize = 10_000;
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
    if token.len() > LONGEST {
        return Err(unknown());
    }
    access_of(store, token_hash(token))
}

/// The access that a token gives, where memory alone can say so.
pub(super) fn in_memory(store: &Arc<Store>, token: &str) -> Option<Access> {
    if token.len() > LONGEST {
        return None;
    }
    let hash = token_hash(token);
    let session = store.session_tokens.pin().get(&hash).and_then(|session| store.sessions.pin().get(session).cloned());
    let looked_up = session.map_or(Some(hash), |cell| cell.opener);
    let there = looked_up.is_none_or(|hash| store.tokens.pin().contains_key(&hash));
    if there { access_of(store, hash).ok() } else { None }
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
    // Two tokens with one label are two callers.
    let id = id_of(&hash);
    let actor = if record.label.is_empty() { format!("token:{id}") } else { format!("token:{}#{id}", record.label) };
    Ok(Access { scope, rights: rights(record.rights), actor, token: Some(hash) })
}

/// A token that was made and has not ended.
fn known(store: &Arc<Store>, hash: &TokenHash) -> Result<TokenRecord, EngineError> {
    let cached = store.tokens.pin().get(hash).cloned();
    let record = match cached {
        Some(record) => record,
        None => {
            let record = store.catalog.token(hash)?.ok_or_else(unknown)?;
            // If it was revoked since it was read, that is what stays known.
            store.tokens.pin().get_or_insert(*hash, Some(record)).clone()
        }
    };
    let record = record.ok_or_else(unknown)?;
    if record.expires.is_some_and(|expires| expires <= store.now().0) { Err(unknown()) } else { Ok(record) }
}

/// Takes a token for good that somebody else made and a door has checked. It is known to this process alone, until it ends.
pub(super) fn vouch(store: &Arc<Store>, token: &str, vouched: &Vouched) -> Result<Access, EngineError> {
    if token.len() > LONGEST {
        return Err(unknown());
    }
    let scope = match &vouched.workspace {
        None => TokenScope::Store,
        Some(name) => {
            // As its issuer names it: by id or by name, whatever the token itself may see.
            let found = super::handle::find_workspace(store, &Access::owner(), name).map_err(|_| unknown())?;
            TokenScope::Workspace(found.id.clone())
        }
    };
    let hash = token_hash(token);
    let now = store.now().0;
    let known = store.tokens.pin();
    if known.len() >= KNOWN {
        known.retain(|_, record| record.as_ref().is_none_or(|record| record.expires.is_none_or(|expires| expires > now)));
    }
    let label = vouched.subject.chars().filter(|c| !c.is_control()).take(100).collect();
    let rights = bits(&vouched.rights);
    known.insert(hash, Some(TokenRecord { hash, scope, rights, label, created: now, expires: Some(vouched.expires.0) }));
    drop(known);
    access_of(store, hash)
}

/// Makes a token.
pub(super) fn create(
    store: &Arc<Store>,
    access: &Access,
    create: &CreateToken,
    once: Option<&Idempotency>,
) -> Result<NewToken, EngineError> {
    access.need(Right::Admin)?;
    let token = once.map_or_else(|| new_token(store), |once| repeatable_token(store, &access.actor, None, once));
    let once = match Once::begin::<NewToken>(store, &access.actor, None, once)? {
        Begun::Again(answer) if known(store, &token_hash(&token)).is_ok() => return Ok(NewToken { token, ..answer }),
        Begun::Again(answer) => return Err(shown_once(format!("`acetate token revoke {}`, and make another", answer.id))),
        Begun::New(once) => once,
    };
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
    let expires = create.ttl.map(|ttl| now.plus_millis(i64::try_from(ttl).unwrap_or(i64::MAX / 1000).saturating_mul(1000)).0);
    let record = TokenRecord { hash: token_hash(&token), scope, rights: bits(&create.rights), label, created: now.0, expires };
    let answer = NewToken { id: id_of(&record.hash), token };
    let mut writes = vec![Write::PutToken(record)];
    if let Some(once) = &once {
        writes.push(once.write(&NewToken { token: String::new(), ..answer.clone() })?);
    }
    store.pipeline.commit(Vec::new(), Batch { writes }, Vec::new(), None)?;
    Ok(answer)
}

/// The name of a token that may be shown: a short part of its hash.
fn id_of(hash: &TokenHash) -> String {
    hex::encode(hash).chars().take(12).collect()
}

/// The tokens that the caller may see and that have not ended.
fn all(store: &Store, access: &Access) -> Result<Vec<TokenRecord>, EngineError> {
    access.need(Right::Admin)?;
    let scope = match &access.scope {
        Scope::Store => None,
        Scope::Workspace(workspace) => Some(TokenScope::Workspace(workspace.clone())),
        Scope::Session { .. } => {
            return Err(EngineError::new(ErrorKind::Denied, "scope_too_small", "this call needs a token for the workspace"));
        }
    };
    let now = store.now().0;
    let mut all = Vec::new();
    let mut after: Option<TokenHash> = None;
    loop {
        let page = store.catalog.tokens(scope.as_ref(), after.as_ref(), PAGE)?;
        after = page.last().map(|last| last.hash).filter(|_| page.len() == PAGE);
        all.extend(page.into_iter().filter(|token| token.expires.is_none_or(|expires| expires > now)));
        if after.is_none() {
            return Ok(all);
        }
    }
}

fn info(record: TokenRecord) -> TokenInfo {
    TokenInfo {
        id: id_of(&record.hash),
        workspace: match record.scope {
            TokenScope::Workspace(workspace) => Some(workspace),
            TokenScope::Store | TokenScope::Session(_) => None,
        },
        rights: rights(record.rights),
        label: record.label,
        created: Timestamp(record.created),
        expires: record.expires.map(Timestamp),
    }
}

/// The tokens that the caller may see, oldest first.
pub(super) fn list(store: &Store, access: &Access) -> Result<TokenList, EngineError> {
    let mut tokens: Vec<TokenInfo> = all(store, access)?.into_iter().map(info).collect();
    tokens.sort_by(|a, b| (a.created, &a.id).cmp(&(b.created, &b.id)));
    Ok(TokenList { tokens })
}

/// Ends a token now, and with it the tokens of the sessions it opened.
pub(super) fn revoke(store: &Store, access: &Access, id: &str) -> Result<TokenInfo, EngineError> {
    let missing = || {
        EngineError::not_found("token_not_found", format!("there is no token {id:?}"))
            .hint("`acetate token list` shows those that are there")
    };
    let record = all(store, access)?.into_iter().find(|token| id_of(&token.hash) == id).ok_or_else(missing)?;
    store.pipeline.commit(Vec::new(), Batch { writes: vec![Write::RemoveToken(record.hash)] }, Vec::new(), None)?;
    store.tokens.pin().insert(record.hash, None);
    Ok(info(record))
}
