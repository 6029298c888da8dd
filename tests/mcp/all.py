"""Real MCP clients against real servers: `all.py [clients] [access] [restarts] [inspector] [conformance]`, all of them if none is named.
scripts/mcp runs it where the clients are installed."""

import sys
import time

import access
import clients
import conformance
import inspector
import restarts

PARTS = {
    "clients": clients.check,
    "access": access.check,
    "restarts": restarts.check,
    "inspector": inspector.check,
    "conformance": conformance.check,
}


def main(names: list[str]) -> int:
    wrong = []
    for name in names or PARTS:
        began = time.monotonic()
        found = PARTS[name]()
        print(f"-- {name}: {len(found) or 'nothing'} wrong, {time.monotonic() - began:.0f} s", flush=True)
        wrong += found
    print(*wrong, sep="\n", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
