//! Which of the cases found are kept: the same ones everywhere, spread over repositories and languages.

use super::case::{Case, Verdict};
use acetate_syntax::Language;
use std::collections::BTreeMap;

/// Programming languages count so many times what data and prose count, as long as there are cases enough.
const CODE_WEIGHT: usize = 3;

/// Cases, each with its turn among those of its repository.
type Turns<T> = Vec<(usize, (Case, T))>;

/// Keeps at most `conflicting` and `clean` of them: per language a fair share (what one can't fill goes to the others), per repository in
/// turns. The order of the cases within a repository is taken as given; the result is by id.
pub fn choose<T>(found: Vec<(Case, T)>, conflicting: usize, clean: usize) -> Vec<(Case, T)> {
    let mut groups: BTreeMap<(Verdict, Language), Turns<T>> = BTreeMap::new();
    let mut turns: BTreeMap<(String, Verdict, Language), usize> = BTreeMap::new();
    for (case, texts) in found {
        let turn = turns.entry((case.repo.clone(), case.git, case.language)).or_default();
        groups.entry((case.git, case.language)).or_default().push((*turn, (case, texts)));
        *turn += 1;
    }
    let mut kept = Vec::new();
    for (verdict, most) in [(Verdict::Conflict, conflicting), (Verdict::Clean, clean)] {
        let sizes: Vec<(usize, usize)> =
            groups.iter().filter(|((of, _), _)| *of == verdict).map(|((_, language), list)| (weight(*language), list.len())).collect();
        let of_verdict = groups.iter_mut().filter(|((of, _), _)| *of == verdict).map(|(_, list)| list);
        for (list, share) in of_verdict.zip(shares(&sizes, most)) {
            list.sort_by(|a, b| (a.0, &a.1.0.id).cmp(&(b.0, &b.1.0.id)));
            kept.extend(list.drain(..share).map(|(_, case)| case));
        }
    }
    kept.sort_by(|a, b| a.0.id.cmp(&b.0.id));
    kept
}

fn weight(language: Language) -> usize {
    match language {
        Language::Json | Language::Toml | Language::Yaml | Language::Markdown => 1,
        _ => CODE_WEIGHT,
    }
}

/// How many of each group, given weights and sizes, so that there are `most` in all.
fn shares(groups: &[(usize, usize)], most: usize) -> Vec<usize> {
    let mut shares = vec![0; groups.len()];
    let mut left = most;
    while left > 0 {
        let open: Vec<usize> = (0..groups.len()).filter(|at| shares[*at] < groups[*at].1).collect();
        let weights: usize = open.iter().map(|at| groups[*at].0).sum();
        if open.is_empty() {
            break;
        }
        let round = left;
        for at in open {
            let fair = (round * groups[at].0 / weights).max(1).min(left).min(groups[at].1 - shares[at]);
            shares[at] += fair;
            left -= fair;
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_group_cannot_fill_goes_to_the_others() {
        assert_eq!(shares(&[(3, 100), (1, 100)], 40), [30, 10]);
        assert_eq!(shares(&[(3, 10), (1, 100)], 40), [10, 30]);
        assert_eq!(shares(&[(3, 5), (1, 5)], 40), [5, 5]);
        assert_eq!(shares(&[(1, 5), (1, 5), (1, 5)], 7).iter().sum::<usize>(), 7);
    }

    #[test]
    fn repositories_take_turns() {
        let case = |repo: &str, id: &str| (Case::new(id.to_owned(), repo, "c", "a.rs", Language::Rust, Verdict::Conflict), ());
        let found = vec![case("one", "1"), case("one", "2"), case("one", "3"), case("two", "8"), case("two", "9")];
        let kept = choose(found, 3, 0);
        assert_eq!(kept.iter().map(|(case, ())| case.id.as_str()).collect::<Vec<_>>(), ["1", "2", "8"]);
    }
}
