/**
 * Workspaces behind one plain interface, for products with one editor for each.
 *
 * @packageDocumentation
 */
export type { WorkspacePersistence } from "./interface.js";
export { AcetatePersistence, type PersistenceOptions } from "./persistence.js";
export type { Checkpoint, Commit, DiffHunk, FileDiff, LazyWorkspaceFile, Workspace, WorkspaceFile, WorkspaceFileEvent } from "./types.js";
export type { WatchOptions } from "./watch.js";
