import { InvalidError } from "./errors.js";
import { textToBytes, type TextInput } from "./text.js";

/** What a query may hold. `undefined` and `null` leave the parameter out; a list repeats it. */
export type QueryValue = TextInput | number | boolean | null | undefined | readonly TextInput[];

const PLAIN = /[A-Za-z0-9\-_.~]/;

/** One part of a target: the name of a workspace, an id. */
export function part(name: string): string {
  // A URL parser would take these for steps between folders, and call another route.
  if (name === "" || name === "." || name === "..") {
    throw new InvalidError({ code: "name_invalid", kind: "invalid", message: `${JSON.stringify(name)} names nothing` });
  }
  return percent(textToBytes(name), false);
}

/** A file's path as percent-encoded bytes; slashes stay. */
export function filePath(path: TextInput): string {
  const encoded = percent(textToBytes(path), true);
  // As above: the daemon would never see the path as it was written.
  if (encoded.split("/").some((name) => name === "." || name === "..")) {
    throw new InvalidError({
      code: "path_relative",
      kind: "invalid",
      message: "the path has a `.` or `..` component",
      hint: "name files from the workspace's root",
    });
  }
  if (encoded === "") throw new InvalidError({ code: "path_empty", kind: "invalid", message: "the path is empty" });
  return encoded;
}

/** A query with its question mark, or nothing. */
export function queryString(query: Record<string, QueryValue>): string {
  const pairs: string[] = [];
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined || value === null) continue;
    for (const one of isList(value) ? value : [value]) {
      const bytes = typeof one === "number" || typeof one === "boolean" ? textToBytes(String(one)) : textToBytes(one);
      pairs.push(`${key}=${percent(bytes, false)}`);
    }
  }
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}

function isList(value: QueryValue): value is readonly TextInput[] {
  return Array.isArray(value);
}

function percent(bytes: Uint8Array, slashes: boolean): string {
  let text = "";
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    if (PLAIN.test(character) || (slashes && character === "/")) text += character;
    else text += `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return text;
}
