"""What a push may do at the most: counted from the changes themselves, so that anybody counts the same.

Limits are called `changes`, `creates`, `removals` (what is deleted or voided) and `money`, each alone or of
one side: `quickbooks.changes`.  Money is the sum of the absolute differences of all amounts and prices that
are written, in currency units; a line counts with its quantity, where the change holds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from workbench.changes import Change
from workbench.errors import ApprovalError, UsageProblem
from workbench.model import Action, Side
from workbench.spelling import closest

MONEY = "money"
MEASURES = ("changes", "creates", "removals", MONEY)
NAMES = (*MEASURES, *(f"{side}.{measure}" for side in Side for measure in MEASURES))

NO_AMOUNTS = ("Quantity", "Percent", "Probability", "TaxRate", "ExchangeRate")
"""What the names of numbers hold that are no money."""

PRICES = ("Rate", "UnitPrice", "Price", "SalesPrice")
"""Amounts for one, of a line that has a quantity."""

Limits = Mapping[str, Any]
"""By name: a whole number, or for money a decimal as text."""


def extent(changes: Iterable[Change]) -> dict[str, Any]:
    """Answer what changes do, as the limits that just let them pass; what is nothing is left out."""
    counts: dict[str, int] = {}
    amounts: dict[str, Decimal] = {}
    for change in changes:
        for prefix in ("", f"{change.side}."):
            for measure in _measures(change):
                counts[prefix + measure] = counts.get(prefix + measure, 0) + 1
            amounts[prefix + MONEY] = amounts.get(prefix + MONEY, Decimal(0)) + amount(change)
    return {**counts, **{name: format(value, "f") for name, value in amounts.items() if value}}


def read_limits(given: Mapping[str, object]) -> dict[str, Any]:
    """Answer limits as they are signed.

    Raises:
        UsageProblem: There is no such limit, or its value is no number from 0 up.
    """
    return {name: _value(name, value) for name, value in sorted(given.items())}


def refuse_beyond(limits: Limits, done: Limits, *, where: str) -> None:
    """Refuse changes that do more than the limits allow.

    Args:
        done: Their `extent`.

    Raises:
        ApprovalError: Beyond a limit; all that are passed are listed.
    """
    beyond = [name for name in limits if Decimal(str(done.get(name, 0))) > Decimal(str(limits[name]))]
    if beyond:
        raise ApprovalError(
            f"this would do more than its limits allow: {', '.join(beyond)}",
            where=where,
            values={name: f"{done[name]}, and {limits[name]} at the most" for name in beyond},
            fix="Mark fewer changes, or have them approved with other limits.",
        )


def amount(change: Change) -> Decimal:
    """Answer by how much a change moves amounts."""
    if change.lines:
        return sum((abs(_of_line(line)) for line in change.lines), Decimal(0))
    before, after = change.before, change.values
    if "Quantity" in after and any(api in after for api in PRICES):
        return abs(_of_line(after) - _of_line(before))
    names = [api for api in after if not any(part in api for part in NO_AMOUNTS)]
    return sum((abs(_number(after[api]) - _number(before[api])) for api in names), Decimal(0))


def _measures(change: Change) -> Iterator[str]:
    yield "changes"
    if change.action == Action.CREATE:
        yield "creates"
    if change.action in (Action.DELETE, Action.VOID):
        yield "removals"


def _of_line(values: Mapping[str, Any]) -> Decimal:
    """The amount of a line: told, or its quantity (1 where none is told) times its price."""
    if "Amount" in values:
        return _number(values["Amount"])
    price = next((_number(values[api]) for api in PRICES if api in values), Decimal(0))
    quantity = values.get("Quantity")
    return price * (quantity if isinstance(quantity, Decimal) else Decimal(1))


def _number(value: object) -> Decimal:
    """A value as it counts: money is Decimal; what is known only after the push counts as nothing."""
    return value if isinstance(value, Decimal) else Decimal(0)


def _value(name: str, value: object) -> Any:
    if name not in NAMES:
        raise UsageProblem(f"there is no limit {name!r}", fix=closest(name, NAMES))
    if isinstance(value, float):
        raise UsageProblem(
            f"the limit {name} is a float, {value!r}", fix="Give a decimal as text: '5000.00'."
        )
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal(-1)
    whole = name.endswith(MONEY) or number == number.to_integral_value()
    if isinstance(value, bool) or not number.is_finite() or number < 0 or not whole:
        wanted = "an amount" if name.endswith(MONEY) else "a whole number"
        raise UsageProblem(f"the limit {name} is {value!r}, not {wanted} from 0 up", fix="Give another one.")
    return format(number, "f") if name.endswith(MONEY) else int(number)
