"""Who may come in over HTTP, and how far: tokens, tokens of one session, and pages of elsewhere."""

import asyncio
import http.client
import json
import subprocess
from urllib.parse import urlsplit

from mcp import Client, MCPError

from agents import REVISIONS, over_http
from served import PROGRAM, Place, Served, daemon, place

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "acetate-tests", "version": "1"}},
}
# How each revision begins.
FIRST = {
    "2025-11-25": (INITIALIZE, {}),
    "2026-07-28": (
        {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "server/discover",
            "params": {
                "_meta": {
                    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                    "io.modelcontextprotocol/clientInfo": {"name": "acetate-tests", "version": "1"},
                    "io.modelcontextprotocol/clientCapabilities": {},
                }
            },
        },
        {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "server/discover"},
    ),
}


def answer(server: Served, revision: str, headers: dict[str, str], method: str = "POST") -> http.client.HTTPResponse:
    message, own = FIRST[revision]
    at = urlsplit(server.url)
    line = http.client.HTTPConnection(str(at.hostname), at.port, timeout=20)
    sent = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream", **own, **headers}
    line.request(method, at.path, json.dumps(message) if method == "POST" else None, sent)
    found = line.getresponse()
    found.read()
    line.close()
    return found


def outside(server: Served, revision: str) -> list[str]:
    """Requests that come no further than the door."""
    bearer = {"Authorization": f"Bearer {server.token}"}
    host = urlsplit(server.url).netloc
    wanted = {
        "with the token": (bearer, 200),
        "without a token": ({}, 401),
        "with a token of nobody": ({"Authorization": f"Bearer {server.token[:-4]}AAAA"}, 401),
        "with a scheme of elsewhere": ({"Authorization": f"Basic {server.token}"}, 401),
        "from a page of elsewhere": ({**bearer, "Origin": "https://example.com"}, 403),
        "from a page of no origin": ({**bearer, "Origin": "null"}, 403),
        "from a page of another port": ({**bearer, "Origin": "http://127.0.0.1:1"}, 403),
        "from a page of its own": ({**bearer, "Origin": f"http://{host}"}, 200),
        "to a host of elsewhere": ({**bearer, "Host": "example.com"}, 403),
        "to another port": ({**bearer, "Host": "127.0.0.1:1"}, 403),
        "from elsewhere without a token": ({"Origin": "https://example.com"}, 403),
    }
    found = []
    for what, (headers, status) in wanted.items():
        response = answer(server, revision, headers)
        if response.status != status:
            found.append(f"{revision}, {what}: {response.status}, not {status}")
        if response.status == 401 and not str(response.headers["WWW-Authenticate"]).startswith("Bearer"):
            found.append(f"{revision}, {what}: the answer does not say which token is wanted")
    for method in ("GET", "DELETE", "PUT"):
        if (status := answer(server, revision, {}, method).status) != 401:
            found.append(f"{revision}, {method} without a token: {status}, not 401")
    return found


async def scoped(at: Place, server: Served, revision: str) -> list[str]:
    """An agent with the token of one session."""
    mine, token = opened(at, "ada")
    theirs, _ = opened(at, "ben")
    seen: dict[str, bool] = {}
    async with over_http(server.url, server.token, revision) as everybody, over_http(server.url, token, revision) as agent:
        await everybody.call("write", session_id=theirs, file_path="secret.txt", content="secret")
        seen["it edits in its own session"] = (await agent.call("write", session_id=mine, file_path="a.txt", content="a"))["created"]
        seen["that is the session of calls that name none"] = (await agent.call("status"))["session_id"] == mine
        absent = await agent.call("read", session_id="s_0000000000000000", file_path="secret.txt")
        tries = {
            "read": {"file_path": "secret.txt"},
            "status": {},
            "write": {"file_path": "secret.txt", "content": "mine"},
            "submit": {},
            "watch": {"wait": 0},
            "session_open": {},
            "session_close": {"discard": True},
        }
        for tool, arguments in tries.items():
            told = await agent.call(tool, session_id=theirs, **arguments)
            seen[f"{tool}: another session is as one that is not there"] = told == absent
        seen["which has the code that says so"] = absent["error"]["code"] == "session_not_found"
        seen["it opens no session"] = await agent.code("session_open", agent="eve") is not None
        uris = [str(resource.uri) for resource in (await agent.client.list_resources()).resources]
        seen["its session is among the resources"] = any(mine in uri for uri in uris)
        seen["no other is"] = all(mine in uri for uri in uris)
        for kind in ("diff", "files/secret.txt", "conflicts"):
            other, nobody = [await refusal(agent.client, f"acetate://{id}/{kind}") for id in (theirs, "s_0000000000000000")]
            seen[f"the resource {kind} of another session is as one of none"] = other is not None and other == nobody
        kept = (await everybody.call("read", session_id=theirs, file_path="secret.txt"))["files"][0]["content"]
        seen["the other session is as it was"] = kept == "secret"
        await everybody.call("session_close", session_id=mine, discard=True)
        try:
            seen["the token ends with its session"] = await agent.code("status") is not None
        except Exception:  # The door refuses it, which the client tells in many ways.
            seen["the token ends with its session"] = True
    return [f"token of a session, {revision}: not so: {what}" for what, so in seen.items() if not so]


def opened(at: Place, agent: str) -> tuple[str, str]:
    """A session and its token."""
    command = [str(PROGRAM), "--store", str(at.repository), "session", "open", "--agent", agent, "--json"]
    said = json.loads(subprocess.run(command, env=at.environment, check=True, stdout=subprocess.PIPE).stdout)
    return said["id"], said["token"]


async def refusal(client: Client, uri: str) -> tuple[int, str] | None:
    """How reading is refused, without the name that was asked for."""
    try:
        await client.read_resource(uri)
    except MCPError as error:
        return error.error.code, error.error.message.replace(uri, "…")
    return None


def check() -> list[str]:
    """What is wrong, in lines to be read."""
    wrong: list[str] = []
    with place() as at, daemon(at) as server:
        for revision in REVISIONS:
            found = outside(server, revision)
            try:
                found += asyncio.run(asyncio.wait_for(scoped(at, server, revision), 60))
            except Exception as error:  # Whatever went wrong is to be told, with what else did.
                found.append(f"token of a session, {revision}: {error!r}")
            print(f"access over http, {revision}: {len(found) or 'nothing'} wrong", flush=True)
            wrong += found
    return wrong
