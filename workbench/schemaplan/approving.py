"""Approve a schema plan: the one that was shown, and only while it is still the same.

Kept and signed like the approvals of change sets: one signature over the plan's content and the ids of the
approved items, by name, with an expiry.  A plan has no author, since it follows from mappings and systems
alone.  The newest approval counts alone.  An item's id follows from what would be
made, so that the approval still holds for what is left to do after a pull, and not for a field that is now
wanted otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from workbench.approval import (
    VALID_HOURS,
    Approval,
    approve,
    approvers,
    check_content,
    check_signature,
    expired,
    latest_approval,
)
from workbench.errors import ApprovalError, UsageProblem
from workbench.ledger import load_schema_plan, record, save_schema_plan, schema_plans
from workbench.schemaplan.model import Item, SchemaPlan, read_plan
from workbench.store import Store
from workbench.workspace import Workspace

LOOK = "Look at it with `workbench schema plan`, and approve it with `workbench schema approve --by NAME`."


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """A valid approval, with the plan that it is about."""

    approval: Approval
    plan: SchemaPlan

    def __contains__(self, item: Item) -> bool:
        return item.id in self.approval.changes


def show(store: Store, plan: SchemaPlan, by: str) -> None:
    """Keep a plan that a person looks at: only what was shown can be approved."""
    save_schema_plan(store, id_=plan.id, content_hash=plan.content_hash, content=plan.content, by=by)


def approve_plan(
    workspace: Workspace,
    plan: SchemaPlan,
    *,
    by: str,
    only: Iterable[str] = (),
    hours: float = VALID_HOURS,
) -> Approval:
    """Sign an approval of a plan's items, or of some with what they need.

    Args:
        plan: As it is now; it must be the one that was shown last.
        only: Ids or names of items.

    Raises:
        ApprovalError: Never shown, changed since, empty, an item is held, or `by` may not approve.
        UsageProblem: There is no such item.
    """
    store = workspace.store
    need_same(read_plan(load_schema_plan(store)["content"]), plan)
    chosen = _chosen(plan, list(only))
    approval = approve(
        store,
        workspace.own_keys,
        changeset=plan.id,
        content_hash=plan.content_hash,
        changes=[item.id for item in chosen],
        by=by,
        hours=hours,
        does={"changes": len(chosen), "creates": len(chosen)},
    )
    detail = {"approval": approval.id, "changes": len(approval.changes)}
    record(store, who=approval.approver, event="approve schema", subject=plan.id, detail=detail)
    return approval


def need_same(shown: SchemaPlan, now: SchemaPlan) -> None:
    """Raise an `ApprovalError` unless the plan that was shown is the plan of now."""
    if shown.id != now.id:
        was, is_ = {item.label for item in shown.items}, {item.label for item in now.items}
        raise ApprovalError(
            "the schema plan has changed since it was shown",
            where=now.profile,
            values={
                "shown": f"{shown.id} {_only(was - is_)}".rstrip(),
                "now": f"{now.id} {_only(is_ - was) or ('' if was - is_ else 'for other reasons')}".rstrip(),
            },
            fix="Look at it again: `workbench schema plan`.",
        )


def _only(labels: Iterable[str]) -> str:
    listed = ", ".join(sorted(labels)[:5])
    return f"with {listed}" if listed else ""


def _chosen(plan: SchemaPlan, only: list[str]) -> tuple[Item, ...]:
    if not plan.items:
        raise ApprovalError("the schema plan is empty: nothing is to be made", where=plan.id)
    if not only:
        if not plan.approvable:
            raise ApprovalError(f"nothing of it can be made:\n{_reasons(plan.items)}", where=plan.id)
        return plan.approvable
    named = {each: [item for item in plan.items if _is(item, each)] for each in only}
    unknown = [each for each, items in named.items() if not items]
    if unknown:
        raise UsageProblem(
            f"the schema plan has no item {', '.join(unknown)}",
            fix="Name them as `workbench schema plan` does, by id or by name.",
        )
    ids = plan.with_parents(item.id for items in named.values() for item in items)
    chosen = tuple(plan.by_id[id_] for id_ in ids)
    held = [item for item in chosen if item.hold]
    if held:
        raise ApprovalError(f"some of it cannot be made:\n{_reasons(held)}", where=plan.id)
    return chosen


def _is(item: Item, text: str) -> bool:
    names = {item.id, item.name, f"{item.object}.{item.name}"}
    return text.casefold() in {name.casefold() for name in names}


def _reasons(items: Iterable[Item]) -> str:
    return "\n".join(f"  {item.label}: {item.hold}" for item in items if item.hold)


def newest_approval(store: Store) -> Approved | None:
    """The approval that counts, expired or not; None when nobody has approved any plan.

    Raises:
        ApprovalError: What the store holds is not what was approved.
    """
    found = [each for id_ in schema_plans(store) if (each := latest_approval(store, id_))]
    if not found:
        return None
    return approved_plan(store, max(found, key=lambda each: each.approved_at).changeset)


def approved_plan(store: Store, id_: str) -> Approved:
    """The newest approval of a plan, with the plan.

    Raises:
        ApprovalError: What the store holds is not what was approved.
    """
    plan = read_plan(load_schema_plan(store, id_)["content"])
    approval = check_content(latest_approval(store, id_), changeset=id_, content_hash=plan.content_hash)
    return Approved(approval=approval, plan=plan)


def need_signature(workspace: Workspace, approved: Approved) -> None:
    """Refuse an approval that an approver of now has not signed.

    Raises:
        ApprovalError: It is not signed, by nobody who may, or not what was signed.
    """
    check_signature(approved.approval, approvers(workspace.store, workspace.own_keys))


def need_approval(workspace: Workspace, plan: SchemaPlan) -> Approved:
    """The approval by which items of today's plan may be made.

    Raises:
        ApprovalError: Nobody has approved it, nobody who may has signed it, it expired, or an approved
            item is now wanted otherwise.
    """
    found = newest_approval(workspace.store)
    if found is None:
        raise ApprovalError("nobody has approved this schema plan", where=plan.id, fix=LOOK)
    need_signature(workspace, found)
    if expired(found.approval):
        raise ApprovalError(
            f"the approval expired on {found.approval.expires_at:%Y-%m-%d %H:%M} UTC",
            where=found.plan.id,
            fix=LOOK,
        )
    now_wanted = {item.key: item for item in plan.items}
    for item in found.plan.items:
        today = now_wanted.get(item.key)
        if item in found and today is not None and today.id != item.id:
            raise ApprovalError(
                "what was approved is not what is wanted now: nothing was sent",
                where=plan.id,
                values={"approved": item.label, "now": today.label},
                fix=LOOK,
            )
    return found
