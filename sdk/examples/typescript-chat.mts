// A product whose chats each have a workspace, in place of a table of files. It checks what it says, and ends with 1 where something differs.
//
// ACETATE_URL with ACETATE_TOKEN names a daemon; else ACETATE_BIN names the program, and a daemon over a fresh store is started and stopped.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Acetate, ConflictError, NotFoundError } from "@acetate/client";
import { AcetatePersistence, type WorkspaceFile, type WorkspacePersistence } from "@acetate/client/persistence";

/** Makes the chat's workspace; keep the id with the chat. */
async function startChat(acetate: Acetate, chat: string, template: string): Promise<string> {
  const create = { name: `chat-${chat}`, from: { template } };
  return (await acetate.workspaces.create(create, { idempotencyKey: `start-${chat}` })).id;
}

/** A turn: what the agent wrote is saved file by file, then committed and landed as one version. */
async function takeTurn(files: WorkspacePersistence, id: string, written: WorkspaceFile[], message: string): Promise<string> {
  for (const file of written) await files.saveWorkspaceFile(id, file);
  return files.commitWorkspace(id, message);
}

/** The same, where somebody else works in the chat's workspace too: where both changed the same, this turn's text wins. */
async function takeTurnAmongOthers(acetate: Acetate, files: WorkspacePersistence, id: string, message: string): Promise<string> {
  for (;;) {
    try {
      return await files.commitWorkspace(id, message);
    } catch (error) {
      if (!(error instanceof ConflictError) || error.code !== "submission_conflict") throw error;
      const { session, conflicts } = error.details as { session: string; conflicts: { path: string; symbol?: string; kind: string }[] };
      for (const { path, symbol, kind } of conflicts) await acetate.session(session).resolve({ path, symbol, kind, take: "session" });
    }
  }
}

/** Shows the chat's files and keeps what is shown up to date, until the signal. */
async function showFiles(files: AcetatePersistence, id: string, shown: Map<string, WorkspaceFile>, signal: AbortSignal): Promise<void> {
  let begun = (): void => undefined;
  const watching = new Promise<void>((resolve) => (begun = resolve));
  const events = files.watchWorkspace(id, { signal, onReady: () => begun() });
  const first = events.next();
  // Read after watching has begun, so that nothing falls between.
  await Promise.race([watching, first]);
  for (const file of await files.getWorkspaceFiles(id)) shown.set(file.path, file);
  for (let event = await first; !event.done; event = await events.next()) {
    const { type, file } = event.value;
    if (type === "deleted") shown.delete(file.path);
    else shown.set(file.path, file);
  }
}

/** Writes the chat's history to a file and deletes its workspace. */
async function archiveChat(files: WorkspacePersistence, id: string, file: string): Promise<void> {
  await files.commitWorkspace(id, "Archive");
  writeFileSync(file, await files.bundleWorkspace(id));
  await files.deleteWorkspace(id);
}

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(`not as said: ${what}`);
  console.log(`ok: ${what}`);
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 200 && !holds(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 50));
  check(holds(), what);
}

async function run(acetate: Acetate, folder: string): Promise<void> {
  const mark = crypto.randomUUID().slice(0, 8);
  const files = new AcetatePersistence(acetate, { agent: "assistant" });
  const text = async (id: string, path: string, ref?: string): Promise<string | undefined> =>
    (await files.getWorkspaceFiles(id, ref)).find((file) => file.path === path)?.content as string | undefined;

  // A template: an ordinary workspace that is marked.
  const starter = await files.createWorkspace(`starter-${mark}`);
  await takeTurn(files, starter.id, [{ path: "index.html", content: "<h1>Hello</h1>\n" }], "Begin");
  await acetate.workspace(starter.id).update({ template: true });

  const chat = await startChat(acetate, `${mark}-1`, starter.id);
  check((await startChat(acetate, `${mark}-1`, starter.id)) === chat, "a call with the same key makes one workspace");
  check((await text(chat, "index.html")) === "<h1>Hello</h1>\n", "a chat begins with the template's files");

  // A turn of the agent, shown while it goes on.
  const shown = new Map<string, WorkspaceFile>();
  const stop = new AbortController();
  const showing = showFiles(files, chat, shown, stop.signal).catch((error: unknown) => error);
  await until(() => shown.size > 0, "files are shown");
  await files.saveWorkspaceFile(chat, { path: "index.html", content: "<h1>Shop</h1>\n" });
  await until(() => shown.get("index.html")?.content === "<h1>Shop</h1>\n", "what is saved is shown before it is committed");
  check((await text(chat, "index.html", "v1")) === "<h1>Hello</h1>\n", "what landed has not changed yet");
  const logo = { path: "logo.png", content: "iVBORw0KGgo=", encoding: "base64" } as const;
  const commit = await takeTurn(files, chat, [logo], "Make it a shop");
  check((await text(chat, "index.html", "v2")) === "<h1>Shop</h1>\n", "each turn is a version");
  await until(() => shown.get("logo.png")?.encoding === "binary", "binary files come as bytes");
  check((await files.commitWorkspace(chat)) === commit, "a turn without changes adds none");

  // Lists are cheap: contents are fetched when they are asked for.
  const [first] = await files.listWorkspaceFiles(chat);
  check(first?.path === "index.html" && (await first.content()) === "<h1>Shop</h1>\n", "a listed file is loaded when it is asked for");

  // Somebody else in the same chat.
  const ada = await acetate.workspace(chat).openSession({ agent: "ada", intent: "Rename it" });
  await ada.write("index.html", "<h1>Market</h1>\n");
  await ada.commit("Market");
  check((await text(chat, "index.html")) === "<h1>Shop</h1>\n", "an opened session's commit does not land");
  await files.saveWorkspaceFile(chat, { path: "index.html", content: "<h1>Bazaar</h1>\n" });
  check((await ada.submit()).result === "landed", "submit lands it");
  const conflict = await files.commitWorkspace(chat, "Bazaar").catch((error: unknown) => error);
  check(conflict instanceof ConflictError && conflict.code === "submission_conflict", "the same line changed twice is a conflict");
  await takeTurnAmongOthers(acetate, files, chat, "Bazaar");
  check((await text(chat, "index.html", "refs/heads/main")) === "<h1>Bazaar</h1>\n", "a conflict is settled in the working session");
  await ada.end();

  // Checkpoints and history.
  await files.checkpointWorkspace(chat, "published");
  await takeTurn(files, chat, [{ path: "index.html", content: "<h1>Oops</h1>\n" }], "Break it");
  const [diff] = await files.diffWorkspace(chat, "published", "refs/heads/main");
  check(diff?.path === "index.html" && diff.added === 1 && diff.removed === 1, "two points have a difference");
  await acetate.workspace(chat).restore({ at: "refs/tags/published" });
  await until(() => shown.get("index.html")?.content === "<h1>Bazaar</h1>\n", "restore brings files back as a new version");
  const history = await files.getWorkspaceHistory(chat);
  check(history[0]?.message === "Restore published" && history[1]?.message === "Break it", "and nothing is lost");

  // Another try from an earlier point.
  const fork = await acetate.workspace(chat).fork({ name: `chat-${mark}-2`, at: "v2" });
  check((await text(fork.id, "index.html")) === "<h1>Shop</h1>\n", "a fork begins at the point");
  await takeTurn(files, fork.id, [{ path: "index.html", content: "<h1>Fork</h1>\n" }], "Go another way");
  check((await text(chat, "index.html")) === "<h1>Bazaar</h1>\n", "and goes its own way");

  // A token for this chat alone.
  const token = await acetate.tokens.create({ workspace: chat, rights: ["read", "write", "land"], label: `chat ${mark}`, ttl: 3600 });
  const guest = new AcetatePersistence(acetate.withToken(token.token));
  check((await guest.getWorkspaceFiles(chat)).length > 0, "a token of the chat reaches it");
  const refused = await guest.loadWorkspace(fork.id).catch((error: unknown) => error);
  check(refused instanceof NotFoundError, "and no other workspace");
  await acetate.tokens.revoke(token.id);

  // Archiving.
  stop.abort();
  check((await showing) === stop.signal.reason, "showing ends with the signal");
  const file = join(folder, "chat.bundle");
  await archiveChat(files, chat, file);
  check((await files.loadWorkspace(chat).catch(() => undefined)) === undefined, "a deleted chat is gone");
  await acetate.workspaces.undelete(chat);
  check((await text(chat, "index.html")) === "<h1>Bazaar</h1>\n", "for 30 days it can be brought back");
  const again = await files.unbundleWorkspace(readFileSync(file), `chat-${mark}-again`);
  check((await text(again.id, "index.html", "published")) === "<h1>Bazaar</h1>\n", "and later from the bundle, checkpoints included");

  for (const id of [chat, again.id, fork.id, starter.id]) await files.deleteWorkspace(id);
}

/** Starts a daemon over a fresh store, and tells the client where it is. */
async function startDaemon(store: string): Promise<() => Promise<void>> {
  const child = spawn(process.env["ACETATE_BIN"] ?? "acetate", ["serve", store, "--create", "--json"], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const line = await new Promise<string>((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (part: Buffer) => {
      text += part.toString();
      if (text.includes("\n")) resolve(text);
    });
    child.once("error", reject);
    child.once("exit", () => reject(new Error("the daemon did not start")));
  });
  const said = JSON.parse(line) as { http: string; token_file: string };
  process.env["ACETATE_URL"] = said.http;
  process.env["ACETATE_TOKEN"] = readFileSync(said.token_file, "utf8").trim();
  return async () => {
    child.kill("SIGTERM");
    await ended;
  };
}

const folder = mkdtempSync(join(tmpdir(), "acetate-example-"));
let stop = async (): Promise<void> => undefined;
try {
  if (!process.env["ACETATE_URL"]) stop = await startDaemon(join(folder, "store"));
  await run(new Acetate(), folder);
  console.log("all as said");
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await stop();
  rmSync(folder, { recursive: true, force: true });
}
