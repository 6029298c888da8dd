# Written by scripts/unasync.py from _async/workspace.py; not to be edited.
"""One workspace: a named codebase with its own history."""

from typing import Iterator, Iterable, List, Optional, Union, overload

from .. import _types as t
from .._wire import text
from .._wire.request import change, get
from .bundles import File, saved
from .files import Files
from .session import Session
from .transport import Transport
from .watching import watched


class Workspace:
    """One workspace. Every method raises an `AcetateError`; `NotFoundError` (`workspace_not_found`) where it is gone.

    A point of its history (`at`, `since`, …) is a version such as `v12`, a full ref such as `refs/heads/main` or `refs/tags/NAME` (a
    checkpoint), or a full commit id.
    """

    id: str
    """Its id, `w_…`, which stays when it is renamed."""
    info: t.WorkspaceInfo
    """What was last known of it; see `refresh`."""

    def __init__(self, transport: Transport, info: t.WorkspaceInfo) -> None:
        self.id = info["id"]
        self.info = info
        self._transport = transport
        self._base = f"/v1/workspaces/{text.segment(self.id)}"
        self._files = Files(transport, self._base, lambda request: request)

    @property
    def opened(self) -> Optional[Session]:
        """The session that was asked for with the workspace, where one was."""
        opened = self.info.get("opened")
        return None if opened is None else Session(self._transport, opened["id"], opened["workspace"], token=opened["token"])

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name} {self.id}>"

    @property
    def name(self) -> str:
        """Its name, as last known."""
        return self.info["name"]

    # Itself

    def refresh(self) -> t.WorkspaceInfo:
        """Asks for its present state."""
        self.info = self._transport.json(get(self._base))
        return self.info

    def update(self, settings: t.WorkspaceUpdate) -> t.WorkspaceInfo:
        """Changes its name, description or settings; keys that are not there stay as they are.

        For example `{"template": {"history": "own"}}` marks it as a template, and `{"max_file_bytes": 1 << 20}` bounds its files.
        """
        self.info = self._transport.json(change("PATCH", self._base).json(settings))
        return self.info

    def rename(self, name: str) -> t.WorkspaceInfo:
        """Gives it another name. Raises `ConflictError` (`name_taken`)."""
        return self.update({"name": name})

    def delete(self) -> t.WorkspaceInfo:
        """Deletes it: it takes no more work, and is gone for good after a time that `info` says; until then `undelete` brings it back."""
        self.info = self._transport.json(change("DELETE", self._base).once())
        return self.info

    def undelete(self, name: Optional[str] = None) -> t.WorkspaceInfo:
        """Brings it back, under another name if you give one. Raises `ConflictError` (`name_taken`)."""
        self.info = self._transport.json(change("POST", f"{self._base}/undelete").json({"name": name}))
        return self.info

    def fork(self, name: Optional[str] = None, *, at: Optional[str] = None, key: Optional[str] = None) -> "Workspace":
        """A new workspace with this one's history up to a point. Nothing is copied."""
        request = change("POST", f"{self._base}/forks", key).json({"name": name, "at": at})
        return type(self)(self._transport, self._transport.json(request))

    def catch_up(self) -> t.WorkspaceInfo:
        """Lets the branch of a repository that is served in place follow what landed."""
        self.info = self._transport.json(change("POST", f"{self._base}/catch-up"))
        return self.info

    # Sessions

    def open_session(
        self,
        agent: str,
        *,
        intent: Optional[str] = None,
        branch: Optional[str] = None,
        at: Optional[str] = None,
        durability: Optional[t.Durability] = None,
        ttl: Optional[int] = None,
        key: Optional[str] = None,
    ) -> Session:
        """Opens a session: its work lands when it submits.

        `agent` is who works, `intent` what for; `branch` is where it lands (the default branch without); `ttl` is its life without a
        call, in seconds.
        """
        request = change("POST", f"{self._base}/sessions", key).json(
            {"agent": agent, "intent": intent, "branch": branch, "at": at, "durability": durability, "ttl": ttl}
        )
        opened: t.Opened = self._transport.json(request)
        return Session(self._transport, opened["id"], opened["workspace"], token=opened["token"])

    def session(self, agent: Optional[str] = None) -> Session:
        """Its one working session, which is opened where there is none: each commit lands at once."""
        info: t.SessionInfo = self._transport.json(change("POST", f"{self._base}/session").json({"agent": agent}))
        return Session(self._transport, info["id"], info["workspace"], working=True)

    def sessions(self) -> List[t.SessionInfo]:
        """Its sessions, newest first."""
        answer: t.SessionList = self._transport.json(get(f"{self._base}/sessions"))
        return answer["sessions"]

    # History

    def versions(
        self, *, branch: Optional[str] = None, before: Optional[int] = None, page: Optional[int] = None
    ) -> Iterator[t.VersionInfo]:
        """Its versions, newest first, asked for in pages of `page`; `before` is a version's number."""
        while True:
            answer: t.VersionPage = self._transport.json(
                get(f"{self._base}/versions").query(branch=branch, before=before, limit=page)
            )
            for version in answer["versions"]:
                yield version
            before = answer.get("next")
            if before is None:
                return

    def history(
        self, path: str, *, at: Optional[str] = None, page: Optional[int] = None
    ) -> Iterator[t.PathCommit]:
        """The commits that changed a path, newest first, asked for in pages of `page`."""
        skip: Optional[int] = None
        while True:
            answer: t.PathHistory = self._transport.json(
                get(f"{self._base}/history/{text.path(path)}").query(at=at, skip=skip, limit=page)
            )
            for commit in answer["commits"]:
                yield commit
            skip = answer.get("next")
            if skip is None:
                return

    def blame(self, path: str, *, at: Optional[str] = None) -> t.BlameInfo:
        """Which version and which agent the lines of a file come from."""
        answer: t.BlameInfo = self._transport.json(get(f"{self._base}/blame/{text.path(path)}").query(at=at))
        return answer

    def diff(
        self,
        start: str,
        end: str,
        paths: Iterable[str] = (),
        *,
        hunks: bool = True,
        symbols: bool = False,
        context: Optional[int] = None,
    ) -> t.TreeDiff:
        """What changed from one point to another. Raises `NotFoundError` (`point_not_found`)."""
        request = get(f"{self._base}/diff").query(
            from_=start, to=end, path=[*paths], hunks="true" if hunks else "false", symbols=symbols, context=context
        )
        answer: t.TreeDiff = self._transport.json(request)
        return answer

    def operations(
        self, *, before: Optional[int] = None, page: Optional[int] = None
    ) -> Iterator[t.OperationInfo]:
        """Its operation log, newest first."""
        while True:
            answer: t.OperationPage = self._transport.json(
                get(f"{self._base}/operations").query(before=before, limit=page)
            )
            for operation in answer["operations"]:
                yield operation
            before = answer.get("next")
            if before is None:
                return

    def undo(self, operation: Optional[int] = None, *, key: Optional[str] = None) -> t.OperationInfo:
        """Undoes an operation, the newest one without a number, by a further operation. Nothing is lost."""
        answer: t.OperationInfo = self._transport.json(
            change("POST", f"{self._base}/undo", key).json({"operation": operation})
        )
        return answer

    def restore(
        self, at: str, *, branch: Optional[str] = None, message: Optional[str] = None, key: Optional[str] = None
    ) -> t.VersionInfo:
        """Adds a version whose files are those of a point. Nothing is lost."""
        answer: t.VersionInfo = self._transport.json(
            change("POST", f"{self._base}/restore", key).json({"at": at, "branch": branch, "message": message})
        )
        return answer

    # Files

    def files(
        self, prefix: Optional[str] = None, *, at: Optional[str] = None, glob: Optional[str] = None, shallow: bool = False
    ) -> Iterator[t.FileInfo]:
        """The files of a point (the head without), asked for page by page; `shallow` shows folders instead of what is in them."""
        return self._files.listed(at=at, prefix=prefix, glob=glob, shallow=shallow)

    def read_file(self, path: str, *, at: Optional[str] = None) -> str:
        """The text of a file at a point; see `Session.read_file`."""
        return text.from_bytes(self.read_bytes(path, at=at))

    def read_bytes(self, path: str, *, at: Optional[str] = None) -> bytes:
        """The bytes of a file at a point."""
        return self._files.data(path, at=at)

    def read_stream(
        self,
        path: str,
        *,
        at: Optional[str] = None,
        start: int = 0,
        end: Optional[int] = None,
        chunk_size: Optional[int] = None,
    ) -> Iterator[bytes]:
        """The bytes of a file at a point, in pieces; see `Session.read_stream`."""
        return self._files.pieces(path, at=at, start=start, end=end, size=chunk_size)

    def read_many(
        self, paths: Optional[Iterable[str]] = None, globs: Optional[Iterable[str]] = None, *, at: Optional[str] = None
    ) -> Iterator[t.ReadFile]:
        """Many files of a point in one call, as they come; see `Session.read_many`."""
        return self._files.many(paths, globs, at)

    # Branches and checkpoints

    def branches(self) -> List[t.BranchInfo]:
        """Its branches."""
        answer: t.BranchList = self._transport.json(get(f"{self._base}/branches"))
        return answer["branches"]

    def create_branch(self, name: str, *, at: Optional[str] = None, key: Optional[str] = None) -> t.BranchInfo:
        """Makes a branch. Raises `ConflictError` (`branch_exists`)."""
        answer: t.BranchInfo = self._transport.json(
            change("POST", f"{self._base}/branches", key).json({"name": name, "at": at})
        )
        return answer

    def delete_branch(self, name: str) -> None:
        """Deletes a branch."""
        self._transport.json(change("DELETE", f"{self._base}/branches").query(name=name).once())

    def merge(
        self,
        source: str,
        into: Optional[str] = None,
        *,
        message: Optional[str] = None,
        same_symbol: Optional[str] = None,
        key: Optional[str] = None,
    ) -> t.Submission:
        """Merges a branch into another, the default one without; on `conflict`, `session` is an open session to resolve it in."""
        content = {"from": source, "into": into, "message": message, "same_symbol": same_symbol}
        answer: t.Submission = self._transport.json(change("POST", f"{self._base}/merge", key).json(content))
        return answer

    def checkpoints(self) -> List[t.CheckpointInfo]:
        """Its checkpoints."""
        answer: t.CheckpointList = self._transport.json(get(f"{self._base}/checkpoints"))
        return answer["checkpoints"]

    def checkpoint(
        self, name: str, *, at: Optional[str] = None, message: Optional[str] = None, key: Optional[str] = None
    ) -> t.CheckpointInfo:
        """Names a point, the head without. Raises `ConflictError` (`checkpoint_exists`)."""
        answer: t.CheckpointInfo = self._transport.json(
            change("POST", f"{self._base}/checkpoints", key).json({"name": name, "at": at, "message": message})
        )
        return answer

    # Out of the store

    @overload
    def bundle(self, to: None = None, *, since: Optional[str] = None, sessions: bool = False) -> bytes: ...

    @overload
    def bundle(self, to: File, *, since: Optional[str] = None, sessions: bool = False) -> int: ...

    def bundle(self, to: Optional[File] = None, *, since: Optional[str] = None, sessions: bool = False) -> Union[bytes, int]:
        """Its history as a Git bundle: the bytes, or, written to a path or an open file, how many those are.

        `since` leaves out what that point reaches; `sessions` adds the unsaved edits of live sessions.
        """
        return saved(self._transport, get(f"{self._base}/bundle").query(since=since, sessions=sessions), to)

    # What happens

    def events(self, after: Optional[int] = None, *, wait: int = 0, limit: Optional[int] = None) -> t.EventPage:
        """One page of events after a number, waited for at most so many seconds (60 at most)."""
        request = get(f"{self._base}/events").query(after=after, wait=str(wait), limit=limit)
        # The answer may come as late as it was asked to.
        answer: t.EventPage = self._transport.json(request.wait(wait + 30.0))
        return answer

    def watch(
        self, after: Optional[int] = None, *, path: Optional[str] = None, symbol: Optional[str] = None
    ) -> Iterator[t.Event]:
        """The durable events after a number (from the first one without), in order and without gaps; never ends by itself.

        After a dropped connection it goes on behind the last event; `TransportError` when the daemon stays away. `path` leaves events that
        name it or a path below it, `symbol` landings that changed it.
        """
        return watched(self._transport, f"{self._base}/events", after, path, symbol)
