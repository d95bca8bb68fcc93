"""The org against a model of a few lines: random edits, refusals, deletes, roll-backs and restarts."""

import tempfile
from decimal import Decimal as D
from functools import partial
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from testorg_client import Clock

from workbench.testorg import OrgError, TestOrg
from workbench.testorg.ids import new_id

NAMES = st.sampled_from(["Ann", " Bob ", "Čapek", "x" * 255, "x" * 256, "", "   "])
KEYS = st.sampled_from(["1", "2", "a", "A", None])
PRICES = st.decimals(min_value=-100, max_value=100, places=2)
QUANTITIES = st.decimals(min_value=-9, max_value=9, places=2)


def cents(amount: D) -> D:
    """Half up, away from zero: written here without the org's own rounding."""
    hundredths = abs(amount) * 100
    whole = int(hundredths) + (1 if hundredths - int(hundredths) >= D("0.5") else 0)
    return D(whole) / 100 * (-1 if amount < 0 else 1)


class OrgMachine(RuleBasedStateMachine):
    """Accounts with a unique key, and one opportunity with lines."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = Clock()
        self.live: dict[str, tuple[str, str | None]] = {}  # id -> name, key
        self.bin: dict[str, tuple[str, str | None]] = {}
        self.stamps: dict[str, str] = {}
        self.lines: dict[str, D] = {}  # id -> total
        self.org = self.open()
        product = self.org.create("Product2", {"Name": "P"})
        book = self.org.records("Pricebook2")[0]["Id"]
        entry = {"Pricebook2Id": book, "Product2Id": product, "UnitPrice": 1, "IsActive": True}
        self.entry = self.org.create("PricebookEntry", entry)
        sale = {"Name": "O", "StageName": "Prospecting", "CloseDate": "2026-01-01"}
        self.sale = self.org.create("Opportunity", sale)

    def open(self) -> TestOrg:
        return TestOrg.open(Path(self.folder.name) / "org.sqlite", clock=self.clock)

    def teardown(self) -> None:
        self.org.close()
        self.folder.cleanup()

    # --- what the model says -------------------------------------------------------------------

    def refuses(self, record: str | None, name: str, key: str | None) -> str | None:
        """The code that the rules demand for this record, or None."""
        if not name.strip():
            return "REQUIRED_FIELD_MISSING"
        if len(name.strip()) > 255:
            return "STRING_TOO_LONG"
        taken = any(k == key for i, (_, k) in self.live.items() if i != record)
        return "DUPLICATE_VALUE" if key is not None and taken else None

    def expect(self, code: str | None, action: Any, *arguments: Any) -> Any:
        """Run it, and see that it is refused just as the model says."""
        answer, got = None, None
        try:
            answer = action(*arguments)
        except OrgError as error:
            got = error.code
        assert got == code
        return answer

    def pick(self, number: int, records: dict[str, Any]) -> str:
        return sorted(records)[number % len(records)]

    # --- rules ---------------------------------------------------------------------------------

    @rule(name=NAMES, key=KEYS)
    def create(self, name: str, key: str | None) -> None:
        code = self.refuses(None, name, key)
        made = self.expect(code, self.org.create, "Account", {"Name": name, "QuickBooks_Id__c": key})
        if made is not None:
            assert made not in self.live
            assert made not in self.bin
            self.live[made] = (name.strip(), key)

    @precondition(lambda self: self.live)
    @rule(number=st.integers(0, 9), name=NAMES, key=KEYS)
    def edit(self, number: int, name: str, key: str | None) -> None:
        record = self.pick(number, self.live)
        code = self.refuses(record, name, key)
        self.expect(code, self.org.edit, "Account", record, {"Name": name, "QuickBooks_Id__c": key})
        if code is None:
            self.live[record] = (name.strip(), key)

    @rule(name=NAMES, key=KEYS.filter(bool))
    def upsert(self, name: str, key: str) -> None:
        found = [i for i, (_, k) in self.live.items() if k == key]
        code = self.refuses(found[0] if found else None, name, key)
        row = self.org.read("Account", {"Name": name})
        field = row.obj.by_name["quickbooks_id__c"]
        saved = self.expect(code, self.org.call().upsert, row, field, key)
        if saved is not None:
            assert saved.created is (not found)
            self.live[str(saved.id)] = (name.strip(), key)

    @rule(names=st.lists(NAMES, min_size=2, max_size=4))
    def create_all_or_none(self, names: list[str]) -> None:
        call = self.org.call()
        rows = [self.org.read("Account", {"Name": n}) for n in names]
        results = call.many([partial(call.insert, row) for row in rows], all_or_none=True)
        bad = [self.refuses(None, n, None) for n in names]
        if any(bad):
            expected = [code or "ALL_OR_NONE_OPERATION_ROLLED_BACK" for code in bad]
            assert [r.error and r.error.code for r in results] == expected
        else:
            self.live |= {str(r.id): (n.strip(), None) for r, n in zip(results, names, strict=True)}

    @precondition(lambda self: self.live)
    @rule(number=st.integers(0, 9))
    def delete(self, number: int) -> None:
        record = self.pick(number, self.live)
        self.org.delete("Account", record)
        self.bin[record] = self.live.pop(record)
        self.expect("ENTITY_IS_DELETED", self.org.edit, "Account", record, {"Phone": "1"})

    @precondition(lambda self: self.bin)
    @rule(number=st.integers(0, 9))
    def undelete(self, number: int) -> None:
        record = self.pick(number, self.bin)
        code = self.refuses(record, *self.bin[record])
        self.expect(code, self.org.undelete, "Account", record)
        if code is None:
            self.live[record] = self.bin.pop(record)

    @rule(quantity=QUANTITIES, unit=PRICES)
    def add_line(self, quantity: D, unit: D) -> None:
        row: dict[str, Any] = {"OpportunityId": self.sale, "PricebookEntryId": self.entry}
        row |= {"Quantity": quantity, "UnitPrice": unit}
        code = "FIELD_INTEGRITY_EXCEPTION" if quantity == 0 else None
        made = self.expect(code, self.org.create, "OpportunityLineItem", row)
        if made is not None:
            self.lines[made] = cents(quantity * unit)

    @precondition(lambda self: self.lines)
    @rule(number=st.integers(0, 9))
    def remove_line(self, number: int) -> None:
        record = self.pick(number, self.lines)
        self.org.delete("OpportunityLineItem", record)
        del self.lines[record]

    @rule(amount=PRICES)
    def set_amount(self, amount: D) -> None:
        if self.lines:  # silently ignored
            self.org.edit("Opportunity", self.sale, {"Amount": amount})

    @rule()
    def never_was(self) -> None:
        self.expect("INVALID_CROSS_REFERENCE_KEY", self.org.delete, "Account", new_id("001", 1))

    @rule(seconds=st.integers(0, 3))
    def time_passes(self, seconds: int) -> None:
        self.clock.forward(seconds=seconds)

    @rule()
    def restart(self) -> None:
        self.org.close()
        self.org = self.open()

    # --- what always holds ---------------------------------------------------------------------

    @invariant()
    def records_agree(self) -> None:
        rows = self.org.records("Account", include_deleted=True)
        kept = {str(r["Id"]): (r["Name"], r["QuickBooks_Id__c"]) for r in rows}
        assert {i: kept[i] for i in kept if i in self.live} == self.live
        assert {str(r["Id"]) for r in rows if r["IsDeleted"]} == set(self.bin)
        assert set(kept) == set(self.live) | set(self.bin)

    @invariant()
    def stamps_never_go_back(self) -> None:
        rows = self.org.records("Account", include_deleted=True)
        now = {str(r["Id"]): str(r["SystemModstamp"]) for r in rows}
        assert all(now[i] >= stamp for i, stamp in self.stamps.items())
        self.stamps = now

    @invariant()
    def amount_is_the_sum_of_the_lines(self) -> None:
        sale = self.org.record("Opportunity", self.sale)
        assert sale["HasOpportunityLineItem"] is bool(self.lines)
        assert (sale["Amount"] or D(0)) == sum(self.lines.values(), D(0))


TestOrgAgainstModel = OrgMachine.TestCase
TestOrgAgainstModel.settings = settings(max_examples=10, stateful_step_count=25)
