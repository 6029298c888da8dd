"""What a search finds."""

from typing import Iterator, NamedTuple

from ._types import GrepPage


class Match(NamedTuple):
    """One line that a search found."""

    path: str
    """The file."""
    line: int
    """The line's number, from 1."""
    text: str
    """The line without its end, clipped when very long."""
    context: bool
    """Whether it is context of a match and no match itself."""


def of_page(page: GrepPage) -> Iterator[Match]:
    """The lines of one page of a search."""
    for file in page["files"]:
        for line in file.get("lines", []):
            yield Match(file["path"], line["number"], line["text"], line.get("context", False))
