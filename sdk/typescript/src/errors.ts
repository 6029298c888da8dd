/** What went wrong, as far as a caller has to tell cases apart. */
export type ErrorKind = "not_found" | "conflict" | "invalid" | "stale" | "limit" | "denied" | "unavailable" | "internal";

/** What an {@link AcetateError} is made of. */
export interface ErrorParts {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly message: string;
  /** The HTTP status; absent where no answer came. */
  readonly status?: number | undefined;
  readonly hint?: string | undefined;
  readonly details?: unknown;
  readonly requestId?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly attempts?: number | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/**
 * A call that came to nothing. `kind` says what a program can do about it and has a class of its own; `code` is stable and says exactly
 * what it was, for example `text_not_found`.
 */
export class AcetateError extends Error {
  override readonly name: string = "AcetateError";
  /** Stable and specific, such as `stale_revision`. */
  readonly code: string;
  /** The kind that the code belongs to. */
  readonly kind: ErrorKind;
  /** The HTTP status; `undefined` where no answer came. */
  readonly status: number | undefined;
  /** One sentence: what to do next. */
  readonly hint: string | undefined;
  /** Structured details, as the code documents them. */
  readonly details: unknown;
  /** The id of the request, from the answer's `X-Request-Id`, by which the daemon's log names it; `undefined` where no answer came. */
  readonly requestId: string | undefined;
  /** The key that the call carried: with it, the same call can be made again. `undefined` for calls that take none. */
  readonly idempotencyKey: string | undefined;
  /** How often the call was tried. Above 1, an earlier try may have taken effect. */
  readonly attempts: number;
  /** When the daemon asks to be called again, in milliseconds from the answer on. */
  readonly retryAfterMs: number | undefined;

  constructor(parts: ErrorParts) {
    super(parts.message, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.code = parts.code;
    this.kind = parts.kind;
    this.status = parts.status;
    this.hint = parts.hint;
    this.details = parts.details;
    this.requestId = parts.requestId;
    this.idempotencyKey = parts.idempotencyKey;
    this.attempts = parts.attempts ?? 1;
    this.retryAfterMs = parts.retryAfterMs;
  }
}

/** The named thing does not exist, or the caller may not know that it does. */
export class NotFoundError extends AcetateError {
  override readonly name = "NotFoundError";
}

/** Two changes, or a change and the state it meets, exclude each other. */
export class ConflictError extends AcetateError {
  override readonly name = "ConflictError";
}

/** The request itself is wrong; sending it again unchanged can't help. */
export class InvalidError extends AcetateError {
  override readonly name = "InvalidError";
}

/** The request was right for an earlier state; read again, then retry. */
export class StaleError extends AcetateError {
  override readonly name = "StaleError";
}

/** A size, a quota, a rate or a bound was exceeded. */
export class LimitError extends AcetateError {
  override readonly name = "LimitError";
}

/** The caller is known, and lacks a right to something it may see. */
export class DeniedError extends AcetateError {
  override readonly name = "DeniedError";
}

/** Can't be answered now; may work later. */
export class UnavailableError extends AcetateError {
  override readonly name: string = "UnavailableError";
}

/** No answer came, or it broke off: code `connection_failed`. */
export class ConnectionError extends UnavailableError {
  override readonly name = "ConnectionError";
}

/** The answer took longer than the call's time-out: code `timeout`. The call may still have taken effect. */
export class TimeoutError extends UnavailableError {
  override readonly name = "TimeoutError";
}

/** A fault of Acetate or of the store. */
export class InternalError extends AcetateError {
  override readonly name = "InternalError";
}

const CLASSES: Record<ErrorKind, new (parts: ErrorParts) => AcetateError> = {
  not_found: NotFoundError,
  conflict: ConflictError,
  invalid: InvalidError,
  stale: StaleError,
  limit: LimitError,
  denied: DeniedError,
  unavailable: UnavailableError,
  internal: InternalError,
};

/** An error of the class that its kind has. */
export function errorOf(parts: ErrorParts): AcetateError {
  return new CLASSES[parts.kind](parts);
}

/** The error that an answer with a status of 400 or above stands for. */
export function errorOfAnswer(
  status: number,
  headers: Headers,
  body: string,
  call: { idempotencyKey?: string | undefined; attempts: number },
): AcetateError {
  const found = problem(body);
  const kind = found["kind"];
  return errorOf({
    kind: typeof kind === "string" && Object.hasOwn(CLASSES, kind) ? (kind as ErrorKind) : kindOfStatus(status),
    code: text(found["code"]) ?? `http_${status}`,
    message: text(found["detail"]) ?? `the server answered ${status}`,
    status,
    hint: text(found["hint"]),
    details: found["details"] ?? undefined,
    requestId: headers.get("x-request-id") ?? undefined,
    retryAfterMs: seconds(headers.get("retry-after")),
    ...call,
  });
}

function problem(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // Not the daemon's words but those of something before it.
    return {};
  }
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** `Retry-After` in milliseconds; its other form, a date, is not what the daemon sends. */
function seconds(value: string | null): number | undefined {
  return value !== null && /^\d{1,6}$/.test(value) ? Number(value) * 1000 : undefined;
}

function kindOfStatus(status: number): ErrorKind {
  if (status === 404 || status === 410) return "not_found";
  if (status === 401 || status === 403) return "denied";
  if (status === 409) return "conflict";
  if (status === 412) return "stale";
  if (status === 413 || status === 429) return "limit";
  if (status === 502 || status === 503 || status === 504) return "unavailable";
  return status >= 500 ? "internal" : "invalid";
}
