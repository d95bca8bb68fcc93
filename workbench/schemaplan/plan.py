"""Compare what mappings want with what both systems have: the schema plan.

A pure function: it opens nothing, and the same inputs give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from workbench.errors import Problem
from workbench.mapping.describe import FITS
from workbench.model import Mapping as FieldMapping
from workbench.model import Side
from workbench.schemaplan import quickbooks, salesforce
from workbench.schemaplan.limits import held_by_limits
from workbench.schemaplan.model import Item, Kind, Reason, SchemaPlan
from workbench.schemaplan.wants import CUSTOM_QUICKBOOKS, Want, all_wants

Row = Mapping[str, Any]
Describes = Mapping[str, Mapping[str, Any]]

# DataExtType -> the type in a describe, as `FITS` knows it.
_DESCRIBED = {
    "STR255TYPE": "string", "STR1024TYPE": "textarea", "INTTYPE": "int", "AMTTYPE": "currency",
    "PRICETYPE": "currency", "QUANTYPE": "double", "PERCENTTYPE": "percent", "DATETIMETYPE": "datetime",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """All that decides a plan.

    Attributes:
        mappings: With their states, by name; see `workbench.mapping`.
        salesforce, quickbooks: Describes by object name; of QuickBooks without custom fields.
        definitions: Custom fields of the company file (fields of DataExtDef records).
        accounts: Its chart of accounts, with FullName, AccountType and IsActive.
        product: ProductName of QuickBooks.
        refuse: Why QuickBooks would refuse to make an item; '' when it would not.
    """

    profile: str
    mappings: Mapping[str, FieldMapping]
    salesforce: Describes
    quickbooks: Describes
    definitions: Sequence[Row] = ()
    accounts: Sequence[Row] = ()
    product: str = ""
    refuse: Callable[[Item], str] = field(default=lambda _: "")


def plan(inputs: Inputs) -> SchemaPlan:
    """Everything that a mapping wants and a side does not have, and what stands in its way."""
    maker = _Maker(inputs)
    for want in all_wants(inputs.mappings.values()):
        maker.take(want)
    items = [replace(item, hold=item.hold or inputs.refuse(item)) for item in maker.items.values()]
    items = [*held_by_limits(items, inputs.definitions, inputs.product)]
    order = {kind: number for number, kind in enumerate(Kind)}
    items.sort(key=lambda item: (order[item.kind], item.key))
    return SchemaPlan(inputs.profile, tuple(items), _each_once(maker.problems))


class _Maker:
    """Gathers items by what they are; uses of the same thing become one item."""

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs
        self.items: dict[tuple[str, str, str], Item] = {}
        self.problems: list[Problem] = []
        self._mapped: set[tuple[str, str, str]] = set()
        self._accounts = {str(row.get("FullName")).casefold(): row for row in inputs.accounts}
        self._definitions = {
            str(row.get("DataExtName")).casefold(): row for row in quickbooks.public(inputs.definitions)
        }

    def take(self, want: Want) -> None:
        """Add what a use needs, if it is not there."""
        if want.side is Side.SALESFORCE:
            self._salesforce(want)
        elif want.name.startswith(CUSTOM_QUICKBOOKS):
            self._custom_field(want)
        else:
            self._account(want)

    # --- Salesforce -----------------------------------------------------------------------------------

    def _salesforce(self, want: Want) -> None:
        described = self.inputs.salesforce.get(want.object)
        after: tuple[str, ...] = ()
        if described is None:
            if not want.object.endswith("__c"):
                return  # a standard object that this user does not see: Validate Process tells it
            details = salesforce.object_details(want.object)
            after = (self._add(want, Kind.OBJECT, want.object, want.object, details).id,)
        if want.name and not _has(described, want.name):
            details = salesforce.field_details(want, self.inputs.quickbooks, self.inputs.mappings)
            self._add(want, Kind.FIELD, want.object, want.name, details, after=after)

    # --- custom fields of QuickBooks ------------------------------------------------------------------

    def _custom_field(self, want: Want) -> None:
        name = want.name.removeprefix(CUSTOM_QUICKBOOKS)
        list_ = quickbooks.holder(want.object)
        if list_ is None:
            self._problem(
                want,
                f"{want.object} records have no custom fields in QuickBooks",
                fix=f"Custom fields belong to {', '.join(quickbooks.HOLDERS)}; transactions show their "
                "customer's, lines their item's.",
            )
        elif len(name) > quickbooks.NAME_LIMIT:
            self._problem(
                want, "the name of the custom field is too long",
                values={"name": name, "characters": len(name), "QuickBooks takes": quickbooks.NAME_LIMIT},
                fix="Give it a shorter name in the mapping.",
            )  # fmt: skip
        elif name.casefold() in self._definitions:
            self._existing_field(want, self._definitions[name.casefold()], list_)
        else:
            self._new_field(want, name, list_)

    def _existing_field(self, want: Want, definition: Row, list_: str) -> None:
        assigned = quickbooks.assigned(definition)
        here = _DESCRIBED.get(str(definition.get("DataExtType")), "string")
        wanted = want.field.type if want.field and not want.field.expressions else None
        if list_ not in assigned:
            self._problem(
                want, f"custom field '{definition['DataExtName']}' exists, but not for {list_} records",
                values={"exists for": ", ".join(sorted(assigned)), "wanted for": list_},
                fix="In QuickBooks open such a record, choose Define Fields and tick the column for it.",
            )  # fmt: skip
        elif wanted is not None and here not in FITS[wanted]:
            self._problem(
                want, f"custom field '{definition['DataExtName']}' exists with another type",
                values={"in QuickBooks": definition.get("DataExtType"), "wanted": f"{wanted}"},
                fix="Give the field in the mapping a type that fits, or name another custom field.",
            )  # fmt: skip

    def _new_field(self, want: Want, name: str, list_: str) -> None:
        known = self.items.get((Kind.CUSTOM_FIELD, "", name.casefold()))
        objects = set(known.object.split(";")) | {list_} if known else {list_}
        listed = ";".join(each for each in quickbooks.HOLDERS if each in objects)
        details = {
            "OwnerID": quickbooks.PUBLIC,
            "DataExtName": known.name if known else name,
            "DataExtType": quickbooks.TYPE,
            "AssignToObject": listed,
        }
        self._add(want, Kind.CUSTOM_FIELD, listed, details["DataExtName"], details)
        if want.field and want.field.type not in quickbooks.TEXTUAL and not want.field.expressions:
            self._problem(
                want, f"field '{want.label}' is {want.field.type}, but custom fields of QuickBooks hold text",
                values={"in QuickBooks": quickbooks.TYPE, "wanted": f"{want.field.type}"},
                fix="Write `type: text`, or give the field a `read` expression that makes such a value.",
            )  # fmt: skip

    # --- accounts -------------------------------------------------------------------------------------

    def _account(self, want: Want) -> None:
        use = quickbooks.account_use(want.name)
        for full_name in want.values:
            there = self._accounts.get(full_name.casefold())
            if there is not None:
                self._existing_account(want, there, use)
            elif self._nameable(want, full_name):
                self._new_account(want, full_name, use.make)

    def _existing_account(self, want: Want, there: Row, use: quickbooks.AccountUse) -> None:
        name, kind = there["FullName"], str(there.get("AccountType"))
        if kind not in use.takes:
            self._problem(
                want, f"account '{name}' exists with another type",
                values={"in QuickBooks": kind, f"{want.name} takes": ", ".join(sorted(use.takes))},
                fix="Name another account in the mapping, or rename that one in QuickBooks.",
            )  # fmt: skip
        elif there.get("IsActive") is False:
            self._problem(
                want, f"account '{name}' is inactive in QuickBooks",
                values={"in QuickBooks": "inactive", "wanted": "active"},
                fix="Make it active in the chart of accounts, or name another one in the mapping.",
            )  # fmt: skip

    def _nameable(self, want: Want, full_name: str) -> bool:
        parts = full_name.split(":")
        long = next((part for part in parts if len(part) > quickbooks.NAME_LIMIT), None)
        if long is not None:
            self._problem(
                want, "the name of the account is too long",
                values={"name": long, "characters": len(long), "QuickBooks takes": quickbooks.NAME_LIMIT},
                fix="Give it a shorter name in the mapping.",
            )  # fmt: skip
        elif not all(part.strip() for part in parts):
            self._problem(
                want, f"'{full_name}' is no name of an account", fix="Write `Account` or `Parent:Account`."
            )
        elif len(parts) > quickbooks.DEPTH_LIMIT:
            self._problem(
                want, f"account '{full_name}' lies too deep",
                values={"levels": len(parts), "QuickBooks takes": quickbooks.DEPTH_LIMIT},
                fix="Name an account of fewer levels.",
            )  # fmt: skip
        else:
            return True
        return False

    def _new_account(self, want: Want, full_name: str, kind: str) -> None:
        """The account, and first those of its parents that are not there, of the same type."""
        *above, _ = quickbooks.levels(full_name)
        found = next((row for name in above if (row := self._accounts.get(name.casefold()))), None)
        kind = str(found["AccountType"]) if found else kind
        parent: Item | None = None
        for name in quickbooks.levels(full_name):
            if name.casefold() in self._accounts:
                continue
            head, _, own = name.rpartition(":")
            details = {"Name": own, **({"ParentRef_FullName": head} if head else {}), "AccountType": kind}
            after = (parent.id,) if parent else ()
            role = want.role if name == full_name else "parent"
            parent = self._add(want, Kind.ACCOUNT, "Account", name, details, after=after, role=role)

    # --- gathering ------------------------------------------------------------------------------------

    def _add(
        self,
        want: Want,
        kind: Kind,
        object_: str,
        name: str,
        details: Mapping[str, Any],
        *,
        after: tuple[str, ...] = (),
        role: str | None = None,
    ) -> Item:
        item = Item(kind=kind, object=object_, name=name, details=details, after=after)
        known = self.items.get(item.key)
        if known is not None:
            item = self._together(want, known, item)
        if want.field is not None:
            self._mapped.add(item.key)
        reason = Reason(
            mapping=want.mapping.name, states=want.states, role=role or want.role, name=want.label,
            where=want.where, without=want.without, optional=want.optional,
        )  # fmt: skip
        reasons = item.reasons if reason in item.reasons else (*item.reasons, reason)
        held = item.hold or (salesforce.name_problem(name) if item.side is Side.SALESFORCE else "")
        self.items[item.key] = replace(item, reasons=reasons, hold=held)
        return self.items[item.key]

    def _together(self, want: Want, known: Item, item: Item) -> Item:
        """What two uses want of one thing; the first stands where they cannot agree."""
        if known.kind is Kind.FIELD:
            made = self._merged(want, known, item)
            if made is not None:
                return replace(known, details=made)
        elif known.kind is not Kind.ACCOUNT or known.details == item.details:
            return replace(known, object=item.object, details=item.details)
        what = "type" if known.kind is Kind.FIELD else "AccountType"
        self._problem(
            want, f"two mappings want {known.kind} '{known.name}' differently",
            values={
                known.reasons[0].where: known.details.get(what),
                f"{want.where} ({want.mapping.name})": item.details.get(what),
            },
            fix="Give one of them another name.",
        )  # fmt: skip
        return replace(known, hold=f"wanted as {known.details.get(what)} and as {item.details.get(what)}")

    def _merged(self, want: Want, known: Item, item: Item) -> Mapping[str, Any] | None:
        """A use that maps a field says what it is; one that only compares it adds values at most."""
        mapped = known.key in self._mapped
        if mapped == (want.field is not None):
            return salesforce.merged(known.details, item.details)
        first, second = (known, item) if mapped else (item, known)
        return salesforce.mapped_and_compared(first.details, second.details)

    def _problem(
        self, want: Want, what: str, *, values: Mapping[str, object] | None = None, fix: str
    ) -> None:
        self.problems.append(Problem(what=what, where=want.where, values=values or {}, fix=fix))


def _has(described: Mapping[str, Any] | None, name: str) -> bool:
    return any(each["name"] == name for each in (described or {}).get("fields", ()))


def _each_once(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    return tuple(each for number, each in enumerate(problems) if each not in problems[:number])
