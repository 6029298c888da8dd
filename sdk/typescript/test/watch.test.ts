import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Acetate } from "@acetate/client";
import { AcetatePersistence, type WatchOptions, type WorkspaceFileEvent } from "@acetate/client/persistence";
import { Daemon, unique } from "./daemon.js";

let daemon: Daemon;
let acetate: Acetate;
let persistence: AcetatePersistence;
before(async () => {
  daemon = await Daemon.start();
  acetate = daemon.client();
  persistence = new AcetatePersistence(acetate);
});
const watchers: Watcher[] = [];
after(async () => {
  // Also those of a test that failed: they would wait for the daemon for ever.
  for (const watcher of watchers) await watcher.stop();
  await daemon.stop();
});

/** A watcher that is asked for what comes next. */
class Watcher {
  readonly #stop = new AbortController();
  readonly #events: AsyncGenerator<WorkspaceFileEvent, void, undefined>;
  #next: Promise<IteratorResult<WorkspaceFileEvent, void>>;

  private constructor(id: string, options: WatchOptions) {
    this.#events = persistence.watchWorkspace(id, { intervalMs: 200, ...options, signal: this.#stop.signal });
    this.#next = this.#events.next();
  }

  /** A watcher that has its first view. */
  static async start(id: string, options: WatchOptions = {}): Promise<Watcher> {
    let watcher: Watcher | undefined;
    await new Promise<void>((onReady, failed) => {
      watcher = new Watcher(id, { ...options, onReady });
      watcher.#next.catch(failed);
    });
    watchers.push(watcher as Watcher);
    return watcher as Watcher;
  }

  /** The next events, sorted, as `type path content`. */
  async take(count: number): Promise<string[]> {
    const found: string[] = [];
    while (found.length < count) {
      const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Error(`only ${JSON.stringify(found)}`)), 10_000).unref());
      const { value } = await Promise.race([this.#next, late]);
      this.#next = this.#events.next();
      if (value) found.push(`${value.type} ${value.file.path} ${String(value.file.content).trim()}`.trim());
    }
    return found.sort();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#next.catch(() => undefined);
  }
}

test("saves of this client, of others, commits and landings are told", async () => {
  const id = (await persistence.createWorkspace(unique())).id;
  await persistence.saveWorkspaceFile(id, { path: "before.txt", content: "before\n" });
  const watcher = await Watcher.start(id);
  await persistence.saveWorkspaceFile(id, { path: "a.txt", content: "1\n" });
  assert.deepEqual(await watcher.take(1), ["created a.txt 1"]);
  await persistence.saveWorkspaceFile(id, { path: "a.txt", content: "2\n" });
  assert.deepEqual(await watcher.take(1), ["modified a.txt 2"]);
  const other = new AcetatePersistence(daemon.client());
  await other.saveWorkspaceFile(id, { path: "a.txt", content: "3\n" });
  await other.saveWorkspaceFile(id, { path: "b.txt", content: "b\n" });
  assert.deepEqual(await watcher.take(2), ["created b.txt b", "modified a.txt 3"]);
  // Committing changes nothing that is shown.
  await persistence.commitWorkspace(id);
  await persistence.deleteWorkspaceFile(id, "b.txt");
  assert.deepEqual(await watcher.take(1), ["deleted b.txt"]);
  await persistence.commitWorkspace(id);

  const session = await acetate.workspace(id).openSession({ agent: "ada" });
  await session.write("a.txt", "4\n");
  await session.write("c.txt", "c\n");
  await session.delete("before.txt");
  await session.submit();
  assert.deepEqual(await watcher.take(3), ["created c.txt c", "deleted before.txt", "modified a.txt 4"]);

  // A move is a file that goes and one that comes; a mode alone is a change.
  const working = await acetate.workspace(id).workingSession();
  await working.move("c.txt", "dir/c.txt");
  assert.deepEqual(await watcher.take(2), ["created dir/c.txt c", "deleted c.txt"]);
  await working.setMode("dir/c.txt", "100755");
  assert.deepEqual(await watcher.take(1), ["modified dir/c.txt c"]);
  await watcher.stop();
});

test("what lands meanwhile is told when the working session's own work has landed", async () => {
  const id = (await persistence.createWorkspace(unique())).id;
  await persistence.saveWorkspaceFile(id, { path: "mine.txt", content: "mine\n" });
  const watcher = await Watcher.start(id);
  const session = await acetate.workspace(id).openSession({ agent: "ada" });
  await session.write("hers.txt", "hers\n");
  await session.submit();
  await persistence.commitWorkspace(id);
  assert.deepEqual(await watcher.take(1), ["created hers.txt hers"]);
  await watcher.stop();
});

test("saves of this client and landings are told at once, whatever the interval", async () => {
  const id = (await persistence.createWorkspace(unique())).id;
  const watcher = await Watcher.start(id, { intervalMs: Infinity });
  await persistence.saveWorkspaceFile(id, { path: "a.txt", content: "a\n" });
  assert.deepEqual(await watcher.take(1), ["created a.txt a"]);
  await persistence.commitWorkspace(id);
  const session = await acetate.workspace(id).openSession({ agent: "ada" });
  await session.write("b.txt", "b\n");
  await session.submit();
  assert.deepEqual(await watcher.take(1), ["created b.txt b"]);
  await watcher.stop();
});

test("watching ends with the signal's reason, or when the caller leaves", async () => {
  const id = (await persistence.createWorkspace(unique())).id;
  const stop = new AbortController();
  const reason = new Error("enough");
  setTimeout(() => stop.abort(reason), 100);
  await assert.rejects(persistence.watchWorkspace(id, { signal: stop.signal }).next(), (error) => error === reason);
  const onReady = (): void => void persistence.saveWorkspaceFile(id, { path: "a.txt", content: "a\n" });
  for await (const event of persistence.watchWorkspace(id, { onReady })) {
    assert.equal(event.file.path, "a.txt");
    break;
  }
});

test("a file that becomes a folder, and back", async () => {
  const id = (await persistence.createWorkspace(unique())).id;
  await persistence.saveWorkspaceFile(id, { path: "a", content: "1" });
  const watcher = await Watcher.start(id);
  await persistence.deleteWorkspaceFile(id, "a");
  await persistence.saveWorkspaceFile(id, { path: "a/b", content: "2" });
  assert.deepEqual(await watcher.take(2), ["created a/b 2", "deleted a"]);
  await persistence.deleteWorkspaceFile(id, "a/b");
  await persistence.saveWorkspaceFile(id, { path: "a", content: "3" });
  assert.deepEqual(await watcher.take(2), ["created a 3", "deleted a/b"]);
});
