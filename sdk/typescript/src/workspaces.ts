import { call, keyed } from "./calls.js";
import { type Content, contentBody } from "./content.js";
import type { CreateWorkspace, WorkspaceInfo, WorkspaceList } from "./generated/types.js";
import type { CallOptions, KeyedCallOptions } from "./options.js";
import { paged } from "./pages.js";
import { part } from "./target.js";
import type { Transport } from "./transport.js";

/** The workspaces of a store. All methods throw {@link AcetateError}. */
export class Workspaces {
  readonly #transport: Transport;

  /** Not for callers: `acetate.workspaces` is made for them. */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Makes a workspace: empty, or from Git, a bundle, another workspace, or a template; with `session` also a session in it, which
   * `opened` then tells of. Throws `name_taken`.
   */
  async create(create: CreateWorkspace = {}, options: KeyedCallOptions = {}): Promise<WorkspaceInfo> {
    return this.#transport.json({ method: "POST", path: "/v1/workspaces", json: create, long: true, ...keyed(options) });
  }

  /** A workspace by id or name. Throws `workspace_not_found`. */
  async get(idOrName: string, options: CallOptions = {}): Promise<WorkspaceInfo> {
    return this.#transport.json({ method: "GET", path: `/v1/workspaces/${part(idOrName)}`, repeat: "read", ...call(options) });
  }

  /** Those that the caller may see, by name; with `deleted` those that were deleted and can still be had back. */
  list(
    options: CallOptions & { deleted?: boolean | undefined; limit?: number | undefined } = {},
  ): AsyncGenerator<WorkspaceInfo, void, undefined> {
    const { deleted, limit } = options;
    return paged(async (after: string | undefined) => {
      const query = { after, limit, deleted };
      const page = await this.#transport.json<WorkspaceList>({
        method: "GET",
        path: "/v1/workspaces",
        query,
        repeat: "read",
        ...call(options),
      });
      return { items: page.workspaces, next: page.next };
    }, limit);
  }

  /** Takes a deletion back, by the workspace's id; with a new name where the old one was taken meanwhile (`name_taken`). */
  async undelete(id: string, options: KeyedCallOptions & { name?: string | undefined } = {}): Promise<WorkspaceInfo> {
    const json = { name: options.name };
    return this.#transport.json({ method: "POST", path: `/v1/workspaces/${part(id)}/undelete`, json, ...keyed(options) });
  }

  /** Makes a workspace of a Git bundle, given as bytes or a stream (which is sent once and never repeated). */
  async import(
    bundle: Exclude<Content, string>,
    options: KeyedCallOptions & { name?: string | undefined; description?: string | undefined } = {},
  ): Promise<WorkspaceInfo> {
    return this.#transport.json({
      method: "POST",
      path: "/v1/import",
      query: { name: options.name, description: options.description },
      headers: { "content-type": "application/octet-stream" },
      body: contentBody(bundle),
      long: true,
      ...keyed(options),
      repeat: bundle instanceof ReadableStream ? "keyed-once" : "keyed",
    });
  }
}
