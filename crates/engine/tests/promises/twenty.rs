//! Twenty agents at once on a real repository, this project's own sources: five in different functions of one file, two in one function.

use super::common::*;
use acetate_engine::api::{OpenSession, Resolve, Resolved, SubmissionOutcome, Take};
use acetate_engine::{Engine, Session};
use acetate_testing::GitRepo;
use acetate_types::ObjectFormat;
use std::path::Path;
use std::sync::Barrier;

/// Every source of this project, by its path.
fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, below: &str, found: &mut Vec<(String, String)>) {
        let mut entries: Vec<_> = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry")).collect();
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name().into_string().expect("text");
            let at = format!("{below}/{name}");
            if entry.file_type().expect("a type").is_dir() {
                walk(&entry.path(), &at, found);
            } else if name.ends_with(".rs") || name.ends_with(".toml") || name.ends_with(".md") {
                found.push((at, std::fs::read_to_string(entry.path()).expect("text")));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    for folder in ["crates", "docs"] {
        walk(&root.join(folder), folder, &mut found);
    }
    found
}

/// The functions at the left edge of a file that have a body: name, and the line that opens it.
fn functions(text: &str) -> Vec<(String, String)> {
    let open =
        |line: &str| line.split_once("fn ").filter(|(before, _)| ["", "pub ", "pub(crate) ", "pub(super) "].contains(before)).is_some();
    let found = text.lines().filter(|line| open(line) && line.ends_with(" {") && !line.contains('}') && text.matches(*line).count() == 1);
    let name = |line: &str| {
        let from = line.split_once("fn ").expect("a function").1;
        from.chars().take_while(|ch| ch.is_alphanumeric() || *ch == '_').collect::<String>()
    };
    found.map(|line| (name(line), line.to_owned())).collect()
}

/// An agent that puts a line first in a function's body.
struct Agent {
    name: String,
    at: String,
    line: String,
}

impl Agent {
    fn new(name: &str, at: &str, line: &str) -> Self {
        Self { name: name.to_owned(), at: at.to_owned(), line: line.to_owned() }
    }

    fn mark(&self) -> String {
        format!("let _by_{} = ();", self.name)
    }

    fn edit(&self, session: &Session) {
        edit(session, &self.at, &format!("{}\n", self.line), &format!("{}\n    {}\n", self.line, self.mark()));
    }
}

fn opened_for(engine: &Engine, agent: &Agent) -> Session {
    let request = OpenSession { agent: agent.name.clone(), intent: Some(format!("look into {}", agent.at)), ..OpenSession::default() };
    opened(engine, &workspace(engine), request)
}

#[test]
fn twenty_agents_all_land_and_two_in_one_function_meet_in_one_conflict() {
    let sources = sources();
    let repo = GitRepo::bare(ObjectFormat::Sha1);
    repo.fast_commit("main", sources.iter().map(|(at, text)| (at.as_str(), "100644", Some(text.as_str()))));
    let engine = open(&repo);
    let mut files: Vec<(&str, Vec<(String, String)>)> =
        sources.iter().filter(|(at, _)| at.contains("/src/")).map(|(at, text)| (at.as_str(), functions(text))).collect();
    files.sort_by_key(|(at, functions)| (std::cmp::Reverse(functions.len()), *at));
    let (shared, others) = files.split_first().expect("sources");
    let (two, rest) = others.split_first().expect("sources");
    assert!(shared.1.len() >= 5 && rest.len() > 13, "{shared:?}");
    let spread: Vec<&(String, String)> = shared.1.iter().take(5).collect();
    let mut agents: Vec<Agent> =
        spread.iter().enumerate().map(|(at, (_, line))| Agent::new(&format!("spread_{at}"), shared.0, line)).collect();
    let (function, line) = two.1.first().expect("a function");
    agents.extend(["first", "second"].map(|name| Agent::new(name, two.0, line)));
    agents.extend((0..13).map(|at| Agent::new(&format!("other_{at}"), rest[at].0, &rest[at].1[0].1)));
    assert_eq!(agents.len(), 20);

    let sessions: Vec<Session> = agents.iter().map(|agent| opened_for(&engine, agent)).collect();
    let ready = Barrier::new(agents.len());
    let work = |agent: &Agent, session: &Session| {
        agent.edit(session);
        ready.wait();
        match submit(session) {
            SubmissionOutcome::Landed { version, .. } => {
                assert!(version.is_some());
                None
            }
            SubmissionOutcome::Conflict { conflicts, .. } => Some((agent.name.clone(), session.clone(), conflicts)),
            other => panic!("{other:?}"),
        }
    };
    let mut met: Vec<_> = std::thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> = agents.iter().zip(&sessions).map(|(agent, session)| scope.spawn(move || work(agent, session))).collect();
        threads.into_iter().filter_map(|thread| thread.join().expect("an agent's end")).collect()
    });

    // One of the two in one function: one conflict that names it, settled and landed by one more call.
    assert_eq!(met.len(), 1, "{met:?}");
    let (name, session, conflicts) = met.remove(0);
    assert!(["first", "second"].contains(&name.as_str()), "{name}");
    let [conflict] = conflicts.as_slice() else { panic!("{conflicts:?}") };
    assert_eq!((conflict.path.to_string().as_str(), conflict.symbol.as_deref()), (two.0, Some(function.as_str())));
    assert!(conflict.head_author.as_ref().is_some_and(|person| person.intent.is_some() && person.name != name), "{conflict:?}");

    let take = if conflict.proposal.is_some() { Take::Proposal } else { Take::Session };
    let resolve = Resolve { path: conflict.path.clone(), symbol: conflict.symbol.clone(), kind: None, take, text: None, submit: true };
    let resolved: Resolved = session.resolve(resolve, None).expect("resolved");
    assert!(matches!(resolved.submission.map(|made| made.outcome), Some(SubmissionOutcome::Landed { version: Some(21), .. })));

    // Everybody's line is there, and nothing else has changed.
    let after = opened(&engine, &workspace(&engine), named("reader"));
    for (at, text) in &sources {
        let mine: Vec<&Agent> = agents.iter().filter(|agent| agent.at == *at).collect();
        let now = read(&after, at);
        let others = now.lines().filter(|line| !mine.iter().any(|agent| line.trim() == agent.mark()));
        assert!(others.eq(text.lines()), "{at} has changed: {now}");
        let missing: Vec<&str> = mine.iter().filter(|agent| !now.contains(&agent.mark())).map(|agent| agent.name.as_str()).collect();
        let lost = usize::from(at == two.0 && take == Take::Session);
        assert_eq!(missing.len(), lost, "{missing:?} in {at}");
    }
    drop((sessions, session, after));
    engine.shutdown();
    assert_eq!(repo.fsck(), "");
}
