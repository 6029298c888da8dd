"""What differs between the two clients: waiting, and the bytes of a stream. The client of `asyncio` has a file of its own for it."""

import time
from typing import IO, Any, Callable, Iterable, Iterator, TypeVar, Union

import httpx

from .._wire.text import not_content, to_bytes

T = TypeVar("T")

# What can be written: text, bytes, a file opened for reading bytes, or pieces of bytes.
Content = Union[str, bytes, IO[bytes], Iterable[bytes]]

_PIECE = 256 * 1024


def sleep(seconds: float) -> None:
    """Waits."""
    time.sleep(seconds)


def in_thread(work: Callable[..., T], *arguments: Any) -> T:
    """Runs what blocks; here the caller waits anyway."""
    return work(*arguments)


def socket_transport(path: str) -> httpx.HTTPTransport:
    """A transport over a Unix socket."""
    return httpx.HTTPTransport(uds=path)


def body(content: Content) -> Union[bytes, Iterable[bytes]]:
    """Content as a request's body: bytes as they are, all else in pieces as it is sent."""
    if isinstance(content, str):
        return to_bytes(content)
    if isinstance(content, (bytes, bytearray, memoryview)):
        return bytes(content)
    if hasattr(content, "read"):
        return _pieces(content)
    if not isinstance(content, Iterable):
        raise not_content(content)
    return content


def _pieces(file: Any) -> Iterator[bytes]:
    while True:
        piece = file.read(_PIECE)
        if not piece:
            return
        yield piece
