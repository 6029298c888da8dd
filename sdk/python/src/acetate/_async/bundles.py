"""Git bundles as they come: into memory, into an open file, or to a path that appears only when it is whole."""

import os
import tempfile
from typing import IO, Optional, Union

from .._wire.request import Request
from .transport import AsyncTransport

# Where a bundle goes: a path, or a file opened for writing bytes.
File = Union[str, "os.PathLike[str]", IO[bytes]]


async def saved(transport: AsyncTransport, request: Request, to: Optional[File]) -> Union[bytes, int]:
    """The answer's bytes, or how many were written."""
    if to is None:
        return await transport.data(request)
    if not isinstance(to, (str, os.PathLike)):
        return await _copied(transport, request, to)
    path = os.path.abspath(to)
    handle, beside = tempfile.mkstemp(dir=os.path.dirname(path), prefix=f".{os.path.basename(path)}.")
    try:
        with os.fdopen(handle, "wb") as file:
            size = await _copied(transport, request, file)
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise
    return size


async def _copied(transport: AsyncTransport, request: Request, file: IO[bytes]) -> int:
    size = 0
    async with transport.stream(request) as response:
        async for piece in response.aiter_bytes():
            file.write(piece)
            size += len(piece)
    return size
