//! Lines from the client to the daemon and back, until the client ends.

use super::memory::{Memory, id_of};
use super::upgrade::Joined;
use crate::client::Failure;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// Longest message, in bytes: the daemon takes no longer ones.
const LONGEST: usize = 4 << 20;
/// How long answers are waited for once the client has no more to say.
const LEAVE: Duration = Duration::from_secs(30);

/// Where connections to the daemon come from; starts one if need be.
pub trait Reach {
    /// A connection for a conversation whose own session is this one.
    fn reach(&mut self, session: Option<&str>) -> impl Future<Output = Result<Joined, Failure>>;
}

/// Joins the two until the client's input ends.
///
/// # Errors
/// When the client can't be written to, or no daemon can be had for the first line. Later a call is answered with the error instead.
pub async fn bridge(
    mut reach: impl Reach,
    mut memory: Memory,
    input: impl AsyncBufRead + Unpin,
    mut output: impl AsyncWrite + Unpin,
) -> Result<(), Failure> {
    let mut input = input.split(b'\n');
    let mut daemon = Some(reach.reach(memory.session()).await?);
    // Answers to lines that opened the conversation anew: they were given before.
    let mut unwanted = 0;
    // What a daemon that went away was not told.
    let mut untold = None;
    loop {
        let Some(joined) = &mut daemon else {
            // Without a daemon there is nothing to do before the client says something.
            let line = match untold.take() {
                Some(line) => Some(line),
                None => match input.next_segment().await? {
                    None => return Ok(()),
                    Some(line) => match fit(line) {
                        Ok(line) => Some(line),
                        Err(answer) => {
                            tell(&mut output, [answer]).await?;
                            continue;
                        }
                    },
                },
            };
            let Some(line) = line else { return Ok(()) };
            match again(&mut reach, &memory, &line).await {
                Ok((joined, answers)) => {
                    memory.sent(&line);
                    daemon = Some(joined);
                    unwanted = answers;
                }
                Err(failure) => {
                    memory.sent(&line);
                    tell(&mut output, memory.failed(&in_words(&failure))).await?;
                }
            }
            continue;
        };
        tokio::select! {
            line = input.next_segment() => {
                let Some(line) = line? else {
                    let left = ended(joined, unwanted, &mut memory, &mut output);
                    return tokio::time::timeout(LEAVE, left).await.unwrap_or(Ok(()));
                };
                let line = match fit(line) {
                    Ok(line) => line,
                    Err(answer) => {
                        tell(&mut output, [answer]).await?;
                        continue;
                    }
                };
                match joined.say(&line).await {
                    Ok(()) => memory.sent(&line),
                    // It did not arrive whole, so nothing was done: the next daemon is told.
                    Err(_) => {
                        daemon = None;
                        untold = Some(line);
                        tell(&mut output, memory.lost()).await?;
                    }
                }
            }
            line = joined.from.next_line() => match line {
                Ok(Some(_)) if unwanted > 0 => unwanted -= 1,
                Ok(Some(line)) => {
                    memory.received(&line);
                    tell(&mut output, [line]).await?;
                }
                _ => {
                    daemon = None;
                    tell(&mut output, memory.lost()).await?;
                }
            },
        }
    }
}

/// A line that the daemon takes, or the answer to one that it would not.
fn fit(line: Vec<u8>) -> Result<String, String> {
    let refused = |id: Value, code: i32, message: &str| {
        json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } }).to_string()
    };
    let line = String::from_utf8(line).map_err(|_| refused(Value::Null, -32700, "the message is not UTF-8"))?;
    if line.len() > LONGEST {
        let message = "the message is over 4 MiB: write a large file in parts, or with `acetate write`";
        return Err(refused(id_of(&line).unwrap_or_default(), -32600, message));
    }
    Ok(line)
}

/// Why no daemon can be had, for the client.
fn in_words(failure: &Failure) -> String {
    match failure {
        Failure::Problem(problem) => match &problem.hint {
            Some(hint) => format!("{}: {}\nNext: {hint}", problem.code, problem.message),
            None => format!("{}: {}", problem.code, problem.message),
        },
        Failure::Silent => "no daemon can be had".to_owned(),
    }
}

/// A new connection, with the conversation opened on it as before, and the line that made it needed said.
async fn again(reach: &mut impl Reach, memory: &Memory, line: &str) -> Result<(Joined, usize), Failure> {
    let mut joined = reach.reach(memory.session()).await?;
    let gone = |error: std::io::Error| Failure::unreachable(format!("the daemon went away: {error}"));
    for opening in memory.again() {
        joined.say(opening).await.map_err(gone)?;
    }
    joined.say(line).await.map_err(gone)?;
    Ok((joined, memory.answered_again()))
}

/// The client has no more to say; what it asked is still answered.
async fn ended(
    joined: &mut Joined,
    mut unwanted: usize,
    memory: &mut Memory,
    output: &mut (impl AsyncWrite + Unpin),
) -> Result<(), Failure> {
    while memory.waits() {
        match joined.from.next_line().await {
            Ok(Some(_)) if unwanted > 0 => unwanted -= 1,
            Ok(Some(line)) => {
                memory.received(&line);
                tell(output, [line]).await?;
            }
            _ => return tell(output, memory.lost()).await,
        }
    }
    Ok(())
}

async fn tell(output: &mut (impl AsyncWrite + Unpin), lines: impl IntoIterator<Item = String>) -> Result<(), Failure> {
    for line in lines {
        output.write_all(line.as_bytes()).await?;
        output.write_all(b"\n").await?;
    }
    Ok(output.flush().await?)
}
