import type { FileStat } from "./file-options.js";
import { utf8 } from "./text.js";
import type { Reply } from "./transport.js";

/** What to read of a file. */
export interface Range {
  /** The first byte, from 0. */
  readonly start: number;
  /** The byte behind the last one; to the end unless given. */
  readonly end?: number | undefined;
}

/** A file as the daemon answers it: read it once, with {@link bytes}, {@link text}, {@link stream} or `for await`, or {@link discard} it. */
export class FileReply {
  /** Its revision: the id of its content as a Git blob. */
  readonly etag: string;
  /** Its Git mode: `100644`, `100755`, or `120000` for a link, whose content is its target. */
  readonly mode: string;
  /** Bytes of the answer, where the daemon knew them before. */
  readonly size: number | undefined;
  /** The answer's headers; those that begin with `Acetate-` say where the session stands. */
  readonly headers: Headers;
  readonly #reply: Reply;

  constructor(reply: Reply) {
    const length = reply.headers.get("content-length");
    this.#reply = reply;
    this.headers = reply.headers;
    this.etag = etagOf(reply.headers);
    this.mode = reply.headers.get("acetate-mode") ?? "100644";
    this.size = length === null ? undefined : Number(length);
  }

  /** The bytes as they come. Throws typed errors like every call; stopping early ends the transfer. */
  stream(): ReadableStream<Uint8Array> {
    return this.#reply.body;
  }

  /** The parts of {@link stream}, also where streams can't be iterated themselves. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    const reader = this.#reply.body.getReader();
    try {
      for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
    } finally {
      await reader.cancel().catch(() => undefined);
    }
  }

  /** All bytes, in memory. */
  async bytes(): Promise<Uint8Array> {
    return new Uint8Array(await new Response(this.#reply.body).arrayBuffer());
  }

  /** All of it as text. Throws a `TypeError` where it is not UTF-8; a byte order mark is kept. */
  async text(): Promise<string> {
    const text = utf8(await this.bytes());
    if (text === undefined) throw new TypeError("the file is not UTF-8: read its bytes");
    return text;
  }

  /** Gives the content up. */
  discard(): void {
    this.#reply.discard();
  }
}

/** The revision that an answer names, without its quotes. */
export function etagOf(headers: Headers): string {
  return (headers.get("etag") ?? "").replace(/^W\//, "").replace(/^"|"$/g, "");
}

/** What the headers of an answer say of the file; its body is given up. */
export function statOf(reply: Reply): FileStat {
  reply.discard();
  const file = new FileReply(reply);
  return { etag: file.etag, mode: file.mode, size: file.size };
}

/** The headers that ask for a range, or for nothing where the caller has this revision. */
export function readHeaders(options: { range?: Range | undefined; ifNoneMatch?: string | undefined }): Record<string, string> {
  const headers: Record<string, string> = {};
  if (options.range !== undefined) {
    const { start, end } = options.range;
    headers["range"] = `bytes=${start}-${end === undefined ? "" : end - 1}`;
  }
  if (options.ifNoneMatch !== undefined) headers["if-none-match"] = `"${options.ifNoneMatch}"`;
  return headers;
}
