"""Bytes that may be no UTF-8, as `str` in Python and as `{"base64": …}` in JSON.

Paths are bytes. A `str` holds those that are no UTF-8 as surrogate escapes, as `os.fsdecode` does, so that nothing is lost on the way
there and back.
"""

import base64
import json
import os
from typing import Any, Dict, Union
from urllib.parse import quote

from ..errors import InvalidError


def from_bytes(data: bytes) -> str:
    """The text of bytes, with surrogate escapes for what is no UTF-8."""
    return data.decode("utf-8", "surrogateescape")


def to_bytes(text: Union[str, bytes, "os.PathLike[str]"]) -> bytes:
    """The bytes of a text or path; the reverse of `from_bytes`."""
    if isinstance(text, os.PathLike):
        text = os.fspath(text)
    if isinstance(text, bytes):
        return text
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise InvalidError(f"the text has half a character: {error}", code="text_invalid", hint="give it as bytes") from error


def not_content(content: object) -> InvalidError:
    """The error for what nobody can write."""
    return InvalidError(
        f"{type(content).__name__} is no content",
        code="content_invalid",
        hint="give text, bytes, a file opened for reading bytes, or pieces of bytes",
    )


def to_json(text: Union[str, bytes]) -> Union[str, Dict[str, str]]:
    """A text as the daemon's JSON has it."""
    data = to_bytes(text)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode("ascii")}


def dumps(value: Any) -> bytes:
    """JSON for the daemon, in which every text or bytes may be no UTF-8."""
    return json.dumps(_plain(value), separators=(",", ":")).encode("ascii")


def _plain(value: Any) -> Any:
    if isinstance(value, (str, bytes)):
        return to_json(value)
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value


def loads(data: Union[str, bytes]) -> Any:
    """The daemon's JSON, every `{"base64": …}` in it as a text."""
    return json.loads(data, object_hook=_text_or_object)


def _text_or_object(found: Dict[str, Any]) -> Any:
    if len(found) == 1 and isinstance(found.get("base64"), str):
        return from_bytes(base64.b64decode(found["base64"]))
    return found


def segment(text: str) -> str:
    """One segment of an address."""
    quoted = quote(to_bytes(text), safe="")
    # A segment of dots alone would be taken for a step upwards.
    return quoted.replace(".", "%2E") if quoted in (".", "..") else quoted


def path(text: Union[str, bytes]) -> str:
    """A repository path in an address: its slashes stay."""
    parts = to_bytes(text).split(b"/")
    return "/".join("%2E" * len(part) if part in (b".", b"..") else quote(part, safe="") for part in parts)
