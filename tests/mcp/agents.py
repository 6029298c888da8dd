"""Agents of the Python SDK, for the tests that say more than a script can."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx2
from mcp import Client, Implementation, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from served import PROGRAM, Place

REVISIONS = ("2025-11-25", "2026-07-28")
WHO = Implementation(name="acetate-tests", version="1")


class Agent:
    """One connected client."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def call(self, tool: str, **arguments: Any) -> Any:
        """The data of a tool's result, an error's too."""
        result = await self.client.call_tool(tool, arguments)
        return result.structured_content

    async def code(self, tool: str, **arguments: Any) -> str | None:
        """The code of the error that a tool answers, if it does."""
        return (await self.call(tool, **arguments)).get("error", {}).get("code")


def mode(revision: str) -> str:
    """How the SDK comes to speak a revision: by itself it asks the server which of the two it speaks."""
    return "legacy" if revision == "2025-11-25" else "auto"


@contextlib.asynccontextmanager
async def over_stdio(at: Place, revision: str) -> AsyncIterator[Agent]:
    process = StdioServerParameters(command=str(PROGRAM), args=["mcp", "--store", str(at.repository)], env=at.environment)
    async with Client(process, mode=mode(revision), client_info=WHO) as client:
        yield Agent(client)


@contextlib.asynccontextmanager
async def over_http(url: str, token: str, revision: str) -> AsyncIterator[Agent]:
    async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=60) as http:
        async with Client(streamable_http_client(url, http_client=http), mode=mode(revision), client_info=WHO) as client:
            yield Agent(client)
