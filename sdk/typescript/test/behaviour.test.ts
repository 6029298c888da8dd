import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";
import { AcetateError } from "@acetate/client";
import { Daemon, unique } from "./daemon.js";
import { type Arguments, operations } from "./operations.js";

interface Step {
  do: string;
  with?: Record<string, unknown>;
  keep?: Record<string, string>;
  expect?: unknown;
  error?: string;
}

const file = fileURLToPath(new URL("../../behaviour/cases.json", import.meta.url));
const cases = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as { name: string; steps: Step[] }[]) : [];

let daemon: Daemon;
before(async () => {
  if (cases.length > 0) daemon = await Daemon.start();
});
after(() => daemon?.stop());

if (cases.length === 0) test("the behaviour specification", { skip: "sdk/behaviour/cases.json is not there" }, () => undefined);

for (const { name, steps } of cases) {
  test(name, async () => {
    const known = operations(daemon.client());
    const kept = new Map<string, unknown>();
    for (const [at, step] of steps.entries()) {
      const where = `step ${at + 1}, ${step.do}`;
      const operation = known[step.do];
      assert.ok(operation, `${where}: there is no such operation`);
      const args = filled(step.with ?? {}, kept) as unknown as Arguments;
      if (step.error !== undefined) {
        await assert.rejects(operation(args), (error) => {
          assert.ok(error instanceof AcetateError, `${where}: ${String(error)}`);
          assert.equal(error.code, step.error, `${where}: ${error.message}`);
          return true;
        });
        continue;
      }
      const answer = await operation(args).catch((error: unknown) => {
        throw new Error(`${where}: ${String(error)}`, { cause: error });
      });
      for (const [key, path] of Object.entries(step.keep ?? {})) kept.set(key, reached(answer, path));
      if (step.expect !== undefined) compare(answer, filled(step.expect, kept), where);
    }
  });
}

/** The value with every `$name` in its place. */
function filled(value: unknown, kept: Map<string, unknown>): unknown {
  if (typeof value === "string" && value.startsWith("$")) {
    const name = value.slice(1);
    if (!kept.has(name)) {
      assert.match(name, /^unique(-\d+)?$/, `nothing was kept under ${value}`);
      kept.set(name, unique());
    }
    return kept.get(name);
  }
  if (Array.isArray(value)) return value.map((one) => filled(one, kept));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filled(one, kept)]));
}

function reached(answer: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], answer);
}

/** Objects may have more keys than expected, lists not; `*` takes anything that is there. */
function compare(answer: unknown, expect: unknown, where: string): void {
  if (expect === "*") return void assert.ok(answer !== undefined && answer !== null, `${where}: nothing is there`);
  if (Array.isArray(expect)) {
    assert.ok(Array.isArray(answer), `${where}: ${JSON.stringify(answer)} is no list`);
    assert.equal(answer.length, expect.length, `${where}: ${JSON.stringify(answer)}`);
    expect.forEach((one, at) => compare(answer[at], one, `${where}[${at}]`));
  } else if (typeof expect === "object" && expect !== null) {
    assert.ok(typeof answer === "object" && answer !== null, `${where}: ${JSON.stringify(answer)} is no object`);
    for (const [key, one] of Object.entries(expect)) compare((answer as Record<string, unknown>)[key], one, `${where}.${key}`);
  } else {
    // What is absent and what is null come to the same.
    assert.deepEqual(answer ?? null, expect, where);
  }
}
