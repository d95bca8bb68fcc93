"""The embedded org as an object: open it, look into it, edit it as a person would.

    org = TestOrg.open(None, seed=Path("data/demo/salesforce"), users=[User(...)], apps=[...])
    with running_org(org) as url: ...          # see `server`
    org.records("Account");  org.edit("Account", id, {"Phone": "555 0100"})

The wire (`web`, `rest`) is a face on this; both go through the same rules.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from . import bulk_ingest, bulk_query, currencies, jsontext
from . import seed as seeds
from .access import ConnectedApp, Doorkeeper, OrgSettings, User
from .bulk_jobs import Job, Jobs, Kind
from .cursors import Cursors
from .describe import describe_object
from .dml import Call, Trigger
from .duplicates import DuplicateOptions, DuplicateRule, refuse_duplicates
from .errors import OrgError
from .faults import Faults
from .ids import long_id, new_id
from .incoming import Incoming, read_record
from .objects import STANDARD
from .query import Plan, Row
from .schema import FieldDef, ObjectDef
from .soql import parse
from .store import Database
from .values import stamp_text

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Clock = Callable[[], datetime]
API_VERSION = "64.0"  # of the addresses in answers that no request gave a version for


class TestOrg:
    """One org: records, users, sessions and switches.

    Attributes:
        settings: Switches that may be changed while it runs.
        faults: Trouble to arm.
        before_save: Functions run before each save, as triggers would be.
        duplicate_rules: Rules that every save asks; a new org has none.
        api_requests: Requests counted against the daily limit.
        jobs: Bulk jobs; `jobs.settle()` waits until all have ended.
    """

    __test__ = False  # not a test class, whatever its name says to pytest

    def __init__(
        self,
        db: Database,
        *,
        users: Sequence[User],
        apps: Sequence[ConnectedApp],
        settings: OrgSettings,
        faults: Faults,
        clock: Clock,
    ) -> None:
        self.db = db
        self.schema = db.schema
        self.settings = settings
        self.faults = faults
        self.clock = clock
        self.before_save: list[Trigger] = []
        self.duplicate_rules: list[DuplicateRule] = []
        self.api_requests = 0
        self.id = str(self.records("Organization")[0]["Id"])
        self.door = Doorkeeper(users=users, apps=apps, settings=settings, clock=clock, org_id=self.id)
        self.cursors = Cursors(settings, clock)
        run: dict[Kind, Callable[[Job], None]] = {
            "ingest": partial(bulk_ingest.run, self),
            "query": partial(bulk_query.run, self),
        }
        self.jobs = Jobs(settings, clock, run)

    @classmethod
    def open(
        cls,
        path: Path | str | None = None,
        *,
        seed: Path | seeds.Seed | None = None,
        users: Iterable[User] = (),
        apps: Iterable[ConnectedApp] = (),
        settings: OrgSettings | None = None,
        faults: Faults | None = None,
        clock: Clock | None = None,
        hidden: Iterable[str] = (),
        extra_fields: Mapping[str, Iterable[FieldDef]] | None = None,
        extra_objects: Iterable[ObjectDef] = (),
        multicurrency: Sequence[str] = (),
    ) -> TestOrg:
        """Open an org kept in a file, or a new one in memory.

        Args:
            path: SQLite file; made when absent. None keeps everything in memory.
            seed: Records for a new org; an org that has records keeps them and ignores this.
            users, apps: Who may log in. Needed at every opening: credentials are never stored.
            clock: Gives the time, aware; the real one when None.
            hidden: Fields, `Account.QuickBooks_Id__c`, that this org shall not have.
            extra_fields: Further fields by object name.
            extra_objects: Further objects, e.g. `objects.CUSTOM`.
            multicurrency: ISO codes of an org with several currencies, the corporate one first.

        Raises:
            SeedError: the seed can't be loaded; the org stays empty.
        """
        settings = settings or OrgSettings()
        clock = clock or (lambda: datetime.now(UTC))
        schema = STANDARD.with_objects(extra_objects).extended(extra_fields or {})
        schema = currencies.with_currencies(schema, multicurrency).without(hidden)
        everyone, every_app = list(users), list(apps)
        db = Database(None if path is None else Path(path), schema)
        try:
            with db.transaction():
                _found(db, everyone, settings, seed, stamp_text(clock()), multicurrency)
                currencies.fill(db, multicurrency)
                _note_schema(db, stamp_text(clock()))
        except BaseException:
            db.close()
            raise
        return cls(
            db, users=everyone, apps=every_app, settings=settings, faults=faults or Faults(), clock=clock
        )

    # --- looking in ----------------------------------------------------------------------------

    def records(self, name: str, *, include_deleted: bool = False) -> list[Row]:
        """All records of an object with all fields, as the API shows them; numbers are Decimal.

        Raises:
            OrgError: INVALID_TYPE, the org has no such object.
        """
        fields = ", ".join(f.name for f in self.declared(name).fields)
        return self.query(f"SELECT {fields} FROM {name}", include_deleted=include_deleted)

    def record(self, name: str, record_id: str) -> Row:
        """One record with all fields, deleted or not.

        Raises:
            OrgError: INVALID_TYPE or NOT_FOUND.
        """
        fields = ", ".join(f.name for f in self.declared(name).fields)
        plan = Plan(self.schema, parse(f"SELECT {fields} FROM {name}"), include_deleted=True)
        rows = plan.page(self.db, [long_id(record_id) or record_id], API_VERSION)
        if not rows:
            raise OrgError("NOT_FOUND", f"no {name} has the id {record_id}", status=404)
        return rows[0]

    def query(self, soql: str, *, include_deleted: bool = False) -> list[Row]:
        """All records of a SOQL query.

        Raises:
            OrgError: MALFORMED_QUERY, INVALID_FIELD, INVALID_TYPE ...
        """
        plan = Plan(self.schema, parse(soql), include_deleted=include_deleted)
        with self.db.lock:
            return plan.page(self.db, plan.ids(self.db), API_VERSION)

    def declared(self, name: str) -> ObjectDef:
        """The declaration of an object.

        Raises:
            OrgError: INVALID_TYPE, the org has no such object.
        """
        found = self.schema.object(name)
        if found is None:
            raise OrgError("INVALID_TYPE", f"sObject type '{name}' is not supported.", status=404)
        return found

    # --- a person edits ------------------------------------------------------------------------

    def create(self, name: str, values: Mapping[str, object]) -> str:
        """A sales person creates a record; answers its id.

        Raises:
            OrgError: any rule it breaks.
        """
        return str(self.call().insert(self.read(name, values)).id)

    def edit(self, name: str, record_id: str, values: Mapping[str, object]) -> None:
        """A sales person edits a record: normal rules, normal stamps.

        Raises:
            OrgError: any rule it breaks.
        """
        self.call().update(self.read(name, values), long_id(record_id) or record_id)

    def delete(self, name: str, record_id: str) -> None:
        """A sales person deletes a record; it goes to the recycle bin.

        Raises:
            OrgError: it can't be deleted.
        """
        self.call().delete(self.declared(name), long_id(record_id) or record_id)

    def undelete(self, name: str, record_id: str) -> None:
        """Take a record out of the recycle bin.

        Raises:
            OrgError: it isn't there.
        """
        self.call().undelete(self.declared(name), long_id(record_id) or record_id)

    def empty_recycle_bin(self) -> int:
        """Purge deleted records for good, so that no query sees them; answers how many."""
        purged = 0
        with self.db.transaction():
            for obj in self.schema.objects:
                if obj.field("IsDeleted"):
                    for record in self.db.where(obj, '"IsDeleted" = 1'):
                        self.db.purge(obj, str(record["Id"]))
                        purged += 1
        return purged

    # --- for the wire --------------------------------------------------------------------------

    def read(self, name: str, values: Mapping[str, object]) -> Incoming:
        """The values of one record, by the types of its fields.

        Raises:
            OrgError: INVALID_TYPE, INVALID_FIELD, JSON_PARSER_ERROR ...
        """
        return read_record(self.schema, self.declared(name), values)

    def call(self, username: str | None = None, duplicates: DuplicateOptions | None = None) -> Call:
        """A new writing request in the name of a user, or of the first one."""
        return Call(
            self.db,
            stamp=stamp_text(self.clock()),
            user=self.user_id(username),
            triggers=self.before_save,
            lock=self.faults.lock_row,
            late=self.faults.late,
            check_duplicates=partial(
                refuse_duplicates, self.db, self.duplicate_rules, duplicates or DuplicateOptions()
            ),
        )

    def user_id(self, username: str | None = None) -> str:
        """Id of a user's record."""
        users = self.db.where(self.schema.by_name["user"], "1")
        for user in users:
            if username is not None and str(user["Username"]).lower() == username.lower():
                return str(user["Id"])
        return str(users[0]["Id"])

    @property
    def wsgi_app(self) -> WSGIApplication:
        """The org's HTTP face; loopback only, it has no TLS."""
        from .web import application

        return application(self)

    def close(self) -> None:
        """Close the file. An org in memory is gone then."""
        self.jobs.close()
        self.db.close()

    def __enter__(self) -> TestOrg:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _found(
    db: Database,
    users: Sequence[User],
    settings: OrgSettings,
    seed: Path | seeds.Seed | None,
    stamp: str,
    currency_codes: Sequence[str],
) -> None:
    """Give a new org its organization, users and seed; give an old one the users it lacks."""
    new = db.is_empty()
    admin = new_id("005", 0)
    records = seeds.read_folder(seed) if isinstance(seed, Path) else dict(seed or {})
    first: dict[str, list[dict[str, object]]] = {"User": [], "Organization": []}
    if new:
        db.note("created", stamp)
        first["User"].append(_user_record("automation@testorg.invalid", admin))
        first["Organization"].append(_organization(settings))
    if currency_codes and not db.where(db.schema.by_name["currencytype"], "1"):
        first["CurrencyType"] = currencies.seed_records(currency_codes)
    known = {str(u["Username"]).lower() for u in db.where(db.schema.by_name["user"], "1")}
    first["User"] += [_user_record(u.username) for u in users if u.username.lower() not in known]
    if any(first.values()):
        seeds.load(db, first, stamp=stamp, user=admin)
    if not new:
        return
    books = records.get("Pricebook2", ())
    if not any(b.get("IsStandard") for b in books):
        standard = {"Name": "Standard Price Book", "IsStandard": True, "IsActive": True}
        seeds.load(db, {"Pricebook2": [standard]}, stamp=stamp, user=admin)
    seeds.load(db, records, stamp=stamp, user=admin)


def _note_schema(db: Database, stamp: str) -> None:
    """Remember since when the objects and fields are as they are: an org may be opened with others."""
    described = [describe_object(db.schema, obj, API_VERSION, "") for obj in db.schema.objects]
    digest = hashlib.sha256(jsontext.dumps(described).encode()).hexdigest()
    if db.note("schema") != digest:
        db.note("schema", digest)
        db.note("schema_changed", stamp)


def _user_record(username: str, record_id: str | None = None) -> dict[str, object]:
    name = username.partition("@")[0]
    return {"Id": record_id, "Username": username, "LastName": name, "Email": username, "IsActive": True}


def _organization(settings: OrgSettings) -> dict[str, object]:
    return {
        "Name": "Embedded Test Org",
        "InstanceName": "TEST1",
        "OrganizationType": "Developer Edition",
        "IsSandbox": settings.sandbox,
        "LanguageLocaleKey": "en_US",
        "TimeZoneSidKey": "GMT",
    }
