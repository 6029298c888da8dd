//! Bundles: standard Git bundle files, written and checked.
//!
//! The header (Git's `gitformat-bundle`) is written here, so that a ref of a namespace gets the name it has within the namespace;
//! the pack behind it comes from `git pack-objects`. Taking a bundle in is a fetch: see [`Repository::fetch`].

use crate::{GitError, Repository};
use acetate_types::{ObjectFormat, ObjectId};
use std::fs::File;
use std::io::{self, BufRead as _, BufWriter, Read as _, Write as _};
use std::path::Path;
use std::time::Duration;

/// The longest header of a bundle that is looked at.
const HEADER: u64 = 64 << 20;

/// What goes into a bundle.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BundleRefs {
    /// The refs as the bundle names them (`HEAD`, or full names), with what each names.
    pub refs: Vec<(String, ObjectId)>,
    /// Commits that the receiver has: they and what they reach are left out, and the receiver must have them.
    pub since: Vec<ObjectId>,
}

impl Repository {
    /// Writes a bundle file, which must not exist yet, and makes it durable. Nothing is left of it when this fails.
    ///
    /// # Errors
    /// A ref name Git would not take, an object that is missing, a disk error, a time-out.
    pub fn create_bundle(&self, what: &BundleRefs, file: &Path, timeout: Duration) -> Result<(), GitError> {
        let command = || "pack-objects".to_owned();
        let io_error = |source| GitError::Io { command: command(), source };
        let (mut header, mut wanted) = match self.format() {
            ObjectFormat::Sha1 => ("# v2 git bundle\n".to_owned(), String::new()),
            ObjectFormat::Sha256 => ("# v3 git bundle\n@object-format=sha256\n".to_owned(), String::new()),
        };
        for id in &what.since {
            header.push_str(&format!("-{id} \n"));
            wanted.push_str(&format!("^{id}\n"));
        }
        for (name, id) in &what.refs {
            crate::refs::full_name(name).map_err(|_| GitError::Argument(name.clone()))?;
            header.push_str(&format!("{id} {name}\n"));
            wanted.push_str(&format!("{id}\n"));
        }
        header.push('\n');
        let out = File::options().write(true).create_new(true).open(file).map_err(io_error)?;
        let write = || {
            let mut out = BufWriter::new(out);
            out.write_all(header.as_bytes()).map_err(io_error)?;
            let git = self.git("pack-objects").args(["--revs", "--stdout", "--thin", "--delta-base-offset", "-q"]);
            git.input(wanted).limit(u64::MAX).timeout(timeout).output_to(&mut out)?;
            out.into_inner().map_err(io::IntoInnerError::into_error).and_then(|out| out.sync_all()).map_err(io_error)
        };
        write().inspect_err(|_| drop(std::fs::remove_file(file)))
    }

    /// Checks that a bundle's header is whole and names refs. `git` itself takes a file that ends within its header for an empty bundle.
    ///
    /// # Errors
    /// A file that is no bundle, or is cut off; a disk error.
    pub fn check_bundle_header(&self, file: &Path) -> Result<(), GitError> {
        let failed = |why: &str| GitError::Failed { command: "bundle".to_owned(), code: None, message: why.to_owned() };
        let file = File::open(file).map_err(|source| GitError::Io { command: "bundle".to_owned(), source })?;
        let mut lines = io::BufReader::new(file.take(HEADER)).split(b'\n').map_while(Result::ok);
        if !lines.next().is_some_and(|first| first.starts_with(b"# v") && first.ends_with(b" git bundle")) {
            return Err(failed("the file is no Git bundle"));
        }
        let mut refs = 0;
        for line in lines {
            match line.first() {
                None if refs > 0 => return Ok(()),
                None => return Err(failed("the bundle names no ref")),
                Some(b'@' | b'-' | b'#') => {}
                Some(_) => refs += 1,
            }
        }
        Err(failed("the bundle is cut off within its header"))
    }

    /// Checks that a bundle is well formed and that what it builds on is here; gives its refs. The objects in it are checked when
    /// it is fetched.
    ///
    /// # Errors
    /// A file that is no bundle, is damaged, or builds on commits that are not here.
    pub fn verify_bundle(&self, file: &Path, timeout: Duration) -> Result<Vec<(String, ObjectId)>, GitError> {
        let file = std::fs::canonicalize(file).map_err(|source| GitError::Io { command: "bundle".to_owned(), source })?;
        self.git("bundle").args(["verify", "-q"]).arg(&file).timeout(timeout).output()?;
        let heads = self.git("bundle").arg("list-heads").arg(&file).timeout(timeout).output()?;
        let unexpected = || GitError::Unexpected { command: "bundle".to_owned() };
        let text = String::from_utf8(heads).map_err(|_| unexpected())?;
        text.lines()
            .map(|line| {
                let (id, name) = line.split_once(' ').ok_or_else(unexpected)?;
                Ok((name.to_owned(), id.parse().map_err(|_| unexpected())?))
            })
            .collect()
    }
}
