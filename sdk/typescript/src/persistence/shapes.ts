import type { Buffer } from "node:buffer";
import { InvalidError } from "../errors.js";
import type * as api from "../generated/types.js";
import { fromBase64, textToBytes, textToString, utf8 } from "../text.js";
import type { Checkpoint, Commit, FileDiff, Workspace, WorkspaceFile } from "./types.js";

/** A workspace as the interface has it. */
export function workspaceOf(info: api.WorkspaceInfo): Workspace {
  return { id: info.id, name: info.name, createdAt: new Date(info.created) };
}

/** A file as the interface has it: a string where it is UTF-8, else its bytes. */
export function fileOf(path: string, mode: string, content: api.Text | Uint8Array): WorkspaceFile {
  if (typeof content === "string") return { path, content, encoding: "utf-8", mode };
  const bytes = textToBytes(content);
  const text = utf8(bytes);
  return text === undefined ? { path, content: bytes, encoding: "binary", mode } : { path, content: text, encoding: "utf-8", mode };
}

/** The bytes to save of a file. */
export function bytesOf(file: WorkspaceFile): Uint8Array {
  const { content, encoding } = file;
  // Callers without types, such as tool calls of models, leave things out: nothing is emptied by that.
  if (typeof content !== "string" && !(content instanceof Uint8Array)) {
    throw invalid("content_invalid", `the content of ${file.path} is neither a string nor a Uint8Array`);
  }
  if (encoding !== undefined && !["utf-8", "binary", "base64"].includes(encoding)) {
    throw invalid("encoding_invalid", `there is no encoding ${encoding}: it is utf-8, binary or base64`);
  }
  if (typeof content !== "string") return content;
  try {
    if (encoding === "base64") return fromBase64(content);
    if (encoding !== "binary") return textToBytes(content);
  } catch (error) {
    throw invalid("content_invalid", `the content of ${file.path}: ${error instanceof Error ? error.message : error}`);
  }
  if (file.encoding === "binary") {
    throw new InvalidError({
      code: "encoding_invalid",
      kind: "invalid",
      message: "a string is not binary content",
      hint: "give the bytes as a Uint8Array, or as a string with encoding `base64`",
    });
  }
  return textToBytes(content);
}

function invalid(code: string, message: string): InvalidError {
  return new InvalidError({ code, kind: "invalid", message, hint: "give text as a string, bytes as a Uint8Array or in base64" });
}

/** A checkpoint as the interface has it. */
export function checkpointOf(info: api.CheckpointInfo): Checkpoint {
  const checkpoint: Checkpoint = { name: info.name, commit: info.commit };
  if (typeof info.version === "number") checkpoint.version = info.version;
  if (info.message) checkpoint.message = textToString(info.message);
  return checkpoint;
}

/** A version as the interface has it. */
export function commitOf(info: api.VersionInfo): Commit {
  const commit: Commit = { id: info.commit, version: info.version, message: info.message, createdAt: new Date(info.at) };
  if (info.agent) commit.author = info.agent;
  return commit;
}

/** A difference as the interface has it. */
export function diffOf(diff: api.FileDiff): FileDiff {
  const found: FileDiff = {
    path: textToString(diff.path),
    change: diff.change,
    binary: diff.binary,
    added: diff.added,
    removed: diff.removed,
    hunks: (diff.hunks ?? []).map((hunk) => ({
      oldStart: hunk.before_start,
      oldLines: hunk.before_lines,
      newStart: hunk.after_start,
      newLines: hunk.after_lines,
      lines: hunk.lines.map((line) => ({ kind: line.kind, text: textToString(line.text) })),
    })),
  };
  if (diff.from) found.from = textToString(diff.from);
  return found;
}

/** Bytes as a `Buffer`; where the platform has none (some workers), as the `Uint8Array` that a `Buffer` also is. */
export function bufferOf(bytes: Uint8Array): Buffer {
  const found = (globalThis as { Buffer?: typeof Buffer }).Buffer;
  return found === undefined ? (bytes as Buffer) : found.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const POINT = /^(v\d+|refs\/.+|[0-9a-f]{40}|[0-9a-f]{64})$/;

/** A point as the API names it: versions, full refs and commits as they are, anything else as the name of a checkpoint. */
export function pointOf(ref: string): string {
  return POINT.test(ref) ? ref : `refs/tags/${ref}`;
}
