"""A workspace's calls, with both clients."""

import io
from pathlib import Path
from typing import Any

import pytest

import acetate

from .conftest import unique


def land(workspace: Any, path: str, text: str) -> None:
    session = workspace.open_session("ada")
    session.write_file(path, text)
    assert session.submit(f"Write {path}")["result"] == "landed"
    session.close()


def test_the_default_workspace_is_the_repositorys_own(client: Any, monkeypatch: pytest.MonkeyPatch, workspace: Any) -> None:
    assert client.workspace().info["in_place"]
    monkeypatch.setenv("ACETATE_WORKSPACE", workspace.name)
    assert client.workspace().id == workspace.id


def test_names_and_lists(client: Any) -> None:
    name, other = unique(), unique()
    workspace = client.workspaces.create(name, description="a try")
    assert workspace.info["description"] == "a try"
    workspace.rename(other)
    assert (workspace.name, client.workspace(other).id) == (other, workspace.id)
    workspace.update({"description": "another"})
    assert workspace.refresh()["description"] == "another"
    assert workspace.id in [each["id"] for each in client.workspaces.list(page=1)]
    with pytest.raises(acetate.ConflictError) as caught:
        client.workspaces.create(other)
    assert (caught.value.code, caught.value.status) == ("name_taken", 409)
    assert workspace.delete()["deleted"]
    with pytest.raises(acetate.NotFoundError):
        client.workspace(other)


def test_deleted_ones_come_back(client: Any, workspace: Any) -> None:
    name = workspace.name
    workspace.delete()
    assert client.workspaces.undelete(workspace.id).name == name
    workspace.delete()
    assert workspace.id in [each["id"] for each in client.workspaces.list(deleted=True)]
    assert workspace.undelete(unique())["name"] != name


def test_history_files_and_diffs(workspace: Any) -> None:
    for number in range(3):
        land(workspace, "a.txt", f"{number}\n")
    assert [each["version"] for each in workspace.versions(page=2)] == [4, 3, 2, 1]
    assert [each["path"] for each in workspace.diff("v1", "v2")["files"]] == ["a.txt"]
    assert workspace.read_file("a.txt", at="v2") == "0\n"
    assert [each["path"] for each in workspace.files()] == ["a.txt", "config.toml", "src/app.py"]
    assert [each["path"] for each in workspace.files(shallow=True)] == ["a.txt", "config.toml", "src"]
    assert [each["path"] for each in workspace.files("src")] == ["src/app.py"]
    found = {each["path"]: each for each in workspace.read_many(["a.txt", "none"], ["src/*"], at="v3")}
    assert found["a.txt"]["content"] == "1\n" and found["none"]["code"] == "path_not_found" and "src/app.py" in found
    operations = [*workspace.operations(page=1)]
    assert [each["kind"] for each in operations] == ["land"] * 4 + ["workspace_created"]
    assert workspace.undo()["undoes"] == operations[0]["number"]
    assert workspace.read_file("a.txt") == "1\n"
    assert [each["id"] for each in workspace.sessions()] == []


def test_branches_checkpoints_and_forks(workspace: Any) -> None:
    assert workspace.checkpoint("one", message="the first")["name"] == "one"
    assert [each["name"] for each in workspace.checkpoints()] == ["one"]
    workspace.create_branch("topic", at="v1")
    session = workspace.open_session("ada", branch="topic")
    session.write_file("t.txt", "t")
    assert session.submit()["result"] == "landed"
    session.close()
    assert len(workspace.branches()) == 2
    fork = workspace.fork(unique(), at="v1")
    assert fork.read_file("config.toml") == 'name = "acetate"\n'
    workspace.delete_branch("topic")
    assert len(workspace.branches()) == 1
    assert fork.catch_up()["id"] == fork.id


def test_restoring_and_merging(workspace: Any) -> None:
    land(workspace, "a.txt", "a\n")
    workspace.create_branch("topic", at="v1")
    assert workspace.restore("v1", message="Back")["version"] == 3
    assert "a.txt" not in [each["path"] for each in workspace.files()]
    session = workspace.open_session("ada", branch="topic")
    session.write_file("t.txt", "t\n")
    session.submit()
    assert workspace.merge("topic", message="Merge topic")["result"] == "landed"
    assert workspace.read_file("t.txt") == "t\n"


def test_templates_and_settings(client: Any, workspace: Any) -> None:
    settings = workspace.update({"template": {"history": "own"}, "max_file_bytes": 1000, "retention": {"turns_days": 7}})
    assert settings["template"]["history"] == "own" and settings["retention"]["turns_days"] == 7
    assert workspace.refresh()["max_file_bytes"] == 1000
    made = client.workspaces.create(unique(), {"template": workspace.name}, session={"agent": "ada"})
    assert made.opened.read_file("config.toml") == 'name = "acetate"\n'
    assert workspace.opened is None
    assert not workspace.update({"template": False}).get("template")


def test_history_and_blame_of_a_path(workspace: Any) -> None:
    land(workspace, "src/app.py", "def one():\n    return 10\n\n\ndef two():\n    return 2\n")
    land(workspace, "b.txt", "b\n")
    assert len([*workspace.history("src/app.py")]) == 2
    blame = workspace.blame("src/app.py")
    assert sum(each["lines"] for each in blame["lines"]) == 6
    assert len({each["commit"] for each in blame["lines"]}) == 2


def test_bundles(client: Any, workspace: Any, tmp_path: Path) -> None:
    data = workspace.bundle()
    assert data.startswith(b"# v2 git bundle")
    file = io.BytesIO()
    assert workspace.bundle(file) == len(data) and file.getvalue() == data
    path = tmp_path / "w.bundle"
    assert workspace.bundle(path) == len(data) and path.read_bytes() == data
    with pytest.raises(acetate.NotFoundError):
        workspace.bundle(tmp_path / "none.bundle", since="v99")
    assert [each.name for each in tmp_path.iterdir()] == ["w.bundle"]
    workspace.open_session("ada").write_file("unsaved.txt", "x\n")
    assert len(workspace.bundle(sessions=True)) > len(data)
    back = client.workspaces.unbundle(data, unique())
    assert back.read_file("config.toml") == 'name = "acetate"\n'
    assert client.workspaces.unbundle(path, unique()).read_file("src/app.py")
    with path.open("rb") as opened:
        assert client.workspaces.unbundle(opened, unique()).read_file("src/app.py")


def test_tokens(client: Any, connect: Any, daemon: Any, workspace: Any) -> None:
    made = client.tokens.create(["read"], workspace=workspace.id, label="reader", ttl=600)
    assert made["id"] in [each["id"] for each in client.tokens.list()]
    reader = connect(url=daemon.url, token=made["token"])
    assert reader.workspace(workspace.id).read_file("config.toml")
    with pytest.raises(acetate.DeniedError) as caught:
        reader.workspace(workspace.id).open_session("ada")
    assert caught.value.status == 403
    client.tokens.revoke(made["id"])
    with pytest.raises(acetate.DeniedError) as ended:
        reader.workspace(workspace.id)
    assert (ended.value.status, ended.value.code) == (401, "token_unknown")


def test_the_store_itself(client: Any, workspace: Any, tmp_path: Path) -> None:
    assert client.status()["workspaces"] >= 1
    session = workspace.open_session("ada")
    session.write_file("a.txt", "a")
    submitted = session.submit()
    assert client.submission(submitted["id"])["result"] == "landed"
    assert client.backup(str(tmp_path / "copy"))["bytes"] > 0


def test_watching_goes_on_from_a_number(workspace: Any) -> None:
    land(workspace, "a.txt", "a\n")
    page = workspace.events()
    numbers = [each["number"] for each in page["events"]]
    assert numbers == [*range(1, page["next"] + 1)]
    seen = []
    for event in workspace.watch(after=1):
        seen.append(event["number"])
        if event["number"] == page["next"]:
            land(workspace, "b.txt", "b\n")
        elif event["kind"] == "landed" and "b.txt" in event["data"]["paths"]:
            break
    assert seen == [*range(2, seen[-1] + 1)] and seen[-1] > page["next"]
    session = workspace.open_session("bea")
    assert next(iter(session.watch(path="b.txt")))["kind"] in ("session_committed", "landed")
    last = [*workspace.events()["events"]][-1]["number"]
    assert workspace.events(after=last, wait=1)["events"] == []
