"""The Salesforce parts of a schema plan as a metadata package that an administrator deploys.

Metadata format: `package.xml`, `objects/<Object>.object` with nothing but the new fields, and a permission
set that grants them.  Sources: Metadata API Developer Guide, CustomObject, CustomField and PermissionSet
(developer.salesforce.com/docs/platform/api-metadata/references/meta-types/); Migration Guide, "Constructing a
Project Manifest".  Elements stand in the order of the Metadata API's WSDL, which is that of their names with
`fullName` first.  Not deployed to a real org yet (unverified).

The same plan gives the same bytes.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from workbench.errors import WorkbenchError
from workbench.schemaplan.model import Item, Kind
from workbench.schemaplan.readme import readme

API_VERSION = "62.0"
NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
PERMISSION_SET = "QuickBooks_Workbench"
FOLDER = "metadata"
"""Within the package: what is deployed; the README stands beside it."""

_EARLY = (1980, 1, 1, 0, 0, 0)  # the earliest time a ZIP can hold: no clock in the bytes

Tree = list[tuple[str, Any]]
"""Elements in order: name and text, number, flag or their own elements."""


def package_files(items: Iterable[Item], *, plan: str, profile: str, approver: str) -> dict[str, str]:
    """Text by path of all files of the package.

    Raises:
        WorkbenchError: None of the items is for Salesforce.
    """
    mine = [item for item in items if item.kind in (Kind.OBJECT, Kind.FIELD)]
    if not mine:
        raise WorkbenchError("nothing of the schema plan is for Salesforce", where=plan)
    told = readme(mine, plan=plan, profile=profile, approver=approver, permission_set=PERMISSION_SET)
    files = {"README.md": told}
    files[f"{FOLDER}/package.xml"] = _document("Package", _manifest(mine))
    for name in sorted({item.object for item in mine}):
        files[f"{FOLDER}/objects/{name}.object"] = _document("CustomObject", _object(name, mine))
    path = f"{FOLDER}/permissionsets/{PERMISSION_SET}.permissionset"
    files[path] = _document("PermissionSet", _permissions(mine))
    return files


def write_package(files: Mapping[str, str], target: Path) -> None:
    """Write the files into a new or empty folder, or into a new `.zip` file.

    Raises:
        WorkbenchError: There is something already: it may hold what somebody has added by hand.
    """
    if target.suffix.lower() == ".zip":
        if target.exists():
            raise _there(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(target, "x", zipfile.ZIP_DEFLATED) as archive:
            for name, text in files.items():
                info = zipfile.ZipInfo(name, _EARLY)
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, text.encode())
        return
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise _there(target)
    for name, text in files.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


def _there(target: Path) -> WorkbenchError:
    return WorkbenchError(
        "there is something already, and it is not written over",
        where=str(target),
        fix="Name another folder or .zip file with -o.",
    )


# --- the documents -----------------------------------------------------------------------------------


def _manifest(items: list[Item]) -> Tree:
    objects = sorted(item.name for item in items if item.kind is Kind.OBJECT)
    fields = sorted(f"{item.object}.{item.name}" for item in items if item.kind is Kind.FIELD)
    types = {"CustomField": fields, "CustomObject": objects, "PermissionSet": [PERMISSION_SET]}
    listed: Tree = [
        ("types", [*(("members", each) for each in members), ("name", name)])
        for name, members in types.items()
        if members
    ]
    return [*listed, ("version", API_VERSION)]


def _object(name: str, items: list[Item]) -> Tree:
    mine = sorted((item for item in items if item.object == name), key=lambda item: item.name)
    fields: Tree = [("fields", _field(item)) for item in mine if item.kind is Kind.FIELD]
    new = next((item for item in mine if item.kind is Kind.OBJECT), None)
    return fields if new is None else _in_order([*fields, *_new_object(new)])


def _new_object(item: Item) -> Tree:
    return [
        ("deploymentStatus", "Deployed"),
        ("description", _described(item)),
        ("enableActivities", False),
        ("enableBulkApi", True),
        ("enableReports", True),
        ("enableSearch", True),
        ("enableSharing", True),
        ("enableStreamingApi", True),
        ("label", item.details["label"]),
        ("nameField", [("label", item.details["nameField"]), ("type", "Text")]),
        ("pluralLabel", item.details["pluralLabel"]),
        ("sharingModel", "ReadWrite"),
    ]


def _field(item: Item) -> Tree:
    details = dict(item.details)
    values = details.pop("values", None)
    made: Tree = [*details.items(), ("description", _described(item))]
    if details["type"] == "Picklist":
        made.append(("valueSet", _value_set(values or ())))
    if details["type"] not in ("Checkbox", "MasterDetail"):
        made.append(("required", False))
    return [("fullName", item.name), *_in_order(made)]


def _value_set(values: Iterable[str]) -> Tree:
    """Not restricted: QuickBooks may know a value that nobody has thought of."""
    listed: Tree = [("value", [("fullName", each), ("default", False), ("label", each)]) for each in values]
    return [("restricted", False), ("valueSetDefinition", [("sorted", False), *listed])]


def _permissions(items: list[Item]) -> Tree:
    """Required fields and new objects' names need no grant; nothing is granted to delete."""
    fields = sorted(f"{item.object}.{item.name}" for item in items if item.kind is Kind.FIELD)
    objects = sorted(item.name for item in items if item.kind is Kind.OBJECT)
    return [
        ("description", "Reads and writes what QuickBooks Workbench keeps in Salesforce."),
        *(("fieldPermissions", [("editable", True), ("field", each), ("readable", True)]) for each in fields),
        ("hasActivationRequired", False),
        ("label", "QuickBooks Workbench"),
        *(("objectPermissions", _on_object(each)) for each in objects),
    ]


def _on_object(name: str) -> Tree:
    return [
        ("allowCreate", True),
        ("allowDelete", False),
        ("allowEdit", True),
        ("allowRead", True),
        ("modifyAllRecords", False),
        ("object", name),
        ("viewAllRecords", False),
    ]


def _described(item: Item) -> str:
    wanted = ", ".join(dict.fromkeys(reason.mapping for reason in item.reasons))
    return f"Wanted by QuickBooks Workbench: {wanted}"[:1000]


def _in_order(tree: Tree) -> Tree:
    return sorted(tree, key=lambda pair: pair[0])


def _document(root: str, tree: Tree) -> str:
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<{root} xmlns="{NAMESPACE}">']
    return "\n".join([*lines, *_lines(tree, 1), f"</{root}>", ""])


def _lines(tree: Tree, depth: int) -> Iterable[str]:
    space = "    " * depth
    for name, value in tree:
        if isinstance(value, list):
            yield f"{space}<{name}>"
            yield from _lines(value, depth + 1)
            yield f"{space}</{name}>"
        else:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            yield f"{space}<{name}>{escape(text)}</{name}>"
