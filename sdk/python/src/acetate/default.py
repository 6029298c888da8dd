"""The client behind `acetate.session` and `acetate.workspace`."""

import atexit
import os
import threading
from typing import Optional

from ._sync.client import Client

_lock = threading.Lock()
_client: Optional[Client] = None


def _close() -> None:
    if _client is not None:
        _client.close()


def _forget() -> None:
    """A forked process must not talk over its parent's connections."""
    global _client, _lock
    _client, _lock = None, threading.Lock()


atexit.register(_close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def default_client() -> Client:
    """The client that `acetate.session` and `acetate.workspace` use: one for the process, made on first use, which starts a daemon where
    none runs. See `Client` for where it looks.
    """
    global _client
    with _lock:
        if _client is None:
            _client = Client(start=True)
        return _client


def set_default_client(client: Optional[Client]) -> None:
    """Puts another client there; `None` lets the next use make a new one. The one before is not closed."""
    global _client
    with _lock:
        _client = client
