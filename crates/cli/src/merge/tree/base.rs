//! The tree that both branches began with.
//!
//! Histories that cross have several best common ancestors. As Git does, they are merged first, one after the other, and that tree is the base;
//! what they disagree about has markers in it, or is as their own base has it.

use super::names::unrelated;
use super::result::{Written, result};
use crate::client::Failure;
use crate::merge::settings;
use acetate_git::Repository;
use acetate_merge::SymbolFiles;
use acetate_merge::trees::{TreeMerge, TreeOptions, merge_trees_with};
use acetate_types::{Classify as _, ErrorKind, ObjectId, Problem};

/// Bases of bases of bases: more are not merged.
const DEEPEST: usize = 20;

/// What Git calls several bases that were merged.
const CROSSED: &str = "merged common ancestors";

fn short(commit: &ObjectId) -> String {
    commit.to_string().chars().take(7).collect()
}

/// A base and what Git calls it.
pub struct Base {
    /// The tree.
    pub tree: ObjectId,
    /// The name behind `|||||||`.
    pub label: String,
}

/// Merges trees; a failure to read is one of the repository.
pub fn merge(repo: &Repository, files: &SymbolFiles, [base, ours, theirs]: [&ObjectId; 3]) -> Result<TreeMerge, Failure> {
    merge_trees_with(repo, base, ours, theirs, &TreeOptions::default(), files).map_err(|error| error.problem().into())
}

/// The tree of a commit.
pub fn tree_of(repo: &Repository, commit: &ObjectId) -> Result<ObjectId, Failure> {
    Ok(repo.commit(commit).map_err(|error| unreadable(&error))?.tree)
}

fn unreadable(error: &acetate_types::ObjectError) -> Failure {
    Problem::new(ErrorKind::Internal, "object_unreadable", error.to_string()).into()
}

/// The base of two commits.
///
/// # Errors
/// `unrelated_histories` where there is none and none is allowed; `merge_bases_deep` where histories cross too often.
pub fn base(repo: &Repository, files: &SymbolFiles, commits: [&ObjectId; 2], unrelated_too: bool) -> Result<Base, Failure> {
    let bases = repo.merge_bases(commits[0], commits[1]).map_err(|error| unreadable(&error))?;
    match bases[..] {
        [] if unrelated_too => Ok(Base { tree: ObjectId::empty_tree(repo.format()), label: "empty tree".to_owned() }),
        [] => Err(unrelated()),
        [only] => Ok(Base { tree: tree_of(repo, &only)?, label: short(&only) }),
        _ => Ok(Base { tree: merged(repo, files, &in_gits_order(repo, commits)?, 1)?, label: CROSSED.to_owned() }),
    }
}

/// Several commits as one tree, which this process alone can read.
fn merged(repo: &Repository, files: &SymbolFiles, commits: &[ObjectId], depth: usize) -> Result<ObjectId, Failure> {
    let Some((first, rest)) = commits.split_first() else { return Ok(ObjectId::empty_tree(repo.format())) };
    if depth > DEEPEST {
        return Err(Failure::from(Problem::new(ErrorKind::Limit, "merge_bases_deep", "the branches' histories cross too often"))
            .hint("name the tree to begin with: --merge-base"));
    }
    let mut tree = tree_of(repo, first)?;
    for (at, next) in rest.iter().enumerate() {
        let below = if at == 0 {
            repo.merge_bases(first, next).map_err(|error| unreadable(&error))?
        } else {
            below(repo, next, commits.get(..=at).unwrap_or_default())?
        };
        let label = match below[..] {
            [] => "empty tree".to_owned(),
            [only] => short(&only),
            _ => CROSSED.to_owned(),
        };
        let base = match below[..] {
            [] => ObjectId::empty_tree(repo.format()),
            [only] => tree_of(repo, &only)?,
            _ if at == 0 => merged(repo, files, &in_gits_order(repo, [first, next])?, depth + 1)?,
            _ => merged(repo, files, &below, depth + 1)?,
        };
        let merge = merge(repo, files, [&base, &tree, &tree_of(repo, next)?])?;
        let written = Written {
            labels: [label, "Temporary merge branch 1".to_owned(), "Temporary merge branch 2".to_owned()],
            style: settings::conflict_style().unwrap_or_default(),
            // Longer inside, so that markers around them can be told apart.
            marker_size: 7 + 2 * depth,
        };
        let made = result(repo, tree, &merge, &written)?;
        repo.stage(&made.objects).map_err(|error| Failure::from(error.problem()))?;
        tree = made.tree;
    }
    Ok(tree)
}

/// Several bases of two commits in the order in which Git merges them: the last found first.
fn in_gits_order(repo: &Repository, [ours, theirs]: [&ObjectId; 2]) -> Result<Vec<ObjectId>, Failure> {
    let mut bases = below(repo, ours, &[*theirs])?;
    bases.reverse();
    Ok(bases)
}

/// The bases of a commit and the merge of some others.
fn below(repo: &Repository, commit: &ObjectId, others: &[ObjectId]) -> Result<Vec<ObjectId>, Failure> {
    let ids = std::iter::once(commit).chain(others).map(ToString::to_string);
    let mut out = Vec::new();
    let exit = repo.git("merge-base").arg("--all").args(ids).run(&mut out).map_err(|error| Failure::from(error.problem()))?;
    // 1: there are none.
    if !matches!(exit.code, Some(0 | 1)) {
        return Err(Failure::unexpected(String::from_utf8_lossy(&exit.stderr).into_owned()));
    }
    Ok(String::from_utf8_lossy(&out).lines().filter_map(|line| line.parse().ok()).collect())
}
