import type { Buffer } from "node:buffer";
import type { Acetate } from "../acetate.js";
import { AcetateError, ConflictError, InvalidError, NotFoundError } from "../errors.js";
import type { Submission } from "../generated/types.js";
import { collect } from "../pages.js";
import type { Session } from "../session.js";
import { textToString } from "../text.js";
import type { WorkspacePersistence } from "./interface.js";
import { readFiles } from "./read-files.js";
import { bufferOf, bytesOf, checkpointOf, commitOf, diffOf, fileOf, pointOf, workspaceOf } from "./shapes.js";
import type { Checkpoint, Commit, FileDiff, LazyWorkspaceFile, Workspace, WorkspaceFile, WorkspaceFileEvent } from "./types.js";
import { watched, type WatchOptions } from "./watch.js";

/** How to keep workspaces. */
export interface PersistenceOptions {
  /** Who works, as others are told; `workspace-persistence` unless given. */
  agent?: string | undefined;
}

const AGENT = "workspace-persistence";

/**
 * Workspaces for a product with one editor each: behind every workspace stands its implicit working session, which holds what is saved and
 * not committed. While nothing waits there, it follows what others land.
 *
 * A `ref` is a version (`v12`), a full ref, a commit, or the name of a checkpoint. All methods throw {@link AcetateError}.
 */
export class AcetatePersistence implements WorkspacePersistence {
  readonly #acetate: Acetate;
  readonly #agent: string;
  readonly #wakers = new Map<string, Set<() => void>>();

  constructor(acetate: Acetate, options: PersistenceOptions = {}) {
    this.#acetate = acetate;
    this.#agent = options.agent ?? AGENT;
  }

  /** Makes an empty workspace, under a name of its own unless one is given. Throws `name_taken`. */
  async createWorkspace(name: string = `workspace-${crypto.randomUUID().slice(0, 8)}`): Promise<Workspace> {
    return workspaceOf(await this.#acetate.workspaces.create({ name }));
  }

  /** A workspace by id or name. Throws `workspace_not_found`. */
  async loadWorkspace(workspaceId: string): Promise<Workspace> {
    return workspaceOf(await this.#acetate.workspaces.get(workspaceId));
  }

  /** Deletes it; `acetate.workspaces.undelete` takes that back for 30 days. */
  async deleteWorkspace(workspaceId: string): Promise<void> {
    await this.#acetate.workspace(workspaceId).delete();
  }

  /** All files with their contents: as saved, committed or not; with `ref` those of that point. Links are files, submodules are not. */
  async getWorkspaceFiles(workspaceId: string, ref?: string): Promise<WorkspaceFile[]> {
    const workspace = this.#acetate.workspace(workspaceId);
    if (ref !== undefined) {
      const at = pointOf(ref);
      const paths = (await this.listWorkspaceFiles(workspaceId, ref)).map((file) => file.path);
      return collect(readFiles(paths, (some) => workspace.readMany({ paths: some, at })));
    }
    return this.#shown(workspaceId, async (session) => {
      const paths = (await collect(session.list())).filter((file) => file.type === "file" || file.type === "symlink");
      return collect(
        readFiles(
          paths.map((file) => textToString(file.path)),
          (some) => session.readMany({ paths: some }),
        ),
      );
    });
  }

  /** The same files without their contents: each is fetched when asked for. */
  async listWorkspaceFiles(workspaceId: string, ref?: string): Promise<LazyWorkspaceFile[]> {
    const workspace = this.#acetate.workspace(workspaceId);
    const at = ref === undefined ? undefined : pointOf(ref);
    const files =
      at === undefined ? await this.#shown(workspaceId, (session) => collect(session.list())) : await collect(workspace.files({ at }));
    return files.flatMap((info) => {
      if (info.type !== "file" && info.type !== "symlink") return [];
      const path = textToString(info.path);
      const read = () => (at === undefined ? this.#working(workspaceId, (session) => session.read(path)) : workspace.read(path, { at }));
      const load = async (): Promise<WorkspaceFile> => {
        const reply = await read();
        return fileOf(path, reply.mode, await reply.bytes());
      };
      const content = async (): Promise<string | Uint8Array> => (await load()).content;
      const stream = async (): Promise<ReadableStream<Uint8Array>> => (await read()).stream();
      return { path, mode: info.mode ?? "100644", id: info.id ?? undefined, load, content, stream };
    });
  }

  /** Saves a file in the working session. When it answers, the file survives the death of the daemon's process. */
  async saveWorkspaceFile(workspaceId: string, file: WorkspaceFile): Promise<void> {
    const bytes = bytesOf(file);
    await this.#working(workspaceId, (session) => session.write(file.path, bytes, { mode: file.mode }));
    this.#wake(workspaceId);
  }

  /** Deletes a file or a folder in the working session. Throws `path_not_found`. */
  async deleteWorkspaceFile(workspaceId: string, path: string): Promise<void> {
    try {
      await this.#working(workspaceId, (session) => session.delete(path));
    } catch (error) {
      // After a broken connection the call was made again, and the first time did it.
      if (!(error instanceof NotFoundError && error.code === "path_not_found" && error.attempts > 1)) throw error;
    }
    this.#wake(workspaceId);
  }

  /**
   * Commits what was saved and lands it; answers the landed commit, or the head where nothing was to commit. Throws `submission_conflict`
   * (details: the conflicts and the session to resolve them in) or `submission_rejected` (details: the checks).
   */
  async commitWorkspace(workspaceId: string, message?: string): Promise<string> {
    const turn = await this.#working(workspaceId, (session) => session.commit(message));
    this.#wake(workspaceId);
    const landed = turn.submission ? landedCommit(turn.submission) : undefined;
    const commit = landed ?? (await this.#acetate.workspaces.get(workspaceId)).head.commit;
    if (commit) return commit;
    throw new InvalidError({
      code: "nothing_committed",
      kind: "invalid",
      message: "the workspace is empty: there is nothing to commit",
      hint: "save a file first",
    });
  }

  /**
   * Commits what was saved, as {@link commitWorkspace} does, and names it; answers the commit. Throws `checkpoint_exists`, then without a
   * commit unless another took the name meanwhile. A name that looks like a version or a commit is reached as the `ref` `refs/tags/NAME`.
   */
  async checkpointWorkspace(workspaceId: string, name: string): Promise<string> {
    if ((await this.listCheckpoints(workspaceId)).some((checkpoint) => checkpoint.name === name)) {
      throw new ConflictError({
        code: "checkpoint_exists",
        kind: "conflict",
        message: `refs/tags/${name} exists already`,
        hint: "choose another name",
      });
    }
    const at = await this.commitWorkspace(workspaceId, `Checkpoint ${name}`);
    return (await this.#acetate.workspace(workspaceId).checkpoint({ name, at })).commit;
  }

  /** The checkpoints by name. */
  async listCheckpoints(workspaceId: string): Promise<Checkpoint[]> {
    return (await this.#acetate.workspace(workspaceId).checkpoints()).map(checkpointOf);
  }

  /** The difference between two points. */
  async diffWorkspace(workspaceId: string, from: string, to: string): Promise<FileDiff[]> {
    return (await this.#acetate.workspace(workspaceId).diff(pointOf(from), pointOf(to))).files.map(diffOf);
  }

  /** All landed commits, newest first. */
  async getWorkspaceHistory(workspaceId: string): Promise<Commit[]> {
    return (await collect(this.#acetate.workspace(workspaceId).versions())).map(commitOf);
  }

  /** Forks it as it was last committed; what is saved and not committed stays where it is. Throws `name_taken`. */
  async forkWorkspace(workspaceId: string, name?: string): Promise<Workspace> {
    return workspaceOf(await this.#acetate.workspace(workspaceId).fork({ name }));
  }

  /** Its history as a standard Git bundle, without what is not committed. In workers without `Buffer`, a `Uint8Array`. */
  async bundleWorkspace(workspaceId: string): Promise<Buffer> {
    return bufferOf(await this.#acetate.workspace(workspaceId).bundleBytes());
  }

  /** Makes a workspace of a Git bundle, which any `Uint8Array` may be. Throws `name_taken`. */
  async unbundleWorkspace(bundle: Buffer | Uint8Array, name?: string): Promise<Workspace> {
    return workspaceOf(await this.#acetate.workspaces.import(bundle, { name }));
  }

  /**
   * Follows what {@link getWorkspaceFiles} shows, from the first call of `next()` on: what is saved through the working session, by
   * whomever, and what lands. Never ends by itself. Files saved one after the other between two looks are one event.
   */
  watchWorkspace(workspaceId: string, options: WatchOptions = {}): AsyncGenerator<WorkspaceFileEvent, void, undefined> {
    const workspace = this.#acetate.workspace(workspaceId);
    const session = (): Promise<Session> => this.#shown(workspaceId, async (found) => found);
    return watched({ workspace, session, subscribe: (changed) => this.#subscribe(workspaceId, changed) }, options);
  }

  /** Works in the working session as it is to be shown: resumed, and moved to the head where nothing waits in it. */
  #shown<T>(workspaceId: string, work: (session: Session) => Promise<T>): Promise<T> {
    return this.#working(workspaceId, work);
  }

  /**
   * Works in the working session; one that ended meanwhile is opened anew. It is asked for each time: only so does it stand on what others
   * landed, on the branch that is the default one now, and in the workspace that has the name now.
   */
  async #working<T>(workspaceId: string, work: (session: Session) => Promise<T>): Promise<T> {
    const session = await this.#session(workspaceId);
    try {
      return await work(session);
    } catch (error) {
      if (!(error instanceof AcetateError) || !ENDED.has(error.code)) throw error;
      return work(await this.#session(workspaceId));
    }
  }

  #session(workspaceId: string): Promise<Session> {
    return this.#acetate.workspace(workspaceId).workingSession({ agent: this.#agent });
  }

  #wake(workspaceId: string): void {
    for (const waker of this.#wakers.get(workspaceId) ?? []) waker();
  }

  #subscribe(workspaceId: string, changed: () => void): () => void {
    const wakers = this.#wakers.get(workspaceId) ?? new Set();
    this.#wakers.set(workspaceId, wakers.add(changed));
    return () => wakers.delete(changed);
  }
}

const ENDED = new Set(["session_not_found", "session_closed", "session_paused"]);

/** The landed commit, `undefined` where nothing changed. */
function landedCommit(submission: Submission): string | undefined {
  if (submission.result === "landed") return submission.commit ?? undefined;
  const { session } = submission;
  if (submission.result === "conflict") {
    const { conflicts, against } = submission;
    throw new ConflictError({
      code: "submission_conflict",
      kind: "conflict",
      message: `others changed the same: ${conflicts.length} conflicts`,
      hint: "settle them with `acetate.session(session).resolve(…)`",
      details: { session, conflicts, against },
    });
  }
  throw new ConflictError({
    code: "submission_rejected",
    kind: "conflict",
    message: "the checks failed",
    details: { session, checks: submission.checks },
  });
}
