"""Commands of the cycle: pull, match, diff, decide, plan, approve, push, history, status."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.text import Text

from workbench.cli.where import add_where, where
from workbench.console import Output, records, table, under
from workbench.errors import UsageProblem
from workbench.model import Side

if TYPE_CHECKING:
    import pandas as pd

    from workbench.bench import Bench
    from workbench.bench.changes import Changes
    from workbench.bench.pushing import DryRun
    from workbench.validate import Report

Add = Callable[..., argparse.ArgumentParser]

CLEAN, FAILED, DIFFERENCES, NOT_FINISHED = 0, 1, 2, 3

MANY = 20
"""Changes that were not applied of which each is listed; of more, those of one reason stand together."""


def add_commands(add: Add) -> None:
    """Add the commands to the parser."""
    command = add("pull", pull, "read both systems into new snapshots")
    command.add_argument("--side", choices=["salesforce", "quickbooks"])
    command.add_argument("--wait", type=float, metavar="MIN", help="minutes to wait for the Web Connector")
    command.add_argument("--full", action="store_true", help="read all of QuickBooks, not what changed")
    command = add("match", match, "find which records are the same")
    command.add_argument("mapping", nargs="?")
    command.add_argument("--close", action="store_true", help="close the first matching: creates are allowed")
    command = add("diff", diff, "compare both sides; exit code 2 when there are differences")
    add_where(command, 'mapping=account-customer or label="Alder Supply"')
    command.add_argument("--as-of", metavar="TIME", help="as it was, e.g. 2026-03-30 or 2026-03-30T16:40Z")
    command = add("decide", decide, "take the decisions written down in a file")
    command.add_argument("file", type=Path)
    command.add_argument("--by", help="who decides (the user of this machine)")
    command = add("plan", plan, "make the change set for the differences")
    command.add_argument("--to", choices=["both", "salesforce", "quickbooks"], default="both")
    command = add(
        "approve", approve, "approve a change set (the newest): all that can be written, or --where"
    )
    command.add_argument("id", nargs="?")
    add_where(command, 'record="Alder Supply" or mapping=account-customer')
    command.add_argument("--by", help="who approves (whose key is here)")
    command.add_argument("--returning", action="store_true", help="also what would be written again")
    command.add_argument(
        "--hours", type=float, default=None, metavar="H", help="how long it may be used (72)"
    )
    command.add_argument(
        "--limit",
        action="append",
        default=[],
        metavar="NAME=MOST",
        help="what the push may do at the most, e.g. changes=100, quickbooks.money=5000; repeatable",
    )
    command = add("push", push, "push an approved change set (the newest); without --execute a dry run")
    command.add_argument("id", nargs="?")
    command.add_argument("--execute", action="store_true", help="really write")
    command.add_argument("--wait", type=float, metavar="MIN", help="minutes to wait for QuickBooks")
    add("history", history, "pulls, change sets, approvals and pushes")
    add("status", status, "what is waiting, and for whom")


def pull(arguments: argparse.Namespace, output: Output) -> int:
    """Pull; exit code 3 when the Web Connector did not come in time."""
    snapshots = _bench(arguments, output).pull(arguments.side, wait=arguments.wait, full=arguments.full)
    data = {each.side: dict(each.counts) for each in snapshots}
    lines = [f"{each.side}: {_counts(each.counts)}  ({each.id})" for each in snapshots]
    output.answer({"pulled": data}, "\n".join(lines))
    return CLEAN


def match(arguments: argparse.Namespace, output: Output) -> int:
    """Match; exit code 3 when candidates need a person."""
    matches = _bench(arguments, output).match(arguments.mapping)
    closed = matches.close(arguments.mapping) if arguments.close else []
    output.answer(
        {"matched": matches.counts, "review": records(matches.review()), "closed": closed},
        table(matches.summary(), "Matches"),
    )
    if len(matches.open) and not output.json:
        output.out.print(table(matches.review(), "To review"))
    return NOT_FINISHED if len(matches.open) else CLEAN


def diff(arguments: argparse.Namespace, output: Output) -> int:
    """Diff; exit code 2 when anything is left to do, whatever rows are shown."""
    from workbench.bench.diff import hint, select

    found = _bench(arguments, output).diff(as_of=arguments.as_of)
    conditions = where(arguments.where)
    chosen = found.table if conditions is None else select(found.table, conditions)
    # The reasons are long; with them every other column breaks its words. They are told below, each once.
    columns = ["mapping", "label", "field", "salesforce", "quickbooks", "difference", "resolution"]
    title = f"{len(found.table):,} differences, {found.remaining:,} not settled"
    if conditions is not None:
        title += f"; {len(chosen):,} shown"
        if chosen.empty and (told := hint(found.table, conditions)):
            output.say(told)
    output.answer(
        {
            "remaining_differences": found.remaining,
            "differences": records(chosen),
            "unread": records(found.unread),
        },
        Group(
            table(chosen[columns], title),
            *([table(_reasons(chosen), "Why", rows=15)] if len(chosen) else []),
        ),
    )
    if len(found.unread) and not output.json:
        output.out.print(table(found.unread, "Left alone: an expression of the mapping fails on these"))
    return DIFFERENCES if found.remaining else CLEAN


def _reasons(differences: pd.DataFrame) -> pd.DataFrame:
    """Each reason once, with how many differences it resolves and how; the most frequent first."""
    counts = (
        differences.groupby(["resolution", "reason"], dropna=False).size().reset_index(name="differences")
    )
    return counts.sort_values(["differences", "resolution"], ascending=[False, True], ignore_index=True)


def decide(arguments: argparse.Namespace, output: Output) -> int:
    """Take decisions from a file."""
    taken = _bench(arguments, output).decide(arguments.file, by=arguments.by)
    output.answer(
        {"decisions": taken.decisions, "closed": list(taken.closed), "left_out": records(taken.left_out)},
        Text(f"{taken}. Match and diff again to see the effect."),
    )
    if len(taken.left_out) and not output.json:
        output.out.print(table(taken.left_out, "Left out"))
    return CLEAN


def plan(arguments: argparse.Namespace, output: Output) -> int:
    """Plan; exit code 2 when there is something to push."""
    from workbench.cli.foretold import tell

    bench = _bench(arguments, output)
    changes = bench.plan(bench.diff(), to=arguments.to)
    proof = changes.convergence
    data = {"id": changes.id, "changes": len(changes.changeset.changes), "held": len(changes.held)}
    data |= {"predicted": changes.predicted, "losses": changes.losses, "convergent": proof.ok}
    data |= {"returning": records(proof.table), "summary": records(changes.summary())}
    output.answer(data, under(str(changes), table(changes.summary())))
    if changes.changeset.changes and not output.json:
        tell(changes, output)
    return DIFFERENCES if changes.changeset.changes else CLEAN


def approve(arguments: argparse.Namespace, output: Output) -> int:
    """Approve what can be written of a change set: all of it, or what the conditions name."""
    from workbench.bench.changes import approver

    bench = _bench(arguments, output)
    approver(bench.workspace, arguments.by)  # an empty name is wrong whatever there is to approve
    changes = bench.changes(arguments.id)
    if not changes.changeset.changes:
        return _nothing(changes, {"approved": 0}, output)
    first = not bench.approvers.names
    conditions = where(arguments.where)
    approval = changes.approve(
        where=conditions or "all",
        by=arguments.by,
        hours=arguments.hours,
        limits=_limits(arguments.limit),
        returning=arguments.returning,
    )
    coming = () if conditions else changes.returning  # what conditions name is meant
    left = [change for change in coming if change.id not in approval.changes]
    data = {"id": changes.id, "approval": approval.id, "approved": len(approval.changes)}
    data |= {"left_out": [change.id for change in left]}
    until = f"{approval.expires_at:%Y-%m-%d %H:%M} UTC"
    count = len(approval.changes)
    shown = (
        f"{approval.approver} approved {count:,} change{'s' * (count != 1)} of {changes.id}, until {until}"
    )
    if along := _along(changes, conditions, approval.changes):
        shown += f"\nnot named, and signed because it goes with them: {'; '.join(along)}"
        data |= {"along": along}
    if left:
        shown += (
            f"\n{len(left):,} left out, because they would be written again; --returning approves them too"
        )
    if first:
        shown += f"\n{bench.approvers.kept(str(approval.key))}"
    output.answer(data | {"key": approval.key, "limits": dict(approval.limits or {})}, Text(shown))
    return CLEAN


def _along(changes: Changes, conditions: dict[str, Any] | None, approved: Sequence[str]) -> list[str]:
    """What was signed beside the changes that conditions name, in words."""
    from workbench.bench.diff import select

    if conditions is None:
        return []
    named = set(select(changes.table, conditions)["change"])
    others = [changes.changeset.by_id[id_] for id_ in approved if id_ not in named]
    return [f"{each.action} {each.object} in {Side(each.side).label}, {each.label}" for each in others]


def _limits(given: Sequence[str]) -> dict[str, str] | None:
    """`changes=100` as a limit; None without any."""
    pairs = [each.partition("=") for each in given]
    if wrong := [name for name, sign, _ in pairs if not sign]:
        raise UsageProblem(f"--limit {wrong[0]} says no number", fix="Write it as NAME=MOST: changes=100.")
    return {name: most for name, _, most in pairs} if pairs else None


def push(arguments: argparse.Namespace, output: Output) -> int:
    """Push or show what would be pushed; a push that was interrupted goes on."""
    bench = _bench(arguments, output)
    changes = bench.changes(arguments.id)
    if not arguments.execute:
        from workbench.validate import validate_for_push

        return _dry_run(bench.preview(changes), validate_for_push(bench.workspace), output)
    if not changes.changeset.changes:
        return _nothing(changes, {"pushed": {}}, output)
    result = bench.execute(changes, wait=arguments.wait)
    trouble = result.table[~result.table["outcome"].isin(["applied"])]
    data = {"id": changes.id, "pushed": dict(result.counts), "stopped": result.stopped}
    output.answer(data, Text(result.summary()))
    if len(trouble) and not output.json:
        output.out.print(table(_not_applied(trouble), "Not applied"))
    if not result.finished or (result.counts.get("stale") and not result.stopped):
        return NOT_FINISHED
    if result.counts.get("failed"):
        return FAILED
    return NOT_FINISHED if result.stopped else CLEAN


def _not_applied(trouble: pd.DataFrame) -> pd.DataFrame:
    """What a person must look at first, and each reason of many changes once, with how many they are."""
    order = {state: place for place, state in enumerate(("failed", "unknown", "stale", "waiting", "skipped"))}
    shown = trouble.sort_values("outcome", key=lambda column: column.map(order), kind="stable")
    columns = ["outcome", "side", "object", "label", "detail"]
    if len(shown) <= MANY:
        return shown[columns]
    return shown.groupby(["outcome", "detail"], sort=False, as_index=False).agg(_all_or_count)[columns]


def _all_or_count(values: pd.Series) -> str:
    """The one value of several rows, or how many there are."""
    found = values.unique()
    return str(found[0]) if len(found) == 1 else f"{len(found):,} of them"


def history(arguments: argparse.Namespace, output: Output) -> int:
    """Show what was."""
    frame = _bench(arguments, output).history()
    output.answer({"history": records(frame)}, table(frame))
    return CLEAN


def status(arguments: argparse.Namespace, output: Output) -> int:
    """Show what is waiting; exit code 3 when something is."""
    report = _bench(arguments, output).status()
    output.answer(report.data, report.text)
    return NOT_FINISHED if report.waiting else CLEAN


def _nothing(changes: Changes, data: dict[str, Any], output: Output) -> int:
    """Both sides agreed when this was planned: a nightly script goes on."""
    output.answer({"id": changes.id} | data, f"{changes.id} holds no change: there is nothing to do")
    return CLEAN


def _dry_run(result: DryRun, report: Report, output: Output) -> int:
    answer = {"id": result.changeset, "requests": records(result.table), "valid": report.valid}
    output.answer(answer, result.summary())
    if not report.valid:
        output.say(
            "With --execute this would be refused: Validate Process finds errors; see `workbench check`."
        )
    for request in result.requests if not output.json else ():
        canary = " (canary)" if request.canary else ""
        head = f"\n{request.side}: {request.action} {request.object} {request.label}{canary}"
        output.out.print(head, markup=False)
        output.out.print(request.text, markup=False)
    return CLEAN


def _bench(arguments: argparse.Namespace, output: Output) -> Bench:
    # Brings in pandas, which commands that only serve or set things up can do without.
    from workbench.bench import open as open_bench

    return open_bench(arguments.profile, output.say)


def _counts(counts: Any) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())
