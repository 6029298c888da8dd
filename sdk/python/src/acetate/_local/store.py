"""Finding the store that a client is about. Nothing is opened and no program is run here.

The rules are those of the command line: the store that is named, else the repository around the current folder, else the user's own.
A repository found by walking upwards must belong to the caller, as with Git's `safe.directory`; one that is named is trusted.
"""

import os
from pathlib import Path
from typing import NamedTuple, Optional

from ..errors import DeniedError, InvalidError, NotFoundError


class Store(NamedTuple):
    """A store, as found."""

    git_dir: Path
    """What is served: the Git directory, or the folder of a store that may have to be made."""
    default: bool
    """Whether it is the user's own store, which is made on first use."""

    @property
    def state_dir(self) -> Path:
        """Where the daemon keeps what concerns only this machine: socket, token, log."""
        return self.git_dir / "acetate"


def find(named: Optional[str], current: Path) -> Store:
    """The store that is meant.

    Raises `NotFoundError` (`store_not_found`) for a named one that is none, `DeniedError` (`store_foreign`) for one found that belongs
    to somebody else.
    """
    if named:
        path = current / named
        git_dir = _git_dir_of(path)
        if git_dir is None:
            raise NotFoundError(f"{path} is neither a Git repository nor a store", code="store_not_found")
        return Store(git_dir.resolve(), False)
    for folder in (current, *current.parents):
        git_dir = _git_dir_of(folder)
        if git_dir is None:
            continue
        git_dir = git_dir.resolve()
        if hasattr(os, "geteuid") and git_dir.stat().st_uid != os.geteuid():
            raise DeniedError(
                f"the repository at {git_dir} belongs to another user",
                code="store_foreign",
                hint="if you trust it, name it: ACETATE_STORE, or `store` of the client",
            )
        return Store(git_dir, False)
    return Store(_own(), True)


def _own() -> Path:
    for name, below in (("XDG_DATA_HOME", "acetate/store"), ("HOME", ".local/share/acetate/store")):
        value = os.environ.get(name, "")
        if os.path.isabs(value):
            path = Path(value) / below
            found = _git_dir_of(path)
            return found.resolve() if found else path
    raise InvalidError("there is no repository around the current folder, and no HOME", hint="name one with ACETATE_STORE")


def _git_dir_of(folder: Path) -> Optional[Path]:
    """The common Git directory of the repository in this very folder."""
    dot_git = folder / ".git"
    if dot_git.is_dir():
        return dot_git if _is_git_dir(dot_git) else None
    if dot_git.is_file():
        target = _pointer(dot_git, "gitdir: ")
        if target is None:
            return None
        own = folder / target
        common = _pointer(own / "commondir", "")
        found = own / common if common else own
        return found if _is_git_dir(found) else None
    return folder if _is_git_dir(folder) else None


def _pointer(file: Path, prefix: str) -> Optional[str]:
    """What a small file of one line points to."""
    try:
        # These files are one line; a large one is something else.
        if file.stat().st_size > 8192:
            return None
        text = os.fsdecode(file.read_bytes())
    except OSError:
        return None
    if not text.startswith(prefix):
        return None
    return text[len(prefix) :].splitlines()[0] if text[len(prefix) :] else None


def _is_git_dir(path: Path) -> bool:
    """What Git takes for a Git directory."""
    return os.path.lexists(path / "HEAD") and (path / "objects").is_dir() and (path / "refs").is_dir()
