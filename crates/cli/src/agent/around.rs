//! What the process finds around it: the home, the project, programs.

use crate::client::Failure;
use acetate_agents::{Surroundings, Tool};
use std::path::{Path, PathBuf};

/// As the process finds them.
///
/// # Errors
/// When there is no home, or no current folder.
pub fn of_process() -> Result<Surroundings, Failure> {
    let home = std::env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
    let home = home.ok_or_else(|| Failure::usage("there is no HOME").hint("set HOME"))?;
    let current = std::env::current_dir()?;
    Ok(Surroundings::read(home, Some(project(&current)), |name| std::env::var_os(name)))
}

/// The top of the checkout around a folder; the folder itself where there is none.
fn project(current: &Path) -> PathBuf {
    current.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(current).to_owned()
}

/// Where a tool's program is on the path.
pub fn program(tool: Tool) -> Option<PathBuf> {
    tool.programs().iter().find_map(|name| on_path(name))
}

/// Where a program is: at its path if it has one, else on `PATH`.
pub fn on_path(name: &str) -> Option<PathBuf> {
    if name.contains('/') {
        return Some(PathBuf::from(name)).filter(|path| runs(path));
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| runs(path))
}

fn runs(path: &Path) -> bool {
    path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
}
