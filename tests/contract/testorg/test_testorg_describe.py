"""Describe answers: the keys and types of recorded ones, and the org doing what its describe says."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest
from simple_salesforce import metadata
from testorg_client import Running

import workbench.testorg
from tests.oracles import oracle
from tests.source_tree import tree
from workbench.testorg.currencies import with_currencies
from workbench.testorg.describe import describe_global, describe_object
from workbench.testorg.objects import CUSTOM, STANDARD

pytestmark = pytest.mark.filterwarnings("error")
SOURCE = Path(workbench.testorg.__file__).parent
Json = dict[str, Any]


def ours(name: str) -> Json:
    return describe_object(STANDARD, STANDARD.by_name[name.lower()], "64.0", "http://127.0.0.1")


def recorded(name: str) -> Json:
    found: Json = json.loads(oracle(f"salesforce/cumulusci_{name}_describe.json").read_text())
    return found


RECORDED = ["Account", "Contact", "Opportunity"]
# Recorded at API 48, before these keys were added; the other two recordings have them.
LATER_KEYS = {"associateEntityType", "associateParentEntity", "sobjectDescribeOption"}


@pytest.mark.oracle
@pytest.mark.parametrize("name", RECORDED)
def test_object_keys_and_types(name: str) -> None:
    real, mine = recorded(name), ours(name)
    assert set(mine) == set(real) | LATER_KEYS
    assert {k: type(mine[k]) for k in real} == {k: type(v) for k, v in real.items()}
    assert {k for c in mine["childRelationships"] for k in c} == set(real["childRelationships"][0])
    assert set(mine["recordTypeInfos"][0]) == set(real["recordTypeInfos"][0])
    assert set(mine["supportedScopes"][0]) == set(real["supportedScopes"][0])
    assert set(mine["urls"]) <= set(real["urls"])


@pytest.mark.oracle
def test_field_keys_and_types() -> None:
    """Each key of a field has a JSON type that some recorded field has for it."""
    types: dict[str, set[type]] = {}
    for field in (f for name in RECORDED for f in recorded(name)["fields"]):
        for key, value in field.items():
            types.setdefault(key, set()).add(type(value))
    everything = with_currencies(STANDARD.with_objects(CUSTOM), ["EUR", "USD"])
    for name in (o.name for o in everything.objects):
        described: Json = describe_object(
            everything, everything.by_name[name.lower()], "64.0", "http://127.0.0.1"
        )
        for field in described["fields"]:
            assert set(field) == set(types), (name, field["name"])
            wrong = {k: v for k, v in field.items() if type(v) not in types[k]}
            assert not wrong, (name, field["name"], wrong)
            assert all(set(v) == PICKLIST_KEYS for v in field["picklistValues"])


PICKLIST_KEYS = {"active", "defaultValue", "label", "validFor", "value"}


@pytest.mark.oracle
@pytest.mark.parametrize("name", RECORDED)
def test_shared_fields_agree_in_everything(name: str) -> None:
    real = {f["name"]: f for f in recorded(name)["fields"]}
    shared = [f for f in ours(name)["fields"] if f["name"] in real]
    assert len(shared) >= 34
    differences = {
        (field["name"], key): (real[field["name"]][key], value)
        for field in shared
        for key, value in field.items()
        if real[field["name"]][key] != value and (field["name"], key) not in LABELS_DIFFER
    }
    assert differences == {}


# The API values agree; the labels of this picklist aren't kept here.
LABELS_DIFFER = {("ForecastCategory", "picklistValues")}


@pytest.mark.oracle
@pytest.mark.parametrize("name", RECORDED)
def test_required_on_create_is_what_was_recorded(name: str) -> None:
    def required(describe: Json) -> list[str]:
        fields = describe["fields"]
        return [
            f["name"] for f in fields if f["createable"] and not f["nillable"] and not f["defaultedOnCreate"]
        ]

    assert required(ours(name)) == required(recorded(name))


@pytest.mark.oracle
def test_global_describe() -> None:
    real = json.loads(oracle("salesforce/cumulusci_Global_describe.json").read_text())
    mine: Json = describe_global(STANDARD, "64.0")
    assert set(mine) == set(real)
    assert set(mine["sobjects"][0]) == set(real["sobjects"][0])


@pytest.mark.oracle
def test_field_names_and_types_are_those_of_the_wsdl() -> None:
    """Standard fields exist in the enterprise WSDL with the same XSD type (API 40; later ones are named)."""
    later = {"StockKeepingUnit", "LastStageChangeDate", "TimeZoneSidKey"}
    wsdl: dict[str, dict[str, str]] = {}
    for line in oracle("salesforce/enterprise_wsdl_v40_fields.txt").read_text().splitlines():
        if line.startswith("## "):
            fields = wsdl.setdefault(line[3:], {})
        elif "\t" in line and not line.startswith("#"):
            name, _, xsd = line.partition("\t")
            fields[name] = xsd
    same = {"urn:address": "tns:address", "tns:ID": "tns:ID"}
    assert {o.name for o in STANDARD.objects} - set(wsdl) == {"Group", "Task"}  # the oracle hasn't them
    for obj in (o for o in STANDARD.objects if o.name in wsdl):
        for field in ours(obj.name)["fields"]:
            if field["custom"] or field["name"] in later or field["name"] == "Id":
                continue
            soap = field["soapType"]
            assert wsdl[obj.name].get(field["name"]) == same.get(soap, soap), (obj.name, field["name"])


def error_codes() -> set[str]:
    """Every code the org can answer with: the first argument of each OrgError in its source."""
    codes = set()
    for file in SOURCE.glob("*.py"):
        for node in ast.walk(tree(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "OrgError":
                codes.add(ast.literal_eval(node.args[0]) if isinstance(node.args[0], ast.Constant) else "")
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "_refuse":
                codes |= {a.value for a in node.args[1:2] if isinstance(a, ast.Constant)}
    return codes - {""}


# The Bulk API has an enum of its own, which no oracle lists; it writes these names in REST's capitals.
BULK_CODES = {"INVALIDENTITY", "INVALIDJOB", "INVALIDJOBSTATE", "InvalidBatch"}


@pytest.mark.oracle
def test_error_codes_are_real() -> None:
    """In the enums of the WSDLs: the partner WSDL's, and the newer metadata WSDL's of simple-salesforce."""
    known: set[str] = set()
    for kind in ("ExceptionCode", "StatusCode"):
        known |= set(oracle(f"salesforce/partner_wsdl_{kind}.txt").read_text().split())
    wsdl = Path(metadata.__file__).with_name("metadata.wsdl").read_text()
    known |= set(re.findall(r'<xsd:enumeration value="([A-Z_]+)"', wsdl))
    assert len(error_codes()) > 30
    assert error_codes() - BULK_CODES <= known
    assert not BULK_CODES & known, "an oracle lists them by now: take them out of the exceptions"


def test_it_imports_nothing_of_workbench() -> None:
    for file in SOURCE.glob("*.py"):
        for node in ast.walk(tree(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert not any(a.name.startswith(("workbench", "qbwc")) for a in node.names), file.name
            if isinstance(node, ast.ImportFrom):
                assert node.level <= 1, file.name
                assert not (node.module or "").startswith(("workbench", "qbwc")), file.name


def test_describe_over_the_wire(running: Running) -> None:
    client = running.client()
    listed = client.describe()
    assert listed is not None
    names = [o["name"] for o in listed["sobjects"]]
    assert {"Account", "Contact", "Product2", "Pricebook2", "PricebookEntry", "Opportunity"} <= set(names)
    for name in names:
        described = getattr(client, name).describe()
        assert described["name"] == name
        assert described["fields"][0]["name"] == "Id"
        assert getattr(client, name).metadata()["objectDescribe"]["keyPrefix"] == described["keyPrefix"]


def test_every_field_of_every_describe_can_be_queried(running: Running) -> None:
    for obj in STANDARD.objects:
        fields = ", ".join(f.name for f in obj.fields)
        running.org.query(f"SELECT {fields} FROM {obj.name}")


def test_describe_not_modified(running: Running) -> None:
    first = running.call("GET", "sobjects/Account/describe")
    again = running.call(
        "GET",
        "sobjects/Account/describe",
        headers={"If-Modified-Since": first.headers["Last-Modified"]},
    )
    assert (again.status_code, again.text) == (304, "")
    earlier = running.call(
        "GET", "sobjects/Account/describe", headers={"If-Modified-Since": "Mon, 30 Mar 2026 11:59:59 GMT"}
    )
    assert earlier.status_code == 200


def test_a_schema_that_changed_is_described_anew(start: Any, tmp_path: Path) -> None:
    path = tmp_path / "org.sqlite"
    first: Running = start(path=path)
    known = first.call("GET", "sobjects/Account/describe").headers["Last-Modified"]
    first.org.close()
    first.clock.forward(days=1)
    for hidden, status in (([], 304), (["Account.Site"], 200)):
        again: Running = start(path=path, hidden=hidden)
        headers = {"If-Modified-Since": known}
        assert again.call("GET", "sobjects/Account/describe", headers=headers).status_code == status
        again.org.close()


def test_a_hidden_field_vanishes_everywhere(start: Any) -> None:
    running: Running = start(hidden=["Account.Sync_Error__c"])
    client = running.client()
    assert "Sync_Error__c" not in {f["name"] for f in client.Account.describe()["fields"]}
    with pytest.raises(Exception, match="No such column 'Sync_Error__c' on entity 'Account'"):
        client.query("SELECT Sync_Error__c FROM Account")
    with pytest.raises(Exception, match="No such column 'Sync_Error__c' on sobject of type Account"):
        client.Account.create({"Name": "x", "Sync_Error__c": "y"})


def test_hiding_a_field_that_is_not_there_is_an_error(start: Any) -> None:
    with pytest.raises(ValueError, match=r"account\.nope"):
        start(hidden=["Account.Nope"])
