"""Orgs with several currencies: CurrencyIsoCode on every record that has money, and CurrencyType.

The first currency is the corporate one, which a record gets that names none.  Amounts stay in the
record's own currency; `convertCurrency()` is not implemented, so SOQL refuses it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .fields import audit, flag, identity, number, picklist, whole
from .schema import Access, FieldDef, ObjectDef, Schema
from .store import Database, quoted

NAME = "CurrencyIsoCode"
# How a user may set it: a line has its opportunity's, a price is made in one currency for good.
_ACCESS: dict[str, Access] = {"PricebookEntry": "create", "OpportunityLineItem": "read"}
_WITHOUT = frozenset({"User", "Group", "Organization"})


def with_currencies(schema: Schema, codes: Sequence[str]) -> Schema:
    """The schema with these currencies; unchanged when there are none.

    Raises:
        ValueError: something that isn't an ISO 4217 code.
    """
    if not codes:
        return schema
    for code in codes:
        if len(code) != 3 or not (code.isascii() and code.isupper()):
            raise ValueError(f"a currency is three capital letters, not {code!r}")
    more = {o.name: [_field(o.name, codes)] for o in schema.objects if o.name not in _WITHOUT}
    return schema.extended(more).with_objects([_currency_type(codes)])


def _field(name: str, codes: Sequence[str]) -> FieldDef:
    made = picklist(
        NAME,
        f"{name} Currency",
        codes,
        length=3,
        restricted=True,
        defaulted=True,
        access=_ACCESS.get(name, "write"),
        permissionable=False,
    )
    return replace(made, default=codes[0])


def _currency_type(codes: Sequence[str]) -> ObjectDef:
    return ObjectDef(
        name="CurrencyType",
        label="Currency Type",
        plural="Currency Types",
        prefix="01L",
        createable=False,
        deletable=False,
        layoutable=False,
        fields=(
            identity("Currency Type ID")[0],
            picklist("IsoCode", "Currency ISO Code", codes, length=3, nillable=False, access="read"),
            number("ConversionRate", "Conversion Rate", 18, 6, nillable=False, access="read"),
            whole("DecimalPlaces", "Decimal Places", nillable=False, access="read"),
            flag("IsActive", "Active", default=True, access="read"),
            flag("IsCorporate", "Is Corporate Currency", access="read"),
            *audit(),
        ),
    )


def seed_records(codes: Sequence[str]) -> list[dict[str, object]]:
    """The CurrencyType records of a new org; rates are 1 until somebody edits them."""
    return [
        {"IsoCode": code, "ConversionRate": 1, "DecimalPlaces": 2, "IsCorporate": code == codes[0]}
        for code in codes
    ]


def fill(db: Database, codes: Sequence[str]) -> None:
    """Give the corporate currency to records from before the org had several, and lines their parent's."""
    with db.transaction():
        for obj in db.schema.objects if codes else ():
            if obj.field(NAME) is not None:
                db.run(f'UPDATE {quoted(obj.name)} SET "{NAME}" = ? WHERE "{NAME}" IS NULL', [codes[0]])
        if codes:
            db.run(
                f'UPDATE "OpportunityLineItem" SET "{NAME}" = (SELECT "{NAME}" FROM "Opportunity"'
                ' WHERE "Id" = "OpportunityId")'
            )
