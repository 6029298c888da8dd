"""Runs script.json through the Python SDK: `run_python.py SCRIPT TRANSPORT ERA`. all.py starts it, and says what it prints means.

The environment names the server: MCP_PROGRAM and MCP_STORE for stdio, MCP_URL and MCP_TOKEN for http.
"""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from typing import Any

import httpx2
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from pydantic import BaseModel

from agents import WHO, mode
from transcript import filled

ENVIRONMENT = {name: os.environ[name] for name in ("PATH", "HOME", "XDG_RUNTIME_DIR") if name in os.environ}


def say(what: dict[str, Any]) -> None:
    print(json.dumps(what), flush=True)


@contextlib.asynccontextmanager
async def connected(transport: str, era: str) -> AsyncIterator[Client]:
    if transport == "stdio":
        process = StdioServerParameters(
            command=os.environ["MCP_PROGRAM"], args=["mcp", "--store", os.environ["MCP_STORE"]], env=ENVIRONMENT
        )
        async with Client(process, mode=mode(era), client_info=WHO) as client:
            yield client
        return
    headers = {"Authorization": f"Bearer {os.environ['MCP_TOKEN']}"}
    async with httpx2.AsyncClient(headers=headers, timeout=60) as http:
        way = streamable_http_client(os.environ["MCP_URL"], http_client=http)
        async with Client(way, mode=mode(era), client_info=WHO) as client:
            yield client


def at(document: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        document = document[int(part)] if isinstance(document, list) else document[part]
    return document


async def answer(client: Client, step: dict[str, Any], saved: dict[str, Any]) -> dict[str, Any]:
    arguments = filled(step.get("arguments", {}), saved)
    if "resource" in step:
        return dumped(await client.read_resource(filled(step["resource"], saved)))
    if "prompt" in step:
        return dumped(await client.get_prompt(step["prompt"], arguments))
    return dumped(await client.call_tool(step["tool"], arguments))


def dumped(result: BaseModel) -> dict[str, Any]:
    return result.model_dump(mode="json", by_alias=True, exclude_none=True)


async def main(script: str, transport: str, era: str) -> None:
    with open(script, encoding="utf-8") as file:
        steps = json.load(file)["steps"]
    saved: dict[str, Any] = {}
    async with connected(transport, era) as a, connected(transport, era) as b:
        tools = await a.list_tools()
        await b.list_tools()
        say({"protocol": a.protocol_version, "tools": [dumped(tool) for tool in tools.tools]})
        for number, step in enumerate(steps):
            if step.get("on", transport) != transport:
                continue
            try:
                result = await answer({"a": a, "b": b}[step["as"]], step, saved)
            except MCPError as error:
                say({"step": number, "error": {"code": error.error.code, "message": error.error.message}})
                continue
            say({"step": number, "result": result})
            for name, pointer in step.get("save", {}).items():
                # A step that went wrong has nothing to save; the comparison says what came instead.
                with contextlib.suppress(LookupError, TypeError):
                    saved[name] = at(result.get("structuredContent", result), pointer)


asyncio.run(main(*sys.argv[1:]))
