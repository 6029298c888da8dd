#!/usr/bin/env python3
"""A ledger of postings."""

from __future__ import annotations

import json
import os
from collections import OrderedDict, defaultdict
from dataclasses import dataclass, field
from typing import (
    Iterable,
    Optional,
)

MOST = 64
NAME = "ledger"
KINDS = {
    "debit": 1,
    "credit": -1,
}


class Refused(Exception):
    """Why an entry is refused."""


@dataclass
class Posting:
    account: str
    amount: int = 0
    at: int = 0

    def negated(self) -> Posting:
        return Posting(self.account, -self.amount, self.at)


class Ledger:
    """All entries."""

    limit = MOST

    def __init__(self, name: str = NAME):
        self.name = name
        self.entries = []
        self.closed = set()
        self.totals = defaultdict(int)

    @property
    def size(self) -> int:
        return len(self.entries)

    def close(self, account: str) -> None:
        self.closed.add(account)

    # Adds an entry, or says why not.
    def post(self, entry: Iterable[Posting]) -> int:
        entry = list(entry)
        if not entry:
            raise Refused("empty")
        by = sum(posting.amount for posting in entry)
        if by != 0:
            raise Refused(f"unbalanced by {by}")
        for posting in entry:
            if posting.account in self.closed:
                raise Refused(f"{posting.account} is closed")
        for posting in entry:
            self.totals[posting.account] += posting.amount
        self.entries.append(entry)
        return len(self.entries)

    def total(self, account: str) -> int:
        """What an account holds."""
        return self.totals.get(account, 0)

    @staticmethod
    def load(path: str) -> Optional[Ledger]:
        if not os.path.exists(path):
            return None
        ledger = Ledger(path)
        with open(path) as file:
            for row in json.load(file):
                ledger.post([Posting(**posting) for posting in row])
        return ledger


def describe(ledger: Ledger) -> str:
    lines = []

    def line(account, total):
        lines.append(f"{account}: {total}")

    for account, total in sorted(ledger.totals.items()):
        line(account, total)
    return "\n".join(lines)


def main() -> None:
    ledger = Ledger.load("ledger.json")
    if ledger is None:
        print("nothing there")
        return
    print(describe(ledger))


if __name__ == "__main__":
    main()
