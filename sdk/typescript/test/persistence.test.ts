import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Acetate, ConflictError, InvalidError, NotFoundError } from "@acetate/client";
import { AcetatePersistence } from "@acetate/client/persistence";
import { Daemon, unique } from "./daemon.js";

let daemon: Daemon;
let acetate: Acetate;
let persistence: AcetatePersistence;
before(async () => {
  daemon = await Daemon.start();
  acetate = daemon.client();
  persistence = new AcetatePersistence(acetate, { agent: "editor" });
});
after(() => daemon.stop());

async function fresh(): Promise<string> {
  return (await persistence.createWorkspace(unique())).id;
}

async function contents(id: string, ref?: string): Promise<Record<string, string | Uint8Array>> {
  return Object.fromEntries((await persistence.getWorkspaceFiles(id, ref)).map((file) => [file.path, file.content]));
}

test("making, loading, deleting", async () => {
  const name = unique();
  const made = await persistence.createWorkspace(name);
  assert.equal(made.name, name);
  assert.ok(Math.abs(made.createdAt.getTime() - Date.now()) < 60_000);
  assert.deepEqual(await persistence.loadWorkspace(made.id), made);
  assert.notEqual((await persistence.createWorkspace()).name, (await persistence.createWorkspace()).name);
  await assert.rejects(persistence.createWorkspace(name), (error) => error instanceof ConflictError && error.code === "name_taken");
  await persistence.deleteWorkspace(made.id);
  await assert.rejects(persistence.loadWorkspace(made.id), NotFoundError);
  await acetate.workspaces.undelete(made.id);
  assert.equal((await persistence.loadWorkspace(made.id)).id, made.id);
});

test("saved files are shown before they are committed, and points after", async () => {
  const id = await fresh();
  assert.deepEqual(await contents(id), {});
  await persistence.saveWorkspaceFile(id, { path: "a.txt", content: "a\n" });
  assert.deepEqual(await contents(id), { "a.txt": "a\n" });
  const first = await persistence.commitWorkspace(id, "First");
  assert.match(first, /^[0-9a-f]{40}$/);
  assert.equal(await persistence.commitWorkspace(id), first, "nothing changed");
  await persistence.saveWorkspaceFile(id, { path: "a.txt", content: "b\n" });
  await persistence.saveWorkspaceFile(id, { path: "dir/b.txt", content: "" });
  assert.deepEqual(await contents(id), { "a.txt": "b\n", "dir/b.txt": "" });
  assert.deepEqual(await contents(id, first), { "a.txt": "a\n" });
  await persistence.deleteWorkspaceFile(id, "a.txt");
  await assert.rejects(persistence.deleteWorkspaceFile(id, "a.txt"), NotFoundError);
  const second = await persistence.commitWorkspace(id);
  assert.deepEqual(await contents(id, "refs/heads/main").catch(() => contents(id, second)), { "dir/b.txt": "" });
  const history = await persistence.getWorkspaceHistory(id);
  assert.equal(history[0]?.id, second);
  assert.equal(history[1]?.id, first);
  assert.equal(history[1]?.message.trim(), "First");
  assert.equal(history[1]?.author, "editor");
  assert.deepEqual(await contents(id, `v${history[1]?.version}`), { "a.txt": "a\n" });
});

test("contents of every kind come back as they were saved", async () => {
  const id = await fresh();
  const bytes = Uint8Array.of(0xff, 0x00, 0xfe);
  await persistence.saveWorkspaceFile(id, { path: "bytes", content: bytes });
  await persistence.saveWorkspaceFile(id, { path: "base64", content: Buffer.from(bytes).toString("base64"), encoding: "base64" });
  await persistence.saveWorkspaceFile(id, { path: "bom", content: "\ufeffé\0\r\n", encoding: "utf-8" });
  await persistence.saveWorkspaceFile(id, { path: "run", content: "#!/bin/sh\n", mode: "100755" });
  await persistence.saveWorkspaceFile(id, { path: "link", content: "run", mode: "120000" });
  await persistence.saveWorkspaceFile(id, { path: "n\udcff", content: "x" });
  await assert.rejects(persistence.saveWorkspaceFile(id, { path: "x", content: "y", encoding: "binary" }), InvalidError);
  const check = async (ref?: string): Promise<void> => {
    const files = Object.fromEntries((await persistence.getWorkspaceFiles(id, ref)).map(({ path, ...file }) => [path, file]));
    assert.deepEqual(files["bytes"], { content: bytes, encoding: "binary", mode: "100644" });
    assert.deepEqual(files["base64"], files["bytes"]);
    assert.deepEqual(files["bom"], { content: "\ufeffé\0\r\n", encoding: "utf-8", mode: "100644" });
    assert.equal(files["run"]?.mode, "100755");
    assert.deepEqual(files["link"], { content: "run", encoding: "utf-8", mode: "120000" });
    assert.equal(files["n\udcff"]?.content, "x");
  };
  await check();
  const commit = await persistence.commitWorkspace(id);
  await check(commit);
  // What was read can be saved as it is.
  for (const file of await persistence.getWorkspaceFiles(id)) await persistence.saveWorkspaceFile(id, file);
  assert.equal(await persistence.commitWorkspace(id), commit);
});

test("checkpoints and differences", async () => {
  const id = await fresh();
  await persistence.saveWorkspaceFile(id, { path: "a.txt", content: "one\ntwo\n" });
  const first = await persistence.checkpointWorkspace(id, "first");
  await persistence.saveWorkspaceFile(id, { path: "a.txt", content: "one\n2\n" });
  const second = await persistence.checkpointWorkspace(id, "second");
  assert.deepEqual(
    (await persistence.listCheckpoints(id)).map(({ name, commit }) => [name, commit]),
    [
      ["first", first],
      ["second", second],
    ],
  );
  const [diff] = await persistence.diffWorkspace(id, "first", second);
  assert.equal(diff?.path, "a.txt");
  assert.equal(diff?.change, "modified");
  assert.deepEqual([diff?.added, diff?.removed], [1, 1]);
  assert.deepEqual(
    diff?.hunks[0]?.lines.map((line) => `${line.kind} ${line.text}`),
    ["context one", "removed two", "added 2"],
  );
  assert.deepEqual(await contents(id, "first"), { "a.txt": "one\ntwo\n" });
  await assert.rejects(persistence.checkpointWorkspace(id, "first"), ConflictError);
  await assert.rejects(persistence.diffWorkspace(id, "nothing", "second"), NotFoundError);
});

test("forks and bundles carry what was committed", async () => {
  const id = await fresh();
  await persistence.saveWorkspaceFile(id, { path: "a.txt", content: "a\n" });
  await persistence.checkpointWorkspace(id, "first");
  await persistence.saveWorkspaceFile(id, { path: "b.txt", content: "b\n" });
  const fork = await persistence.forkWorkspace(id, unique());
  assert.deepEqual(await contents(fork.id), { "a.txt": "a\n" });
  await persistence.saveWorkspaceFile(fork.id, { path: "c.txt", content: "c\n" });
  assert.deepEqual(await contents(id), { "a.txt": "a\n", "b.txt": "b\n" });
  const bundle = await persistence.bundleWorkspace(id);
  assert.ok(Buffer.isBuffer(bundle));
  const made = await persistence.unbundleWorkspace(bundle, unique());
  assert.deepEqual(await contents(made.id), { "a.txt": "a\n" });
  assert.deepEqual(
    (await persistence.listCheckpoints(made.id)).map((checkpoint) => checkpoint.name),
    ["first"],
  );
});

test("a working session in which nothing waits follows what others land", async () => {
  const id = await fresh();
  assert.deepEqual(await contents(id), {});
  const session = await acetate.workspace(id).openSession({ agent: "ada" });
  await session.write("a.txt", "ada\n");
  await session.submit();
  assert.deepEqual(await contents(id), { "a.txt": "ada\n" });
  assert.equal((await persistence.listWorkspaceFiles(id)).length, 1);
});

test("what others landed meanwhile is merged, or is a conflict", async () => {
  const id = await fresh();
  await persistence.saveWorkspaceFile(id, { path: "a.txt", content: "a\n" });
  await persistence.commitWorkspace(id);
  await persistence.saveWorkspaceFile(id, { path: "b.txt", content: "mine\n" });
  const session = await acetate.workspace(id).openSession({ agent: "ada" });
  await session.write("c.txt", "hers\n");
  await session.submit();
  await persistence.commitWorkspace(id);
  assert.deepEqual(await contents(id), { "a.txt": "a\n", "b.txt": "mine\n", "c.txt": "hers\n" });

  await persistence.saveWorkspaceFile(id, { path: "a.txt", content: "mine\n" });
  await session.write("a.txt", "hers\n");
  await session.submit();
  const error = await persistence.commitWorkspace(id).then(
    () => assert.fail("a conflict"),
    (found: unknown) => found,
  );
  assert.ok(error instanceof ConflictError);
  assert.equal(error.code, "submission_conflict");
  const details = error.details as { session: string; conflicts: { path: string }[] };
  assert.deepEqual(
    details.conflicts.map((conflict) => conflict.path),
    ["a.txt"],
  );
  await acetate.session(details.session).resolve({ path: "a.txt", take: "session", submit: true });
  assert.equal((await contents(id))["a.txt"], "mine\n");
});

test("lazy files load when asked", async () => {
  const id = await fresh();
  await persistence.saveWorkspaceFile(id, { path: "a.txt", content: "a\n" });
  await persistence.saveWorkspaceFile(id, { path: "b.bin", content: Uint8Array.of(0xff) });
  const commit = await persistence.commitWorkspace(id);
  let calls = 0;
  const counted = new AcetatePersistence(
    daemon.client({
      fetch: (input, init) => {
        if (String(input).includes("/files/")) calls += 1;
        return fetch(input, init);
      },
    }),
  );
  for (const ref of [undefined, commit]) {
    calls = 0;
    const [text, binary] = await counted.listWorkspaceFiles(id, ref);
    assert.equal(calls, 0);
    assert.equal(text?.path, "a.txt");
    assert.match(text?.id ?? "", /^[0-9a-f]{40}$/);
    assert.equal(await text?.content(), "a\n");
    assert.equal(calls, 1);
    assert.deepEqual(await binary?.load(), { path: "b.bin", content: Uint8Array.of(0xff), encoding: "binary", mode: "100644" });
    assert.equal(await new Response(await text?.stream()).text(), "a\n");
  }
  const [gone] = await counted.listWorkspaceFiles(id);
  await persistence.deleteWorkspaceFile(id, "a.txt");
  await assert.rejects(gone?.load() ?? Promise.resolve(), NotFoundError);
});

test("more files and bytes than one answer takes", async () => {
  const id = await fresh();
  const session = await acetate.workspace(id).openSession({ agent: "ada" });
  const edits = Array.from({ length: 1500 }, (_, at) => ({ op: "write" as const, path: `many/${at}.txt`, content: `${at}\n` }));
  await session.batch(edits.slice(0, 750));
  await session.batch(edits.slice(750));
  await session.submit();
  const files = await persistence.getWorkspaceFiles(id);
  assert.equal(files.length, 1500);
  assert.ok(files.every((file) => file.path === `many/${String(file.content).trim()}.txt`));
});

test("a working session that ended is opened anew", async () => {
  const id = await fresh();
  await persistence.saveWorkspaceFile(id, { path: "a.txt", content: "a\n" });
  const session = await acetate.workspace(id).workingSession();
  assert.equal((await session.info()).working, true);
  await session.pause();
  assert.deepEqual(await contents(id), { "a.txt": "a\n" });
  await session.pause();
  await persistence.saveWorkspaceFile(id, { path: "b.txt", content: "b\n" });
  await session.end({ discard: true });
  await persistence.saveWorkspaceFile(id, { path: "c.txt", content: "c\n" });
  assert.deepEqual(await contents(id), { "c.txt": "c\n" });
});

test("it goes on from what others landed, on the default branch, in the workspace of that name", async () => {
  const name = unique();
  const { id } = await persistence.createWorkspace(name);
  await persistence.saveWorkspaceFile(name, { path: "k", content: "1\n" });
  await persistence.commitWorkspace(name);
  const workspace = acetate.workspace(id);
  const ada = await workspace.openSession({ agent: "ada" });
  await ada.write("k", "2\n");
  await ada.submit();
  await persistence.saveWorkspaceFile(name, { path: "k", content: "3\n" });
  await persistence.commitWorkspace(name);
  assert.deepEqual(await contents(name), { k: "3\n" });
  await workspace.createBranch({ name: "dev" });
  await workspace.update({ default_branch: "dev" });
  await persistence.saveWorkspaceFile(name, { path: "d", content: "" });
  await persistence.commitWorkspace(name);
  assert.deepEqual(await contents(name), { d: "", k: "3\n" });
  await workspace.update({ name: `${name}-old` });
  await assert.rejects(persistence.saveWorkspaceFile(name, { path: "x", content: "" }), NotFoundError);
});

test("what was left out empties nothing, and a taken name commits nothing", async () => {
  const id = await fresh();
  await persistence.saveWorkspaceFile(id, { path: "a", content: "a" });
  for (const wrong of [{}, { content: null }, { content: 5 }, { content: "a", encoding: "hex" }, { content: "?", encoding: "base64" }]) {
    await assert.rejects(persistence.saveWorkspaceFile(id, { path: "a", ...wrong } as never), InvalidError);
  }
  assert.deepEqual(await contents(id), { a: "a" });
  await persistence.checkpointWorkspace(id, "one");
  await persistence.saveWorkspaceFile(id, { path: "a", content: "b" });
  await assert.rejects(persistence.checkpointWorkspace(id, "one"), (error) => error instanceof ConflictError && error.code === "checkpoint_exists");
  assert.equal((await persistence.getWorkspaceHistory(id)).length, 1);
});
