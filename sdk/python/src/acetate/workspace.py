"""Workspaces of the default client: `acetate.workspace.get()`."""

import os
from typing import Iterator, Optional, Union

from . import _types as t
from ._sync._runtime import Content
from ._sync.workspace import Workspace
from .default import default_client

__all__ = ["create", "get", "list", "unbundle", "undelete"]


def create(
    name: Optional[str] = None,
    source: Optional[t.WorkspaceSource] = None,
    *,
    at: Optional[str] = None,
    description: Optional[str] = None,
    history: Optional[t.TemplateHistory] = None,
) -> Workspace:
    """Makes a workspace. See `Workspaces.create`."""
    return default_client().workspaces.create(name, source, at=at, description=description, history=history)


def get(name: Optional[str] = None) -> Workspace:
    """The workspace of that name or id, or the default one. See `Workspaces.get`."""
    return default_client().workspaces.get(name)


def list(*, deleted: bool = False) -> Iterator[t.WorkspaceInfo]:
    """All workspaces by name. See `Workspaces.list`."""
    return default_client().workspaces.list(deleted=deleted)


def undelete(id: str, name: Optional[str] = None) -> Workspace:
    """Brings a deleted workspace back, by its id."""
    return default_client().workspaces.undelete(id, name)


def unbundle(bundle: Union[Content, "os.PathLike[str]"], name: Optional[str] = None) -> Workspace:
    """Makes a workspace of a Git bundle. See `Workspaces.unbundle`."""
    return default_client().workspaces.unbundle(bundle, name)
