"""A session's calls, with both clients."""

import os
from typing import Any

import pytest

import acetate

from .conftest import unique


def test_reading_and_editing(workspace: Any) -> None:
    with workspace.open_session("ada", intent="try") as session:
        assert session.read_file("config.toml") == 'name = "acetate"\n'
        assert session.write_file("run.sh", "#!/bin/sh\n", mode="100755")["created"]
        assert session.edit("src/app.py", "return 1", "return 10")["replacements"] == 1
        assert session.edit_all("src/app.py", [{"old": "return", "new": "yield", "all": True}])["replacements"] == 2
        assert session.move_file("config.toml", "etc/config.toml")["path"] == "etc/config.toml"
        session.set_mode("run.sh", "100644")
        session.batch([{"op": "write", "path": "a.txt", "content": "a"}, {"op": "delete", "path": "run.sh"}])
        assert [file["path"] for file in session.list()] == ["a.txt", "etc/config.toml", "src/app.py"]
        assert session.glob("**/*.py") == ["src/app.py"]
        found = [*session.grep("yield", before=1)]
        assert [(each.line, each.context) for each in found] == [(1, True), (2, False), (5, True), (6, False)]
        assert session.grep_page({"pattern": "yield", "mode": "count"})["files"][0]["count"] == 2
        assert [each["symbol"] for each in session.symbols("src/app.py")["symbols"]] == ["one", "two"]
        assert session.status()["changed"] == 3
        assert "+    yield 10" in session.diff(patch=True)["patch"]
        assert [each["path"] for each in session.diff(["a.txt"])["files"]] == ["a.txt"]
        session.delete_file("a.txt")
        assert session.standing["behind"] == 0
        assert session.commit("Change things") == session.info()["tip"]
        assert session.submit()["result"] == "landed"
    with pytest.raises(acetate.NotFoundError):
        session.info()


def test_text_that_is_no_utf8_goes_there_and_back(workspace: Any) -> None:
    session = workspace.open_session("ada")
    name = os.fsdecode(b"caf\xe9/\xff.txt")
    session.write_file(name, b"\xfe\xff\n")
    assert session.read_bytes(name) == b"\xfe\xff\n"
    assert session.glob("caf*/*") == [name]
    session.edit(name, os.fsdecode(b"\xfe"), os.fsdecode(b"\xfd"))
    assert session.read_file(name) == os.fsdecode(b"\xfd\xff\n")
    session.move_file(name, "a b?#%/ü.txt")
    assert session.read_bytes("a b?#%/ü.txt") == b"\xfd\xff\n"
    assert [each["content"] for each in session.read_many(["a b?#%/ü.txt"])] == [os.fsdecode(b"\xfd\xff\n")]


def test_conditional_writes(workspace: Any) -> None:
    session = workspace.open_session("ada")
    tag = session.write_file("a.txt", "one", expect="")["etag"]
    with pytest.raises(acetate.StaleError):
        session.write_file("a.txt", "two", expect="")
    tag = session.write_file("a.txt", "two", expect=tag)["etag"]
    session.edit("a.txt", "two", "three", expect=tag)
    with pytest.raises(acetate.StaleError) as caught:
        session.delete_file("a.txt", expect=tag)
    assert caught.value.status == 412
    with pytest.raises(acetate.StaleError):
        session.edit("a.txt", "three", "four", expect=tag)
    session.write_file("a.txt", "four", expect="*")


def test_leaving_a_session_throws_nothing_away(workspace: Any, client: Any) -> None:
    with workspace.open_session("ada") as session:
        session.write_file("a.txt", "a")
    assert client.sessions.get(session.id).read_file("a.txt") == "a"
    with pytest.raises(acetate.ConflictError) as caught:
        session.close()
    assert caught.value.code == "session_unsubmitted"
    with pytest.raises(RuntimeError), workspace.open_session("bea") as other:
        raise RuntimeError
    with pytest.raises(acetate.NotFoundError):
        other.info()
    assert session.archive().startswith(b"# v2 git bundle")


def test_a_conflict_is_settled_and_lands(workspace: Any) -> None:
    mine, other = workspace.open_session("ada"), workspace.open_session("bea")
    mine.edit("src/app.py", "return 1", "return 10")
    other.edit("src/app.py", "return 1", "return 100")
    assert other.submit()["result"] == "landed"
    assert mine.submit(dry_run=True)["result"] == "conflict"
    answer = mine.submit()
    assert [(each["path"], each["symbol"]) for each in answer["conflicts"]] == [("src/app.py", "one")]
    assert b"<<<<<<<" in mine.conflict_markers("src/app.py")
    assert mine.resolve("src/app.py", "session", symbol="one", submit=True)["submission"]["result"] == "landed"
    assert "return 10\n" in workspace.read_file("src/app.py")


def test_sync_fork_pause_and_resume(workspace: Any) -> None:
    session, other = workspace.open_session("ada"), workspace.open_session("bea")
    session.write_file("a.txt", "a")
    other.write_file("b.txt", "b")
    other.submit()
    assert session.info()["standing"]["behind"] == 1
    session.seen = session.standing["events"][-1]["number"]
    assert not session.info()["standing"].get("events")
    assert session.sync()["result"] == "synced"
    fork = session.fork(intent="another way")
    fork.write_file("a.txt", "other")
    assert fork.token and fork.id != session.id and fork.info()["agent"] == "ada"
    assert session.read_file("a.txt") == "a"
    assert session.pause()["state"] == "paused"
    assert session.resume()["state"] == "active"
    assert session.read_file("a.txt") == "a"


def test_a_commit_names_a_change_also_with_nothing_changed(workspace: Any, client: Any) -> None:
    session = workspace.open_session("ada")
    assert session.commit() == workspace.refresh()["head"]["commit"]
    session.write_file("a.txt", "a")
    first = session.commit("Add a")
    assert session.commit() == first
    assert client.change(first)["message"].startswith("Add a")
    empty = client.workspaces.create(unique()).open_session("ada")
    with pytest.raises(acetate.InvalidError) as caught:
        empty.commit()
    assert caught.value.code == "nothing_committed"


def test_the_working_session_lands_each_commit(workspace: Any, client: Any) -> None:
    session = client.sessions.working(workspace=workspace.id)
    assert session.working and workspace.session().id == session.id
    with session:
        session.write_file("a.txt", "a")
        landed = session.commit("Add a")
    assert workspace.refresh()["head"]["commit"] == landed == session.commit()
    other = workspace.open_session("bea")
    other.edit("src/app.py", "return 1", "return 10")
    session.edit("src/app.py", "return 1", "return 100")
    other.submit()
    with pytest.raises(acetate.ConflictError) as caught:
        session.commit()
    assert caught.value.code == "conflict"
    assert caught.value.details["conflicts"][0]["symbol"] == "one"
    session.resolve("src/app.py", "session", submit=True)
    assert "return 100" in workspace.read_file("src/app.py")


def test_checkpoints_and_turns_of_a_session(workspace: Any) -> None:
    session = workspace.open_session("ada")
    session.write_file("a.txt", "a")
    made = session.checkpoint("wip", "so far")
    assert [turn["commit"] for turn in session.turns()] == [made["commit"]]
    assert [each["name"] for each in workspace.checkpoints()] == ["wip"]
