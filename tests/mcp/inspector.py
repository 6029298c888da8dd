"""The inspector's command line: lists under its strict checks, calls, resources and prompts, and fifty calls at once."""

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from served import PROGRAM, Place, Served, daemon, place

INSPECTOR = Path(__file__).parent / "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js"
CALLS = 400
AT_ONCE = 50


class Client:
    """The inspector on one server, in one way."""

    def __init__(self, at: Place, server: Served, transport: str, era: str) -> None:
        self.at, self.name = at, f"inspector over {transport}, {era}"
        self.options = ["--protocol-era", "legacy" if era == "2025-11-25" else "modern", "--format", "json", "--quiet"]
        if transport == "http":
            self.target = ["--transport", "http", "--server-url", server.url, "--header", f"Authorization: Bearer {server.token}"]
        else:
            environment = [pair for name, value in at.environment.items() for pair in ("-e", f"{name}={value}")]
            self.target = [*environment, "-e", f"ACETATE_STORE={at.repository}", str(PROGRAM), "mcp"]

    def ask(self, method: str, *options: str) -> Any:
        command = ["node", str(INSPECTOR), "--cli", *self.target, *self.options, "--method", method, *options]
        done = subprocess.run(command, env=self.at.environment, capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise RuntimeError(f"{method} {' '.join(options)} ended with {done.returncode}: {done.stderr[-2000:]}{done.stdout[-2000:]}")
        return json.loads(done.stdout)["result"]

    def call(self, tool: str, arguments: dict[str, Any], *options: str) -> Any:
        return self.ask("tools/call", "--tool-name", tool, "--tool-args-json", json.dumps(arguments), *options)

    def check(self) -> list[str]:
        tools = self.ask("tools/list", "--strict")["tools"]
        session = self.call("session_open", {"agent": "inspector", "intent": "look around"})["structuredContent"]["session_id"]
        read = self.call("read", {"session_id": session, "file_path": "src/text.py"})
        resources = [item["uri"] for item in self.ask("resources/list")["resources"]]
        templates = self.ask("resources/templates/list")["resourceTemplates"]
        file = self.ask("resources/read", "--uri", f"acetate://{session}/files/src/text.py")["contents"][0]
        prompts = self.ask("prompts/list")["prompts"]
        prompt = self.ask("prompts/get", "--prompt-name", "work_in_a_session", "--prompt-args", "task=Look around")
        seen = {
            "twenty tools": len(tools) == 20,
            "a file": "def shout" in read["content"][0]["text"],
            "its resource": file["text"].startswith("def shout"),
            "the session among the resources": f"acetate://{session}/diff" in resources,
            "four templates": len(templates) == 4,
            "one prompt": [prompt["name"] for prompt in prompts] == ["work_in_a_session"],
            "the task in the prompt": "Look around" in prompt["messages"][0]["content"]["text"],
        }
        wrong = [f"{self.name}: {what} is not there" for what, there in seen.items() if not there]
        for tool, arguments in LOADS.items():
            wrong += self.load(tool, {"session_id": session, **arguments})
        print(f"{self.name}: {len(wrong) or 'nothing'} wrong", flush=True)
        return wrong

    def load(self, tool: str, arguments: dict[str, Any]) -> list[str]:
        """Many calls, fifty at a time, none of which may fail."""
        done = self.call(tool, arguments, "--load", "--load-concurrency", str(AT_ONCE), "--load-requests", str(CALLS))
        if done["requests"] == done["ok"] == CALLS and not done["errors"] and not done["toolErrors"]:
            return []
        return [f"{self.name}: of {CALLS} calls of {tool}, {AT_ONCE} at once, not all were well: {json.dumps(done)}"]


LOADS: dict[str, dict[str, Any]] = {
    "read": {"file_path": "src/shapes.py"},
    "grep": {"pattern": "def", "output_mode": "content"},
    "write": {"file_path": "src/load.py", "content": "def load():\n    return 50\n"},
    "status": {},
}


def check() -> list[str]:
    """What is wrong, in lines to be read."""
    with place() as at, daemon(at) as server, ThreadPoolExecutor(2) as pool:
        clients = [Client(at, server, transport, era) for transport in ("stdio", "http") for era in ("2025-11-25", "2026-07-28")]
        wrong = []
        for client, future in [(client, pool.submit(client.check)) for client in clients]:
            try:
                wrong += future.result()
            except (RuntimeError, subprocess.TimeoutExpired, LookupError) as error:
                wrong.append(f"{client.name}: {error!r}" if isinstance(error, LookupError) else f"{client.name}: {error}")
        return wrong
