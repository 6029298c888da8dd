//! Laws of the merge by symbols, over generated edits.

use crate::common::{merge_bytes, merge_known, merge_with};
use crate::texts::{Case, case, cases, count, first_seed};
use acetate_merge::diff::{Budget, Lines, compare};
use acetate_merge::{
    FileConflict, FileMerged, FileOptions, FilePiece, Labels, LineFiles, MarkerStyle, Open, Pick, SameSymbol, SymbolFiles,
};
use acetate_syntax::{Language, ParseLimits, Parsed};
use std::collections::{BTreeMap, HashMap, HashSet};

const POLICIES: [SameSymbol; 2] = [SameSymbol::Merge, SameSymbol::Review];

/// Runs a law over cases, and says which of them break it.
#[track_caller]
fn law(default: usize, versions: usize, offset: u64, check: impl Fn(&Case) -> Result<bool, String>) {
    let first = first_seed() + offset;
    let all = cases(default);
    let (mut applied, mut broken) = (0, Vec::new());
    for seed in first..first + all as u64 {
        match check(&case(seed, versions)) {
            Ok(true) => applied += 1,
            Ok(false) => {}
            Err(why) => broken.push(format!("seed {seed} ({}): {why}", case(seed, versions).path)),
        }
    }
    let shown = broken.iter().take(12).cloned().collect::<Vec<_>>().join("\n");
    assert!(broken.is_empty(), "{} of {all} cases:\n{shown}", broken.len());
    assert!(all < 100 || applied * 20 > all, "the law was tried on {applied} of {all} cases only");
}

fn sides(case: &Case) -> [&[u8]; 3] {
    [&case.base, &case.versions[0].0, &case.versions[1].0]
}

/// The text, or what each of the open pieces asks.
fn say(merged: &FileMerged) -> String {
    match merged {
        FileMerged::Clean(text) => String::from_utf8_lossy(text).into_owned(),
        FileMerged::Conflict(conflict) => String::from_utf8_lossy(&conflict.render(&Labels::default(), MarkerStyle::Diff3, 7)).into_owned(),
        other => format!("{other:?}"),
    }
}

fn clean(merged: FileMerged, expect: &[u8], what: &str) -> Result<(), String> {
    match merged {
        FileMerged::Clean(text) if text == expect => Ok(()),
        FileMerged::Clean(text) => Err(format!("{what}: {}", difference(expect, &text))),
        FileMerged::Conflict(conflict) => Err(format!("{what}: a conflict: {:?}", asked(&conflict))),
        other => Err(format!("{what}: {other:?}")),
    }
}

/// The first lines in which two texts differ.
fn difference(a: &[u8], b: &[u8]) -> String {
    let lines = |text: &[u8]| String::from_utf8_lossy(text).split('\n').map(str::to_owned).collect::<Vec<_>>();
    let (a, b) = (lines(a), lines(b));
    let at = a.iter().zip(&b).position(|(a, b)| a != b).unwrap_or(a.len().min(b.len()));
    format!("line {}: {:?} and {:?}", at + 1, a.get(at..a.len().min(at + 3)), b.get(at..b.len().min(at + 3)))
}

fn asked(conflict: &FileConflict) -> Vec<(&'static str, Option<&str>)> {
    conflict.questions.iter().map(|question| (question.kind.as_str(), question.symbol.as_deref())).collect()
}

#[test]
fn what_one_side_did_alone_or_both_alike_is_the_result() {
    law(200, 2, 0, |case| {
        let [base, ours, _] = sides(case);
        for policy in POLICIES {
            clean(merge_bytes(case.path, [base, ours, ours], policy), ours, "both alike")?;
            clean(merge_bytes(case.path, [base, base, ours], policy), ours, "theirs alone")?;
            clean(merge_bytes(case.path, [base, ours, base], policy), ours, "ours alone")?;
        }
        Ok(true)
    });
}

#[test]
fn swapping_the_sides_changes_nothing_else() {
    law(250, 2, 10_000, |case| {
        let [base, ours, theirs] = sides(case);
        for policy in POLICIES {
            let (one, other) = (merge_bytes(case.path, [base, ours, theirs], policy), merge_bytes(case.path, [base, theirs, ours], policy));
            match (&one, &other) {
                (FileMerged::Clean(a), FileMerged::Clean(b)) if a == b => {}
                (FileMerged::Conflict(a), FileMerged::Conflict(b)) => {
                    if asked(a) != asked(b) {
                        return Err(format!("{policy:?}: {:?} and {:?}", asked(a), asked(b)));
                    }
                    let swapped: Vec<FilePiece> = b.pieces.iter().map(swap).collect();
                    if let Some((a, b)) = a.pieces.iter().zip(&swapped).find(|(a, b)| a != b) {
                        return Err(format!("{policy:?}: {a:?} and {b:?}"));
                    }
                    if a.pieces.len() != b.pieces.len() {
                        return Err(format!("{policy:?}: {} and {} pieces", a.pieces.len(), b.pieces.len()));
                    }
                }
                (FileMerged::Clean(a), FileMerged::Clean(b)) => return Err(format!("{policy:?}: {}", difference(a, b))),
                (FileMerged::Conflict(a), _) | (_, FileMerged::Conflict(a)) => {
                    return Err(format!("{policy:?}: clean one way, the other {:?}", asked(a)));
                }
                _ => return Err(format!("{policy:?}: {} and {}", say(&one), say(&other))),
            }
        }
        Ok(true)
    });
}

fn swap(piece: &FilePiece) -> FilePiece {
    match piece {
        FilePiece::Open(open) => FilePiece::Open(Open { ours: open.theirs.clone(), theirs: open.ours.clone(), ..open.clone() }),
        merged => merged.clone(),
    }
}

#[test]
fn merging_a_result_again_changes_nothing() {
    law(250, 2, 20_000, |case| {
        let [base, ours, theirs] = sides(case);
        for policy in POLICIES {
            let FileMerged::Clean(result) = merge_bytes(case.path, [base, ours, theirs], policy) else { continue };
            clean(merge_bytes(case.path, [base, &result, &result], policy), &result, "with itself")?;
            for side in [ours, theirs] {
                clean(merge_bytes(case.path, [side, side, &result], policy), &result, "a side as the base")?;
            }
            if policy == SameSymbol::Merge {
                return Ok(true);
            }
        }
        Ok(false)
    });
}

#[test]
fn merging_a_side_with_the_result_gives_the_result_or_asks() {
    law(400, 2, 20_000, |case| {
        let [base, ours, theirs] = sides(case);
        let FileMerged::Clean(result) = merge_bytes(case.path, [base, ours, theirs], SameSymbol::Merge) else { return Ok(false) };
        let mut applied = false;
        for side in [ours, theirs] {
            // Clean lines that say something else are Git's business; and where both moved or repeated lines, a side and the result can be
            // laid over the base in more than one way, so that it has to be asked.
            let lines = crate::common::merge_with(&LineFiles::default(), case.path, [base, side, &result]);
            if matches!(&lines, FileMerged::Clean(text) if *text != result) {
                continue;
            }
            if let FileMerged::Clean(again) = merge_bytes(case.path, [base, side, &result], SameSymbol::Merge) {
                clean(FileMerged::Clean(again), &result, "with a side")?;
                applied = true;
            }
        }
        Ok(applied)
    });
}

/// Everything of a merge that is shown: the clean text, or decided pieces and what the sides have in the others.
fn shown(merged: &FileMerged, side: usize) -> Vec<u8> {
    match merged {
        FileMerged::Clean(text) => text.to_vec(),
        FileMerged::Conflict(conflict) => conflict.text(|_| if side == 0 { Pick::Ours } else { Pick::Theirs }),
        _ => Vec::new(),
    }
}

/// Whether each mark of the versions is where it has to be.
fn marks_are_kept(versions: [&(Vec<u8>, Vec<String>); 2], merged: &FileMerged) -> Result<(), String> {
    for (side, (text, marks)) in versions.into_iter().enumerate() {
        for mark in marks {
            let (before, found) = (count(text, mark), count(&shown(merged, side), mark));
            match merged {
                FileMerged::Clean(_) if before != found => return Err(format!("{mark} is there {found} times, not {before}")),
                FileMerged::Conflict(conflict) => {
                    for style in [MarkerStyle::Merge, MarkerStyle::Diff3, MarkerStyle::Zdiff3] {
                        let rendered = conflict.render(&Labels::default(), style, 7);
                        if count(&rendered, mark) == 0 {
                            return Err(format!("{mark} is nowhere between markers or around them, {:?}", asked(conflict)));
                        }
                    }
                    if found == 0 {
                        return Err(format!("{mark} is neither decided nor on its side, {:?}", asked(conflict)));
                    }
                    if conflict.questions.iter().all(|question| question.proposal.is_none()) && before != found {
                        return Err(format!("{mark} is there {found} times if its side is taken, not {before}, {:?}", asked(conflict)));
                    }
                }
                _ => {}
            }
        }
    }
    Ok(())
}

#[test]
fn a_mark_is_never_lost() {
    law(300, 2, 30_000, |case| {
        for policy in POLICIES {
            let merged = merge_bytes(case.path, sides(case), policy);
            marks_are_kept([&case.versions[0], &case.versions[1]], &merged).map_err(|why| format!("{policy:?}: {why}"))?;
        }
        Ok(true)
    });
}

/// Lines and how often they are there; what belongs to the container, a comma behind, is not part of a line.
fn lines(text: &[u8]) -> HashMap<Vec<u8>, usize> {
    let mut lines = HashMap::new();
    for line in text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end) {
        let line = line.strip_suffix(b",").unwrap_or(line);
        *lines.entry(line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line).to_vec()).or_default() += 1;
    }
    lines
}

/// Lines of the base that a side has left where they are.
fn untouched(base: &[u8], side: &[u8]) -> HashSet<Vec<u8>> {
    let mut lines = Lines::default();
    let (base, side) = (lines.add(base, u32::MAX).expect("few lines"), lines.add(side, u32::MAX).expect("few lines"));
    let changes = compare(&base.tokens, &side.tokens, &mut Budget(u64::MAX)).expect("a large budget");
    let kept = (0..base.len()).filter(|at| !changes.iter().any(|change| (change.before..change.before_end()).contains(at)));
    kept.flat_map(|at| self::lines(base.line(at).trim_ascii_end()).into_keys()).collect()
}

/// The text with decided pieces only.
fn decided(merged: &FileMerged) -> Vec<u8> {
    match merged {
        FileMerged::Clean(text) => text.to_vec(),
        FileMerged::Conflict(conflict) => conflict.text(|_| Pick::Text(b"\n")),
        _ => Vec::new(),
    }
}

#[test]
fn a_deleted_line_stays_deleted() {
    law(300, 2, 40_000, |case| {
        let texts = sides(case).map(lines);
        let merged = merge_bytes(case.path, sides(case), SameSymbol::Merge);
        let found = lines(&decided(&merged));
        let clean = matches!(merged, FileMerged::Clean(_));
        // Beside a conflict, lines that were only indented anew are no loss and no return.
        let indented = |side: usize, line: &[u8]| !clean && texts[side].keys().any(|other| other.trim_ascii() == line.trim_ascii());
        let mut tried = false;
        let untouched = [1, 2].map(|side| untouched(sides(case)[0], sides(case)[side]));
        for (line, _) in texts[0].iter().filter(|(line, times)| **times == 1 && line.len() > 3) {
            let on = |side: usize| texts[side].get(line).copied().unwrap_or(0);
            let stays = |side: usize| on(side) == 1 && untouched[side - 1].contains(line);
            let gone = |side: usize| on(side) == 0 && !indented(side, line);
            if (gone(1) && stays(2)) || (gone(2) && stays(1)) {
                tried = true;
                if found.contains_key(line) {
                    return Err(format!("{:?} is back", String::from_utf8_lossy(line)));
                }
            }
        }
        Ok(tried)
    });
}

#[test]
fn a_line_that_both_kept_is_kept_once() {
    law(300, 2, 50_000, |case| {
        let texts = sides(case).map(lines);
        let merged = merge_bytes(case.path, sides(case), SameSymbol::Merge);
        let picked = [0, 1].map(|side| lines(&shown(&merged, side)));
        let untouched = [1, 2].map(|side| untouched(sides(case)[0], sides(case)[side]));
        let clean = matches!(merged, FileMerged::Clean(_));
        for (line, _) in texts[0].iter().filter(|(line, times)| **times == 1 && line.len() > 3) {
            let stays = clean || untouched.iter().all(|lines| lines.contains(line));
            if texts.iter().any(|text| text.get(line) != Some(&1)) || !stays {
                continue;
            }
            for (side, picked) in picked.iter().enumerate() {
                let mut times = picked.get(line).copied().unwrap_or(0);
                // Moved into what the other side indented anew.
                if times == 0 && !untouched.iter().all(|lines| lines.contains(line)) {
                    times = usize::from(picked.keys().any(|other| other.trim_ascii_start() == line.trim_ascii_start()));
                }
                let held = matches!(&merged, FileMerged::Conflict(conflict) if conflict.questions.iter().any(|one| one.proposal.is_some()));
                if times != 1 && !held {
                    return Err(format!("{:?} is there {times} times, side {side}", String::from_utf8_lossy(line)));
                }
            }
        }
        Ok(true)
    });
}

#[test]
fn clean_lines_are_taken_as_they_are_or_held_back() {
    law(250, 2, 60_000, |case| {
        let [base, ours, theirs] = sides(case);
        let FileMerged::Clean(by_lines) = crate::common::merge_with(&LineFiles::default(), case.path, [base, ours, theirs]) else {
            return Ok(false);
        };
        for policy in POLICIES {
            match merge_bytes(case.path, [base, ours, theirs], policy) {
                FileMerged::Clean(text) if text == by_lines => {}
                FileMerged::Clean(text) => return Err(difference(&by_lines, &text)),
                FileMerged::Conflict(conflict) => {
                    let proposal = conflict.text(|_| Pick::Proposal);
                    if proposal != by_lines {
                        return Err(format!("the proposal is another: {}", difference(&by_lines, &proposal)));
                    }
                    if conflict.questions.is_empty() || conflict.questions.iter().any(|question| question.proposal.is_none()) {
                        return Err(format!("no finding holds it back: {:?}", asked(&conflict)));
                    }
                }
                other => return Err(say(&other)),
            }
        }
        Ok(true)
    });
}

#[test]
fn an_answer_to_every_question_keeps_what_is_decided() {
    law(200, 2, 70_000, |case| {
        let mut tried = false;
        for policy in POLICIES {
            let FileMerged::Conflict(conflict) = merge_bytes(case.path, sides(case), policy) else { continue };
            tried = true;
            for pick in [Pick::Ours, Pick::Theirs, Pick::Base, Pick::Proposal] {
                let text = conflict.text(|_| pick);
                let mut rest = &text[..];
                for piece in &conflict.pieces {
                    let bytes = match (piece, pick) {
                        (FilePiece::Merged(bytes), _) => bytes,
                        (FilePiece::Open(open), Pick::Ours) => &open.ours,
                        (FilePiece::Open(open), Pick::Base) => &open.base,
                        (FilePiece::Open(open), Pick::Proposal) => open.proposal.as_ref().unwrap_or(&open.theirs),
                        (FilePiece::Open(open), _) => &open.theirs,
                    };
                    rest = rest.strip_prefix(&bytes[..]).ok_or("a piece is not where it was")?;
                }
                if !rest.is_empty() {
                    return Err("there is more than the pieces".to_owned());
                }
            }
            let questions = conflict.questions.len();
            let open = |piece: &FilePiece| if let FilePiece::Open(open) = piece { Some(open.question) } else { None };
            let asked: Vec<usize> = conflict.pieces.iter().filter_map(open).collect();
            if (0..questions).any(|question| !asked.contains(&question)) || asked.iter().any(|question| *question >= questions) {
                return Err(format!("{questions} questions, pieces of {asked:?}"));
            }
        }
        Ok(tried)
    });
}

#[test]
fn short_cuts_change_nothing() {
    law(600, 2, 90_000, |case| {
        // What a side broke may be found in one way and not in another.
        if !sides(case).into_iter().all(|text| parses(case, text)) {
            return Ok(false);
        }
        for policy in POLICIES {
            let files = || SymbolFiles::new(FileOptions { same_symbol: policy, ..FileOptions::default() });
            let long = merge_with(&files().thorough(), case.path, sides(case));
            // With nothing known, as in landing with the base's outline alone, and with its tree too.
            for (outline, tree) in [(false, false), (true, false), (true, true)] {
                let short = merge_known(policy, case.path, sides(case), outline, tree);
                let same = match (&short, &long) {
                    (FileMerged::Clean(short), FileMerged::Clean(long)) => short == long,
                    (FileMerged::Conflict(short), FileMerged::Conflict(long)) => short == long,
                    _ => false,
                };
                if !same {
                    return Err(format!("known {outline} {tree}: {}\n--- and at length ---\n{}", say(&short), say(&long)));
                }
            }
        }
        Ok(true)
    });
}

fn parses(case: &Case, text: &[u8]) -> bool {
    let parsed = Language::of(case.path.as_bytes()).map(|language| Parsed::new(language, text, &ParseLimits::default()));
    matches!(parsed, Some(Ok(parsed)) if parsed.is_clean())
}

/// All orders of the first numbers.
fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let shorter = orders(count - 1);
    shorter.iter().flat_map(|order| (0..count).map(|at| [&order[..at], &[count - 1], &order[at..]].concat())).collect()
}

#[test]
fn the_order_of_landing_changes_nothing() {
    law(240, 4, 80_000, |case| {
        let versions = &case.versions[..if case.base.len() % 2 == 0 { 3 } else { 4 }];
        // Of what does not parse lines decide, and those can put a change into another place that looks the same.
        if !versions.iter().all(|version| parses(case, &version.0)) {
            return Ok(false);
        }
        let mut ends: BTreeMap<Vec<u8>, Vec<usize>> = BTreeMap::new();
        let mut all_clean = true;
        'orders: for order in orders(versions.len()) {
            let mut head = (case.base.clone(), Vec::new());
            for next in &order {
                let merged = merge_bytes(case.path, [&case.base, &head.0, &versions[*next].0], SameSymbol::Merge);
                marks_are_kept([&head, &versions[*next]], &merged).map_err(|why| format!("{order:?}, {next}: {why}"))?;
                match merged {
                    FileMerged::Clean(text) => {
                        head.0 = text.to_vec();
                        head.1.extend(versions[*next].1.iter().cloned());
                    }
                    _ => {
                        all_clean = false;
                        continue 'orders;
                    }
                }
            }
            ends.insert(head.0, order);
        }
        if all_clean && ends.len() > 1 {
            let ends: Vec<_> = ends.iter().collect();
            return Err(format!("{:?} and {:?}: {}", ends[0].1, ends[1].1, difference(ends[0].0, ends[1].0)));
        }
        Ok(all_clean)
    });
}
