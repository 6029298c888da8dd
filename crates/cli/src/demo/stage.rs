//! Where the demo plays: a branch of its own in the repository that is served, or a bare clone that stays.

use super::comments::Comment;
use super::git::{git, output};
use super::plan::Source;
use crate::args;
use crate::client::{Environment, Failure, Request, Store, encode_segment};
use crate::commands::Context;
use acetate_engine::api::{BranchInfo, CreateBranch, FileList, FileType, ReadFile, ReadMany, WorkspaceInfo};
use acetate_types::{ObjectId, RepoPath};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Files that are looked at for something to edit.
const LOOK: usize = 120;
/// Largest file that is edited, in bytes.
const FILE: usize = 100 << 10;
const PAGE: usize = 50_000;
/// Most names that are listed; a larger repository gives enough by then.
const NAMES: usize = 200_000;

/// The place.
pub struct Stage {
    /// The workspace's address.
    pub address: String,
    /// The full name of the branch.
    pub branch: String,
    /// The commit it began on.
    pub base: ObjectId,
    /// Where git clones from, if the daemon listens on TCP.
    pub url: Option<String>,
    /// The token for it.
    pub token: String,
    /// The Git directory itself.
    pub git_dir: PathBuf,
    /// The folder that stays, if it is a clone.
    pub kept: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Branches {
    branches: Vec<BranchInfo>,
}

impl Stage {
    /// Prepares it.
    pub fn set(context: &mut Context, args: &args::Demo) -> Result<Self, Failure> {
        if args.repo.is_some() {
            context.global.store.clone_from(&args.repo);
        }
        let store = context.store()?;
        if store.default {
            return Err(Failure::usage("there is no repository around the current folder").hint("name one: acetate demo PATH"));
        }
        if let Some(dir) = &args.keep {
            let clone = std::env::current_dir()?.join(dir);
            clone_bare(&store, &clone)?;
            // From here on the clone is what is served; it has one workspace, its own.
            context.global.store = Some(clone);
            context.global.workspace = None;
        }
        let store = Store::find(context.global.store.as_deref(), &Environment::of_process()?)?;
        let address = context.workspace(None)?;
        let workspace: WorkspaceInfo = context.ask(Request::get(&address))?.parse()?;
        let base =
            workspace.head.commit.ok_or_else(|| Failure::usage("the repository has no commit yet").hint("commit something first"))?;
        let branch = if args.keep.is_some() { workspace.default_branch.clone() } else { own_branch(context, &address)? };
        let http = context.daemon_file()?.and_then(|file| file.http);
        let token = std::fs::read_to_string(store.state_dir().join("token")).unwrap_or_default().trim().to_owned();
        let url = http.map(|http| format!("{http}/git/{}.git", encode_segment(workspace.id.as_str())));
        Ok(Self { address, branch, base, url, token, git_dir: store.git_dir, kept: args.keep.clone() })
    }

    /// The branch without what every branch begins with.
    pub fn short_branch(&self) -> &str {
        self.branch.strip_prefix("refs/heads/").unwrap_or(&self.branch)
    }

    /// Puts everything away that shall not stay.
    pub fn strike(&self, context: &mut Context) -> Result<(), Failure> {
        if self.kept.is_none() {
            context.ask(Request::delete(format!("{}/branches", self.address)).query("name", &self.branch))?;
        }
        Ok(())
    }

    /// The names of the repository's files, and the texts of some to work on.
    pub fn sources(&self, context: &mut Context) -> Result<(BTreeSet<Vec<u8>>, Vec<Source>), Failure> {
        let mut names = BTreeSet::new();
        let mut texts = Vec::new();
        let mut after: Option<RepoPath> = None;
        loop {
            let request = Request::get(format!("{}/files", self.address)).query("at", &self.branch).query("limit", PAGE.to_string());
            let page: FileList = context.ask(request.maybe("after", after.as_ref().map(|path| path.as_bytes())))?.parse()?;
            for file in page.files {
                if file.file_type == FileType::File && Comment::of(file.path.as_bytes()).is_some() {
                    texts.push(file.path.clone());
                }
                names.insert(file.path.as_bytes().to_vec());
            }
            match page.next {
                Some(next) if names.len() < NAMES => after = Some(next),
                _ => break,
            }
        }
        shuffle(&mut texts);
        texts.truncate(LOOK);
        let read = ReadMany { paths: texts, globs: Vec::new(), at: Some(self.branch.clone()) };
        let mut sources = Vec::new();
        if !read.paths.is_empty() {
            let request = Request::post(format!("{}/read", self.address), &read)?;
            context.client()?.stream(request)?.lines(1 << 30, |line| {
                if let Ok(ReadFile::File(file)) = serde_json::from_slice(line)
                    && file.content.0.len() <= FILE
                    && let Some(text) = file.content.as_str()
                    && !text.contains('\0')
                {
                    sources.push(Source { path: file.path, text: text.to_owned() });
                }
                Ok(())
            })?;
        }
        Ok((names, sources))
    }
}

/// Mixes in an order that is the same every time.
fn shuffle<T>(items: &mut [T]) {
    // Multiply with Knuth's constant and take the high bits: plenty for a demo.
    let mut state = 0x5eed_u64;
    for at in (1..items.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        items.swap(at, usize::try_from(state >> 33).unwrap_or(0) % (at + 1));
    }
}

fn clone_bare(store: &Store, to: &Path) -> Result<(), Failure> {
    if to.exists() {
        return Err(Failure::usage(format!("{} exists already", to.display())).hint("name a new folder"));
    }
    let mut command = git(&std::env::current_dir()?);
    command.args(["clone", "--quiet", "--bare", "--end-of-options"]).arg(&store.git_dir);
    output(command, &[to.as_os_str()]).map(drop)
}

fn own_branch(context: &mut Context, address: &str) -> Result<String, Failure> {
    let list: Branches = context.ask(Request::get(format!("{address}/branches")))?.parse()?;
    let taken: BTreeSet<&str> = list.branches.iter().map(|branch| branch.name.as_str()).collect();
    let free =
        (1..10_000).map(|number| format!("acetate-demo-{number}")).find(|name| !taken.contains(format!("refs/heads/{name}").as_str()));
    let name = free.ok_or_else(|| Failure::unexpected("there are thousands of branches acetate-demo-…").hint("delete some"))?;
    let made: BranchInfo = context.ask(Request::post(format!("{address}/branches"), &CreateBranch { name, at: None })?)?.parse()?;
    Ok(made.name)
}

#[cfg(test)]
mod tests {
    use super::shuffle;

    #[test]
    fn mixing_loses_nothing_and_repeats() {
        let mixed = |count: usize| {
            let mut items: Vec<usize> = (0..count).collect();
            shuffle(&mut items);
            items
        };
        let once = mixed(100);
        assert_eq!(once, mixed(100));
        assert_ne!(once, (0..100).collect::<Vec<_>>());
        let mut sorted = once;
        sorted.sort_unstable();
        assert_eq!(sorted, (0..100).collect::<Vec<_>>());
        assert_eq!((mixed(0), mixed(1)), (vec![], vec![0]));
    }
}
