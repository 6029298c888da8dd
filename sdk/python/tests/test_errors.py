"""Errors by kind and code."""

from typing import Any, Callable, Type

import pytest

import acetate
from acetate import errors

CALLS = [
    (lambda s, w, c: s.read_file("none"), acetate.NotFoundError, "path_not_found", 404),
    (lambda s, w, c: s.read_file("src"), acetate.ConflictError, "is_a_directory", 409),
    (lambda s, w, c: s.edit("src/app.py", "nothing", "x"), acetate.InvalidError, "text_not_found", 400),
    (lambda s, w, c: s.edit("src/app.py", "return", "x"), acetate.InvalidError, "text_not_unique", 400),
    (lambda s, w, c: s.write_file("a.txt", "a", expect="0" * 40), acetate.StaleError, None, 412),
    (lambda s, w, c: s.write_file("../a.txt", "a"), acetate.InvalidError, None, 400),
    (lambda s, w, c: s.write_file("a.txt", None), acetate.InvalidError, "content_invalid", None),
    (lambda s, w, c: s.write_file("a.txt", "\ud800"), acetate.InvalidError, "text_invalid", None),
    (lambda s, w, c: s.glob("[a"), acetate.InvalidError, "glob_invalid", 400),
    (lambda s, w, c: [*s.grep("(a")], acetate.InvalidError, "pattern_invalid", 400),
    (lambda s, w, c: s.batch([{"op": "delete", "path": "a"}] * 2000), acetate.LimitError, "batch_too_long", 413),
    (lambda s, w, c: s.glob("a" * 100_000), acetate.InvalidError, "request_invalid", None),
    (lambda s, w, c: w.checkpoint("a", key="a\nb"), acetate.InvalidError, "request_invalid", None),
    (lambda s, w, c: w.checkpoint("a", key="é"), acetate.InvalidError, "request_invalid", None),
    (lambda s, w, c: [*w.versions(page=0)], acetate.InvalidError, None, 400),
    (lambda s, w, c: w.read_file("config.toml", at="v99"), acetate.NotFoundError, "point_not_found", 404),
    (lambda s, w, c: w.create_branch("main"), acetate.ConflictError, "branch_exists", 409),
    (lambda s, w, c: c.change("none"), acetate.NotFoundError, "change_not_found", 404),
    (lambda s, w, c: c.sessions.get("../x"), acetate.NotFoundError, "session_not_found", 404),
    (lambda s, w, c: c.submission("none"), acetate.NotFoundError, "submission_not_found", 404),
    (lambda s, w, c: c.tokens.revoke("none"), acetate.NotFoundError, "token_not_found", 404),
    (lambda s, w, c: w.read_file(".."), acetate.InvalidError, None, 400),
    (lambda s, w, c: w.read_file(""), acetate.AcetateError, None, None),
]


@pytest.mark.parametrize("number", range(len(CALLS)))
def test_each_has_its_class_and_code(workspace: Any, client: Any, number: int) -> None:
    call, kind, code, status = CALLS[number]
    session = workspace.open_session("ada")
    with pytest.raises(kind) as caught:
        call(session, workspace, client)  # type: ignore[no-untyped-call]
    error = caught.value
    if kind is not acetate.AcetateError:
        assert type(error) is kind and error.kind == kind.kind
        assert error.status == status
    assert code is None or error.code == code
    assert error.message and error.message in str(error) and error.code in str(error)
    # Every answer of the daemon names its request.
    assert not error.request_id or error.request_id in str(error)


def test_details_and_hints(workspace: Any) -> None:
    session = workspace.open_session("ada")
    with pytest.raises(acetate.InvalidError) as caught:
        session.edit("src/app.py", "return", "x")
    assert [each["line"] for each in caught.value.details["matches"]] == [2, 6]
    assert caught.value.hint


@pytest.mark.parametrize(
    ("status", "kind"), [(404, errors.NotFoundError), (429, errors.LimitError), (502, errors.UnavailableError), (418, errors.InvalidError)]
)
def test_an_answer_without_a_problem_goes_by_its_status(status: int, kind: Type[acetate.AcetateError]) -> None:
    error = errors.from_problem(None, status, {"x-request-id": "r1", "retry-after": "2"})
    assert type(error) is kind and (error.request_id, error.retry_after, error.code) == ("r1", 2.0, kind.kind)


def test_a_closed_client_asks_nothing_more(connect: Callable[..., Any], daemon: Any) -> None:
    client = connect(store=str(daemon.folder))
    with client:
        client.status()
    with pytest.raises(acetate.TransportError) as caught:
        client.status()
    assert caught.value.code == "client_closed"
    with pytest.raises(acetate.InvalidError):
        connect(url="ftp://somewhere").status()
    assert connect(url=f"unix://{daemon.folder}/.git/acetate/acetate.sock").status()["state"]
