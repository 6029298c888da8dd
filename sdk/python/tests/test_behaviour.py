"""The behaviour specification, `sdk/behaviour/cases.json`, with both clients."""

import json
import re
from pathlib import Path
from typing import Any, Callable, Dict

import pytest

import acetate

from .conftest import unique

CASES = json.loads((Path(__file__).resolve().parents[2] / "behaviour" / "cases.json").read_text("utf-8"))


def only(value: Any, *keys: str) -> Dict[str, Any]:
    """These keys of an object, where they are there and not null."""
    return {key: value[key] for key in keys if value.get(key) is not None}


def listed(values: Any, *keys: str) -> Any:
    return [only(value, *keys) for value in values]


class Door:
    """Makes each operation's call and brings the answer into the form of the specification."""

    def __init__(self, client: Any) -> None:
        self.client = client
        # A session object knows whether it is the working one, so it is kept.
        self.sessions: Dict[str, Any] = {}

    def call(self, operation: str, given: Dict[str, Any]) -> Any:
        given = {"source" if name == "from" else name: value for name, value in given.items()}
        method: Callable[..., Any] = getattr(self, operation.replace(".", "_"))
        if operation.startswith("session.") and "session" in given:
            given["session"] = self.sessions.get(given["session"]) or self.client.sessions.get(given["session"])
        elif operation.startswith("workspace.") and "workspace" in given and operation != "workspace.undelete":
            given["workspace"] = self.client.workspace(given["workspace"])
        return method(**given)

    def workspace_create(self, name: str, source: Any = None) -> Any:
        return self.client.workspaces.create(name, source).info

    def workspace_get(self, workspace: Any) -> Any:
        return only(workspace.info, "id", "name", "deleted")

    def workspace_rename(self, workspace: Any, name: str) -> Any:
        return workspace.rename(name)

    def workspace_delete(self, workspace: Any) -> Any:
        return workspace.delete()

    def workspace_undelete(self, workspace: str) -> Any:
        # By its id alone: a deleted one can't be asked for.
        return self.client.workspaces.undelete(workspace).info

    def workspace_fork(self, workspace: Any, name: str, at: Any = None) -> Any:
        return workspace.fork(name, at=at).info

    def workspace_restore(self, workspace: Any, at: str) -> Any:
        return workspace.restore(at)

    def workspace_undo(self, workspace: Any) -> Any:
        return workspace.undo()

    def workspace_versions(self, workspace: Any) -> Any:
        return {"versions": listed(workspace.versions(), "version", "message", "kind")}

    def workspace_diff(self, workspace: Any, source: str, to: str) -> Any:
        return {"files": listed(workspace.diff(source, to)["files"], "path", "change")}

    def workspace_files(self, workspace: Any, at: Any = None, glob: Any = None) -> Any:
        return {"paths": [file["path"] for file in workspace.files(at=at, glob=glob)]}

    def workspace_read(self, workspace: Any, path: str, at: Any = None) -> Any:
        return {"text": workspace.read_file(path, at=at)}

    def workspace_checkpoint(self, workspace: Any, name: str, at: Any = None, message: Any = None) -> Any:
        return workspace.checkpoint(name, at=at, message=message)

    def workspace_checkpoints(self, workspace: Any) -> Any:
        return {"checkpoints": listed(workspace.checkpoints(), "name", "commit")}

    def workspace_bundle(self, workspace: Any) -> Any:
        return {"bundle": workspace.bundle()}

    def workspace_unbundle(self, bundle: bytes, name: str) -> Any:
        return self.client.workspaces.unbundle(bundle, name).info

    def session_open(self, workspace: str, agent: str, intent: Any = None) -> Any:
        # With the id alone, so that what the daemon says of a workspace is what it says to this call.
        session = self.client.sessions.create(agent, workspace=workspace, intent=intent)
        self.sessions[session.id] = session
        return {"id": session.id, "base": session.info()["base"]}

    def session_working(self, workspace: str) -> Any:
        session = self.client.sessions.working(workspace=workspace)
        self.sessions[session.id] = session
        return {"id": session.id, "working": session.working}

    def session_write(self, session: Any, path: str, text: str) -> Any:
        return session.write_file(path, text)

    def session_edit(self, session: Any, path: str, old: str, new: str) -> Any:
        return session.edit(path, old, new)

    def session_read(self, session: Any, path: str) -> Any:
        return {"text": session.read_file(path)}

    def session_delete(self, session: Any, path: str) -> Any:
        return session.delete_file(path)

    def session_move(self, session: Any, source: str, to: str) -> Any:
        return session.move_file(source, to)

    def session_files(self, session: Any, glob: Any = None) -> Any:
        return {"paths": [file["path"] for file in session.list(glob=glob)]}

    def session_grep(self, session: Any, pattern: str) -> Any:
        return {"matches": [{"path": each.path, "line": each.line, "text": each.text} for each in session.grep(pattern)]}

    def session_status(self, session: Any) -> Any:
        return {"changes": listed(session.status()["changes"], "path", "change")}

    def session_diff(self, session: Any) -> Any:
        return {"files": listed(session.diff()["files"], "path", "change", "added", "removed")}

    def session_commit(self, session: Any, message: Any = None) -> Any:
        turn = session.commit_turn(message)
        return {**only(turn, "changed", "commit"), **only(turn.get("submission") or {}, "result", "version")}

    def session_submit(self, session: Any, message: Any = None) -> Any:
        answer = session.submit(message)
        found = only(answer, "result", "version")
        if "conflicts" in answer:
            found["conflicts"] = listed(answer["conflicts"], "path", "symbol", "kind")
        return found

    def session_resolve(self, session: Any, path: str, take: Any, submit: bool = False) -> Any:
        return session.resolve(path, take, submit=submit)

    def session_checkpoint(self, session: Any, name: str) -> Any:
        return session.checkpoint(name)

    def session_pause(self, session: Any) -> Any:
        return only(session.pause(), "state")

    def session_resume(self, session: Any) -> Any:
        return only(session.resume(), "state")

    def session_end(self, session: Any, discard: bool = False) -> Any:
        return session.close(discard=discard)

    def change_get(self, commit: str) -> Any:
        change = self.client.change(commit)
        return {"commit": change["commit"], "paths": [each["path"] for each in change["paths"]]}


class Names:
    """What the steps of a case kept, and its texts that no other run has."""

    def __init__(self) -> None:
        self.kept: Dict[str, Any] = {}

    def filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self.filled(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.filled(each) for each in value]
        if not isinstance(value, str) or not value.startswith("$"):
            return value
        name = value[1:]
        if re.fullmatch(r"unique(-\d+)?", name) and name not in self.kept:
            self.kept[name] = unique()
        return self.kept[name]

    def keep(self, wanted: Dict[str, str], answer: Any) -> None:
        for name, path in wanted.items():
            found = answer
            for part in path.split("."):
                found = found[int(part)] if part.isdigit() else found[part]
            self.kept[name] = found


def check(found: Any, expected: Any, where: str) -> None:
    """Objects may have more keys than expected, lists not; `"*"` takes anything that is there and not null."""
    if expected == "*":
        assert found is not None, f"{where} is missing"
    elif isinstance(expected, dict):
        assert isinstance(found, dict), f"{where} is {found!r}"
        for key, value in expected.items():
            check(found.get(key), value, f"{where}.{key}")
    elif isinstance(expected, list):
        assert isinstance(found, list) and len(found) == len(expected), f"{where} is {found!r}, not {expected!r}"
        for number, value in enumerate(expected):
            check(found[number], value, f"{where}.{number}")
    else:
        assert found == expected, f"{where} is {found!r}, not {expected!r}"


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case: Dict[str, Any], client: Any) -> None:
    door, names = Door(client), Names()
    for number, step in enumerate(case["steps"]):
        where = f"step {number} ({step['do']})"
        try:
            answer = door.call(step["do"], names.filled(step.get("with", {})))
        except acetate.AcetateError as error:
            assert error.code == step.get("error"), f"{where}: {error}"
            continue
        assert "error" not in step, f"{where}: answered {answer!r} instead of failing with {step['error']}"
        check(answer, names.filled(step.get("expect", {})), where)
        names.keep(step.get("keep", {}), answer)
