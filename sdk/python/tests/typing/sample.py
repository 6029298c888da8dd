"""How the package is used, for type checkers alone; never run."""

from typing import AsyncIterator, Iterator, List, Optional

import acetate
from acetate import types


def blocking() -> Optional[str]:
    session: acetate.Session = acetate.session.create()
    config: str = session.read_file("config.toml")
    written: types.WrittenAnswer = session.write_file("feature.rs", config.encode())
    size: int = written["size"]
    change_hash: str = session.commit()
    paths: List[str] = session.glob("**/*.py")
    lines: Iterator[acetate.Match] = session.grep("x")
    answer = session.submit()
    if answer["result"] == "landed":
        return answer.get("commit")
    if answer["result"] == "conflict":
        return answer["conflicts"][0].get("symbol")
    checks: List[str] = answer["checks"]
    with acetate.Client(timeout=None, retry=acetate.Retry(attempts=1)) as client:
        data: bytes = client.workspace().bundle()
        written_bytes: int = client.workspace().bundle("a.bundle")
        client.workspaces.create("a", {"git": "/repository"})
    session.batch([{"op": "move", "from": "a", "to": "b"}, {"op": "write", "path": "a", "content": "a"}])
    print(size, change_hash, paths, [*lines], checks, data, written_bytes)
    return None


async def waiting() -> None:
    async with acetate.AsyncClient() as client:
        session: acetate.AsyncSession = await client.sessions.create("ada")
        text: str = await session.read_file("a")
        events: AsyncIterator[types.Event] = session.watch()
        async for event in events:
            print(text, event["number"])
        data: bytes = await (await client.workspace()).bundle()
        print(data)


def mistakes() -> None:
    session = acetate.session.create()
    session.write_file("a", 1)  # type: ignore[arg-type]
    session.resolve("a", "mine")  # type: ignore[arg-type]
    session.status()["nothing"]  # type: ignore[typeddict-item]
