"""Problems of a write: made one by one, told all at once."""

from __future__ import annotations

from collections.abc import Sequence

from qbwc.errors import QbxmlError


def problem(
    entity: str, field: str, what: str, fix: str | None, *, value: object = None, limit: object = None
) -> QbxmlError:
    """A problem of one field; `what` follows the name of the entity."""
    return QbxmlError(f"{entity} {what}", entity=entity, field=field, value=value, limit=limit, fix=fix)


def raise_all(entity: str, action: str, problems: Sequence[QbxmlError]) -> None:
    """Raise one error that lists all problems; nothing when there is none."""
    if not problems:
        return
    first = problems[0]
    if len(problems) == 1:
        raise QbxmlError(
            first.what, entity=first.entity, field=first.field, value=first.value, limit=first.limit,
            where=first.where, fix=first.fix, problems=problems,
        )  # fmt: skip
    listed = "\n".join(
        f"  - {f'{each.where}: ' if each.where else ''}{each.what}. {each.fix or ''}".rstrip()
        for each in problems
    )
    raise QbxmlError(
        f"{len(problems)} problems in {entity} ({action})",
        entity=entity, field=first.field, value=first.value, limit=first.limit, fix=listed, problems=problems,
    )  # fmt: skip
