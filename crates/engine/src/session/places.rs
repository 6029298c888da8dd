//! Edits as a file system makes them: parts of files, names one by one. Each is one step, as those of the other doors are, and counts
//! towards the same limits; what is computed for callers that want a revision is left out, for a file system writes in small parts.

use super::handle::Session;
use super::record::{EditRecord, Range, text_hash};
use super::write::{Edits, over_large};
use crate::EngineError;
use acetate_overlay::Entry;
use acetate_types::{FileMode, RepoPath};
use bytes::{Bytes, BytesMut};

/// Contents of this many bytes and more are changed in parts.
const IN_PARTS: usize = 1 << 20;

/// What becomes of a part of a file: `removed` bytes at `at` become so many zeros and then `inserted`.
struct Part {
    at: u64,
    removed: u64,
    zeros: u64,
    inserted: Bytes,
}

impl Session {
    /// Writes a part of a regular file, which grows as needed; what lies between its end and the part becomes zeros. Gives the file's
    /// size.
    ///
    /// # Errors
    /// `path_not_found`, `is_a_directory`, `not_a_file`, `file_too_large`, `session_quota`.
    pub fn write_at(&self, path: &RepoPath, at: u64, data: &[u8]) -> Result<u64, EngineError> {
        self.change(|edits| edits.put_at(path, at, data))
    }

    /// Writes behind a regular file's end, wherever that is now. Gives where.
    ///
    /// # Errors
    /// As for `write_at`.
    pub fn append(&self, path: &RepoPath, data: &[u8]) -> Result<u64, EngineError> {
        self.change(|edits| {
            let end = edits.size(path)?;
            edits.put_at(path, end, data)?;
            Ok(end)
        })
    }

    /// Cuts a regular file, or lengthens it with zeros.
    ///
    /// # Errors
    /// As for `write_at`.
    pub fn truncate(&self, path: &RepoPath, size: u64) -> Result<(), EngineError> {
        self.change(|edits| edits.resize(path, size))
    }

    /// Makes an empty file, or a link, where nothing is.
    ///
    /// # Errors
    /// `path_exists`, `not_a_directory`, `session_quota`, `path_…`.
    pub fn make_file(&self, path: &RepoPath, mode: FileMode, content: Bytes) -> Result<(), EngineError> {
        self.change(|edits| {
            edits.absent(path)?;
            edits.write(path, Some(mode), content).map(drop)
        })
    }

    /// Puts a whole file in place of whatever file is there.
    ///
    /// # Errors
    /// As for `make_file`, but for `path_exists`; `is_a_directory`.
    pub fn put_file(&self, path: &RepoPath, mode: FileMode, content: Bytes) -> Result<(), EngineError> {
        self.change(|edits| {
            if edits.overlay.get(&edits.store().repo, path)?.as_ref().is_some_and(Entry::is_directory) {
                return Err(acetate_overlay::OverlayError::IsADirectory(path.clone()).into());
            }
            edits.write(path, Some(mode), content).map(drop)
        })
    }

    /// Makes an empty directory.
    ///
    /// # Errors
    /// `path_exists`, `not_a_directory`, `path_…`.
    pub fn make_directory(&self, path: &RepoPath) -> Result<(), EngineError> {
        self.change(|edits| edits.directory(path).map(drop))
    }

    /// Removes a file or link.
    ///
    /// # Errors
    /// `path_not_found`, `is_a_directory`.
    pub fn remove_file(&self, path: &RepoPath) -> Result<(), EngineError> {
        self.change(|edits| {
            edits.overlay.file(&edits.store().repo, path)?;
            edits.delete(path).map(drop)
        })
    }

    /// Removes an empty directory.
    ///
    /// # Errors
    /// `path_not_found`, `not_a_directory`, `directory_not_empty`.
    pub fn remove_directory(&self, path: &RepoPath) -> Result<(), EngineError> {
        self.change(|edits| {
            if !edits.overlay.list(&edits.store().repo, Some(path))?.is_empty() {
                return Err(acetate_overlay::OverlayError::NotEmpty(path.clone()).into());
            }
            edits.delete(path).map(drop)
        })
    }

    /// Removes a directory with all in it.
    ///
    /// # Errors
    /// `path_not_found`.
    pub fn remove_tree(&self, path: &RepoPath) -> Result<(), EngineError> {
        self.change(|edits| edits.delete(path).map(drop))
    }

    /// Moves a file or directory as rename(2) does: with `replace` a file takes another's place, a directory an empty one's.
    ///
    /// # Errors
    /// `path_not_found`, `path_exists`, `directory_not_empty`, `is_a_directory`, `not_a_directory`, `move_into_itself`.
    pub fn move_over(&self, from: &RepoPath, to: &RepoPath, replace: bool) -> Result<(), EngineError> {
        self.change(|edits| edits.shift(from, to, replace))
    }

    /// Has two paths change their contents, whatever they are.
    ///
    /// # Errors
    /// `path_not_found`, `move_into_itself`.
    pub fn exchange(&self, one: &RepoPath, other: &RepoPath) -> Result<(), EngineError> {
        self.change(|edits| {
            let repo = &edits.store().repo;
            for path in [one, other] {
                if edits.overlay.get(repo, path)?.is_none() {
                    return Err(acetate_overlay::OverlayError::NotFound(path.clone()).into());
                }
            }
            let name = format!(".acetate-exchange-{:016x}", text_hash(one.as_bytes()));
            let aside = match one.parent() {
                Some(parent) => parent.join(name.as_bytes())?,
                None => RepoPath::new(name.into_bytes())?,
            };
            edits.shift(one, &aside, false)?;
            edits.shift(other, one, false)?;
            edits.shift(&aside, other, false)
        })
    }

    /// Waits until all edits that were answered are on stable storage.
    ///
    /// # Errors
    /// A disk that fails; the store is read-only then.
    pub fn persist(&self) -> Result<(), EngineError> {
        Ok(self.store.journal.sync()?)
    }
}

impl Edits<'_> {
    fn absent(&self, path: &RepoPath) -> Result<(), EngineError> {
        match self.overlay.get(&self.store().repo, path)? {
            None => Ok(()),
            Some(_) => Err(acetate_overlay::OverlayError::Exists(path.clone()).into()),
        }
    }

    fn put_at(&mut self, path: &RepoPath, at: u64, data: &[u8]) -> Result<u64, EngineError> {
        let size = self.size(path)?;
        let end = at.saturating_add(data.len() as u64);
        let after = self.room(path, end.max(size))?;
        if data.is_empty() {
            return Ok(size);
        }
        let kept = at.min(size);
        let part = Part { at: kept, removed: end.min(size) - kept, zeros: at - kept, inserted: Bytes::copy_from_slice(data) };
        self.put_part(path, size, after, part)?;
        Ok(after as u64)
    }

    fn resize(&mut self, path: &RepoPath, to: u64) -> Result<(), EngineError> {
        let size = self.size(path)?;
        let after = self.room(path, to)?;
        if to == size {
            return Ok(());
        }
        let kept = to.min(size);
        self.put_part(path, size, after, Part { at: kept, removed: size - kept, zeros: to - kept, inserted: Bytes::new() })
    }

    /// The size of a regular file that is to be edited.
    fn size(&self, path: &RepoPath) -> Result<u64, EngineError> {
        let file = self.overlay.file(&self.store().repo, path)?;
        if !file.mode().is_file() {
            return Err(acetate_overlay::OverlayError::NotAFile { path: path.clone(), mode: file.mode() }.into());
        }
        Ok(file.size(&self.store().repo)?)
    }

    /// Replaces a part of a file: small ones are held and journaled as texts, of large ones only the part is touched.
    fn put_part(&mut self, path: &RepoPath, size: u64, after: usize, part: Part) -> Result<(), EngineError> {
        if after.max(in_memory(size)) < IN_PARTS {
            let before = self.text(path)?;
            let (from, end) = (in_memory(part.at), in_memory(part.at + part.removed));
            let mut text = BytesMut::with_capacity(after);
            text.extend_from_slice(before.get(..from).unwrap_or_default());
            text.resize(from + in_memory(part.zeros), 0);
            text.extend_from_slice(&part.inserted);
            let inserted = text.get(from..).map(Bytes::copy_from_slice).unwrap_or_default();
            text.extend_from_slice(before.get(end..).unwrap_or_default());
            return self.replace(path, &before, text.freeze(), Range { at: part.at, removed: part.removed, inserted });
        }
        self.check_new(path, false)?;
        let Part { at, removed, zeros, inserted } = part;
        let place = (in_memory(at), in_memory(removed));
        self.overlay.write_part(&self.store().repo, path, place, in_memory(zeros), &inserted)?;
        self.note(EditRecord::Part { path: path.into(), size, at, removed, zeros, inserted }, path);
        Ok(())
    }

    /// The size as a length, if a file may be that long.
    fn room(&self, path: &RepoPath, size: u64) -> Result<usize, EngineError> {
        if size > self.most() {
            return Err(over_large(path, size, self.most()));
        }
        usize::try_from(size).map_err(|_| over_large(path, size, self.most()))
    }

    fn replace(&mut self, path: &RepoPath, before: &Bytes, after: Bytes, range: Range) -> Result<(), EngineError> {
        self.check_new(path, false)?;
        self.overlay.write(&self.store().repo, path, None, after.clone())?;
        let record = if range.inserted.len() >= after.len() {
            EditRecord::Write { path: path.into(), mode: None, text: after }
        } else {
            EditRecord::Splice { path: path.into(), before: text_hash(before), ranges: vec![range] }
        };
        self.note(record, path);
        Ok(())
    }

    fn shift(&mut self, from: &RepoPath, to: &RepoPath, replace: bool) -> Result<(), EngineError> {
        self.check_place(from, to)?;
        self.overlay.rename(&self.store().repo, from, to, replace)?;
        self.note_move(from, to, replace);
        Ok(())
    }
}

/// A place in a text that fits into memory, for its end was checked.
fn in_memory(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}
