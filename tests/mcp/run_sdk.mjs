// Runs script.json through @modelcontextprotocol/sdk, the older line that knows 2025-11-25 only: `run_sdk.mjs SCRIPT TRANSPORT ERA`. See
// script.mjs.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { run, server, transport } from './script.mjs';

let agreed;

async function connect() {
  const client = new Client({ name: 'acetate-tests', version: '1' });
  const way =
    transport === 'stdio'
      ? new StdioClientTransport(server)
      : new StreamableHTTPClientTransport(new URL(process.env.MCP_URL), {
          requestInit: { headers: { Authorization: `Bearer ${process.env.MCP_TOKEN}` } },
        });
  // The client tells its transport what it agreed on, and nobody else.
  const tell = way.setProtocolVersion?.bind(way);
  way.setProtocolVersion = (version) => {
    agreed = version;
    tell?.(version);
  };
  await client.connect(way);
  return client;
}

await run(connect, () => agreed);
