import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Acetate, collect, type Event, NotFoundError, UnavailableError, type Workspace } from "@acetate/client";
import { Daemon, unique } from "./daemon.js";
import { Proxy } from "./proxy.js";

let daemon: Daemon;
let acetate: Acetate;
before(async () => {
  daemon = await Daemon.start();
  acetate = daemon.client();
});
after(() => daemon.stop());

async function land(workspace: Workspace, path: string, text: string): Promise<void> {
  const session = await workspace.openSession({ agent: "ada" });
  await session.write(path, text);
  assert.equal((await session.submit()).result, "landed");
  await session.end();
}

async function landings(events: AsyncIterable<Event>, count: number): Promise<Event[]> {
  const found: Event[] = [];
  for await (const event of events) {
    if (event.kind === "landed") found.push(event);
    if (found.length === count) break;
  }
  return found;
}

test("events come as they happen, from any number on, and by path", async () => {
  const workspace = acetate.workspace((await acetate.workspaces.create({ name: unique() })).id);
  const following = landings(workspace.events(), 2);
  await land(workspace, "a.txt", "a\n");
  await land(workspace, "b.txt", "b\n");
  const [first, second] = await following;
  assert.ok(first && second && first.number < second.number);
  assert.deepEqual((await landings(workspace.events({ after: first.number }), 1))[0], second);
  assert.equal((await landings(workspace.events({ path: "b.txt" }), 1))[0]?.number, second.number);
  const page = await workspace.eventsPage({ after: second.number - 1 });
  assert.equal(page.events[0]?.number, second.number);
  assert.deepEqual((await workspace.eventsPage({ after: page.next, waitSeconds: 1 })).events, []);
});

test("an unknown workspace is an error, not silence", async () => {
  await assert.rejects(collect(acetate.workspace("nothing").events()), NotFoundError);
});

test("a broken stream is taken up without gap or repeat", async () => {
  const proxy = await Proxy.start(daemon.url);
  try {
    const workspace = acetate.workspace((await acetate.workspaces.create({ name: unique() })).id);
    const through = daemon.client({ url: proxy.url }).workspace(workspace.id);
    const numbers: number[] = [];
    let landed = 0;
    const following = (async () => {
      for await (const event of through.events()) {
        numbers.push(event.number);
        if (event.kind === "landed" && (landed += 1) === 6) break;
      }
    })();
    for (let at = 0; at < 6; at += 1) {
      await land(workspace, "a.txt", `${at}\n`);
      if (at % 2 === 1) {
        proxy.fates = ["drop"];
        proxy.breakAll();
      }
    }
    await following;
    assert.deepEqual(
      numbers,
      numbers.map((_, at) => (numbers[0] ?? 0) + at),
    );
    assert.ok(proxy.seen.length >= 3);
  } finally {
    await proxy.stop();
  }
});

test("following goes on over a restart of the daemon, and ends after its patience", async () => {
  const own = await Daemon.start();
  try {
    const workspace = own.client().workspace("project");
    const following = landings(workspace.events(), 2);
    await land(workspace, "a.txt", "a\n");
    await own.halt();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await own.run();
    await land(workspace, "b.txt", "b\n");
    assert.equal((await following).length, 2);
    await own.halt();
    await assert.rejects(collect(workspace.events({ patienceMs: 300 })), UnavailableError);
  } finally {
    await own.stop();
  }
});

test("an AbortSignal ends following with its reason", async () => {
  const stop = new AbortController();
  const reason = new Error("enough");
  setTimeout(() => stop.abort(reason), 100);
  await assert.rejects(collect(acetate.workspace("project").events({ signal: stop.signal })), (error) => error === reason);
});
