import type { Text } from "./generated/types.js";

/**
 * A path or a text as callers may give it: a string, bytes, or what an answer showed.
 *
 * In a string, the lone surrogates U+DC80 to U+DCFF stand for the bytes 0x80 to 0xFF that are no UTF-8, as in Python's `surrogateescape`:
 * {@link textToString} makes such strings, and every call takes them back unchanged.
 */
export type TextInput = Text | Uint8Array;

const encoder = new TextEncoder();
const SURROGATE = /\p{Surrogate}/u;
const BASE64_CHUNK = 0x8000;

/** The bytes of a text. Throws a `TypeError` for a string with lone surrogates that stand for no byte. */
export function textToBytes(text: TextInput): Uint8Array {
  if (text instanceof Uint8Array) return text;
  if (typeof text !== "string") return fromBase64(text.base64);
  if (!SURROGATE.test(text)) return encoder.encode(text);
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0xdc80 && code <= 0xdcff) bytes.push(code - 0xdc00);
    else if (code >= 0xd800 && code <= 0xdfff) throw new TypeError("the text has a lone surrogate that stands for no byte");
    else bytes.push(...encoder.encode(character));
  }
  return Uint8Array.from(bytes);
}

/** A text as the API takes it: a string where it is UTF-8, else `{base64}`. */
export function toText(text: TextInput): Text {
  if (typeof text === "string" && !SURROGATE.test(text)) return text;
  const bytes = textToBytes(text);
  const string = utf8(bytes);
  return string === undefined ? { base64: toBase64(bytes) } : string;
}

/** A text as a string, without loss: bytes that are no UTF-8 become lone surrogates (see {@link TextInput}). */
export function textToString(text: TextInput): string {
  if (typeof text === "string") return text;
  const bytes = textToBytes(text);
  const whole = utf8(bytes);
  if (whole !== undefined) return whole;
  let string = "";
  for (let at = 0; at < bytes.length;) {
    const length = sequence(bytes, at);
    const part = length > 0 ? utf8(bytes.subarray(at, at + length)) : undefined;
    if (part === undefined) {
      string += String.fromCharCode(0xdc00 + (bytes[at] ?? 0));
      at += 1;
    } else {
      string += part;
      at += length;
    }
  }
  return string;
}

/** The string that these bytes are in UTF-8, a byte order mark included; `undefined` where they are none. */
export function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Bytes in base64, without what only some platforms have. */
export function toBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += BASE64_CHUNK) parts.push(String.fromCharCode(...bytes.subarray(at, at + BASE64_CHUNK)));
  return btoa(parts.join(""));
}

/** The bytes of base64. Throws a `TypeError` where it is none. */
export function fromBase64(base64: string): Uint8Array {
  let binary: string;
  try {
    binary = atob(base64);
  } catch {
    throw new TypeError("the text is not base64");
  }
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

/** How long the UTF-8 sequence that begins here says it is; 0 where none can begin. */
function sequence(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  if (first >= 0xf0 && first < 0xf5) return 4;
  return 0;
}
