"""What a commit came to."""

from ._types import TurnCommitAnswer
from .errors import ConflictError, InvalidError


def committed(turn: TurnCommitAnswer) -> str:
    """The commit that a turn ended with; raises what `Session.commit` says."""
    # A working session's answer says what became of its submission.
    submission = turn.get("submission")
    if submission is not None and submission["result"] == "conflict":
        raise ConflictError(
            f"the work met {len(submission['conflicts'])} conflicts with what landed before",
            code="conflict",
            hint="settle them with `resolve`, then `submit`",
            details=submission,
        )
    if submission is not None and submission["result"] == "rejected":
        raise ConflictError("the work was rejected by checks", code="rejected", details=submission)
    landed = submission.get("commit") if submission is not None else None
    commit = landed or turn.get("commit") or turn["standing"]["base"].get("commit")
    if commit is None:
        raise InvalidError("nothing was ever committed here", code="nothing_committed", hint="write a file first")
    return commit
