# Written by scripts/unasync.py from _async/files.py; not to be edited.
"""Reading the files of a session or of a workspace's point: one implementation for both."""

from typing import Any, Iterator, Callable, Dict, Iterable, List, Optional

from .. import _types as t
from .._wire import text
from .._wire.answer import parse
from .._wire.lines import LineCutter
from .._wire.request import Request, get, look
from .transport import Transport


class Files:
    """The files below one address."""

    def __init__(self, transport: Transport, base: str, prepare: Callable[[Request], Request]) -> None:
        self._transport = transport
        self._base = base
        self._prepare = prepare

    def data(self, path: str, *, at: Optional[str] = None) -> bytes:
        """One file whole."""
        return self._transport.data(self._file(path, at))

    def pieces(
        self, path: str, *, at: Optional[str] = None, start: int = 0, end: Optional[int] = None, size: Optional[int] = None
    ) -> Iterator[bytes]:
        """One file in pieces, from byte `start` up to and without byte `end`."""
        request = self._file(path, at)
        if start or end is not None:
            if end is not None and end <= start:
                return
            request.header("range", f"bytes={start}-{'' if end is None else end - 1}")
        with self._transport.stream(request) as response:
            for piece in response.iter_bytes(size):
                yield piece

    def listed(self, after: Optional[str] = None, **query: Any) -> Iterator[t.FileInfo]:
        """The files, page by page."""
        while True:
            page: t.FileList = self._transport.json(self._prepare(get(f"{self._base}/files").query(after=after, **query)))
            for file in page["files"]:
                yield file
            after = page.get("next")
            if after is None:
                return

    def many(
        self, paths: Optional[Iterable[str]] = None, globs: Optional[Iterable[str]] = None, at: Optional[str] = None
    ) -> Iterator[t.ReadFile]:
        """Many files, as they come."""
        body: Dict[str, Any] = {"paths": _list(paths), "globs": _list(globs), "at": at}
        cutter = LineCutter()
        with self._transport.stream(self._prepare(look(f"{self._base}/read").json(body))) as response:
            for piece in response.iter_bytes():
                for line in cutter.feed(piece):
                    if line:
                        yield parse(line)
        for line in cutter.end():
            yield parse(line)

    def _file(self, path: str, at: Optional[str]) -> Request:
        return self._prepare(get(f"{self._base}/files/{text.path(path)}").query(at=at))


def _list(values: Optional[Iterable[str]]) -> Optional[List[str]]:
    return None if values is None else list(values)
