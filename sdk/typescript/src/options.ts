/** Where the daemon is, and how to call it. */
export interface AcetateOptions {
  /** The daemon's address, such as `http://127.0.0.1:7070`; `ACETATE_URL` unless given. */
  url?: string | undefined;
  /** A token (`acetate token create`); `ACETATE_TOKEN` unless given. */
  token?: string | undefined;
  /** Another `fetch`, for proxies, Unix sockets or tests. */
  fetch?: typeof globalThis.fetch | undefined;
  /**
   * How long a try of a call may take, in milliseconds; 60,000 unless given, 0 for no limit. Of a streamed body, each part may take so
   * long. Calls that work through a whole repository (imports, bundles, backups) may take ten times as long.
   */
  timeoutMs?: number | undefined;
  /** How often a call that may be repeated is tried again; 2 unless given. */
  retries?: number | undefined;
}

/** What every call takes. */
export interface CallOptions {
  /** Gives the call up; it then throws the signal's reason. What has reached the daemon may still take effect. */
  signal?: AbortSignal | undefined;
  /** In place of the client's time-out, in milliseconds. */
  timeoutMs?: number | undefined;
}

/** What every call takes that changes something and can carry a key. */
export interface KeyedCallOptions extends CallOptions {
  /**
   * The key that makes the call safe to repeat: the same key with the same arguments answers as it did the first time, for 24 hours.
   * A random one unless given.
   */
  idempotencyKey?: string | undefined;
}

/** Reads an environment variable where there is an environment. */
export function environment(name: string): string | undefined {
  const scope = globalThis as { process?: { env?: Record<string, string | undefined> } };
  try {
    return scope.process?.env?.[name] || undefined;
  } catch {
    // Deno asks for a permission, which the caller need not give.
    return undefined;
  }
}
