# Written by scripts/unasync.py from _async/sessions.py; not to be edited.
"""Sessions, wherever they are."""

import os
from typing import Optional

from .. import _types as t
from .._wire import text
from .._wire.request import get
from .session import Session
from .transport import Transport
from .workspaces import Workspaces


class Sessions:
    """The sessions of the store that a client is about."""

    def __init__(self, transport: Transport, workspaces: Workspaces) -> None:
        self._transport = transport
        self._workspaces = workspaces

    def create(
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
    ) -> Session:
        """Opens a session; its work lands when it submits.

        `agent` is ACETATE_AGENT, else `python`, and `workspace` the default one where you don't say; the rest is as for
        `Workspace.open_session`.
        """
        home = self._workspaces.get(workspace)
        return home.open_session(
            agent or os.environ.get("ACETATE_AGENT") or "python",
            intent=intent,
            branch=branch,
            at=at,
            durability=durability,
            ttl=ttl,
            key=key,
        )

    def working(self, agent: Optional[str] = None, *, workspace: Optional[str] = None) -> Session:
        """The working session of a workspace: each commit lands at once."""
        home = self._workspaces.get(workspace)
        return home.session(agent or os.environ.get("ACETATE_AGENT") or "python")

    def get(self, id: str) -> Session:
        """The session of that id. Raises `NotFoundError` (`session_not_found`)."""
        info: t.SessionInfoAnswer = self._transport.json(get(f"/v1/sessions/{text.segment(id)}"))
        return Session(self._transport, info["id"], info["workspace"], working=info.get("working", False))
