//! Bundles: standard Git bundle files, written and checked.
//!
//! The header (Git's `gitformat-bundle`) is written here, so that a ref of a namespace gets the name it has within the namespace;
//! the pack behind it comes from `git pack-objects`. Taking a bundle in is a fetch: see [`Repository::fetch`].

use crate::{GitError, Repository};
use acetate_types::{ObjectFormat, ObjectId};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead as _, BufWriter, Read as _, Write as _};
use std::path::Path;
use std::time::Duration;

/// The longest header of a bundle that is looked at.
const HEADER: u64 = 64 << 20;
/// The most refs of a bundle that is taken.
const MOST_REFS: usize = 100_000;

/// What goes into a bundle.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BundleRefs {
    /// The refs as the bundle names them (`HEAD`, or full names), with what each names.
    pub refs: Vec<(String, ObjectId)>,
    /// Commits that the receiver has: they and what they reach are left out, and the receiver must have them.
    pub since: Vec<ObjectId>,
}

/// A bundle whose header was read.
#[derive(Debug)]
pub struct OpenBundle {
    /// What it names, by name; `HEAD` among them where it has one.
    pub refs: Vec<(String, ObjectId)>,
    /// Commits that the receiver needs.
    pub since: Vec<ObjectId>,
    /// Its pack, unchecked.
    pub pack: io::BufReader<File>,
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

    /// Reads a bundle's header: what it names, what it builds on, and its pack, which nobody has looked at yet. Names are those of refs, each
    /// is there once, and no name is the folder of another.
    ///
    /// # Errors
    /// A file that is no bundle of this repository's hash function, is cut off within its header, leaves objects out by a filter, or has a
    /// header over 64 MiB or 100,000 refs.
    pub fn open_bundle(&self, file: &Path) -> Result<OpenBundle, GitError> {
        let failed = |why: String| GitError::Failed { command: "bundle".to_owned(), code: None, message: why };
        let io_error = |source| GitError::Io { command: "bundle".to_owned(), source };
        let mut reader = io::BufReader::new(File::open(file).map_err(io_error)?);
        let mut left = HEADER;
        let mut line = Vec::new();
        let mut next = |reader: &mut io::BufReader<File>| -> Result<Option<Vec<u8>>, GitError> {
            line.clear();
            let read = reader.take(left).read_until(b'\n', &mut line).map_err(io_error)? as u64;
            left -= read;
            match line.strip_suffix(b"\n") {
                Some(line) => Ok(Some(line.to_vec())),
                None if left == 0 => Err(failed("the bundle's header is too long".to_owned())),
                None => Ok(None),
            }
        };
        let cut = || failed("the bundle is cut off within its header".to_owned());
        let first = next(&mut reader)?;
        if !first.is_some_and(|first| first == b"# v2 git bundle" || first == b"# v3 git bundle") {
            return Err(failed("the file is no Git bundle".to_owned()));
        }
        let (mut format, mut refs, mut since) = (ObjectFormat::Sha1, BTreeMap::new(), Vec::new());
        loop {
            let line = next(&mut reader)?.ok_or_else(cut)?;
            let line = std::str::from_utf8(&line).map_err(|_| failed("a name in the bundle is not UTF-8".to_owned()))?;
            let id = |text: &str| -> Result<ObjectId, GitError> {
                text.parse::<ObjectId>()
                    .ok()
                    .filter(|id| id.format() == format)
                    .ok_or_else(|| failed(format!("{:?} in the bundle is no object id", text.chars().take(80).collect::<String>())))
            };
            if line.is_empty() {
                break;
            } else if let Some(capability) = line.strip_prefix('@') {
                format = match capability {
                    "object-format=sha1" => ObjectFormat::Sha1,
                    "object-format=sha256" => ObjectFormat::Sha256,
                    other => {
                        let shown: String = other.chars().take(80).filter(|ch| !ch.is_control()).collect();
                        return Err(failed(format!("the bundle asks for {shown:?}, which is not taken")));
                    }
                };
            } else if let Some(built_on) = line.strip_prefix('-') {
                since.push(id(built_on.split(' ').next().unwrap_or_default())?);
            } else {
                let (target, name) = line.split_once(' ').ok_or_else(|| failed("a line of the bundle names no ref".to_owned()))?;
                crate::refs::full_name(name).map_err(|_| {
                    let shown: String = name.chars().take(80).filter(|ch| !ch.is_control()).collect();
                    failed(format!("{shown:?} in the bundle is no name of a ref"))
                })?;
                if refs.insert(name.to_owned(), id(target)?).is_some() {
                    return Err(failed(format!("the bundle names {name} twice")));
                }
                if refs.len() > MOST_REFS {
                    return Err(failed(format!("the bundle names more than {MOST_REFS} refs")));
                }
            }
        }
        if format != self.format() {
            return Err(failed("the bundle has another hash function than this store".to_owned()));
        }
        if refs.is_empty() {
            return Err(failed("the bundle names no ref".to_owned()));
        }
        let above = |name: &str| name.match_indices('/').filter_map(|(at, _)| name.get(..at).map(str::to_owned)).collect::<Vec<_>>();
        if let Some(name) = refs.keys().find(|name| above(name).iter().any(|folder| refs.contains_key(folder))) {
            return Err(failed(format!("{name} can't be beside the other names in the bundle")));
        }
        Ok(OpenBundle { refs: refs.into_iter().collect(), since, pack: reader })
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
