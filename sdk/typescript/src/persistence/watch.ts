import { LONGEST_TIMER_MS, sleep } from "../deadline.js";
import { AcetateError, UnavailableError } from "../errors.js";
import type { FileStatus } from "../generated/types.js";
import type { Session } from "../session.js";
import { textToString } from "../text.js";
import type { Workspace } from "../workspace.js";
import { mapped } from "./mapped.js";
import { fileOf } from "./shapes.js";
import type { WorkspaceFileEvent } from "./types.js";

/** How to watch. */
export interface WatchOptions {
  /** Ends the watching; it then throws the signal's reason. */
  signal?: AbortSignal | undefined;
  /**
   * How often to look for edits of the working session that others saved, in milliseconds; 1,000 unless given. What this client saves and
   * what lands is looked at at once.
   */
  intervalMs?: number | undefined;
  /** Called once when watching has begun: what changes from then on is told. Files that are read now and then kept up to date miss nothing. */
  onReady?: (() => void) | undefined;
  /** For how long the daemon may be away before watching gives up and throws, in milliseconds; 60,000 unless given. */
  patienceMs?: number | undefined;
}

/** What the watcher needs of whoever it watches for. */
export interface Watched {
  readonly workspace: Workspace;
  /** The working session as it is now, moved to the head where nothing stands in the way. */
  session(signal: AbortSignal): Promise<Session>;
  /** Calls back whenever this client changes something, until what it answers is called. */
  subscribe(changed: () => void): () => void;
}

/** What a path holds: its revision and mode, or nothing. */
type Held = { etag: string; mode: string } | undefined;

const INTERVAL_MS = 1_000;
const PATIENCE_MS = 60_000;
const WAIT_SECONDS = 30;
const AT_A_TIME = 8;
/** Looking takes at most this share of the time: with many unsaved files the watcher looks less often. */
const REST = 5;

/** The changes of what the working session shows, from now on. */
export async function* watched(of: Watched, options: WatchOptions): AsyncGenerator<WorkspaceFileEvent, void, undefined> {
  const stop = new AbortController();
  const onAbort = (): void => stop.abort(options.signal?.reason);
  if (options.signal?.aborted) onAbort();
  options.signal?.addEventListener("abort", onAbort, { once: true });
  const signal = stop.signal;
  try {
    const view = new View(of, signal);
    await view.start();
    options.onReady?.();
    // After the view, so that its own first steps do not ring.
    const alarm = new Alarm();
    const unsubscribe = of.subscribe(alarm.ring);
    signal.addEventListener("abort", unsubscribe, { once: true });
    void followEvents(of.workspace, alarm, signal);
    let awaySince: number | undefined;
    for (;;) {
      const from = Date.now();
      let events: WorkspaceFileEvent[] = [];
      try {
        events = await view.look();
        awaySince = undefined;
      } catch (error) {
        if (!(error instanceof UnavailableError) || signal.aborted) throw error;
        awaySince ??= from;
        if (Date.now() - awaySince >= (options.patienceMs ?? PATIENCE_MS)) throw error;
      }
      const rest = (Date.now() - from) * REST;
      yield* events;
      await alarm.wait(Math.max(options.intervalMs ?? INTERVAL_MS, rest), signal);
    }
  } finally {
    options.signal?.removeEventListener("abort", onAbort);
    stop.abort();
  }
}

/** Wakes the watcher, also when it rang while nobody waited. */
class Alarm {
  #rung = false;
  #wake: (() => void) | undefined;

  readonly ring = (): void => {
    this.#rung = true;
    this.#wake?.();
  };

  /** Waits until it rings, but not longer. Throws the signal's reason. */
  async wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          signal.removeEventListener("abort", done);
          this.#wake = undefined;
          resolve();
        };
        const timer = setTimeout(done, Math.min(milliseconds, LONGEST_TIMER_MS));
        this.#wake = done;
        signal.addEventListener("abort", done, { once: true });
      });
    }
    this.#rung = false;
    signal.throwIfAborted();
  }
}

/** Rings for each new event of the workspace. Never throws: without it, the watcher looks at its interval. */
async function followEvents(workspace: Workspace, alarm: Alarm, signal: AbortSignal): Promise<void> {
  let after = 0;
  let caughtUp = false;
  while (!signal.aborted) {
    try {
      const page = await workspace.eventsPage({ after, waitSeconds: caughtUp ? WAIT_SECONDS : 0, signal });
      after = page.next;
      if (caughtUp && page.events.length > 0) alarm.ring();
      if (!caughtUp && page.events.length === 0) {
        caughtUp = true;
        alarm.ring();
      }
    } catch {
      await sleep(INTERVAL_MS, signal).catch(() => undefined);
    }
  }
}

/** What the client has been told of so far. Holds only what differs from the base: everything else the base says. */
class View {
  readonly #of: Watched;
  readonly #signal: AbortSignal;
  #base: string | undefined;
  #held = new Map<string, Held>();

  constructor(of: Watched, signal: AbortSignal) {
    this.#of = of;
    this.#signal = signal;
  }

  /** Takes what is there now as known. */
  async start(): Promise<void> {
    const session = await this.#of.session(this.#signal);
    const { session: info, changes } = await session.status({ signal: this.#signal });
    this.#base = info.base.commit ?? undefined;
    const paths = touched(changes);
    const found = await mapped(paths, AT_A_TIME, (path) => this.#stat(session, path));
    this.#held = new Map(paths.map((path, at) => [path, found[at]]));
  }

  /** What changed since the last look, by path. */
  async look(): Promise<WorkspaceFileEvent[]> {
    const session = await this.#of.session(this.#signal);
    const { session: info, changes } = await session.status({ signal: this.#signal });
    const base = info.base.commit ?? undefined;
    const unsaved = touched(changes);
    const landed = await this.#between(this.#base, base);
    const paths = [...new Set([...this.#held.keys(), ...unsaved, ...landed])].sort();
    const byPath = new Map(changes.map((change) => [textToString(change.path), change]));
    const looked = await mapped(paths, AT_A_TIME, async (path) => {
      const before = this.#held.has(path) ? this.#held.get(path) : await this.#statAt(path, this.#base);
      return { path, ...(await this.#compare(session, path, before, byPath.get(path))) };
    });
    this.#base = base;
    // What was read after the status may be newer than it: such a path is held until a later status knows of it, else it is told twice.
    const kept = looked.filter(({ path, event }) => unsaved.includes(path) || event !== undefined);
    this.#held = new Map(kept.map(({ path, now }) => [path, now]));
    return looked.flatMap(({ event }) => event ?? []);
  }

  async #compare(
    session: Session,
    path: string,
    before: Held,
    change: FileStatus | undefined,
  ): Promise<{ now: Held; event?: WorkspaceFileEvent }> {
    const signal = this.#signal;
    const id = change?.file?.id;
    const mode = change?.file?.mode;
    if (before !== undefined && id === before.etag && mode === before.mode) return { now: before };
    try {
      // Bytes travel only where the revision is another one; another mode alone is seen by the listing.
      const same = before !== undefined && (mode === undefined || mode === null || mode === before.mode);
      const reply = same ? await session.readIfChanged(path, before.etag, { signal }) : await session.read(path, { signal });
      if (reply === undefined) return { now: before };
      const now = { etag: reply.etag, mode: reply.mode };
      if (before?.etag === now.etag && before.mode === now.mode) {
        reply.discard();
        return { now };
      }
      const file = fileOf(path, reply.mode, await reply.bytes());
      return { now, event: { type: before === undefined ? "created" : "modified", file } };
    } catch (error) {
      if (!isNoFile(error)) throw error;
      return before === undefined ? { now: undefined } : { now: undefined, event: { type: "deleted", file: { path, content: "" } } };
    }
  }

  /** The paths that differ between two commits. */
  async #between(from: string | undefined, to: string | undefined): Promise<string[]> {
    const signal = this.#signal;
    const { workspace } = this.#of;
    if (from === to || to === undefined) return [];
    if (from !== undefined) {
      const diff = await workspace.diff(from, to, { hunks: false, signal });
      if (!diff.truncated) return touched(diff.files);
    }
    const found = new Map<string, string>();
    const differing = new Set<string>();
    if (from !== undefined)
      for await (const file of workspace.files({ at: from, signal })) found.set(textToString(file.path), `${file.mode} ${file.id}`);
    for await (const file of workspace.files({ at: to, signal })) {
      const path = textToString(file.path);
      if (found.get(path) !== `${file.mode} ${file.id}`) differing.add(path);
      found.delete(path);
    }
    return [...differing, ...found.keys()];
  }

  async #stat(session: Session, path: string): Promise<Held> {
    return session.stat(path, { signal: this.#signal }).catch(absent);
  }

  async #statAt(path: string, at: string | undefined): Promise<Held> {
    return at === undefined ? undefined : this.#of.workspace.stat(path, { at, signal: this.#signal }).catch(absent);
  }
}

/** The paths that changes name, those that files were moved away from included. */
function touched(changes: readonly Pick<FileStatus, "path" | "from">[]): string[] {
  return [...new Set(changes.flatMap((change) => [change.path, ...(change.from ? [change.from] : [])]).map(textToString))];
}

/** Nothing where there is no file; other errors go on. */
function absent(error: unknown): undefined {
  if (!isNoFile(error)) throw error;
  return undefined;
}

/** What is said of a path with no file: nothing is there, or a folder or submodule is, or a file is where a folder would be. */
const NO_FILE = new Set(["path_not_found", "is_a_directory", "not_a_directory", "not_a_file"]);

/** Whether there is no file at the path. */
function isNoFile(error: unknown): boolean {
  return error instanceof AcetateError && NO_FILE.has(error.code);
}
