//! `merge-tree` from its arguments to its output.

use super::base::{Base, base, merge, tree_of};
use super::names::resolve;
use super::print;
use super::result::{TreeResult, Written, result};
use crate::args::MergeTree;
use crate::client::{Environment, Failure, Store};
use crate::merge::settings;
use crate::merge::shown::{ShownConflict, symbols};
use crate::output::Output;
use acetate_git::{OpenOptions, Repository};
use acetate_merge::trees::TreeMerge;
use acetate_merge::{FileOptions, SymbolFiles};
use acetate_types::{Classify as _, ObjectId, RepoPath};
use serde::Serialize;
use std::ffi::OsStr;
use std::path::Path;

#[derive(Serialize)]
struct Shown<'a> {
    status: &'static str,
    tree: ObjectId,
    files: Vec<ShownStage>,
    conflicts: Vec<ShownTreeConflict<'a>>,
}

#[derive(Serialize)]
struct ShownStage {
    path: RepoPath,
    stage: u8,
    mode: &'static str,
    object: ObjectId,
}

#[derive(Serialize)]
struct ShownTreeConflict<'a> {
    path: &'a RepoPath,
    kind: &'static str,
    why: &'a str,
    questions: Vec<ShownConflict>,
}

/// Merges and gives the exit code.
///
/// # Errors
/// When there is no repository, a name stands for nothing, or the histories are unrelated.
pub fn merge_tree(out: &mut Output, store: Option<&Path>, args: &MergeTree) -> Result<u8, Failure> {
    let found = Store::find(store, &Environment::of_process()?)?;
    if found.default {
        return Err(Failure::not_found("repository_not_found", "there is no Git repository around the current folder")
            .hint("go into one, or name it with --store"));
    }
    let repo = Repository::open(&found.git_dir, &OpenOptions::default()).map_err(|error| Failure::from(error.problem()))?;
    let files = SymbolFiles::new(FileOptions { same_symbol: args.same_symbol.into(), ..FileOptions::default() });
    let git_dir = store.map(|_| found.git_dir.as_path());
    let (Base { tree, label }, [ours, theirs]) = trees(&repo, &files, git_dir, args)?;
    let merged = merge(&repo, &files, [&tree, &ours, &theirs])?;
    let style = if merged.is_clean() { None } else { settings::conflict_style() };
    let name = |name: &OsStr| name.to_string_lossy().into_owned();
    let labels = [label, name(&args.branch1), name(&args.branch2)];
    let written = Written { labels, style: style.unwrap_or_default(), marker_size: 7 };
    let made = result(&repo, ours, &merged, &written)?;
    repo.write_loose(&made.objects).map_err(|error| Failure::from(error.problem()))?;
    if out.json() {
        out.document(&shown(&merged, &made)?)?;
    } else {
        out.bytes(&print::text(args, &merged, &made))?;
    }
    Ok(u8::from(!merged.is_clean()))
}

/// The base and the two sides.
fn trees(repo: &Repository, files: &SymbolFiles, git_dir: Option<&Path>, args: &MergeTree) -> Result<(Base, [ObjectId; 2]), Failure> {
    if let Some(base) = &args.merge_base {
        let names = [(base.as_os_str(), "tree"), (args.branch1.as_os_str(), "tree"), (args.branch2.as_os_str(), "tree")];
        let [tree, ours, theirs] = resolve(git_dir, &names)?[..] else { return Err(Failure::unexpected("git gave no ids")) };
        return Ok((Base { tree, label: base.to_string_lossy().into_owned() }, [ours, theirs]));
    }
    let names = [(args.branch1.as_os_str(), "commit"), (args.branch2.as_os_str(), "commit")];
    let [ours, theirs] = resolve(git_dir, &names)?[..] else { return Err(Failure::unexpected("git gave no ids")) };
    let base = base(repo, files, [&ours, &theirs], args.allow_unrelated_histories)?;
    Ok((base, [tree_of(repo, &ours)?, tree_of(repo, &theirs)?]))
}

fn shown<'a>(merge: &'a TreeMerge, made: &TreeResult) -> Result<Shown<'a>, Failure> {
    let stage = |stage: &super::result::Stage| {
        let path = RepoPath::existing(stage.path.clone()).map_err(|error| Failure::unexpected(error.to_string()))?;
        Ok(ShownStage { path, stage: stage.stage, mode: stage.mode.as_str(), object: stage.id })
    };
    let conflicts = merge.conflicts.iter().map(|conflict| ShownTreeConflict {
        path: &conflict.path,
        kind: conflict.kind.as_str(),
        why: &conflict.why,
        questions: conflict.text.as_deref().map(symbols).unwrap_or_default(),
    });
    Ok(Shown {
        status: if merge.is_clean() { "clean" } else { "conflict" },
        tree: made.tree,
        files: made.stages.iter().map(stage).collect::<Result<_, Failure>>()?,
        conflicts: conflicts.collect(),
    })
}
