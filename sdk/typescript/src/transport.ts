import { Deadline, sleep } from "./deadline.js";
import { AcetateError, ConnectionError, errorOfAnswer, InvalidError } from "./errors.js";
import type { KeyedCallOptions } from "./options.js";
import type { Content } from "./content.js";
import { queryString, type QueryValue } from "./target.js";

/**
 * Whether a call may be made again when its outcome is unknown: `read` changes nothing; `keyed` carries an idempotency key; `once` is
 * never repeated, for the daemon guards it otherwise (by a revision) or not at all. `keyed-once` carries a key, for callers who repeat
 * the call themselves, and is not repeated here.
 */
export type Repeat = "read" | "keyed" | "keyed-once" | "once";

/** A call to make. */
export interface Call extends KeyedCallOptions {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** The target below the daemon's address, its parts encoded. */
  readonly path: string;
  readonly query?: Record<string, QueryValue>;
  /** A body to send as JSON. */
  readonly json?: unknown;
  /** A body to send as it is. */
  readonly body?: Content;
  readonly headers?: Record<string, string>;
  readonly repeat: Repeat;
  /** Takes as long as a repository is large. */
  readonly long?: boolean;
  /** Statuses outside of 200 to 299 that are answers and not errors. */
  readonly also?: readonly number[];
}

/** An answer whose body is still to be read; reading it, or {@link Reply.discard}, is the caller's duty. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** The body; each part may take the call's time-out. */
  readonly body: ReadableStream<Uint8Array>;
  /** Gives the rest of the body up. */
  discard(): void;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
const LONG_FACTOR = 10;

/** Makes calls: time-outs, repeats, errors. Knows nothing of what they mean. */
export class Transport {
  readonly url: string;
  readonly token: string | undefined;
  readonly #fetch: typeof globalThis.fetch;
  readonly timeoutMs: number;
  readonly retries: number;

  constructor(parts: { url: string; token?: string | undefined; fetch: typeof globalThis.fetch; timeoutMs: number; retries: number }) {
    this.url = parts.url.replace(/\/+$/, "");
    this.token = parts.token;
    this.#fetch = parts.fetch;
    this.timeoutMs = parts.timeoutMs;
    this.retries = parts.retries;
  }

  /** The same with another token. */
  with(token: string): Transport {
    return new Transport({ url: this.url, token, fetch: this.#fetch, timeoutMs: this.timeoutMs, retries: this.retries });
  }

  /** A call whose answer is JSON, or nothing. */
  async json<T>(call: Call): Promise<T> {
    return this.#repeated(call, async (deadline, key, attempt) => {
      const response = await this.#sent(call, deadline, key, attempt);
      const text = await response.text();
      return (text === "" ? undefined : JSON.parse(text)) as T;
    });
  }

  /** A call whose answer is a body to stream. Only its beginning is repeated. */
  async open(call: Call): Promise<Reply> {
    return this.#repeated(call, async (deadline, key, attempt) => {
      const response = await this.#sent(call, deadline, key, attempt);
      return { status: response.status, headers: response.headers, ...streamed(response, deadline) };
    });
  }

  async #repeated<T>(call: Call, once: (deadline: Deadline, key: string | undefined, attempt: number) => Promise<T>): Promise<T> {
    const key = call.repeat.startsWith("keyed") ? (call.idempotencyKey ?? crypto.randomUUID()) : undefined;
    const tries = call.repeat === "read" || call.repeat === "keyed" ? this.retries + 1 : 1;
    const limit = call.timeoutMs ?? this.timeoutMs * (call.long ? LONG_FACTOR : 1);
    for (let attempt = 1; ; attempt += 1) {
      call.signal?.throwIfAborted();
      const deadline = new Deadline(call.signal, limit);
      try {
        const answer = await once(deadline, key, attempt);
        // A streamed body is still under way and ends its deadline itself.
        if (!isReply(answer)) deadline.end();
        return answer;
      } catch (cause) {
        deadline.end();
        if (call.signal?.aborted) throw call.signal.reason;
        const context = { idempotencyKey: key, attempts: attempt };
        if (deadline.expired) throw deadline.error(context);
        const error = cause instanceof AcetateError ? cause : connectionError(cause, context);
        if (error.kind !== "unavailable" || attempt >= tries) throw error;
        await sleep(pause(attempt, error), call.signal);
      }
    }
  }

  async #sent(call: Call, deadline: Deadline, key: string | undefined, attempt: number): Promise<Response> {
    const headers: Record<string, string> = { ...call.headers };
    if (this.token !== undefined) headers["authorization"] = `Bearer ${this.token}`;
    if (key !== undefined) headers["idempotency-key"] = key;
    let body = call.body;
    if (call.json !== undefined) {
      headers["content-type"] = "application/json";
      body = JSON.stringify(call.json);
    }
    // A redirect is no answer of the daemon, and the token is not for others. (Workers know no `redirect: "error"`.)
    const request: RequestInit & { duplex?: "half" } = { method: call.method, headers, signal: deadline.signal, redirect: "manual" };
    // The types want an ArrayBuffer behind the bytes; any will do.
    if (body !== undefined) request.body = body as BodyInit;
    // Every platform that sends a stream insists on this word.
    if (body instanceof ReadableStream) request.duplex = "half";
    const response = await this.#fetch(`${this.url}${call.path}${queryString(call.query ?? {})}`, request);
    if (response.ok || call.also?.includes(response.status)) return response;
    throw errorOfAnswer(response.status, response.headers, await response.text(), { idempotencyKey: key, attempts: attempt });
  }
}

function isReply(answer: unknown): answer is Reply {
  return typeof answer === "object" && answer !== null && "discard" in answer;
}

/** The body of an answer with the clock set anew for each part, and its failures as typed errors. */
function streamed(response: Response, deadline: Deadline): Pick<Reply, "body" | "discard"> {
  const reader = response.body?.getReader();
  const failed = (cause: unknown): unknown => {
    deadline.end();
    if (deadline.expired) return deadline.error();
    return deadline.signal.aborted ? deadline.signal.reason : connectionError(cause, { attempts: 1 });
  };
  const discard = (): void => {
    deadline.cancel();
    reader?.cancel().catch(() => undefined);
  };
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          // Only waiting for the daemon counts, not the time that the caller takes for a part.
          deadline.restart();
          const part = await reader?.read();
          if (part === undefined || part.done) {
            deadline.end();
            controller.close();
          } else {
            deadline.pause();
            controller.enqueue(part.value);
          }
        } catch (cause) {
          controller.error(failed(cause));
        }
      },
      cancel: discard,
    },
    { highWaterMark: 0 },
  );
  deadline.pause();
  return { body, discard };
}

function connectionError(cause: unknown, context: { idempotencyKey?: string | undefined; attempts: number }): AcetateError {
  if (cause instanceof SyntaxError) {
    return new InvalidError({
      code: "answer_invalid",
      kind: "invalid",
      message: "the answer is not JSON: is this an Acetate daemon?",
      cause,
      ...context,
    });
  }
  const reason =
    cause instanceof Error ? (cause.cause instanceof Error ? cause.cause.message || cause.message : cause.message) : String(cause);
  return new ConnectionError({
    code: "connection_failed",
    kind: "unavailable",
    message: `the daemon can't be reached, or broke off: ${reason}`,
    hint: "see that the daemon runs (`acetate serve`) and that the address is right",
    cause,
    ...context,
  });
}

/** Twice as long each time, spread so that many clients do not come back at once; not before the daemon asks to be called again. */
function pause(attempt: number, error: AcetateError): number {
  const backoff = FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random());
  return Math.min(Math.max(backoff, error.retryAfterMs ?? 0), LONGEST_PAUSE_MS);
}
