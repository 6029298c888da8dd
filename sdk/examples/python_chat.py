"""A product whose chats each have a workspace, in place of a table of files. It checks what it says, and ends with 1 where something differs.

ACETATE_URL with ACETATE_TOKEN names a daemon; else ACETATE_BIN names the program, and a daemon over a fresh store is started and stopped.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import uuid
from pathlib import Path
from typing import Dict, Iterator, List, Optional

import acetate


def start_chat(client: acetate.Client, chat: str, template: Optional[str] = None) -> str:
    """Makes the chat's workspace; keep the id with the chat."""
    source: Optional[acetate.types.WorkspaceSource] = {"template": template} if template else None
    return client.workspaces.create(f"chat-{chat}", source, key=f"start-{chat}").id


def save_file(client: acetate.Client, workspace_id: str, path: str, content: str) -> None:
    """Saves one file. It survives the death of the daemon when this returns."""
    client.workspace(workspace_id).session("assistant").write_file(path, content)


def load_files(client: acetate.Client, workspace_id: str) -> Dict[str, str]:
    """All files as they are now, saved ones included."""
    session = client.workspace(workspace_id).session("assistant")
    files = {}
    for file in session.read_many(globs=["**"]):
        if "content" not in file:
            raise RuntimeError(f"{file['path']} can't be read: {file['message']}")
        files[file["path"]] = file["content"]
    return files


def end_turn(client: acetate.Client, workspace_id: str, message: str) -> str:
    """Commits and lands what was saved since the last turn: one version of the workspace."""
    return client.workspace(workspace_id).session("assistant").commit(message)


def keep_mine(session: acetate.Session, message: str) -> None:
    """Lands a session's work; where others changed the same, its own text wins."""
    answer = session.submit(message)
    while answer["result"] == "conflict":
        for conflict in answer["conflicts"]:
            session.resolve(conflict["path"], "session", symbol=conflict.get("symbol"), kind=conflict["kind"])
        answer = session.submit()


def newest_event(workspace: acetate.Workspace) -> int:
    """The number of the newest event, to watch from."""
    number = 0
    while (page := workspace.events(number))["events"]:
        number = page["next"]
    return number


def show_turns(client: acetate.Client, workspace_id: str, after: int) -> Iterator[List[str]]:
    """The paths of each turn that lands from now on; never ends by itself."""
    for event in client.workspace(workspace_id).watch(after):
        if event["kind"] in ("landed", "undone"):
            yield [file["path"] for file in client.change(event["data"]["commit"])["files"]]


def archive_chat(client: acetate.Client, workspace_id: str, file: Path) -> None:
    """Writes the chat's history and unsaved edits to a file, and deletes its workspace."""
    workspace = client.workspace(workspace_id)
    workspace.bundle(file, sessions=True)
    workspace.delete()


def check(holds: bool, what: str) -> None:
    if not holds:
        raise SystemExit(f"not as said: {what}")
    print(f"ok: {what}")


def run(client: acetate.Client, folder: Path) -> None:
    mark = uuid.uuid4().hex[:8]

    # A template: an ordinary workspace that is marked.
    starter = client.workspaces.create(f"starter-{mark}", description="What new chats begin with")
    session = starter.session("setup")
    session.write_file("index.html", "<h1>Hello</h1>\n")
    session.write_file("style.css", "h1 { color: red }\n")
    session.commit("Begin")
    starter.update({"template": {"history": "own"}})

    chat = start_chat(client, f"{mark}-1", template=starter.name)
    check(start_chat(client, f"{mark}-1", template=starter.name) == chat, "a call with the same key makes one workspace")
    check(sorted(load_files(client, chat)) == ["index.html", "style.css"], "a chat begins with the template's files")

    # A turn of the agent.
    save_file(client, chat, "index.html", "<h1>Shop</h1>\n")
    check(load_files(client, chat)["index.html"] == "<h1>Shop</h1>\n", "what is saved is shown before it is committed")
    workspace = client.workspace(chat)
    check(workspace.read_file("index.html") == "<h1>Hello</h1>\n", "the workspace itself has what landed")
    commit = end_turn(client, chat, "Make it a shop")
    check(workspace.read_file("index.html") == "<h1>Shop</h1>\n", "the working session's commit lands at once")
    check(workspace.refresh()["head"].get("version") == 2, "each turn is a version")
    check(end_turn(client, chat, "Nothing") == commit, "a turn without changes adds none")

    # Several agents in one chat, each in a session of its own.
    ada = workspace.open_session("ada", intent="Style it")
    ben = workspace.open_session("ben", intent="Rename it")
    ada.write_file("style.css", "h1 { color: blue }\n")
    ben.edit("index.html", "Shop", "Market")
    check(ada.commit("Blue") != commit and workspace.refresh()["head"]["version"] == 2, "an opened session's commit does not land")
    check(ada.submit("Blue")["result"] == "landed", "submit lands it")
    check(ben.submit("Market")["result"] == "landed", "what others landed meanwhile is merged")
    ada.edit("style.css", "blue", "green")
    check(ada.submit("Green")["result"] == "landed", "the session goes on from what landed")
    ben.sync()
    ada.edit("style.css", "green", "teal")
    ben.edit("style.css", "green", "gold")
    ada.submit("Teal")
    check(ben.submit("Gold", dry_run=True)["result"] == "conflict", "the same line changed twice is a conflict, not a guess")
    keep_mine(ben, "Gold")
    check(load_files(client, chat)["style.css"] == "h1 { color: gold }\n", "a conflict is settled in the session")
    ada.close()
    ben.close()

    # Live.
    newest = next(workspace.versions())["version"]
    last = newest_event(workspace)
    seen: List[List[str]] = []
    watching = threading.Thread(target=lambda: seen.append(next(show_turns(client, chat, last))), daemon=True)
    watching.start()
    save_file(client, chat, "about.html", "<p>About</p>\n")
    end_turn(client, chat, "About us")
    watching.join(20)
    check(seen == [["about.html"]], "a watcher is told of each turn")
    check(next(workspace.versions())["version"] == newest + 1, "and nothing else landed")

    # Going back.
    workspace.checkpoint("published", message="What the customer saw")
    end = workspace.session("assistant")
    end.delete_file("about.html")
    end.commit("Without about")
    restored = workspace.restore("refs/tags/published")
    check("about.html" in load_files(client, chat), "restore brings files back as a new version")
    undone = workspace.undo()
    check("about.html" not in load_files(client, chat), "undo takes that back")
    workspace.undo(undone["number"])
    check("about.html" in load_files(client, chat), "and is undone itself by its number")
    check([v["version"] for v in workspace.versions()][:3] == [restored["version"] + 2 - n for n in range(3)], "nothing of it is lost")

    # Who wrote what.
    agents = {line.get("agent") for line in workspace.blame("style.css")["lines"]}
    check(agents == {"ben"}, "blame names the agent of each line")
    subjects = [commit["message"] for commit in workspace.history("style.css")]
    check(subjects[0] == "Gold" and "Blue" in subjects, "a path has its history")

    # Another try from an earlier point.
    fork = workspace.fork(f"chat-{mark}-2", at="v2")
    check(fork.read_file("index.html") == "<h1>Shop</h1>\n", "a fork begins at the point")
    other = fork.session("assistant")
    other.write_file("index.html", "<h1>Fork</h1>\n")
    other.commit("Go another way")
    check("Fork" not in workspace.read_file("index.html"), "and goes its own way")

    # A token for this chat alone.
    token = client.tokens.create(["read", "write", "land"], workspace=chat, label=f"chat {mark}", ttl=3600)
    address = os.environ["ACETATE_URL"]
    with acetate.Client(address, token=token["token"]) as guest:
        check(guest.workspace(chat).read_file("style.css") != "", "a token of the chat reaches it")
        try:
            guest.workspace(fork.id)
            check(False, "and no other workspace")
        except acetate.NotFoundError:
            check(True, "and no other workspace")
    client.tokens.revoke(token["id"])

    # Resting, and the next day.
    working = workspace.session("assistant")
    working.write_file("draft.html", "<p>Draft</p>\n")
    working.pause()
    check(load_files(client, chat)["draft.html"] == "<p>Draft</p>\n", "a session that was paused comes back with its edits")

    # Archiving.
    file = folder / "chat.bundle"
    archive_chat(client, chat, file)
    check(all(found["id"] != chat for found in client.workspaces.list()), "a deleted chat is gone from the list")
    back = client.workspaces.undelete(chat)
    check(load_files(client, back.id)["draft.html"] == "<p>Draft</p>\n", "for 30 days it can be brought back, unsaved edits included")
    back.delete()
    again = client.workspaces.unbundle(file, f"chat-{mark}-again")
    check("about.html" in load_files(client, again.id), "and later from the bundle")
    drafts = [branch["name"] for branch in again.branches() if branch["name"].startswith("refs/heads/sessions/")]
    check(again.read_file("draft.html", at=drafts[0]) == "<p>Draft</p>\n", "where unsaved edits are a branch")

    for left in (again, fork, starter):
        left.delete()


@contextlib.contextmanager
def daemon(folder: Path) -> Iterator[None]:
    """The daemon of the environment, or one of its own."""
    if os.environ.get("ACETATE_URL"):
        yield
        return
    program = os.environ.get("ACETATE_BIN", "acetate")
    process = subprocess.Popen([program, "serve", str(folder / "store"), "--create", "--json"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        os.environ["ACETATE_URL"] = said["http"]
        os.environ["ACETATE_TOKEN"] = Path(said["token_file"]).read_text().strip()
        yield
    finally:
        process.terminate()
        process.wait(20)


def main() -> int:
    with tempfile.TemporaryDirectory() as name, daemon(Path(name)), acetate.Client() as client:
        run(client, Path(name))
    print("all as said")
    return 0


if __name__ == "__main__":
    sys.exit(main())
