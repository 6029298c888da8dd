//! The server side of Git's protocol: commands that an HTTP door connects to a request.
//!
//! A command sees one ref namespace as the whole repository; refs elsewhere are neither shown nor given away as `.have`. The caller
//! sets the standard streams, and kills the process group (the child's id is the group's) when the client goes away.

use crate::Repository;
use crate::fetch::fsck_settings;
use crate::process::bare_command;
use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;

/// Refs of this store's own use, never shown.
const OWN_REFS: &str = "refs/acetate";

/// How to serve a fetch.
#[derive(Debug, Clone, Default)]
pub struct UploadOptions {
    /// The client's `Git-Protocol` header; what does not look like one is dropped.
    pub protocol: Option<String>,
    /// The ref namespace that is shown as the whole repository; none shows the repository's own refs.
    pub namespace: Option<String>,
    /// Whether to advertise refs (`GET info/refs`) instead of answering a request.
    pub advertise: bool,
}

/// How to serve a push.
#[derive(Debug, Clone, Default)]
pub struct ReceiveOptions {
    /// The client's `Git-Protocol` header; what does not look like one is dropped.
    pub protocol: Option<String>,
    /// The ref namespace that is shown as the whole repository; none shows the repository's own refs.
    pub namespace: Option<String>,
    /// Whether to advertise refs (`GET info/refs`) instead of answering a request.
    pub advertise: bool,
    /// The folder with our hooks; no hook runs without.
    pub hooks: Option<PathBuf>,
    /// Prefixes of refs (as the client names them, `refs/for`) that go to the `proc-receive` hook instead of being moved.
    pub proc_receive: Vec<String>,
    /// Further environment, for the hooks.
    pub env: Vec<(OsString, OsString)>,
    /// Most bytes of the pack that is pushed; 0 is no limit.
    pub max_bytes: u64,
}

impl Repository {
    /// `git upload-pack --stateless-rpc` for this repository.
    pub fn upload_pack_command(&self, options: &UploadOptions) -> Command {
        // Not `allowReachableSHA1InWant`: it also gives what hidden refs name. (Version 2 of the protocol gives any object whose
        // id is known, whatever is set; a store is one trust domain.)
        let settings = ["uploadpack.allowFilter=true", "uploadpack.allowAnySHA1InWant=false", "uploadpack.allowTipSHA1InWant=false"];
        let settings = settings.map(str::to_owned).to_vec();
        self.serving("upload-pack", settings, options.namespace.as_deref(), options.protocol.as_deref(), options.advertise)
    }

    /// `git receive-pack --stateless-rpc` for this repository. What is pushed stays in quarantine until the hooks have agreed.
    pub fn receive_pack_command(&self, options: &ReceiveOptions) -> Command {
        let mut settings = fsck_settings("receive");
        settings.extend(
            ["receive.unpackLimit=1", "receive.autoGC=false", "receive.updateServerInfo=false", "receive.denyCurrentBranch=refuse"]
                .map(str::to_owned),
        );
        settings.extend(["receive.advertiseAtomic=true", "receive.advertisePushOptions=true"].map(str::to_owned));
        settings.push(format!("receive.maxInputSize={}", options.max_bytes));
        settings.extend(options.proc_receive.iter().map(|prefix| format!("receive.procReceiveRefs={prefix}")));
        if let Some(hooks) = &options.hooks {
            // Paths that are not UTF-8 name no folder of ours; the hooks are off then.
            settings.extend(hooks.to_str().map(|hooks| format!("core.hooksPath={hooks}")));
        }
        let namespace = options.namespace.as_deref();
        let mut command = self.serving("receive-pack", settings, namespace, options.protocol.as_deref(), options.advertise);
        command.envs(options.env.iter().map(|(key, value)| (key, value)));
        command
    }

    fn serving(&self, what: &str, mut settings: Vec<String>, namespace: Option<&str>, protocol: Option<&str>, advertise: bool) -> Command {
        let namespace = namespace.filter(|name| !name.is_empty());
        settings.push(format!("transfer.hideRefs={OWN_REFS}"));
        match namespace {
            // Everything is hidden by its full name but the namespace itself. The last match decides.
            Some(name) => {
                settings.push("transfer.hideRefs=^refs/".to_owned());
                settings.push(format!("transfer.hideRefs=!^refs/namespaces/{}/", name.replace('/', "/refs/namespaces/")));
                settings.push(format!("transfer.hideRefs={OWN_REFS}"));
            }
            None => settings.push("transfer.hideRefs=refs/namespaces".to_owned()),
        }
        let dir = self.git_dir();
        let mut command = bare_command(dir, &[("safe.directory", dir.as_os_str())]);
        for setting in settings {
            command.arg("-c").arg(setting);
        }
        command.arg(what).arg("--stateless-rpc");
        if advertise {
            command.arg("--http-backend-info-refs");
        }
        if what == "upload-pack" {
            command.arg("--strict");
        }
        command.arg(dir);
        if let Some(name) = namespace {
            command.env("GIT_NAMESPACE", name);
        }
        let plain = |text: &&str| {
            text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'=' | b':' | b'.' | b'-'))
        };
        if let Some(protocol) = protocol.filter(plain) {
            command.env("GIT_PROTOCOL", OsStr::new(protocol));
        }
        command.process_group(0);
        command
    }
}
