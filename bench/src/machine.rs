//! The facts without which no number means anything.

use anyhow::Result;
use serde::Serialize;
use std::path::Path;

/// The machine, the file system and the tools.
#[derive(Debug, Serialize)]
pub struct Machine {
    /// Processors this process may use.
    pub cores: usize,
    /// RAM in bytes.
    pub memory_bytes: u64,
    /// The processor's name.
    pub processor: String,
    /// The kernel's release.
    pub kernel: String,
    /// The type of the file system worked in.
    pub file_system: String,
    /// What `git --version` says.
    pub git: String,
    /// What `rg --version` says, if it is there.
    pub ripgrep: Option<String>,
    /// Whether system calls could be counted.
    pub strace: bool,
    /// Whether this is an optimised build.
    pub optimised: bool,
    /// The date, as passed in.
    pub date: Option<String>,
}

impl Machine {
    /// Looks around.
    ///
    /// # Errors
    /// When there is no `git`.
    pub fn look(work: &Path, date: Option<String>) -> Result<Self> {
        let processor = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let processor = processor.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("unknown");
        let git = first_line("git").ok_or_else(|| anyhow::anyhow!("there is no `git` to compare with"))?;
        Ok(Self {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_bytes: rustix::system::sysinfo().totalram as u64,
            processor: processor.trim_start_matches([' ', '\t', ':']).to_owned(),
            kernel: rustix::system::uname().release().to_string_lossy().into_owned(),
            file_system: file_system(work),
            git,
            ripgrep: first_line("rg"),
            strace: crate::strace::available(),
            optimised: !cfg!(debug_assertions),
            date,
        })
    }

    /// What a reader must know before believing any number.
    pub fn warnings(&self) -> Vec<&'static str> {
        let mut warnings = Vec::new();
        if !self.optimised {
            warnings.push("this is a debug build: Acetate's numbers mean nothing (use --release)");
        }
        if self.file_system == "tmpfs" {
            warnings.push("syncs cost nothing on tmpfs: \"durable\" rows show work, not waiting for a disk");
        }
        if !self.strace {
            warnings.push("no strace here: system calls are not counted");
        }
        warnings
    }
}

/// The name of a folder's file system, from the kernel's magic numbers (`linux/magic.h`).
fn file_system(folder: &Path) -> String {
    let Ok(found) = rustix::fs::statfs(folder) else { return "unknown".to_owned() };
    let magic = u64::try_from(found.f_type).unwrap_or_default();
    let name = match magic {
        0xEF53 => "ext4",
        0x0102_1994 => "tmpfs",
        0x9123_683E => "btrfs",
        0x5846_5342 => "xfs",
        0x794C_7630 => "overlayfs",
        0x2FC1_2FC1 => "zfs",
        0xF2F5_2010 => "f2fs",
        _ => return format!("magic {magic:#x}"),
    };
    name.to_owned()
}

fn first_line(program: &str) -> Option<String> {
    let output = std::process::Command::new(program).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then(|| text.lines().next().unwrap_or_default().to_owned())
}
