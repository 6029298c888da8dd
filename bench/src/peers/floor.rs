//! The disk's own floor: what nothing that is durable can be faster than.

use crate::measure::{Contender, Stopwatch};
use anyhow::Result;
use std::io::Write as _;
use std::path::Path;

/// One append of so many bytes, synced, to a file in this folder.
///
/// # Errors
/// When the file can't be made.
pub fn floor<'a>(folder: &Path, bytes: usize) -> Result<Contender<'a>> {
    let mut file = std::fs::File::create(folder.join("floor"))?;
    let content = vec![b'x'; bytes];
    Ok(Contender::new(format!("(the disk's floor: one append of {} KB, fdatasync)", bytes / 1_000), move |_| {
        let watch = Stopwatch::start();
        file.write_all(&content)?;
        file.sync_data()?;
        Ok(watch.stop(1))
    }))
}
