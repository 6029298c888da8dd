import { type Acetate, type BatchWritten, collect, type Take, textToString, type WorkspaceSource } from "@acetate/client";

/** The arguments of a step: of all that there are, those that its operation takes. */
export interface Arguments {
  workspace: string;
  session: string;
  commit: string;
  name: string;
  agent: string;
  path: string;
  from: string;
  to: string;
  text: string;
  old: string;
  new: string;
  pattern: string;
  take: Take;
  bundle: Uint8Array;
  at?: string;
  glob?: string;
  intent?: string;
  message?: string;
  submit?: boolean;
  discard?: boolean;
}

/** The operations of the behaviour specification, as this door makes them. */
export function operations(acetate: Acetate): Record<string, (args: Arguments) => Promise<unknown>> {
  const session = (id: string) => acetate.session(id);
  const workspace = (id: string) => acetate.workspace(id);
  const text = textToString;
  const paths = (files: Iterable<{ path: Parameters<typeof text>[0] }>): string[] => [...files].map((file) => text(file.path));
  const changes = (files: readonly { path: Parameters<typeof text>[0]; change: string }[]) =>
    files.map((file) => ({ ...file, path: text(file.path) }));
  return {
    "workspace.create": ({ name, from }) => acetate.workspaces.create({ name, from: from as unknown as WorkspaceSource }),
    "workspace.get": (a) => workspace(a.workspace).info(),
    "workspace.rename": ({ workspace: w, name }) => workspace(w).update({ name }),
    "workspace.delete": (a) => workspace(a.workspace).delete(),
    "workspace.undelete": (a) => acetate.workspaces.undelete(a.workspace),
    "workspace.fork": ({ workspace: w, name, at }) => workspace(w).fork({ name, at }),
    "workspace.restore": ({ workspace: w, at }) => workspace(w).restore({ at: at ?? "" }),
    "workspace.undo": (a) => workspace(a.workspace).undo(),
    "workspace.versions": async (a) => ({ versions: await collect(workspace(a.workspace).versions()) }),
    "workspace.diff": async ({ workspace: w, from, to }) => ({ files: changes((await workspace(w).diff(from, to)).files) }),
    "workspace.files": async ({ workspace: w, at, glob }) => ({ paths: paths(await collect(workspace(w).files({ at, glob }))) }),
    "workspace.read": async ({ workspace: w, path, at }) => ({ text: await workspace(w).readText(path, { at }) }),
    "workspace.checkpoint": ({ workspace: w, name, at, message }) => workspace(w).checkpoint({ name, at, message }),
    "workspace.checkpoints": async (a) => ({ checkpoints: await workspace(a.workspace).checkpoints() }),
    "workspace.bundle": async (a) => ({ bundle: await workspace(a.workspace).bundleBytes() }),
    "workspace.unbundle": ({ bundle, name }) => acetate.workspaces.import(bundle, { name }),
    "session.open": async (a) => (await workspace(a.workspace).openSession({ agent: a.agent, intent: a.intent })).opened,
    "session.working": async (a) => (await workspace(a.workspace).workingSession()).info(),
    "session.write": async ({ session: s, path, text: content }) => located(await session(s).write(path, content)),
    "session.edit": async ({ session: s, path, old, new: by }) => located(await session(s).edit(path, [{ old, new: by }])),
    "session.read": async ({ session: s, path }) => ({ text: await session(s).readText(path) }),
    "session.delete": async ({ session: s, path }) => located(await session(s).delete(path)),
    "session.move": async ({ session: s, from, to }) => located(await session(s).move(from, to)),
    "session.files": async ({ session: s, glob }) => ({ paths: paths(await collect(session(s).list({ glob }))) }),
    "session.grep": async ({ session: s, pattern }) => {
      const files = await collect(session(s).grep(pattern));
      return {
        matches: files.flatMap((file) =>
          (file.lines ?? []).map((line) => ({ path: text(file.path), line: line.number, text: text(line.text) })),
        ),
      };
    },
    "session.status": async (a) => ({ changes: changes((await session(a.session).status()).changes) }),
    "session.diff": async (a) => ({ files: changes((await session(a.session).diff()).files) }),
    "session.commit": async ({ session: s, message }) => {
      const turn = await session(s).commit(message);
      return {
        ...turn,
        ...(turn.submission ? { result: turn.submission.result } : {}),
        ...(turn.submission?.result === "landed" ? { version: turn.submission.version } : {}),
      };
    },
    "session.submit": ({ session: s, message }) => session(s).submit({ message }),
    "session.resolve": ({ session: s, path, take, submit, text: content }) => session(s).resolve({ path, take, submit, text: content }),
    "session.checkpoint": ({ session: s, name }) => session(s).checkpoint(name),
    "session.pause": (a) => session(a.session).pause(),
    "session.resume": (a) => session(a.session).resume(),
    "session.end": ({ session: s, discard }) => session(s).end({ discard }),
    "change.get": async (a) => {
      const change = await acetate.change(a.commit);
      return { ...change, paths: paths(change.paths) };
    },
  };
}

function located(written: BatchWritten["written"][number]): unknown {
  return { ...written, path: textToString(written.path) };
}
