"""When a request is sent again, and how long to wait before."""

import random
from dataclasses import dataclass
from typing import Optional

from ..errors import AcetateError, TransportError
from .request import Request

_STATUSES = frozenset({502, 503, 504})


@dataclass(frozen=True)
class Retry:
    """Bounds of repeating: only reads, and changes that carry an idempotency key, are ever sent again.

    `attempts` counts the first one too; `delay` is the first pause in seconds and doubles up to `longest`.
    """

    attempts: int = 4
    delay: float = 0.1
    longest: float = 5.0

    def pause(self, request: Request, error: AcetateError, attempt: int) -> Optional[float]:
        """Seconds to wait after the failed attempt of that number (from 1) before the next; `None` to give up."""
        if not request.repeatable or attempt >= self.attempts or not _passing(error):
            return None
        if error.retry_after is not None:
            return min(error.retry_after, self.longest)
        # Spread out, so that many clients of a daemon that restarts don't come back at the same moment.
        return min(self.delay * 2.0 ** (attempt - 1), self.longest) * random.uniform(0.5, 1.0)


def _passing(error: AcetateError) -> bool:
    return isinstance(error, TransportError) or error.status in _STATUSES or error.kind == "unavailable"
