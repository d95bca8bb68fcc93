"""The filters of a query, as a condition on the records.

A filter that names a record which is not there gives 3120; the code is unverified.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from qbwc.descriptor import CONCRETE, UNIONS
from qbwc.simulator.lists import concrete, find
from qbwc.simulator.orders import Order
from qbwc.simulator.records import Books
from qbwc.simulator.refusals import Refusal, bad_value, not_found
from qbwc.simulator.times import filter_from, filter_to

Condition = tuple[list[str], list[object]]
_MATCH = {"StartsWith": "{}%", "Contains": "%{}%", "EndsWith": "%{}"}
_OPERATORS = {
    "LessThan": "<", "LessThanEqual": "<=", "Equal": "=", "GreaterThan": ">", "GreaterThanEqual": ">=",
}  # fmt: skip
# Filter -> lists it names records of, field of the record that must point there.
_REFERENCES = {
    "EntityFilter": (("Customer", "Vendor", "Employee", "OtherName"), "CustomerRef_ListID"),
    "AccountFilter": (("Account",), "ARAccountRef_ListID"),
    "ClassFilter": (("Class",), "ClassRef_ListID"),
    "CurrencyFilter": (("Currency",), "CurrencyRef_ListID"),
}


def condition(order: Order, books: Books) -> tuple[str, list[object]]:
    """SQL on `records`, and its values."""
    made: Condition = (["1"], [])
    described = CONCRETE.get(order.entity) or UNIONS[order.entity]
    if described.shape == "list":
        _by_active(order, made)
    _by_time(order, made)
    _by_name(order, made)
    for tag in _REFERENCES:
        _by_reference(order, books, tag, made)
    _by_amount(order, made)
    types = order.wanted("AccountType")
    if types:
        _add(made, f"json_extract(body, '$.fields.AccountType') in ({', '.join('?' * len(types))})", *types)
    return " and ".join(made[0]), made[1]


def _add(made: Condition, sql: str, *values: object) -> None:
    made[0].append(sql)
    made[1].extend(values)


def _by_active(order: Order, made: Condition) -> None:
    active = order.first("ActiveStatus") or "ActiveOnly"
    if active not in ("ActiveOnly", "InactiveOnly", "All"):
        raise bad_value(3110, "enumerated", active, "ActiveStatus")
    if active != "All":
        _add(made, "active = ?", int(active == "ActiveOnly"))


def _by_time(order: Order, made: Condition) -> None:
    for tag, compare, convert in (
        ("FromModifiedDate", ">=", filter_from),
        ("ToModifiedDate", "<=", filter_to),
    ):
        text = order.first(tag) or order.first(f"ModifiedDateRangeFilter_{tag}")
        if text:
            _add(made, f"modified {compare} ?", converted(convert, text, tag))
    for tag, compare in (("FromTxnDate", ">="), ("ToTxnDate", "<=")):
        text = order.first(f"TxnDateRangeFilter_{tag}")
        if text:
            _add(made, f"txn_date {compare} ?", converted(filter_from, text, tag)[:10])


def converted(convert: Callable[[str], str], text: str, tag: str) -> str:
    """A time of a filter; 3020 when it is none."""
    try:
        return convert(text)
    except ValueError:
        raise bad_value(3020, "date", text, tag) from None


def _by_name(order: Order, made: Condition) -> None:
    for stem in ("Name", "RefNumber"):
        text = order.first(f"{stem}Filter_{stem}")
        if text is not None:
            criterion = order.first(f"{stem}Filter_MatchCriterion") or ""
            if criterion not in _MATCH:
                raise bad_value(3110, "enumerated", criterion, "MatchCriterion")
            folded = text.casefold().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            _add(made, "full_folded like ? escape '\\'", _MATCH[criterion].format(folded))
        for tag, compare in (("From", ">="), ("To", "<=")):
            bound = order.first(f"{stem}RangeFilter_{tag}{stem}")
            if bound:
                _add(made, f"full_folded {compare} ?", bound.casefold())


def _by_reference(order: Order, books: Books, tag: str, made: Condition) -> None:
    lists, field = _REFERENCES[tag]
    keys: list[str] = []
    asked = False
    for half in ("ListID", "FullName"):
        for below in ("", "WithChildren"):
            for named in order.wanted(f"{tag}_{half}{below}"):
                asked = True
                record = find(books, concrete(lists), half, named)
                if record is None:
                    raise not_found(named)
                keys.append(record.key)
                keys.extend(_all_below(books, record.entity, record.key) if below else ())
    if asked:
        column = "party" if field == "CustomerRef_ListID" else f"json_extract(body, '$.fields.{field}')"
        _add(made, f"{column} in ({', '.join('?' * len(keys))})", *keys)


def _all_below(books: Books, entity: str, key: str) -> list[str]:
    found: list[str] = []
    for child in books.below(entity, key):
        found += [child.key, *_all_below(books, entity, child.key)]
    return found


def _by_amount(order: Order, made: Condition) -> None:
    paid = order.first("PaidStatus")
    if paid is not None and paid not in ("All", "PaidOnly", "NotPaidOnly"):
        raise bad_value(3110, "enumerated", paid, "PaidStatus")
    if paid in ("PaidOnly", "NotPaidOnly"):
        compare = "=" if paid == "PaidOnly" else "<>"
        _add(made, f"cast(json_extract(body, '$.fields.BalanceRemaining') as real) {compare} 0")
    operator, amount = order.first("TotalBalanceFilter_Operator"), order.first("TotalBalanceFilter_Amount")
    if operator is None and amount is None:
        return
    if operator not in _OPERATORS:
        raise bad_value(3110, "enumerated", operator or "", "Operator")
    try:
        wanted = int(Decimal(amount or "").scaleb(2))
    except InvalidOperation:
        raise Refusal(3040, f'There was an error when converting the amount "{amount}".') from None
    _add(made, f"{_TREE} {_OPERATORS[operator]} ?", wanted)


# Balance of a customer with all its jobs.
_TREE = """(with recursive tree(key) as (
    select records.key union all select below.key from tree join records below on below.parent = tree.key)
    select sum(own.cents) from tree join records own on own.key = tree.key)"""
