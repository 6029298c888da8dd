"""Sessions of the default client: `acetate.session.create()`."""

from typing import Optional

from . import _types as t
from ._sync.session import Session
from .default import default_client

__all__ = ["create", "get", "working"]


def create(
    agent: Optional[str] = None,
    *,
    workspace: Optional[str] = None,
    intent: Optional[str] = None,
    branch: Optional[str] = None,
    at: Optional[str] = None,
    durability: Optional[t.Durability] = None,
    ttl: Optional[int] = None,
) -> Session:
    """Opens a session; its work lands when it submits. See `Sessions.create`."""
    return default_client().sessions.create(
        agent, workspace=workspace, intent=intent, branch=branch, at=at, durability=durability, ttl=ttl
    )


def working(agent: Optional[str] = None, *, workspace: Optional[str] = None) -> Session:
    """The working session of a workspace: each commit lands at once."""
    return default_client().sessions.working(agent, workspace=workspace)


def get(id: str) -> Session:
    """The session of that id. Raises `NotFoundError` (`session_not_found`)."""
    return default_client().sessions.get(id)
