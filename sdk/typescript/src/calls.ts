import type { ReadFile } from "./generated/types.js";
import { jsonLines } from "./lines.js";
import type { CallOptions, KeyedCallOptions } from "./options.js";
import type { Reply } from "./transport.js";

/** What a call takes of its options. */
export function call({ signal, timeoutMs }: CallOptions): CallOptions {
  return { signal, timeoutMs };
}

/** The same for a call with a key. */
export function keyed({ signal, timeoutMs, idempotencyKey }: KeyedCallOptions): KeyedCallOptions & { repeat: "keyed" } {
  return { signal, timeoutMs, idempotencyKey, repeat: "keyed" };
}

/** The files of a streamed answer. */
export async function* readLines(opened: Promise<Reply>): AsyncGenerator<ReadFile, void, undefined> {
  yield* jsonLines<ReadFile>((await opened).body);
}
