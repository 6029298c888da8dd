// Runs script.json through @modelcontextprotocol/client: `run_client.mjs SCRIPT TRANSPORT ERA`. See script.mjs.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { era, run, server, transport } from './script.mjs';

async function connect() {
  const mode = era === '2025-11-25' ? 'legacy' : 'auto';
  const client = new Client({ name: 'acetate-tests', version: '1' }, { versionNegotiation: { mode } });
  const way =
    transport === 'stdio'
      ? new StdioClientTransport(server)
      : new StreamableHTTPClientTransport(new URL(process.env.MCP_URL), {
          requestInit: { headers: { Authorization: `Bearer ${process.env.MCP_TOKEN}` } },
        });
  await client.connect(way);
  return client;
}

await run(connect, (client) => client.getNegotiatedProtocolVersion());
