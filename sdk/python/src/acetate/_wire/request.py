"""One request to the daemon as a plain value."""

import uuid
from typing import Any, AsyncIterable, Dict, Iterable, Mapping, Optional, Union
from urllib.parse import quote

from . import text

JSON_TYPE = "application/json"
BYTES_TYPE = "application/octet-stream"

# A body: bytes, or a stream of them that can be sent once.
Body = Union[bytes, Iterable[bytes], AsyncIterable[bytes]]
QueryValue = Union[None, bool, int, str, bytes, Iterable[str]]


class Request:
    """What is asked. `repeatable` says whether it may be sent again when no answer came."""

    __slots__ = ("body", "headers", "method", "repeatable", "target", "timeout")

    def __init__(self, method: str, target: str, *, repeatable: bool) -> None:
        self.method = method
        self.target = target
        self.headers: Dict[str, str] = {}
        self.body: Optional[Body] = None
        self.repeatable = repeatable
        # How long the next bytes of the answer may take, in seconds, where it is not the client's own time-out.
        self.timeout: Optional[float] = None

    def query(self, **values: QueryValue) -> "Request":
        """Adds parameters; `None` and `False` leave one out. A name that is a Python keyword is written with `_` behind."""
        parts = []
        for name, value in values.items():
            if value is None or value is False:
                continue
            name = name.rstrip("_")
            if value is True:
                parts.append(f"{name}=true")
            elif isinstance(value, (int, str, bytes)):
                parts.append(f"{name}={quote(text.to_bytes(value) if not isinstance(value, int) else str(value), safe='')}")
            else:
                parts += [f"{name}={quote(text.to_bytes(each), safe='')}" for each in value]
        if parts:
            self.target += ("&" if "?" in self.target else "?") + "&".join(parts)
        return self

    def header(self, name: str, value: Optional[str]) -> "Request":
        """Adds a header if there is a value."""
        if value is not None:
            self.headers[name] = value
        return self

    def json(self, body: Mapping[str, Any]) -> "Request":
        """Sends JSON; keys whose value is `None` are left out, texts that are no UTF-8 go as `{"base64": …}`."""
        self.body = text.dumps({key: value for key, value in body.items() if value is not None})
        return self.header("content-type", JSON_TYPE)

    def raw(self, body: Body) -> "Request":
        """Sends raw bytes. A stream can be sent only once, so such a request is never repeated."""
        self.body = body
        self.repeatable = self.repeatable and isinstance(body, bytes)
        return self.header("content-type", BYTES_TYPE)

    def once(self) -> "Request":
        """Never sent again by itself."""
        self.repeatable = False
        return self

    def wait(self, seconds: Optional[float]) -> "Request":
        """Gives the answer so long instead of the client's time-out."""
        self.timeout = seconds
        return self


def get(target: str) -> Request:
    """Reads; may be repeated."""
    return Request("GET", target, repeatable=True)


def look(target: str) -> Request:
    """A `POST` that only reads; may be repeated and carries no key."""
    return Request("POST", target, repeatable=True)


def change(method: str, target: str, key: Optional[str] = None) -> Request:
    """Changes something, with an idempotency key: may be repeated, and comes to the same."""
    return Request(method, target, repeatable=True).header("idempotency-key", key or new_key())


def edit(target: str) -> Request:
    """Edits files. The daemon takes no key there (the file's revision guards it), so it is never repeated."""
    return Request("POST", target, repeatable=False)


def new_key() -> str:
    """A fresh idempotency key."""
    return uuid.uuid4().hex
