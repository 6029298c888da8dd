//! From repositories to a folder of cases.

use super::args::ExtractArgs;
use super::blobs::Blobs;
use super::case::Verdict;
use super::case::{Case, MOST_BYTES, Texts, write_all};
use super::changes::{Candidate, Merge, candidates, merge};
use super::choose::choose;
use super::git::lines;
use super::history::History;
use super::outcome::Status;
use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

/// Extracts cases.
///
/// # Errors
/// When a repository can't be read, the folder has cases already, or something can't be written.
pub fn extract(args: &ExtractArgs) -> Result<()> {
    let mut repositories = args.repositories.clone();
    if let Some(list) = &args.list {
        let text = std::fs::read_to_string(list).with_context(|| list.display().to_string())?;
        repositories.extend(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(PathBuf::from));
    }
    std::fs::create_dir_all(&args.out)?;
    if args.out.join("files").exists() {
        bail!("{} holds cases already", args.out.display());
    }
    let next = Mutex::new(repositories.iter());
    let found = Mutex::new(Vec::new());
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(repository) = next.lock().ok().and_then(|mut next| next.next()) {
                    match of_repository(args, repository) {
                        Ok(cases) => found.lock().map(|mut found| found.extend(cases)).unwrap_or_default(),
                        Err(error) => failed.lock().map(|mut failed| failed.push(error)).unwrap_or_default(),
                    }
                }
            });
        }
    });
    if let Some(error) = failed.into_inner().unwrap_or_default().pop() {
        return Err(error);
    }
    let mut found = found.into_inner().unwrap_or_default();
    // The same four texts can come from two repositories; the order of the threads must not tell.
    found.sort_by(|a: &(Case, Texts), b| (&a.0.id, &a.0.repo, &a.0.path).cmp(&(&b.0.id, &b.0.repo, &b.0.path)));
    found.dedup_by(|a, b| a.0.id == b.0.id);
    let kept = choose(found, args.conflicting, args.clean);
    for (case, texts) in &kept {
        case.write(&args.out, texts)?;
    }
    let cases: Vec<Case> = kept.into_iter().map(|(case, _)| case).collect();
    write_all(&args.out, &cases)?;
    let count = |verdict: Verdict| cases.iter().filter(|case| case.git == verdict).count();
    eprintln!("{}: {} conflicting, {} clean", args.out.display(), count(Verdict::Conflict), count(Verdict::Clean));
    Ok(())
}

fn of_repository(args: &ExtractArgs, repository: &Path) -> Result<Vec<(Case, Texts)>> {
    let name = name(repository);
    let history = History::read(repository)?;
    let mut merges: Vec<usize> = (0..history.0.len()).filter(|at| history.0[*at].parents.len() == 2).collect();
    merges.sort_by_key(|at| xxh3_64(history.0[*at].id.as_bytes()));
    merges.truncate(args.merges);
    let merges: Vec<Merge> = merges.into_iter().filter_map(|at| merge(&history, at)).collect();
    let wanted =
        |path: &str| args.ext.is_empty() || args.ext.iter().any(|ext| path.rsplit_once('.').is_some_and(|(_, found)| found == ext));
    let mut candidates: Vec<(String, Candidate)> =
        candidates(repository, &history, &merges, &wanted)?.into_iter().map(|candidate| (id(&candidate), candidate)).collect();
    candidates.sort_by(|a, b| (&a.0, &a.1.path, a.1.commit).cmp(&(&b.0, &b.1.path, b.1.commit)));
    candidates.dedup_by(|a, b| a.0 == b.0);
    let all = candidates.len();
    let mut blobs = Blobs::open(repository)?;
    let mut of_merge: HashMap<usize, usize> = HashMap::new();
    let mut of_kind: HashMap<_, usize> = HashMap::new();
    let mut cases = Vec::new();
    for (id, candidate) in candidates {
        let full = |verdict| of_kind.get(&(candidate.language, verdict)).is_some_and(|count| *count >= args.per_repo);
        if full(Verdict::Clean) && full(Verdict::Conflict) || of_merge.get(&candidate.commit).is_some_and(|count| *count >= args.per_merge)
        {
            continue;
        }
        let Some(texts) = read(&mut blobs, &candidate)? else { continue };
        let Some(merged) = lines(&texts) else { continue };
        let verdict = if merged.outcome.status == Status::Clean { Verdict::Clean } else { Verdict::Conflict };
        if full(verdict) {
            continue;
        }
        *of_kind.entry((candidate.language, verdict)).or_default() += 1;
        *of_merge.entry(candidate.commit).or_default() += 1;
        cases.push((Case::new(id, &name, &history.0[candidate.commit].id, &candidate.path, candidate.language, verdict), texts));
    }
    let conflicting = cases.iter().filter(|(case, _)| case.git == Verdict::Conflict).count();
    eprintln!(
        "{name}: {} merges, {all} files changed by both, {conflicting} conflicting and {} clean taken",
        merges.len(),
        cases.len() - conflicting
    );
    Ok(cases)
}

/// A repository's name: its folder's, or that of the folder around it where that says nothing.
fn name(repository: &Path) -> String {
    let mut parts = repository.components().rev().filter_map(|part| part.as_os_str().to_str());
    let telling = parts.find(|part| !matches!(*part, ".git" | "repo" | "." | "git"));
    telling.unwrap_or("repository").trim_end_matches(".git").to_owned()
}

fn id(candidate: &Candidate) -> String {
    format!("{:032x}", xxh3_128(candidate.blobs.join(" ").as_bytes())).chars().take(12).collect()
}

fn read(blobs: &mut Blobs, candidate: &Candidate) -> Result<Option<Texts>> {
    let mut texts = Vec::with_capacity(4);
    for id in &candidate.blobs {
        match blobs.read(id)? {
            Some(text) if text.len() <= MOST_BYTES && !acetate_merge::files::is_binary(&text) => texts.push(text),
            _ => return Ok(None),
        }
    }
    let [base, ours, theirs, people]: [Bytes; 4] = texts.try_into().map_err(|_| anyhow::anyhow!("four texts"))?;
    Ok(Some(Texts { base, ours, theirs, people }))
}
