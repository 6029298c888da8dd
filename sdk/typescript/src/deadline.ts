import { TimeoutError } from "./errors.js";

/** The longest that timers can wait: beyond it they ring at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * The signal of one try: aborted by the caller's signal, or by the clock. The clock can be set anew while a body streams, and stopped;
 * `AbortSignal.timeout` can do neither.
 */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal | undefined;
  readonly #milliseconds: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #expired = false;

  /** `milliseconds` of 0 or infinity mean no limit. */
  constructor(caller: AbortSignal | undefined, milliseconds: number) {
    this.#caller = caller;
    this.#milliseconds = milliseconds;
    if (caller?.aborted) this.#abort();
    else caller?.addEventListener("abort", this.#abort, { once: true });
    this.restart();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether the clock ran out. */
  get expired(): boolean {
    return this.#expired;
  }

  /** Sets the clock to its full time. */
  restart(): void {
    clearTimeout(this.#timer);
    if (!(this.#milliseconds > 0) || !Number.isFinite(this.#milliseconds) || this.signal.aborted) return;
    this.#timer = setTimeout(
      () => {
        this.#expired = true;
        this.#controller.abort(this.error());
      },
      Math.min(this.#milliseconds, LONGEST_TIMER_MS),
    );
  }

  /** Stops the clock until it is set anew. */
  pause(): void {
    clearTimeout(this.#timer);
  }

  /** Stops the clock and leaves the caller's signal. */
  end(): void {
    clearTimeout(this.#timer);
    this.#caller?.removeEventListener("abort", this.#abort);
  }

  /** Gives the try up. */
  cancel(reason?: unknown): void {
    this.end();
    this.#controller.abort(reason);
  }

  /** What to throw when the clock ran out. */
  error(call: { idempotencyKey?: string | undefined; attempts?: number } = {}): TimeoutError {
    return new TimeoutError({
      code: "timeout",
      kind: "unavailable",
      message: `no answer within ${this.#milliseconds} ms`,
      hint: "the call may still take effect: look at the state, or make it again with the same idempotency key",
      ...call,
    });
  }

  readonly #abort = (): void => this.#controller.abort(this.#caller?.reason);
}

/** Waits, or throws the signal's reason as soon as it is aborted. */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
