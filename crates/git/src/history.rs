//! Walks over commits: merge bases, ancestry, counts of what each side has.
//!
//! One walk serves all: commits are painted with the sides that reach them, youngest first (by generation number where the commit
//! graph has one, then by date), until only common history is left; the method of `paint_down_to_common` in Git's
//! `commit-reach.c`. Where the commit graph knows a commit, the commit itself is not read.
//!
//! Bound: what is walked is what lies between the two commits and their common history, plus, where dates are out of order and no
//! commit graph exists, as little more as Git walks.

use crate::Repository;
use acetate_types::{ObjectError, ObjectId};
use std::cmp::Ordering;
use std::collections::hash_map::Entry;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::sync::Arc;
use std::time::SystemTime;

/// How two commits lie to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AheadBehind {
    /// Commits reachable from the first only.
    pub ahead: usize,
    /// Commits reachable from the second only.
    pub behind: usize,
}

/// The identity of the commit-graph file or chain that was read: time and length of both places it may be in.
pub(crate) type GraphStamp = [Option<(SystemTime, u64)>; 2];

const LEFT: u8 = 1;
const RIGHT: u8 = 2;
const STALE: u8 = 4;
const RESULT: u8 = 8;

/// A commit as far as a walk needs it.
struct Links {
    parents: Vec<ObjectId>,
    generation: u64,
    seconds: i64,
}

#[derive(PartialEq, Eq)]
struct Waiting {
    generation: u64,
    seconds: i64,
    id: ObjectId,
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.generation, self.seconds, self.id).cmp(&(other.generation, other.seconds, other.id))
    }
}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Repository {
    /// The best common ancestors of two commits: none is an ancestor of another. Sorted by id; none if the histories are unrelated.
    ///
    /// # Errors
    /// When a commit is missing, damaged or can't be read.
    pub fn merge_bases(&self, a: &ObjectId, b: &ObjectId) -> Result<Vec<ObjectId>, ObjectError> {
        if a == b {
            self.commit(a)?;
            return Ok(vec![*a]);
        }
        let walk = Walk::paint(self, a, b)?;
        let mut found: Vec<_> = walk.paint.iter().filter(|(_, paint)| *paint & (RESULT | STALE) == RESULT).map(|(id, _)| *id).collect();
        found.sort();
        if found.len() > 1 {
            // Dates out of order can leave a candidate that another one reaches.
            let mut best = Vec::new();
            for (at, candidate) in found.iter().enumerate() {
                let mut reached = false;
                for (other_at, other) in found.iter().enumerate() {
                    reached |= at != other_at && self.is_ancestor(candidate, other)?;
                }
                if !reached {
                    best.push(*candidate);
                }
            }
            found = best;
        }
        Ok(found)
    }

    /// Whether `ancestor` is `of` itself or an ancestor of it.
    ///
    /// # Errors
    /// When a commit is missing, damaged or can't be read.
    pub fn is_ancestor(&self, ancestor: &ObjectId, of: &ObjectId) -> Result<bool, ObjectError> {
        if ancestor == of {
            self.commit(of)?;
            return Ok(true);
        }
        let walk = Walk::paint(self, ancestor, of)?;
        Ok(walk.paint.get(ancestor).is_some_and(|paint| paint & RIGHT != 0))
    }

    /// `from` and its first parents, newest first, at most `limit` commits.
    ///
    /// # Errors
    /// When a commit is missing, damaged or can't be read.
    pub fn first_parents(&self, from: &ObjectId, limit: usize) -> Result<Vec<ObjectId>, ObjectError> {
        let graph = self.commit_graph();
        let mut found = Vec::new();
        let mut next = Some(*from);
        while let Some(id) = next.filter(|_| found.len() < limit) {
            next = self.links(graph.as_deref(), &id)?.parents.first().copied();
            found.push(id);
        }
        Ok(found)
    }

    /// How many commits each of two has that the other lacks.
    ///
    /// # Errors
    /// When a commit is missing, damaged or can't be read.
    pub fn ahead_behind(&self, a: &ObjectId, b: &ObjectId) -> Result<AheadBehind, ObjectError> {
        if a == b {
            self.commit(a)?;
            return Ok(AheadBehind { ahead: 0, behind: 0 });
        }
        let walk = Walk::paint(self, a, b)?;
        let count = |side: u8| walk.paint.values().filter(|paint| **paint & (LEFT | RIGHT) == side).count();
        Ok(AheadBehind { ahead: count(LEFT), behind: count(RIGHT) })
    }

    fn links(&self, graph: Option<&gix::commitgraph::Graph>, id: &ObjectId) -> Result<Links, ObjectError> {
        if let Some(links) = graph.and_then(|graph| from_graph(graph, id)) {
            return Ok(links);
        }
        let commit = self.commit(id)?;
        Ok(Links { parents: commit.parents.clone(), generation: u64::MAX, seconds: commit.committer.seconds })
    }

    /// The commit graph as it is on disk now; two `stat`s where it has not changed.
    fn commit_graph(&self) -> Option<Arc<gix::commitgraph::Graph>> {
        let info = self.shared.odb.path().join("info");
        let stamp = |name: &str| {
            let data = info.join(name).metadata().ok()?;
            Some((data.modified().ok()?, data.len()))
        };
        let stamp: GraphStamp = [stamp("commit-graph"), stamp("commit-graphs/commit-graph-chain")];
        if let Some((seen, graph)) = &*self.shared.graph.read()
            && *seen == stamp
        {
            return graph.clone();
        }
        let graph = if stamp == [None, None] {
            None
        } else {
            let kind = crate::odb::hash_kind(self.format());
            match gix::commitgraph::Graph::at(&info, kind, None) {
                Ok(graph) => Some(Arc::new(graph)),
                Err(error) => {
                    tracing::warn!(%error, "the commit graph can't be read; commits are read instead");
                    None
                }
            }
        };
        *self.shared.graph.write() = Some((stamp, graph.clone()));
        graph
    }
}

fn from_graph(graph: &gix::commitgraph::Graph, id: &ObjectId) -> Option<Links> {
    let id = crate::odb::foreign_id(id).ok().filter(|id| id.kind() == graph.object_hash())?;
    let commit = graph.commit_by_id(id)?;
    let mut parents = Vec::new();
    for parent in commit.iter_parents() {
        let position = parent.ok().filter(|position| position.0 < graph.num_commits())?;
        parents.push(crate::odb::own_id(graph.id_at(position)));
    }
    let seconds = i64::try_from(commit.committer_timestamp()).unwrap_or(i64::MAX);
    // A file of Git before 2.19 has generation 0 everywhere, which orders nothing.
    let generation = match commit.generation() {
        0 => return None,
        generation => u64::from(generation),
    };
    Some(Links { parents, generation, seconds })
}

struct Walk {
    paint: HashMap<ObjectId, u8>,
}

impl Walk {
    fn paint(repository: &Repository, left: &ObjectId, right: &ObjectId) -> Result<Self, ObjectError> {
        let graph = repository.commit_graph();
        let graph = graph.as_deref();
        let mut links: HashMap<ObjectId, Links> = HashMap::new();
        let mut paint: HashMap<ObjectId, u8> = HashMap::new();
        let mut queue = BinaryHeap::new();
        // Commits of the queue that are not stale, each once; the walk ends when there are none.
        let mut fresh: HashSet<ObjectId> = HashSet::new();
        for (id, side) in [(left, LEFT), (right, RIGHT)] {
            let found = repository.links(graph, id)?;
            queue.push(Waiting { generation: found.generation, seconds: found.seconds, id: *id });
            links.insert(*id, found);
            paint.insert(*id, side);
            fresh.insert(*id);
        }
        while !fresh.is_empty() {
            let Some(Waiting { id, .. }) = queue.pop() else { break };
            fresh.remove(&id);
            let mut own = paint.get(&id).copied().unwrap_or(0);
            if own & (LEFT | RIGHT | STALE) == LEFT | RIGHT {
                own |= RESULT;
                paint.insert(id, own);
                own |= STALE;
            }
            let pass = own & (LEFT | RIGHT | STALE);
            let parents = links.get(&id).map(|links| links.parents.clone()).unwrap_or_default();
            for parent in parents {
                let before = paint.get(&parent).copied().unwrap_or(0);
                if before & pass == pass {
                    continue;
                }
                let after = before | pass;
                paint.insert(parent, after);
                let found = match links.entry(parent) {
                    Entry::Occupied(place) => place.into_mut(),
                    Entry::Vacant(place) => place.insert(repository.links(graph, &parent)?),
                };
                queue.push(Waiting { generation: found.generation, seconds: found.seconds, id: parent });
                if after & STALE == 0 {
                    fresh.insert(parent);
                } else {
                    fresh.remove(&parent);
                }
            }
        }
        Ok(Self { paint })
    }
}
