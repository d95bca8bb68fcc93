"""Account and Contact, with the custom fields that the demo org adds for its link with QuickBooks."""

from __future__ import annotations

from .fields import (
    address,
    area,
    audit,
    date,
    flag,
    identity,
    lookup,
    moment,
    money,
    owner,
    phone,
    picklist,
    seen,
    text,
    whole,
)
from .schema import FieldDef, ObjectDef

SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other")
ACCOUNT_TYPES = (
    "Prospect",
    "Customer - Direct",
    "Customer - Channel",
    "Channel Partner / Reseller",
    "Installation Partner",
    "Technology Partner",
    "Other",
)
_INDUSTRY_NAMES = (
    "Agriculture|Apparel|Banking|Biotechnology|Chemicals|Communications|Construction|Consulting|"
    "Education|Electronics|Energy|Engineering|Entertainment|Environmental|Finance|Food & Beverage|"
    "Government|Healthcare|Hospitality|Insurance|Machinery|Manufacturing|Media|Not For Profit|"
    "Recreation|Retail|Shipping|Technology|Telecommunications|Transportation|Utilities|Other"
)
INDUSTRIES = _INDUSTRY_NAMES.split("|")


def quickbooks_id() -> FieldDef:
    """Our key of the QuickBooks record: unique and case-sensitive, so an upsert by it is safe."""
    return text(
        "QuickBooks_Id__c",
        "QuickBooks Id",
        36,
        unique=True,
        external_id=True,
        case_sensitive=True,
        id_lookup=True,
    )


ACCOUNT = ObjectDef(
    name="Account",
    label="Account",
    plural="Accounts",
    prefix="001",
    mergeable=True,
    fields=(
        *identity("Account ID"),
        lookup("MasterRecordId", "Master Record ID", "Account", access="read"),
        text(
            "Name",
            "Account Name",
            255,
            extra_type="switchablepersonname",
            part_of="Name",  # of itself, in real orgs too: a trap for clients that drop compound parts
            nillable=False,
            name_field=True,
        ),
        picklist("Type", "Account Type", ACCOUNT_TYPES),
        lookup("ParentId", "Parent Account ID", "Account", children="ChildAccounts", prefilterable=True),
        *address("Billing", "Billing"),
        *address("Shipping", "Shipping"),
        phone("Phone", "Account Phone"),
        phone("Fax", "Account Fax"),
        text("AccountNumber", "Account Number", 40),
        FieldDef(name="Website", label="Website", type="url", length=255),
        text("Sic", "SIC Code", 20),
        picklist("Industry", "Industry", INDUSTRIES),
        money("AnnualRevenue", "Annual Revenue", scale=0),
        whole("NumberOfEmployees", "Employees"),
        picklist("Ownership", "Ownership", ("Public", "Private", "Subsidiary", "Other")),
        text("TickerSymbol", "Ticker Symbol", 20),
        area("Description", "Account Description", 32000),
        picklist("Rating", "Account Rating", ("Hot", "Warm", "Cold")),
        text("Site", "Account Site", 80),
        owner(),
        *audit(),
        date("LastActivityDate", "Last Activity", access="read"),
        *seen(),
        picklist("AccountSource", "Account Source", SOURCES),
        text("SicDesc", "SIC Description", 80),
        quickbooks_id(),
        text("Sync_Error__c", "Sync Error", 255),
        flag("Active__c", "Active", default=True),
    ),
)

CONTACT = ObjectDef(
    name="Contact",
    label="Contact",
    plural="Contacts",
    prefix="003",
    mergeable=True,
    fields=(
        *identity("Contact ID"),
        lookup("MasterRecordId", "Master Record ID", "Contact", access="read"),
        lookup(
            "AccountId", "Account ID", "Account", children="Contacts", on_delete="cascade", prefilterable=True
        ),
        text("LastName", "Last Name", 80, extra_type="personname", part_of="Name", nillable=False),
        text("FirstName", "First Name", 40, extra_type="personname", part_of="Name", permissionable=False),
        picklist(
            "Salutation",
            "Salutation",
            ("Mr.", "Ms.", "Mrs.", "Dr.", "Prof."),
            extra_type="personname",
            part_of="Name",
            permissionable=False,
        ),
        text(
            "Name", "Full Name", 121, extra_type="personname", access="read", nillable=False, name_field=True
        ),
        *address("Other", "Other"),
        *address("Mailing", "Mailing"),
        phone("Phone", "Business Phone"),
        phone("Fax", "Business Fax"),
        phone("MobilePhone", "Mobile Phone"),
        phone("HomePhone", "Home Phone"),
        phone("OtherPhone", "Other Phone"),
        phone("AssistantPhone", "Asst. Phone"),
        lookup("ReportsToId", "Reports To ID", "Contact", prefilterable=True),
        FieldDef(name="Email", label="Email", type="email", length=80, id_lookup=True),
        text("Title", "Title", 128),
        text("Department", "Department", 80),
        text("AssistantName", "Assistant's Name", 40),
        picklist("LeadSource", "Lead Source", SOURCES, length=255),
        date("Birthdate", "Birthdate"),
        area("Description", "Contact Description", 32000),
        owner(),
        *audit(),
        date("LastActivityDate", "Last Activity", access="read"),
        *seen(),
        text("EmailBouncedReason", "Email Bounced Reason", 255, permissionable=False),
        moment("EmailBouncedDate", "Email Bounced Date", permissionable=False),
        flag("IsEmailBounced", "Is Email Bounced", access="read"),
        quickbooks_id(),
    ),
)
