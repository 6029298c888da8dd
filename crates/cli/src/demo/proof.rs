//! What stock git says of the result: a clone over HTTP, checked and counted.

use super::git::{git, output};
use super::stage::Stage;
use crate::client::Failure;
use serde::Serialize;
use std::process::Command;
use std::time::Instant;

/// Most lines of the log that are kept.
const LOG: usize = 26;

/// What git found.
#[derive(Debug, Serialize)]
pub struct Proof {
    /// Where it was cloned from; absent where the daemon does not listen on TCP and git read the repository itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// How long cloning took, in milliseconds.
    pub clone_ms: u64,
    /// Commits on the branch since the demo began.
    pub commits: u64,
    /// Whether `git fsck` found nothing wrong.
    pub fsck: bool,
    /// The branch as `git log --oneline --graph` shows it.
    pub log: Vec<String>,
}

/// Clones the branch over HTTP and looks at it.
pub fn prove(stage: &Stage) -> Result<Proof, Failure> {
    let folder = tempfile::tempdir()?;
    let from = Instant::now();
    let mut place = stage.git_dir.clone();
    if let Some(url) = &stage.url {
        place = folder.path().join("clone");
        let mut command = git(folder.path());
        with_token(&mut command, &stage.token);
        command.args(["clone", "--quiet", "--bare", "--single-branch", "--branch", stage.short_branch(), "--end-of-options"]).arg(url);
        output(command, &[place.as_os_str()])?;
    }
    let clone_ms = u64::try_from(from.elapsed().as_millis()).unwrap_or(u64::MAX);
    let range = format!("{}..{}", stage.base, stage.branch);
    let count = output(git(&place), &["rev-list", "--count", &range, "--"])?;
    let commits = count.trim().parse().map_err(|_| Failure::unexpected("git counted oddly"))?;
    let most = LOG.to_string();
    let log = output(git(&place), &["log", "--oneline", "--graph", "--no-color", "--no-decorate", "-n", &most, &stage.branch, "--"])?;
    let fsck = git(&place).args(["fsck", "--no-dangling", "--no-progress"]).output().is_ok_and(|output| output.status.success());
    let log = log.lines().map(crate::output::line).take(usize::try_from(commits).unwrap_or(LOG).saturating_add(1)).collect();
    Ok(Proof { url: stage.url.clone(), clone_ms, commits, fsck, log })
}

/// The token goes in the environment: arguments can be seen by every user of the machine, and an address ends up in files.
fn with_token(command: &mut Command, token: &str) {
    let settings = [("http.extraHeader", format!("Authorization: Bearer {token}")), ("http.proxy", String::new())];
    command.env("GIT_CONFIG_COUNT", settings.len().to_string());
    for (number, (key, value)) in settings.iter().enumerate() {
        command.env(format!("GIT_CONFIG_KEY_{number}"), key).env(format!("GIT_CONFIG_VALUE_{number}"), value);
    }
}
