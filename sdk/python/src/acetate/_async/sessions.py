"""Sessions, wherever they are."""

import os
from typing import Optional

from .. import _types as t
from .._wire import text
from .._wire.request import get
from .session import AsyncSession
from .transport import AsyncTransport
from .workspaces import AsyncWorkspaces


class AsyncSessions:
    """The sessions of the store that a client is about."""

    def __init__(self, transport: AsyncTransport, workspaces: AsyncWorkspaces) -> None:
        self._transport = transport
        self._workspaces = workspaces

    async def create(
        self,
        agent: Optional[str] = None,
        *,
        workspace: Optional[str] = None,
        intent: Optional[str] = None,
        branch: Optional[str] = None,
        at: Optional[str] = None,
        durability: Optional[t.Durability] = None,
        ttl: Optional[int] = None,
        key: Optional[str] = None,
    ) -> AsyncSession:
        """Opens a session; its work lands when it submits.

        `agent` is ACETATE_AGENT, else `python`, and `workspace` the default one where you don't say; the rest is as for
        `AsyncWorkspace.open_session`.
        """
        home = await self._workspaces.get(workspace)
        return await home.open_session(
            agent or os.environ.get("ACETATE_AGENT") or "python",
            intent=intent,
            branch=branch,
            at=at,
            durability=durability,
            ttl=ttl,
            key=key,
        )

    async def working(self, agent: Optional[str] = None, *, workspace: Optional[str] = None) -> AsyncSession:
        """The working session of a workspace: each commit lands at once."""
        home = await self._workspaces.get(workspace)
        return await home.session(agent or os.environ.get("ACETATE_AGENT") or "python")

    async def get(self, id: str) -> AsyncSession:
        """The session of that id. Raises `NotFoundError` (`session_not_found`)."""
        info: t.SessionInfoAnswer = await self._transport.json(get(f"/v1/sessions/{text.segment(id)}"))
        return AsyncSession(self._transport, info["id"], info["workspace"], working=info.get("working", False))
