import { lines } from "./lines.js";

/** One server-sent event. */
export interface ServerSentEvent {
  /** The last id that the stream named, empty before the first. */
  readonly id: string;
  /** `message` unless the stream said otherwise. */
  readonly event: string;
  readonly data: string;
}

/** The events of a `text/event-stream`. Comments (by which a server shows that it is there) and incomplete events are passed over. */
export async function* serverSentEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerSentEvent, void, undefined> {
  let id = "";
  let event = "";
  let data: string[] = [];
  for await (const line of lines(body)) {
    if (line === "") {
      if (data.length > 0) yield { id, event: event || "message", data: data.join("\n") };
      event = "";
      data = [];
      continue;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") data.push(value);
    else if (field === "event") event = value;
    else if (field === "id" && !value.includes("\0")) id = value;
  }
}
