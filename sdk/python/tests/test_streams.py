"""Large files pass through in pieces."""

import hashlib
import io
import subprocess
import sys
from typing import Any, Iterator

import pytest

import acetate

MIB = 1 << 20
SIZE = 64 * MIB


def pieces(count: int = 64) -> Iterator[bytes]:
    for number in range(count):
        yield bytes([number]) * MIB


class Zeros(io.RawIOBase):
    """A file of 64 MiB that is nowhere."""

    def __init__(self) -> None:
        self.left = SIZE

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        taken = min(self.left, size)
        self.left -= taken
        return bytes(taken)


BOUNDED = """
import resource, sys, hashlib
import acetate
from tests.test_streams import SIZE, Zeros
store, kind = sys.argv[1:]
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
def blocking():
    with acetate.Client(store=store) as client:
        workspace = client.workspace()
        session = workspace.open_session("ada")
        session.write_file("warm.bin", iter([b"x"]))
        before = peak()
        assert session.write_file("large.bin", Zeros())["size"] == SIZE
        assert sum(len(piece) for piece in session.read_stream("large.bin")) == SIZE
        session.close(discard=True)
        return peak() - before
async def waiting():
    async with acetate.AsyncClient(store=store) as client:
        session = await (await client.workspace()).open_session("ada")
        await session.write_file("warm.bin", iter([b"x"]))
        before = peak()
        assert (await session.write_file("large.bin", Zeros()))["size"] == SIZE
        size = 0
        async for piece in session.read_stream("large.bin"):
            size += len(piece)
        assert size == SIZE
        await session.close(discard=True)
        return peak() - before
import asyncio
print(blocking() if kind == "sync" else asyncio.run(waiting()))
"""


def test_64_mib_pass_with_bounded_memory(kind: str, daemon: Any, request: pytest.FixtureRequest) -> None:
    # In a process of its own, whose peak is its own.
    command = [sys.executable, "-c", BOUNDED, str(daemon.folder), kind]
    ended = subprocess.run(command, cwd=request.config.rootpath, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    grown = int(ended.stdout) * (1 if sys.platform == "darwin" else 1024)
    assert grown < 16 * MIB


def test_what_went_in_comes_out(workspace: Any) -> None:
    session = workspace.open_session("ada")
    session.write_file("large.bin", pieces(8))
    expected, found = hashlib.sha256(), hashlib.sha256()
    for piece in pieces(8):
        expected.update(piece)
    sizes = []
    for piece in session.read_stream("large.bin", chunk_size=MIB):
        found.update(piece)
        sizes.append(len(piece))
    assert found.digest() == expected.digest() and sizes == [MIB] * 8
    assert b"".join(session.read_stream("large.bin", start=MIB - 1, end=MIB + 1)) == b"\0\1"
    assert b"".join(session.read_stream("large.bin", start=8 * MIB - 1)) == b"\7"
    assert b"".join(session.read_stream("large.bin", start=5, end=5)) == b""
    session.submit()
    assert len(b"".join(workspace.read_stream("large.bin", at="v2", end=10))) == 10


def test_a_file_object_and_bytes_like_ones(workspace: Any, tmp_path: Any) -> None:
    session = workspace.open_session("ada")
    (tmp_path / "a").write_bytes(b"from a file")
    with (tmp_path / "a").open("rb") as file:
        session.write_file("a", file)
    session.write_file("b", bytearray(b"bytes"))
    assert (session.read_file("a"), session.read_bytes("b")) == ("from a file", b"bytes")


def test_a_stream_that_fails_is_an_error(workspace: Any) -> None:
    session = workspace.open_session("ada")

    def broken() -> Iterator[bytes]:
        yield b"one"
        raise RuntimeError("no more")

    with pytest.raises((RuntimeError, acetate.TransportError)):
        session.write_file("a", broken())
    assert session.glob("a") == []
    with pytest.raises(acetate.NotFoundError):
        for _ in session.read_stream("none"):
            pass
