"""Cutting a stream of bytes into lines, and a stream of lines into server-sent events."""

from typing import Any, Iterator, List, NamedTuple, Optional

from . import text


class LineCutter:
    """Takes pieces of bytes and gives whole lines, without their ends."""

    def __init__(self) -> None:
        self._rest: List[bytes] = []

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """The lines that this piece completes."""
        first, *others = piece.split(b"\n")
        for following in others:
            yield b"".join([*self._rest, first]).rstrip(b"\r")
            self._rest.clear()
            first = following
        if first:
            self._rest.append(first)

    def end(self) -> Iterator[bytes]:
        """The last line, if it had no end."""
        if self._rest:
            yield b"".join(self._rest)
            self._rest.clear()


class ServerEvent(NamedTuple):
    """One server-sent event."""

    number: Optional[int]
    data: Any


class EventCutter:
    """Takes pieces of an event stream and gives whole events."""

    def __init__(self) -> None:
        self._lines = LineCutter()
        self._number: Optional[int] = None
        self._data: List[bytes] = []

    def feed(self, piece: bytes) -> Iterator[ServerEvent]:
        """The events that this piece completes; comments, which only keep the connection alive, give none."""
        for line in self._lines.feed(piece):
            name, _, value = line.partition(b":")
            value = value[1:] if value.startswith(b" ") else value
            if not line:
                if self._data:
                    yield ServerEvent(self._number, text.loads(b"\n".join(self._data)))
                    self._data.clear()
            elif name == b"id" and value.isdigit():
                self._number = int(value)
            elif name == b"data":
                self._data.append(value)
