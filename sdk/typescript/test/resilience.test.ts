import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import {
  type Acetate,
  AcetateError,
  collect,
  ConnectionError,
  LimitError,
  NotFoundError,
  TimeoutError,
  UnavailableError,
} from "@acetate/client";
import { AcetatePersistence } from "@acetate/client/persistence";
import { Daemon, unique } from "./daemon.js";
import { Proxy } from "./proxy.js";

let daemon: Daemon;
let proxy: Proxy;
let acetate: Acetate;
before(async () => {
  daemon = await Daemon.start();
  proxy = await Proxy.start(daemon.url);
  acetate = daemon.client({ url: proxy.url });
});
beforeEach(() => {
  proxy.fates = [];
  proxy.seen.length = 0;
});
after(async () => {
  await proxy?.stop();
  await daemon.stop();
});

test("reads are tried again", async () => {
  for (const fate of ["drop", "lose", "busy"] as const) {
    proxy.fates = [fate, fate];
    proxy.seen.length = 0;
    assert.equal((await acetate.workspaces.get("project")).name, "project");
    assert.equal(proxy.seen.length, 3);
    assert.ok(
      proxy.seen.every((call) => call.key === undefined),
      "a read has no key",
    );
  }
  proxy.fates = ["drop"];
  assert.equal(await acetate.workspace("project").readText("README.md"), "hello\n");
});

test("calls with a key are tried again with the same key, and take effect once", async () => {
  const name = unique();
  proxy.fates = ["lose", "drop"];
  const made = await acetate.workspaces.create({ name });
  assert.equal(made.name, name, "a second attempt without the key would meet name_taken");
  assert.equal(proxy.seen.length, 3);
  assert.equal(new Set(proxy.seen.map((call) => call.key)).size, 1);
  assert.match(proxy.seen[0]?.key ?? "", /^[0-9a-f-]{36}$/);

  const workspace = acetate.workspace(made.id);
  proxy.fates = ["lose"];
  const session = await workspace.openSession({ agent: "ada" });
  assert.equal((await workspace.sessions()).length, 1);
  proxy.fates = ["lose"];
  await session.write("a.txt", "a\n");
  proxy.fates = ["lose"];
  assert.equal((await session.submit()).result, "landed");
  assert.equal((await collect(workspace.versions())).filter((version) => version.kind === "landing").length, 1);
  proxy.fates = ["lose"];
  await workspace.checkpoint({ name: "once" });
});

test("every call that changes something carries a key of its own, those of edits excepted", async () => {
  const workspace = acetate.workspace((await acetate.workspaces.create({ name: unique() })).id);
  const session = await workspace.openSession({ agent: "ada" });
  await session.write("a.txt", "a\n");
  await session.commit();
  await session.submit();
  await session.delete("a.txt");
  await session.sync();
  await workspace.update({ description: "x" });
  await workspace.createBranch({ name: "b" });
  await workspace.deleteBranch("b");
  await workspace.checkpoint({ name: "c" });
  await session.pause();
  await session.resume();
  await session.end({ discard: true });
  await workspace.delete();
  const changing = proxy.seen.filter((call) => call.method !== "GET");
  assert.equal(changing.length, 15);
  assert.equal(new Set(changing.map((call) => call.key)).size, 15);
  assert.ok(changing.every((call) => call.key));
});

test("what a persistence does is done once, over a bad connection too", async () => {
  const persistence = new AcetatePersistence(acetate);
  const { id } = await persistence.createWorkspace();
  proxy.fates = ["lose", "pass", "lose"];
  await persistence.saveWorkspaceFile(id, { path: "a.txt", content: "a\n" });
  await persistence.saveWorkspaceFile(id, { path: "b.txt", content: "b\n" });
  proxy.fates = ["lose"];
  // The second try finds nothing to delete, which is what was asked for.
  await persistence.deleteWorkspaceFile(id, "b.txt");
  proxy.fates = ["lose"];
  const commit = await persistence.commitWorkspace(id, "Once");
  const history = await persistence.getWorkspaceHistory(id);
  assert.deepEqual([history.length, history[0]?.id], [1, commit]);
  proxy.fates = ["lose"];
  const bundle = await persistence.bundleWorkspace(id);
  proxy.fates = ["lose"];
  const name = unique();
  assert.equal((await persistence.unbundleWorkspace(bundle, name)).name, name);
});

test("edits are never tried again: they take no key", async () => {
  const workspace = acetate.workspace((await acetate.workspaces.create({ name: unique() })).id);
  const session = await workspace.openSession({ agent: "ada" });
  await session.write("a.txt", "one\n");
  for (const call of [
    () => session.edit("a.txt", [{ old: "one", new: "oneone" }]),
    () => session.batch([{ op: "write", path: "b.txt", content: "" }]),
    () => session.move("b.txt", "c.txt"),
    () => session.setMode("a.txt", "100755"),
    () => session.write("d.txt", "x", { ifAbsent: true }),
    () => session.write("e.txt", new Blob(["x"]).stream()),
  ]) {
    proxy.seen.length = 0;
    proxy.fates = ["drop"];
    await assert.rejects(call(), (error) => error instanceof ConnectionError && error.attempts === 1);
    assert.equal(proxy.seen.length, 1);
  }
});

test("tries are bounded, and the error says how many there were", async () => {
  proxy.fates = ["drop", "drop", "drop", "drop"];
  await assert.rejects(
    acetate.workspaces.get("project"),
    (error) => error instanceof ConnectionError && error.attempts === 3 && error.code === "connection_failed",
  );
  proxy.fates = ["busy"];
  const once = daemon.client({ url: proxy.url, retries: 0 });
  await assert.rejects(
    once.workspaces.get("project"),
    (error) => error instanceof UnavailableError && error.status === 503 && error.code === "http_503",
  );
  proxy.fates = ["drop"];
  await assert.rejects(
    once.workspaces.create({ name: unique() }, { idempotencyKey: "mine" }),
    (error) => error instanceof ConnectionError && error.idempotencyKey === "mine",
  );
});

test("errors of the daemon are not tried again, and are typed by kind with their code", async () => {
  await assert.rejects(acetate.workspaces.get("nothing"), (error) => {
    assert.ok(error instanceof NotFoundError && error instanceof AcetateError && error instanceof Error);
    assert.deepEqual(
      [error.name, error.kind, error.code, error.status, error.attempts],
      ["NotFoundError", "not_found", "workspace_not_found", 404, 1],
    );
    assert.match(error.requestId ?? "", /^[!-~]+$/);
    return error.message.length > 0;
  });
  assert.equal(proxy.seen.length, 1);
  await assert.rejects(
    acetate.workspace("project").read("README.md", { range: { start: 99 } }),
    (error) => error instanceof AcetateError && error.code === "range_unsatisfiable" && error.status === 416,
  );
  const session = await acetate.workspace("project").openSession({ agent: "ada" });
  await assert.rejects(
    session.edit("README.md", [{ old: "hullo", new: "x" }]),
    (error) => error instanceof AcetateError && error.code === "text_not_found" && error.hint !== undefined && error.details !== undefined,
  );
  await assert.rejects(session.write(`${"x".repeat(300)}`, ""), (error) => error instanceof AcetateError && error.code === "path_too_long");
  await assert.rejects(acetate.withToken("wrong").status(), (error) => error instanceof AcetateError && error.code === "token_unknown");
  const paths = Array.from({ length: 200_000 }, (_, at) => String(at));
  await assert.rejects(collect(session.readMany({ paths })), (error) => error instanceof LimitError && error.code === "too_many_paths");
});

test("time-outs", async () => {
  const quick = daemon.client({ url: proxy.url, timeoutMs: 1_000 });
  proxy.fates = ["hang"];
  const from = Date.now();
  await assert.rejects(
    quick.workspaces.get("project"),
    (error) => error instanceof TimeoutError && error.code === "timeout" && error.kind === "unavailable",
  );
  assert.ok(Date.now() - from < 5_000);
  assert.equal(proxy.seen.length, 1, "what timed out is not tried again");
  proxy.fates = ["hang"];
  await assert.rejects(
    acetate.workspaces.create({ name: unique() }, { timeoutMs: 100 }),
    (error) => error instanceof TimeoutError && error.idempotencyKey !== undefined,
  );
  // A slow reader of a stream does not time out: only waiting for the daemon counts.
  const session = await acetate.workspace("project").openSession({ agent: "ada" });
  await session.write("large.bin", new Uint8Array(8 << 20));
  const reader = (await quick.session(session.id).read("large.bin")).stream().getReader();
  await reader.read();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  let rest = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) rest += part.value.length;
  assert.ok(rest > 0);
});

test("an AbortSignal ends a call at once, with its reason", async () => {
  proxy.fates = ["hang"];
  const stop = new AbortController();
  const reason = new Error("enough");
  setTimeout(() => stop.abort(reason), 50);
  await assert.rejects(acetate.workspaces.get("project", { signal: stop.signal }), (error) => error === reason);
  await assert.rejects(acetate.workspaces.get("project", { signal: stop.signal }), (error) => error === reason);
  await assert.rejects(acetate.workspaces.get("project", { signal: AbortSignal.abort() }), { name: "AbortError" });
  // While waiting to try again, and within a body.
  proxy.fates = ["drop", "drop"];
  const during = new AbortController();
  setTimeout(() => during.abort(reason), 20);
  await assert.rejects(acetate.workspaces.get("project", { signal: during.signal }), (error) => error === reason);
  proxy.fates = [];
  const session = await acetate.workspace("project").openSession({ agent: "ada" });
  await session.write("large.bin", new Uint8Array(32 << 20));
  const body = new AbortController();
  const file = await session.read("large.bin", { signal: body.signal });
  await assert.rejects(
    (async () => {
      for await (const _ of file.stream()) body.abort(reason);
    })(),
    (error) => error === reason,
  );
});

test("a body that breaks off is an error, never a short file", async () => {
  const session = await acetate.workspace("project").openSession({ agent: "ada" });
  await session.write("large.bin", new Uint8Array(4 << 20));
  proxy.fates = ["cut"];
  await assert.rejects(
    session.read("large.bin").then((file) => file.bytes()),
    ConnectionError,
  );
  proxy.fates = ["cut"];
  await assert.rejects(collect(session.readMany({ paths: ["large.bin"] })), ConnectionError);
});

test("nobody there", async () => {
  const gone = await Proxy.start(daemon.url);
  const nobody = daemon.client({ url: gone.url, retries: 0 });
  await gone.stop();
  await assert.rejects(nobody.status(), (error) => error instanceof ConnectionError && error.hint !== undefined);
});
