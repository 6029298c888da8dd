"""Acetate: many agents edit one codebase at the same time, each in a session of its own.

    session = acetate.session.create()
    config = session.read_file("config.toml")
    session.write_file("feature.rs", code)
    change_hash = session.commit()

`Client` blocks, `AsyncClient` is for `asyncio`; both have the same methods.
"""

from . import session, types, workspace
from ._async.client import AsyncClient
from ._async.session import AsyncSession
from ._async.sessions import AsyncSessions
from ._async.tokens import AsyncTokens
from ._async.workspace import AsyncWorkspace
from ._async.workspaces import AsyncWorkspaces
from ._sync.client import Client
from ._sync.session import Session
from ._sync.sessions import Sessions
from ._sync.tokens import Tokens
from ._sync.workspace import Workspace
from ._sync.workspaces import Workspaces
from ._version import VERSION as __version__
from ._wire.retry import Retry
from .default import default_client, set_default_client
from .errors import (
    AcetateError,
    ConflictError,
    DeniedError,
    InternalError,
    InvalidError,
    LimitError,
    NotFoundError,
    RequestTimeoutError,
    StaleError,
    TransportError,
    UnavailableError,
)
from .matches import Match

__all__ = [
    "AcetateError",
    "AsyncClient",
    "AsyncSession",
    "AsyncSessions",
    "AsyncTokens",
    "AsyncWorkspace",
    "AsyncWorkspaces",
    "Client",
    "ConflictError",
    "DeniedError",
    "InternalError",
    "InvalidError",
    "LimitError",
    "Match",
    "NotFoundError",
    "RequestTimeoutError",
    "Retry",
    "Session",
    "Sessions",
    "StaleError",
    "Tokens",
    "TransportError",
    "UnavailableError",
    "Workspace",
    "Workspaces",
    "__version__",
    "default_client",
    "session",
    "set_default_client",
    "types",
    "workspace",
]
