//! Finding renames among paths that are gone and paths that are new.

use super::directories::{Directories, DirectoryCounts, DirectoryRelevance};
use super::similarity::{BASENAME_SCORE, Fingerprint, MAX_SCORE, MIN_SCORE, sizes_differ_too_much};
use super::{directory, file_name};
use acetate_types::{FileMode, ObjectError, ObjectFormat, ObjectId, Objects};
use bytes::Bytes;
use std::cmp::Reverse;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// How many candidates are kept for each target.
const CANDIDATES: usize = 4;
/// How many equal sources are looked at for each target.
const EQUAL_SOURCES: usize = 100;

/// Bounds of rename detection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RenameLimits {
    /// Sources times targets compared by similarity may not exceed this number squared.
    pub pairs_root: u32,
    /// Most bytes of a blob that is compared by similarity; larger ones are renamed only when equal.
    pub max_bytes: u64,
}

/// What it matters where a path went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relevance {
    /// Not at all: nothing depends on it. Only equal contents are followed, for they cost nothing.
    Not,
    /// The other side changed its content, and the change has to follow.
    Content,
    /// It helps to find out where its directory went.
    Location,
}

/// A path that is gone.
#[derive(Debug, Clone)]
pub struct Source {
    /// The path.
    pub path: Bytes,
    /// Its mode.
    pub mode: FileMode,
    /// Its object.
    pub id: ObjectId,
    /// Whether it matters where it went.
    pub relevance: Relevance,
}

/// A path that is new.
#[derive(Debug, Clone)]
pub struct Target {
    /// The path.
    pub path: Bytes,
    /// Its mode.
    pub mode: FileMode,
    /// Its object.
    pub id: ObjectId,
}

/// Where a target came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    /// The place of the source.
    pub source: usize,
    /// How similar they are, up to [`MAX_SCORE`].
    pub score: u32,
    /// Whether the move was recorded.
    pub recorded: bool,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Detected {
    /// For each target, where it came from.
    pub matches: Vec<Option<Match>>,
    /// Where the directories went.
    pub directories: DirectoryCounts,
    /// Whether there was too much to compare, so that only what identity and names suggest was followed.
    pub limited: bool,
}

/// Finds renames. `recorded` are pairs of places in `sources` and `targets`; `removed` are the directories gone from this side.
///
/// # Errors
/// When a blob that has to be compared can't be read.
pub fn detect<O: Objects>(
    objects: &O,
    sources: &[Source],
    targets: &[Target],
    recorded: &[(usize, usize)],
    removed: &mut Directories,
    limits: &RenameLimits,
) -> Result<Detected, ObjectError> {
    let mut run = Run {
        objects,
        sources,
        targets,
        limits,
        used: vec![false; sources.len()],
        found: Detected { matches: vec![None; targets.len()], ..Detected::default() },
        prints: Prints { sources: vec![None; sources.len()], targets: vec![None; targets.len()] },
    };
    for (source, target) in recorded {
        if run.used.get(*source) == Some(&false) && run.found.matches.get(*target) == Some(&None) {
            run.take(*source, *target, MAX_SCORE, true);
        }
    }
    run.equal();
    let pairs: Vec<(usize, usize)> =
        run.found.matches.iter().enumerate().filter_map(|(target, found)| Some((found.as_ref()?.source, target))).collect();
    for (source, target) in pairs {
        run.found.directories.add(removed, &sources[source].path, &targets[target].path);
    }
    run.by_name(removed)?;
    let rest = run.culled(removed);
    run.by_similarity(&rest, removed)?;
    run.found.directories.finish(removed);
    Ok(run.found)
}

struct Prints {
    sources: Vec<Option<Arc<Fingerprint>>>,
    targets: Vec<Option<Arc<Fingerprint>>>,
}

struct Run<'a, O> {
    objects: &'a O,
    sources: &'a [Source],
    targets: &'a [Target],
    limits: &'a RenameLimits,
    used: Vec<bool>,
    found: Detected,
    prints: Prints,
}

impl<O: Objects> Run<'_, O> {
    fn take(&mut self, source: usize, target: usize, score: u32, recorded: bool) {
        self.used[source] = true;
        self.found.matches[target] = Some(Match { source, score, recorded });
    }

    /// Pairs of equal content.
    fn equal(&mut self) {
        let mut by_id: HashMap<ObjectId, VecDeque<usize>> = HashMap::new();
        for (at, source) in self.sources.iter().enumerate() {
            if self.open(at) {
                by_id.entry(source.id).or_default().push_back(at);
            }
        }
        for (target, new) in self.targets.iter().enumerate() {
            if self.found.matches[target].is_some() || is_empty(&new.id) {
                continue;
            }
            let Some(equal) = by_id.get_mut(&new.id) else { continue };
            let fits = |(_, source): &(usize, &usize)| {
                let mode = self.sources[**source].mode;
                (mode.is_file() && new.mode.is_file()) || mode == new.mode
            };
            let candidates = || equal.iter().enumerate().filter(fits).take(EQUAL_SOURCES);
            let named = candidates().find(|(_, source)| file_name(&self.sources[**source].path) == file_name(&new.path));
            if let Some((place, source)) = named.or_else(|| candidates().next()).map(|(place, source)| (place, *source)) {
                equal.remove(place);
                self.take(source, target, MAX_SCORE, false);
            }
        }
    }

    /// Whether a source still has to be placed, apart from whether it matters.
    fn open(&self, source: usize) -> bool {
        !self.used[source] && !is_empty(&self.sources[source].id)
    }

    /// Pairs of one file name.
    fn by_name(&mut self, removed: &Directories) -> Result<(), ObjectError> {
        // The place of the only source or target of a name, `None` for several.
        let mut source_names: HashMap<&[u8], Option<usize>> = HashMap::new();
        let mut target_names: HashMap<&[u8], Option<usize>> = HashMap::new();
        let mut target_paths: HashMap<&[u8], usize> = HashMap::new();
        for (at, source) in self.sources.iter().enumerate().filter(|(at, _)| self.open(*at)) {
            source_names.entry(file_name(&source.path)).and_modify(|only| *only = None).or_insert(Some(at));
        }
        for (at, target) in self.targets.iter().enumerate() {
            if self.found.matches[at].is_none() && !is_empty(&target.id) {
                target_names.entry(file_name(&target.path)).and_modify(|only| *only = None).or_insert(Some(at));
                target_paths.insert(&target.path, at);
            }
        }
        if source_names.is_empty() || target_names.is_empty() {
            return Ok(());
        }
        let guesses = self.found.directories.guesses();
        let open: Vec<usize> = (0..self.sources.len()).filter(|at| self.open(*at)).collect();
        for at in open {
            let source = &self.sources[at];
            let name = file_name(&source.path);
            if source.relevance == Relevance::Not {
                continue;
            }
            let Some(only) = target_names.get(name) else { continue };
            let target = match (source_names.get(name), only) {
                (Some(Some(_)), Some(only)) => *only,
                _ => {
                    let Some(guess) = guesses.get(directory(&source.path)) else { continue };
                    let Some(target) = target_paths.get(&[guess, &b"/"[..], name].concat()[..]) else { continue };
                    *target
                }
            };
            if self.found.matches[target].is_some() {
                continue;
            }
            let score = self.score(at, target, BASENAME_SCORE)?;
            if score >= BASENAME_SCORE {
                self.take(at, target, score, false);
                self.found.directories.add(removed, &source.path, &self.targets[target].path);
            }
        }
        Ok(())
    }

    /// The sources that are worth comparing with everything: those that matter, less those that would only vote on what is decided.
    fn culled(&mut self, removed: &mut Directories) -> Vec<usize> {
        let open: Vec<usize> =
            (0..self.sources.len()).filter(|at| self.open(*at) && self.sources[*at].relevance != Relevance::Not).collect();
        for at in &open {
            self.found.directories.add_unknown(removed, &self.sources[*at].path);
        }
        for settled in self.found.directories.settled() {
            if let Some(relevance @ DirectoryRelevance::ForSelf) = removed.get_mut(settled) {
                *relevance = DirectoryRelevance::ForAncestor;
            }
        }
        open.into_iter().filter(|at| self.sources[*at].relevance == Relevance::Content || self.votes(*at, removed)).collect()
    }

    /// Whether a directory above a source still waits for votes.
    fn votes(&self, source: usize, removed: &Directories) -> bool {
        let mut dir = directory(&self.sources[source].path);
        loop {
            match removed.get(dir) {
                Some(DirectoryRelevance::ForSelf) => return true,
                Some(DirectoryRelevance::ForAncestor) if !dir.is_empty() => dir = directory(dir),
                _ => return false,
            }
        }
    }

    /// Pairs by similarity, the most similar first.
    fn by_similarity(&mut self, sources: &[usize], removed: &Directories) -> Result<(), ObjectError> {
        let targets: Vec<usize> =
            (0..self.targets.len()).filter(|at| self.found.matches[*at].is_none() && !is_empty(&self.targets[*at].id)).collect();
        if sources.is_empty() || targets.is_empty() {
            return Ok(());
        }
        let limit = u64::from(self.limits.pairs_root);
        if (sources.len() as u64).saturating_mul(targets.len() as u64) > limit.saturating_mul(limit) {
            self.found.limited = true;
            return Ok(());
        }
        let mut ranked: Vec<(Rank, usize, usize)> = Vec::new();
        for target in targets {
            let mut best: Vec<(Rank, usize, usize)> = Vec::with_capacity(CANDIDATES);
            for source in sources {
                let score = self.score(*source, target, MIN_SCORE)?;
                let same_name = file_name(&self.sources[*source].path) == file_name(&self.targets[target].path);
                let rank = Reverse((score, same_name));
                if best.len() < CANDIDATES {
                    best.push((rank, *source, target));
                    continue;
                }
                // The first of the worst gives way, and only to something better.
                let Some(worst) = best.iter_mut().reduce(|worst, next| if next.0 > worst.0 { next } else { worst }) else { continue };
                if rank < worst.0 {
                    *worst = (rank, *source, target);
                }
            }
            ranked.append(&mut best);
        }
        ranked.sort_by_key(|(rank, _, _)| *rank);
        for (Reverse((score, _)), source, target) in ranked {
            if score < MIN_SCORE {
                break;
            }
            if self.found.matches[target].is_none() && !self.used[source] {
                self.take(source, target, score, false);
                self.found.directories.add(removed, &self.sources[source].path, &self.targets[target].path);
            }
        }
        Ok(())
    }

    /// The similarity of two contents; 0 where it is clear that it is below `least`.
    fn score(&mut self, source: usize, target: usize, least: u32) -> Result<u32, ObjectError> {
        let (old, new) = (&self.sources[source], &self.targets[target]);
        if !old.mode.is_file() || !new.mode.is_file() {
            return Ok(0);
        }
        let (old_size, new_size) = (self.objects.blob_size(&old.id)?, self.objects.blob_size(&new.id)?);
        if old_size.max(new_size) > self.limits.max_bytes || sizes_differ_too_much(old_size, new_size, least) {
            return Ok(0);
        }
        let old = print(self.objects, &mut self.prints.sources[source], &old.id)?;
        let new = print(self.objects, &mut self.prints.targets[target], &new.id)?;
        Ok(old.score(&new))
    }
}

/// Better ranks sort first.
type Rank = Reverse<(u32, bool)>;

fn print<O: Objects>(objects: &O, kept: &mut Option<Arc<Fingerprint>>, id: &ObjectId) -> Result<Arc<Fingerprint>, ObjectError> {
    match kept {
        Some(print) => Ok(Arc::clone(print)),
        None => {
            let print = Arc::new(Fingerprint::new(&objects.blob(id)?));
            Ok(Arc::clone(kept.insert(print)))
        }
    }
}

/// Whether this is the empty blob, which is like every other empty blob and so tells nothing.
fn is_empty(id: &ObjectId) -> bool {
    let text: &[u8] = match id.format() {
        ObjectFormat::Sha1 => b"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
        ObjectFormat::Sha256 => b"473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
    };
    ObjectId::from_hex(text).is_ok_and(|empty| empty == *id)
}
