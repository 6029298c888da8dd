import type { Range } from "./file-reply.js";
import type { CallOptions, KeyedCallOptions } from "./options.js";
import type { TextInput } from "./text.js";

/** Which files to list. */
export interface ListOptions extends CallOptions {
  /** Only below this directory. */
  prefix?: TextInput | undefined;
  /** Only paths that match, such as `src/**\/*.ts`. */
  glob?: string | undefined;
  /** Only direct entries, directories included. */
  shallow?: boolean | undefined;
  /** Also the sizes, in bytes. */
  sizes?: boolean | undefined;
  /** At most so many; all of them unless given. */
  limit?: number | undefined;
}

/** What to read of a file. */
export interface ReadOptions extends CallOptions {
  range?: Range | undefined;
}

/** How to write a file. */
export interface WriteOptions extends KeyedCallOptions {
  /** Only if this is the file's revision, or `*` if it exists; else `stale_revision`. Such a write is not repeated. */
  ifMatch?: string | undefined;
  /** Only if there is no such file. Such a write is not repeated. */
  ifAbsent?: boolean | undefined;
  /** `100644`, `100755`, or `120000` for a link; as it is unless given. */
  mode?: string | undefined;
}

/** How to show a difference. */
export interface DiffOptions extends CallOptions {
  /** Also the hunks; yes unless said otherwise. */
  hunks?: boolean | undefined;
  /** Also what became of each file's symbols. */
  symbols?: boolean | undefined;
  /** Lines of context; 3 unless given. */
  context?: number | undefined;
  /** Only these paths or what is below them. */
  paths?: readonly TextInput[] | undefined;
}

/** What a file is and at which revision, without its content. */
export interface FileStat {
  etag: string;
  mode: string;
  /** In bytes, where the daemon knows it without reading the file. */
  size: number | undefined;
}
