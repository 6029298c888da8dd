//! Reading files of the base, warm.

use crate::http::{Connection, Daemon};
use crate::measure::{Contender, Stopwatch};
use crate::peers::{CatFile, Git};
use crate::product::Product;
use crate::report::{Limit, Report, Row, Unit};
use crate::run::Bench;
use acetate_engine::api::{ReadFile, ReadMany};
use acetate_types::RepoPath;
use anyhow::{Context as _, Result, ensure};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

const COUNT: usize = 1_000;
/// What a path in a URL needs no escaping for.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');

/// Measures them.
///
/// # Errors
/// When a peer can't be set up.
pub fn read(bench: &Bench, report: &mut Report) -> Result<()> {
    let input = bench.largest()?;
    let files = Files::of(&bench.stage.checkout(input)?, input.paths(COUNT))?;
    let git = Git::at(bench.stage.clone_of(input, "cat-file")?);
    let one = Row::new("read", "read a file of the base, in process", &input.label, "warm", Unit::Seconds).target(Limit::AtMost(3e-6));
    let all = Row::new("read", "1,000 files in one call, in process", &input.label, "warm", Unit::Seconds).target(Limit::AtMost(5e-3));
    match Product::open(&bench.stage.clone_of(input, "read")?) {
        Ok(product) => {
            report.add(in_process(bench, one, &product, &files, &git)?);
            report.add(many_in_process(bench, all, &product, &files, &git)?);
        }
        Err(error) => {
            report.add(one.missing("Acetate", format!("{error:#}")));
            report.add(all.missing("Acetate", format!("{error:#}")));
        }
    }
    let name = "read a file of the base, HTTP on the Unix socket, connection kept";
    let one = Row::new("read", name, &input.label, "warm", Unit::Seconds).target(Limit::AtMost(150e-6));
    let all = Row::new("read", "1,000 files in one call, HTTP on the Unix socket", &input.label, "warm", Unit::Seconds)
        .target(Limit::AtMost(5e-3));
    let connected = bench.daemon(input).and_then(|daemon| {
        let mut connection = daemon.connect()?;
        let workspace = connection.workspace()?;
        let session = connection.open_session(&workspace)?;
        Ok((daemon, connection, session))
    });
    match connected {
        Ok((daemon, mut connection, session)) => {
            report.add(over_http(bench, one, &daemon, &mut connection, &session, &files, &git)?);
            report.add(many_over_http(bench, all, &daemon, &mut connection, &session, &files, &git)?);
        }
        Err(error) => {
            report.add(one.missing("Acetate", format!("{error:#}")));
            report.add(all.missing("Acetate", format!("{error:#}")));
        }
    }
    Ok(())
}

/// The files to read, by every name they have, and how many bytes they are.
struct Files {
    paths: Vec<RepoPath>,
    checkout: Vec<PathBuf>,
    objects: Vec<Vec<u8>>,
    bytes: usize,
}

impl Files {
    fn of(checkout: &Path, paths: Vec<RepoPath>) -> Result<Self> {
        let on_disk: Vec<PathBuf> = paths.iter().map(|path| checkout.join(std::ffi::OsStr::from_bytes(path.as_bytes()))).collect();
        let objects = paths.iter().map(|path| [b"HEAD:", path.as_bytes()].concat()).collect();
        let mut bytes = 0;
        for path in &on_disk {
            bytes += usize::try_from(std::fs::metadata(path)?.len())?;
        }
        Ok(Self { paths, checkout: on_disk, objects, bytes })
    }

    /// Each file opened, read into a buffer that is kept, closed.
    fn read_all(&self, buffer: &mut Vec<u8>) -> Result<usize> {
        let mut bytes = 0;
        for path in &self.checkout {
            buffer.clear();
            bytes += std::fs::File::open(path)?.read_to_end(buffer)?;
        }
        Ok(bytes)
    }

    /// Whoever read something else measured nothing.
    fn expect(&self, bytes: usize) -> Result<()> {
        ensure!(bytes == self.bytes, "{bytes} bytes were read instead of {}", self.bytes);
        Ok(())
    }

    fn in_checkout(&self, operations: usize) -> Contender<'_> {
        let mut buffer = Vec::new();
        Contender::new("open, read, close in a checkout", move |_| {
            let watch = Stopwatch::start();
            let bytes = self.read_all(&mut buffer)?;
            let sample = watch.stop(operations);
            self.expect(bytes).map(|()| sample)
        })
    }

    fn one_by_one<'a>(&'a self, cat: &'a mut CatFile) -> Contender<'a> {
        Contender::new("git cat-file --batch kept running, one by one", |_| {
            let mut bytes = 0;
            let watch = Stopwatch::with(&[cat.pid()]);
            for object in &self.objects {
                bytes += cat.read(object)?.len();
            }
            let sample = watch.stop(self.objects.len());
            self.expect(bytes).map(|()| sample)
        })
    }

    fn at_once<'a>(&'a self, cat: &'a mut CatFile) -> Contender<'a> {
        Contender::new("git cat-file --batch kept running, all at once", |_| {
            let watch = Stopwatch::with(&[cat.pid()]);
            let bytes = cat.read_all(&self.objects)?;
            let sample = watch.stop(1);
            self.expect(bytes).map(|()| sample)
        })
    }
}

fn in_process(bench: &Bench, row: Row, product: &Product, files: &Files, git: &Git) -> Result<Row> {
    let session = product.session()?;
    let acetate = Contender::new("Acetate", |_| {
        let mut bytes = 0;
        let watch = Stopwatch::start();
        for path in &files.paths {
            bytes += session.read(path)?.content.0.len();
        }
        let sample = watch.stop(files.paths.len());
        files.expect(bytes).map(|()| sample)
    });
    let mut cat = CatFile::start(git)?;
    Ok(row.measure(bench.plan.rounds, vec![acetate, files.in_checkout(files.paths.len()), files.one_by_one(&mut cat)]))
}

fn many_in_process(bench: &Bench, row: Row, product: &Product, files: &Files, git: &Git) -> Result<Row> {
    let session = product.session()?;
    let wanted = ReadMany { paths: files.paths.clone(), ..ReadMany::default() };
    let acetate = Contender::new("Acetate", |_| {
        let mut bytes = 0;
        let watch = Stopwatch::start();
        session.read_many(&wanted, &mut |file| {
            if let ReadFile::File(content) = &file {
                bytes += content.content.0.len();
            }
            true
        })?;
        let sample = watch.stop(1);
        files.expect(bytes).map(|()| sample)
    });
    let mut cat = CatFile::start(git)?;
    Ok(row.measure(bench.plan.rounds, vec![acetate, files.in_checkout(1), files.at_once(&mut cat)]))
}

fn over_http(
    bench: &Bench,
    row: Row,
    daemon: &Daemon,
    connection: &mut Connection,
    session: &str,
    files: &Files,
    git: &Git,
) -> Result<Row> {
    let address = |path: &RepoPath| format!("/v1/sessions/{session}/files/{}", percent_encode(path.as_bytes(), PLAIN));
    let addresses: Vec<String> = files.paths.iter().map(address).collect();
    let acetate = Contender::new("Acetate", |_| {
        let mut bytes = 0;
        let watch = Stopwatch::with(&[daemon.pid()]);
        for address in &addresses {
            bytes += connection.call("GET", address, None)?.len();
        }
        let sample = watch.stop(addresses.len());
        files.expect(bytes).map(|()| sample)
    });
    let mut cat = CatFile::start(git)?;
    Ok(row.measure(bench.plan.rounds, vec![acetate, files.in_checkout(files.paths.len()), files.one_by_one(&mut cat)]))
}

fn many_over_http(
    bench: &Bench,
    row: Row,
    daemon: &Daemon,
    connection: &mut Connection,
    session: &str,
    files: &Files,
    git: &Git,
) -> Result<Row> {
    let body = serde_json::to_vec(&serde_json::json!({ "paths": files.paths }))?;
    let address = format!("/v1/sessions/{session}/read");
    // Once with a look at every line, before the rounds in which lines are only counted.
    let mut bytes = 0;
    for line in connection.call("POST", &address, Some(&body))?.split_inclusive(|byte| *byte == b'\n') {
        if let ReadFile::File(content) = serde_json::from_slice(line).context("a line of the answer")? {
            bytes += content.content.0.len();
        }
    }
    files.expect(bytes)?;
    let acetate = Contender::new("Acetate", |_| {
        let watch = Stopwatch::with(&[daemon.pid()]);
        let answer = connection.call("POST", &address, Some(&body))?;
        let sample = watch.stop(1);
        let lines = answer.iter().filter(|byte| **byte == b'\n').count();
        ensure!(lines == files.paths.len(), "{lines} lines for {} files", files.paths.len());
        Ok(sample)
    });
    let mut cat = CatFile::start(git)?;
    let row = row.note("until the last byte has arrived; the client does not decode the lines in that time");
    Ok(row.measure(bench.plan.rounds, vec![acetate, files.in_checkout(1), files.at_once(&mut cat)]))
}
