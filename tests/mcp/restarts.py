"""Daemons that are started by whoever needs one, and killed at any moment: a conversation over stdio goes on."""

import asyncio
import json
import os
import signal
import socket
from typing import Any

from mcp import MCPError

from agents import REVISIONS, Agent, over_stdio
from served import Place, place

TEXT = "def kept():\n    return True\n"
SECONDS = 60
STARTED_AT_ONCE = 4


async def kill(at: Place) -> int:
    """Ends the daemon without a word to it; over when nobody listens any more. Its process was this."""
    said = json.loads((at.repository / ".git/acetate/daemon.json").read_bytes())
    os.kill(said["pid"], signal.SIGKILL)
    while True:
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(said["socket"]):
                return int(said["pid"])
        await asyncio.sleep(0.01)


async def outlived(at: Place, revision: str, named: bool) -> list[str]:
    """One agent, whose daemon is killed twice; with a session that it names in its calls, or with the process's own."""
    seen: dict[str, bool] = {}
    async with over_stdio(at, revision) as agent:
        given: dict[str, Any] = {}
        if named:
            given = {"session_id": (await agent.call("session_open", agent="ada", intent="outlive"))["session_id"]}
        await agent.call("write", file_path="src/kept.py", content=TEXT, **given)
        session = (await agent.call("status", **given))["session_id"]
        ended = await asyncio.gather(*under_way(agent, given), killed_amid(at), return_exceptions=True)
        answers, killed = ended[:-1], {ended[-1]}
        seen["a call that waits is answered with an error"] = isinstance(answers[0], MCPError) and "daemon" in str(answers[0])
        seen["each call that is under way is answered"] = all(isinstance(answer, (MCPError, dict)) for answer in answers)
        seen["the session is the same after it"] = (await agent.call("status", **given)).get("session_id") == session
        seen["what was not saved is there"] = await content(agent, "src/kept.py", given) == TEXT
        # Nothing is under way, and nothing else tells the process before the next call.
        killed.add(await kill(at))
        edit = {"file_path": "src/kept.py", "old_string": "True", "new_string": "1"}
        edited = await agent.call("edit", **edit, **given)
        seen["an edit goes on from there"] = edited.get("replacements") == 1
        seen["two daemons were killed"] = len(killed) == 2
        seen["it is still that session"] = (await agent.call("status", **given)).get("session_id") == session
        seen["it lands"] = (await agent.call("submit", message="Outlive", **given)).get("result") == "landed"
        seen["the list of tools is there"] = len((await agent.client.list_tools()).tools) == 20
    name = f"{'named' if named else 'own'} session over stdio, {revision}, daemon killed"
    return [f"{name}: not so: {what}" for what, so in seen.items() if not so]


def under_way(agent: Agent, given: dict[str, Any]) -> list[Any]:
    """Calls of which the first is still waiting when the daemon ends, and the others may or may not be."""
    reads = [agent.call("read", file_path="src/shapes.py", **given) for _ in range(20)]
    return [agent.call("watch", wait=20, **given), *reads]


async def killed_amid(at: Place) -> int:
    await asyncio.sleep(0.3)
    return await kill(at)


async def content(agent: Agent, path: str, given: dict[str, Any]) -> str | None:
    files = (await agent.call("read", file_path=path, **given)).get("files")
    return files[0]["content"] if files else None


async def started(at: Place) -> list[str]:
    """Several processes on a store without a daemon: one starts it, all work."""

    async def one(revision: str) -> tuple[str, int]:
        async with over_stdio(at, revision) as agent:
            session = (await agent.call("session_open", agent="ada"))["session_id"]
            await agent.call("write", file_path=f"{session}.txt", content=session)
            return session, (await agent.call("status"))["changed"]

    done = await asyncio.gather(*(one(REVISIONS[number % 2]) for number in range(STARTED_AT_ONCE)))
    if len({session for session, _ in done}) == STARTED_AT_ONCE and {changed for _, changed in done} == {1}:
        return []
    return [f"{STARTED_AT_ONCE} processes started at once: sessions and their changes are {done}"]


async def within_time(name: str, run: Any) -> list[str]:
    with place() as at:
        try:
            found: list[str] = await asyncio.wait_for(run(at), SECONDS)
        except Exception as error:  # Whatever went wrong is to be told, with what else did.
            found = [f"{name}: {error!r}"]
        finally:
            at.end_daemon()
    print(f"{name}: {len(found) or 'nothing'} wrong", flush=True)
    return found


def check() -> list[str]:
    """What is wrong, in lines to be read."""
    wrong = asyncio.run(within_time("started at once", started))
    for revision in REVISIONS:
        for named in (True, False):
            name = f"daemon killed, {revision}, {'named' if named else 'own'} session"
            wrong += asyncio.run(within_time(name, lambda at, revision=revision, named=named: outlived(at, revision, named)))
    return wrong
