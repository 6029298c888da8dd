"""The workspaces of a store."""

import os
from contextlib import ExitStack
from typing import AsyncIterator, Optional, Union

from .. import _types as t
from .._wire import text
from .._wire.request import change, get
from ..errors import InvalidError, NotFoundError
from ._runtime import Content, body
from .transport import AsyncTransport
from .workspace import AsyncWorkspace


class AsyncWorkspaces:
    """The workspaces of the store that a client is about."""

    def __init__(self, transport: AsyncTransport, default: Optional[str]) -> None:
        self._transport = transport
        self._default = default

    async def create(
        self,
        name: Optional[str] = None,
        source: Optional[t.WorkspaceSource] = None,
        *,
        at: Optional[str] = None,
        description: Optional[str] = None,
        history: Optional[t.TemplateHistory] = None,
        session: Optional[t.OpenSession] = None,
        key: Optional[str] = None,
    ) -> AsyncWorkspace:
        """Makes a workspace: an empty one, or from a `source` such as `{"git": "/a/repository"}` or `{"template": "name"}`.

        `at` is the point of the source to begin with. `history` is `own` or `template`, for one made from a template. `session`
        also opens a session in it, which is `opened` of the workspace. Raises `ConflictError` (`name_taken`).
        """
        content = {"name": name, "from": source, "at": at, "description": description, "history": history, "session": session}
        return AsyncWorkspace(self._transport, await self._transport.json(change("POST", "/v1/workspaces", key).json(content)))

    async def get(self, name: Optional[str] = None) -> AsyncWorkspace:
        """The workspace of that name or id.

        Without a name the default one: ACETATE_WORKSPACE, else the repository's own, else the only one. Raises `NotFoundError`
        (`workspace_not_found`), and `InvalidError` (`workspace_unnamed`) where there are several and none is named.
        """
        name = name or self._default or os.environ.get("ACETATE_WORKSPACE") or None
        if name is not None:
            return AsyncWorkspace(self._transport, await self._transport.json(get(f"/v1/workspaces/{text.segment(name)}")))
        found = [workspace async for workspace in self.list()]
        chosen = next((each for each in found if each["in_place"]), found[0] if len(found) == 1 else None)
        if chosen is not None:
            return AsyncWorkspace(self._transport, chosen)
        if not found:
            raise NotFoundError("the store has no workspace yet", code="workspace_not_found", hint="make one: workspaces.create")
        names = ", ".join(each["name"] for each in found[:20])
        raise InvalidError(
            "the store has several workspaces, and none is named",
            code="workspace_unnamed",
            hint=f"name one, or set ACETATE_WORKSPACE; there are: {names}",
        )

    async def list(self, *, deleted: bool = False, page: Optional[int] = None) -> AsyncIterator[t.WorkspaceInfo]:
        """All workspaces by name, asked for page by page; with `deleted`, those that can still be brought back."""
        after: Optional[str] = None
        while True:
            answer: t.WorkspaceList = await self._transport.json(
                get("/v1/workspaces").query(deleted=deleted, after=after, limit=page)
            )
            for workspace in answer["workspaces"]:
                yield workspace
            after = answer.get("next")
            if after is None:
                return

    async def undelete(self, id: str, name: Optional[str] = None) -> AsyncWorkspace:
        """Brings a deleted workspace back; by its id, since its name may be another's by now."""
        request = change("POST", f"/v1/workspaces/{text.segment(id)}/undelete").json({"name": name})
        return AsyncWorkspace(self._transport, await self._transport.json(request))

    async def unbundle(
        self,
        bundle: Union[Content, "os.PathLike[str]"],
        name: Optional[str] = None,
        *,
        description: Optional[str] = None,
        key: Optional[str] = None,
    ) -> AsyncWorkspace:
        """Makes a workspace of a Git bundle: its bytes, the path of its file, an open file, or an iterator of bytes."""
        with ExitStack() as opened:
            content: Content = opened.enter_context(open(bundle, "rb")) if isinstance(bundle, (str, os.PathLike)) else bundle
            request = change("POST", "/v1/import", key).query(name=name, description=description).raw(body(content))
            return AsyncWorkspace(self._transport, await self._transport.json(request))
