"""What is generated is current, and all of it is typed."""

import subprocess
import sys
from pathlib import Path

import pytest

import acetate

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("script", ["generate.py", "unasync.py"])
def test_generated_files_are_current(script: str) -> None:
    ended = subprocess.run([sys.executable, str(ROOT / "scripts" / script), "--check"], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def test_types_hold() -> None:
    targets = ["src", "scripts", "tests"]
    ended = subprocess.run([sys.executable, "-m", "mypy", "--strict", *targets], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout


def test_both_clients_have_the_same_public_names() -> None:
    for name in ("Client", "Session", "Sessions", "Tokens", "Workspace", "Workspaces"):
        blocking, waiting = getattr(acetate, name), getattr(acetate, f"Async{name}")
        assert [each for each in dir(blocking) if each[0] != "_"] == [each for each in dir(waiting) if each[0] != "_"]


def test_all_public_things_say_what_they_are() -> None:
    for name in acetate.__all__:
        thing = getattr(acetate, name)
        assert isinstance(thing, str) or thing.__doc__, name
        for member, value in vars(thing).items() if isinstance(thing, type) else ():
            assert member[0] == "_" or not callable(value) or value.__doc__, f"{name}.{member}"
