"""Driving `AsyncClient` like `Client`, so that one test body tries both."""

import asyncio
import inspect
from typing import Any, AsyncIterator, Callable, Iterator

from acetate import AsyncClient, Client

_OWN = (AsyncClient.__module__.rsplit(".", 1)[0],)


class Blocking:
    """An object of the `asyncio` client whose methods block."""

    def __init__(self, inner: Any, loop: asyncio.AbstractEventLoop) -> None:
        self.__dict__.update(inner=inner, loop=loop)

    def __getattr__(self, name: str) -> Any:
        return self._wrapped(getattr(self.inner, name))

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.inner, name, value)

    def __enter__(self) -> "Blocking":
        self.loop.run_until_complete(self.inner.__aenter__())
        return self

    def __exit__(self, *error: Any) -> None:
        self.loop.run_until_complete(self.inner.__aexit__(*error))

    def _wrapped(self, value: Any) -> Any:
        if inspect.iscoroutine(value):
            return self._wrapped(self.loop.run_until_complete(value))
        if inspect.isasyncgen(value):
            return self._iterated(value)
        if inspect.ismethod(value):
            return self._called(value)
        if type(value).__module__.startswith(_OWN):
            return Blocking(value, self.loop)
        return value

    def _called(self, method: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *arguments, **named: self._wrapped(method(*arguments, **named))

    def _iterated(self, items: AsyncIterator[Any]) -> Iterator[Any]:
        try:
            while True:
                try:
                    yield self._wrapped(self.loop.run_until_complete(items.__anext__()))
                except StopAsyncIteration:
                    return
        finally:
            self.loop.run_until_complete(items.aclose())  # type: ignore[attr-defined]


def make(kind: str, loop: asyncio.AbstractEventLoop, **options: Any) -> Any:
    """A client of that kind: `sync` or `async`."""
    return Client(**options) if kind == "sync" else Blocking(AsyncClient(**options), loop)
