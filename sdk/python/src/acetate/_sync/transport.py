# Written by scripts/unasync.py from _async/transport.py; not to be edited.
"""Sending requests: finding the daemon, time-outs, repeating, and errors."""

import ipaddress
from contextlib import contextmanager
from typing import Any, Iterator, List, Optional
from urllib.parse import urlsplit

import httpx

from .._local.daemon import Found
from .._local.place import Place
from .._version import VERSION
from .._wire import answer
from .._wire.request import Request
from .._wire.retry import Retry
from ..errors import AcetateError, InvalidError, RequestTimeoutError, TransportError
from ._runtime import in_thread, sleep, socket_transport

# The largest error answer that is read, in bytes.
_PROBLEM_BYTES = 1 << 20


class Transport:
    """The connections of one client. The daemon is looked for with the first request."""

    def __init__(self, place: Place, *, timeout: Optional[float], retry: Retry) -> None:
        self.retry = retry
        self._place = place
        self._timeout = timeout
        self._client: Optional[httpx.Client] = None
        self._dropped: List[httpx.Client] = []
        self._closed = False

    def close(self) -> None:
        """Closes the connections; what is asked afterwards fails."""
        self._closed = True
        if self._client is not None:
            self._dropped.append(self._client)
            self._client = None
        while self._dropped:
            self._dropped.pop().close()

    def json(self, request: Request) -> Any:
        """The JSON of the answer."""
        return answer.parse(self.data(request))

    def data(self, request: Request) -> bytes:
        """The bytes of the answer, read whole."""
        attempt = 1
        while True:
            try:
                response = self._send(request)
                try:
                    return response.read()
                except httpx.TransportError as error:
                    raise _lost(error) from error
                finally:
                    response.close()
            except AcetateError as error:
                self._pause(request, error, attempt)
            attempt += 1

    @contextmanager
    def stream(self, request: Request) -> Iterator[httpx.Response]:
        """The answer with its body still to be read; repeats only until it begins."""
        response = self._begin(request)
        try:
            yield response
        except httpx.TransportError as error:
            raise _lost(error) from error
        finally:
            response.close()

    def _begin(self, request: Request) -> httpx.Response:
        attempt = 1
        while True:
            try:
                return self._send(request)
            except AcetateError as error:
                self._pause(request, error, attempt)
            attempt += 1

    def _pause(self, request: Request, error: AcetateError, attempt: int) -> None:
        seconds = self.retry.pause(request, error, attempt)
        if seconds is None:
            raise error
        sleep(seconds)

    def _send(self, request: Request) -> httpx.Response:
        """Sends once, and leaves the body to be read; an answer of status 400 or above is raised."""
        client = self._connected()
        timeout = client.timeout if request.timeout is None else httpx.Timeout(self._timeout, read=request.timeout)
        try:
            built = client.build_request(
                request.method, request.target, headers=request.headers, content=request.body, timeout=timeout
            )
        except (httpx.InvalidURL, UnicodeError) as error:
            raise InvalidError(f"this can't be sent: {error}", code="request_invalid") from error
        try:
            response = client.send(built, stream=True)
            if response.status_code < 400:
                return response
            try:
                raise answer.problem(response.status_code, _bounded(response), response.headers)
            finally:
                response.close()
        except httpx.LocalProtocolError as error:
            raise InvalidError(f"this can't be sent: {error}", code="request_invalid") from error
        except httpx.ConnectError as error:
            # The daemon may be another one by now: the next request looks for it anew.
            if self._client is client and self._place.is_local():
                self._dropped.append(client)
                self._client = None
            raise _lost(error) from error
        except httpx.TransportError as error:
            raise _lost(error) from error

    def _connected(self) -> httpx.Client:
        if self._closed:
            raise TransportError("the client is closed", code="client_closed")
        if self._client is None:
            found: Found = in_thread(self._place.resolve)
            if self._client is None:
                self._client = self._connect(found)
        return self._client

    def _connect(self, found: Found) -> httpx.Client:
        headers = {"user-agent": f"acetate-python/{VERSION}", "accept-encoding": "identity"}
        if found.token:
            headers["authorization"] = f"Bearer {found.token}"
        return httpx.Client(
            base_url=found.url,
            headers=headers,
            timeout=self._timeout,
            transport=socket_transport(found.socket) if found.socket is not None else None,
            # A proxy that the environment names is for other machines.
            trust_env=not _is_loopback(found.url),
        )


def _bounded(response: httpx.Response) -> bytes:
    """The body of an error, as far as one is read."""
    pieces = b""
    for piece in response.iter_bytes():
        pieces += piece
        if len(pieces) > _PROBLEM_BYTES:
            break
    return pieces


def _lost(error: httpx.TransportError) -> TransportError:
    if isinstance(error, httpx.TimeoutException):
        return RequestTimeoutError(f"no answer came in time: {type(error).__name__}", code="timeout")
    if isinstance(error, httpx.ConnectError):
        return TransportError(f"the daemon can't be reached: {error}", code="daemon_unreachable")
    return TransportError(
        f"the daemon went away before it had answered: {error or type(error).__name__}",
        code="connection_lost",
        hint="what it was asked to do may have happened",
    )


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in ("localhost", "acetate")
