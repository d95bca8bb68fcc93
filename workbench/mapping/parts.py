"""The parts of a mapping file: sides, states, operations, match rules, fields, defaults."""

from __future__ import annotations

from decimal import Decimal

from workbench.mapping.forms import EMPTY, Form, kind
from workbench.mapping.formulas import expressions
from workbench.mapping.nodes import Node
from workbench.model import (
    Direction,
    Expression,
    FieldMap,
    FieldType,
    How,
    MatchRule,
    Operation,
    Related,
    Side,
    SideSpec,
    State,
    Transform,
    Winner,
)
from workbench.money import MoneyError, exact

# Entities of qbXML that are known by a TxnID; all others are known by a ListID.
QUICKBOOKS_TRANSACTIONS = frozenset(
    {
        "ARRefundCreditCard",
        "Bill",
        "BillPaymentCheck",
        "BillPaymentCreditCard",
        "BuildAssembly",
        "Charge",
        "Check",
        "CreditCardCharge",
        "CreditCardCredit",
        "CreditMemo",
        "Deposit",
        "Estimate",
        "InventoryAdjustment",
        "Invoice",
        "ItemReceipt",
        "JournalEntry",
        "PurchaseOrder",
        "ReceivePayment",
        "SalesOrder",
        "SalesReceipt",
        "SalesTaxPaymentCheck",
        "TimeTracking",
        "Transfer",
        "VehicleMileage",
        "VendorCredit",
    }
)
SIDE_KEYS = ("object", "label", "where", "key", "related")
LINE_SIDE_KEYS = (*SIDE_KEYS, "parent", "order")
RELATED_KEYS = ("key", "where")
STATE_KEYS = ("to", "on", "where", "create_where", "fields", "notes")
MATCH_KEYS = ("rule", "field", "fields", "how", "accept", "notes")
FIELD_KEYS = (
    "salesforce",
    "quickbooks",
    "type",
    "direction",
    "winner",
    "transform",
    "tolerance",
    "values",
    "reference",
    "unlinked",
    "required",
    "on",
    "read",
    "write",
    "notes",
)


def side(
    form: Form, table: dict[str, Node], side: Side, *, outer: SideSpec | None = None, line: int = 1
) -> SideSpec:
    """One side; `outer` is the parents' side when these are lines."""
    node = table.get(side, EMPTY)
    what = f"{'lines.' if outer else ''}{side}"
    if node.value is None:
        form.problem(
            f"the mapping has no '{what}'", node.line or line, f"Write `{side}: {{object: ..., label: ...}}`."
        )
    found = form.table(node, what, LINE_SIDE_KEYS if outer else SIDE_KEYS)
    at = node.line or line
    name = form.text(found, "object", what, at, need=node.value is not None) or ""
    key = form.text(found, "key", what, at) or key_of(side, name, lines=outer is not None)
    return SideSpec(
        side=side,
        object=name,
        key=key,
        version="SystemModstamp" if side is Side.SALESFORCE else "EditSequence",
        modified="LastModifiedDate" if side is Side.SALESFORCE else "TimeModified",
        label=form.text(found, "label", what, at) or key,
        where=form.condition(found, "where", what),
        parent=form.text(found, "parent", what, at, need=outer is not None and node.value is not None),
        parent_object=outer.object if outer else None,
        parent_key=outer.key if outer else None,
        order=form.text(found, "order", what, at),
        related=_related(form, found.get("related", EMPTY), what, side),
        line=at,
    )


def key_of(side: Side, name: str, *, lines: bool = False) -> str:
    """The field that identifies a record of an object, unless a mapping says otherwise."""
    if side is Side.SALESFORCE:
        return "Id"
    if lines:
        return "TxnLineID"
    return "TxnID" if name in QUICKBOOKS_TRANSACTIONS else "ListID"


def _related(form: Form, node: Node, what: str, side: Side) -> tuple[Related, ...]:
    found = []
    for name, each in form.table(node, f"related of {what}").items():
        table = form.table(each, f"related '{name}'", RELATED_KEYS)
        key = form.text(table, "key", f"related '{name}'", each.line, need=True) or ""
        where = form.condition(table, "where", f"related '{name}'", tables_of=side)
        found.append(Related(object=name, key=key, where=where, line=each.line))
    return tuple(found)


def states(form: Form, node: Node) -> tuple[State, ...]:
    found = []
    for name, each in form.table(node, "states").items():
        what = f"state '{name}'"
        table = form.table(each, what, STATE_KEYS)
        to = form.word(table, "to", what, Side)
        if "to" not in table:
            form.problem(f"{what} does not say which side it writes to", each.line, "Write `to: salesforce`.")
        on = form.flag(table, "on", what, default=True)
        where = form.condition(table, "where", what)
        owned = _owned(form, table["fields"], what) if "fields" in table else ()
        found.append(
            State(
                name=name,
                to=to or Side.SALESFORCE,
                on=on,
                where=where,
                fields=owned,
                create_where=form.condition(table, "create_where", what),
                line=each.line,
            )
        )
    return tuple(found)


def _owned(form: Form, node: Node, what: str) -> tuple[str, ...]:
    """Names of field maps; an empty list must not turn into a state that writes everything."""
    if node.value in (None, []):
        form.problem(
            f"'fields' of {what} names no field",
            node.line,
            "Name the fields that only this state writes, or leave `fields` out: then it writes all others.",
        )
        return ()
    return form.texts(node, f"'fields' of {what}")


def operations(form: Form, node: Node) -> dict[Side, frozenset[Operation]]:
    """Allowed operations a side; none on a side that is not named."""
    table = form.table(node, "operations", [side.value for side in Side])
    return {side: _operations(form, table.get(side, EMPTY), side) for side in Side}


def _operations(form: Form, node: Node, side: Side) -> frozenset[Operation]:
    if node.value is None:
        return frozenset()
    nodes = node.value if isinstance(node.value, list) else [node]
    found = [form.known(each, f"an operation of {side}", Operation) for each in nodes]
    return frozenset(each for each in found if each is not None)


def match_rules(
    form: Form, table: dict[str, Node], *, what: str = "the mapping", line: int = 1
) -> tuple[MatchRule, ...]:
    node = table.get("match", EMPTY)
    if not isinstance(node.value, list):
        form.problem(
            f"'match' of {what} is not a list of rules", node.line or line, "Write `match: [{rule: ...}]`."
        )
        return ()
    return tuple(_match_rule(form, each) for each in node.value)


def _match_rule(form: Form, node: Node) -> MatchRule:
    table = form.table(node, "a match rule", MATCH_KEYS)
    name = form.text(table, "rule", "a match rule", node.line, need=True) or ""
    what = f"match rule '{name}'"
    how = form.word(table, "how", what, How) or How.EXACT
    given = [form.texts(table[key], f"'{key}' of {what}") for key in ("field", "fields") if key in table]
    names = tuple(each for group in given for each in group)
    if not names and how is not How.POSITION:
        form.problem(f"{what} names no field", node.line, "Write `field: <name in the mapping>`.")
    return MatchRule(
        rule=name,
        fields=names,
        how=how,
        accept=form.flag(table, "accept", what, default=False),
        line=node.line,
    )


def fields(
    form: Form, table: dict[str, Node], *, what: str = "the mapping", line: int = 1
) -> tuple[FieldMap, ...]:
    node = table.get("fields", EMPTY)
    found = form.table(node, f"fields of {what}")
    if not found:
        form.problem(
            f"{what} has no fields",
            node.line or line,
            "Write `fields:` and below it `<name>: {salesforce: <API field>, quickbooks: <API field>}`.",
        )
    usual = form.word(table, "direction", what, Direction) or Direction.BOTH
    return tuple(_field(form, name, each, usual) for name, each in found.items())


def _field(form: Form, name: str, node: Node, usual: Direction) -> FieldMap:
    what = f"field '{name}'"
    table = form.table(node, what, FIELD_KEYS)
    for side in Side:
        if side not in table:
            form.problem(f"{what} has no '{side}'", node.line, f"Write `{side}: <API field>`.")
    named = {side: form.texts(table[side], f"'{side}' of {what}") if side in table else () for side in Side}
    given = expressions(form, table, what, named) if "read" in table or "write" in table else ()
    return FieldMap(
        name=name,
        salesforce=_with_read(named, Side.SALESFORCE, given),
        quickbooks=_with_read(named, Side.QUICKBOOKS, given),
        type=form.word(table, "type", what, FieldType) or FieldType.TEXT,
        direction=form.word(table, "direction", what, Direction) or usual,
        winner=form.word(table, "winner", what, Winner),
        transform=form.word(table, "transform", what, Transform),
        tolerance=_tolerance(form, table, what),
        values=_values(form, table.get("values", EMPTY), what),
        reference=form.text(table, "reference", what, node.line),
        unlinked_empty=_only_word(form, table, "unlinked", "empty", what),
        required=form.flag(table, "required", what, default=False),
        create_only=_only_word(form, table, "on", "create", what),
        expressions=given,
        notes=form.text(table, "notes", what, node.line) or "",
        line=node.line,
    )


def _with_read(
    named: dict[Side, tuple[str, ...]], side: Side, given: tuple[Expression, ...]
) -> tuple[str, ...]:
    """The named API fields, and behind them those that only the expression reads: the base keeps them too."""
    read = [name for each in given if each.side is side and each.target is None for name in each.columns]
    return (*named[side], *(name for name in dict.fromkeys(read) if name not in named[side]))


def _tolerance(form: Form, table: dict[str, Node], what: str) -> Decimal:
    node = table.get("tolerance", EMPTY)
    if node.inexact:
        form.problem(
            f"tolerance {node.text} of {what} is a number with a point, which YAML reads as a float",
            node.line,
            f'Write `tolerance: "{node.text}"`.',
        )
        return Decimal(0)
    try:
        found = exact(form.text(table, "tolerance", what, node.line))
    except MoneyError as error:
        form.problem(f"tolerance of {what}: {error.what}", node.line, error.fix)
        return Decimal(0)
    if found is not None and found < 0:
        form.problem(f"tolerance {found} of {what} is negative", node.line, "Write it without the sign.")
    return found or Decimal(0)


def _values(form: Form, node: Node, what: str) -> tuple[tuple[str, str], ...]:
    found = []
    for salesforce, quickbooks in form.table(node, f"values of {what}").items():
        if isinstance(quickbooks.value, dict | list) or not quickbooks.text.strip():
            form.problem(
                f"value '{salesforce}' of {what} has no QuickBooks value",
                quickbooks.line,
                f"Write `{salesforce}: <word of QuickBooks>`.",
            )
            continue
        found.append((salesforce.strip(), quickbooks.text.strip()))
    return tuple(found)


def _only_word(form: Form, table: dict[str, Node], key: str, word: str, what: str) -> bool:
    """Whether a key is there that knows one word."""
    node = table.get(key, EMPTY)
    if node.value not in (None, word):
        form.problem(
            f"'{key}' of {what} is {kind(node)}, expected '{word}' or nothing",
            node.line,
            f"Write `{key}: {word}`, or leave it out.",
        )
    return node.value == word


def defaults(form: Form, node: Node) -> dict[Side, dict[str, object]]:
    """By side, values by API field; text, whole numbers, true and false."""
    table = form.table(node, "defaults", [side.value for side in Side])
    return {side: _defaults(form, table.get(side, EMPTY), side) for side in Side}


def _defaults(form: Form, node: Node, side: Side) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, each in form.table(node, f"defaults of {side}").items():
        if isinstance(each.value, dict | list):
            form.problem(
                f"the default of '{name}' is not a single value", each.line, f"Write `{name}: <value>`."
            )
        elif each.inexact:
            form.problem(f"the default of '{name}' is a float", each.line, f'Write `"{each.text}"`.')
        else:
            found[name] = each.value
    return found
