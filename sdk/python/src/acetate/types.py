"""The shapes of requests and answers: `TypedDict`s, generated from the daemon's OpenAPI document."""

from ._types import *  # noqa: F403
from ._types import __all__ as __all__
