"""Reading the files of a session or of a workspace's point: one implementation for both."""

from typing import Any, AsyncIterator, Callable, Dict, Iterable, List, Optional

from .. import _types as t
from .._wire import text
from .._wire.answer import parse
from .._wire.lines import LineCutter
from .._wire.request import Request, get, look
from .transport import AsyncTransport


class AsyncFiles:
    """The files below one address."""

    def __init__(self, transport: AsyncTransport, base: str, prepare: Callable[[Request], Request]) -> None:
        self._transport = transport
        self._base = base
        self._prepare = prepare

    async def data(self, path: str, *, at: Optional[str] = None) -> bytes:
        """One file whole."""
        return await self._transport.data(self._file(path, at))

    async def pieces(
        self, path: str, *, at: Optional[str] = None, start: int = 0, end: Optional[int] = None, size: Optional[int] = None
    ) -> AsyncIterator[bytes]:
        """One file in pieces, from byte `start` up to and without byte `end`."""
        request = self._file(path, at)
        if start or end is not None:
            if end is not None and end <= start:
                return
            request.header("range", f"bytes={start}-{'' if end is None else end - 1}")
        async with self._transport.stream(request) as response:
            async for piece in response.aiter_bytes(size):
                yield piece

    async def listed(self, after: Optional[str] = None, **query: Any) -> AsyncIterator[t.FileInfo]:
        """The files, page by page."""
        while True:
            page: t.FileList = await self._transport.json(self._prepare(get(f"{self._base}/files").query(after=after, **query)))
            for file in page["files"]:
                yield file
            after = page.get("next")
            if after is None:
                return

    async def many(
        self, paths: Optional[Iterable[str]] = None, globs: Optional[Iterable[str]] = None, at: Optional[str] = None
    ) -> AsyncIterator[t.ReadFile]:
        """Many files, as they come."""
        body: Dict[str, Any] = {"paths": _list(paths), "globs": _list(globs), "at": at}
        cutter = LineCutter()
        async with self._transport.stream(self._prepare(look(f"{self._base}/read").json(body))) as response:
            async for piece in response.aiter_bytes():
                for line in cutter.feed(piece):
                    if line:
                        yield parse(line)
        for line in cutter.end():
            yield parse(line)

    def _file(self, path: str, at: Optional[str]) -> Request:
        return self._prepare(get(f"{self._base}/files/{text.path(path)}").query(at=at))


def _list(values: Optional[Iterable[str]]) -> Optional[List[str]]:
    return None if values is None else list(values)
