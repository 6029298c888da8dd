import assert from "node:assert/strict";
import { test } from "node:test";
import { Acetate } from "@acetate/client";
import {
  AcetatePersistence,
  type Checkpoint,
  type Commit,
  type FileDiff,
  type Workspace,
  type WorkspaceFile,
} from "@acetate/client/persistence";

// Copied from the wish as it stands: the class has to be assignable to it.
interface WorkspacePersistence {
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

/** Exactly equal, not only assignable: neither more nor fewer parameters, nor other types. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

test("the class has the interface", () => {
  const persistence: WorkspacePersistence = new AcetatePersistence(new Acetate({ url: "http://127.0.0.1:1" }));
  const same: Same<WorkspacePersistence, import("@acetate/client/persistence").WorkspacePersistence> = true;
  const workspace: Same<Workspace, { id: string; name?: string; createdAt: Date }> = true;
  assert.ok(same && workspace && persistence);
  for (const method of [
    "createWorkspace",
    "loadWorkspace",
    "deleteWorkspace",
    "getWorkspaceFiles",
    "saveWorkspaceFile",
    "deleteWorkspaceFile",
    "commitWorkspace",
    "checkpointWorkspace",
    "listCheckpoints",
    "diffWorkspace",
    "getWorkspaceHistory",
    "forkWorkspace",
    "bundleWorkspace",
    "unbundleWorkspace",
  ] as const) {
    assert.equal(typeof persistence[method], "function");
  }
});
