//! Tools over MCP, beside the reference servers for files and for Git.

use crate::inputs::Input;
use crate::mcp::{OverHttp, Server, Tools};
use crate::measure::{Contender, Sample, Stopwatch};
use crate::report::{Report, Row, Unit};
use crate::run::Bench;
use anyhow::{Context as _, Result};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Calls of one round of a single tool.
const CALLS: usize = 200;
/// Scripts of one round with one agent.
const SCRIPTS: usize = 5;
/// Agents at once.
const AGENTS: usize = 50;
/// What a script searches for: a word that few files have.
const WORD: &str = "needle";

/// Measures them on the smallest input: what a call costs does not depend on the repository's size, and the peers need checkouts.
///
/// # Errors
/// When nothing can be set up at all.
pub fn mcp(bench: &Bench, report: &mut Report) -> Result<()> {
    let input = bench.usual().next().context("no input under 500,000 files")?;
    let files = Files::of(bench, input)?;
    for (what, step) in [("read a file", Step::Read), ("edit a file", Step::Edit), ("search the contents of all files", Step::Grep)] {
        report.add(single(bench, input, &files, what, step)?);
    }
    report.add(script(bench, input, &files)?);
    report.add(crowd(bench, input, &files)?);
    Ok(())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Read,
    Edit,
    Grep,
}

/// A few files of the input, by path.
struct Files(Vec<String>);

impl Files {
    fn of(bench: &Bench, input: &Input) -> Result<Self> {
        let checkout = bench.stage.checkout(input)?;
        let listed = crate::peers::Git::at(checkout).run(&["ls-files"])?;
        let listed = String::from_utf8_lossy(&listed).into_owned();
        let all: Vec<&str> = listed.lines().filter(|path| !path.contains('"')).collect();
        let each = (all.len() / 40).max(1);
        Ok(Self(all.into_iter().step_by(each).take(40).map(str::to_owned).collect()))
    }

    fn get(&self, at: usize) -> &str {
        self.0.get(at % self.0.len().max(1)).map_or("", String::as_str)
    }
}

/// An agent's tools, whoever gives them.
enum Agent {
    Acetate(Box<dyn Tools>),
    Reference { folder: PathBuf, files: Box<Server>, git: Box<Server> },
}

impl Agent {
    fn reference(bench: &Bench, folder: &Path) -> Result<Self> {
        let (filesystem, git) = &bench.mcp_peers;
        let git = format!("{git} --repository");
        let files = Box::new(Server::start(filesystem, &[folder], folder)?);
        Ok(Self::Reference { folder: folder.to_owned(), files, git: Box::new(Server::start(&git, &[folder], folder)?) })
    }

    fn stdio(binary: &Path, repository: &Path) -> Result<Self> {
        Ok(Self::Acetate(Box::new(Server::start(&format!("{} mcp --store", binary.display()), &[repository], repository)?)))
    }

    fn ready(&mut self) -> Result<()> {
        match self {
            Self::Acetate(tools) => tools.ready(),
            Self::Reference { .. } => Ok(()),
        }
    }

    fn read(&mut self, path: &str) -> Result<()> {
        match self {
            Self::Acetate(tools) => tools.call("read", json!({ "file_path": path }))?,
            Self::Reference { folder, files, .. } => files.call("read_text_file", json!({ "path": folder.join(path) }))?,
        };
        Ok(())
    }

    /// Puts a line at the beginning of a new text, or replaces the one that stands there.
    fn edit(&mut self, path: &str, old: &str, new: &str) -> Result<()> {
        match self {
            Self::Acetate(tools) => tools.call("edit", json!({ "file_path": path, "old_string": old, "new_string": new }))?,
            Self::Reference { folder, files, .. } => {
                files.call("edit_file", json!({ "path": folder.join(path), "edits": [{ "oldText": old, "newText": new }] }))?
            }
        };
        Ok(())
    }

    fn write(&mut self, path: &str, text: &str) -> Result<()> {
        match self {
            Self::Acetate(tools) => tools.call("write", json!({ "file_path": path, "content": text }))?,
            Self::Reference { folder, files, .. } => files.call("write_file", json!({ "path": folder.join(path), "content": text }))?,
        };
        Ok(())
    }

    /// Contents for Acetate; the reference server has names only.
    fn search(&mut self, word: &str) -> Result<()> {
        match self {
            Self::Acetate(tools) => tools.call("grep", json!({ "pattern": word }))?,
            Self::Reference { folder, files, .. } => {
                files.call("search_files", json!({ "path": folder, "pattern": format!("**/*{word}*") }))?
            }
        };
        Ok(())
    }

    fn status(&mut self) -> Result<()> {
        match self {
            Self::Acetate(tools) => tools.call("status", json!({}))?,
            Self::Reference { folder, git, .. } => git.call("git_status", json!({ "repo_path": folder }))?,
        };
        Ok(())
    }

    fn diff(&mut self) -> Result<()> {
        match self {
            Self::Acetate(tools) => tools.call("diff", json!({}))?,
            Self::Reference { folder, git, .. } => git.call("git_diff_unstaged", json!({ "repo_path": folder }))?,
        };
        Ok(())
    }

    /// Records the work: landed on the branch here, a commit of the checkout there.
    fn finish(&mut self, paths: &[String]) -> Result<()> {
        match self {
            Self::Acetate(tools) => {
                tools.call("commit", json!({ "message": "Bench" }))?;
                tools.call("submit", json!({}))?;
            }
            Self::Reference { folder, git, .. } => {
                git.call("git_add", json!({ "repo_path": folder, "files": paths }))?;
                git.call("git_commit", json!({ "repo_path": folder, "message": "Bench" }))?;
            }
        }
        Ok(())
    }

    /// The forty steps: 4 new files, 12 reads, 4 searches, 16 edits, status, diff, and two calls to record it.
    fn script(&mut self, files: &Files, own: &str) -> Result<()> {
        let mine: Vec<String> = (0..4).map(|at| format!("bench-{own}-{at}.txt")).collect();
        for path in &mine {
            self.write(path, "first\nsecond\nthird\n")?;
        }
        for at in 0..12 {
            self.read(files.get(at))?;
            if at % 3 == 0 {
                self.search(WORD)?;
            }
        }
        for turn in 0..4 {
            for path in &mine {
                let (old, new) = (format!("second{}", ".".repeat(turn)), format!("second{}", ".".repeat(turn + 1)));
                self.edit(path, &format!("{old}\n"), &format!("{new}\n"))?;
            }
        }
        self.status()?;
        self.diff()?;
        self.finish(&mine)
    }
}

/// One tool, call after call, by one agent.
fn single(bench: &Bench, input: &Input, files: &Files, what: &str, step: Step) -> Result<Row> {
    let row = Row::new("mcp", format!("{what}, one agent"), &input.label, "warm", Unit::Seconds);
    let binary = crate::http::binary(bench.acetate.as_deref())?;
    let daemon = bench.daemon(input)?;
    let served = daemon.repository().to_owned();
    let folder = bench.stage.checkout_to_change(input, "reference")?;
    let round = |agent: &mut Agent, pids: &[u32], number: usize| -> Result<Sample> {
        agent.ready()?;
        let path = format!("bench-{number}.txt");
        if step == Step::Edit {
            agent.write(&path, "x 0\nend\n")?;
        }
        let calls = if step == Step::Grep { CALLS / 10 } else { CALLS };
        let watch = Stopwatch::with(pids);
        for at in 0..calls {
            match step {
                Step::Read => agent.read(files.get(at))?,
                Step::Edit => agent.edit(&path, &format!("x {at}\n"), &format!("x {}\n", at + 1))?,
                Step::Grep => agent.search(WORD)?,
            }
        }
        Ok(watch.stop(calls))
    };
    let daemon_pid = daemon.pid();
    let mut stdio = Agent::stdio(&binary, &served);
    let mut http = OverHttp::open(&daemon).map(|own| Agent::Acetate(Box::new(own)));
    let mut reference = Agent::reference(bench, &folder);
    let contenders = vec![
        Contender::new("Acetate, stdio", |number| round(there(&mut stdio)?, &[daemon_pid], number)),
        Contender::new("Acetate, HTTP", |number| round(there(&mut http)?, &[daemon_pid], number)),
        Contender::new("the reference filesystem server, stdio", |number| {
            let agent = there(&mut reference)?;
            let pid = match agent {
                Agent::Reference { files, .. } => files.pid(),
                Agent::Acetate(_) => 0,
            };
            round(agent, &[pid], number)
        }),
    ];
    let row = if step == Step::Grep { row.note("the reference server searches names only, not contents") } else { row };
    Ok(row.measure(bench.plan.rounds, contenders))
}

/// An agent, or why there is none.
fn there(agent: &mut Result<Agent>) -> Result<&mut Agent> {
    agent.as_mut().map_err(|error| anyhow::anyhow!("{error:#}"))
}

/// The script of forty steps, one agent.
fn script(bench: &Bench, input: &Input, files: &Files) -> Result<Row> {
    let row = Row::new("mcp", "scripts of forty steps a second, one agent", &input.label, "warm, landed or committed", Unit::PerSecond)
        .note("4 new files, 12 reads, 4 searches, 16 edits, status, diff, and two calls that record it");
    let binary = crate::http::binary(bench.acetate.as_deref())?;
    let daemon = bench.daemon(input)?;
    let served = daemon.repository().to_owned();
    let folder = bench.stage.checkout_to_change(input, "reference")?;
    let round = |agent: &mut Agent, name: &str, number: usize| -> Result<Sample> {
        agent.ready()?;
        let watch = Stopwatch::start();
        for at in 0..SCRIPTS {
            agent.script(files, &format!("{name}-{number}-{at}"))?;
        }
        Ok(Sample::of(watch.rate(SCRIPTS).value))
    };
    let mut stdio = Agent::stdio(&binary, &served);
    let mut http = OverHttp::open(&daemon).map(|own| Agent::Acetate(Box::new(own)));
    let mut reference = Agent::reference(bench, &folder);
    let contenders = vec![
        Contender::new("Acetate, stdio", |number| round(there(&mut stdio)?, "stdio", number)),
        Contender::new("Acetate, HTTP", |number| round(there(&mut http)?, "http", number)),
        Contender::new("the reference servers for files and Git, stdio", |number| round(there(&mut reference)?, "reference", number)),
    ];
    Ok(row.measure(bench.plan.rounds, contenders))
}

/// The same by many agents at once. Each has its own session here, its own clone there.
fn crowd(bench: &Bench, input: &Input, files: &Files) -> Result<Row> {
    let row = Row::new(
        "mcp",
        format!("scripts of forty steps a second, {AGENTS} agents at once"),
        &input.label,
        "warm, landed or committed",
        Unit::PerSecond,
    )
    .note("all land on one branch; with the reference servers each agent commits in a clone of its own (in worktrees their commits fail), and nothing is merged");
    let binary = crate::http::binary(bench.acetate.as_deref())?;
    let daemon = bench.daemon(input)?;
    let served = daemon.repository().to_owned();
    let mut stdio: Result<Vec<Agent>> = (0..AGENTS).map(|_| Agent::stdio(&binary, &served)).collect();
    let mut http: Result<Vec<Agent>> = (0..AGENTS).map(|_| OverHttp::open(&daemon).map(|own| Agent::Acetate(Box::new(own)))).collect();
    let main = bench.stage.checkout_to_change(input, "reference")?;
    let mut reference: Result<Vec<Agent>> = (0..AGENTS)
        .map(|at| {
            let folder = main.with_file_name(format!("agent-{at}"));
            let folder_text = folder.to_string_lossy().into_owned();
            crate::peers::Git::at(&main).run(&["clone", "-q", "--local", ".", &folder_text])?;
            Agent::reference(bench, &folder)
        })
        .collect();
    let contenders = vec![
        Contender::new("Acetate, stdio", |number| together(&mut stdio, files, "stdio", number)),
        Contender::new("Acetate, HTTP", |number| together(&mut http, files, "http", number)),
        Contender::new("the reference servers for files and Git, stdio", |number| together(&mut reference, files, "reference", number)),
    ];
    Ok(row.measure(bench.plan.rounds.min(3), contenders))
}

/// Each agent does the script once, all at the same time.
fn together(agents: &mut Result<Vec<Agent>>, files: &Files, name: &str, number: usize) -> Result<Sample> {
    let agents = agents.as_mut().map_err(|error| anyhow::anyhow!("{error:#}"))?;
    agents.iter_mut().try_for_each(Agent::ready)?;
    let watch = Stopwatch::start();
    let done: Vec<Result<()>> = std::thread::scope(|scope| {
        let running: Vec<_> = agents
            .iter_mut()
            .enumerate()
            .map(|(at, agent)| scope.spawn(move || agent.script(files, &format!("{name}-{number}-{at}"))))
            .collect();
        running.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a thread ended in a fault")))).collect()
    });
    let sample = Sample::of(watch.rate(done.len()).value);
    done.into_iter().collect::<Result<Vec<()>>>()?;
    Ok(sample)
}
