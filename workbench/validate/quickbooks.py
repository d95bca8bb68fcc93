"""Checks of the QuickBooks adapter: the .qwc file, the server, the company file, and how old its data is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import duckdb

from workbench.connections import quickbooks_server as server
from workbench.errors import WorkbenchError
from workbench.model import Mapping, Side, Winner
from workbench.profile import COLUMNS, Profile, QuickBooksSettings
from workbench.snapshots import Snapshot, open_reader
from workbench.validate.checks import QUICKBOOKS, Check, Verdict
from workbench.validate.known import Known
from workbench.validate.salesforce import secret
from workbench.validate.wording import counted, failed, verdict_of
from workbench.workspace import Workspace

STALE = timedelta(days=1)
"""A pull older than this, and than three times the profile's own interval, is told of."""

QWC = "workbench qwc"


def settings(profile: Profile, mappings: Iterable[Mapping]) -> Iterator[Check]:
    """Every setting, without asking anybody."""
    given = profile.quickbooks
    problem = server.connector_problem(profile)
    if problem is None:
        yield _check(".qwc file", f"OwnerID {given.owner_id}, FileID {given.file_id}, {given.url}")
    else:
        fix = f"Correct it in profile.yaml, then run `{QWC}` again."
        yield _check(".qwc file", problem.what, Verdict.ERROR, fix)
    if given.user.strip():
        yield _check("user", given.user)
    else:
        yield _check("user", "the Web Connector logs in with none", Verdict.ERROR, "Give it a name.")
    yield secret(profile, QUICKBOOKS, "quickbooks.password")
    yield _port(given)
    yield from _address(profile)
    yield _interval("run_every_minutes", given.run_every_minutes, "the .qwc file suggests Auto-Run")
    yield _interval("pull_every_minutes", given.pull_every_minutes, "a session with nothing to do pulls")
    yield _wait(given)
    closed = "works" if given.unattended else "need not work"
    yield _check("unattended", f"the Web Connector {closed} while QuickBooks is closed")
    yield _columns(given)
    yield _keep(given)
    yield _counts(given)
    yield _zone(given, mappings)


def _port(given: QuickBooksSettings) -> Check:
    if given.port == 0:
        what = "0 is any free port, and the Web Connector needs to know which"
        return _check("port", what, Verdict.ERROR, "Use e.g. 8585.")
    return _check("port", f"{given.host}:{given.port}")


def _address(profile: Profile) -> Iterator[Check]:
    given = profile.quickbooks
    problems = list(server.address_problems(profile))
    for problem in problems:
        yield _check("address and certificate", problem.what, verdict_of(problem), problem.fix or "")
    if not problems:
        how = "on this computer only" if server.local_only(given.host) else "for others, by https"
        yield _check("address and certificate", f"{given.url}, {how}")


def _interval(name: str, minutes: int, what: str) -> Check:
    if minutes == 0:
        return _check(
            name, f"{what} never", Verdict.WARNING, "Use e.g. 15; somebody must press Update Selected."
        )
    return _check(name, f"{what} every {counted(minutes, 'minute')}")


def _wait(given: QuickBooksSettings) -> Check:
    if given.wait_minutes == 0:
        what = "a pull gives up at once, before the Web Connector can have called"
        return _check("wait_minutes", what, Verdict.WARNING, "Use e.g. 30.")
    return _check("wait_minutes", f"a pull waits {given.wait_minutes:g} minutes for the Web Connector")


def _columns(given: QuickBooksSettings) -> Check:
    what = {"mapped": "those that the mappings use are read", "all": "every one is read"}
    assert set(what) == set(COLUMNS)
    return _check("columns", what[given.columns])


def _keep(given: QuickBooksSettings) -> Check:
    if given.keep_answers_days == 0:
        what = "QuickBooks' answers go as soon as they are loaded: none is left to look at after trouble"
        return _check("keep_answers_days", what, Verdict.WARNING, "Use e.g. 7.")
    return _check("keep_answers_days", f"answers are kept {given.keep_answers_days:g} days")


def _counts(given: QuickBooksSettings) -> Check:
    if not given.prove_counts:
        what = "a pull that misses records is only logged"
        return _check("prove_counts", what, Verdict.WARNING, "Set it to true: then such a pull fails.")
    return _check("prove_counts", "a pull has as many records as QuickBooks counts, or fails")


def _zone(given: QuickBooksSettings, mappings: Iterable[Mapping]) -> Check:
    newest = sorted(
        each.name for mapping in mappings for each in (mapping, mapping.lines) if each and _by_time(each)
    )
    fix = "Write the zone of the QuickBooks machine, e.g. America/New_York."
    if given.time_zone is None:
        if newest:
            what = f"not given, so the winner `newest` of {', '.join(newest)} leaves all to a person"
            return _check("time_zone", what, Verdict.WARNING, fix)
        return _check("time_zone", "not given; only the winner `newest` needs it")
    try:
        ZoneInfo(given.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return _check("time_zone", f"{given.time_zone!r} is no time zone", Verdict.ERROR, fix)
    return _check("time_zone", given.time_zone)


def _by_time(mapping: Mapping) -> bool:
    return Winner.NEWEST in (mapping.winner, *(field.winner for field in mapping.fields))


# --- asked, and kept --------------------------------------------------------------------------------------


def answers(workspace: Workspace, known: Known, *, why_not: str) -> Iterator[Check]:
    """The server (unless it is not to be asked), the pairing, the last session and the last pull."""
    given = workspace.profile.quickbooks
    where = f"{given.host}:{given.port}"
    if why_not:
        yield _check("Web Connector server", why_not, Verdict.UNKNOWN)
    elif server.answers(given):
        yield _check("Web Connector server", f"answers on {where}")
    else:
        fix = "Start it with `workbench up`."
        yield _check("Web Connector server", f"does not answer on {where}", Verdict.ERROR, fix)
    yield from _company(workspace)
    yield from _snapshot(workspace, known.snapshots.get(Side.QUICKBOOKS))


def not_asked() -> Iterator[Check]:
    """The same where settings are wrong."""
    for name in ("Web Connector server", "company file", "qbXML version", "last pull"):
        yield _check(name, "needs the settings above to be valid first", Verdict.UNKNOWN)


def _company(workspace: Workspace) -> Iterator[Check]:
    company = workspace.queue.paired()
    if company is None:
        fix = f"Run `{QWC}`, open the file with the Web Connector and press Update Selected."
        yield _check("company file", "not paired with a company file yet", Verdict.UNKNOWN, fix)
        return
    yield _check("company file", f"paired with {company}")
    if trouble := workspace.queue.trouble():
        fix = "The next session that ends well takes this away; `workbench status` says more."
        yield _check("last session", f"it ended early: {trouble}", Verdict.WARNING, fix)
    else:
        yield _check("last session", "it ended well, or there was none yet")


def _snapshot(workspace: Workspace, snapshot: Snapshot | None) -> Iterator[Check]:
    if snapshot is None:
        for name in ("qbXML version", "last pull"):
            yield _check(name, "nothing was pulled yet", Verdict.UNKNOWN, "Run `workbench pull`.")
        return
    yield _speaks(snapshot)
    yield last_pull(snapshot.ended_at, workspace.profile.quickbooks, datetime.now(UTC))


def _speaks(snapshot: Snapshot) -> Check:
    query = 'SELECT "ProductName", "SupportedQBXMLVersion" FROM quickbooks."Host"'
    try:
        with open_reader([snapshot]) as connection:
            row = connection.execute(query).fetchone()
    except WorkbenchError as error:
        return failed(QUICKBOOKS, "qbXML version", error)
    except duckdb.CatalogException:  # a pull of chosen lists only
        row = None
    return qbxml_version(*(row or (None, None)))


def qbxml_version(product: str | None, versions: str | None) -> Check:
    """Whether QuickBooks speaks the version of our requests; `versions` as it tells them, `12.0;13.0`."""
    name, told = "qbXML version", [each for each in (versions or "").split(";") if each]
    if server.QBXML in told:
        return _check(name, f"{server.QBXML} is spoken by {product}")
    what = f"{product or 'QuickBooks'} speaks {', '.join(told) or 'none that it told'}"
    fix = f"Requests are written in {server.QBXML}: it takes a newer QuickBooks."
    return _check(name, what, Verdict.ERROR if told else Verdict.UNKNOWN, fix)


def last_pull(ended_at: datetime, given: QuickBooksSettings, now: datetime) -> Check:
    """How old the data is."""
    age = now - ended_at
    told = f"{ended_at:%Y-%m-%d %H:%M} UTC, {_long(age)} ago"
    if age > max(STALE, 3 * timedelta(minutes=given.pull_every_minutes)):
        fix = "Run `workbench pull`; does the Web Connector call?"
        return _check("last pull", told, Verdict.WARNING, fix)
    return _check("last pull", told)


def _long(age: timedelta) -> str:
    minutes = max(0, int(age.total_seconds() // 60))
    if minutes < 120:
        return counted(minutes, "minute")
    return counted(minutes // 60, "hour") if minutes < 48 * 60 else counted(minutes // 1440, "day")


def _check(name: str, detail: str, verdict: Verdict = Verdict.VALID, fix: str = "") -> Check:
    return Check(group=QUICKBOOKS, kind="setting", name=name, verdict=verdict, detail=detail, fix=fix)
