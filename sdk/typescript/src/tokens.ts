import { call, keyed } from "./calls.js";
import type { CreateToken, NewToken, TokenInfo, TokenList } from "./generated/types.js";
import type { CallOptions, KeyedCallOptions } from "./options.js";
import { part } from "./target.js";
import type { Transport } from "./transport.js";

/** Tokens: of the store, or of one workspace. All methods throw {@link AcetateError}. */
export class Tokens {
  readonly #transport: Transport;
  readonly #workspace: string | undefined;

  /** Not for callers: `acetate.tokens` and `workspace.tokens` are made for them. */
  constructor(transport: Transport, workspace?: string) {
    this.#transport = transport;
    this.#workspace = workspace;
  }

  /** The tokens that have not ended, oldest first. Of a workspace, which must be named by its id: those that reach only it. */
  async list(options: CallOptions = {}): Promise<TokenInfo[]> {
    const { tokens } = await this.#transport.json<TokenList>({ method: "GET", path: "/v1/tokens", repeat: "read", ...call(options) });
    return this.#workspace === undefined ? tokens : tokens.filter((token) => token.workspace === this.#workspace);
  }

  /** Makes a token. It is shown this once. */
  async create(create: CreateToken, options: KeyedCallOptions = {}): Promise<NewToken> {
    const json = { ...create, workspace: create.workspace ?? this.#workspace };
    return this.#transport.json({ method: "POST", path: "/v1/tokens", json, ...keyed(options) });
  }

  /** Ends a token at once, and with it the tokens of the sessions that it opened; the sessions stay. */
  async revoke(id: string, options: KeyedCallOptions = {}): Promise<TokenInfo> {
    return this.#transport.json({ method: "DELETE", path: `/v1/tokens/${part(id)}`, ...keyed(options) });
  }
}
