import { errorOf, type ErrorKind } from "../errors.js";
import type { ReadFile } from "../generated/types.js";
import { textToString } from "../text.js";
import { fileOf } from "./shapes.js";
import type { WorkspaceFile } from "./types.js";

/** Paths in one call: enough that the way there costs nothing, few enough for the daemon's bound. */
const PATHS = 1000;

/**
 * The files at these paths with their contents, in few calls. What is gone meanwhile is left out; what no longer fits into an answer is
 * asked for again.
 */
export async function* readFiles(
  paths: readonly string[],
  readMany: (paths: string[]) => AsyncIterable<ReadFile>,
): AsyncGenerator<WorkspaceFile, void, undefined> {
  let left = [...paths];
  while (left.length > 0) {
    const again: string[] = [];
    for await (const read of readMany(left.slice(0, PATHS))) {
      const path = textToString(read.path);
      if ("content" in read) yield fileOf(path, read.mode, read.content);
      else if (read.code === "answer_too_large") again.push(path);
      else if (read.kind !== "not_found") throw errorOf({ code: read.code, kind: read.kind as ErrorKind, message: read.message });
    }
    left = [...again, ...left.slice(PATHS)];
  }
}
