// What both TypeScript runners share: the steps of script.json, one after the other. all.py says what is printed.
import { readFileSync } from 'node:fs';

export const [script, transport, era] = process.argv.slice(2);

export function environment() {
  const names = ['PATH', 'HOME', 'XDG_RUNTIME_DIR'];
  return Object.fromEntries(names.filter((name) => name in process.env).map((name) => [name, process.env[name]]));
}

export const server = {
  command: process.env.MCP_PROGRAM,
  args: ['mcp', '--store', process.env.MCP_STORE],
  env: environment(),
  stderr: 'inherit',
};

const say = (what) => process.stdout.write(JSON.stringify(what) + '\n');

/** The value with `${name}` replaced by what was saved under that name, if anything was: the answer then says what is wrong. */
function filled(value, saved) {
  if (Array.isArray(value)) return value.map((item) => filled(item, saved));
  if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, saved)]));
  if (typeof value !== 'string') return value;
  return value.replace(/\$\{(\w+)\}/g, (whole, name) => String(saved[name] ?? whole));
}

const at = (document, pointer) => pointer.split('/').slice(1).reduce((found, part) => found?.[part], document);

function answer(client, step, saved) {
  const given = filled(step.arguments ?? {}, saved);
  if (step.resource) return client.readResource({ uri: filled(step.resource, saved) });
  if (step.prompt) return client.getPrompt({ name: step.prompt, arguments: given });
  return client.callTool({ name: step.tool, arguments: given });
}

/** Runs the script with two clients that `connect` makes; `protocol` says what a client and its server agreed on. */
export async function run(connect, protocol) {
  const clients = { a: await connect(), b: await connect() };
  const { tools } = await clients.a.listTools();
  await clients.b.listTools();
  say({ protocol: protocol(clients.a), tools });
  const saved = {};
  for (const [number, step] of JSON.parse(readFileSync(script, 'utf8')).steps.entries()) {
    if ((step.on ?? transport) !== transport) continue;
    let result;
    try {
      result = await answer(clients[step.as], step, saved);
    } catch (error) {
      if (typeof error.code !== 'number') throw error;
      say({ step: number, error: { code: error.code, message: error.message } });
      continue;
    }
    say({ step: number, result });
    for (const [name, pointer] of Object.entries(step.save ?? {})) {
      // A step that went wrong has nothing to save; the comparison says what came instead.
      const value = at(result.structuredContent ?? result, pointer);
      if (value !== undefined) saved[name] = value;
    }
  }
  await Promise.all(Object.values(clients).map((client) => client.close()));
}
