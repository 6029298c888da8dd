/**
 * The client of Acetate: many agents edit one codebase at the same time, each in a session of its own.
 *
 * @packageDocumentation
 */
export { Acetate } from "./acetate.js";
export type { Content } from "./content.js";
export {
  AcetateError,
  ConflictError,
  ConnectionError,
  DeniedError,
  type ErrorKind,
  type ErrorParts,
  InternalError,
  InvalidError,
  LimitError,
  NotFoundError,
  StaleError,
  TimeoutError,
  UnavailableError,
} from "./errors.js";
export type { EventsOptions } from "./events.js";
export type { DiffOptions, FileStat, ListOptions, ReadOptions, WriteOptions } from "./file-options.js";
export { FileReply, type Range } from "./file-reply.js";
export type * from "./generated/types.js";
export type { AcetateOptions, CallOptions, KeyedCallOptions } from "./options.js";
export { collect } from "./pages.js";
export { type Replacement, Session } from "./session.js";
export { fromBase64, type TextInput, textToBytes, textToString, toBase64, toText } from "./text.js";
export type { Tokens } from "./tokens.js";
export { type HistoryOptions, Workspace } from "./workspace.js";
export type { Workspaces } from "./workspaces.js";
