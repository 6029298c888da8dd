"""Tokens: access over TCP."""

from typing import Iterable, List, Optional

from .. import _types as t
from .._wire import text
from .._wire.request import change, get
from .transport import AsyncTransport


class AsyncTokens:
    """The tokens of the store. Every method raises `DeniedError` for a caller without the right to it."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def create(
        self,
        rights: Iterable[t.Right],
        *,
        workspace: Optional[str] = None,
        label: Optional[str] = None,
        ttl: Optional[int] = None,
        key: Optional[str] = None,
    ) -> t.NewToken:
        """Makes a token for the store or one workspace; it is shown this once. `ttl` is its life in seconds."""
        content = {"rights": [*rights], "workspace": workspace, "label": label, "ttl": ttl}
        answer: t.NewToken = await self._transport.json(change("POST", "/v1/tokens", key).json(content))
        return answer

    async def list(self) -> List[t.TokenInfo]:
        """The tokens, without their secrets."""
        answer: t.TokenList = await self._transport.json(get("/v1/tokens"))
        return answer["tokens"]

    async def revoke(self, id: str) -> t.TokenInfo:
        """Ends a token at once. Raises `NotFoundError` (`token_not_found`)."""
        answer: t.TokenInfo = await self._transport.json(change("DELETE", f"/v1/tokens/{text.segment(id)}").once())
        return answer
