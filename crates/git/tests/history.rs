//! Walks over commits against `git merge-base` and `git rev-list`.

mod common;

use acetate_testing::GitRepo;
use acetate_types::{ObjectFormat, ObjectId};
use common::{FORMATS, batch_of, open};
use proptest::prelude::*;

/// A history in which commit `n` has the given parents and a date of its own.
fn history(format: ObjectFormat, commits: &[(Vec<usize>, u32)]) -> (GitRepo, Vec<ObjectId>) {
    let repo = GitRepo::bare(format);
    let mut stream = String::new();
    for (at, (parents, date)) in commits.iter().enumerate() {
        stream.push_str(&format!("reset refs/heads/c{at}\ncommit refs/heads/c{at}\nmark :{}\n", at + 1));
        stream.push_str(&format!("committer A <a@b> {} +0000\ndata 1\n{}\n", 1_700_000_000 + i64::from(*date), at % 10));
        for (nth, parent) in parents.iter().enumerate() {
            stream.push_str(&format!("{} :{}\n", if nth == 0 { "from" } else { "merge" }, parent + 1));
        }
        stream.push_str(&format!("M 100644 inline f\ndata {}\n{at}\n", at.to_string().len()));
    }
    repo.git_in(&["fast-import", "--quiet", "--force"], stream.as_bytes());
    let ids = (0..commits.len()).map(|at| repo.id(&format!("refs/heads/c{at}"))).collect();
    (repo, ids)
}

fn check_pair(repo: &GitRepo, a: &ObjectId, b: &ObjectId) {
    let repository = open(repo);
    let (a_text, b_text) = (a.to_hex(), b.to_hex());
    let bases = repo.try_git(&["merge-base", "--all", &a_text, &b_text]).stdout;
    let mut bases: Vec<ObjectId> = String::from_utf8_lossy(&bases).lines().map(|line| line.parse().expect("an id")).collect();
    bases.sort();
    assert_eq!(repository.merge_bases(a, b).expect("walked"), bases);
    let ancestor = repo.try_git(&["merge-base", "--is-ancestor", &a_text, &b_text]).status.success();
    assert_eq!(repository.is_ancestor(a, b).expect("walked"), ancestor);
    let counts = repo.git(&["rev-list", "--left-right", "--count", &format!("{a_text}...{b_text}")]);
    let found = repository.ahead_behind(a, b).expect("walked");
    assert_eq!(format!("{}\t{}", found.ahead, found.behind), counts);
    let first: Vec<ObjectId> =
        repo.git(&["rev-list", "--first-parent", "-4", &a_text]).lines().map(|line| line.parse().expect("an id")).collect();
    assert_eq!(repository.first_parents(a, 4).expect("walked"), first);
}

#[test]
fn criss_cross_unrelated_and_linear() {
    // 0─1─3─5 and 0─2─4─6, crossed twice; 7 has nothing to do with them.
    let shape = [vec![], vec![0], vec![0], vec![1, 2], vec![2, 1], vec![3], vec![4], vec![]];
    let commits: Vec<_> = shape.into_iter().enumerate().map(|(at, parents)| (parents, at as u32)).collect();
    for format in FORMATS {
        let (repo, ids) = history(format, &commits);
        for (a, b) in [(5, 6), (3, 4), (0, 5), (5, 0), (5, 5), (1, 7), (6, 3)] {
            check_pair(&repo, &ids[a], &ids[b]);
        }
        repo.git(&["commit-graph", "write", "--reachable"]);
        check_pair(&repo, &ids[5], &ids[6]);
    }
}

#[test]
fn staged_commits_take_part_and_missing_ones_are_errors() {
    let (repo, ids) = history(ObjectFormat::Sha1, &[(vec![], 0), (vec![0], 1)]);
    repo.git(&["commit-graph", "write", "--reachable"]);
    let repository = open(&repo);
    let (batch, commit) = batch_of(repository.format(), &[ids[0]], "staged", &[("f", b"x")]);
    assert!(repository.merge_bases(&commit, &ids[1]).is_err());
    repository.stage(&batch).expect("staged");
    assert_eq!(repository.merge_bases(&commit, &ids[1]).expect("walked"), [ids[0]]);
    assert!(repository.is_ancestor(&ids[0], &commit).expect("walked"));
    assert!(!repository.is_ancestor(&commit, &ids[1]).expect("walked"));
}

proptest! {
    #![proptest_config(common::cases(16))]
    #[test]
    fn walks_agree_with_git(
        raw in proptest::collection::vec((any::<u16>(), any::<u16>(), 0u8..4), 3..14),
        pairs in proptest::collection::vec((any::<u16>(), any::<u16>()), 3),
        graph in any::<bool>(),
    ) {
        let commits: Vec<_> = raw.iter().enumerate().map(|(at, (one, two, kind))| {
            let mut parents = Vec::new();
            if at > 0 && *kind > 0 {
                parents.push(usize::from(*one) % at);
                let second = usize::from(*two) % at;
                if *kind == 3 && !parents.contains(&second) {
                    parents.push(second);
                }
            }
            (parents, at as u32)
        }).collect();
        let (repo, ids) = history(ObjectFormat::Sha1, &commits);
        if graph {
            repo.git(&["commit-graph", "write", "--reachable"]);
        }
        for (a, b) in pairs {
            check_pair(&repo, &ids[usize::from(a) % ids.len()], &ids[usize::from(b) % ids.len()]);
        }
    }
}
