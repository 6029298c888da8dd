"""Where a client's daemon is, from what it was told and from the environment."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from ..errors import InvalidError, TransportError
from . import daemon, store
from .daemon import Found


@dataclass(frozen=True)
class Place:
    """What a client was told about where its daemon is."""

    url: Optional[str]
    """`http://…`, `https://…`, or `unix:///path/of/the/socket`; else ACETATE_URL, unless a store is named."""
    token: Optional[str]
    """The token for an address; else ACETATE_TOKEN."""
    store: Optional[str]
    """A repository or store on this machine; else ACETATE_STORE, else the one around the current folder."""
    start: bool
    """Whether a daemon may be started for a store."""
    program: Optional[str]
    """The `acetate` program; else ACETATE_BIN, else the one on PATH."""

    def is_local(self) -> bool:
        """Whether the daemon is one of this machine, which may come back elsewhere than it was."""
        return self.url is None and (self.store is not None or not os.environ.get("ACETATE_URL"))

    def resolve(self) -> Found:
        """Finds the daemon, starting it where that is needed and allowed. May take seconds.

        Raises `TransportError` when none runs (`daemon_unreachable`) or can be started, and what finding the store raises.
        """
        url, token = self.url, self.token
        if url is None and self.store is None:
            url = os.environ.get("ACETATE_URL") or None
            token = token or (os.environ.get("ACETATE_TOKEN") or None)
        elif url is not None and url == os.environ.get("ACETATE_URL"):
            # A token from the environment is never sent to an address that is not the environment's.
            token = token or (os.environ.get("ACETATE_TOKEN") or None)
        if url is not None:
            return _at(url, token)
        found_store = store.find(self.store or os.environ.get("ACETATE_STORE") or None, Path.cwd())
        running = daemon.look(found_store)
        if running is not None:
            return running
        if not self.start:
            raise TransportError(
                f"no daemon runs for {found_store.git_dir}",
                code="daemon_unreachable",
                hint=f"start one: acetate serve {found_store.git_dir}; or make the client with start=True",
            )
        return daemon.start(found_store, self.program)


def _at(url: str, token: Optional[str]) -> Found:
    if url.startswith("unix://"):
        return Found(url[len("unix://") :], "http://acetate", token)
    if not url.startswith(("http://", "https://")):
        raise InvalidError(f"{url!r} is no address of a daemon", code="url_invalid", hint="http://, https:// or unix:///path")
    # The address may be given with or without the version that every call names itself.
    bare = url.rstrip("/")
    return Found(None, bare[: -len("/v1")] if bare.endswith("/v1") else bare, token)
