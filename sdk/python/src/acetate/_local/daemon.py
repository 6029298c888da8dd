"""Where the daemon of a store is to be found, and having the `acetate` program start one."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional

from ..errors import TransportError
from .store import Store

# A Unix socket's address holds 108 bytes on Linux and 104 elsewhere.
_SOCKET_BYTES = 100
# How long the program may take to start a daemon, in seconds; it gives up by itself after ten.
_START = 20.0


class Found(NamedTuple):
    """Where a daemon is: at a socket, or at an address with a token."""

    socket: Optional[str]
    url: str
    token: Optional[str]


def look(store: Store) -> Optional[Found]:
    """The daemon that runs, if one does."""
    left: Dict[str, Any] = {}
    with contextlib.suppress(OSError, ValueError):
        left = json.loads((store.state_dir / "daemon.json").read_bytes())
    if hasattr(socket, "AF_UNIX"):
        path = str(left.get("socket") or expected_socket(store.state_dir))
        return Found(path, "http://acetate", None) if _listens(path) else None
    url = left.get("http")
    if not isinstance(url, str):
        return None
    try:
        token = (store.state_dir / "token").read_text("ascii").strip()
    except OSError:
        return None
    return Found(None, url, token)


def expected_socket(state: Path) -> Path:
    """The socket that a daemon on this machine would make: beside the store, or elsewhere where that address would be too long."""
    beside = state / "acetate.sock"
    if len(os.fsencode(beside)) <= _SOCKET_BYTES:
        return beside
    # The name tells stores apart: FNV-1a of the folder.
    name = 0xCBF2_9CE4_8422_2325
    for byte in os.fsencode(state):
        name = (name ^ byte) * 0x100_0000_01B3 % 2**64
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(runtime) and os.path.isdir(runtime) and len(os.fsencode(runtime)) < 60:
        folder = Path(runtime) / "acetate"
    else:
        folder = Path(os.environ.get("TMPDIR") or "/tmp") / f"acetate-{os.geteuid()}"
    return folder / f"{name:016x}.sock"


def start(store: Store, program: Optional[str]) -> Found:
    """Has the program start the daemon, which outlives this process and ends by itself when it is idle.

    The program's own way of starting one is used, so that of many that find no daemon at the same moment only one starts it.
    """
    wanted = program or os.environ.get("ACETATE_BIN") or "acetate"
    path = shutil.which(wanted)
    if path is None:
        raise TransportError(
            f"no daemon runs for {store.git_dir}, and the program {wanted!r} is not there to start one",
            code="program_not_found",
            hint="install `acetate`, or name it with ACETATE_BIN",
        )
    command: List[str] = [path, "workspace", "list", "--json"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "ACETATE_"))}
    if not store.default:
        command += ["--store", str(store.git_dir)]
    try:
        ended = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=_START, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise TransportError(f"the daemon can't be started: {error}", code="daemon_unreachable") from error
    found = look(store)
    if found is None:
        raise _failure(ended.stdout, ended.stderr)
    return found


def _failure(stdout: bytes, stderr: bytes) -> TransportError:
    """What the program says went wrong."""
    for output in (stdout, stderr):
        with contextlib.suppress(ValueError, KeyError, TypeError):
            error = json.loads(output)["error"]
            return TransportError(str(error["message"]), code=str(error["code"]), hint=error.get("hint"))
    text = stderr.decode("utf-8", "replace").strip() or "it said nothing"
    return TransportError(f"the daemon did not start: {text}", code="daemon_unreachable")


def _listens(path: str) -> bool:
    """Whether somebody listens at a socket; a daemon that was killed leaves its file behind."""
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as probe:
        probe.settimeout(5)
        try:
            probe.connect(path)
        except OSError:
            return False
    return True
