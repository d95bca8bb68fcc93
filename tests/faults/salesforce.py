"""A push of 500 changes to Salesforce, struck at every step: killed, answers lost, sessions ended, org down.

A round is an org, a profile and an approved change set: updates, creates with and without a key of ours,
and new Opportunities with their lines; in turn by Collections and by jobs of Bulk API 2.0.  The push is
carried on again and again, each time with one fault at one of its requests, until the round's faults are
spent; then once more without.  Kills are real: the push runs in a process that ends at that request, before
or after it was answered.  In the end each change stands in the org exactly once and is told so, or is told as
unknown.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from tests.contract.salesforce.salesforce_office import Office, running_office
from tests.faults.tally import Tally
from workbench import ledger
from workbench.changes import Answer, Change, ChangeSet
from workbench.connections import salesforce_bulk, salesforce_session
from workbench.errors import ConnectionProblem
from workbench.ledger import OutcomeRow
from workbench.profile import write_profile
from workbench.push import salesforce as writer
from workbench.workspace import Workspace

KINDS = ("lose_request", "lose_response", "expire_session", "unavailable", "kill_before", "kill_after")
KILLED = 9
STEPS = 8
"""A fault strikes at one of the next so many requests; so the push comes on, and each of its steps is met."""

A_ROUND = 12
"""Faults in one round, at most."""

DEALS = 8
STANDARD, PRODUCT, PRICE = "01s000000000001AAA", "01t000000000001AAA", "01u000000000001AAA"


def run(count: int, seed: int, *, writes: int = 500) -> Tally:
    """Strike `count` faults at pushes of that many changes each."""
    tally, random = Tally(more={"by_kind": dict.fromkeys(KINDS, 0), "rounds": 0}), Random(seed)
    kinds = _endless(random)
    salesforce_session.FIRST_WAIT_SECONDS, salesforce_bulk.FIRST_POLL_SECONDS = 0.002, 0.02
    writer.FIRST_WAIT_SECONDS = 0.01
    while tally.injected < count:
        mode = ("collections", "jobs")[tally.more["rounds"] % 2]
        tally.more["rounds"] += 1
        with tempfile.TemporaryDirectory(prefix="faults-") as folder:
            _round(Path(folder), tally, random, kinds, mode, writes, count)
    return tally


def _endless(random: Random) -> Iterator[str]:
    while True:
        shuffled = list(KINDS)
        random.shuffle(shuffled)
        yield from shuffled


@dataclass
class _Saves:
    """What the org saved, by record and value; a before-save trigger."""

    seen: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __call__(self, name: str, old: Any, new: Any) -> None:
        if name == "Account" and old is not None:
            self.seen[str(old["Id"]), str(new["Phone"])] += 1


def _round(
    folder: Path,
    tally: Tally,
    random: Random,
    kinds: Iterator[str],
    mode: str,
    writes: int,
    most: int,
) -> None:
    updates = writes // 2
    with running_office(folder, _seed(updates)) as office:
        office.workspace = _workspace(office, 2_000 if mode == "collections" else 40)
        office.pull()
        saves = _Saves()
        office.org.before_save.append(saves)
        changes = _changes(office, writes, updates)
        changeset = office.started(*changes)
        tally.writes += len(changes)
        struck = misses = 0
        while struck < A_ROUND and tally.injected < most and misses < 2:
            kind, step = next(kinds), random.randrange(STEPS)
            hit = _strike(office, folder, changeset, kind, step)
            struck, misses = struck + hit, 0 if hit else misses + 1
            tally.injected += hit
            tally.more["by_kind"][kind] += hit
        for _ in range(2):
            office.advance(changeset)
        _judge(office, tally, changes, saves)


def _strike(office: Office, folder: Path, changeset: ChangeSet, kind: str, step: int) -> int:
    """Carry the push on with one fault; answers 1 when it struck."""
    if kind.startswith("kill"):
        child = [sys.executable, "-m", "tests.faults.salesforce_child", str(office.profile.folder)]
        run = subprocess.run(
            [*child, changeset.id, kind.removeprefix("kill_"), str(step)],
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode not in (0, KILLED):
            raise RuntimeError(f"the push that was to be killed failed by itself:\n{run.stderr}")
        return int(run.returncode == KILLED)
    times = salesforce_session.TRIES if kind == "unavailable" else 1
    fault = office.org.faults.arm(kind, skip=step, times=times)  # type: ignore[arg-type]
    try:
        office.advance(changeset)
    except ConnectionProblem:
        pass  # said to whoever pushes; the push is carried on below
    finally:
        office.org.faults.clear()
    return int(fault.times < times)


def _judge(office: Office, tally: Tally, changes: Sequence[Change], saves: _Saves) -> None:
    """Compare what is told of each change with what the org holds."""
    told = {row.change: row for row in ledger.outcomes(office.workspace.store)}
    held = {
        name: office.org.records(name)
        for name in ("Account", "Contact", "Opportunity", "OpportunityLineItem")
    }
    made: Counter[str] = Counter()
    for rows in held.values():
        made.update(_mark(row) for row in rows)
    old = sum(change.action == "update" for change in changes)
    for change in changes:
        if change.action == "update":
            times = saves.seen[str(change.record), str(change.values["Phone"])]
        else:
            times = made[_mark(change.values)]
        _judge_one(tally, change, told[change.id], times)
    asked = {_mark(change.values) for change in changes if change.action == "create"}
    strangers = sum(times for mark, times in made.items() if mark not in asked) - old
    if strangers > 0:
        tally.found("unapproved", f"{strangers} records that nobody asked for")


def _judge_one(tally: Tally, change: Change, row: OutcomeRow, times: int) -> None:
    where = f"{change.object} {change.label}: told {row.state} ({row.detail}), there {times} times"
    if times > 1:
        tally.found("doubled", where)
    elif row.state == "applied" and times == 1:
        tally.applied_once += 1
    elif row.state == "unknown" and row.detail:
        tally.unknown += 1
    else:
        tally.found("lost", where)


def _mark(row: Any) -> str:
    """What no two records of a round share."""
    return str(row.get("QuickBooks_Line_Id__c") or row.get("LastName") or row.get("Name"))


# --- the world of a round --------------------------------------------------------------------------------


def _seed(updates: int) -> dict[str, list[dict[str, Any]]]:
    accounts = [
        {"Id": f"001{number:012}AAA", "Name": f"Old {number}", "Phone": f"555-{number}"}
        for number in range(1, updates + 1)
    ]
    return {
        "Account": accounts,
        "Pricebook2": [{"Id": STANDARD, "Name": "Standard", "IsStandard": True, "IsActive": True}],
        "Product2": [{"Id": PRODUCT, "Name": "Guiding", "IsActive": True}],
        "PricebookEntry": [
            {
                "Id": PRICE,
                "Pricebook2Id": STANDARD,
                "Product2Id": PRODUCT,
                "UnitPrice": "80.00",
                "IsActive": True,
            }
        ],
    }


def _workspace(office: Office, bulk_above: int) -> Workspace:
    settings = replace(office.profile.salesforce, bulk_above=bulk_above)
    profile = replace(office.profile, salesforce=settings)
    write_profile(profile)
    return Workspace(profile=profile, store=office.workspace.store)


def _changes(office: Office, writes: int, updates: int) -> list[Change]:
    """Half updates, new Accounts with a key, some Contacts without one, Opportunities with their lines."""
    accounts = [f"001{number:012}AAA" for number in range(1, updates + 1)]
    found = [office.update("Account", id_, Phone=f"556-{n}") for n, id_ in enumerate(accounts)]
    for number in range(DEALS):
        found += _deal(office, number, accounts[number])
    found += [office.create("Contact", f"c-{n}", LastName=f"Person {n}") for n in range(writes // 25)]
    left = writes - len(found)
    found += [
        office.create("Account", f"a-{n}", Name=f"New {n}", QuickBooks_Id__c=f"a-{n}") for n in range(left)
    ]
    return found


def _deal(office: Office, number: int, account: str) -> list[Change]:
    parent = office.create(
        "Opportunity", f"o-{number}", Name=f"Deal {number}", AccountId=account, StageName="Closed Won",
        CloseDate=date(2026, 3, 2), QuickBooks_Id__c=f"o-{number}",
    )  # fmt: skip
    lines = [
        office.create(
            "OpportunityLineItem", f"l-{number}-{n}", OpportunityId=Answer(parent.id, "Id"),
            PricebookEntryId=PRICE, QuickBooks_Line_Id__c=f"l-{number}-{n}", Quantity=Decimal(n),
            UnitPrice=Decimal("12.50"),
        )
        for n in (1, 2, 3)
    ]  # fmt: skip
    return [parent, *lines]
