"""Writes the blocking client, `src/acetate/_sync/`, from the one for `asyncio`, `src/acetate/_async/`.

    python scripts/unasync.py            writes the files
    python scripts/unasync.py --check    fails if a file is not what would be written

Words are replaced, nothing is understood: `await` goes, `async for` becomes `for`, `AsyncClient` becomes `Client`. What can't be said that
way is in `_runtime.py`, which each client has its own of.
"""

import re
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "acetate"
OWN = "_runtime.py"

RULES = [
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"\basync (def|for|with)\b", r"\1"),
        (r"\bawait ", ""),
        (r"\bhttpx\.AsyncClient\b", "httpx.Client"),
        (r"\bAsyncIterator\b", "Iterator"),
        (r"\basynccontextmanager\b", "contextmanager"),
        (r"\bAsync([A-Z]\w*)", r"\1"),
        (r"\b__aenter__\b", "__enter__"),
        (r"\b__aexit__\b", "__exit__"),
        (r"\ba(close|read|iter_bytes)\(", r"\1("),
    )
]


def translated(source: str, name: str) -> str:
    """The blocking form of one file."""
    for pattern, replacement in RULES:
        source = pattern.sub(replacement, source)
    if name == "__init__.py":
        return '"""The blocking client, written by `scripts/unasync.py` from the one for `asyncio`; not to be edited."""\n'
    return f"# Written by scripts/unasync.py from _async/{name}; not to be edited.\n{source}"


def main() -> int:
    check = "--check" in sys.argv[1:]
    stale = []
    for origin in sorted((PACKAGE / "_async").glob("*.py")):
        if origin.name == OWN:
            continue
        target = PACKAGE / "_sync" / origin.name
        text = translated(origin.read_text("utf-8"), origin.name)
        if check and (not target.exists() or target.read_text("utf-8") != text):
            stale.append(target.name)
        elif not check:
            target.write_text(text, "utf-8")
    if stale:
        print(f"stale in _sync: {', '.join(stale)}; run python scripts/unasync.py", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
