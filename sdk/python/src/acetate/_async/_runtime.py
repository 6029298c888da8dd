"""What differs between the two clients: waiting, and the bytes of a stream. The blocking client has a file of its own for it."""

import asyncio
from typing import IO, Any, AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Optional, TypeVar, Union

import httpx

from .._wire.text import not_content, to_bytes

T = TypeVar("T")

# What can be written: text, bytes, a file opened for reading bytes, or pieces of bytes.
Content = Union[str, bytes, IO[bytes], Iterable[bytes], AsyncIterable[bytes]]

_PIECE = 256 * 1024


async def sleep(seconds: float) -> None:
    """Waits."""
    await asyncio.sleep(seconds)


async def in_thread(work: Callable[..., T], *arguments: Any) -> T:
    """Runs what blocks in a thread."""
    return await asyncio.to_thread(work, *arguments)


def socket_transport(path: str) -> httpx.AsyncHTTPTransport:
    """A transport over a Unix socket."""
    return httpx.AsyncHTTPTransport(uds=path)


def body(content: Content) -> Union[bytes, AsyncIterable[bytes]]:
    """Content as a request's body: bytes as they are, all else in pieces as it is sent."""
    if isinstance(content, str):
        return to_bytes(content)
    if isinstance(content, (bytes, bytearray, memoryview)):
        return bytes(content)
    if isinstance(content, AsyncIterable):
        return content
    if hasattr(content, "read"):
        return _pieces(lambda: content.read(_PIECE) or None)
    if not isinstance(content, Iterable):
        raise not_content(content)
    pieces: Iterator[bytes] = iter(content)
    return _pieces(lambda: next(pieces, None))


async def _pieces(following: Callable[[], Optional[bytes]]) -> AsyncIterator[bytes]:
    while True:
        piece = await asyncio.to_thread(following)
        if piece is None:
            return
        yield piece
