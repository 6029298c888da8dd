//! `merge-file --batch`: one line of JSON asks for a merge, one line answers it, in order.
//!
//! Merges run on as many threads as there are processors; an answer is written as soon as all before it are. At any time no more than a few
//! merges for each thread are in memory.

use super::how::How;
use super::local;
use super::shown::ShownMerge;
use super::texts::Texts;
use crate::args;
use crate::client::Failure;
use acetate_merge::{Labels, MarkerStyle, SameSymbol};
use acetate_types::{ErrorKind, Problem};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::io::{BufRead, Read as _, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

/// The longest line that is read.
const LINE: u64 = 1 << 20;
/// Merges that wait for each thread.
const WAITING: usize = 4;

/// What a line asks for; names are of files.
#[derive(Deserialize)]
struct Asked {
    path: Option<String>,
    base: Option<PathBuf>,
    ours: PathBuf,
    theirs: PathBuf,
    labels: Option<AskedLabels>,
    marker_size: Option<u16>,
    style: Option<MarkerStyle>,
    same_symbol: Option<SameSymbol>,
}

#[derive(Deserialize)]
struct AskedLabels {
    base: Option<String>,
    ours: Option<String>,
    theirs: Option<String>,
}

#[derive(Serialize)]
struct Answer {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Value>,
    #[serde(flatten)]
    body: Body,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Body {
    Merged(ShownMerge),
    Failed {
        status: &'static str,
        code: String,
        message: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        hint: Option<String>,
    },
}

/// A line as read.
enum Line {
    Whole(Vec<u8>),
    TooLong,
}

type Job = (Line, SyncSender<String>);

/// Answers all lines.
///
/// # Errors
/// When standard input can't be read or standard output not be written. What is wrong with a line is its answer.
pub fn batch(args: &args::MergeFile) -> Result<u8, Failure> {
    let label = |at: usize, usual: &str| args.labels.get(at).map_or_else(|| usual.to_owned(), |label| label.to_string_lossy().into_owned());
    let how = How::of(&args.how, Labels { ours: label(0, "ours"), base: label(1, "base"), theirs: label(2, "theirs") });
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(16);
    let (jobs, taken) = sync_channel::<Job>(threads);
    let (order, answers) = sync_channel::<Receiver<String>>(threads * WAITING);
    let shared = Arc::new((Mutex::new(taken), how));
    for _ in 0..threads {
        let shared = Arc::clone(&shared);
        std::thread::spawn(move || work(&shared.0, &shared.1));
    }
    // None of the threads is waited for when the output is closed: the reader may be waiting for a line.
    let reader = std::thread::spawn(move || read(&jobs, &order));
    let mut out = std::io::stdout().lock();
    for answer in answers {
        out.write_all(answer.recv().unwrap_or_default().as_bytes())?;
        out.flush()?;
    }
    reader.join().unwrap_or_else(|_| Err(Failure::unexpected("standard input could not be read")))?;
    Ok(0)
}

/// Reads lines and hands each to whichever thread is free, in their order to whoever writes.
fn read(jobs: &SyncSender<Job>, order: &SyncSender<Receiver<String>>) -> Result<(), Failure> {
    let mut input = std::io::stdin().lock();
    while let Some(line) = next(&mut input)? {
        let (answer, answered) = sync_channel(1);
        // Nobody takes them any more: the output is closed.
        if order.send(answered).is_err() || jobs.send((line, answer)).is_err() {
            break;
        }
    }
    Ok(())
}

fn next(input: &mut impl BufRead) -> std::io::Result<Option<Line>> {
    let mut line = Vec::new();
    if input.by_ref().take(LINE).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.ends_with(b"\n") || (line.len() as u64) < LINE {
        return Ok(Some(Line::Whole(line)));
    }
    input.skip_until(b'\n')?;
    Ok(Some(Line::TooLong))
}

fn work(jobs: &Mutex<Receiver<Job>>, how: &How) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((line, answer)) = job else { return };
        // A receiver that is gone wants no answer.
        drop(answer.send(answered(line, how)));
    }
}

/// The answer to a line, with its line end.
fn answered(line: Line, how: &How) -> String {
    let mut id = None;
    let body = match line {
        Line::TooLong => Err(wrong(format!("a line is longer than {LINE} bytes"))),
        Line::Whole(line) => serde_json::from_slice::<Value>(&line).map_err(|error| wrong(error.to_string())).and_then(|mut value| {
            id = value.as_object_mut().and_then(|fields| fields.remove("id"));
            serde_json::from_value::<Asked>(value).map_err(|error| wrong(error.to_string())).and_then(|asked| {
                let merged = catch_unwind(AssertUnwindSafe(|| merge(asked, how)));
                merged.unwrap_or_else(|_| Err(Failure::unexpected("the merge came to a fault")))
            })
        }),
    };
    let body = match body {
        Ok(merged) => Body::Merged(merged),
        Err(failure) => failed(failure),
    };
    let mut text = serde_json::to_string(&Answer { id, body })
        .unwrap_or_else(|error| format!("{{\"status\": \"error\", \"code\": \"unexpected\", \"message\": {:?}}}", error.to_string()));
    text.push('\n');
    text
}

fn merge(asked: Asked, how: &How) -> Result<ShownMerge, Failure> {
    let mut how = how.clone();
    if let Some(labels) = asked.labels {
        for (own, given) in
            [(&mut how.labels.base, labels.base), (&mut how.labels.ours, labels.ours), (&mut how.labels.theirs, labels.theirs)]
        {
            if let Some(given) = given {
                *own = given;
            }
        }
    }
    how.style = asked.style.or(how.style);
    how.same_symbol = asked.same_symbol.unwrap_or(how.same_symbol);
    how.marker_size = asked.marker_size.map_or(how.marker_size, |size| usize::from(size.min(1000)));
    let path = asked.path.map_or_else(|| asked.ours.clone().into_os_string(), Into::into);
    let texts = Texts {
        path: local::repo_path(&path),
        base: asked.base.as_deref().map(local::read).transpose()?,
        ours: local::read(&asked.ours)?,
        theirs: local::read(&asked.theirs)?,
    };
    let merged = texts.merge(&how)?;
    Ok(ShownMerge::of(&texts, &merged))
}

fn wrong(message: String) -> Failure {
    Failure::from(Problem::new(ErrorKind::Invalid, "batch_line", message))
        .hint("each line is one JSON object: {\"id\": …, \"path\": …, \"base\": FILE, \"ours\": FILE, \"theirs\": FILE}")
}

fn failed(failure: Failure) -> Body {
    match failure {
        Failure::Problem(problem) => {
            Body::Failed { status: "error", code: problem.code.into_owned(), message: problem.message, hint: problem.hint }
        }
        Failure::Silent => Body::Failed { status: "error", code: "io".to_owned(), message: "a file can't be read".to_owned(), hint: None },
    }
}
