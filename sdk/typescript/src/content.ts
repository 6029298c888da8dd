import { textToBytes } from "./text.js";

/** What a file can be written from. A stream is sent as it comes and can't be sent again, so such a write is never repeated. */
export type Content = string | Uint8Array | ArrayBuffer | Blob | ReadableStream<Uint8Array>;

/** A file's content as the body of a request: bytes, so that no platform adds a character set to the content type. */
export function contentBody(content: Content): Exclude<Content, string> {
  return typeof content === "string" ? textToBytes(content) : content;
}
