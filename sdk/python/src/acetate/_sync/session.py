# Written by scripts/unasync.py from _async/session.py; not to be edited.
"""One session: an agent's live layer over one pinned version of a workspace."""

from types import TracebackType
from typing import Any, Iterator, Iterable, List, Optional, Type

from .. import _types as t
from .. import matches, outcome
from .._wire import text
from .._wire.request import Request, change, edit, get, look
from ..errors import AcetateError, ConflictError
from ..matches import Match
from ._runtime import Content, body
from .files import Files
from .transport import Transport
from .watching import watched


class Session:
    """One session. It sees its own edits over its base, whatever others do.

    As a context manager it closes itself at the end if it holds no work, and stays open otherwise: nothing is thrown away. Every method
    raises an `AcetateError`; `NotFoundError` (`session_not_found`) where the session has ended.
    """

    id: str
    """The session's id, `s_…`."""
    workspace_id: str
    """The workspace it belongs to."""
    working: bool
    """Whether it is the workspace's working session, whose commits land at once."""
    token: Optional[str]
    """A token that reaches this session alone; only known where the session was opened or forked."""
    standing: Optional[t.Standing]
    """Where the session stood at its last answer: base, head, how far behind, events not seen yet, notices of overlaps."""
    seen: Optional[int]
    """The number of the newest event that you know: later answers don't repeat events up to it in `standing`."""

    def __init__(
        self, transport: Transport, id: str, workspace_id: str, *, token: Optional[str] = None, working: bool = False
    ) -> None:
        self.id = id
        self.workspace_id = workspace_id
        self.token = token
        self.working = working
        self.standing = None
        self.seen = None
        self._transport = transport
        self._base = f"/v1/sessions/{text.segment(id)}"
        self._files = Files(transport, self._base, self._prepared)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id}>"

    def __enter__(self) -> "Session":
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        if self.working:
            return
        try:
            self.close()
        except ConflictError:
            # It holds work that has not landed.
            pass
        except AcetateError:
            if error is None:
                raise

    # Reading

    def read_file(self, path: str) -> str:
        """The text of a file. Bytes that are no UTF-8 appear as surrogate escapes; see `read_bytes`.

        Raises `NotFoundError` (`path_not_found`), `ConflictError` (`is_a_directory`).
        """
        return text.from_bytes(self.read_bytes(path))

    def read_bytes(self, path: str) -> bytes:
        """The bytes of a file; errors as for `read_file`."""
        return self._files.data(path)

    def read_stream(
        self, path: str, *, start: int = 0, end: Optional[int] = None, chunk_size: Optional[int] = None
    ) -> Iterator[bytes]:
        """The bytes of a file in pieces, from byte `start` up to and without byte `end`, without holding it whole.

        Pieces have `chunk_size` bytes, or come as they arrive.
        """
        return self._files.pieces(path, start=start, end=end, size=chunk_size)

    def read_many(
        self, paths: Optional[Iterable[str]] = None, globs: Optional[Iterable[str]] = None
    ) -> Iterator[t.ReadFile]:
        """Many files in one call, as they come: each with `content`, or with `code` and `message` where it can't be read."""
        return self._files.many(paths, globs)

    def list(
        self, prefix: Optional[str] = None, *, glob: Optional[str] = None, changed: bool = False, shallow: bool = False
    ) -> Iterator[t.FileInfo]:
        """The files in path order, asked for page by page.

        `prefix` is a folder, `changed` leaves only what the session changed, `shallow` shows folders instead of what is in them.
        """
        return self._files.listed(prefix=prefix, glob=glob, changed=changed, shallow=shallow)

    def glob(self, pattern: str) -> List[str]:
        """The paths that match a pattern such as `src/**/*.py`. Raises `InvalidError` (`glob_invalid`)."""
        return [file["path"] for file in self._files.listed(glob=pattern)]

    def grep(
        self,
        pattern: str,
        *,
        glob: Optional[str] = None,
        path: Optional[str] = None,
        fixed: bool = False,
        case: Optional[t.CaseRule] = None,
        word: bool = False,
        before: int = 0,
        after: int = 0,
    ) -> Iterator[Match]:
        """The lines that match a regular expression (ripgrep's syntax), in path order, asked for page by page.

        `fixed` takes the pattern as plain text; `before` and `after` are counts of lines of context. Raises `InvalidError`
        (`pattern_invalid`).
        """
        search: t.Grep = {
            "pattern": pattern,
            "glob": glob,
            "path": path,
            "fixed": fixed,
            "word": word,
            "before": before,
            "after": after,
        }
        if case is not None:
            search["case"] = case
        while True:
            page = self.grep_page(search)
            for match in matches.of_page(page):
                yield match
            search["cursor"] = page.get("next")
            if search["cursor"] is None:
                return

    def grep_page(self, search: t.Grep) -> t.GrepPageAnswer:
        """One page of a search, as the API has it: also the modes `files` and `count`, and `multiline`."""
        answer: t.GrepPageAnswer = self._ask(look(f"{self._base}/grep").json(search))
        return answer

    def symbols(
        self, path: Optional[str] = None, *, query: Optional[str] = None, limit: Optional[int] = None
    ) -> t.SymbolListAnswer:
        """The symbols of a file, or those of all files whose name has `query` in it."""
        answer: t.SymbolListAnswer = self._ask(get(f"{self._base}/symbols").query(path=path, query=query, limit=limit))
        return answer

    # Editing

    def write_file(
        self, path: str, content: Content, mode: Optional[str] = None, expect: Optional[str] = None
    ) -> t.WrittenAnswer:
        """Writes a file whole: text, bytes, or a stream of bytes (a file opened for reading, or an iterator).

        `mode` is `100644`, `100755` or `120000` (a link; the content is its target). `expect` makes it conditional: the `etag` that the
        file must have, `"*"` for any, `""` for a file that must not be there. Raises `StaleError` where that does not hold, `LimitError`
        for what is too large. A stream, and a conditional write, is sent once and never repeated.
        """
        request = change("PUT", self._path(path)).raw(body(content)).header("acetate-mode", mode)
        if expect == "":
            request.header("if-none-match", "*").once()
        elif expect is not None:
            request.header("if-match", "*" if expect == "*" else f'"{expect}"').once()
        answer: t.WrittenAnswer = self._ask(request)
        return answer

    def edit(
        self, path: str, old: str, new: str, *, all: bool = False, expect: Optional[str] = None
    ) -> t.EditedAnswer:
        """Replaces an exact text that occurs once (or, with `all`, every occurrence).

        Raises `InvalidError`: `text_not_found` with the closest place in `details`, `text_not_unique` with the places. Never repeated by
        itself; `expect` as for `write_file`.
        """
        return self.edit_all(path, [{"old": old, "new": new, "all": all}], expect=expect)

    def edit_all(self, path: str, edits: Iterable[t.StringEdit], *, expect: Optional[str] = None) -> t.EditedAnswer:
        """Makes several replacements in one file, one after the other: all of them, or none. Errors as for `edit`."""
        request = edit(f"{self._base}/edit").json({"path": path, "edits": [*edits], "expect": expect})
        answer: t.EditedAnswer = self._ask(request)
        return answer

    def delete_file(self, path: str, expect: Optional[str] = None) -> t.WrittenAnswer:
        """Deletes a file, or a folder with all in it. Raises `NotFoundError` (`path_not_found`)."""
        request = change("DELETE", self._path(path)).once()
        if expect is not None:
            request.header("if-match", "*" if expect == "*" else f'"{expect}"')
        answer: t.WrittenAnswer = self._ask(request)
        return answer

    def move_file(self, source: str, target: str, *, replace: bool = False) -> t.WrittenAnswer:
        """Moves a file or a folder. Raises `ConflictError` (`path_exists`) where something is there, unless `replace`."""
        request = edit(f"{self._base}/move").json({"from": source, "to": target, "replace": replace})
        answer: t.WrittenAnswer = self._ask(request)
        return answer

    def set_mode(self, path: str, mode: str) -> t.WrittenAnswer:
        """Gives a file another mode: `100644` or `100755`."""
        answer: t.WrittenAnswer = self._ask(edit(f"{self._base}/mode").json({"path": path, "mode": mode}))
        return answer

    def batch(self, edits: Iterable[t.BatchEdit]) -> t.BatchWrittenAnswer:
        """Makes many changes in one call: all of them, or none."""
        answer: t.BatchWrittenAnswer = self._ask(edit(f"{self._base}/batch").json({"edits": [*edits]}))
        return answer

    # Looking

    def info(self) -> t.SessionInfoAnswer:
        """The session itself: agent, base, state, expiry, whether it holds work."""
        answer: t.SessionInfoAnswer = self._ask(get(self._base))
        return answer

    def status(self) -> t.SessionStatusAnswer:
        """What it changed, which conflicts wait, and who else edits the same."""
        answer: t.SessionStatusAnswer = self._ask(get(f"{self._base}/status"))
        return answer

    def diff(
        self,
        paths: Iterable[str] = (),
        *,
        hunks: bool = True,
        patch: bool = False,
        symbols: bool = False,
        context: Optional[int] = None,
    ) -> t.SessionDiffAnswer:
        """Its changes against its base; `patch` adds them as one text, `context` is a count of lines."""
        request = get(f"{self._base}/diff").query(
            path=[*paths], hunks="true" if hunks else "false", patch=patch, symbols=symbols, context=context
        )
        answer: t.SessionDiffAnswer = self._ask(request)
        return answer

    def turns(self) -> List[t.TurnInfo]:
        """The turn commits since it stands on its base, newest first, at most a thousand."""
        answer: t.TurnListAnswer = self._ask(get(f"{self._base}/turns"))
        return answer["turns"]

    def watch(
        self, after: Optional[int] = None, *, path: Optional[str] = None, symbol: Optional[str] = None
    ) -> Iterator[t.Event]:
        """The durable events of its workspace, without end; see `Workspace.watch`."""
        return watched(self._transport, f"/v1/workspaces/{text.segment(self.workspace_id)}/events", after, path, symbol)

    # Landing

    def commit(self, message: Optional[str] = None, *, key: Optional[str] = None) -> str:
        """Ends the turn, and returns the id of the commit that holds the session's files.

        In an opened session that is a commit on the session's own branch; it lands with `submit`. In a working session the work lands at
        once, and it is the landed commit. With nothing changed no commit is made, and it is the one before. `key` is an idempotency key of
        yours, for a call that you may repeat yourself; else one is made.

        Raises `ConflictError` where a working session's work met conflicts (`conflict`, listed in `details["conflicts"]`; settle them with
        `resolve`, then `submit`) or was rejected by checks (`rejected`), and `InvalidError` (`nothing_committed`) on a branch without any
        commit.
        """
        return outcome.committed(self.commit_turn(message, key=key))

    def commit_turn(self, message: Optional[str] = None, *, key: Optional[str] = None) -> t.TurnCommitAnswer:
        """Ends the turn as `commit` does, and answers all that is known of it; conflicts are not raised."""
        answer: t.TurnCommitAnswer = self._ask(change("POST", f"{self._base}/commit", key).json({"message": message}))
        return answer

    def submit(
        self,
        message: Optional[str] = None,
        *,
        dry_run: bool = False,
        same_symbol: Optional[str] = None,
        key: Optional[str] = None,
    ) -> t.SubmissionAnswer:
        """Lands the work on its branch; `result` says `landed`, `conflict` or `rejected`, and a conflict is no error.

        `dry_run` only tells what would come of it. `same_symbol` is `review`, `merge` or `verified`: what becomes
        of a symbol that both sides changed.
        """
        content = {"message": message, "dry_run": dry_run or None, "same_symbol": same_symbol}
        answer: t.SubmissionAnswer = self._ask(change("POST", f"{self._base}/submit", key).json(content))
        return answer

    def sync(self, *, same_symbol: Optional[str] = None, key: Optional[str] = None) -> t.SyncOutcomeAnswer:
        """Moves the session onto its branch's head, with its work."""
        request = change("POST", f"{self._base}/sync", key).json({"same_symbol": same_symbol})
        answer: t.SyncOutcomeAnswer = self._ask(request)
        return answer

    def resolve(
        self,
        path: str,
        take: t.Take,
        *,
        symbol: Optional[str] = None,
        kind: Optional[str] = None,
        content: Optional[str] = None,
        submit: bool = False,
        key: Optional[str] = None,
    ) -> t.ResolvedAnswer:
        """Settles the conflicts of a path (or of one symbol in it): `take` is `head`, `session`, `proposal`, `delete`, or `text` for
        `content`. `submit` lands the work when it was the last one. Raises `NotFoundError` (`conflict_not_found`).
        """
        request = change("POST", f"{self._base}/resolve", key).json(
            {"path": path, "take": take, "symbol": symbol, "kind": kind, "text": content, "submit": submit or None}
        )
        answer: t.ResolvedAnswer = self._ask(request)
        return answer

    def conflict_markers(self, path: str, *, style: Optional[str] = None) -> bytes:
        """A file in conflict with conflict markers, as Git writes them; `style` is `merge` or `diff3`."""
        return self._transport.data(
            self._prepared(get(f"{self._base}/conflicts/{text.path(path)}").query(style=style))
        )

    def checkpoint(self, name: str, message: Optional[str] = None, *, key: Optional[str] = None) -> t.CheckpointInfoAnswer:
        """Ends the turn and names its commit. Raises `ConflictError` (`checkpoint_exists`)."""
        request = change("POST", f"{self._base}/checkpoint", key).json({"name": name, "message": message})
        answer: t.CheckpointInfoAnswer = self._ask(request)
        return answer

    # Its life

    def fork(
        self, agent: Optional[str] = None, *, intent: Optional[str] = None, ttl: Optional[int] = None, key: Optional[str] = None
    ) -> "Session":
        """A second session with the same base and the same unsaved edits. `ttl` is its life without a call, in seconds."""
        if agent is None:
            agent = (self.info())["agent"]
        request = change("POST", f"{self._base}/fork", key).json({"agent": agent, "intent": intent, "ttl": ttl})
        opened: t.Opened = self._transport.json(request)
        return type(self)(self._transport, opened["id"], opened["workspace"], token=opened["token"])

    def pause(self) -> t.SessionInfo:
        """Gives back its memory; its unsaved edits stay."""
        answer: t.SessionInfo = self._ask(change("POST", f"{self._base}/pause"))
        return answer

    def resume(self) -> t.SessionInfoAnswer:
        """Brings it back."""
        answer: t.SessionInfoAnswer = self._ask(change("POST", f"{self._base}/resume"))
        return answer

    def close(self, *, discard: bool = False) -> t.Closed:
        """Ends it. Raises `ConflictError` (`session_unsubmitted`) where it holds work that has not landed, unless `discard`; even then
        its branch is kept for 30 days.
        """
        answer: t.Closed = self._ask(change("DELETE", self._base).query(discard=discard).once())
        return answer

    def archive(self) -> bytes:
        """Commits its work, ends it, and returns its branch as a Git bundle."""
        return self._transport.data(change("DELETE", self._base).query(archive=True).once())

    # Within

    def _path(self, path: str) -> str:
        return f"{self._base}/files/{text.path(path)}"

    def _prepared(self, request: Request) -> Request:
        return request if self.seen is None else request.header("acetate-seen", str(self.seen))

    def _ask(self, request: Request) -> Any:
        found = self._transport.json(self._prepared(request))
        if isinstance(found, dict):
            self.standing = found.get("standing", self.standing)
        return found
