//! Finding the store that a command is about. Nothing is opened and no `git` is run here.
//!
//! A repository found by walking upwards must belong to the caller, as with Git's `safe.directory`: serving it would run in the
//! caller's name what somebody else put there. One that is named is trusted.

use super::Failure;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// What the surroundings say about where the store may be.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// The current folder.
    pub current: PathBuf,
    /// `XDG_DATA_HOME`.
    pub data_home: Option<OsString>,
    /// `HOME`.
    pub home: Option<OsString>,
    /// The caller's user id.
    pub user: u32,
}

impl Environment {
    /// As the process finds it.
    ///
    /// # Errors
    /// When there is no current folder.
    pub fn of_process() -> Result<Self, Failure> {
        Ok(Self {
            current: std::env::current_dir()?,
            data_home: std::env::var_os("XDG_DATA_HOME"),
            home: std::env::var_os("HOME"),
            user: rustix::process::geteuid().as_raw(),
        })
    }
}

/// A store, as found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    /// What to serve: the Git directory, or the folder of a store that may have to be made.
    pub git_dir: PathBuf,
    /// Whether it is the user's default store, which is made on first use.
    pub default: bool,
    /// The session in whose mounted folder the command runs.
    pub session: Option<String>,
}

impl Store {
    /// The store: the one named, else the repository around the current folder, else the user's own.
    ///
    /// # Errors
    /// `store_not_found` for a named one that is none, `store_foreign` for one found that belongs to somebody else.
    pub fn find(named: Option<&Path>, environment: &Environment) -> Result<Self, Failure> {
        if let Some(named) = named {
            let path = environment.current.join(named);
            let git_dir = git_dir_of(&path).ok_or_else(|| {
                Failure::not_found("store_not_found", format!("{} is neither a Git repository nor a store", path.display()))
                    .hint(format!("`acetate serve {} --create` makes a store there", named.display()))
            })?;
            return Ok(Self { git_dir: absolute(git_dir), default: false, session: None });
        }
        for folder in environment.current.ancestors() {
            if let Some(git_dir) = git_dir_of(folder) {
                let git_dir = absolute(git_dir);
                let owner = git_dir.metadata()?.uid();
                let mounted = if owner == environment.user { mounted_session(&git_dir) } else { None };
                if let Some((store, session)) = mounted {
                    return Ok(Self { git_dir: absolute(store), default: false, session: Some(session) });
                }
                if owner != environment.user {
                    return Err(Failure::from(acetate_types::Problem::new(
                        acetate_types::ErrorKind::Denied,
                        "store_foreign",
                        format!("the repository at {} belongs to another user (uid {owner})", git_dir.display()),
                    ))
                    .hint(format!("if you trust it, name it: --store {}", git_dir.display())));
                }
                return Ok(Self { git_dir, default: false, session: None });
            }
        }
        let data = absolute_var(environment.data_home.as_ref())
            .or_else(|| absolute_var(environment.home.as_ref()).map(|home| home.join(".local/share")))
            .ok_or_else(|| Failure::usage("there is no repository around the current folder, and no HOME").hint("name one with --store"))?;
        let path = data.join("acetate/store");
        Ok(Self { git_dir: git_dir_of(&path).map_or(path, absolute), default: true, session: None })
    }

    /// Where the daemon keeps what concerns only this machine: socket, token, log.
    pub fn state_dir(&self) -> PathBuf {
        self.git_dir.join("acetate")
    }
}

fn absolute_var(value: Option<&OsString>) -> Option<PathBuf> {
    value.map(PathBuf::from).filter(|path| path.is_absolute())
}

fn absolute(path: PathBuf) -> PathBuf {
    path.canonicalize().unwrap_or(path)
}

/// The common Git directory of the repository in this very folder: `.git` as a folder or as a file, or the folder itself if bare.
fn git_dir_of(folder: &Path) -> Option<PathBuf> {
    let dot_git = folder.join(".git");
    if dot_git.is_dir() {
        return is_git_dir(&dot_git).then_some(dot_git);
    }
    if dot_git.is_file() {
        let own = folder.join(pointer(&dot_git, b"gitdir: ")?);
        let common = match pointer(&own.join("commondir"), b"") {
            Some(common) => own.join(common),
            None => own,
        };
        return is_git_dir(&common).then_some(common);
    }
    is_git_dir(folder).then(|| folder.to_owned())
}

/// The store and the session of a mounted folder, by what its `.git` says.
fn mounted_session(git_dir: &Path) -> Option<(PathBuf, String)> {
    let file = git_dir.join(acetate_mount::MARKER);
    if file.metadata().ok()?.len() > 8192 {
        return None;
    }
    let said: serde_json::Value = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
    let (store, session) = (PathBuf::from(said["store"].as_str()?), said["session"].as_str()?);
    is_git_dir(&store).then(|| (store, session.to_owned()))
}

/// What a small file of one line points to.
fn pointer(file: &Path, prefix: &[u8]) -> Option<PathBuf> {
    // These files are one line; a large one is something else.
    if file.metadata().ok()?.len() > 8192 {
        return None;
    }
    let text = std::fs::read(file).ok()?;
    let text = text.strip_prefix(prefix)?;
    let end = text.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(text.len());
    let line = text.get(..end)?;
    (!line.is_empty()).then(|| PathBuf::from(OsString::from_vec(line.to_vec())))
}

/// What Git takes for a Git directory: a `HEAD`, `objects` and `refs`.
fn is_git_dir(path: &Path) -> bool {
    path.join("HEAD").symlink_metadata().is_ok() && path.join("objects").is_dir() && path.join("refs").is_dir()
}

#[cfg(test)]
mod tests {
    use super::*;
    use acetate_testing::GitRepo;
    use acetate_types::ObjectFormat;

    fn environment(current: &Path) -> Environment {
        Environment {
            current: current.to_owned(),
            data_home: None,
            home: Some("/nonexistent".into()),
            user: rustix::process::geteuid().as_raw(),
        }
    }

    #[test]
    fn checkouts_worktrees_bare_ones_and_inner_folders_are_found() {
        let repo = GitRepo::new(ObjectFormat::Sha1);
        repo.write("a/b/c", "x");
        repo.commit("one");
        let tree = repo.beside("tree");
        repo.git(&["worktree", "add", "-q", &tree.to_string_lossy()]);
        let bare = GitRepo::bare(ObjectFormat::Sha1);
        let git_dir = repo.path().join(".git").canonicalize().expect("a folder");
        for folder in [repo.path().to_owned(), repo.path().join("a/b"), tree, repo.path().join(".git")] {
            assert_eq!(Store::find(None, &environment(&folder)).map(|store| store.git_dir), Ok(git_dir.clone()), "{}", folder.display());
            assert_eq!(
                Store::find(Some(&folder), &environment(Path::new("/"))).map(|store| store.git_dir).ok(),
                (!folder.ends_with("a/b")).then(|| git_dir.clone()),
                "named {}",
                folder.display()
            );
        }
        let found = Store::find(None, &environment(&bare.path().join("objects"))).expect("a store");
        assert_eq!(found.git_dir, bare.path().canonicalize().expect("a folder"));
    }

    #[test]
    fn without_a_repository_it_is_the_users_own_store() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut around = environment(folder.path());
        let store = Store::find(None, &around).expect("a store");
        assert_eq!((store.git_dir, store.default), ("/nonexistent/.local/share/acetate/store".into(), true));
        around.data_home = Some("relative".into());
        assert!(Store::find(None, &around).expect("a store").git_dir.starts_with("/nonexistent"));
        around.data_home = Some("/data".into());
        assert_eq!(Store::find(None, &around).expect("a store").git_dir, Path::new("/data/acetate/store"));
        assert_eq!(Store::find(Some(Path::new(".")), &around).map_err(|failure| failure.code().to_owned()), Err("store_not_found".into()));
    }

    #[test]
    fn somebody_elses_repository_is_not_served_by_accident() {
        let repo = GitRepo::bare(ObjectFormat::Sha1);
        let mut around = environment(repo.path());
        around.user = around.user.wrapping_add(1);
        assert_eq!(Store::find(None, &around).map_err(|failure| failure.code().to_owned()), Err("store_foreign".into()));
        assert!(Store::find(Some(repo.path()), &around).is_ok());
    }
}
