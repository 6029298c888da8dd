"""The conformance suite: all server scenarios of both revisions against a server with the suite's fixtures, and against the daemon as it is
shipped those that need none."""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from served import CONFORMANCE, PROGRAM, Place, Way, daemon, place, process

SUITE = Path(__file__).parent / "node_modules/@modelcontextprotocol/conformance"
REVISIONS = ("2025-11-25", "2026-07-28")

# What the daemon as it is shipped has to pass.
SHIPPED = {
    "2025-11-25": {
        "dns-rebinding-protection",
        "ping",
        "prompts-list",
        "resources-list",
        "server-initialize",
        "server-session-lifecycle",
        "server-sse-multiple-streams",
        "tools-list",
    },
    "2026-07-28": {
        "caching",
        "dns-rebinding-protection",
        "http-header-validation",
        "input-required-result-unsupported-methods",
        "prompts-list",
        "resources-list",
        "sep-2164-resource-not-found",
        "server-sse-multiple-streams",
        "server-stateless",
        "tools-list",
    },
}
# Checks of `server-stateless` that call a tool of the suite's own.
FIXTURES = frozenset(
    (
        "sep-2575-server-rejects-undeclared-capability",
        "sep-2575-missing-capability-http-400",
        "sep-2575-http-server-no-independent-requests-on-stream",
        "sep-2575-server-no-log-without-loglevel",
    )
)
BAD = {"FAILURE", "WARNING"}


def required(revision: str) -> set[str]:
    """What the revision requires of servers, by the suite's own list. The list is YAML, of which this reads what it uses."""
    names, inside = set(), False
    for line in (SUITE / f"requirements/{revision}.yaml").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith((" ", "#")):
            inside = line.startswith("server:")
        elif inside and line.strip().startswith("- "):
            names.add(line.strip()[2:])
    return names


def run(url: str, revision: str) -> dict[str, list[dict[str, Any]]]:
    """Every scenario that the revision has, required and pending: its checks."""
    with tempfile.TemporaryDirectory(prefix="acetate-") as out:
        command = ["node", str(SUITE / "dist/index.js"), "server", "--url", url, "--suite", "all", "--spec-version", revision, "-o", out]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        found: dict[str, list[dict[str, Any]]] = {}
        for file in Path(out).glob("*/checks.json"):
            # The folder is called `server-NAME-TIME`.
            name = file.parent.name.removeprefix("server-")[: -len("-2026-07-28T00-00-00-000Z")]
            found[name] = json.loads(file.read_bytes())
        if not found:
            raise RuntimeError(f"the suite did not run: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return found


def bad(name: str, found: dict[str, list[dict[str, Any]]], scenarios: set[str], excused: frozenset[str] = frozenset()) -> list[str]:
    wrong = [f"{name}: {scenario} was not run" for scenario in sorted(scenarios - found.keys())]
    checks = 0
    for scenario in sorted(scenarios & found.keys()):
        for check in found[scenario]:
            checks += check["status"] == "SUCCESS"
            if check["status"] in BAD and check["id"] not in excused:
                details = json.dumps(check.get("details"))[:600]
                wrong.append(f"{name}: {scenario}, {check['id']}: {check['status']}: {check.get('errorMessage')} {details}")
    print(f"{name}: {len(scenarios)} scenarios, {checks} checks passed, {len(wrong) or 'nothing'} wrong", flush=True)
    return wrong


def with_fixtures(at: Place) -> list[str]:
    way = Way()
    socket = str(at.folder / "door.sock")
    with process([str(CONFORMANCE), str(at.repository), socket, *way.hosts], at):
        way.lead_to(socket)
        wrong = []
        for revision in REVISIONS:
            found = run(way.url, revision)
            # Also what is not required yet: it passes.
            wrong += bad(f"with fixtures, {revision}", found, required(revision) | found.keys())
    way.close()
    return wrong


def shipped(at: Place) -> list[str]:
    way = Way()
    hosts = [option for host in way.hosts for option in ("--host", host)]
    with daemon(at, *hosts) as server:
        way.lead_to(server.socket)
        # So that there is a resource to read.
        command = [str(PROGRAM), "--store", str(at.repository), "session", "open", "--agent", "conformance", "--json"]
        subprocess.run(command, env=at.environment, check=True, stdout=subprocess.DEVNULL)
        wrong = []
        for revision in REVISIONS:
            wrong += bad(f"as shipped, {revision}", run(way.url, revision), SHIPPED[revision], FIXTURES)
    way.close()
    return wrong


def check() -> list[str]:
    """What is wrong, in lines to be read."""
    wrong = []
    for part in (with_fixtures, shipped):
        with place() as at:
            try:
                wrong += part(at)
            except (RuntimeError, subprocess.SubprocessError) as error:
                wrong.append(f"conformance, {part.__name__}: {error}")
    return wrong
