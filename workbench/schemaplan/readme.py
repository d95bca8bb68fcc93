"""The README of a metadata package: what is in it, and two ways to bring it into an org."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workbench.schemaplan.model import Item, Kind, shown_type
from workbench.schemaplan.salesforce import label_of
from workbench.schemaplan.shown import losses, uses

TEXT = """\
# Fields for {profile}

Schema plan `{plan}`, approved by {approver}. The table says what is wanted; the list below it
says for what, and what is lost without it. The workbench does its work without the rows marked
"no": links are kept in its crosswalk. Deploy
all of it, a part of it, or nothing.

The steps below follow Salesforce's documentation and have not been tried on a real org yet (unverified).
Try them in a sandbox first.

| what | type | needed |
|---|---|---|
{rows}

{reasons}

## With the Salesforce CLI

1. Install it ("Salesforce CLI" on developer.salesforce.com), and log in: `sf org login web --alias books`.
2. The CLI wants to be run within a project: `sf project generate --name books`, and go into its folder.
3. Check without changing anything; DIR is where this README is:
   `sf project deploy start --metadata-dir DIR/metadata --target-org books --dry-run`
4. Deploy: the same command without `--dry-run`.
5. Give the permission set `{permission_set}` to the user that the workbench logs in as:
   `sf org assign permset --name {permission_set} --target-org books --on-behalf-of USER`

## By hand, in Setup

{clicks}
{last}. Permission Sets > New: label "QuickBooks Workbench". In it, Object Settings > each object above >
    Edit: tick Read and Edit for the fields. Then Manage Assignments > Add: the workbench's user.

## Afterwards

Pull Salesforce again (`workbench pull --side salesforce`); `workbench schema plan` then lists what is left.
To take it all back: remove the permission set, then delete the fields in Object Manager.
"""

# As Object Manager calls them.
_LABELS = {"Product2": "Product", "OpportunityLineItem": "Opportunity Product", "Pricebook2": "Price Book"}


def readme(items: Sequence[Item], *, plan: str, profile: str, approver: str, permission_set: str) -> str:
    """The text for the Salesforce items of a plan."""
    steps = list(_clicks(items))
    return TEXT.format(
        profile=profile,
        plan=plan,
        approver=approver,
        permission_set=permission_set,
        rows="\n".join(_row(item) for item in items),
        reasons="\n\n".join("\n".join(_reasons(item)) for item in items),
        clicks="\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1)),
        last=len(steps) + 1,
    )


def _what(item: Item) -> str:
    return item.name if item.kind is Kind.OBJECT else f"{item.object}.{item.name}"


def _row(item: Item) -> str:
    kind = "custom object" if item.kind is Kind.OBJECT else shown_type(item.details)
    needed = "no" if item.optional else "yes"
    return f"| `{_what(item)}` | {_cell(kind)} | {needed} |"


def _reasons(item: Item) -> Iterable[str]:
    yield f"`{_what(item)}`"
    yield ""
    yield from (f"- for {each}" for each in uses(item))
    yield from (f"- without it: {each}" for each in losses(item))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _clicks(items: Iterable[Item]) -> Iterable[str]:
    for item in items:
        if item.kind is Kind.OBJECT:
            label = item.details["label"]
            yield (
                f'Object Manager > Create > Custom Object: label "{label}", object name '
                f'"{item.name.removesuffix("__c")}", record name "{item.details["nameField"]}" (Text). Save.'
            )
        else:
            yield _new_field(item)


def _new_field(item: Item) -> str:
    """The words of the wizard's first two pages."""
    details = item.details
    place = _LABELS.get(item.object, label_of(item.object))
    also = [word for name, word in (("unique", "Unique"), ("externalId", "External ID")) if details.get(name)]
    also += ["Case sensitive"] if details.get("caseSensitive") else []
    size = f", length {details['length']}" if details.get("length") else ""
    if details.get("precision"):
        size = f", length {details['precision'] - details['scale']}, decimal places {details['scale']}"
    if details.get("referenceTo"):
        size = f" to {details['referenceTo']}"
    if "defaultValue" in details:
        size = f", default {'checked' if details['defaultValue'] else 'unchecked'}"
    ticked = f"; tick {', '.join(also)}" if also else ""
    values = f"; values {', '.join(details['values'])}" if details.get("values") else ""
    return (
        f"Object Manager > {place} > Fields & Relationships > New: {details['type']}{size}, "
        f'label "{details["label"]}", field name "{item.name.removesuffix("__c")}"{ticked}{values}. Save.'
    )
