import { createServer, request, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What becomes of one request on its way. */
export type Fate =
  /** Passed on, and its answer back. */
  | "pass"
  /** The connection breaks before the daemon hears of it. */
  | "drop"
  /** The daemon answers, and the connection breaks before the client hears of it. */
  | "lose"
  /** Half of the answer comes through. */
  | "cut"
  /** Answered with 503 by the proxy itself, without words of the daemon. */
  | "busy"
  /** Never answered. */
  | "hang";

/** A proxy before a daemon that breaks what it is told to break, and remembers what came by. */
export class Proxy {
  readonly #server: Server;
  readonly seen: { method: string; url: string; key: string | undefined; lastEventId: string | undefined }[] = [];
  /** Fates of the requests to come, in their order; then all pass. */
  fates: Fate[] = [];

  private constructor(target: string) {
    this.#server = createServer((incoming, outgoing) => {
      const fate = this.fates.shift() ?? "pass";
      this.seen.push({
        method: incoming.method ?? "",
        url: incoming.url ?? "",
        key: incoming.headers["idempotency-key"] as string | undefined,
        lastEventId: incoming.headers["last-event-id"] as string | undefined,
      });
      if (fate === "hang") return void incoming.resume();
      if (fate === "drop") return void incoming.socket.destroy();
      if (fate === "busy") {
        incoming.resume();
        return void outgoing.writeHead(503).end("busy");
      }
      const onward = request(
        new URL(incoming.url ?? "/", target),
        { method: incoming.method, headers: { ...incoming.headers, host: new URL(target).host } },
        (answer) => this.#back(fate, answer, incoming, outgoing),
      );
      onward.on("error", () => incoming.socket.destroy());
      incoming.pipe(onward);
      outgoing.on("close", () => onward.destroy());
    });
  }

  #back(fate: Fate, answer: IncomingMessage, incoming: IncomingMessage, outgoing: import("node:http").ServerResponse): void {
    if (fate === "lose") {
      answer.resume();
      answer.on("end", () => incoming.socket.destroy());
      return;
    }
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
    if (fate === "cut") {
      answer.once("data", (part: Buffer) => {
        outgoing.write(part.subarray(0, Math.ceil(part.length / 2)), () => incoming.socket.destroy());
        answer.destroy();
      });
      return;
    }
    answer.on("error", () => outgoing.destroy());
    answer.pipe(outgoing);
  }

  static async start(target: string): Promise<Proxy> {
    const proxy = new Proxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Breaks every connection there is. */
  breakAll(): void {
    this.#server.closeAllConnections();
  }

  async stop(): Promise<void> {
    this.breakAll();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
