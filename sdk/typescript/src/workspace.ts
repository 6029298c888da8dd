import { call, keyed, readLines } from "./calls.js";
import { ConflictError, NotFoundError } from "./errors.js";
import { type EventsOptions, followed } from "./events.js";
import type { DiffOptions, FileStat, ListOptions, ReadOptions } from "./file-options.js";
import { FileReply, readHeaders, statOf } from "./file-reply.js";
import type * as api from "./generated/types.js";
import type { CallOptions, KeyedCallOptions } from "./options.js";
import { paged } from "./pages.js";
import { Session } from "./session.js";
import { filePath, part, type QueryValue } from "./target.js";
import { type TextInput, toText } from "./text.js";
import { Tokens } from "./tokens.js";
import type { Call, Reply, Transport } from "./transport.js";

/** Which of a history to go through. */
export interface HistoryOptions extends CallOptions {
  /** Only what came before this number. */
  before?: number | undefined;
  /** At most so many; all of them unless given. */
  limit?: number | undefined;
}

/**
 * A named codebase with its own history. A point of it is a version (`v12`), a full ref (`refs/heads/main`, `refs/tags/name` for a
 * checkpoint), or a full commit id. All methods throw {@link AcetateError}.
 */
export class Workspace {
  /** Its id or name, as given. */
  readonly id: string;
  /** The tokens that reach this workspace only. */
  readonly tokens: Tokens;
  readonly #transport: Transport;
  readonly #path: string;

  /** Not for callers: `acetate.workspace(id)` makes it. */
  constructor(transport: Transport, id: string) {
    this.id = id;
    this.tokens = new Tokens(transport, id);
    this.#transport = transport;
    this.#path = `/v1/workspaces/${part(id)}`;
  }

  /** The workspace itself. Throws `workspace_not_found`. */
  async info(options: CallOptions = {}): Promise<api.WorkspaceInfo> {
    return this.#get("", options);
  }

  /** Changes name, description, default branch, settings. */
  async update(update: api.WorkspaceUpdate, options: KeyedCallOptions = {}): Promise<api.WorkspaceInfo> {
    return this.#json({ method: "PATCH", path: "", json: update, ...keyed(options) });
  }

  /** Deletes it. It can be had back for a time (30 days): `acetate.workspaces.undelete(id)`. */
  async delete(options: KeyedCallOptions = {}): Promise<api.WorkspaceInfo> {
    return this.#json({ method: "DELETE", path: "", ...keyed(options) });
  }

  /** Forks it as it landed: objects are shared, refs are the fork's own. Unsaved edits of sessions stay where they are. */
  async fork(fork: api.Fork = {}, options: KeyedCallOptions = {}): Promise<api.WorkspaceInfo> {
    return this.#post("/forks", fork, options);
  }

  /** Brings the branch on disk and its checkout up to the head, where nothing stands in the way. */
  async catchUp(options: KeyedCallOptions = {}): Promise<api.WorkspaceInfo> {
    return this.#json({ method: "POST", path: "/catch-up", ...keyed(options) });
  }

  // Files

  /** The files of a point by path, of the head unless `at` is given. */
  files(options: ListOptions & { at?: string | undefined } = {}): AsyncGenerator<api.FileInfo, void, undefined> {
    const { signal, timeoutMs, limit, ...query } = options;
    return paged(async (after: api.Text | undefined) => {
      const page = await this.#get<api.FileList>("/files", { signal, timeoutMs }, { ...query, limit, after });
      return { items: page.files, next: page.next };
    }, limit);
  }

  /** A file of a point, of the head unless `at` is given, to be read as bytes, text or a stream. Throws `path_not_found`. */
  async read(path: TextInput, options: ReadOptions & { at?: string | undefined } = {}): Promise<FileReply> {
    const query = { at: options.at };
    return new FileReply(await this.#open({ path: `/files/${filePath(path)}`, query, headers: readHeaders(options), ...call(options) }));
  }

  /** A file's text. Throws a `TypeError` where it is not UTF-8. */
  async readText(path: TextInput, options: CallOptions & { at?: string | undefined } = {}): Promise<string> {
    return (await this.read(path, options)).text();
  }

  /** What a file of a point is, without its content. Throws {@link NotFoundError}. */
  async stat(path: TextInput, options: CallOptions & { at?: string | undefined } = {}): Promise<FileStat> {
    const query = { at: options.at };
    const target = { path: `/files/${filePath(path)}`, query, ...call(options) };
    const reply = await this.#open({ method: "HEAD", ...target }).catch(async (error: unknown) => {
      if (error instanceof NotFoundError || error instanceof ConflictError) (await this.#open(target)).discard();
      throw error;
    });
    return statOf(reply);
  }

  /** Many files of a point in one streamed answer: each with its content, or with why it can't be read. */
  readMany(
    read: { paths?: readonly TextInput[] | undefined; globs?: readonly string[] | undefined; at?: string | undefined },
    options: CallOptions = {},
  ): AsyncGenerator<api.ReadFile, void, undefined> {
    const json = { ...read, paths: read.paths?.map(toText) };
    return readLines(this.#open({ method: "POST", path: "/read", json, ...call(options) }));
  }

  /** Where each line of a file comes from, at a point. Throws `path_not_found`. */
  async blame(path: TextInput, options: CallOptions & { at?: string | undefined } = {}): Promise<api.BlameInfo> {
    return this.#get(`/blame/${filePath(path)}`, options, { at: options.at });
  }

  // History

  /** Landed versions, newest first. */
  versions(options: HistoryOptions & { branch?: string | undefined } = {}): AsyncGenerator<api.VersionInfo, void, undefined> {
    return paged(async (before: number | undefined) => {
      const query = { branch: options.branch, before: before ?? options.before, limit: options.limit };
      const page = await this.#get<api.VersionPage>("/versions", options, query);
      return { items: page.versions, next: page.next };
    }, options.limit);
  }

  /** The commits that changed a path, newest first, from a point back. */
  history(
    path: TextInput,
    options: CallOptions & { at?: string | undefined; limit?: number | undefined } = {},
  ): AsyncGenerator<api.PathCommit, void, undefined> {
    const { at, limit } = options;
    return paged(async (skip: number | undefined) => {
      const page = await this.#get<api.PathHistory>(`/history/${filePath(path)}`, options, { at, limit, skip });
      return { items: page.commits, next: page.next };
    }, limit);
  }

  /** The difference between two points. */
  async diff(from: string, to: string, options: DiffOptions = {}): Promise<api.TreeDiff> {
    const { hunks, symbols, context, paths } = options;
    return this.#get("/diff", options, { from, to, hunks, symbols, context, path: paths });
  }

  /** The checkpoints by name. */
  async checkpoints(options: CallOptions = {}): Promise<api.CheckpointInfo[]> {
    return (await this.#get<api.CheckpointList>("/checkpoints", options)).checkpoints;
  }

  /** Names a point, the head unless `at` is given. Throws `checkpoint_exists`. */
  async checkpoint(create: api.CreateCheckpoint, options: KeyedCallOptions = {}): Promise<api.CheckpointInfo> {
    return this.#post("/checkpoints", create, options);
  }

  /** A new version whose files are those of an earlier point. Nothing is lost. */
  async restore(restore: api.Restore, options: KeyedCallOptions = {}): Promise<api.VersionInfo> {
    return this.#post("/restore", restore, options);
  }

  /** Merges a branch into another. On `conflict`, `session` of the answer is an open session to resolve it in. */
  async merge(merge: api.Merge, options: KeyedCallOptions = {}): Promise<api.Submission> {
    return this.#json({ method: "POST", path: "/merge", json: merge, long: true, ...keyed(options) });
  }

  /** The operation log, newest first. */
  operations(options: HistoryOptions = {}): AsyncGenerator<api.OperationInfo, void, undefined> {
    return paged(async (before: number | undefined) => {
      const query = { before: before ?? options.before, limit: options.limit };
      const page = await this.#get<api.OperationPage>("/operations", options, query);
      return { items: page.operations, next: page.next };
    }, options.limit);
  }

  /** Undoes an operation by a further one: the newest that is not undone, unless a number is given. */
  async undo(operation?: number, options: KeyedCallOptions = {}): Promise<api.OperationInfo> {
    return this.#post("/undo", { operation }, options);
  }

  // Branches and bundles

  /** The branches by name. */
  async branches(options: CallOptions = {}): Promise<api.BranchInfo[]> {
    return (await this.#get<api.BranchList>("/branches", options)).branches;
  }

  /** Makes a branch. */
  async createBranch(create: api.CreateBranch, options: KeyedCallOptions = {}): Promise<api.BranchInfo> {
    return this.#post("/branches", create, options);
  }

  /** Deletes a branch, named short or in full; its tip is kept. */
  async deleteBranch(name: string, options: KeyedCallOptions = {}): Promise<void> {
    await this.#json({ method: "DELETE", path: "/branches", query: { name }, ...keyed(options) });
  }

  /**
   * A standard Git bundle of its branches and checkpoints, as a stream: whole, or only what is newer than a point (`since`). With
   * `sessions`, live sessions' unsaved edits are in it too, as commits on `refs/heads/sessions/<id>`.
   */
  async bundle(
    options: CallOptions & { since?: string | undefined; sessions?: boolean | undefined } = {},
  ): Promise<ReadableStream<Uint8Array>> {
    const query = { since: options.since, sessions: options.sessions };
    return (await this.#open({ path: "/bundle", query, long: true, ...call(options) })).body;
  }

  /** The same bundle in memory. */
  async bundleBytes(options: Parameters<Workspace["bundle"]>[0] = {}): Promise<Uint8Array> {
    return new Uint8Array(await new Response(await this.bundle(options)).arrayBuffer());
  }

  // Events

  /** Follows its durable events, gap-free and in order, over broken connections; never ends by itself. See {@link EventsOptions}. */
  events(options: EventsOptions = {}): AsyncGenerator<api.Event, void, undefined> {
    return followed(this.#transport, `${this.#path}/events`, options);
  }

  /** One page of events after a number, waited for at most `waitSeconds` (0 to 60). `next` is the number to go on after. */
  async eventsPage(
    options: Omit<EventsOptions, "patienceMs"> & { waitSeconds?: number | undefined; limit?: number | undefined } = {},
  ): Promise<api.EventPage> {
    const { signal, after, waitSeconds = 0, limit, path, symbol } = options;
    // Waiting is what was asked for; only what comes on top is late.
    const least = options.timeoutMs ?? this.#transport.timeoutMs;
    const timeoutMs = least === 0 ? 0 : least + waitSeconds * 1000;
    return this.#get("/events", { signal, timeoutMs }, { after, wait: waitSeconds, limit, path, symbol });
  }

  // Sessions

  /** The sessions that are not closed, newest first. */
  async sessions(options: CallOptions = {}): Promise<api.SessionInfo[]> {
    return (await this.#get<api.SessionList>("/sessions", options)).sessions;
  }

  /** Opens a session. Its `token` reaches it alone. */
  async openSession(open: api.OpenSession, options: KeyedCallOptions = {}): Promise<Session> {
    const opened = await this.#post<api.Opened>("/sessions", open, options);
    return new Session(this.#transport, opened.id, opened);
  }

  /** The workspace's one implicit session, on its default branch; opened if it is not there. Its `commit` also submits. */
  async workingSession(options: KeyedCallOptions & { agent?: string | undefined } = {}): Promise<Session> {
    const info = await this.#post<api.SessionInfo>("/session", { agent: options.agent }, options);
    return new Session(this.#transport, info.id);
  }

  #get<T>(path: string, options: CallOptions, query: Record<string, QueryValue> = {}): Promise<T> {
    return this.#json({ method: "GET", path, query, repeat: "read", ...call(options) });
  }

  #post<T>(path: string, json: unknown, options: KeyedCallOptions): Promise<T> {
    return this.#json({ method: "POST", path, json, ...keyed(options) });
  }

  #json<T>(parts: Call): Promise<T> {
    return this.#transport.json({ ...parts, path: this.#path + parts.path });
  }

  #open(parts: Partial<Call> & { path: string }): Promise<Reply> {
    return this.#transport.open({ method: "GET", repeat: "read", ...parts, path: this.#path + parts.path });
  }
}
