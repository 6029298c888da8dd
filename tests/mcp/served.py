"""A repository made with plain Git, and servers of it: a daemon, the conformance program, and a way in for clients without a token."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("ACETATE_BIN") or ROOT / "target/debug/acetate")
CONFORMANCE = Path(os.environ.get("ACETATE_CONFORMANCE") or ROOT / "target/debug/examples/conformance")

FILES = {
    "README.md": "# Shapes\n\nAreas, texts and counting.\n",
    "docs/notes.md": "# Notes\n\n- Areas are not rounded yet.\n",
    "old/unused.py": "def unused():\n    return None\n",
    "src/lib.rs": """\
//! Counting.

pub fn count(words: &str) -> usize {
    words.split_whitespace().count()
}

pub fn longest(words: &str) -> usize {
    words.split_whitespace().map(str::len).max().unwrap_or(0)
}
""",
    "src/main.rs": """\
fn main() {
    println!("{}", shapes::count("one two three"));
}
""",
    "src/shapes.py": '''\
"""Areas."""

import math


def circle(radius):
    """The area of a circle."""
    return math.pi * radius * radius


def square(side):
    """The area of a square."""
    return side * side


def describe(name, area):
    """A line about a shape."""
    return name + ": " + str(area)
''',
    "src/text.py": """\
def shout(words):
    return words.upper()


def whisper(words):
    return words.lower()


def title(words):
    return words.title()
""",
}


class Place:
    """A folder with a repository, and an environment in which nothing of the machine's is seen."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.repository = folder / "project"
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "LC_ALL": "C.UTF-8"}
        for path, text in FILES.items():
            file = self.repository / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in IDENTITY.items()}
        for command in (["init", "--quiet", "-b", "main"], ["add", "."], ["commit", "--quiet", "-m", "Shapes"]):
            subprocess.run(["git", *command], cwd=self.repository, env={**self.environment, **who}, check=True)

    def end_daemon(self) -> None:
        """Ends a daemon that a process over stdio started. Nothing of it is needed any more, so it need not end in order."""
        file = self.repository / ".git/acetate/daemon.json"
        if file.exists():
            with contextlib.suppress(ProcessLookupError):
                os.kill(json.loads(file.read_bytes())["pid"], signal.SIGKILL)


IDENTITY = {"NAME": "Test", "EMAIL": "test@example.com", "DATE": "1700000000 +0000"}


@contextlib.contextmanager
def place() -> Iterator[Place]:
    with tempfile.TemporaryDirectory(prefix="acetate-", ignore_cleanup_errors=True) as folder:
        yield Place(Path(folder))


class Served:
    """Where a daemon listens."""

    def __init__(self, url: str, token: str, socket: str) -> None:
        self.url, self.token, self.socket = url, token, socket


@contextlib.contextmanager
def daemon(at: Place, *options: str) -> Iterator[Served]:
    """`acetate serve` on the place's repository."""
    with process([str(PROGRAM), "serve", "--json", *options, str(at.repository)], at) as line:
        said = json.loads(line)
        yield Served(f"{said['http']}/mcp", Path(said["token_file"]).read_text().strip(), said["socket"])


@contextlib.contextmanager
def process(command: list[str], at: Place) -> Iterator[str]:
    """A server that says a line when it is ready, and runs until this is over."""
    log = at.folder / "server.log"
    with open(log, "wb") as errors:
        running = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, env=at.environment)
    assert running.stdin and running.stdout
    try:
        line = running.stdout.readline().decode()
        if not line:
            raise RuntimeError(f"{command[0]} did not start:\n{log.read_text(errors='replace')}")
        yield line
    finally:
        running.kill()
        running.wait()
        running.stdin.close()
        running.stdout.close()


class Way:
    """A port whose connections are copied, byte for byte, to a Unix socket: there the owner needs no token, which the conformance suite
    could not send. The server has to know the port's names (`hosts`), because it sees them in `Host`."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/mcp"
        self.hosts = [f"127.0.0.1:{port}", f"localhost:{port}"]

    def lead_to(self, path: str) -> None:
        threading.Thread(target=self.accept, args=(path,), daemon=True).start()

    def accept(self, path: str) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(path)
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=copy, args=(source, sink), daemon=True).start()

    def close(self) -> None:
        self.listener.close()


def copy(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            sink.sendall(data)
    # Either end closed: so does the other.
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
