//! FUSE's own floor: a server that has every name and size in memory and answers at once. No mounted file system that the kernel asks can be
//! faster than its round trips.
//!
//! Protocol: `include/uapi/linux/fuse.h`. Contents are lines of one letter. Deliberately missing: everything that changes something.

use anyhow::{Context as _, Result};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};
use std::collections::HashMap;
use std::ffi::CString;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

/// Bytes of a request, at most, and of an answer.
const MOST: usize = (1 << 20) + 4096;
/// How long the kernel may keep what it was told, in seconds.
const KEPT: u64 = 1 << 24;
/// ASYNC_READ, DO_READDIRPLUS, READDIRPLUS_AUTO, PARALLEL_DIROPS, MAX_PAGES, EXPLICIT_INVAL_DATA.
const FLAGS: u32 = 1 | 1 << 13 | 1 << 14 | 1 << 18 | 1 << 22 | 1 << 25;
/// KEEP_CACHE, NOFLUSH.
const OPENED: u32 = 1 << 1 | 1 << 5;

#[derive(Debug)]
struct Node {
    name: Vec<u8>,
    size: u64,
    /// The numbers of what is in it, for a directory.
    names: Option<Vec<u64>>,
}

/// Names and sizes of a checkout, without its `.git`.
#[derive(Debug)]
pub struct Shape {
    nodes: Vec<Node>,
    by_name: HashMap<(u64, Vec<u8>), u64>,
}

impl Shape {
    /// That of a checkout.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn of(checkout: &Path) -> Result<Self> {
        let mut shape = Self { nodes: vec![Node { name: Vec::new(), size: 0, names: Some(Vec::new()) }], by_name: HashMap::new() };
        let mut open = vec![(1, checkout.to_owned())];
        while let Some((above, folder)) = open.pop() {
            for entry in std::fs::read_dir(folder)? {
                let (entry, ino) = (entry?, shape.nodes.len() as u64 + 1);
                let (meta, name) = (entry.metadata()?, entry.file_name().as_bytes().to_vec());
                if name == b".git" {
                    continue;
                }
                shape.by_name.insert((above, name.clone()), ino);
                shape.nodes.push(Node { name, size: if meta.is_dir() { 0 } else { meta.len() }, names: meta.is_dir().then(Vec::new) });
                if let Some(names) = shape.nodes.get_mut(above as usize - 1).and_then(|node| node.names.as_mut()) {
                    names.push(ino);
                }
                if meta.is_dir() {
                    open.push((ino, entry.path()));
                }
            }
        }
        Ok(shape)
    }

    fn node(&self, ino: u64) -> Option<&Node> {
        self.nodes.get(usize::try_from(ino).ok()?.checked_sub(1)?)
    }

    fn attr(&self, ino: u64, out: &mut Vec<u8>) {
        let (size, mode) = match self.node(ino) {
            Some(Node { names: None, size, .. }) => (*size, 0o100_644u32),
            _ => (0, 0o040_755),
        };
        for number in [ino, size, size.div_ceil(512), 1_700_000_000, 1_700_000_000, 1_700_000_000] {
            out.extend_from_slice(&number.to_ne_bytes());
        }
        for number in [0, 0, 0, mode, 1, 0, 0, 0, 4096, 0u32] {
            out.extend_from_slice(&number.to_ne_bytes());
        }
    }

    fn entry(&self, ino: u64, out: &mut Vec<u8>) {
        for number in [ino, 0, KEPT, KEPT, 0] {
            out.extend_from_slice(&number.to_ne_bytes());
        }
        self.attr(ino, out);
    }

    /// What a directory has from a place on, as it fits.
    fn list(&self, ino: u64, from: u64, most: usize, plus: bool, out: &mut Vec<u8>) {
        let begin = out.len();
        let names = self.node(ino).and_then(|node| node.names.as_deref()).unwrap_or_default();
        for (at, ino) in names.iter().enumerate().skip(usize::try_from(from).unwrap_or(usize::MAX)) {
            let Some(node) = self.node(*ino) else { continue };
            let taken = (if plus { 128 } else { 0 }) + (24 + node.name.len()).next_multiple_of(8);
            if out.len() - begin + taken > most {
                return;
            }
            let end = out.len() + taken;
            if plus {
                self.entry(*ino, out);
            }
            out.extend_from_slice(&ino.to_ne_bytes());
            out.extend_from_slice(&(at as u64 + 1).to_ne_bytes());
            out.extend_from_slice(&(node.name.len() as u32).to_ne_bytes());
            out.extend_from_slice(&(if node.names.is_some() { 4u32 } else { 8 }).to_ne_bytes());
            out.extend_from_slice(&node.name);
            out.resize(end, 0);
        }
    }

    /// Answers a request behind the room for a head; `Err` with an error's number, `None` where nobody waits.
    fn answer(&self, request: &[u8], content: &[u8], out: &mut Vec<u8>) -> Option<Result<(), Errno>> {
        let number = |at: usize| request.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_ne_bytes);
        let short = |at: usize| request.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_ne_bytes);
        let (ino, offset, size) = (number(16), number(48), short(56) as usize);
        match short(4) {
            // LOOKUP
            1 => {
                let name = request.get(40..).unwrap_or_default().split(|byte| *byte == 0).next().unwrap_or_default();
                match self.by_name.get(&(ino, name.to_vec())) {
                    Some(found) => self.entry(*found, out),
                    None => out.resize(out.len() + 128, 0),
                }
            }
            // FORGET, BATCH_FORGET
            2 | 42 => return None,
            // GETATTR
            3 => {
                out.extend_from_slice(&KEPT.to_ne_bytes());
                out.extend_from_slice(&[0; 8]);
                self.attr(ino, out);
            }
            // OPEN
            14 => {
                out.extend_from_slice(&1u64.to_ne_bytes());
                out.extend_from_slice(&OPENED.to_ne_bytes());
                out.extend_from_slice(&[0; 4]);
            }
            // READ
            15 => {
                let left = self.node(ino).map_or(0, |node| node.size).saturating_sub(offset);
                let part = size.min(usize::try_from(left).unwrap_or(size));
                out.extend_from_slice(content.get(..part).unwrap_or(content));
            }
            // RELEASE, RELEASEDIR, DESTROY
            18 | 29 | 38 => {}
            // INIT
            26 => {
                for number in [7, short(44).min(38), short(48), FLAGS, 16 | 12 << 16, 1 << 20, 1, 256] {
                    out.extend_from_slice(&number.to_ne_bytes());
                }
                out.resize(out.len() + 32, 0);
            }
            // READDIR, READDIRPLUS
            op @ (28 | 44) => self.list(ino, offset, size, op == 44, out),
            _ => return Some(Err(Errno::NOSYS)),
        }
        Some(Ok(()))
    }

    fn serve(&self, device: &OwnedFd) {
        let (mut request, mut out) = (vec![0; MOST], Vec::with_capacity(MOST));
        let content: Vec<u8> = b"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n".repeat((1 << 20) / 64);
        loop {
            let length = match rustix::io::read(device, &mut request) {
                Ok(length) => length,
                Err(Errno::NODEV) => return,
                Err(_) => continue,
            };
            let Some(request) = request.get(..length) else { continue };
            out.clear();
            out.resize(16, 0);
            let Some(answered) = self.answer(request, &content, &mut out) else { continue };
            if answered.is_err() {
                out.truncate(16);
            }
            let (length, error) = (out.len() as u32, answered.err().map_or(0, |error| -error.raw_os_error()));
            let head = [&length.to_ne_bytes()[..], &error.to_ne_bytes(), request.get(8..16).unwrap_or_default()].concat();
            if let Some(place) = out.get_mut(..16) {
                place.copy_from_slice(&head);
            }
            // A request that was given up meanwhile takes no answer.
            let _ = rustix::io::write(device, &out);
        }
    }
}

/// A mount of it, undone when dropped.
#[derive(Debug)]
pub struct LeastFuse {
    at: PathBuf,
    thread: Option<JoinHandle<()>>,
}

impl LeastFuse {
    /// Mounts it at this folder, which is made.
    ///
    /// # Errors
    /// When the machine does not allow it.
    pub fn mount(shape: &Arc<Shape>, at: PathBuf) -> Result<Self> {
        std::fs::create_dir(&at)?;
        let device = rustix::fs::open("/dev/fuse", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty()).context("/dev/fuse")?;
        let options = format!("fd={},rootmode=40755,user_id=0,group_id=0,default_permissions", device.as_raw_fd());
        let options = CString::new(options).context("options")?;
        mount("least", &at, "fuse.least", MountFlags::NOSUID | MountFlags::NODEV, options.as_c_str()).context("mount")?;
        let shape = Arc::clone(shape);
        let thread = std::thread::Builder::new().name("least-fuse".to_owned()).spawn(move || shape.serve(&device))?;
        Ok(Self { at, thread: Some(thread) })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.at
    }
}

impl Drop for LeastFuse {
    fn drop(&mut self) {
        // What nobody looks at ends at once, and its thread with it.
        if unmount(&self.at, UnmountFlags::empty()).is_ok()
            && let Some(thread) = self.thread.take()
        {
            drop(thread.join());
        } else {
            let _ = unmount(&self.at, UnmountFlags::DETACH);
        }
    }
}
