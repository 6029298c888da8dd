import { sleep } from "./deadline.js";
import { UnavailableError } from "./errors.js";
import type { Event } from "./generated/types.js";
import type { CallOptions } from "./options.js";
import { serverSentEvents } from "./sse.js";
import type { TextInput } from "./text.js";
import type { Transport } from "./transport.js";

/** Which events to follow, and from where. */
export interface EventsOptions extends CallOptions {
  /** Only events after this number; all of them unless given. */
  after?: number | undefined;
  /** Only events that name this path, or one below it. */
  path?: TextInput | undefined;
  /** Only landings that changed this symbol or one in it; with `path`, in a file there. */
  symbol?: string | undefined;
  /** For how long the daemon may be away before following gives up and throws, in milliseconds; 60,000 unless given. */
  patienceMs?: number | undefined;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
const PATIENCE_MS = 60_000;
/** The daemon shows every 15 seconds that it is there: a stream without a word for so long is dead. */
const SILENCE_MS = 45_000;

/**
 * Follows the events behind a target, gap-free and in order: when the stream breaks off it is taken up after the last number. Ends when
 * the caller stops, or throws what can't pass by waiting.
 */
export async function* followed(transport: Transport, path: string, options: EventsOptions): AsyncGenerator<Event, void, undefined> {
  const patience = options.patienceMs ?? PATIENCE_MS;
  let last = options.after;
  let awaySince: number | undefined;
  let pauses = 0;
  for (;;) {
    try {
      const reply = await transport.open({
        method: "GET",
        path,
        query: { path: options.path, symbol: options.symbol, after: last },
        headers: { accept: "text/event-stream" },
        repeat: "read",
        signal: options.signal,
        timeoutMs: idle(options.timeoutMs ?? transport.timeoutMs),
      });
      awaySince = undefined;
      try {
        for await (const message of serverSentEvents(reply.body)) {
          const event = JSON.parse(message.data) as Event;
          // What comes twice after a break is known already.
          if (last !== undefined && event.number <= last) continue;
          last = event.number;
          pauses = 0;
          yield event;
        }
      } finally {
        reply.discard();
      }
      // Ended in order: the daemon stops, or the token ended, which the next call says.
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      awaySince ??= Date.now();
      if (Date.now() - awaySince >= patience) throw error;
    }
    await sleep(Math.min(FIRST_PAUSE_MS * 2 ** pauses, LONGEST_PAUSE_MS), options.signal);
    pauses = Math.min(pauses + 1, 10);
  }
}

/** How long a stream may be silent; 0 for ever. */
function idle(timeoutMs: number): number {
  return timeoutMs === 0 ? 0 : Math.max(timeoutMs, SILENCE_MS);
}
