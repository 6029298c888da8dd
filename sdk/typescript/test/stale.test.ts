import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

test("the generated types are those of the OpenAPI document", () => {
  execFileSync(process.execPath, [fileURLToPath(new URL("../scripts/generate.mjs", import.meta.url)), "--check"], { stdio: "inherit" });
});
