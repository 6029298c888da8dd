"""The sample of the guide, as it stands, and how a daemon is found."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable

import pytest

import acetate

SAMPLE = """\
session = acetate.session.create()
config = session.read_file("config.toml")
session.write_file("feature.rs", code)
change_hash = session.commit()
"""


@pytest.fixture(autouse=True)
def fresh_default() -> Any:
    acetate.set_default_client(None)
    yield
    acetate.default_client().close()
    acetate.set_default_client(None)


def test_the_sample_runs_as_it_stands(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository / "src")
    names = {"acetate": acetate, "code": "pub fn feature() {}\n"}
    exec(SAMPLE, names)
    assert names["config"] == 'name = "acetate"\n'
    change = acetate.default_client().change(str(names["change_hash"]))
    assert change["commit"] == names["change_hash"]
    assert [path["path"] for path in change["paths"]] == ["feature.rs"]
    # Nothing has landed, and the checkout is as it was.
    assert not (repository / "feature.rs").exists()
    assert len([*acetate.workspace.get().versions()]) == 1


def test_the_sample_is_the_one_of_the_readme() -> None:
    assert SAMPLE in (Path(__file__).parent.parent / "README.md").read_text("utf-8")
    assert acetate.__doc__ is not None and SAMPLE.replace("\n", "\n    ").strip() in acetate.__doc__


def test_a_session_that_submits_lands_in_the_repository(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository)
    monkeypatch.setenv("ACETATE_AGENT", "ada")
    with acetate.session.create(intent="say hello") as session:
        session.write_file("hello.txt", "hello\n")
        assert session.submit("Say hello")["result"] == "landed"
    shown = subprocess.run(["git", "log", "-1", "--format=%s %an"], cwd=repository, capture_output=True, text=True, check=True)
    assert shown.stdout == "Say hello ada\n"
    assert (repository / "hello.txt").read_text() == "hello\n"


def test_a_client_starts_no_daemon_unasked(connect: Callable[..., Any], repository: Path) -> None:
    client = connect(store=str(repository))
    with pytest.raises(acetate.TransportError) as caught:
        client.status()
    assert caught.value.code == "daemon_unreachable"
    assert connect(store=str(repository), start=True).status()["state"]
    # The first one finds it now, and again after another one took its place.
    assert client.status()["state"]
    program = os.environ["ACETATE_BIN"]
    subprocess.run([program, "stop", "--store", str(repository)], capture_output=True, check=True)
    again = connect(store=str(repository), start=True)
    assert again.status()["state"]
    assert client.status()["state"]


def test_a_daemon_that_can_not_be_started_says_why(connect: Callable[..., Any], repository: Path, tmp_path: Path) -> None:
    with pytest.raises(acetate.TransportError) as caught:
        connect(store=str(repository), start=True, program="no-such-program").status()
    assert caught.value.code == "program_not_found"
    with pytest.raises(acetate.NotFoundError) as missing:
        connect(store=str(tmp_path / "nothing"), start=True).status()
    assert missing.value.code == "store_not_found"


def test_an_address_and_a_token_from_the_environment(
    connect: Callable[..., Any], daemon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACETATE_URL", daemon.url + "/v1/")
    with pytest.raises(acetate.DeniedError) as caught:
        connect().status()
    assert (caught.value.status, caught.value.kind) == (401, "denied")
    monkeypatch.setenv("ACETATE_TOKEN", daemon.token)
    assert connect().status()["state"]
    # The environment's token goes to the environment's address only.
    with pytest.raises(acetate.DeniedError):
        connect(url=daemon.url).status()


def test_many_processes_start_one_daemon(repository: Path) -> None:
    code = "import acetate; print(acetate.session.create().id)"
    started = [
        subprocess.Popen([sys.executable, "-c", code], cwd=repository, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    ids = {process.communicate(timeout=60)[0] for process in started}
    assert len(ids) == 4 and all(each.startswith("s_") for each in ids)
