//! How this machine mounts, found by mounting something.

use crate::device::{DeviceError, mount_somehow, unmount};
use std::path::Path;

/// How a folder is mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By the kernel, asked directly.
    Kernel {
        /// Whether it reads and writes files of the scratch by itself for a daemon of this user.
        passes_through: bool,
    },
    /// By a program that may do what this user may not.
    Helper(&'static str),
}

/// The first Linux whose kernel can pass contents through.
const PASSES_THROUGH: (u32, u32) = (6, 9);

/// Mounts a device that nobody serves on an empty folder, and takes it away again.
///
/// # Errors
/// As [`crate::mount`] and [`crate::unmount`].
pub fn try_out(folder: &Path) -> Result<Way, DeviceError> {
    let (device, helper) = mount_somehow(folder, "probe")?;
    // Nobody will serve it: who looks into the folder must not wait.
    drop(device);
    unmount(folder, true)?;
    Ok(helper.map_or_else(|| Way::Kernel { passes_through: passes_through() }, Way::Helper))
}

/// The kernel opens files for a file system only where its daemon has the rights of the machine's root.
fn passes_through() -> bool {
    let whole = |map: String| map.split_whitespace().eq(["0", "0", "4294967295"]);
    let release = rustix::system::uname().release().to_string_lossy().into_owned();
    let mut numbers = release.split(|char: char| !char.is_ascii_digit()).map_while(|number| number.parse::<u32>().ok());
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    std::fs::read_to_string("/proc/self/uid_map").is_ok_and(whole) && version >= PASSES_THROUGH
}
