# Written by scripts/unasync.py from _async/client.py; not to be edited.
"""The client of a daemon."""

from types import TracebackType
from typing import Optional, Type

from .. import _types as t
from .._local.place import Place
from .._wire import text
from .._wire.request import change, get
from .._wire.retry import Retry
from .sessions import Sessions
from .tokens import Tokens
from .transport import Transport
from .workspace import Workspace
from .workspaces import Workspaces


class Client:
    """A client of one daemon, which it looks for with its first call.

    Where the daemon is: `url` (with `token`) or `store` (a repository on this machine), else ACETATE_URL with ACETATE_TOKEN, else the
    store that ACETATE_STORE names, else the Git repository around the current folder, else your own store. With `start` it has the
    `acetate` program (`program`, else ACETATE_BIN, else the one on PATH) start the daemon of a store where none runs.

    `workspace` is the one that is meant where a call names none. `timeout` is how many seconds connecting, sending a piece, and the next
    bytes of an answer may each take; `None` waits for ever. `retry` bounds how often a read, or a change with an idempotency key, is
    repeated; nothing else ever is.
    """

    workspaces: Workspaces
    """The workspaces of the store."""
    sessions: Sessions
    """Its sessions."""
    tokens: Tokens
    """Its tokens."""

    def __init__(
        self,
        url: Optional[str] = None,
        *,
        token: Optional[str] = None,
        store: Optional[str] = None,
        workspace: Optional[str] = None,
        start: bool = False,
        program: Optional[str] = None,
        timeout: Optional[float] = 60.0,
        retry: Optional[Retry] = None,
    ) -> None:
        place = Place(url=url, token=token, store=store, start=start, program=program)
        self._transport = Transport(place, timeout=timeout, retry=retry or Retry())
        self.workspaces = Workspaces(self._transport, workspace)
        self.sessions = Sessions(self._transport, self.workspaces)
        self.tokens = Tokens(self._transport)

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes its connections. The daemon and its sessions live on."""
        self._transport.close()

    def workspace(self, name: Optional[str] = None) -> Workspace:
        """The workspace of that name or id, or the default one; see `Workspaces.get`."""
        return self.workspaces.get(name)

    def status(self) -> t.StoreStatus:
        """The state of the store and its daemon."""
        answer: t.StoreStatus = self._transport.json(get("/v1"))
        return answer

    def change(self, id: str) -> t.ChangeRecord:
        """What a commit changed: paths, hunks, symbols. Raises `NotFoundError` (`change_not_found`)."""
        answer: t.ChangeRecord = self._transport.json(get(f"/v1/changes/{text.segment(id)}"))
        return answer

    def submission(self, id: str) -> t.Submission:
        """What became of a submission. Raises `NotFoundError` (`submission_not_found`)."""
        answer: t.Submission = self._transport.json(get(f"/v1/submissions/{text.segment(id)}"))
        return answer

    def backup(self, path: str) -> t.BackupReport:
        """Copies the running store consistently into a new folder of the daemon's machine."""
        answer: t.BackupReport = self._transport.json(change("POST", "/v1/backup").json({"path": path}).once())
        return answer
