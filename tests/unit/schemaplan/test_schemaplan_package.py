"""The metadata package: what is in it, in which order, and that it is written over nothing.

The elements and their order are those of the Metadata API's WSDL (CustomField, CustomObject, PermissionSet).
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.unit.schemaplan.plan_world import planned, text
from workbench.errors import WorkbenchError
from workbench.schemaplan import SchemaPlan, package_files, write_package

NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
FIELD = (
    "caseSensitive defaultValue deleteConstraint description externalId label length precision referenceTo "
    "relationshipLabel relationshipName required scale type unique valueSet visibleLines"
)
OBJECT = (
    "deploymentStatus description enableActivities enableBulkApi enableReports enableSearch enableSharing "
    "enableStreamingApi fields label nameField pluralLabel sharingModel"
)
PERMISSIONS = "description fieldPermissions hasActivationRequired label objectPermissions"
ACCESS = "allowCreate allowDelete allowEdit allowRead modifyAllRecords object viewAllRecords"

ID = "qb: {salesforce: QuickBooks_Id__c, quickbooks: ListID, type: id, direction: to_salesforce}"
RECEIVABLES = text(
    "qb: {salesforce: QuickBooks_Id__c, quickbooks: TxnID, type: id, direction: to_salesforce}",
    "account:",
    "  {salesforce: Account__c, quickbooks: CustomerRef_ListID, type: reference, reference: customers}",
    "amount: {salesforce: Amount__c, quickbooks: Subtotal, type: money, direction: to_salesforce}",
    "memo: {salesforce: Memo__c, quickbooks: Memo}",
    "paid: {salesforce: Paid__c, quickbooks: IsPaid, type: boolean, direction: to_salesforce}",
    name="receivables", salesforce="Receivable__c", quickbooks="Invoice", label="RefNumber",
    defaults="salesforce: {Status__c: 'Open & due'}",
)  # fmt: skip


def made() -> SchemaPlan:
    return planned(text(ID), RECEIVABLES)


def files(plan: SchemaPlan | None = None) -> dict[str, str]:
    plan = plan or made()
    return package_files(plan.items, plan=plan.id, profile="books", approver="maria")


def tree(name: str) -> ElementTree.Element:
    return ElementTree.fromstring(files()[f"metadata/{name}"])


def tags(element: ElementTree.Element) -> list[str]:
    return [child.tag.removeprefix(NAMESPACE) for child in element]


def texts(element: ElementTree.Element, path: str) -> list[str]:
    steps = "/".join(f"{NAMESPACE}{step}" for step in path.split("/"))
    return [str(each.text) for each in element.findall(steps)]


def test_the_manifest_names_what_is_in_the_folder() -> None:
    root = tree("package.xml")
    assert root.tag == f"{NAMESPACE}Package"
    listed = {texts(each, "name")[0]: texts(each, "members") for each in root.findall(f"{NAMESPACE}types")}
    assert listed["CustomObject"] == ["Receivable__c"]
    assert listed["PermissionSet"] == ["QuickBooks_Workbench"]
    written = [
        f"{Path(name).stem}.{field}"
        for name in sorted(files())
        if name.endswith(".object")
        for field in texts(ElementTree.fromstring(files()[name]), "fields/fullName")
    ]
    assert sorted(written) == listed["CustomField"]
    assert len(written) == 7
    assert tags(root)[-1] == "version"


def test_elements_stand_in_the_order_of_the_wsdl() -> None:
    for name in ("objects/Account.object", "objects/Receivable__c.object"):
        root = tree(name)
        assert _in(tags(root), OBJECT), name
        for field in root.findall(f"{NAMESPACE}fields"):
            first, *rest = tags(field)
            assert first == "fullName"
            assert _in(rest, FIELD), ElementTree.tostring(field)
    permissions = tree("permissionsets/QuickBooks_Workbench.permissionset")
    assert _in(tags(permissions), PERMISSIONS)
    for each in permissions.findall(f"{NAMESPACE}objectPermissions"):
        assert " ".join(tags(each)) == ACCESS


def _in(found: list[str], order: str) -> bool:
    places = [order.split().index(tag) for tag in found]
    return places == sorted(places)


def test_a_standard_object_brings_only_its_new_fields() -> None:
    root = tree("objects/Account.object")
    assert set(tags(root)) == {"fields"}
    (field,) = root
    values = {child.tag.removeprefix(NAMESPACE): child.text for child in field}
    assert values | {"description": ""} == {
        "fullName": "QuickBooks_Id__c", "label": "QuickBooks Id", "type": "Text", "length": "36",
        "unique": "true", "caseSensitive": "true", "externalId": "true", "required": "false",
        "description": "",
    }  # fmt: skip


#  field              element         text
FIELDS = [
    ("Account__c",    "type",         "Lookup"),
    ("Account__c",    "referenceTo",  "Account"),
    ("Account__c",    "relationshipName", "Receivables"),
    ("Account__c",    "deleteConstraint", "SetNull"),
    ("Amount__c",     "type",         "Currency"),
    ("Amount__c",     "precision",    "18"),
    ("Amount__c",     "scale",        "2"),
    ("Memo__c",       "type",         "LongTextArea"),
    ("Memo__c",       "visibleLines", "3"),
    ("Paid__c",       "type",         "Checkbox"),
    ("Paid__c",       "defaultValue", "false"),
    ("Status__c",     "type",         "Picklist"),
    ("Status__c",     "valueSet/valueSetDefinition/value/fullName", "Open & due"),
    ("Status__c",     "valueSet/restricted", "false"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "element", "expected"), FIELDS)
def test_fields_of_a_new_object(field: str, element: str, expected: str) -> None:
    root = tree("objects/Receivable__c.object")
    (found,) = [each for each in root if texts(each, "fullName") == [field]]
    assert texts(found, element) == [expected]


def test_a_checkbox_is_not_said_to_be_optional() -> None:
    root = tree("objects/Receivable__c.object")
    (paid,) = [each for each in root if texts(each, "fullName") == ["Paid__c"]]
    assert "required" not in tags(paid)


def test_every_field_is_granted_and_nothing_may_be_deleted() -> None:
    root = tree("permissionsets/QuickBooks_Workbench.permissionset")
    manifest = tree("package.xml").findall(f"{NAMESPACE}types")[0]
    assert texts(root, "fieldPermissions/field") == texts(manifest, "members")
    assert set(texts(root, "fieldPermissions/editable")) == {"true"}
    assert texts(root, "objectPermissions/object") == ["Receivable__c"]
    assert texts(root, "objectPermissions/allowDelete") == ["false"]


def test_the_readme_names_each_field_with_its_reason_and_both_ways() -> None:
    told = files()["README.md"]
    for item in made().items:
        assert f"`{item.object}.{item.name}`" in told or f"`{item.name}`" in told
        assert item.reasons[0].without in told
    words = (
        "sf project deploy start --metadata-dir", "--dry-run", "Object Manager > Account", "(unverified)",
        "approved by maria", "Permission Sets > New",
    )  # fmt: skip
    for word in words:
        assert word in told
    assert "QuickBooks_Workbench" in told


def test_the_same_plan_gives_the_same_bytes(tmp_path: Path) -> None:
    assert files() == files()
    for name in ("a.zip", "b.zip"):
        write_package(files(), tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.namelist() == list(files())
        assert archive.read("metadata/package.xml").decode() == files()["metadata/package.xml"]


def test_it_is_written_over_nothing(tmp_path: Path) -> None:
    write_package(files(), tmp_path / "new")
    assert (tmp_path / "new" / "metadata" / "objects" / "Account.object").is_file()
    (tmp_path / "empty").mkdir()
    write_package(files(), tmp_path / "empty")
    (tmp_path / "there.zip").write_text("mine")
    for name in ("new", "there.zip"):
        with pytest.raises(WorkbenchError, match="not written over"):
            write_package(files(), tmp_path / name)
    assert (tmp_path / "there.zip").read_text() == "mine"


def test_nothing_for_salesforce_is_said() -> None:
    plan = planned(text("region: {salesforce: Site, quickbooks: Custom_Region}"))
    with pytest.raises(WorkbenchError, match="nothing of the schema plan is for Salesforce"):
        files(plan)
