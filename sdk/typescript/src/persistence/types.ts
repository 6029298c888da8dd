/** A workspace. */
export interface Workspace {
  /** Its id; names change, ids do not. */
  id: string;
  name?: string;
  createdAt: Date;
}

/** A file with its content. */
export interface WorkspaceFile {
  /**
   * Its path from the root, without a leading slash. Bytes that are no UTF-8 appear as lone surrogates, as in Python's
   * `surrogateescape`, and are taken back so.
   */
  path: string;
  /** A string where the file is UTF-8, else its bytes. Of a link, its target. */
  content: string | Uint8Array;
  /**
   * Reading: `utf-8` with a string, `binary` with bytes. Saving: `base64` says that the string is base64; else a string is saved as
   * UTF-8 and bytes as they are.
   */
  encoding?: "utf-8" | "binary" | "base64";
  /** The Git mode: `100644`, `100755`, or `120000` for a link; saving without one leaves it as it is. */
  mode?: string;
}

/** A file whose content is fetched when asked for. */
export interface LazyWorkspaceFile {
  readonly path: string;
  readonly mode: string;
  /** The id of its content as a Git blob; `undefined` for edits that are not committed. */
  readonly id: string | undefined;
  /** The file as it is when this is called: of a working session, perhaps newer than the listing. Throws `path_not_found` once it is gone. */
  load(): Promise<WorkspaceFile>;
  /** Its content alone. */
  content(): Promise<string | Uint8Array>;
  /** Its bytes as they come, for large files. */
  stream(): Promise<ReadableStream<Uint8Array>>;
}

/** A named point of the history. */
export interface Checkpoint {
  name: string;
  commit: string;
  /** The version, if the commit is one. */
  version?: number;
  message?: string;
}

/** The difference of one path. */
export interface FileDiff {
  path: string;
  change: "added" | "modified" | "deleted" | "renamed" | "mode";
  /** Where it was before, if it was renamed. */
  from?: string;
  /** Whether it is binary; then there are no hunks. */
  binary: boolean;
  /** Lines added. */
  added: number;
  /** Lines removed. */
  removed: number;
  hunks: DiffHunk[];
}

/** A run of changed lines with context. Line numbers count from 1. */
export interface DiffHunk {
  oldStart: number;
  oldLines: number;
  newStart: number;
  newLines: number;
  lines: { kind: "context" | "removed" | "added"; text: string }[];
}

/** A landed commit. */
export interface Commit {
  /** The commit's id. */
  id: string;
  /** Its version: the 12 of `v12`. */
  version: number;
  message: string;
  /** Who made it, where a session did. */
  author?: string;
  createdAt: Date;
}

/** A file that came, changed or went. */
export interface WorkspaceFileEvent {
  type: "created" | "modified" | "deleted";
  /** The file as it is now; of a deleted one the path and an empty content. */
  file: WorkspaceFile;
}
