"""Seeds and restarts: what is loaded, what is refused, and that a file keeps an org."""

import json
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest

from workbench.testorg import SeedError, TestOrg, User
from workbench.testorg.ids import new_id

ACCOUNT, BOOK, PRODUCT = new_id("001", 1), new_id("01s", 1), new_id("01t", 1)
ENTRY, OPPORTUNITY, LINE = new_id("01u", 1), new_id("006", 1), new_id("00k", 1)
STAMP = "2025-06-01T08:00:00.000+0000"
SEED: dict[str, list[dict[str, Any]]] = {
    "Account": [{"Id": ACCOUNT, "Name": "Ann", "SystemModstamp": STAMP, "CreatedDate": STAMP}],
    "Product2": [{"Id": PRODUCT, "Name": "Slate", "ProductCode": "S"}],
    "Pricebook2": [{"Id": BOOK, "Name": "Standard", "IsStandard": True, "IsActive": True}],
    "PricebookEntry": [
        {"Id": ENTRY, "Pricebook2Id": BOOK, "Product2Id": PRODUCT, "UnitPrice": D("2.50"), "IsActive": True}
    ],
    "Opportunity": [
        {"Id": OPPORTUNITY, "Name": "Roof", "StageName": "Closed Won", "CloseDate": "2026-01-31", "Amount": 1}
    ],
    "OpportunityLineItem": [
        {
            "Id": LINE,
            "OpportunityId": OPPORTUNITY,
            "PricebookEntryId": ENTRY,
            "Quantity": 3,
            "UnitPrice": D("1.11"),
        }
    ],
}


def test_a_seed_is_loaded_as_it_stands() -> None:
    with TestOrg.open(seed=SEED) as org:
        account = org.record("Account", ACCOUNT)
        assert (account["SystemModstamp"], account["LastModifiedDate"]) == (STAMP, STAMP)
        assert [b["Name"] for b in org.records("Pricebook2")] == ["Standard"]  # no second standard book
        line = org.record("OpportunityLineItem", LINE)
        assert [line[f] for f in ("TotalPrice", "Product2Id", "ListPrice", "Name")] == [
            D("3.33"), PRODUCT, D("2.5"), "Roof Slate",
        ]  # fmt: skip
        opportunity = org.record("Opportunity", OPPORTUNITY)
        fields = ("Amount", "IsWon", "Probability", "Pricebook2Id", "HasOpportunityLineItem")
        assert [opportunity[f] for f in fields] == [D("3.33"), True, D("100.0"), BOOK, True]


def test_a_folder_is_read(tmp_path: Path) -> None:
    for name, records in SEED.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(records, default=str), encoding="utf-8")
    with TestOrg.open(seed=tmp_path) as org:
        assert org.record("OpportunityLineItem", LINE)["TotalPrice"] == D("3.33")


def line(**values: Any) -> dict[str, Any]:
    return {"OpportunityLineItem": [{**SEED["OpportunityLineItem"][0], **values}]}


def account(**values: Any) -> dict[str, Any]:
    return {"Account": [{"Name": "x", **values}]}


BAD_TYPE = [{"Name": "x", "QuickBooks_Item_Type__c": "y"}]
SAME_KEY = [{"Name": n, "QuickBooks_Id__c": "1"} for n in "ab"]
#  why                    changes of the seed                     words
BAD: list[tuple[str, dict[str, Any], str]] = [
    ("unknown object",    {"Nope": [{"Name": "x"}]},              "Nope: the org has no such object"),
    ("unknown field",     account(Nam="x"),                       "record 1: Nam is not a field"),
    ("a mirror",          {"PricebookEntry": [{"Name": "x"}]},    "Name is computed"),
    ("wrong checksum",    account(Id=ACCOUNT[:15] + "ABC"),       "id value of incorrect type"),
    ("wrong prefix",      account(Id=PRODUCT),                    "doesn't begin with 001"),
    ("id twice",          {"Account": SEED["Account"] * 2},       "is used twice"),
    ("nothing required",  {"Account": [{"Id": ACCOUNT}]},         "required fields are missing: Name"),
    ("too long",          account(Name="x" * 256),                "max length=255"),
    ("bad picklist",      {"Product2": BAD_TYPE},                 "bad value for restricted"),
    ("bad number",        line(Quantity="many"),                  "Cannot deserialize"),
    ("bad stamp",         account(SystemModstamp="2026-01-01"),   "Cannot deserialize"),
    ("parent nowhere",    line(OpportunityId=new_id("006", 9)),   "OpportunityId .* leads nowhere"),
    ("key twice",         {"Account": SAME_KEY},                  "is held by 2 records"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "changes", "words"), BAD, ids=[b[0] for b in BAD])
def test_a_bad_seed_is_refused_whole(tmp_path: Path, why: str, changes: dict[str, Any], words: str) -> None:
    file = tmp_path / "org.sqlite"
    with pytest.raises(SeedError, match=words):
        TestOrg.open(file, seed={**SEED, **changes})
    with TestOrg.open(file, seed=SEED) as org:  # nothing of the first try was kept
        assert [a["Name"] for a in org.records("Account")] == ["Ann"]


def test_every_problem_is_told() -> None:
    with pytest.raises(SeedError) as caught:
        TestOrg.open(seed={"Account": [{"Nope": 1}, {"Name": 5}], "Nope": []})
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize("content", ['{"Name": "x"}', "[1]", "[{", ""])
def test_a_bad_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "Account.json").write_text(content, encoding="utf-8")
    with pytest.raises(SeedError, match=r"Account\.json"):
        TestOrg.open(seed=tmp_path)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SeedError, match="is not a folder"):
        TestOrg.open(seed=tmp_path / "nope")


# --- restarts ----------------------------------------------------------------------------------


def test_a_file_keeps_the_org(tmp_path: Path) -> None:
    file = tmp_path / "org.sqlite"
    with TestOrg.open(file, seed=SEED, users=[User(username="a@b.co", password="x")]) as org:
        made = org.create("Account", {"Name": "Bob"})
        org.edit("Account", ACCOUNT, {"Phone": "1"})
        org.delete("OpportunityLineItem", LINE)
        before = {o.name: org.records(o.name, include_deleted=True) for o in org.schema.objects}
        organization = org.id
    with TestOrg.open(file, seed=SEED, users=[User(username="A@b.co", password="x")]) as org:
        assert {o.name: org.records(o.name, include_deleted=True) for o in org.schema.objects} == before
        assert org.id == organization
        assert org.create("Account", {"Name": "Cyd"}) != made


def test_an_org_with_hardly_a_record_opens_again(tmp_path: Path) -> None:
    """An empty reference is no dangling one, also where there is no record to refer to."""
    file = tmp_path / "org.sqlite"
    sale = {"Name": "O", "StageName": "Prospecting", "CloseDate": "2026-01-01"}
    with TestOrg.open(file, seed={"Opportunity": [sale]}) as org:
        org.create("Opportunity", sale)
    with TestOrg.open(file, users=[User(username="new@b.co", password="x")]) as org:
        assert len(org.records("Opportunity")) == 2


def test_a_new_user_joins_an_old_org(tmp_path: Path) -> None:
    file = tmp_path / "org.sqlite"
    TestOrg.open(file).close()
    with TestOrg.open(file, users=[User(username="new@b.co", password="x")]) as org:
        assert [u["Username"] for u in org.records("User")] == ["automation@testorg.invalid", "new@b.co"]


def test_a_later_schema_opens_an_older_file(tmp_path: Path) -> None:
    from workbench.testorg.fields import text

    file = tmp_path / "org.sqlite"
    with TestOrg.open(file, hidden=["Account.Sync_Error__c"]) as org:
        org.create("Account", {"Name": "Ann"})
    with TestOrg.open(file, extra_fields={"Account": [text("Region__c", "Region", 10)]}) as org:
        (account,) = org.records("Account")
        assert (account["Sync_Error__c"], account["Region__c"]) == (None, None)
        org.edit("Account", str(account["Id"]), {"Region__c": "North", "Sync_Error__c": "x"})


def test_no_secret_is_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "org.sqlite"
    secret = User(username="a@b.co", password="pa55word-in-file", security_token="t0ken-in-file")
    with TestOrg.open(file, users=[secret]) as org:
        org.door.login("a@b.co", "pa55word-in-filet0ken-in-file")
        data = b"".join(f.read_bytes() for f in tmp_path.iterdir())
    assert b"a@b.co" in data
    assert b"-in-file" not in data
