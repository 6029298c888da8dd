import { call, keyed, readLines } from "./calls.js";
import { type Content, contentBody } from "./content.js";
import { ConflictError, NotFoundError } from "./errors.js";
import type { DiffOptions, FileStat, ListOptions, ReadOptions, WriteOptions } from "./file-options.js";
import { FileReply, readHeaders, statOf } from "./file-reply.js";
import type * as api from "./generated/types.js";
import type { CallOptions, KeyedCallOptions } from "./options.js";
import { collect, paged } from "./pages.js";
import { filePath, part, type QueryValue } from "./target.js";
import { textToString, type TextInput, toText } from "./text.js";
import type { Call, Reply, Transport } from "./transport.js";

/** One replacement of exact text. */
export interface Replacement {
  /** Must occur exactly once unless `all`. */
  old: TextInput;
  new: TextInput;
  all?: boolean | undefined;
}

/**
 * One agent's live layer over one branch of a workspace: its own edits over its pinned base, whatever others do.
 *
 * Every answer carries `standing`: what the session stands on, how far the head has moved, and the events that it has not seen yet. Events
 * of an answer that arrived count as seen from the next call on. All methods throw {@link AcetateError}.
 */
export class Session {
  /** Its id. */
  readonly id: string;
  /** What opening it answered, where this object opened it. */
  readonly opened: api.Opened | undefined;
  /** The newest event that answers told of. */
  seen: number | undefined;
  readonly #transport: Transport;
  readonly #path: string;

  /** Not for callers: `acetate.session(id)`, `workspace.openSession()` and `workspace.workingSession()` make sessions. */
  constructor(transport: Transport, id: string, opened?: api.Opened) {
    this.id = id;
    this.opened = opened;
    this.#transport = transport;
    this.#path = `/v1/sessions/${part(id)}`;
  }

  /**
   * A token that reaches this session alone, to hand to whoever works in it (`acetate.session(id, token)`); only known where this object
   * opened it. Its own calls are made with the client's token.
   */
  get token(): string | undefined {
    return this.opened?.token;
  }

  // Files

  /** Its files by path, unsaved edits included. */
  list(options: ListOptions & { changed?: boolean | undefined } = {}): AsyncGenerator<api.FileInfo, void, undefined> {
    const { signal, timeoutMs, limit, ...query } = options;
    return paged(async (after: api.Text | undefined) => {
      const page = await this.#get<api.FileList>("/files", { signal, timeoutMs }, { ...query, limit, after });
      return { items: page.files, next: page.next };
    }, limit);
  }

  /** The paths of its files that match, such as `src/**\/*.ts`. */
  async glob(pattern: string, options: CallOptions & { limit?: number | undefined } = {}): Promise<string[]> {
    return (await collect(this.list({ ...options, glob: pattern }))).map((file) => textToString(file.path));
  }

  /** A file, to be read as bytes, text or a stream. Throws `path_not_found`. */
  async read(path: TextInput, options: ReadOptions = {}): Promise<FileReply> {
    return new FileReply(await this.#open({ path: `/files/${filePath(path)}`, headers: readHeaders(options), ...call(options) }));
  }

  /** A file's text. Throws a `TypeError` where it is not UTF-8. */
  async readText(path: TextInput, options: CallOptions = {}): Promise<string> {
    return (await this.read(path, options)).text();
  }

  /** A file, unless its revision is still this one: then `undefined`. */
  async readIfChanged(path: TextInput, etag: string, options: CallOptions = {}): Promise<FileReply | undefined> {
    const headers = readHeaders({ ifNoneMatch: etag });
    const reply = await this.#open({ path: `/files/${filePath(path)}`, headers, also: [304], ...call(options) });
    if (reply.status !== 304) return new FileReply(reply);
    reply.discard();
    return undefined;
  }

  /** What a file is, without its content. Throws `path_not_found`. */
  async stat(path: TextInput, options: CallOptions = {}): Promise<FileStat> {
    const target = { path: `/files/${filePath(path)}`, ...call(options) };
    const reply = await this.#open({ method: "HEAD", ...target }).catch(async (error: unknown) => {
      // An answer to HEAD can't say what is not there, or in the way; the same call with GET does.
      if (error instanceof NotFoundError || error instanceof ConflictError) (await this.#open(target)).discard();
      throw error;
    });
    return statOf(reply);
  }

  /** Many files in one streamed answer: each with its content, or with why it can't be read. */
  readMany(
    read: { paths?: readonly TextInput[] | undefined; globs?: readonly string[] | undefined },
    options: CallOptions = {},
  ): AsyncGenerator<api.ReadFile, void, undefined> {
    const json = { paths: read.paths?.map(toText), globs: read.globs };
    return readLines(this.#open({ method: "POST", path: "/read", json, ...call(options) }));
  }

  /** Writes a file whole. Throws `stale_revision`, `file_too_large`, `session_quota`, `path_…`. */
  async write(path: TextInput, content: Content, options: WriteOptions = {}): Promise<api.Answer<api.Written>> {
    const headers: Record<string, string> = { "content-type": "application/octet-stream" };
    if (options.ifMatch !== undefined) headers["if-match"] = options.ifMatch === "*" ? "*" : `"${options.ifMatch}"`;
    if (options.ifAbsent) headers["if-none-match"] = "*";
    if (options.mode !== undefined) headers["acetate-mode"] = options.mode;
    // A repeat of a write that took effect would meet its own revision, and a stream is gone once it was sent.
    const single = options.ifMatch !== undefined || options.ifAbsent || content instanceof ReadableStream;
    return this.#json({
      method: "PUT",
      path: `/files/${filePath(path)}`,
      headers,
      body: contentBody(content),
      ...keyed(options),
      repeat: single ? "keyed-once" : "keyed",
    });
  }

  /**
   * Replaces exact texts in a file, all or none. Never repeated by itself: `expect`, the revision that the file must have, makes a repeat
   * safe. Throws `text_not_found` (details: the closest place), `text_not_unique` (details: the lines).
   */
  async edit(
    path: TextInput,
    edits: readonly Replacement[],
    options: CallOptions & { expect?: string | undefined } = {},
  ): Promise<api.Answer<api.Edited>> {
    const json = { path: toText(path), edits: edits.map(replacement), expect: options.expect };
    return this.#json({ method: "POST", path: "/edit", json, repeat: "once", ...call(options) });
  }

  /** Several edits, all or none, never repeated by themselves; an error names the step in `details.step`. */
  async batch(edits: readonly api.BatchEdit[], options: CallOptions = {}): Promise<api.Answer<api.BatchWritten>> {
    return this.#json({ method: "POST", path: "/batch", json: { edits }, repeat: "once", ...call(options) });
  }

  /** Deletes a file or a whole directory. Throws `path_not_found`, which after a repeat may mean that an earlier try did it. */
  async delete(path: TextInput, options: KeyedCallOptions & { ifMatch?: string | undefined } = {}): Promise<api.Answer<api.Written>> {
    const headers: Record<string, string> = {};
    if (options.ifMatch !== undefined) headers["if-match"] = options.ifMatch === "*" ? "*" : `"${options.ifMatch}"`;
    return this.#json({ method: "DELETE", path: `/files/${filePath(path)}`, headers, ...keyed(options) });
  }

  /** Moves a file or a whole directory; never repeated by itself. Throws `exists` unless `replace`. */
  async move(
    from: TextInput,
    to: TextInput,
    options: CallOptions & { replace?: boolean | undefined } = {},
  ): Promise<api.Answer<api.Written>> {
    const json = { from: toText(from), to: toText(to), replace: options.replace };
    return this.#json({ method: "POST", path: "/move", json, repeat: "once", ...call(options) });
  }

  /** Changes a file's mode to `100644` or `100755`; never repeated by itself. */
  async setMode(path: TextInput, mode: string, options: CallOptions = {}): Promise<api.Answer<api.Written>> {
    return this.#json({ method: "POST", path: "/mode", json: { path: toText(path), mode }, repeat: "once", ...call(options) });
  }

  /** One page of matches; `next` is the cursor of the page after it. */
  async grepPage(grep: api.Grep, options: CallOptions = {}): Promise<api.Answer<api.GrepPage>> {
    return this.#json({ method: "POST", path: "/grep", json: grep, repeat: "read", ...call(options) });
  }

  /** All matches by path, page by page. A regular expression in ripgrep's syntax, unless `fixed`. */
  grep(pattern: string, options: Omit<api.Grep, "pattern" | "cursor"> & CallOptions = {}): AsyncGenerator<api.GrepFile, void, undefined> {
    const { signal, timeoutMs, ...grep } = options;
    return paged(async (cursor: string | undefined) => {
      const page = await this.grepPage({ ...grep, pattern, cursor }, { signal, timeoutMs });
      return { items: page.files, next: page.next };
    });
  }

  /** The symbols of a file (`path`), or those whose name has a text (`query`). */
  async symbols(
    options: CallOptions & { path?: TextInput | undefined; query?: string | undefined; limit?: number | undefined },
  ): Promise<api.Answer<api.SymbolList>> {
    const { path, query, limit } = options;
    return this.#get("/symbols", options, { path, query, limit });
  }

  // Turns

  /** The session itself. */
  async info(options: CallOptions = {}): Promise<api.Answer<api.SessionInfo>> {
    return this.#get("", options);
  }

  /** What it changed, and which conflicts wait. */
  async status(options: CallOptions = {}): Promise<api.Answer<api.SessionStatus>> {
    return this.#get("/status", options);
  }

  /** The difference to its base; with `patch` also one that `git apply` takes. */
  async diff(options: DiffOptions & { patch?: boolean | undefined } = {}): Promise<api.Answer<api.SessionDiff>> {
    const { hunks, symbols, context, paths, patch } = options;
    return this.#get("/diff", options, { hunks, symbols, context, patch, path: paths });
  }

  /** Its turns since it stands on its base, newest first: at most a thousand. */
  async turns(options: CallOptions = {}): Promise<api.TurnInfo[]> {
    return (await this.#get<api.TurnList>("/turns", options)).turns;
  }

  /** Ends a turn; on a working session also submits, and `submission` says what became of it. Durable when it answers. */
  async commit(message?: string, options: KeyedCallOptions = {}): Promise<api.Answer<api.TurnCommit>> {
    return this.#post("/commit", { message }, options);
  }

  /** Lands its work on its branch. `result` says whether it `landed`, met a `conflict`, or was `rejected`; none of them throws. */
  async submit(submit: api.Submit = {}, options: KeyedCallOptions = {}): Promise<api.Answer<api.Submission>> {
    return this.#post("/submit", submit, options);
  }

  /** Moves it onto the head. `result` says whether it is `synced` or met a `conflict`. */
  async sync(sync: api.Sync = {}, options: KeyedCallOptions = {}): Promise<api.Answer<api.SyncOutcome>> {
    return this.#post("/sync", sync, options);
  }

  /** Settles one conflict; the last one moves the session onto the head, and with `submit` lands it in the same call. */
  async resolve(
    resolve: Omit<api.Resolve, "path" | "text"> & { path: TextInput; text?: TextInput | undefined },
    options: KeyedCallOptions = {},
  ): Promise<api.Answer<api.Resolved>> {
    const { path, text, ...rest } = resolve;
    return this.#post("/resolve", { ...rest, path: toText(path), text: text === undefined ? undefined : toText(text) }, options);
  }

  /** The conflicts that wait. */
  async conflicts(options: CallOptions = {}): Promise<api.ConflictInfo[]> {
    return (await this.status(options)).conflicts;
  }

  /** A file in conflict with conflict markers, for people: as `git merge` writes it, or as `diff3` with the base's text between. */
  async marked(path: TextInput, options: CallOptions & { style?: "merge" | "diff3" | undefined } = {}): Promise<Uint8Array> {
    const query = { style: options.style };
    const reply = await this.#open({ path: `/conflicts/${filePath(path)}`, query, ...call(options) });
    return new Uint8Array(await new Response(reply.body).arrayBuffer());
  }

  /** Ends the turn and names its commit, which need not have landed. Throws `checkpoint_exists`. */
  async checkpoint(
    name: string,
    options: KeyedCallOptions & { message?: string | undefined } = {},
  ): Promise<api.Answer<api.CheckpointInfo>> {
    return this.#post("/checkpoint", { name, message: options.message }, options);
  }

  // Life

  /** A second session with the same base and the same unsaved edits. */
  async fork(open: api.OpenSession, options: KeyedCallOptions = {}): Promise<Session> {
    const opened = await this.#post<api.Opened>("/fork", open, options);
    return new Session(this.#transport, opened.id, opened);
  }

  /** Takes it out of the daemon's memory; its edits are kept. */
  async pause(options: KeyedCallOptions = {}): Promise<api.SessionInfo> {
    return this.#post("/pause", {}, options);
  }

  /** Brings it back. */
  async resume(options: KeyedCallOptions = {}): Promise<api.Answer<api.SessionInfo>> {
    return this.#post("/resume", {}, options);
  }

  /** Ends it. Throws `session_unsubmitted` for work that has not landed, unless told to discard it; its branch is kept even then. */
  async end(options: KeyedCallOptions & { discard?: boolean | undefined } = {}): Promise<api.Closed> {
    return this.#json({ method: "DELETE", path: "", query: { discard: options.discard }, ...keyed(options) });
  }

  /** Ends it with its work committed, and answers its branch as a Git bundle. */
  async archive(options: KeyedCallOptions = {}): Promise<{ closed: api.Closed; bundle: ReadableStream<Uint8Array> }> {
    const reply = await this.#open({ method: "DELETE", path: "", query: { archive: true }, long: true, ...keyed(options) });
    const header = (name: string): string | undefined => reply.headers.get(name) ?? undefined;
    return {
      closed: { id: header("acetate-session") ?? this.id, tip: header("acetate-tip"), kept_as: header("acetate-kept-as") },
      bundle: reply.body,
    };
  }

  #get<T>(path: string, options: CallOptions, query: Record<string, QueryValue> = {}): Promise<api.Answer<T>> {
    return this.#json({ method: "GET", path, query, repeat: "read", ...call(options) });
  }

  #post<T>(path: string, json: unknown, options: KeyedCallOptions): Promise<T> {
    return this.#json({ method: "POST", path, json, ...keyed(options) });
  }

  async #json<T>(parts: Call): Promise<T> {
    const answer = await this.#transport.json<T & { standing?: api.Standing }>(this.#addressed(parts));
    for (const event of answer?.standing?.events ?? []) this.seen = Math.max(this.seen ?? 0, event.number);
    return answer;
  }

  #open(parts: Partial<Call> & { path: string }): Promise<Reply> {
    return this.#transport.open(this.#addressed({ method: "GET", repeat: "read", ...parts }));
  }

  #addressed(parts: Call): Call {
    const seen: Record<string, string> = this.seen === undefined ? {} : { "acetate-seen": String(this.seen) };
    return { ...parts, path: this.#path + parts.path, headers: { ...seen, ...parts.headers } };
  }
}

function replacement(edit: Replacement): api.StringEdit {
  return { old: toText(edit.old), new: toText(edit.new), all: edit.all };
}
