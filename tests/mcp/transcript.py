"""What a client saw of script.json: checked against what the script expects and the tools' schemas, and made comparable."""

import difflib
import json
import re
from typing import Any

import jsonschema

# What differs between two runs, by the order in which it appears.
NAMES = {
    "session": r"\bs_[0-9a-z]{16}\b",
    "workspace": r"\bw_[0-9a-z]{16}\b",
    "commit": r"\b[0-9a-f]{40}\b",
    "time": r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?\b",
}
EACH = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in NAMES.items()))


class Transcript:
    """The lines that a runner printed: first `{protocol, tools}`, then for each step `{step, result}` or `{step, error}`."""

    def __init__(self, steps: list[dict[str, Any]], lines: list[dict[str, Any]], transport: str) -> None:
        self.steps = steps
        self.transport = transport
        self.protocol = lines[0]["protocol"]
        self.tools = {tool["name"]: tool for tool in lines[0]["tools"]}
        self.answers = {line["step"]: line for line in lines[1:]}

    def wrong(self) -> list[str]:
        """What is not as the script or the schemas say."""
        found: list[str] = []
        saved: dict[str, Any] = {}
        for number, step in enumerate(self.steps):
            if step.get("on", self.transport) != self.transport:
                continue
            what = f"step {number} ({step['as']}: {step.get('tool') or step.get('resource') or step.get('prompt')})"
            line = self.answers.get(number)
            if line is None:
                found.append(f"{what} was not made")
                continue
            if "error" in line or "error" in step:
                if line.get("error", {}).get("code") != step.get("error"):
                    found.append(f"{what} answered {short(line)}")
                continue
            result = line["result"]
            if "tool" in step:
                found += [f"{what}: {problem}" for problem in self.result(step, result)]
            for name, pointer in step.get("save", {}).items():
                if (value := at(subject(result), pointer)) is not None:
                    saved[name] = value
            for place, expected in step.get("expect", {}).items():
                value = text(result) if place == "text" else at(subject(result), place)
                if not fits(value, filled(expected, saved)):
                    found.append(f"{what}: {place} is {short(value)}, not {short(filled(expected, saved))}")
        return found

    def result(self, step: dict[str, Any], result: dict[str, Any]) -> list[str]:
        """What is wrong with the form of a tool's result."""
        found = []
        failed = bool(result.get("isError"))
        if failed != step.get("is_error", False):
            found.append(f"{'an error' if failed else 'no error'}: {short(text(result))}")
        if [block["type"] for block in result["content"]] != ["text"] or not text(result):
            found.append(f"the content is not one text: {short(result['content'])}")
        data = result.get("structuredContent")
        if failed:
            error = (data or {}).get("error", {})
            if not all(isinstance(error.get(name), str) and error[name] for name in ("code", "message", "hint")):
                found.append(f"the error lacks its code, message or hint: {short(data)}")
            elif not text(result).startswith(f"{error['code']}: "):
                found.append(f"the error's text does not begin with its code: {short(text(result))}")
        # Of an error too: there are clients that look at the schema before they look at `isError`.
        schema = self.tools[step["tool"]].get("outputSchema")
        if schema is None:
            found.append("the tool has no output schema")
        else:
            problems = jsonschema.Draft202012Validator(schema).iter_errors(data)
            found += [f"the result is not of the tool's schema: {problem.message}" for problem in problems]
        return found

    def comparable(self) -> dict[int, list[str]]:
        """Each step's answer as lines, without what no two runs share."""
        names: dict[str, dict[str, str]] = {name: {} for name in NAMES}
        return {number: lines(plain(projected(self.steps[number], line), names)) for number, line in sorted(self.answers.items())}


def differences(name: str, one: Transcript, other_name: str, other: Transcript) -> list[str]:
    """Where two transcripts differ, to be read by people."""
    left, right = one.comparable(), other.comparable()
    found = []
    if one.tools != other.tools:
        found += ["the lists of tools differ", *diff(lines(one.tools), lines(other.tools), name, other_name)]
    for number, step in enumerate(one.steps):
        if "on" in step and one.transport != other.transport:
            continue
        if left.get(number) != right.get(number):
            found += [f"step {number} differs", *diff(left.get(number, []), right.get(number, []), name, other_name)]
    return found


def diff(left: list[str], right: list[str], name: str, other: str) -> list[str]:
    found = list(difflib.unified_diff(left, right, name, other, lineterm="", n=1))
    return found[:60] + (["…"] if len(found) > 60 else [])


def projected(step: dict[str, Any], line: dict[str, Any]) -> Any:
    """What counts of an answer: the rest is the protocol's, and differs by its revision."""
    if "error" in line:
        return {"error": line["error"]["code"]}
    result = line["result"]
    if "tool" in step:
        return {"data": result.get("structuredContent"), "text": text(result).split("\n"), "isError": bool(result.get("isError"))}
    if "resource" in step:
        return [{name: content.get(name) for name in ("uri", "mimeType", "text", "blob")} for content in result["contents"]]
    return [[message["role"], message["content"].get("text")] for message in result["messages"]]


def plain(value: Any, names: dict[str, dict[str, str]]) -> Any:
    if isinstance(value, dict):
        return {key: plain(value[key], names) for key in sorted(value)}
    if isinstance(value, list):
        return [plain(item, names) for item in value]
    if not isinstance(value, str):
        return value

    def name(found: re.Match[str]) -> str:
        kind = str(found.lastgroup) if found.lastgroup in NAMES else next(kind for kind in NAMES if found[kind])
        known = names[kind]
        # Times follow no order that all runs share.
        return "<time>" if kind == "time" else known.setdefault(found[0], f"<{kind} {len(known) + 1}>")

    return EACH.sub(name, value)


def lines(value: Any) -> list[str]:
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False).split("\n")


def subject(result: dict[str, Any]) -> Any:
    return result.get("structuredContent", result)


def text(result: dict[str, Any]) -> str:
    return "\n".join(block["text"] for block in result.get("content", []) if block["type"] == "text")


def at(document: Any, pointer: str) -> Any:
    """What a JSON pointer names; nothing where nothing is."""
    for part in pointer.split("/")[1:]:
        try:
            document = document[int(part)] if isinstance(document, list) else document[part]
        except (LookupError, TypeError, ValueError):
            return None
    return document


def filled(value: Any, saved: dict[str, Any]) -> Any:
    """The value with `${name}` replaced by what was saved under that name, if anything was: the answer then says what is wrong."""
    if isinstance(value, dict):
        return {key: filled(item, saved) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, saved) for item in value]
    if isinstance(value, str):
        return re.sub(r"\$\{(\w+)\}", lambda found: str(saved.get(found[1], found[0])), value)
    return value


def fits(value: Any, expected: Any) -> bool:
    if not isinstance(expected, dict) or len(expected) != 1:
        return bool(value == expected)
    ((how, what),) = expected.items()
    match how:
        case "matches":
            return isinstance(value, str) and re.search(what, value) is not None
        case "at_least":
            size = len(value) if isinstance(value, (list, str)) else value
            return isinstance(size, int) and size >= what
        case "has":
            return value is not None and what in value
        case "missing":
            return value is None
    return bool(value == expected)


def short(value: Any) -> str:
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= 400 else shown[:400] + "…"
