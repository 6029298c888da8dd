//! Taking history in from elsewhere: another repository, a URL, a bundle.
//!
//! What comes is checked object by object (`fsck`), with tree entries that could leave a checkout or reach `.git` as errors.
//! Only `https`, `ssh`, `git` and paths of this machine are sources.

use crate::refs::{RefTarget, full_name};
use crate::{GitError, Repository};
use acetate_types::{Classify, ErrorKind, ObjectId, Problem};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Faults of old histories that harm nobody; Git's strictest checking would refuse the whole import for one of them.
const HARMLESS: &[&str] = &[
    "zeroPaddedFilemode",
    "badFilemode",
    "badTimezone",
    "badDate",
    "badDateOverflow",
    "zeroPaddedDate",
    "missingEmail",
    "missingNameBeforeEmail",
    "missingSpaceBeforeEmail",
    "missingSpaceBeforeDate",
    "badName",
    "multipleAuthors",
    "badTagName",
    "missingTaggerEntry",
    "extraHeaderEntry",
    "gitignoreSymlink",
    "gitattributesSymlink",
    "mailmapSymlink",
];
/// What must never pass, though Git itself may only warn.
const HARMFUL: &[&str] =
    &["hasDot", "hasDotdot", "hasDotgit", "fullPathname", "emptyName", "duplicateEntries", "treeNotSorted", "nullSha1", "largePathname"];

/// The checks of objects from outside, as settings of `fetch` or `receive`.
pub(crate) fn fsck_settings(of: &str) -> Vec<String> {
    let mut settings = vec![format!("{of}.fsckObjects=true")];
    settings.extend(HARMLESS.iter().map(|name| format!("{of}.fsck.{name}=ignore")));
    settings.extend(HARMFUL.iter().map(|name| format!("{of}.fsck.{name}=error")));
    settings
}

/// The same checks as `git index-pack --strict=` takes them.
pub(crate) fn fsck_messages() -> String {
    let ignored = HARMLESS.iter().map(|name| format!("{name}=ignore"));
    let errors = HARMFUL.iter().map(|name| format!("{name}=error"));
    ignored.chain(errors).collect::<Vec<_>>().join(",")
}

/// Where to fetch from, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source(OsString);

/// Why something is no source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// Empty, begins with a dash, or holds control characters.
    #[error("{0:?} is no source to fetch from")]
    Malformed(String),
    /// A transport that is not allowed.
    #[error("the transport {0:?} is not allowed; https, ssh and git are")]
    Transport(String),
    /// A path where nothing is.
    #[error("{0} does not exist or can't be read")]
    Path(PathBuf),
}

impl Classify for SourceError {
    fn problem(&self) -> Problem {
        let text = self.to_string();
        match self {
            Self::Malformed(_) => Problem::new(ErrorKind::Invalid, "source_malformed", text),
            Self::Transport(_) => Problem::new(ErrorKind::Invalid, "source_transport", text),
            Self::Path(_) => Problem::new(ErrorKind::NotFound, "source_missing", text),
        }
    }
}

impl Source {
    /// A URL of `https`, `ssh` or `git`, or `user@host:path` for `ssh`.
    ///
    /// # Errors
    /// Anything else: other transports (`ext::…`, `http`), paths, hosts or users that begin with a dash.
    pub fn url(text: &str) -> Result<Self, SourceError> {
        let malformed = || SourceError::Malformed(text.chars().take(200).collect());
        crate::process::plain(text).map_err(|_| malformed())?;
        if text.len() > 4096 || text.contains([' ', '\\']) {
            return Err(malformed());
        }
        let rest = if let Some((scheme, rest)) = text.split_once("://") {
            if !matches!(scheme, "https" | "ssh" | "git") {
                return Err(SourceError::Transport(scheme.chars().take(40).collect()));
            }
            rest
        } else if let Some((transport, _)) = text.split_once("::") {
            return Err(SourceError::Transport(transport.chars().take(40).collect()));
        } else {
            let (host, _) = text.split_once(':').filter(|(host, _)| !host.contains('/')).ok_or_else(malformed)?;
            host
        };
        let authority = rest.split('/').next().unwrap_or_default();
        let host = authority.rsplit('@').next().unwrap_or_default();
        if host.is_empty() || host.starts_with(['-', ':']) || authority.starts_with('-') {
            return Err(malformed());
        }
        Ok(Self(text.into()))
    }

    /// A repository or a bundle file of this machine.
    ///
    /// # Errors
    /// A path where nothing is.
    pub fn path(path: &Path) -> Result<Self, SourceError> {
        // Absolute: Git takes it for nothing but a path.
        std::fs::canonicalize(path).map(|path| Self(path.into())).map_err(|_| SourceError::Path(path.to_owned()))
    }

    /// Whether it is reached over `ssh`.
    fn is_ssh(&self) -> bool {
        self.0.to_str().is_some_and(|text| text.starts_with("ssh://") || !text.contains("://") && !text.starts_with('/'))
    }
}

/// What to fetch.
#[derive(Debug, Clone)]
pub struct FetchRequest {
    /// From where.
    pub source: Source,
    /// Where refs go: with `refs/namespaces/<id>/`, the source's `refs/heads/main` becomes `refs/namespaces/<id>/refs/heads/main`.
    /// Refs that are there already are moved, also other than forward.
    pub prefix: String,
    /// About the most bytes of the pack: it is looked at five times a second.
    pub max_bytes: u64,
    /// How long it may take.
    pub timeout: Duration,
}

/// One ref below a fetch's prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedRef {
    /// Its name at the source.
    pub name: String,
    /// What it names.
    pub id: ObjectId,
}

impl Repository {
    /// Fetches all branches and tags of a source, all or none, and gives what is below the prefix afterwards. The objects are
    /// durable when this returns.
    ///
    /// # Errors
    /// A source that can't be reached or is empty of commits, objects that fail the checks, a time-out;
    /// [`GitError::TooMuchOutput`] when the pack is too large. No ref has changed then.
    pub fn fetch(&self, request: &FetchRequest) -> Result<Vec<FetchedRef>, GitError> {
        let prefix = request.prefix.as_str();
        let valid = prefix.strip_suffix('/').is_some_and(|dir| full_name(dir).is_ok());
        if !valid {
            return Err(GitError::Argument(prefix.chars().take(200).collect()));
        }
        let refspec = |kind: &str| format!("+refs/{kind}/*:{prefix}refs/{kind}/*");
        let mut git = self.git("fetch").settings(fsck_settings("fetch"));
        git = git.settings(["fetch.unpackLimit=1", "fetch.writeCommitGraph=false", "submodule.recurse=false"]);
        if request.source.is_ssh() {
            git = git.inherit("SSH_AUTH_SOCK").inherit("HOME");
        }
        let pack_dir = self.pack_dir();
        let limit = request.max_bytes;
        git.env("GIT_ALLOW_PROTOCOL", "file:https:ssh:git")
            .args(["--quiet", "--atomic", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance"])
            .args(["--no-show-forced-updates", "--end-of-options"])
            .arg(&request.source.0)
            .args([refspec("heads"), refspec("tags")])
            .timeout(request.timeout)
            .guard(limit, move || incoming(&pack_dir) <= limit)
            .output()?;
        let failed = |error: crate::RefError| GitError::Failed { command: "fetch".to_owned(), code: None, message: error.to_string() };
        let found = self.refs(prefix).map_err(failed)?;
        Ok(found
            .into_iter()
            .filter_map(|(name, target)| match target {
                RefTarget::Id(id) => name.strip_prefix(prefix).map(|name| FetchedRef { name: name.to_owned(), id }),
                RefTarget::Symbolic(_) => None,
            })
            .collect())
    }

    /// The branch that `HEAD` of a source names, as a full ref name; `None` if it is detached or the source does not tell.
    ///
    /// # Errors
    /// A source that can't be reached, a time-out.
    pub fn remote_head(&self, source: &Source, timeout: Duration) -> Result<Option<String>, GitError> {
        let mut git = self.git("ls-remote").env("GIT_ALLOW_PROTOCOL", "file:https:ssh:git");
        if source.is_ssh() {
            git = git.inherit("SSH_AUTH_SOCK").inherit("HOME");
        }
        let answer = git.args(["--quiet", "--symref", "--end-of-options"]).arg(&source.0).arg("HEAD").timeout(timeout).output()?;
        let text = String::from_utf8_lossy(&answer);
        let head = text.lines().find_map(|line| line.strip_prefix("ref: ")?.strip_suffix("\tHEAD"));
        Ok(head.filter(|name| full_name(name).is_ok()).map(str::to_owned))
    }
}

/// Bytes of packs that are on their way in.
fn incoming(pack_dir: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(pack_dir) else { return 0 };
    entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().as_encoded_bytes().starts_with(b"tmp_pack_"))
        .filter_map(|entry| entry.metadata().ok())
        .map(|file| file.len())
        .sum()
}
