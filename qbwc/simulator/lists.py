"""Create and change list records the way QuickBooks does: customers, names, accounts, items.

Names are compared without regard to case.  Top-level names exclude each other across Customer, Vendor,
Employee and OtherName, inactive ones included; an item's name excludes its siblings', of whatever item type.
Whether a renamed parent also gives its sub-records a new EditSequence is unverified; here it does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache

from qbwc.descriptor import CONCRETE, NAME_LISTS, UNIONS, leaves
from qbwc.simulator.records import Books, Kept
from qbwc.simulator.refusals import Refusal, bad_parent, bad_reference, name_in_use, not_found, stale

# Types of item of which a company file keeps no more than the common fields.
OTHER_ITEMS = tuple(UNIONS["Item"].others)
ITEMS = (*UNIONS["Item"].members, *OTHER_ITEMS)
TERMS = tuple(UNIONS["Terms"].members)
Values = Mapping[str, str]


@cache
def references(entity: str, *, line: bool = False) -> dict[str, tuple[str, ...]]:
    """Flattened name of each reference of a record -> the lists it may point to."""
    if entity not in CONCRETE:
        return {"ParentRef": (entity,)}
    lines = CONCRETE[entity].lines
    elements = lines.elements if line and lines else CONCRETE[entity].elements
    found: dict[str, tuple[str, ...]] = {}
    for leaf in leaves(elements):
        if len(leaf.path) > 1 and leaf.path[-2].kind == "ref":
            found[leaf.name.rpartition("_")[0]] = leaf.path[-2].refers
    return found


def concrete(entities: tuple[str, ...]) -> tuple[str, ...]:
    """The lists behind a reference, unions taken apart."""
    made: list[str] = []
    for entity in entities:
        union = UNIONS.get(entity)
        made.extend((*union.members, *union.others) if union else (entity,))
    return tuple(made)


def _other_lists() -> tuple[str, ...]:
    """Lists that records refer to and that have no table here, e.g. SalesRep: kept by their names alone."""
    found: set[str] = set()
    for entity in CONCRETE.values():
        for elements in (entity.elements, entity.lines.elements if entity.lines else ()):
            found.update(target for leaf in leaves(elements) for step in leaf.path for target in step.refers)
    return tuple(sorted(found - CONCRETE.keys() - UNIONS.keys()))


OTHER_LISTS = _other_lists()


def resolved(books: Books, entity: str, values: Values, *, line: bool = False) -> dict[str, str]:
    """The values with every reference as its ListID; 3140 (3130 for a parent) where it points nowhere."""
    made = dict(values)
    for name, targets in references(entity, line=line).items():
        half, given = _given(name, made)
        made.pop(f"{name}_FullName", None)
        made.pop(f"{name}_ListID", None)
        if half is None:
            continue
        if not given:
            made[f"{name}_ListID"] = ""
            continue
        target = find(books, concrete(targets), half, given)
        if target is None:
            raise (
                bad_parent(entity, given) if name == "ParentRef" else bad_reference(targets[0], given, entity)
            )
        made[f"{name}_ListID"] = target.key
    return made


def _given(name: str, values: Values) -> tuple[str | None, str]:
    for half in ("ListID", "FullName"):
        if values.get(f"{name}_{half}"):
            return half, values[f"{name}_{half}"]
    return ("ListID", "") if f"{name}_ListID" in values or f"{name}_FullName" in values else (None, "")


def find(books: Books, entities: tuple[str, ...], half: str, given: str) -> Kept | None:
    """The record that a ListID or FullName means."""
    if half == "ListID":
        record = books.get(given)
        return record if record and record.entity in entities else None
    found = books.named(entities, given) if entities else []
    return found[0] if found else None


def list_id(books: Books) -> str:
    """A new ListID, e.g. '80000035-1785958998'."""
    return f"{0x80000000 + books.next_number():08X}-{books.epoch}"


def edit_sequence(books: Books) -> str:
    """A new EditSequence: digits that grow with every change."""
    return str(int(books.epoch) + books.next_number())


def add_list(
    books: Books,
    entity: str,
    values: Values,
    now: str,
    *,
    key: str | None = None,
    lines: Sequence[Values] = (),
) -> Kept:
    """A new record; 3100, 3130 or 3140 when QuickBooks would not take it.  `lines`: members of a group."""
    fields = {name: value for name, value in resolved(books, entity, values).items() if value != ""}
    fields.setdefault("IsActive", "true")
    fields.setdefault("TimeCreated", now)
    fields.setdefault("EditSequence", edit_sequence(books))
    record = Kept(
        key=key or list_id(books), entity=entity, position=books.next_number(), name=fields["Name"],
        full_name="", parent=None, active=True, modified=fields.pop("TimeModified", now), fields=fields,
        lines=[resolved(books, entity, line, line=True) for line in lines],
    )  # fmt: skip
    opening = fields.pop("OpenBalance", "0")
    fields.pop("OpenBalanceDate", None)
    if entity == "Customer":
        record.cents = cents(opening)
    elif entity == "Account":
        fields.setdefault("Balance", f"{Decimal(opening):.2f}")
        fields.setdefault("TotalBalance", fields["Balance"])
    _settle(books, record)
    books.put(record)
    return record


def mod_list(books: Books, entity: str, key: str, sequence: str | None, values: Values, now: str) -> Kept:
    """A changed record; `sequence` None is the bookkeeper at the screen, who needs no EditSequence."""
    record = current(books, entity, key, sequence)
    branches = {name.split("_")[0] for name in (*values, *record.fields)} & {
        "SalesOrPurchase",
        "SalesAndPurchase",
    }
    if len(branches) > 1:
        raise Refusal(3210, "An item cannot change between sold-or-purchased and sold-and-purchased here.")
    before = record.full_name
    given = resolved(books, entity, values)
    refuse_emptied(entity, given)
    _drop_excluded(record.fields, values)
    apply(record.fields, given)
    record.fields["EditSequence"] = edit_sequence(books)
    record.modified = now
    _settle(books, record)
    books.put(record)
    if record.full_name != before:
        _rename_below(books, record)
    return record


def current(books: Books, entity: str, key: str, sequence: str | None) -> Kept:
    """The record to change: 3120 when it is gone, 3200 when it moved since it was read."""
    record = books.get(key)
    if record is None or record.entity != entity:
        raise not_found(key)
    if sequence is not None and record.fields["EditSequence"] != sequence:
        raise stale(sequence)
    return record


_EXCLUDE = (("Price", "PricePercent"), ("DiscountRate", "DiscountRatePercent"), ("Rate", "RatePercent"))


def _drop_excluded(fields: dict[str, str], values: Values) -> None:
    """A new price takes the place of a percentage, and the other way round."""
    for name in values:
        for pair in _EXCLUDE:
            for mine, other in (pair, pair[::-1]):
                if values[name] and (name == mine or name.endswith(f"_{mine}")):
                    fields.pop(f"{name.removesuffix(mine)}{other}", None)


def refuse_emptied(entity: str, values: Values) -> None:
    """A required field cannot be emptied (3210: code and words are unverified)."""
    for element in CONCRETE[entity].elements:
        name = f"{element.name}_ListID" if element.kind == "ref" else element.name
        if element.required and values.get(name) == "":
            raise Refusal(3210, f'The field "{element.name}" cannot be empty.')


def apply(fields: dict[str, str], values: Values) -> None:
    """Put values into a record; an empty one takes the field away."""
    for name, value in values.items():
        if value == "":
            fields.pop(name, None)
        else:
            fields[name] = value


def _settle(books: Books, record: Kept) -> None:
    """Name, path, parent and activity of a record, after checking that its name is free."""
    parent_key = record.fields.get("ParentRef_ListID")
    parent = books.get(parent_key) if parent_key else None
    above: Kept | None = parent
    while above is not None:
        if above.key == record.key:
            raise bad_parent(record.entity, record.full_name)
        above = books.get(above.parent) if above.parent else None
    record.name, record.parent = record.fields["Name"], parent_key
    record.active = record.fields.get("IsActive") != "false"
    record.full_name = f"{parent.full_name}:{record.name}" if parent else record.name
    _check_name(books, record)


def _check_name(books: Books, record: Kept) -> None:
    if record.entity in NAME_LISTS and record.parent is None:
        rivals: tuple[str, ...] = NAME_LISTS
    elif record.entity in ITEMS:
        rivals = ITEMS
    elif record.entity in TERMS:
        rivals = TERMS  # Both kinds are one list in QuickBooks (unverified).
    else:
        rivals = (record.entity,)
    if any(rival.key != record.key for rival in books.siblings(rivals, record.name, record.parent)):
        raise name_in_use(record.name)


def _rename_below(books: Books, parent: Kept) -> None:
    for child in books.below(parent.entity, parent.key):
        child.full_name = f"{parent.full_name}:{child.name}"
        books.put(child)
        _rename_below(books, child)


def cents(text: str) -> int:
    """An amount in cents: '12.5' and '12.50' are 1250."""
    return int(Decimal(text).scaleb(2).to_integral_value())
