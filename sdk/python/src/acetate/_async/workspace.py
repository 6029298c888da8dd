"""One workspace: a named codebase with its own history."""

from typing import AsyncIterator, Iterable, List, Optional, Union, overload

from .. import _types as t
from .._wire import text
from .._wire.request import change, get
from .bundles import File, saved
from .files import AsyncFiles
from .session import AsyncSession
from .transport import AsyncTransport
from .watching import watched


class AsyncWorkspace:
    """One workspace. Every method raises an `AcetateError`; `NotFoundError` (`workspace_not_found`) where it is gone.

    A point of its history (`at`, `since`, …) is a version such as `v12`, a full ref such as `refs/heads/main` or `refs/tags/NAME` (a
    checkpoint), or a full commit id.
    """

    id: str
    """Its id, `w_…`, which stays when it is renamed."""
    info: t.WorkspaceInfo
    """What was last known of it; see `refresh`."""

    def __init__(self, transport: AsyncTransport, info: t.WorkspaceInfo) -> None:
        self.id = info["id"]
        self.info = info
        self._transport = transport
        self._base = f"/v1/workspaces/{text.segment(self.id)}"
        self._files = AsyncFiles(transport, self._base, lambda request: request)

    @property
    def opened(self) -> Optional[AsyncSession]:
        """The session that was asked for with the workspace, where one was."""
        opened = self.info.get("opened")
        return None if opened is None else AsyncSession(self._transport, opened["id"], opened["workspace"], token=opened["token"])

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name} {self.id}>"

    @property
    def name(self) -> str:
        """Its name, as last known."""
        return self.info["name"]

    # Itself

    async def refresh(self) -> t.WorkspaceInfo:
        """Asks for its present state."""
        self.info = await self._transport.json(get(self._base))
        return self.info

    async def update(self, settings: t.WorkspaceUpdate) -> t.WorkspaceInfo:
        """Changes its name, description or settings; keys that are not there stay as they are.

        For example `{"template": {"history": "own"}}` marks it as a template, and `{"max_file_bytes": 1 << 20}` bounds its files.
        """
        self.info = await self._transport.json(change("PATCH", self._base).json(settings))
        return self.info

    async def rename(self, name: str) -> t.WorkspaceInfo:
        """Gives it another name. Raises `ConflictError` (`name_taken`)."""
        return await self.update({"name": name})

    async def delete(self) -> t.WorkspaceInfo:
        """Deletes it: it takes no more work, and is gone for good after a time that `info` says; until then `undelete` brings it back."""
        self.info = await self._transport.json(change("DELETE", self._base).once())
        return self.info

    async def undelete(self, name: Optional[str] = None) -> t.WorkspaceInfo:
        """Brings it back, under another name if you give one. Raises `ConflictError` (`name_taken`)."""
        self.info = await self._transport.json(change("POST", f"{self._base}/undelete").json({"name": name}))
        return self.info

    async def fork(self, name: Optional[str] = None, *, at: Optional[str] = None, key: Optional[str] = None) -> "AsyncWorkspace":
        """A new workspace with this one's history up to a point. Nothing is copied."""
        request = change("POST", f"{self._base}/forks", key).json({"name": name, "at": at})
        return type(self)(self._transport, await self._transport.json(request))

    async def catch_up(self) -> t.WorkspaceInfo:
        """Lets the branch of a repository that is served in place follow what landed."""
        self.info = await self._transport.json(change("POST", f"{self._base}/catch-up"))
        return self.info

    # Sessions

    async def open_session(
        self,
        agent: str,
        *,
        intent: Optional[str] = None,
        branch: Optional[str] = None,
        at: Optional[str] = None,
        durability: Optional[t.Durability] = None,
        ttl: Optional[int] = None,
        key: Optional[str] = None,
    ) -> AsyncSession:
        """Opens a session: its work lands when it submits.

        `agent` is who works, `intent` what for; `branch` is where it lands (the default branch without); `ttl` is its life without a
        call, in seconds.
        """
        request = change("POST", f"{self._base}/sessions", key).json(
            {"agent": agent, "intent": intent, "branch": branch, "at": at, "durability": durability, "ttl": ttl}
        )
        opened: t.Opened = await self._transport.json(request)
        return AsyncSession(self._transport, opened["id"], opened["workspace"], token=opened["token"])

    async def session(self, agent: Optional[str] = None) -> AsyncSession:
        """Its one working session, which is opened where there is none: each commit lands at once."""
        info: t.SessionInfo = await self._transport.json(change("POST", f"{self._base}/session").json({"agent": agent}))
        return AsyncSession(self._transport, info["id"], info["workspace"], working=True)

    async def sessions(self) -> List[t.SessionInfo]:
        """Its sessions, newest first."""
        answer: t.SessionList = await self._transport.json(get(f"{self._base}/sessions"))
        return answer["sessions"]

    # History

    async def versions(
        self, *, branch: Optional[str] = None, before: Optional[int] = None, page: Optional[int] = None
    ) -> AsyncIterator[t.VersionInfo]:
        """Its versions, newest first, asked for in pages of `page`; `before` is a version's number."""
        while True:
            answer: t.VersionPage = await self._transport.json(
                get(f"{self._base}/versions").query(branch=branch, before=before, limit=page)
            )
            for version in answer["versions"]:
                yield version
            before = answer.get("next")
            if before is None:
                return

    async def history(
        self, path: str, *, at: Optional[str] = None, page: Optional[int] = None
    ) -> AsyncIterator[t.PathCommit]:
        """The commits that changed a path, newest first, asked for in pages of `page`."""
        skip: Optional[int] = None
        while True:
            answer: t.PathHistory = await self._transport.json(
                get(f"{self._base}/history/{text.path(path)}").query(at=at, skip=skip, limit=page)
            )
            for commit in answer["commits"]:
                yield commit
            skip = answer.get("next")
            if skip is None:
                return

    async def blame(self, path: str, *, at: Optional[str] = None) -> t.BlameInfo:
        """Which version and which agent the lines of a file come from."""
        answer: t.BlameInfo = await self._transport.json(get(f"{self._base}/blame/{text.path(path)}").query(at=at))
        return answer

    async def diff(
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
        answer: t.TreeDiff = await self._transport.json(request)
        return answer

    async def operations(
        self, *, before: Optional[int] = None, page: Optional[int] = None
    ) -> AsyncIterator[t.OperationInfo]:
        """Its operation log, newest first."""
        while True:
            answer: t.OperationPage = await self._transport.json(
                get(f"{self._base}/operations").query(before=before, limit=page)
            )
            for operation in answer["operations"]:
                yield operation
            before = answer.get("next")
            if before is None:
                return

    async def undo(self, operation: Optional[int] = None, *, key: Optional[str] = None) -> t.OperationInfo:
        """Undoes an operation, the newest one without a number, by a further operation. Nothing is lost."""
        answer: t.OperationInfo = await self._transport.json(
            change("POST", f"{self._base}/undo", key).json({"operation": operation})
        )
        return answer

    async def restore(
        self, at: str, *, branch: Optional[str] = None, message: Optional[str] = None, key: Optional[str] = None
    ) -> t.VersionInfo:
        """Adds a version whose files are those of a point. Nothing is lost."""
        answer: t.VersionInfo = await self._transport.json(
            change("POST", f"{self._base}/restore", key).json({"at": at, "branch": branch, "message": message})
        )
        return answer

    # Files

    def files(
        self, prefix: Optional[str] = None, *, at: Optional[str] = None, glob: Optional[str] = None, shallow: bool = False
    ) -> AsyncIterator[t.FileInfo]:
        """The files of a point (the head without), asked for page by page; `shallow` shows folders instead of what is in them."""
        return self._files.listed(at=at, prefix=prefix, glob=glob, shallow=shallow)

    async def read_file(self, path: str, *, at: Optional[str] = None) -> str:
        """The text of a file at a point; see `AsyncSession.read_file`."""
        return text.from_bytes(await self.read_bytes(path, at=at))

    async def read_bytes(self, path: str, *, at: Optional[str] = None) -> bytes:
        """The bytes of a file at a point."""
        return await self._files.data(path, at=at)

    def read_stream(
        self,
        path: str,
        *,
        at: Optional[str] = None,
        start: int = 0,
        end: Optional[int] = None,
        chunk_size: Optional[int] = None,
    ) -> AsyncIterator[bytes]:
        """The bytes of a file at a point, in pieces; see `AsyncSession.read_stream`."""
        return self._files.pieces(path, at=at, start=start, end=end, size=chunk_size)

    def read_many(
        self, paths: Optional[Iterable[str]] = None, globs: Optional[Iterable[str]] = None, *, at: Optional[str] = None
    ) -> AsyncIterator[t.ReadFile]:
        """Many files of a point in one call, as they come; see `AsyncSession.read_many`."""
        return self._files.many(paths, globs, at)

    # Branches and checkpoints

    async def branches(self) -> List[t.BranchInfo]:
        """Its branches."""
        answer: t.BranchList = await self._transport.json(get(f"{self._base}/branches"))
        return answer["branches"]

    async def create_branch(self, name: str, *, at: Optional[str] = None, key: Optional[str] = None) -> t.BranchInfo:
        """Makes a branch. Raises `ConflictError` (`branch_exists`)."""
        answer: t.BranchInfo = await self._transport.json(
            change("POST", f"{self._base}/branches", key).json({"name": name, "at": at})
        )
        return answer

    async def delete_branch(self, name: str) -> None:
        """Deletes a branch."""
        await self._transport.json(change("DELETE", f"{self._base}/branches").query(name=name).once())

    async def merge(
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
        answer: t.Submission = await self._transport.json(change("POST", f"{self._base}/merge", key).json(content))
        return answer

    async def checkpoints(self) -> List[t.CheckpointInfo]:
        """Its checkpoints."""
        answer: t.CheckpointList = await self._transport.json(get(f"{self._base}/checkpoints"))
        return answer["checkpoints"]

    async def checkpoint(
        self, name: str, *, at: Optional[str] = None, message: Optional[str] = None, key: Optional[str] = None
    ) -> t.CheckpointInfo:
        """Names a point, the head without. Raises `ConflictError` (`checkpoint_exists`)."""
        answer: t.CheckpointInfo = await self._transport.json(
            change("POST", f"{self._base}/checkpoints", key).json({"name": name, "at": at, "message": message})
        )
        return answer

    # Out of the store

    @overload
    async def bundle(self, to: None = None, *, since: Optional[str] = None, sessions: bool = False) -> bytes: ...

    @overload
    async def bundle(self, to: File, *, since: Optional[str] = None, sessions: bool = False) -> int: ...

    async def bundle(self, to: Optional[File] = None, *, since: Optional[str] = None, sessions: bool = False) -> Union[bytes, int]:
        """Its history as a Git bundle: the bytes, or, written to a path or an open file, how many those are.

        `since` leaves out what that point reaches; `sessions` adds the unsaved edits of live sessions.
        """
        return await saved(self._transport, get(f"{self._base}/bundle").query(since=since, sessions=sessions), to)

    # What happens

    async def events(self, after: Optional[int] = None, *, wait: int = 0, limit: Optional[int] = None) -> t.EventPage:
        """One page of events after a number, waited for at most so many seconds (60 at most)."""
        request = get(f"{self._base}/events").query(after=after, wait=str(wait), limit=limit)
        # The answer may come as late as it was asked to.
        answer: t.EventPage = await self._transport.json(request.wait(wait + 30.0))
        return answer

    def watch(
        self, after: Optional[int] = None, *, path: Optional[str] = None, symbol: Optional[str] = None
    ) -> AsyncIterator[t.Event]:
        """The durable events after a number (from the first one without), in order and without gaps; never ends by itself.

        After a dropped connection it goes on behind the last event; `TransportError` when the daemon stays away. `path` leaves events that
        name it or a path below it, `symbol` landings that changed it.
        """
        return watched(self._transport, f"{self._base}/events", after, path, symbol)
