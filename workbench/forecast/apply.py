"""Apply a change set to copies of what it touches, in the order in which a push would.

QuickBooks takes what waits for nothing outside of it, in the order of the change set; Salesforce takes what
is ready then; and so on in turn, until nothing moves.  A change whose parent is refused is not applied.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.changes import Answer, Change, ChangeSet
from workbench.connections.quickbooks_forecast import CompanyCopy, Foretold, judge, written
from workbench.connections.salesforce import TOGETHER_SIZE
from workbench.forecast.company import CompanyLoad
from workbench.forecast.model import OK, Prediction
from workbench.forecast.org import OrgCopy
from workbench.ledger import OutcomeRow
from workbench.model import Side
from workbench.push.customs import VALUE, is_custom
from workbench.push.quickbooks import KEYS, as_request
from workbench.push.ready import filled
from workbench.push.salesforce_batches import lines_of


@dataclass
class Applied:
    """The copies, and what became of each change on them.

    Attributes:
        rows: Outcomes as a push would have them, of the changes that were applied.
    """

    changeset: ChangeSet
    org: OrgCopy
    company: CompanyCopy
    load: CompanyLoad
    predictions: dict[str, Prediction] = field(default_factory=dict)
    rows: dict[str, OutcomeRow] = field(default_factory=dict)

    def run(self, only: Collection[str] | None = None) -> None:
        """Apply the changes that nothing holds, or those of them that are named."""
        free = [each for each in self.changeset.changes if not each.hold]
        going = [each for each in free if only is None or each.id in only]
        with self.company.filling():
            self.load.load([each for each in going if each.side == Side.QUICKBOOKS])
        self.org.load([each for each in going if each.side == Side.SALESFORCE])
        waiting = {each.id: each for each in going}
        while self._quickbooks(waiting) or self._salesforce(waiting):
            pass
        for change in self.changeset.changes:
            if change.hold and change.id not in self.predictions:
                self._judge(change)

    # --- QuickBooks ---------------------------------------------------------------------------------------

    def _quickbooks(self, waiting: dict[str, Change]) -> bool:
        """Apply all that waits for nothing but QuickBooks; answers whether there was any."""
        batch: dict[str, Change] = {}
        for change in waiting.values():
            if change.side == Side.QUICKBOOKS and all(
                parent in batch or parent in self.rows for parent in change.depends_on
            ):
                batch[change.id] = change
        writes = written(as_request(self.changeset.id, each, self.rows, None) for each in batch.values())
        for change, told in zip(batch.values(), self.company.write(writes), strict=True):
            del waiting[change.id]
            self._told(change, told)
        return bool(batch)

    def _told(self, change: Change, told: Foretold) -> None:
        key = next((str(told.record[name]) for name in KEYS if told.record.get(name)), change.record)
        held: Mapping[str, Any] = told.record
        if is_custom(change) and told.code == OK:
            held = {next(iter(change.values)): told.record.get(VALUE)}
            key = change.record
        self._settle(
            change, Prediction(code=told.code, message=told.message, record=key, held=held), told.record
        )

    # --- Salesforce ---------------------------------------------------------------------------------------

    def _salesforce(self, waiting: dict[str, Change]) -> bool:
        """Apply all that is ready; answers whether there was any."""
        ready = [
            each
            for each in waiting.values()
            if each.side == Side.SALESFORCE and all(parent in self.rows for parent in each.depends_on)
        ]
        together = self._lines(waiting)
        for change in sorted(ready, key=lambda each: (each.action, each.object)):
            self._write(waiting, change)
            for line in together.get(change.id, ()) if change.id in self.rows else ():
                self._write(waiting, line)
        return bool(ready)

    def _write(self, waiting: dict[str, Change], change: Change) -> None:
        del waiting[change.id]
        values = {api: filled(value, self.rows) for api, value in change.values.items()}
        told = self.org.write(change, values)
        self._settle(change, told, told.held)

    def _lines(self, waiting: Mapping[str, Change]) -> dict[str, list[Change]]:
        """New lines that go in one request with their new parent, and so before all other changes."""
        found: dict[str, list[Change]] = {}
        for change in waiting.values():
            missing = [parent for parent in change.depends_on if parent not in self.rows]
            if change.side == Side.SALESFORCE and change.action == "create" and len(missing) == 1:
                found.setdefault(missing[0], []).append(change)
        return {
            parent: lines
            for parent, lines in found.items()
            if parent in waiting and len(lines) < TOGETHER_SIZE and lines_of(waiting[parent], lines)
        }

    # --- both ---------------------------------------------------------------------------------------------

    def _settle(self, change: Change, told: Prediction, answer: Mapping[str, Any]) -> None:
        self.predictions[change.id] = told
        if told.code != OK or told.hold:
            return
        self.rows[change.id] = OutcomeRow(
            changeset=self.changeset.id,
            change=change.id,
            state="applied",
            side=change.side,
            mapping=change.mapping,
            source_id=change.source_id,
            record=told.record,
            read_back=answer,
        )

    def _judge(self, change: Change) -> None:
        """What the values of a change that is held would come to by themselves."""
        if change.side == Side.SALESFORCE:
            values = {api: each for api, each in change.values.items() if not isinstance(each, Answer)}
            self.predictions[change.id] = self.org.judge(change, values)
            return
        (write,) = written([as_request(self.changeset.id, change, self.rows, None)])
        if found := judge(write):
            told = Prediction(code=found.code, message=found.message, held=found.record)
            self.predictions[change.id] = told
