//! `submit` and `resolve`: what may take longer than a client waits.

use super::call::Call;
use super::conflicts::{conflict, conflict_lines, conflicted};
use crate::arguments::{Path, parse};
use crate::awareness::with_standing;
use crate::outcome::{Outcome, counted};
use crate::pending::{Under, new_id};
use acetate_engine::api::{ListSymbols, Resolve, Submission, SubmissionOutcome, Submit, Take};
use acetate_engine::{EngineError, Session};
use acetate_types::Text;
use rmcp::model::JsonObject;
use serde::Deserialize;
use serde_json::json;
use std::fmt::Write as _;
use std::time::SystemTime;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Submitted {
    message: Option<String>,
    #[serde(default)]
    dry_run: bool,
    submission_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settled {
    file_path: Path,
    symbol: Option<String>,
    kind: Option<String>,
    take: Take,
    text: Option<String>,
    #[serde(default)]
    submit: bool,
}

/// Submits, or asks what became of a submission.
pub(super) async fn submit(call: Call, given: Option<String>, arguments: JsonObject) -> Result<Outcome, EngineError> {
    let asked: Submitted = parse(arguments)?;
    if let Some(id) = asked.submission_id {
        return again(call, &id).await;
    }
    let request = Submit { message: asked.message, dry_run: asked.dry_run, same_symbol: None };
    long(call, given, move |call, session| {
        let submission = session.submit(request.clone(), None)?;
        Ok(submitted(&submission, request.dry_run, call.shared.limits.page_chars))
    })
    .await
}

/// Settles a conflict.
pub(super) async fn resolve(call: Call, given: Option<String>, arguments: JsonObject) -> Result<Outcome, EngineError> {
    let asked: Settled = parse(arguments)?;
    let request = Resolve {
        path: asked.file_path.0,
        symbol: asked.symbol,
        kind: asked.kind,
        take: asked.take,
        text: asked.text.map(|text| Text(text.into())),
        submit: asked.submit,
    };
    long(call, given, move |call, session| {
        fits(session, &request)?;
        let settled = session.resolve(request, None)?;
        let mut text = match settled.open {
            0 => "settled; no conflict is left".to_owned(),
            open => format!("settled; {} left", counted(open, "conflict")),
        };
        if settled.moved {
            text.push_str(", and your session stands on the newer version with the merged texts");
        }
        for found in settled.remaining.iter().take(10) {
            let _ = write!(text, "\n{}", conflict_lines(found, 0));
        }
        let remaining: Vec<_> = settled.remaining.iter().map(|found| conflict(found, 0)).collect();
        let mut data = json!({ "open": settled.open, "moved": settled.moved, "remaining": remaining });
        if let Some(submission) = &settled.submission {
            let outcome = submitted(submission, false, call.shared.limits.page_chars);
            let _ = write!(text, "\n{}", outcome.text);
            data["submission"] = outcome.data.into();
        } else if settled.open == 0 {
            text.push_str("; submit lands it");
        }
        Ok(Outcome::new(data, text))
    })
    .await
}

/// Refuses a text that can't be what was meant: it stands in for the lines of one place, not for the symbol around them.
fn fits(session: &Session, asked: &Resolve) -> Result<(), EngineError> {
    let (Some(text), true) = (&asked.text, asked.symbol.is_some() || asked.kind.is_some()) else { return Ok(()) };
    let whole = "or settle the whole file: resolve with file_path, take: text and its whole text, without symbol and kind";
    let conflicts = session.status()?.conflicts;
    let found = conflicts.iter().find(|found| {
        found.path == asked.path
            && asked.symbol.as_deref().is_none_or(|symbol| found.symbol.as_deref().unwrap_or_default() == symbol)
            && asked.kind.as_deref().is_none_or(|kind| found.kind == kind)
    });
    let Some(side) = found.and_then(|found| found.session.as_ref().or(found.head.as_ref())) else { return Ok(()) };
    if side.places.len() > 1 {
        let message = format!("the conflict has {} places, and one text can't stand in for them", side.places.len());
        return Err(EngineError::invalid("text_places", message).hint(format!("take head, session or the proposal, {whole}")));
    }
    // The symbol's own first line, where the conflict begins further down.
    let (Some(symbol), Some(place)) = (asked.symbol.as_deref().filter(|symbol| !symbol.is_empty()), side.places.first()) else {
        return Ok(());
    };
    let listed = session.symbols(&ListSymbols { path: Some(asked.path.clone()), query: Some(symbol.to_owned()), limit: Some(50) })?;
    let Some(start) = listed.symbols.iter().find(|found| found.symbol == symbol).map(|found| found.start) else { return Ok(()) };
    if start >= place.start {
        return Ok(());
    }
    let file = session.read(&asked.path)?.content.0;
    let above = String::from_utf8_lossy(&file);
    let above = above.lines().skip(usize::try_from(start - 1).unwrap_or(usize::MAX));
    let above = above.take(usize::try_from(place.start - start).unwrap_or(0)).map(str::trim).filter(|line| !line.is_empty());
    let given = String::from_utf8_lossy(&text.0);
    let first = given.lines().map(str::trim).find(|line| !line.is_empty());
    if above.into_iter().next().is_some_and(|head| Some(head) == first) {
        let message = format!("the text begins with the first line of {symbol}, which stays: it would be there twice");
        let lines = if place.lines == 1 { "line that is" } else { "lines that are" };
        return Err(EngineError::invalid("text_too_wide", message)
            .hint(format!("give only what is to stand in place of the {lines} shown, {whole}")));
    }
    Ok(())
}

/// What became of a submission.
fn submitted(submission: &Submission, dry: bool, chars: usize) -> Outcome {
    match &submission.outcome {
        SubmissionOutcome::Landed { version, commit, unchanged, paths, findings, .. } => {
            let mut text = match (dry, unchanged, version) {
                (true, _, _) => format!("would land {}", counted(*paths, "path")),
                (false, true, _) => "there is nothing to land: the head has all of it".to_owned(),
                (false, false, Some(version)) => {
                    format!("landed as v{version} with {}; your session stands on it", counted(*paths, "path"))
                }
                (false, false, None) => format!("landed with {}", counted(*paths, "path")),
            };
            for finding in findings {
                let _ = write!(text, "\n- {finding}");
            }
            let mut data = json!({ "result": if *unchanged { "unchanged" } else { "landed" }, "paths": paths, "findings": findings });
            if let Some(version) = version {
                data["version"] = format!("v{version}").into();
            }
            if let Some(commit) = commit {
                data["commit"] = commit.to_hex().into();
            }
            Outcome::new(data, text)
        }
        SubmissionOutcome::Conflict { conflicts, open, against } => conflicted(conflicts, *open, against, chars),
        SubmissionOutcome::Rejected { checks } => {
            Outcome::new(json!({ "result": "rejected", "checks": checks }), format!("rejected by checks:\n{}", checks.join("\n")))
        }
    }
}

/// Does what may take long, on a thread of its own. What is not done when the client has waited goes on, and is asked for by an id.
async fn long<F>(call: Call, given: Option<String>, work: F) -> Result<Outcome, EngineError>
where
    F: FnOnce(&Call, &Session) -> Result<Outcome, EngineError> + Send + 'static,
{
    let session = {
        let call = call.clone();
        call.alone(move |call| call.session(given.as_deref())).await?
    };
    let permit = call.shared.enter().await?;
    let id = new_id(&call.shared.random);
    let (tell, mut under) = call.shared.pending.begin(id.clone(), session.id().clone(), SystemTime::now());
    let own = call.clone();
    tokio::task::spawn_blocking(move || {
        let done = work(&own, &session).map(|outcome| with_standing(&own.shared, &session, outcome));
        drop(permit);
        // Nobody waits for it any more where the door is ending.
        drop(tell.send(Some(done)));
    });
    answer(&call, &id, &mut under).await
}

/// Asks again for what was not done.
async fn again(call: Call, id: &str) -> Result<Outcome, EngineError> {
    let unknown = || {
        EngineError::not_found("submission_not_found", format!("there is no submission {id:?} under way"))
            .hint("status shows whether your work has landed; submit again if not")
    };
    let mut under = call.shared.pending.get(id).ok_or_else(unknown)?;
    // Whoever may not use the session may not know of it.
    let session = under.session.clone();
    call.clone().alone(move |call| call.session(Some(session.as_str())).map(drop)).await.map_err(|_| unknown())?;
    answer(&call, id, &mut under).await
}

async fn answer(call: &Call, id: &str, under: &mut Under) -> Result<Outcome, EngineError> {
    match under.wait(call.shared.limits.wait).await {
        Some(done) => {
            call.shared.pending.forget(id);
            done
        }
        None => Ok(Outcome::new(
            json!({ "result": "pending", "submission_id": id, "open": 0, "moved": false }),
            format!("not done yet; call submit with submission_id: {id}"),
        )),
    }
}
