import type { Buffer } from "node:buffer";
import type { Checkpoint, Commit, FileDiff, Workspace, WorkspaceFile } from "./types.js";

/** What a product needs to keep workspaces: {@link AcetatePersistence} has all of it. */
export interface WorkspacePersistence {
  createWorkspace(name?: string): Promise<Workspace>;
  loadWorkspace(workspaceId: string): Promise<Workspace>;
  deleteWorkspace(workspaceId: string): Promise<void>;
  getWorkspaceFiles(workspaceId: string, ref?: string): Promise<WorkspaceFile[]>;
  saveWorkspaceFile(workspaceId: string, file: WorkspaceFile): Promise<void>;
  deleteWorkspaceFile(workspaceId: string, path: string): Promise<void>;
  commitWorkspace(workspaceId: string, message?: string): Promise<string>;
  checkpointWorkspace(workspaceId: string, name: string): Promise<string>;
  listCheckpoints(workspaceId: string): Promise<Checkpoint[]>;
  diffWorkspace(workspaceId: string, from: string, to: string): Promise<FileDiff[]>;
  getWorkspaceHistory(workspaceId: string): Promise<Commit[]>;
  forkWorkspace(workspaceId: string, name?: string): Promise<Workspace>;
  bundleWorkspace(workspaceId: string): Promise<Buffer>;
  unbundleWorkspace(bundle: Buffer, name?: string): Promise<Workspace>;
}
