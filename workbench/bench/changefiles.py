"""Change sets as files, and one held against another as a table."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from workbench.changes import Answer, ChangeSet, against, read_changeset
from workbench.errors import ApprovalError, PlanError, UsageProblem
from workbench.ledger import list_changesets, load_changeset
from workbench.workspace import Workspace

COLUMNS = ("what", "action", "side", "mapping", "object", "record", "field", "older", "newer", "change")


def save_file(changeset: ChangeSet, path: Path) -> Path:
    """Write a change set to a new file; nothing is there before all of it is.

    Raises:
        UsageProblem: There is such a file already, or no such folder.
    """
    if path.exists():
        raise UsageProblem("there is such a file already", where=str(path), fix="Name another one.")
    if not path.parent.is_dir():
        raise UsageProblem("there is no such folder", where=str(path.parent), fix="Make it first.")
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        unfinished.write_text(changeset.content, encoding="utf-8", newline="\n")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def load_file(workspace: Workspace, path: Path) -> ChangeSet:
    """Read a change set from a file, to be looked at; the store is as before.

    Raises:
        PlanError: It is none, or was changed after it was made.
        UsageProblem: It was planned in another profile: its records are not those of this one.
    """
    try:
        changeset = read_changeset(path.read_bytes().decode("utf-8"))
    except UnicodeDecodeError as error:
        raise PlanError(
            "this is no change set", where=str(path), fix="Name a file that was saved."
        ) from error
    except PlanError as error:
        raise PlanError(error.what, where=str(path), fix=error.fix) from error
    planned, here = changeset.header.get("profile"), workspace.profile.name
    if planned != here:
        raise UsageProblem(
            "this change set was planned in another profile",
            where=str(path),
            values={"planned in": planned, "this profile": here},
            fix="Open it with its own profile.",
        )
    return changeset


def need_planned(workspace: Workspace, changeset: ChangeSet) -> None:
    """Refuse to approve what no plan has made here: nothing has foretold it, and it holds what it likes.

    Raises:
        ApprovalError: It was read from a file, and the store does not know it.
    """
    if all(row["id"] != changeset.id for row in list_changesets(workspace.store)):
        raise ApprovalError(
            "no plan made this change set here: it can be looked at, and nothing else",
            where=changeset.id,
            fix="Plan again, and approve what that makes. A file that was edited is another change set.",
        )


def load_kept(workspace: Workspace, id_: str | None) -> ChangeSet:
    """Read a change set from the store by its id; the newest one without an id.

    Raises:
        WorkbenchError: There is none.
        PlanError: It was changed after it was made.
    """
    row = load_changeset(workspace.store, id_)
    changeset = read_changeset(row["content"])
    if changeset.id != row["id"]:
        raise PlanError("this change set was changed after it was made", where=row["id"], fix="Plan again.")
    return changeset


def turns_table(older: ChangeSet, newer: ChangeSet) -> pd.DataFrame:
    """What two change sets do not have in common, one row a value."""
    rows = []
    for turn in against(older.changes, newer.changes):
        change = turn.change
        told = {name: str(getattr(change, name)) for name in ("action", "side", "mapping", "object")}
        told |= {"what": turn.what, "record": change.label, "change": change.id}
        rows += [
            told | {"field": api, "older": _shown(one), "newer": _shown(other)}
            for api, (one, other) in (turn.values or {"": (None, None)}).items()
        ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _shown(value: object) -> object:
    return f"({value.field}, known after the push)" if isinstance(value, Answer) else value
