//! Opening and making repositories.
//!
//! Whether and how a folder is a repository, and whether Git trusts it, is asked of `git` itself, once, with the user's own
//! configuration (`safe.directory`). Everything after that reads no configuration but what is passed in.

use crate::cache::ObjectCache;
use crate::odb::Odb;
use crate::process::{self, Git};
use crate::staged::Staged;
use crate::{Disk, GitError, OpenError, RealDisk, refs};
use acetate_types::{ObjectFormat, ObjectId};
use parking_lot::RwLock;
use std::ffi::{OsStr, OsString};
use std::hash::{BuildHasher as _, RandomState};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

/// Trees and commits up to this size are always read, whatever `max_blob_bytes` is.
const MIN_ALLOC: u64 = 32 << 20;

/// How a repository is opened.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    /// Most bytes that cached trees, blobs and commits take together. Objects over 1/128 of it are not cached.
    pub cache_bytes: usize,
    /// The largest blob in bytes that is read into memory.
    pub max_blob_bytes: u64,
    /// Where packs are written; the operating system's file system outside tests.
    pub disk: Arc<dyn Disk>,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { cache_bytes: 64 << 20, max_blob_bytes: 64 << 20, disk: Arc::new(RealDisk) }
    }
}

/// An open repository. Clones are cheap and share caches, staged objects and handles; any thread may use any clone.
#[derive(Clone)]
pub struct Repository {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) format: ObjectFormat,
    pub(crate) empty_tree: ObjectId,
    /// Objects and shared refs.
    pub(crate) common_dir: PathBuf,
    /// `HEAD` and the index: the common folder, or that of a linked worktree.
    pub(crate) own_dir: PathBuf,
    pub(crate) work_tree: Option<PathBuf>,
    pub(crate) odb: Odb,
    pub(crate) cache: ObjectCache,
    pub(crate) staged: Staged,
    pub(crate) max_blob_bytes: u64,
    pub(crate) disk: Arc<dyn Disk>,
    /// Makes names of temporary files and packs differ within this process.
    pub(crate) counter: AtomicU64,
    /// The commit graph and the file's identity when it was read.
    pub(crate) graph: RwLock<Option<(crate::history::GraphStamp, Option<Arc<gix::commitgraph::Graph>>)>>,
    /// Makes names of packs differ between processes.
    pub(crate) salt: u64,
}

impl Repository {
    /// Opens an existing repository: bare, with a checkout (its folder or its `.git`), or a linked worktree. Folders above `path`
    /// are not searched. Takes two or three runs of `git` (some 10 ms).
    ///
    /// # Errors
    /// See [`OpenError`]: not a repository, shallow, partial, refs not as files, unknown extension, not trusted, unreadable.
    pub fn open(path: &Path, options: &OpenOptions) -> Result<Self, OpenError> {
        process::version()?;
        let found = Found::at(path)?;
        found.check(path)?;
        let objects = found.common_dir.join("objects");
        let alloc = usize::try_from(options.max_blob_bytes.max(MIN_ALLOC)).unwrap_or(usize::MAX);
        let odb = Odb::open(objects.clone(), found.format, alloc).map_err(|source| OpenError::Io { path: objects, source })?;
        Ok(Self {
            shared: Arc::new(Shared {
                format: found.format,
                empty_tree: ObjectId::empty_tree(found.format),
                common_dir: found.common_dir,
                own_dir: found.own_dir,
                work_tree: found.work_tree,
                odb,
                cache: ObjectCache::new(options.cache_bytes),
                staged: Staged::default(),
                max_blob_bytes: options.max_blob_bytes,
                disk: Arc::clone(&options.disk),
                counter: AtomicU64::new(0),
                graph: RwLock::new(None),
                salt: RandomState::new().hash_one(std::process::id()),
            }),
        })
    }

    /// Makes a bare repository without hooks and opens it. Missing folders above it are made.
    ///
    /// # Errors
    /// See [`OpenError`]; a folder that is there and not empty is refused.
    pub fn init(path: &Path, format: ObjectFormat, default_branch: &str, options: &OpenOptions) -> Result<Self, OpenError> {
        process::version()?;
        refs::check_branch(default_branch).map_err(|_| OpenError::Branch(default_branch.to_owned()))?;
        let io_error = |source| OpenError::Io { path: path.to_owned(), source };
        std::fs::create_dir_all(path).map_err(io_error)?;
        if std::fs::read_dir(path).map_err(io_error)?.next().is_some() {
            return Err(OpenError::NotEmpty(path.to_owned()));
        }
        Git::new(path, &[], &[], "init")
            .args(["-q", "--bare", "--template=", &format!("--object-format={}", format.as_str())])
            .arg(format!("--initial-branch={default_branch}"))
            .output()?;
        Self::open(path, options)
    }

    /// The hash function of its ids.
    pub fn format(&self) -> ObjectFormat {
        self.shared.format
    }

    /// The folder with objects and refs (of a linked worktree, the one it shares). Absolute.
    pub fn git_dir(&self) -> &Path {
        &self.shared.common_dir
    }

    /// The checkout's folder, if the repository was opened with one. Absolute.
    pub fn work_tree(&self) -> Option<&Path> {
        self.shared.work_tree.as_deref()
    }

    /// Bytes that cached objects take.
    pub fn cached_bytes(&self) -> u64 {
        self.shared.cache.bytes()
    }

    /// A run of `git <subcommand>` on this repository, seeing nothing of its checkout. See [`process`].
    pub fn git(&self, subcommand: &str) -> Git {
        let dir = &self.shared.common_dir;
        Git::new(dir, &[("safe.directory", dir.as_os_str())], &[option("--git-dir=", dir)], subcommand)
    }

    /// A run of `git <subcommand>` in the checkout.
    ///
    /// # Errors
    /// [`GitError::NoCheckout`].
    pub fn git_in_checkout(&self, subcommand: &str) -> Result<Git, GitError> {
        let work_tree = self.work_tree().ok_or(GitError::NoCheckout)?;
        let global = [option("--git-dir=", &self.shared.own_dir), option("--work-tree=", work_tree)];
        Ok(Git::new(work_tree, &[("safe.directory", work_tree.as_os_str())], &global, subcommand))
    }
}

impl std::fmt::Debug for Repository {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shared = &*self.shared;
        f.debug_struct("Repository")
            .field("git_dir", &shared.common_dir)
            .field("work_tree", &shared.work_tree)
            .field("cache", &shared.cache)
            .field("staged", &shared.staged.len())
            .finish_non_exhaustive()
    }
}

pub(crate) fn option(name: &str, value: &Path) -> OsString {
    let mut option = OsString::from(name);
    option.push(value);
    option
}

/// Where a repository's parts are.
struct Found {
    format: ObjectFormat,
    common_dir: PathBuf,
    own_dir: PathBuf,
    work_tree: Option<PathBuf>,
}

impl Found {
    fn at(path: &Path) -> Result<Self, OpenError> {
        let not_one = || OpenError::NotARepository(path.to_owned());
        let dir = match std::fs::canonicalize(path) {
            Ok(dir) if dir.is_dir() => dir,
            Ok(_) => return Err(not_one()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(not_one()),
            Err(source) => return Err(OpenError::Io { path: path.to_owned(), source }),
        };
        let questions = ["--git-dir", "--git-common-dir", "--show-object-format", "--is-bare-repository", "--is-inside-work-tree"];
        let answers = ask(path, &dir, &questions)?;
        let [own, common, format, bare, inside] = &answers[..] else { return Err(not_one()) };
        let format = match &format[..] {
            b"sha1" => ObjectFormat::Sha1,
            b"sha256" => ObjectFormat::Sha256,
            other => return Err(OpenError::Extension { path: dir, extension: String::from_utf8_lossy(other).into_owned() }),
        };
        let (own_dir, common_dir) = (to_path(own), to_path(common));
        let work_tree = if inside == b"true" {
            // The folder itself must be the top: a folder within a checkout is somebody else's repository.
            let top = to_path(ask(path, &dir, &["--show-toplevel"])?.first().ok_or_else(not_one)?);
            if top != dir {
                return Err(not_one());
            }
            Some(top)
        } else if bare == b"false" && dir.file_name() == Some(OsStr::new(".git")) {
            dir.parent().map(Path::to_owned)
        } else {
            None
        };
        Ok(Self { format, common_dir, own_dir, work_tree })
    }

    /// Refuses what has objects that are not there, and formats that are not understood.
    fn check(&self, path: &Path) -> Result<(), OpenError> {
        let path = path.to_owned();
        if self.common_dir.join("shallow").metadata().is_ok_and(|file| file.len() > 0) {
            return Err(OpenError::Shallow(path));
        }
        let pattern = r"^(extensions\..*|remote\..*\.(promisor|partialclonefilter))$";
        let mut settings = Vec::new();
        let git = Git::new(&self.common_dir, &[], &[option("--git-dir=", &self.common_dir)], "config");
        let exit = git.args(["--null", "--get-regexp", pattern]).run(&mut settings)?;
        // 1: no such setting.
        if !matches!(exit.code, Some(0 | 1)) {
            return Err(process::failed("config".to_owned(), &exit).into());
        }
        for setting in settings.split(|byte| *byte == 0).filter(|setting| !setting.is_empty()) {
            let setting = String::from_utf8_lossy(setting);
            let (key, value) = setting.split_once('\n').unwrap_or((&setting, "true"));
            match key.to_ascii_lowercase().strip_prefix("extensions.") {
                // `remote.<name>.…`
                None => {
                    if !matches!(value.to_ascii_lowercase().as_str(), "false" | "no" | "off" | "0" | "") {
                        return Err(OpenError::Partial(path));
                    }
                }
                Some("partialclone") => return Err(OpenError::Partial(path)),
                Some("objectformat" | "noop" | "noop-v1" | "preciousobjects" | "worktreeconfig" | "relativeworktrees") => {}
                Some("refstorage") if value == "files" => {}
                Some("refstorage") => return Err(OpenError::RefFormat { path, format: value.to_owned() }),
                Some(other) => return Err(OpenError::Extension { path, extension: other.to_owned() }),
            }
        }
        Ok(())
    }
}

/// What `git rev-parse` says of a folder, one answer a question.
fn ask(path: &Path, dir: &Path, questions: &[&str]) -> Result<Vec<Vec<u8>>, OpenError> {
    let git = Git::new(dir, &[("safe.bareRepository", OsStr::new("all"))], &[], "rev-parse")
        .with_user_config()
        .env("GIT_CEILING_DIRECTORIES", dir.parent().unwrap_or(dir))
        .timeout(Duration::from_secs(20));
    let mut out = Vec::new();
    let exit = git.arg("--path-format=absolute").args(questions).run(&mut out)?;
    if exit.code == Some(0) {
        let answers: Vec<_> = out.strip_suffix(b"\n").unwrap_or(&out).split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        return Ok(answers);
    }
    let text = String::from_utf8_lossy(&exit.stderr);
    Err(if text.contains("dubious ownership") {
        OpenError::Unsafe { path: path.to_owned() }
    } else if text.contains("not a git repository") {
        OpenError::NotARepository(path.to_owned())
    } else if let Some(at) = text.find("unknown repository extension") {
        let extension = text.get(at..).and_then(|text| text.lines().next()).unwrap_or_default();
        let extension = extension.rsplit([' ', '\'', '\t']).find(|word| !word.is_empty()).unwrap_or_default();
        OpenError::Extension { path: path.to_owned(), extension: extension.to_owned() }
    } else {
        process::failed("rev-parse".to_owned(), &exit).into()
    })
}

fn to_path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsString::from_vec(OsStr::from_bytes(bytes).as_bytes().to_vec()))
}
