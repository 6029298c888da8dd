"""Following the events of a workspace."""

from typing import AsyncIterator, Optional

from .. import _types as t
from .._wire.lines import EventCutter
from .._wire.request import get
from ..errors import TransportError
from ._runtime import sleep
from .transport import AsyncTransport

# The daemon says "still here" every fifteen seconds; after this many without a word the connection is taken for dead.
_SILENCE = 45.0


async def watched(
    transport: AsyncTransport, target: str, after: Optional[int], path: Optional[str], symbol: Optional[str]
) -> AsyncIterator[t.Event]:
    """The events after a number; goes on after the last one when the connection drops."""
    drops = 0
    while True:
        request = get(target).query(after=after, path=path, symbol=symbol).header("accept", "text/event-stream").wait(_SILENCE)
        cutter = EventCutter()
        try:
            async with transport.stream(request) as response:
                async for piece in response.aiter_bytes():
                    drops = 0
                    for event in cutter.feed(piece):
                        if event.number is not None:
                            after = event.number
                        yield event.data
        except TransportError:
            if drops >= transport.retry.attempts:
                raise
        drops += 1
        await sleep(min(transport.retry.delay * 2.0 ** (drops - 1), transport.retry.longest))
