//! From the arguments to the report.

use crate::args::{Args, Group, Plan};
use crate::inputs::{Input, grouped};
use crate::machine::Machine;
use crate::report::{Report, Unit};
use crate::rows;
use crate::stage::Stage;
use anyhow::{Context as _, Result};
use clap::Parser as _;
use std::process::ExitCode;

/// What every group of rows works with.
pub struct Bench {
    /// The folder.
    pub stage: Stage,
    /// What to measure on, by ascending size.
    pub inputs: Vec<Input>,
    /// How.
    pub plan: Plan,
    /// Whether system calls can be counted.
    pub strace: bool,
    /// The reference servers of MCP for files and for Git, as command lines.
    pub mcp_peers: (String, String),
    /// AgentFS's binary.
    pub agentfs: std::path::PathBuf,
    /// The binary to serve with, as named.
    pub acetate: Option<std::path::PathBuf>,
}

impl Bench {
    /// The inputs of a size that checkouts are made of: all but the million.
    pub fn usual(&self) -> impl DoubleEndedIterator<Item = &Input> {
        self.inputs.iter().filter(|input| input.files < 500_000)
    }

    /// The largest of those.
    ///
    /// # Errors
    /// When there is none.
    pub fn largest(&self) -> Result<&Input> {
        self.usual().next_back().context("no input under 500,000 files")
    }

    /// A daemon that serves a new clone of an input.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn daemon(&self, input: &Input) -> Result<crate::http::Daemon> {
        self.serve(&self.stage.clone_of(input, "served")?)
    }

    /// A daemon that serves a repository.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn serve(&self, repository: &std::path::Path) -> Result<crate::http::Daemon> {
        let binary = crate::http::binary(self.acetate.as_deref())?;
        crate::http::Daemon::serve(&binary, repository)
    }
}

/// Runs and says how it went: 0 if everything could be measured, whether or not targets are met.
pub fn main() -> ExitCode {
    let args = Args::parse();
    let outcome = match &args.probe {
        Some(order) => crate::probe::answer(order).map(|()| true),
        None => run(&args),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("acetate-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<bool> {
    let plan = args.plan()?;
    let stage = Stage::new(args.work.as_deref(), args.keep)?;
    let machine = Machine::look(stage.path(), args.date.clone())?;
    let strace = machine.strace;
    let mut report = Report::new(machine, plan.clone());
    eprintln!("working in {}", stage.path().display());
    let inputs = inputs(args, &plan, &stage)?;
    for input in &inputs {
        report.input(format!("{}, {} ({})", input.label, Unit::Bytes.show(input.bytes as f64), grouped(input.files as u64)));
    }
    let command = |given: &Option<String>, usual: &str| given.clone().unwrap_or_else(|| usual.to_owned());
    let mcp_peers = (command(&args.mcp_filesystem, "mcp-server-filesystem"), command(&args.mcp_git, "mcp-server-git"));
    let agentfs = args.agentfs.clone().unwrap_or_else(|| "agentfs".into());
    let bench = Bench { stage, inputs, plan, strace, mcp_peers, agentfs, acetate: args.acetate.clone() };
    for group in &bench.plan.groups {
        eprintln!("measuring {}", group.name());
        let outcome = match group {
            Group::Open => rows::open(&bench, &mut report),
            Group::Memory => rows::memory(&bench, &mut report),
            Group::Commit => rows::commit(&bench, &mut report),
            Group::Land => rows::land(&bench, &mut report),
            Group::Read => rows::read(&bench, &mut report),
            Group::List => rows::list(&bench, &mut report),
            Group::Grep => rows::grep(&bench, &mut report),
            Group::Workspaces => rows::workspaces(&bench, &mut report),
            Group::Mcp => rows::mcp(&bench, &mut report),
            Group::Folder => rows::folder(&bench, &mut report),
            Group::Builds => rows::builds(&bench, &mut report),
            Group::Jobs => rows::jobs(&bench, &mut report),
        };
        if let Err(error) = outcome {
            report.fail(format!("{}: {error:#}", group.name()));
        }
    }
    println!("{}", report.table());
    if let Some(file) = &args.json {
        std::fs::write(file, serde_json::to_vec_pretty(&report)?).with_context(|| format!("{}", file.display()))?;
    }
    Ok(report.complete())
}

fn inputs(args: &Args, plan: &Plan, stage: &Stage) -> Result<Vec<Input>> {
    if let Some(repository) = &args.repo {
        return Ok(vec![Input::given(repository)?]);
    }
    let folder = stage.folder("inputs")?;
    let make = |files: &u32| {
        eprintln!("making {} files", grouped(u64::from(*files)));
        Input::make(&folder, *files as usize)
    };
    plan.files.iter().map(make).collect()
}
