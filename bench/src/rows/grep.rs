//! Searching every file.

use crate::inputs::Input;
use crate::measure::{Contender, Sample, Stopwatch};
use crate::peers::Git;
use crate::product::Product;
use crate::report::{Limit, Report, Row, Unit};
use crate::run::Bench;
use acetate_engine::Session;
use acetate_engine::api::Grep;
use anyhow::{Context as _, Result, ensure};
use std::path::Path;
use std::process::Command;

const RIPGREP: &str = "ripgrep";
/// A text that no file has.
const NOWHERE: &str = "zq_nobody_ever_wrote_this_qz";

/// Measures it.
///
/// # Errors
/// When a peer can't be set up.
pub fn grep(bench: &Bench, report: &mut Report) -> Result<()> {
    let input = bench.largest()?;
    let tree = Git::at(bench.stage.clone_of(input, "grep")?);
    let checkout = bench.stage.checkout(input)?;
    let searches = [
        ("a literal that few files have", input.literal.as_str(), true),
        ("an expression", input.regex, false),
        ("a text that no file has", NOWHERE, true),
    ];
    for (name, pattern, fixed) in searches {
        let search = Search { pattern, fixed, lines: lines(&tree, pattern, fixed)? };
        let found = format!("{} matching lines", search.lines);
        let enough = usize::try_from(input.bytes)? * 2 + (64 << 20);
        report.add(
            row(bench, input, &search, format!("search for {name}"), "warm, caches for all of it", Some(enough), &tree, &checkout)?
                .note(&found),
        );
        if name.starts_with("a literal") {
            report.add(
                row(bench, input, &search, format!("search for {name}"), "warm, caches as by default", None, &tree, &checkout)?
                    .note(&found),
            );
            report.add(cold(bench, input, &search, &tree)?.note(&found));
        }
    }
    Ok(())
}

struct Search<'a> {
    pattern: &'a str,
    fixed: bool,
    lines: u64,
}

impl Search<'_> {
    fn acetate(&self, session: &Session) -> Result<Sample> {
        let search = Grep { pattern: self.pattern.to_owned(), fixed: self.fixed, ..Grep::default() };
        let watch = Stopwatch::start();
        let page = session.grep(&search)?;
        let sample = watch.stop(1);
        ensure!(page.matches == self.lines || page.next.is_some(), "{} lines were found instead of {}", page.matches, self.lines);
        Ok(sample)
    }

    /// Runs a search that ends with 0 when it found something and with 1 when not.
    fn timed(&self, mut command: Command) -> Result<Sample> {
        let watch = Stopwatch::start();
        let output = command.output()?;
        let sample = watch.stop(1);
        let found = output.stdout.iter().filter(|byte| **byte == b'\n').count();
        let right = u64::try_from(found)? == self.lines && matches!(output.status.code(), Some(0 | 1));
        ensure!(right, "{found} lines were found instead of {}: {}", self.lines, String::from_utf8_lossy(&output.stderr).trim());
        Ok(sample)
    }

    fn syntax(&self) -> &'static str {
        if self.fixed { "-F" } else { "-E" }
    }

    fn git_grep(&self, git: &Git, tree: &[&str]) -> Result<Sample> {
        let mut command = git.command(&["--no-pager", "grep", "-n", "-I", self.syntax(), "-e", self.pattern]);
        command.args(tree);
        self.timed(command)
    }
}

/// How many lines match, by `git grep`.
fn lines(git: &Git, pattern: &str, fixed: bool) -> Result<u64> {
    let mut command = git.command(&["--no-pager", "grep", "-h", "-I", if fixed { "-F" } else { "-E" }, "-e", pattern, "HEAD"]);
    let output = command.output().context("git grep")?;
    Ok(u64::try_from(output.stdout.iter().filter(|byte| **byte == b'\n').count())?)
}

#[expect(clippy::too_many_arguments, reason = "one row's description and its three places")]
fn row(
    bench: &Bench,
    input: &Input,
    search: &Search<'_>,
    name: String,
    state: &str,
    cache: Option<usize>,
    tree: &Git,
    checkout: &Path,
) -> Result<Row> {
    let row = Row::new("grep", name, &input.label, state, Unit::Seconds).target(Limit::NoSlowerThan(RIPGREP));
    let opened = Product::tuned(tree.folder(), |options| {
        if let Some(cache) = cache {
            options.limits.cache_bytes = cache;
        }
    });
    let product = match opened {
        Ok(product) => product,
        Err(error) => return Ok(row.missing("Acetate", format!("{error:#}"))),
    };
    let session = product.session()?;
    let acetate = Contender::new("Acetate", |_| search.acetate(&session));
    let here = Git::at(checkout);
    let on_tree = Contender::new("git grep on the tree", |_| search.git_grep(tree, &["HEAD"]));
    let on_checkout = Contender::new("git grep on a warm checkout", |_| search.git_grep(&here, &[]));
    let plain = Contender::new("GNU grep -r on a warm checkout", |_| {
        let mut command = Command::new("grep");
        command.env("LC_ALL", "C").args(["-r", "-n", "-I", "--exclude-dir=.git", search.syntax(), "-e", search.pattern, "."]);
        command.current_dir(checkout);
        search.timed(command)
    });
    let ripgrep = Contender::new("ripgrep on a warm checkout", |_| {
        let mut command = Command::new("rg");
        command.args(["--no-config", "--no-ignore", "--hidden", "--glob=!.git", "--line-number", "--no-heading"]);
        command.args(search.fixed.then_some("--fixed-strings")).args(["-e", search.pattern, "."]).current_dir(checkout);
        search.timed(command)
    });
    let mut contenders = vec![acetate, on_tree, on_checkout, plain];
    let installed = Command::new("rg").arg("--version").output().is_ok_and(|output| output.status.success());
    if installed {
        contenders.push(ripgrep);
        return Ok(row.measure(bench.plan.rounds, contenders));
    }
    Ok(row.measure(bench.plan.rounds, contenders).missing("ripgrep on a warm checkout", "not installed, so the target can't be judged"))
}

fn cold(bench: &Bench, input: &Input, search: &Search<'_>, tree: &Git) -> Result<Row> {
    let row = Row::new(
        "grep",
        "search for a literal for the first time",
        &input.label,
        "Acetate's caches empty, the kernel's warm",
        Unit::Seconds,
    );
    let acetate = Contender::new("Acetate", |_| {
        let product = Product::open(tree.folder())?;
        search.acetate(&product.session()?)
    });
    let on_tree = Contender::new("git grep on the tree", |_| search.git_grep(tree, &["HEAD"]));
    Ok(row.measure(bench.plan.rounds.min(5), vec![acetate, on_tree]))
}
