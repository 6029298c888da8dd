//! Which path leads to which handler.

use super::{edits, events, history, session_files, sessions, store, turns, workspace_files, workspaces};
use crate::door::Door;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Every route of `/v1`, with its description.
pub(crate) fn routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new()
        .routes(routes!(store::health))
        .routes(routes!(store::status))
        .routes(routes!(store::description))
        .routes(routes!(store::tokens, store::create_token))
        .routes(routes!(store::revoke_token))
        .routes(routes!(store::backup))
        .routes(routes!(store::submission))
        .routes(routes!(store::change))
        .routes(routes!(workspaces::list, workspaces::create))
        .routes(routes!(workspaces::show, workspaces::update, workspaces::delete))
        .routes(routes!(workspaces::branches, workspaces::create_branch, workspaces::delete_branch))
        .routes(routes!(workspaces::fork))
        .routes(routes!(workspaces::catch_up))
        .routes(routes!(workspaces::bundle))
        .routes(routes!(history::versions))
        .routes(routes!(history::diff))
        .routes(routes!(history::checkpoints, history::create_checkpoint))
        .routes(routes!(history::operations))
        .routes(routes!(history::undo))
        .routes(routes!(workspace_files::list))
        .routes(routes!(workspace_files::read))
        .routes(routes!(workspace_files::read_many))
        .routes(routes!(events::events))
        .routes(routes!(sessions::open, sessions::list))
        .routes(routes!(sessions::show, sessions::close))
        .routes(routes!(sessions::status))
        .routes(routes!(sessions::pause))
        .routes(routes!(sessions::resume))
        .routes(routes!(sessions::fork))
        .routes(routes!(session_files::list))
        .routes(routes!(session_files::read, session_files::stat, session_files::write, session_files::delete))
        .routes(routes!(session_files::read_many))
        .routes(routes!(session_files::symbols))
        .routes(routes!(edits::edit))
        .routes(routes!(edits::rename))
        .routes(routes!(edits::set_mode))
        .routes(routes!(edits::batch))
        .routes(routes!(edits::grep))
        .routes(routes!(turns::diff))
        .routes(routes!(turns::commit))
        .routes(routes!(turns::sync))
        .routes(routes!(turns::submit))
        .routes(routes!(turns::resolve))
        .routes(routes!(turns::marked))
}
