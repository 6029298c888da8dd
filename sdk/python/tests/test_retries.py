"""What is repeated and what is not, with a proxy that drops connections on the way."""

import socket
import threading
from typing import Any, Callable, Iterator, List

import pytest

import acetate

from .proxy import Drops, Proxy

QUICK = acetate.Retry(attempts=3, delay=0.01)


@pytest.fixture
def proxied(daemon: Any, connect: Callable[..., Any]) -> Iterator[Callable[[str, int, str], Any]]:
    """A client through a proxy that drops the first so many requests with a word in their first line."""
    made: List[Proxy] = []

    def proxied(word: str, count: int, how: str) -> Any:
        made.append(Proxy(daemon.url, Drops(word, count, how)))
        client = connect(url=made[-1].url, token=daemon.token, retry=QUICK)
        return client, made[-1]

    yield proxied
    for proxy in made:
        proxy.close()


def counted(proxy: Proxy, word: str) -> int:
    return sum(word.encode() in each.split(b"\r\n", 1)[0] for each in proxy.requests)


@pytest.mark.parametrize("how", ["before", "after"])
def test_a_read_is_repeated(proxied: Any, workspace: Any, how: str) -> None:
    client, proxy = proxied("/files/", 2, how)
    assert client.workspace(workspace.id).read_file("config.toml") == 'name = "acetate"\n'
    assert counted(proxy, "/files/") == 3


@pytest.mark.parametrize("how", ["before", "after"])
def test_a_change_with_a_key_is_repeated_and_happens_once(proxied: Any, workspace: Any, how: str) -> None:
    client, proxy = proxied("/checkpoints", 2, how)
    # Without the key the second try would find the name taken.
    assert client.workspace(workspace.id).checkpoint("one")["name"] == "one"
    sent = [each for each in proxy.requests if b"POST" in each and b"/checkpoints" in each.split(b"\r\n", 1)[0]]
    keys = {line for each in sent for line in each.lower().split(b"\r\n") if line.startswith(b"idempotency-key:")}
    assert len(sent) == 3 and len(keys) == 1
    assert len(workspace.checkpoints()) == 1


@pytest.mark.parametrize("how", ["before", "after"])
def test_an_edit_is_never_repeated(proxied: Any, workspace: Any, how: str) -> None:
    client, proxy = proxied("/edit", 1, how)
    session = client.sessions.create("ada", workspace=workspace.id)
    with pytest.raises(acetate.TransportError) as caught:
        session.edit("src/app.py", "return 1", "return 1 + 1")
    assert caught.value.code == "connection_lost" and caught.value.status is None
    assert counted(proxy, "/edit") == 1
    assert session.edit("src/app.py", "return 2", "return 3")["replacements"] == 1


def test_neither_is_a_deletion_nor_a_conditional_write_nor_a_stream(proxied: Any, workspace: Any) -> None:
    client, proxy = proxied("/files/", 3, "before")
    session = client.sessions.create("ada", workspace=workspace.id)
    with pytest.raises(acetate.TransportError):
        session.delete_file("config.toml")
    with pytest.raises(acetate.TransportError):
        session.write_file("a.txt", "a", expect="")
    with pytest.raises(acetate.TransportError):
        session.write_file("a.txt", iter([b"a"]))
    assert counted(proxy, "/files/") == 3
    assert session.status()["changed"] == 0


def test_a_plain_write_is_repeated(proxied: Any, workspace: Any) -> None:
    client, proxy = proxied("/files/", 2, "after")
    session = client.sessions.create("ada", workspace=workspace.id)
    session.write_file("a.txt", "a")
    assert counted(proxy, "/files/") == 3 and session.status()["changed"] == 1


def test_it_gives_up_after_a_bounded_number(proxied: Any, workspace: Any) -> None:
    client, proxy = proxied("/v1/workspaces", 99, "before")
    with pytest.raises(acetate.TransportError):
        client.workspace(workspace.id)
    assert len(proxy.requests) == QUICK.attempts


def test_your_own_key_gives_the_first_answer_again(workspace: Any) -> None:
    session = workspace.open_session("ada", key="open-1")
    assert workspace.open_session("ada", key="open-1").id == session.id
    session.write_file("a.txt", "a")
    first = session.commit_turn("Add a", key="turn-1")
    session.write_file("b.txt", "b")
    assert session.commit_turn("Add a", key="turn-1")["commit"] == first["commit"]
    with pytest.raises(acetate.ConflictError) as caught:
        session.commit_turn("Add b", key="turn-1")
    assert caught.value.code == "idempotency_key_reused"


def test_watching_survives_a_dropped_connection(proxied: Any, workspace: Any) -> None:
    client, proxy = proxied("nothing", 0, "")
    seen = []
    for event in client.workspace(workspace.id).watch():
        seen.append(event["number"])
        if len(seen) == 1:
            proxy.drop()
        if len(seen) == 3:
            break
    assert seen == [1, 2, 3]
    assert counted(proxy, "/events") >= 1


def test_watching_resumes_behind_the_last_event(proxied: Any, workspace: Any) -> None:
    client, proxy = proxied("nothing", 0, "")
    newest = workspace.events()["next"]
    seen = []
    for event in client.workspace(workspace.id).watch():
        seen.append(event["number"])
        if event["number"] == newest:
            # All of the stream was read; what comes next comes over another connection.
            proxy.drop()
            workspace.checkpoint("later")
        if event["kind"] == "checkpoint_created":
            break
    assert seen == [*range(1, newest + 2)]
    assert any(f"after={newest}".encode() in each for each in proxy.requests)


def test_no_answer_in_time(connect: Callable[..., Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        client = connect(url=url, timeout=0.05, retry=acetate.Retry(attempts=1))
        with pytest.raises(acetate.RequestTimeoutError) as caught:
            client.status()
    assert caught.value.code == "timeout"


ANSWERS = [
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 4\r\nx-request-id: r-1\r\n\r\nbusy",
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 17\r\n\r\n" + b'{"state": "fine"}',
]


@pytest.mark.parametrize("attempts", [1, 2])
def test_a_busy_server_is_asked_again(connect: Callable[..., Any], attempts: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:

        def serve() -> None:
            for answer in ANSWERS[:attempts]:
                connection, _ = busy.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(answer.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n", 1))

        thread = threading.Thread(target=serve)
        thread.start()
        client = connect(url=f"http://127.0.0.1:{busy.getsockname()[1]}", retry=acetate.Retry(attempts=attempts, delay=0.01))
        if attempts == 1:
            with pytest.raises(acetate.UnavailableError) as caught:
                client.status()
            assert (caught.value.request_id, caught.value.status) == ("r-1", 503)
            assert "r-1" in str(caught.value)
        else:
            assert client.status()["state"] == "fine"
        thread.join()
