import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { AcetateError, collect, ConflictError, InvalidError, NotFoundError } from "@acetate/client";
import { Daemon, unique } from "./daemon.js";

let daemon: Daemon;
before(async () => {
  daemon = await Daemon.start();
});
after(() => daemon.stop());

test("the store", async () => {
  const acetate = daemon.client();
  assert.equal((await acetate.health()).status, "ok");
  assert.equal((await acetate.status()).state, "healthy");
  assert.equal((await acetate.openapi())["openapi"], "3.1.0");
});

test("making, changing, listing, forking and deleting workspaces", async () => {
  const acetate = daemon.client();
  const name = unique();
  const made = await acetate.workspaces.create({ name, description: "one" });
  assert.equal(made.name, name);
  await assert.rejects(acetate.workspaces.create({ name }), (error) => error instanceof ConflictError && error.code === "name_taken");
  const renamed = await acetate.workspace(made.id).update({ name: `${name}-b`, description: "two" });
  assert.equal(renamed.description, "two");
  assert.equal((await acetate.workspaces.get(`${name}-b`)).id, made.id);
  const session = await acetate.workspace(made.id).openSession({ agent: "ada" });
  await session.write("a.txt", "a\n");
  await session.submit();
  const fork = await acetate.workspace(made.id).fork({ name: `${name}-fork` });
  assert.equal(await acetate.workspace(fork.id).readText("a.txt"), "a\n");
  const names = (await collect(acetate.workspaces.list())).map((info) => info.name);
  assert.ok(names.includes(`${name}-b`) && names.includes(`${name}-fork`) && names.includes("project"));
  assert.equal((await collect(acetate.workspaces.list({ limit: 2 }))).length, 2);
  await acetate.workspace(fork.id).delete();
  await assert.rejects(acetate.workspaces.get(fork.id), NotFoundError);
});

test("history, differences, checkpoints, operations, undo, branches", async () => {
  const acetate = daemon.client();
  const workspace = acetate.workspace((await acetate.workspaces.create({ name: unique() })).id);
  for (const text of ["1\n", "2\n", "3\n"]) {
    const session = await workspace.openSession({ agent: "ada" });
    await session.write("dir/a.txt", text);
    assert.equal((await session.submit({ message: `Write ${text.trim()}` })).result, "landed");
    await session.end();
  }
  const versions = await collect(workspace.versions());
  assert.deepEqual(
    versions.slice(0, 3).map((version) => version.message.trim()),
    ["Write 3", "Write 2", "Write 1"],
  );
  assert.equal((await collect(workspace.versions({ limit: 2 }))).length, 2);
  const [newest, middle] = versions.map((version) => `v${version.version}`);
  const diff = await workspace.diff(middle ?? "", newest ?? "", { paths: ["dir"] });
  assert.equal(diff.files[0]?.change, "modified");
  assert.equal(await workspace.readText("dir/a.txt", { at: middle }), "2\n");
  assert.deepEqual(
    (await collect(workspace.files({ glob: "**/*.txt", sizes: true }))).map((file) => [file.path, file.size]),
    [["dir/a.txt", 2]],
  );
  assert.equal((await workspace.stat("dir/a.txt")).mode, "100644");

  const checkpoint = await workspace.checkpoint({ name: "first", at: middle, message: "the middle" });
  assert.equal(checkpoint.commit, versions[1]?.commit);
  assert.deepEqual(
    (await workspace.checkpoints()).map((one) => one.name),
    ["first"],
  );
  assert.equal(await workspace.readText("dir/a.txt", { at: "refs/tags/first" }), "2\n");

  await workspace.createBranch({ name: "side", at: middle });
  assert.deepEqual(
    (await workspace.branches())
      .map((branch) => branch.name)
      .sort()
      .at(-1),
    "refs/heads/side",
  );
  await workspace.deleteBranch("side");
  assert.ok(!(await workspace.branches()).some((branch) => branch.name === "refs/heads/side"));

  assert.ok((await collect(workspace.operations())).length >= 4);
  const change = await acetate.change(versions[0]?.commit ?? "");
  assert.equal(change.paths[0]?.path, "dir/a.txt");
});

test("a bundle as a stream and as bytes", async () => {
  const workspace = daemon.client().workspace("project");
  const bytes = await workspace.bundleBytes();
  assert.match(Buffer.from(bytes.subarray(0, 20)).toString(), /^# v[23] git bundle/);
  let length = 0;
  for await (const part of await workspace.bundle()) length += part.length;
  assert.equal(length, bytes.length);
});

test("tokens of the store and of a workspace", async () => {
  const acetate = daemon.client();
  const workspace = acetate.workspace((await acetate.workspaces.create({ name: unique() })).id);
  const made = await workspace.tokens.create({ rights: ["read"], label: "reader" });
  assert.deepEqual(
    (await workspace.tokens.list()).map((token) => token.label),
    ["reader"],
  );
  const reader = acetate.withToken(made.token);
  assert.equal((await reader.workspaces.get(workspace.id)).id, workspace.id);
  await assert.rejects(reader.workspaces.get("project"), NotFoundError);
  await assert.rejects(
    reader.workspace(workspace.id).openSession({ agent: "x" }),
    (error) => error instanceof AcetateError && error.kind === "denied" && error.status === 403,
  );
  await acetate.tokens.revoke(made.id);
  await assert.rejects(
    reader.workspaces.get(workspace.id),
    (error) => error instanceof AcetateError && error.code === "token_unknown" && error.status === 401,
  );
});

test("names that a URL would take for something else never leave", async () => {
  const acetate = daemon.client();
  assert.throws(() => acetate.workspace(".."), InvalidError);
  const workspace = acetate.workspace("project");
  await assert.rejects(workspace.read("a/../README.md"), (error) => error instanceof InvalidError && error.code === "path_relative");
  await assert.rejects(workspace.read(""), (error) => error instanceof InvalidError && error.code === "path_empty");
  await assert.rejects(workspace.read("100% a?b#c\\d"), (error) => error instanceof NotFoundError && error.code === "path_not_found");
});

test("restore, history of a path, blame, merging, deleting and taking it back", async () => {
  const acetate = daemon.client();
  const name = unique();
  const made = await acetate.workspaces.create({ name });
  const workspace = acetate.workspace(made.id);
  for (const text of ["one\n", "one\ntwo\n"]) {
    const session = await workspace.openSession({ agent: "ada" });
    await session.write("a.txt", text);
    await session.submit();
    await session.end();
  }
  const history = await collect(workspace.history("a.txt"));
  assert.equal(history.length, 2);
  const blame = await workspace.blame("a.txt");
  assert.deepEqual(
    blame.lines.map((run) => [run.start, run.lines]),
    [
      [1, 1],
      [2, 1],
    ],
  );
  await workspace.createBranch({ name: "side" });
  const side = await workspace.openSession({ agent: "bob", branch: "side" });
  await side.write("b.txt", "b\n");
  assert.equal((await side.turns()).length, 0);
  await side.submit();
  assert.equal((await workspace.merge({ from: "side" })).result, "landed");
  assert.equal(await workspace.readText("b.txt"), "b\n");
  await workspace.restore({ at: `v${history[1]?.version}` });
  assert.equal(await workspace.readText("a.txt"), "one\n");
  await side.end({ discard: true });
  await workspace.delete();
  const deleted = await collect(acetate.workspaces.list({ deleted: true }));
  assert.ok(deleted.some((info) => info.id === made.id));
  assert.equal((await acetate.workspaces.undelete(made.id)).id, made.id);
  assert.equal(await workspace.readText("a.txt"), "one\n");
});

test("a bundle becomes a workspace", async () => {
  const acetate = daemon.client();
  const bundle = await acetate.workspace("project").bundleBytes();
  const made = await acetate.workspaces.import(bundle, { name: unique(), description: "moved" });
  assert.equal(await acetate.workspace(made.id).readText("README.md"), "hello\n");
  const streamed = await acetate.workspaces.import(await acetate.workspace("project").bundle(), { name: unique() });
  assert.equal(await acetate.workspace(streamed.id).readText("README.md"), "hello\n");
});
