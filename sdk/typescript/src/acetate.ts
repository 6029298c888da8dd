import { call, keyed } from "./calls.js";
import { InvalidError } from "./errors.js";
import type { BackupReport, ChangeRecord, StoreStatus, Submission } from "./generated/types.js";
import { type AcetateOptions, type CallOptions, environment, type KeyedCallOptions } from "./options.js";
import { Session } from "./session.js";
import { part } from "./target.js";
import { Tokens } from "./tokens.js";
import { Transport } from "./transport.js";
import { Workspace } from "./workspace.js";
import { Workspaces } from "./workspaces.js";

const TIMEOUT_MS = 60_000;
const RETRIES = 2;

/** A client of one daemon. Keeps no connection and needs no closing. */
export class Acetate {
  /** The workspaces of the store. */
  readonly workspaces: Workspaces;
  /** The tokens of the store. */
  readonly tokens: Tokens;
  readonly #transport: Transport;

  /** Throws {@link InvalidError} (`url_missing`) where neither `url` nor `ACETATE_URL` says where the daemon is. */
  constructor(options: AcetateOptions | Transport = {}) {
    this.#transport = options instanceof Transport ? options : transportOf(options);
    this.workspaces = new Workspaces(this.#transport);
    this.tokens = new Tokens(this.#transport);
  }

  /** The daemon's address. */
  get url(): string {
    return this.#transport.url;
  }

  /** The same daemon, called with another token. */
  withToken(token: string): Acetate {
    return new Acetate(this.#transport.with(token));
  }

  /** A workspace by id or name; `ACETATE_WORKSPACE` unless given (`workspace_missing` without). Makes no call. */
  workspace(idOrName: string | undefined = environment("ACETATE_WORKSPACE")): Workspace {
    if (idOrName === undefined) {
      const hint = "name it, or set ACETATE_WORKSPACE";
      throw new InvalidError({ code: "workspace_missing", kind: "invalid", message: "nobody says which workspace", hint });
    }
    return new Workspace(this.#transport, idOrName);
  }

  /** A session by id, called with its own token where that is given, else with the client's. Makes no call. */
  session(id: string, token?: string): Session {
    return new Session(token === undefined ? this.#transport : this.#transport.with(token), id);
  }

  /** The store's state. */
  async status(options: CallOptions = {}): Promise<StoreStatus> {
    return this.#transport.json({ method: "GET", path: "/v1", repeat: "read", ...call(options) });
  }

  /** Whether the daemon answers; needs no token. */
  async health(options: CallOptions = {}): Promise<{ status: string }> {
    return this.#transport.json({ method: "GET", path: "/healthz", repeat: "read", ...call(options) });
  }

  /** What a turn or a landing changed, by its commit. Throws `change_not_found`. */
  async change(commit: string, options: CallOptions = {}): Promise<ChangeRecord> {
    return this.#transport.json({ method: "GET", path: `/v1/changes/${part(commit)}`, repeat: "read", ...call(options) });
  }

  /** A submission and what became of it. */
  async submission(id: string, options: CallOptions = {}): Promise<Submission> {
    return this.#transport.json({ method: "GET", path: `/v1/submissions/${part(id)}`, repeat: "read", ...call(options) });
  }

  /** Copies the running store into a new folder of the daemon's machine. Not repeated: a second copy would meet the first. */
  async backup(path: string, options: KeyedCallOptions = {}): Promise<BackupReport> {
    return this.#transport.json({
      method: "POST",
      path: "/v1/backup",
      json: { path },
      long: true,
      ...keyed(options),
      repeat: "keyed-once",
    });
  }

  /** The daemon's description of its own API. */
  async openapi(options: CallOptions = {}): Promise<Record<string, unknown>> {
    return this.#transport.json({ method: "GET", path: "/v1/openapi.json", repeat: "read", ...call(options) });
  }
}

function transportOf(options: AcetateOptions): Transport {
  const url = options.url ?? environment("ACETATE_URL");
  if (url === undefined) {
    throw new InvalidError({
      code: "url_missing",
      kind: "invalid",
      message: "nobody says where the daemon is",
      hint: "give `url`, or set ACETATE_URL; `acetate serve` prints it",
    });
  }
  return new Transport({
    url,
    token: options.token ?? environment("ACETATE_TOKEN"),
    // Called as a function of nothing: some platforms insist on it.
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    retries: options.retries ?? RETRIES,
  });
}
