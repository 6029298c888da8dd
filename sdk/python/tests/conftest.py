"""A real daemon on a fresh repository, and both clients of it."""

import asyncio
import contextlib
import itertools
import json
import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

import acetate

from .blocking import make

KINDS = ("sync", "async")
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def program() -> str:
    """The `acetate` program: ACETATE_BIN, else the one on PATH."""
    found = shutil.which(os.environ.get("ACETATE_BIN") or "acetate")
    if found is None:
        pytest.exit("the tests need the `acetate` program: set ACETATE_BIN", returncode=2)
    return os.path.abspath(found)


@pytest.fixture(scope="session", autouse=True)
def surroundings(program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """An environment of the tests' own."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("ACETATE_", "GIT_")):
                patch.delenv(name)
        for name in ("HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME"):
            patch.setenv(name, str(home))
        patch.setenv("ACETATE_BIN", program)
        yield


@pytest.fixture
def repository(tmp_path: Path, program: str) -> Iterator[Path]:
    """A fresh Git repository; a daemon that was started for it is ended again."""
    folder = tmp_path / "project"
    make_repository(folder)
    yield folder
    left = folder / ".git" / "acetate" / "daemon.json"
    if left.exists():
        # Nothing of it is needed any more, so it need not end in order.
        with contextlib.suppress(ProcessLookupError):
            os.kill(json.loads(left.read_bytes())["pid"], signal.SIGKILL)


def make_repository(folder: Path) -> None:
    """A repository with a little configuration and two functions."""
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text('name = "acetate"\n')
    (folder / "src").mkdir()
    (folder / "src" / "app.py").write_text("def one():\n    return 1\n\n\ndef two():\n    return 2\n")
    for command in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "first"]):
        identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
        subprocess.run(["git", *identity, *command], cwd=folder, check=True)


class Daemon:
    """A daemon that runs for all tests."""

    def __init__(self, folder: Path, pid: int) -> None:
        self.folder = folder
        self.pid = pid
        state = folder / ".git" / "acetate"
        self.token = (state / "token").read_text().strip()
        with acetate.Client(store=str(folder)) as client:
            client.status()
        self.url = json.loads((state / "daemon.json").read_bytes())["http"]


@pytest.fixture(scope="session")
def daemon(program: str, surroundings: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """The daemon that most tests share."""
    folder = tmp_path_factory.mktemp("shared") / "project"
    make_repository(folder)
    process = subprocess.Popen([program, "serve", "--json", str(folder)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield Daemon(folder, process.pid)
    finally:
        process.kill()
        process.wait(10)
        process.stdout.close()


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    yield made
    made.run_until_complete(made.shutdown_asyncgens())
    made.run_until_complete(made.shutdown_default_executor())
    made.close()


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Each client in turn."""
    return str(request.param)


@pytest.fixture
def connect(kind: str, loop: asyncio.AbstractEventLoop) -> Iterator[Callable[..., Any]]:
    """Makes clients of the kind, and closes them."""
    made = []

    def connect(**options: Any) -> Any:
        made.append(make(kind, loop, **options))
        return made[-1]

    yield connect
    for client in made:
        client.close()


@pytest.fixture
def client(connect: Callable[..., Any], daemon: Daemon) -> Any:
    """A client of the shared daemon, over its socket."""
    return connect(store=str(daemon.folder))


@pytest.fixture
def workspace(client: Any) -> Any:
    """A fresh workspace with one version."""
    made = client.workspaces.create(unique())
    session = made.open_session("base")
    session.write_file("config.toml", 'name = "acetate"\n')
    session.write_file("src/app.py", "def one():\n    return 1\n\n\ndef two():\n    return 2\n")
    session.submit("Base")
    session.close()
    return made


def unique() -> str:
    """A name that nothing else has."""
    return f"w{os.getpid()}-{next(_numbers)}"
