"""Many calls of one client at a time."""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import acetate

from .conftest import unique

AGENTS = 8


def test_threads_share_a_client(daemon: Any) -> None:
    with acetate.Client(store=str(daemon.folder)) as client:
        workspace = client.workspaces.create(unique())

        def work(number: int) -> str:
            with workspace.open_session(f"agent-{number}") as session:
                session.write_file(f"{number}.txt", str(number))
                return session.submit()["result"]

        with ThreadPoolExecutor(AGENTS) as pool:
            assert [*pool.map(work, range(AGENTS))] == ["landed"] * AGENTS
        assert len([*workspace.versions()]) == AGENTS


def test_tasks_share_a_client(daemon: Any) -> None:
    async def main() -> None:
        async with acetate.AsyncClient(store=str(daemon.folder)) as client:
            workspace = await client.workspaces.create(unique())

            async def work(number: int) -> str:
                async with await workspace.open_session(f"agent-{number}") as session:
                    await session.write_file(f"{number}.txt", str(number))
                    return (await session.submit())["result"]

            assert await asyncio.gather(*map(work, range(AGENTS))) == ["landed"] * AGENTS
            assert len([version async for version in workspace.versions()]) == AGENTS

    asyncio.run(main())


def test_a_forked_process_makes_a_default_client_of_its_own(daemon: Any) -> None:
    client = acetate.Client(store=str(daemon.folder))
    acetate.set_default_client(client)
    child = os.fork()
    if child == 0:
        os._exit(0 if acetate.default_client() is not client else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert acetate.default_client() is client
    client.close()
    acetate.set_default_client(None)
