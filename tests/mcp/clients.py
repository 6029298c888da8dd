"""script.json through every client, transport and revision of the protocol; all have to see the same."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from served import PROGRAM, Served, daemon, place
from transcript import Transcript, differences

HERE = Path(__file__).parent
SCRIPT = HERE / "script.json"
BOTH = ("2025-11-25", "2026-07-28")
# Who speaks which revisions.
RUNNERS = {
    "python": ([sys.executable, str(HERE / "run_python.py")], BOTH),
    "client": (["node", str(HERE / "run_client.mjs")], BOTH),
    "sdk": (["node", str(HERE / "run_sdk.mjs")], BOTH[:1]),
}
SECONDS = 120


def one(runner: str, transport: str, era: str) -> Transcript:
    """One client on a repository of its own. Over stdio nobody starts the daemon: the first process does."""
    with place() as at:

        def run(server: Served | None) -> Transcript:
            environment = {**at.environment, "MCP_PROGRAM": str(PROGRAM), "MCP_STORE": str(at.repository)}
            if server:
                environment |= {"MCP_URL": server.url, "MCP_TOKEN": server.token}
            command = [*RUNNERS[runner][0], str(SCRIPT), transport, era]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SECONDS)
            lines = [json.loads(line) for line in done.stdout.splitlines()]
            if done.returncode != 0 or not lines:
                raise RuntimeError(f"it ended with {done.returncode} after {max(len(lines) - 1, 0)} steps:\n{done.stderr[-4000:]}")
            return Transcript(json.loads(SCRIPT.read_text(encoding="utf-8"))["steps"], lines, transport)

        if transport == "http":
            with daemon(at) as server:
                return run(server)
        try:
            return run(None)
        finally:
            at.end_daemon()


def check() -> list[str]:
    """What is wrong, in lines to be read."""
    runs = [(runner, transport, era) for runner, (_, eras) in RUNNERS.items() for transport in ("stdio", "http") for era in eras]
    wrong: list[str] = []
    seen: dict[str, Transcript] = {}
    with ThreadPoolExecutor(2) as pool:
        for (runner, transport, era), future in [(run, pool.submit(one, *run)) for run in runs]:
            name = f"{runner} over {transport}, {era}"
            try:
                transcript = future.result()
            except (RuntimeError, subprocess.TimeoutExpired) as error:
                wrong.append(f"{name}: {error}")
                continue
            if transcript.protocol != era:
                wrong.append(f"{name}: client and server agreed on {transcript.protocol}")
            found = transcript.wrong()
            wrong += [f"{name}: {problem}" for problem in found]
            print(f"{name}: {len(transcript.answers)} steps, {len(found) or 'none'} wrong", flush=True)
            seen[name] = transcript
    for name, transcript in seen.items():
        # Of the same transport where there is one, so that the steps of one transport only are compared too.
        first = next(other for other in seen if seen[other].transport == transcript.transport)
        for other in {first, next(iter(seen))} - {name}:
            wrong += [f"{name}: {line}" for line in differences(other, seen[other], name, transcript)]
    return wrong
