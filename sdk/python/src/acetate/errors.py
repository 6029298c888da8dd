"""What can go wrong. Every error says its `kind` and a stable `code`; there is one class for each kind.

`code` is what a program tells cases apart by, for example `text_not_found`, `session_unsubmitted` or `name_taken`.
"""

from typing import Any, Dict, Mapping, Optional, Type


class AcetateError(Exception):
    """The base of all errors of this package."""

    kind: str = "internal"
    """What went wrong, as far as a caller has to tell cases apart; one of the API's eight kinds, or `transport`."""
    code: str
    """The stable, specific code; the kind where there is nothing finer."""
    status: Optional[int]
    """The HTTP status; `None` where no answer came."""
    message: str
    """One sentence: what happened."""
    hint: Optional[str]
    """One sentence: what to do next."""
    details: Any
    """Structured details, as the code documents them."""
    request_id: Optional[str]
    """The id of the request, from the answer's `X-Request-Id`, where the daemon or a proxy before it sends one."""
    retry_after: Optional[float]
    """How many seconds the daemon asks to wait before the next try."""

    def __init__(
        self,
        message: str,
        *,
        code: Optional[str] = None,
        status: Optional[int] = None,
        hint: Optional[str] = None,
        details: Any = None,
        request_id: Optional[str] = None,
        retry_after: Optional[float] = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.kind
        self.status = status
        self.hint = hint
        self.details = details
        self.request_id = request_id
        self.retry_after = retry_after

    def __str__(self) -> str:
        text = f"{self.message} [{self.code}]"
        if self.hint:
            text += f"; {self.hint}"
        if self.request_id:
            text += f" (request {self.request_id})"
        return text


class NotFoundError(AcetateError):
    """The named thing does not exist, or the caller may not know that it does."""

    kind = "not_found"


class ConflictError(AcetateError):
    """Two changes, or a change and the state it meets, exclude each other."""

    kind = "conflict"


class InvalidError(AcetateError):
    """The request itself is wrong; sending it again unchanged can't help."""

    kind = "invalid"


class StaleError(AcetateError):
    """The request was right for an earlier state; read again, then retry."""

    kind = "stale"


class LimitError(AcetateError):
    """A size, a quota, a rate or a bound was exceeded."""

    kind = "limit"


class DeniedError(AcetateError):
    """The caller lacks a right, or is not known (status 401)."""

    kind = "denied"


class UnavailableError(AcetateError):
    """Can't be answered now; may work later."""

    kind = "unavailable"


class InternalError(AcetateError):
    """A fault of the daemon or of the store."""

    kind = "internal"


class TransportError(AcetateError):
    """No whole answer came: the daemon can't be reached or started, or went away. What was asked may have happened."""

    kind = "transport"


class RequestTimeoutError(TransportError):
    """No answer came in time. What was asked may have happened."""


_KINDS: Dict[str, Type[AcetateError]] = {
    each.kind: each
    for each in (
        NotFoundError,
        ConflictError,
        InvalidError,
        StaleError,
        LimitError,
        DeniedError,
        UnavailableError,
        InternalError,
    )
}
# For answers of a proxy, which say no kind.
_STATUSES: Dict[int, Type[AcetateError]] = {
    400: InvalidError,
    401: DeniedError,
    403: DeniedError,
    404: NotFoundError,
    409: ConflictError,
    412: StaleError,
    413: LimitError,
    429: LimitError,
    502: UnavailableError,
    503: UnavailableError,
    504: UnavailableError,
}


def from_problem(problem: Any, status: int, headers: Mapping[str, str]) -> AcetateError:
    """The error of an answer: of its RFC 9457 problem where it is one, else of its status alone."""
    found: Dict[str, Any] = problem if isinstance(problem, dict) else {}
    fallback = _STATUSES.get(status, InternalError if status >= 500 else InvalidError)
    kind = _KINDS.get(str(found.get("kind")), fallback)
    return kind(
        str(found.get("detail") or found.get("message") or found.get("title") or f"the answer was HTTP status {status}"),
        code=found.get("code"),
        status=status,
        hint=found.get("hint"),
        details=found.get("details"),
        request_id=headers.get("x-request-id"),
        retry_after=_seconds(headers.get("retry-after")),
    )


def _seconds(text: Optional[str]) -> Optional[float]:
    return float(text) if text is not None and text.strip().isdigit() else None
