/** The lines of a body as they come, without their ends; CR, LF and both together end one. Ends the body when the caller stops. */
export async function* lines(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder("utf-8");
  // Pieces of a line that is not over, joined once: a line may be as long as a file.
  let pieces: string[] = [];
  let afterReturn = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      let text = done ? decoder.decode() : decoder.decode(value, { stream: true });
      if (afterReturn && text.startsWith("\n")) {
        text = text.slice(1);
        afterReturn = false;
      }
      if (text !== "") afterReturn = text.endsWith("\r");
      const found = text.split(/\r\n|\n|\r/);
      const rest = found.pop() ?? "";
      for (const end of found) {
        pieces.push(end);
        yield pieces.join("");
        pieces = [];
      }
      if (rest !== "") pieces.push(rest);
      if (done) break;
    }
    if (pieces.length > 0) yield pieces.join("");
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** The values of a body of JSON lines. */
export async function* jsonLines<T>(body: ReadableStream<Uint8Array>): AsyncGenerator<T, void, undefined> {
  for await (const line of lines(body)) {
    if (line !== "") yield JSON.parse(line) as T;
  }
}
