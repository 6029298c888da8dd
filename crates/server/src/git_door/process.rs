//! `git upload-pack` as a subprocess: arguments as an array, environment cleared, configuration ours, its process group killed with its
//! request.

use std::path::Path;
use std::process::Stdio;
use tokio::process::{Child, Command};

/// A running `upload-pack`. Dropped before its end, it is killed with everything it started.
#[derive(Debug)]
pub(super) struct UploadPack {
    pub(super) child: Child,
    ended: bool,
}

/// What to serve.
#[derive(Debug, Clone, Copy)]
pub(super) struct Upload<'a> {
    /// The Git directory.
    pub(super) dir: &'a Path,
    /// The ref namespace that is shown as the whole repository.
    pub(super) namespace: Option<&'a str>,
    /// The version of the protocol, as Git writes it.
    pub(super) protocol: Option<&'a str>,
    /// Whether to advertise refs instead of answering a request.
    pub(super) advertise: bool,
}

impl Upload<'_> {
    fn command(&self) -> Command {
        let mut command = Command::new("git");
        command.env_clear().current_dir("/");
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        for (key, value) in [
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_ATTR_NOSYSTEM", "1"),
            ("GIT_NO_REPLACE_OBJECTS", "1"),
            ("GIT_OPTIONAL_LOCKS", "0"),
            ("GIT_TERMINAL_PROMPT", "0"),
            // A partial clone must not fetch what it lacks from elsewhere while it serves.
            ("GIT_NO_LAZY_FETCH", "1"),
            ("HOME", "/nonexistent"),
            ("LC_ALL", "C"),
        ] {
            command.env(key, value);
        }
        if let Some(namespace) = self.namespace {
            command.env("GIT_NAMESPACE", namespace);
        }
        if let Some(protocol) = self.protocol {
            command.env("GIT_PROTOCOL", protocol);
        }
        // Git takes `uploadpack.packObjectsHook` only from configuration it trusts, of which there is none but this.
        for setting in [
            "core.hooksPath=/dev/null",
            "core.fsmonitor=false",
            // Wherever a workspace is looked at from: what is Acetate's own and the other workspaces are not to be seen.
            "transfer.hideRefs=refs/acetate",
            "transfer.hideRefs=refs/namespaces",
            "uploadpack.allowFilter=true",
            // A store is one trust domain: whoever may fetch can fetch any object whose id they know (lazy fetches of partial clones).
            "uploadpack.allowAnySHA1InWant=true",
            "gc.auto=0",
            "maintenance.auto=false",
        ] {
            command.args(["-c", setting]);
        }
        let mut safe = std::ffi::OsString::from("safe.directory=");
        safe.push(self.dir);
        command.arg("-c").arg(safe).args(["upload-pack", "--strict", "--stateless-rpc"]);
        if self.advertise {
            command.arg("--http-backend-info-refs");
        }
        command.arg("--end-of-options").arg(self.dir);
        command
    }

    /// Starts it with all three streams as pipes, in a process group of its own.
    ///
    /// # Errors
    /// When `git` can't be started.
    pub(super) fn spawn(&self) -> std::io::Result<UploadPack> {
        let mut command = self.command();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0).kill_on_drop(true);
        Ok(UploadPack { child: command.spawn()?, ended: false })
    }
}

impl UploadPack {
    /// Waits for its end; says whether it ended well.
    pub(super) async fn wait(&mut self) -> std::io::Result<bool> {
        let status = self.child.wait().await?;
        self.ended = true;
        Ok(status.success())
    }
}

impl Drop for UploadPack {
    fn drop(&mut self) {
        // Its process group has its own id, which is not reused before it was waited for.
        let pid = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
        if let (false, Some(pid)) = (self.ended, pid) {
            // It may have ended this moment; then there is nothing left to kill.
            rustix::process::kill_process_group(pid, rustix::process::Signal::KILL).ok();
        }
    }
}
