//! The rows, by group. Each states its input, whether it is warm and durable, and its target.

mod builds;
mod commit;
mod counts;
mod eight;
mod folder;
mod grep;
mod jobs;
mod land;
mod list;
mod mcp;
mod memory;
mod open;
mod places;
mod points;
mod read;
mod workspaces;

pub use builds::builds;
pub use commit::commit;
pub use folder::folder;
pub use grep::grep;
pub use jobs::jobs;
pub use land::land;
pub use list::list;
pub use mcp::mcp;
pub use memory::memory;
pub use open::open;
pub use read::read;
pub use workspaces::workspaces;
