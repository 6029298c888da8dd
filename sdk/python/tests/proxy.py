"""A tiny TCP proxy that drops connections when it is told to, and counts what passes."""

import contextlib
import socket
import threading
from typing import Callable, List
from urllib.parse import urlsplit


class Proxy:
    """Listens on a port of its own and passes bytes to and from a daemon.

    `refuse(request)` says, for the first bytes of each connection's request, whether to pass them on and drop the answer (`"after"`), to
    drop the connection at once (`"before"`), or to let all pass (`""`).
    """

    def __init__(self, url: str, refuse: Callable[[bytes], str]) -> None:
        parts = urlsplit(url)
        self.upstream = (parts.hostname or "", parts.port or 0)
        self.refuse = refuse
        self.requests: List[bytes] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.open: List[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self.listener.close()
        self.drop()

    def drop(self) -> None:
        """Drops all connections of the moment."""
        for each in self.open:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self.open.clear()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client, socket.create_connection(self.upstream) as server:
            self.open += [client, server]
            back = threading.Event()
            threading.Thread(target=self._answers, args=(server, client, back), daemon=True).start()
            while True:
                data = client.recv(65536)
                if not data:
                    return
                if b" HTTP/1.1\r\n" in data:
                    self.requests.append(data)
                    verdict = self.refuse(data)
                    if verdict == "before":
                        return
                    back.clear() if verdict == "after" else back.set()
                server.sendall(self._host(data))

    def _answers(self, server: socket.socket, client: socket.socket, back: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while True:
                data = server.recv(65536)
                if data and back.is_set():
                    client.sendall(data)
                    continue
                for each in (server, client):
                    with contextlib.suppress(OSError):
                        each.shutdown(socket.SHUT_RDWR)
                return

    def _host(self, data: bytes) -> bytes:
        # The daemon answers only to its own name.
        mine, theirs = self.url.split("//")[1], f"{self.upstream[0]}:{self.upstream[1]}"
        return data.replace(f"host: {mine}".encode(), f"host: {theirs}".encode()).replace(
            f"Host: {mine}".encode(), f"Host: {theirs}".encode()
        )


class Drops:
    """Refuses the first `count` requests whose first line has `word` in it."""

    def __init__(self, word: str, count: int, how: str) -> None:
        self.word, self.left, self.how = word.encode(), count, how

    def __call__(self, request: bytes) -> str:
        if self.left == 0 or self.word not in request.split(b"\r\n", 1)[0]:
            return ""
        self.left -= 1
        return self.how
