"""Loading invented data: a folder with one JSON file an object, or the same as a dictionary.

`Account.json` is a list of records as the API would show them, with ids; fields that a user could not
set (stamps, IsDeleted, IsStandard) are taken as they stand, and what the org computes is computed
when it isn't given.  Every problem is reported; a seed is loaded whole or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from . import rules
from .errors import OrgError, SeedError
from .ids import long_id
from .rules_prices import roll_up
from .saves import Saving
from .schema import FieldDef, ObjectDef
from .store import Database, Record
from .values import Value, check, coerce, round_to

Seed = Mapping[str, Sequence[Mapping[str, object]]]
_ORDER = ("User", "Organization", "Account", "Contact", "Product2", "Pricebook2", "PricebookEntry")


def read_folder(folder: Path) -> Seed:
    """The records of a folder, by object name.

    Raises:
        SeedError: the folder or a file can't be read as lists of JSON objects.
    """
    if not folder.is_dir():
        raise SeedError([f"{folder} is not a folder"])
    seed: dict[str, Sequence[Mapping[str, object]]] = {}
    problems = []
    for file in sorted(folder.glob("*.json")):
        try:
            found = json.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
        except (ValueError, OSError) as error:
            problems.append(f"{file.name}: {error}")
            continue
        if isinstance(found, list) and all(isinstance(r, dict) for r in found):
            seed[file.stem] = found
        else:
            problems.append(f"{file.name}: must be a list of JSON objects")
    if problems:
        raise SeedError(problems)
    return seed


def load(db: Database, seed: Seed, *, stamp: str, user: str) -> None:
    """Write the records of a seed; parents need not stand before children.

    Raises:
        SeedError: all that is wrong with it.
    """
    problems: list[str] = []
    with db.transaction():
        for name in sorted(seed, key=lambda n: (_ORDER.index(n) if n in _ORDER else len(_ORDER), n)):
            obj = db.schema.object(name)
            if obj is None:
                problems.append(f"{name}: the org has no such object")
                continue
            for place, raw in enumerate(seed[name], start=1):
                where = f"{name} record {place}"
                problems += _load_one(db, obj, raw, where, stamp=stamp, user=user)
        if not problems:
            problems += _dangling(db)
        if problems:
            raise SeedError(problems)
        _roll_up_opportunities(db, seed)


def _load_one(
    db: Database, obj: ObjectDef, raw: Mapping[str, object], where: str, *, stamp: str, user: str
) -> list[str]:
    record, problems = _read(obj, raw, where)
    if problems:
        return problems
    given = frozenset(record)
    created = str(record.get("CreatedDate") or record.get("SystemModstamp") or stamp)
    defaults: Record = {
        "CreatedDate": created,
        "CreatedById": user,
        "LastModifiedDate": record.get("SystemModstamp") or stamp,
        "LastModifiedById": user,
        "SystemModstamp": record.get("LastModifiedDate") or stamp,
        "OwnerId": user,
    }
    full: Record = {**obj.blank, **{n: v for n, v in defaults.items() if n in obj.blank}, **record}
    if full["Id"] is None:
        full["Id"] = db.new_id(obj)
    elif db.has(obj, str(full["Id"])):
        return [f"{where}: the id {full['Id']} is used twice"]
    _compute(db, obj, full, given)
    missing = [f.name for f in obj.required if full.get(f.name) is None]
    if missing:
        return [f"{where}: required fields are missing: {', '.join(missing)}"]
    db.insert(obj, full)
    if full.get("IsDeleted"):
        db.mark_deleted(obj, str(full["Id"]), str(full["SystemModstamp"]))
    return []


def _read(obj: ObjectDef, raw: Mapping[str, object], where: str) -> tuple[Record, list[str]]:
    record: Record = {}
    problems = []
    for name, value in raw.items():
        field = obj.field(name)
        if name == "attributes":
            continue
        if field is None or not field.stored:
            known = "is computed and can't be given" if field else "is not a field of the object"
            problems.append(f"{where}: {name} {known}")
            continue
        try:
            record[field.name] = coerce(field, value)
        except OrgError as error:
            problems.append(f"{where}: {field.name}: {error.message}")
            continue
        if wrong := _wrong(obj, field, record[field.name]):
            problems.append(f"{where}: {field.name}: {wrong}")
    return record, problems


def _wrong(obj: ObjectDef, field: FieldDef, value: Value) -> str | None:
    if value is not None and (error := check(field, value)):
        return error.message
    if field.type == "id" and isinstance(value, str) and not value.startswith(obj.prefix):
        return f"the id {value} doesn't begin with {obj.prefix}"
    return None


def _compute(db: Database, obj: ObjectDef, record: Record, given: frozenset[str]) -> None:
    """What the org works out by itself, where the seed doesn't say it."""
    said = {name: record[name] for name in given}
    if obj.name in ("Contact", "User"):
        record["Name"] = rules.full_name(record)
    if obj.name == "OpportunityLineItem":
        _compute_line(db, record)
    if obj.name == "Opportunity" and record.get("StageName"):
        saving = Saving(
            db=db,
            obj=obj,
            old=None,
            new=record,
            given=given,
            stamp=str(record["CreatedDate"]),
            touch=lambda _obj, _id, _changes: None,
        )
        rules.opportunity_stage(saving)
        rules.opportunity_sums(saving)
    record |= said


def _compute_line(db: Database, line: Record) -> None:
    entry = db.get(db.schema.by_name["pricebookentry"], str(line.get("PricebookEntryId")))
    if entry is not None:
        line["Product2Id"] = line["Product2Id"] or entry["Product2Id"]
        line["ListPrice"] = line["ListPrice"] or entry["UnitPrice"]
    opportunity = db.get(db.schema.by_name["opportunity"], str(line.get("OpportunityId")))
    product = db.get(db.schema.by_name["product2"], str(line["Product2Id"]))
    if opportunity is not None and "CurrencyIsoCode" in line:
        line["CurrencyIsoCode"] = opportunity["CurrencyIsoCode"]
    line["Name"] = " ".join(str(p["Name"]) for p in (opportunity, product) if p) or None
    quantity, unit = line.get("Quantity"), line.get("UnitPrice")
    if line["TotalPrice"] is None and isinstance(quantity, Decimal) and isinstance(unit, Decimal):
        line["TotalPrice"] = round_to(quantity * unit, 2)


def _dangling(db: Database) -> list[str]:
    """References that lead nowhere."""
    problems = []
    for obj in db.schema.objects:
        for field in obj.stored:
            if field.type != "reference":
                continue
            targets = [db.schema.by_name[t.lower()] for t in field.targets]
            known = " UNION ".join(f'SELECT "Id" FROM "{t.name}"' for t in targets)
            sql = (
                f'SELECT "Id", "{field.name}" FROM "{obj.name}" WHERE "{field.name}" IS NOT NULL'
                f' AND "{field.name}" NOT IN ({known})'
            )
            problems += [f"{obj.name} {r[0]}: {field.name} {r[1]} leads nowhere" for r in db.rows(sql)]
    return problems + _doubled(db)


def _doubled(db: Database) -> list[str]:
    """Values that a unique field holds twice."""
    problems = []
    for obj in db.schema.objects:
        for field in (f for f in obj.stored if f.unique):
            sql = (
                f'SELECT "{field.name}", count(*) FROM "{obj.name}" WHERE "IsDeleted" = 0'
                f' AND "{field.name}" IS NOT NULL GROUP BY 1 HAVING count(*) > 1'
            )
            problems += [f"{obj.name}: {field.name} {r[0]} is held by {r[1]} records" for r in db.rows(sql)]
    return problems


def _roll_up_opportunities(db: Database, seed: Seed) -> None:
    """Opportunities with lines hold the lines' sum and price book, whatever the seed says; stamps stay."""
    entries = {
        str(long_id(str(line.get("OpportunityId")))): long_id(str(line.get("PricebookEntryId")))
        for line in seed.get("OpportunityLineItem", ())
    }
    opportunities = db.schema.by_name["opportunity"]
    for record_id, entry in sorted(entries.items()):
        opportunity = db.get(opportunities, record_id)
        if opportunity is not None:
            roll_up(db, opportunity, db.update, book_of=entry)
