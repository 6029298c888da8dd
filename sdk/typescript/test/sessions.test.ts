import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  type Acetate,
  collect,
  ConflictError,
  DeniedError,
  InvalidError,
  NotFoundError,
  type Session,
  StaleError,
  textToString,
  type Workspace,
} from "@acetate/client";
import { Daemon, unique } from "./daemon.js";

let daemon: Daemon;
let acetate: Acetate;
before(async () => {
  daemon = await Daemon.start();
  acetate = daemon.client();
});
after(() => daemon.stop());

async function fresh(): Promise<[Workspace, Session]> {
  const workspace = acetate.workspace((await acetate.workspaces.create({ name: unique() })).id);
  return [workspace, await workspace.openSession({ agent: "ada", intent: "trying things" })];
}

test("an opened session has a token that reaches it alone", async () => {
  const [workspace, session] = await fresh();
  assert.ok(session.token?.startsWith("act_") && session.token !== daemon.token);
  assert.equal(session.opened?.id, session.id);
  assert.equal((await session.info()).agent, "ada");
  assert.deepEqual(
    (await workspace.sessions()).map((one) => one.id),
    [session.id],
  );
  const own = acetate.session(session.id, session.token);
  assert.equal((await own.info()).id, session.id);
  const other = await workspace.openSession({ agent: "bob" });
  await assert.rejects(acetate.session(other.id, session.token).info(), NotFoundError);
  await session.end();
  await assert.rejects(own.info(), (error) => error instanceof DeniedError && error.code === "token_unknown");
});

test("writing, reading, stating, editing, moving, deleting", async () => {
  const [, session] = await fresh();
  const written = await session.write("src/a.ts", "const a = 1;\n");
  assert.equal(written.created, true);
  assert.equal(await session.readText("src/a.ts"), "const a = 1;\n");
  const stat = await session.stat("src/a.ts");
  assert.deepEqual(stat, { etag: written.etag, mode: "100644", size: 13 });
  await assert.rejects(session.stat("nothing"), (error) => error instanceof NotFoundError && error.code === "path_not_found");
  assert.equal(await session.readIfChanged("src/a.ts", stat.etag), undefined);

  const edited = await session.edit("src/a.ts", [{ old: "1", new: "2" }], { expect: stat.etag });
  assert.equal(edited.replacements, 1);
  assert.equal(await (await session.readIfChanged("src/a.ts", stat.etag))?.text(), "const a = 2;\n");
  await assert.rejects(
    session.edit("src/a.ts", [{ old: "3", new: "4" }]),
    (error) => error instanceof InvalidError || error instanceof NotFoundError || error instanceof ConflictError,
  );
  await assert.rejects(
    session.write("src/a.ts", "x", { ifMatch: stat.etag }),
    (error) => error instanceof StaleError && error.code === "stale_revision" && error.status === 412,
  );
  await assert.rejects(session.write("src/a.ts", "x", { ifAbsent: true }), StaleError);

  await session.batch([
    { op: "write", path: "src/b.ts", content: "export {};\n" },
    { op: "move", from: "src/a.ts", to: "src/c.ts" },
  ]);
  await session.setMode("src/c.ts", "100755");
  assert.equal((await session.stat("src/c.ts")).mode, "100755");
  await session.move("src/c.ts", "src/d.ts");
  await session.delete("src/b.ts");
  assert.deepEqual(await session.glob("**/*.ts"), ["src/d.ts"]);
  assert.deepEqual(
    (await collect(session.list({ changed: true }))).map((file) => file.path),
    ["src/d.ts"],
  );
  const part = await session.read("src/d.ts", { range: { start: 6, end: 7 } });
  assert.equal(await part.text(), "a");
});

test("searching, symbols, many files at once", async () => {
  const [, session] = await fresh();
  await session.write("a.rs", "fn one() {}\nfn two() { one() }\n");
  await session.write("b.bin", Uint8Array.of(0xff, 0x00));
  const found = await collect(session.grep("one", { glob: "**/*.rs" }));
  assert.deepEqual(
    found.map((file) => [file.path, file.count]),
    [["a.rs", 2]],
  );
  assert.deepEqual(
    (await session.symbols({ path: "a.rs" })).symbols.map((symbol) => symbol.symbol),
    ["one", "two"],
  );
  const read = await collect(session.readMany({ paths: ["b.bin", "nothing"], globs: ["*.rs"] }));
  assert.deepEqual(
    read.map((file) => ("content" in file ? file.content : file.code)),
    [{ base64: "/wA=" }, "path_not_found", "fn one() {}\nfn two() { one() }\n"],
  );
});

test("turns: status, diff, commit, submit, sync, fork, pause, resume, end", async () => {
  const [workspace, session] = await fresh();
  const other = await workspace.openSession({ agent: "bob" });
  await session.write("a.txt", "a\n");
  const status = await session.status();
  assert.deepEqual(
    status.changes.map((change) => [change.path, change.change]),
    [["a.txt", "added"]],
  );
  const diff = await session.diff({ patch: true });
  assert.equal(diff.files[0]?.added, 1);
  assert.match(textToString(diff.patch ?? ""), /^diff --git/);
  const turn = await session.commit("A turn");
  assert.equal(turn.changed, true);
  assert.equal((await session.commit()).changed, false);
  const fork = await session.fork({ agent: "cid" });
  assert.equal(await fork.readText("a.txt"), "a\n");
  assert.equal((await session.pause()).state, "paused");
  assert.equal((await session.resume()).state, "active");
  const submission = await session.submit({ message: "Land it" });
  assert.equal(submission.result, "landed");
  assert.equal((await acetate.submission(submission.id ?? "")).result, "landed");
  assert.equal((await other.info()).standing.behind, 1);
  assert.equal((await other.sync()).result, "synced");
  assert.equal(await other.readText("a.txt"), "a\n");
  await other.write("b.txt", "b\n");
  await assert.rejects(other.end(), (error) => error instanceof ConflictError && error.code === "session_unsubmitted");
  const { closed, bundle } = await other.archive();
  assert.equal(closed.id, other.id);
  assert.match(await new Response(bundle).text(), /^# v[23] git bundle/);
  await fork.end({ discard: true });
  await session.end();
  await assert.rejects(session.info(), (error) => error instanceof NotFoundError && error.code === "session_not_found");
});

test("events that an answer told of count as seen", async () => {
  const [, session] = await fresh();
  await session.write("a.txt", "a\n");
  await session.submit();
  const first = await session.status();
  const told = first.standing.events ?? [];
  if (told.length > 0) assert.equal(session.seen, told.at(-1)?.number);
  assert.deepEqual((await session.status()).standing.events ?? [], []);
});

test("a conflict is an answer; settling it lands it", async () => {
  const [workspace, session] = await fresh();
  await session.write("a.txt", "base\n");
  await session.submit();
  const other = await workspace.openSession({ agent: "bob" });
  await session.write("a.txt", "ours\n");
  await session.submit();
  await other.write("a.txt", "theirs\n");
  const submission = await other.submit();
  assert.equal(submission.result, "conflict");
  const conflicts = await other.conflicts();
  assert.equal(conflicts[0]?.path, "a.txt");
  assert.match(Buffer.from(await other.marked("a.txt", { style: "merge" })).toString(), /<<<<<<<[^]*>>>>>>>/);
  const resolved = await other.resolve({ path: "a.txt", take: "text", text: "both\n", submit: true });
  assert.equal(resolved.submission?.result, "landed");
  assert.equal(await workspace.readText("a.txt"), "both\n");
});

test("paths and contents that are no UTF-8", async () => {
  const [workspace, session] = await fresh();
  const path = "dir/a\udcffb é.txt";
  const bytes = Uint8Array.of(0xff, 0xfe, 0x0a);
  const written = await session.write(path, bytes);
  assert.equal(textToString(written.path), path);
  assert.deepEqual(await (await session.read(Uint8Array.from([...Buffer.from("dir/a"), 0xff, ...Buffer.from("b é.txt")]))).bytes(), bytes);
  const [listed] = await collect(session.list({ prefix: "dir" }));
  assert.deepEqual(await (await session.read(listed?.path ?? "")).bytes(), bytes);
  await session.edit(path, [{ old: Uint8Array.of(0xff), new: "x" }]);
  await session.move(path, "dir/\udcfe");
  await session.submit();
  const [read] = await collect(workspace.readMany({ paths: ["dir/\udcfe"] }));
  assert.ok(read && "content" in read);
  assert.equal(textToString(read.path), "dir/\udcfe");
  assert.equal(textToString(read.content), "x\udcfe\n");
});

test("a file of 64 MiB goes through as a stream, both ways", async () => {
  const [, session] = await fresh();
  const part = new Uint8Array(1 << 20).map((_, at) => (at * 31) % 251);
  let left = 64;
  const source = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (left-- > 0) controller.enqueue(part.slice());
      else controller.close();
    },
  });
  const written = await session.write("large.bin", source);
  assert.equal(written.size, 64 << 20);
  const file = await session.read("large.bin");
  assert.equal(file.etag, written.etag);
  assert.equal(file.size, 64 << 20);
  let length = 0;
  let most = 0;
  for await (const chunk of file.stream()) {
    assert.equal(chunk[0], part[length % part.length]);
    length += chunk.length;
    most = Math.max(most, chunk.length);
  }
  assert.equal(length, 64 << 20);
  assert.ok(most < 8 << 20, "in parts");
  // Leaving early ends the transfer.
  for await (const chunk of await session.read("large.bin")) {
    assert.ok(chunk.length > 0);
    break;
  }
});
