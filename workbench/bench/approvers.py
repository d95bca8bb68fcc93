"""Who may approve, as an analyst handles it: a table, and calls that let others in and take them out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from workbench import approval
from workbench.approval import Key, OwnKey, as_pem, shown_id
from workbench.bench.display import html
from workbench.workspace import Workspace

if TYPE_CHECKING:
    from workbench.bench.bench import Bench

COLUMNS = ("approver", "key", "here", "let in", "by", "revoked", "revoked by")


@dataclass(frozen=True)
class Approvers:
    """The approvers of a profile's store."""

    bench: Bench

    @property
    def table(self) -> pd.DataFrame:
        """One row a key, in the order they were let in; `here` tells where its private half is kept."""
        known = approval.approvers(self._workspace.store, self._workspace.own_keys)
        kept = {key.id: key.kept for key in self._workspace.own_keys.all()}
        return pd.DataFrame(
            [_row(key, kept.get(key.id, "")) for key in known.keys.values()], columns=list(COLUMNS)
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Who may approve now."""
        return approval.approvers(self._workspace.store, self._workspace.own_keys).names

    def kept(self, key: str) -> str:
        """Say where the private half of a key is."""
        mine = next(each for each in self._workspace.own_keys.all() if each.id == key)
        where = "the keyring of this machine"
        if mine.kept == "file":
            where = f"{self._workspace.own_keys.folder}, readable by its user only"
        return f"a key of {mine.name} was made by itself, and is kept in {where}: {shown_id(mine.id)}"

    @property
    def refused(self) -> tuple[str, ...]:
        """What is wrong with rows of the list that do not hold: somebody has put them there by hand."""
        known = approval.approvers(self._workspace.store, self._workspace.own_keys)
        return tuple(f"row {row.number} ({row.event} {row.owner}): {why}" for row, why in known.refused)

    def request(self, name: str) -> OwnKey:
        """Make a key on this machine, for an approver to let in; `request_text` is what to send."""
        return approval.request(self._workspace.store, self._workspace.own_keys, name)

    def add(self, name: str, by: str, public_key: str | Path | None = None) -> Key:
        """Let somebody in.

        Args:
            by: An approver whose key is on this machine.
            public_key: A file with what `request` made on another machine, or its text; without it the
                key is one that is on this machine.

        Raises:
            ApprovalError: `by` may not, or the key is in the list already.
        """
        text = public_key.read_text(encoding="utf-8") if isinstance(public_key, Path) else public_key
        return approval.enrol(self._workspace.store, self._workspace.own_keys, name, by=by, public_key=text)

    def revoke(self, name: str, by: str, key: str | None = None) -> list[Key]:
        """Take somebody out, or one key of theirs; what they have signed stays known as theirs."""
        return approval.revoke(self._workspace.store, self._workspace.own_keys, name, by=by, key=key)

    @property
    def _workspace(self) -> Workspace:
        return self.bench.workspace

    def __str__(self) -> str:
        active = self.table[self.table["revoked"].isna()]
        return f"approvers: {', '.join(dict.fromkeys(active['approver'])) or 'none yet'}"

    def _repr_html_(self) -> str:
        return html(str(self), self.table)


def request_text(key: OwnKey) -> str:
    """The public key as a text to be sent, with its fingerprint for the telephone."""
    return f"# approver {key.name}, key {shown_id(key.id)}\n{as_pem(key.public_key)}"


def _row(key: Key, kept: str) -> dict[str, object]:
    return {
        "approver": key.owner,
        "key": shown_id(key.id),
        "here": kept,
        "let in": key.enrolled_at,
        "by": key.enrolled_by,
        "revoked": key.revoked_at,
        "revoked by": key.revoked_by,
    }
