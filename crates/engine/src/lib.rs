//! Acetate as a Rust library: workspaces, sessions, the commit pipeline, the landing line.
//!
//! What an embedding program uses, and what every door translates to; each call of a door is one call here. All calls block and are
//! made off async threads. The engine knows nothing of HTTP, MCP or the terminal.
//!
//! ```no_run
//! use acetate_engine::{Engine, EngineOptions, api};
//! # fn main() -> Result<(), acetate_engine::EngineError> {
//! let engine = Engine::open(EngineOptions::at("/srv/project.git"))?;
//! let workspace = engine.workspace(&engine.owner(), "project")?;
//! let opened = workspace.open_session(api::OpenSession { agent: "ada".into(), ..Default::default() })?;
//! let session = engine.session(&engine.owner(), &opened.id)?;
//! let path = "README.md".parse().map_err(acetate_engine::EngineError::from)?;
//! println!("{:?}", session.read(&path)?.content);
//! # Ok(()) }
//! ```

#![deny(missing_docs)]

pub mod api;

mod access;
mod engine;
mod error;
mod landing;
mod options;
mod pipeline;
mod session;
mod store;
mod symbols;
mod workspace;

pub mod text;

pub use access::{Access, Scope, Vouched};
pub use acetate_merge::MarkerStyle;
pub use engine::{BackupReport, Engine};
pub use error::EngineError;
pub use landing::agent_identity;
#[doc(hidden)]
pub use options::Underneath;
pub use options::{Clock, EngineOptions, Idempotency, Limits, NoPoints, OsRandom, Points, Progress, Random, SystemClock};
pub use session::{DiffOptions, Directory, FileNode, FileStat, GitHead, Name, Node, OpenFile, Session, Step, View, Watcher, Watching};
pub use workspace::{AdvertisedRef, BundleFile, PushCommand, PushReport, Workspace};
