"""Reading answers."""

from typing import Any, Mapping

from ..errors import AcetateError, TransportError, from_problem
from . import text


def parse(data: bytes) -> Any:
    """The JSON of an answer; `None` for an empty one."""
    if not data:
        return None
    try:
        return text.loads(data)
    except ValueError as error:
        raise TransportError(f"the answer is no JSON: {error}", code="answer_invalid") from error


def problem(status: int, data: bytes, headers: Mapping[str, str]) -> AcetateError:
    """The error that an answer of status 400 or above stands for."""
    try:
        found = text.loads(data)
    except ValueError:
        found = None
    return from_problem(found, status, headers)
