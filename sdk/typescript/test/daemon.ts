import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Acetate, type AcetateOptions } from "@acetate/client";

const RIGHTS = "read,write,land,admin";

/** A real daemon over a fresh repository. */
export class Daemon {
  readonly folder: string;
  readonly repository: string;
  url = "";
  token = "";
  #process: ChildProcess | undefined;

  private constructor() {
    this.folder = mkdtempSync(join(tmpdir(), "acetate-ts-"));
    this.repository = join(this.folder, "project");
  }

  /** Starts it over a repository with one commit that holds `README.md`. */
  static async start(): Promise<Daemon> {
    const daemon = new Daemon();
    execFileSync("git", ["init", "-q", "-b", "main", daemon.repository]);
    execFileSync(
      "sh",
      ["-c", "printf 'hello\\n' > README.md && git add . && git -c user.name=T -c user.email=t@example.org commit -qm Begin"],
      {
        cwd: daemon.repository,
      },
    );
    await daemon.run();
    const made = execFileSync(binary(), ["token", "create", "--rights", RIGHTS, "--json"], { cwd: daemon.repository, encoding: "utf8" });
    daemon.token = (JSON.parse(made) as { token: string }).token;
    return daemon;
  }

  /** Starts the process, at the same port as before where there was one. */
  async run(): Promise<void> {
    const listen = this.url === "" ? [] : ["--listen", new URL(this.url).host];
    const child = spawn(binary(), ["serve", this.repository, "--json", ...listen], { stdio: ["ignore", "pipe", "inherit"] });
    this.#process = child;
    const line = await new Promise<string>((resolve, reject) => {
      let text = "";
      child.stdout.on("data", (part: Buffer) => {
        text += part.toString();
        if (text.includes("\n")) resolve(text.slice(0, text.indexOf("\n")));
      });
      child.once("exit", (code) => reject(new Error(`the daemon ended with ${code}`)));
      child.once("error", reject);
    });
    this.url = (JSON.parse(line) as { http: string }).http;
  }

  /** Ends the process; what it stored stays. */
  async halt(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null) return;
    const over = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await over;
  }

  async stop(): Promise<void> {
    await this.halt();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  client(options: AcetateOptions = {}): Acetate {
    return new Acetate({ url: this.url, token: this.token, ...options });
  }
}

function binary(): string {
  const found = process.env["ACETATE_BIN"];
  if (!found) throw new Error("ACETATE_BIN has to name the acetate program");
  return found;
}

let last = 0;

/** A name that no other test has. */
export function unique(base = "w"): string {
  last += 1;
  return `${base}-${process.pid}-${last}`;
}
