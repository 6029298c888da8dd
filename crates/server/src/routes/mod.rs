//! The routes of `/v1`: each handler reads its parameters, makes one call of the engine, and shows what came of it.
mod edits;
mod events;
mod history;
mod session_files;
mod sessions;
mod shapes;
mod store;
mod table;
mod turns;
mod workspace_files;
mod workspaces;

pub(crate) use table::routes;
