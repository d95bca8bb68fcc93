"""The objects of the embedded org: the standard ones that a sales org has, and our custom fields.

One line a field.  Lengths, precision and access of the standard fields are Salesforce's; the custom
fields (`__c`) are those that the demo org adds for its link with QuickBooks.
"""

from __future__ import annotations

from .schema import (
    FieldDef,
    ObjectDef,
    Schema,
    address,
    area,
    audit,
    date,
    flag,
    identity,
    lookup,
    moment,
    money,
    number,
    owner,
    percent,
    phone,
    picklist,
    seen,
    text,
    whole,
)

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
OPPORTUNITY_TYPES = (
    "Existing Customer - Upgrade",
    "Existing Customer - Replacement",
    "Existing Customer - Downgrade",
    "New Customer",
)

#  stage                   closed  won    probability %  forecast category (API value, label)
STAGES: dict[str, tuple[bool, bool, int, str, str]] = {
    "Prospecting":          (False, False, 10,  "Pipeline", "Pipeline"),
    "Qualification":        (False, False, 10,  "Pipeline", "Pipeline"),
    "Needs Analysis":       (False, False, 20,  "Pipeline", "Pipeline"),
    "Value Proposition":    (False, False, 50,  "Pipeline", "Pipeline"),
    "Id. Decision Makers":  (False, False, 60,  "Pipeline", "Pipeline"),
    "Perception Analysis":  (False, False, 70,  "Pipeline", "Pipeline"),
    "Proposal/Price Quote": (False, False, 75,  "Pipeline", "Pipeline"),
    "Negotiation/Review":   (False, False, 90,  "Pipeline", "Pipeline"),
    "Closed Won":           (True,  True,  100, "Closed",   "Closed"),
    "Closed Lost":          (True,  False, 0,   "Omitted",  "Omitted"),
}  # fmt: skip


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

PRODUCT = ObjectDef(
    name="Product2",
    label="Product",
    plural="Products",
    prefix="01t",
    fields=(
        *identity("Product ID"),
        text("Name", "Product Name", 255, nillable=False, name_field=True),
        text("ProductCode", "Product Code", 255),
        area("Description", "Product Description", 4000),
        flag("IsActive", "Active", permissionable=True),
        *audit(),
        picklist("Family", "Product Family", ("None", "Services", "Goods"), length=255),
        text("StockKeepingUnit", "Product SKU", 180),
        picklist("QuantityUnitOfMeasure", "Quantity Unit Of Measure", ("Each", "Hour"), length=255),
        *seen(),
        quickbooks_id(),
        picklist(
            "QuickBooks_Item_Type__c",
            "QuickBooks Item Type",
            ("Service", "NonInventory", "Inventory", "OtherCharge", "Discount"),
            length=255,
            restricted=True,
        ),
    ),
)

PRICE_BOOK = ObjectDef(
    name="Pricebook2",
    label="Price Book",
    plural="Price Books",
    prefix="01s",
    fields=(
        *identity("Price Book ID"),
        text("Name", "Price Book Name", 255, nillable=False, name_field=True),
        *audit(),
        flag("IsActive", "Active", permissionable=True),
        flag("IsArchived", "Archived", access="read"),
        area("Description", "Description", 255),
        flag("IsStandard", "Is Standard Price Book", access="read"),
        *seen(),
    ),
)

PRICE_BOOK_ENTRY = ObjectDef(
    name="PricebookEntry",
    label="Price Book Entry",
    plural="Price Book Entries",
    prefix="01u",
    layoutable=False,
    fields=(
        *identity("Price Book Entry ID"),
        text("Name", "Product Name", 255, access="read", mirror=("Product2Id", "Name"), name_field=True),
        lookup(
            "Pricebook2Id",
            "Price Book ID",
            "Pricebook2",
            children="PricebookEntries",
            access="create",
            nillable=False,
            on_delete="cascade",
        ),
        lookup(
            "Product2Id",
            "Product ID",
            "Product2",
            children="PricebookEntries",
            access="create",
            nillable=False,
            on_delete="cascade",
        ),
        money("UnitPrice", "List Price", nillable=False),
        flag("IsActive", "Active", permissionable=True),
        flag("UseStandardPrice", "Use Standard Price"),
        *audit(),
        text("ProductCode", "Product Code", 255, access="read", mirror=("Product2Id", "ProductCode")),
    ),
)

OPPORTUNITY = ObjectDef(
    name="Opportunity",
    label="Opportunity",
    plural="Opportunities",
    prefix="006",
    fields=(
        *identity("Opportunity ID"),
        lookup(
            "AccountId",
            "Account ID",
            "Account",
            children="Opportunities",
            on_delete="cascade",
            prefilterable=True,
        ),
        flag("IsPrivate", "Private", permissionable=True),
        text("Name", "Name", 120, nillable=False, name_field=True, id_lookup=True),
        area("Description", "Description", 32000),
        picklist("StageName", "Stage", STAGES, length=255, nillable=False),
        money("Amount", "Amount"),
        percent("Probability", "Probability (%)", defaulted=True),
        money("ExpectedRevenue", "Expected Amount", access="read", permissionable=True),
        number("TotalOpportunityQuantity", "Quantity", 18, 2),
        date("CloseDate", "Close Date", nillable=False),
        picklist("Type", "Opportunity Type", OPPORTUNITY_TYPES, length=255),
        text("NextStep", "Next Step", 255),
        picklist("LeadSource", "Lead Source", SOURCES, length=255),
        flag("IsClosed", "Closed", access="read"),
        flag("IsWon", "Won", access="read"),
        picklist(
            "ForecastCategory",
            "Forecast Category",
            ("Omitted", "Pipeline", "BestCase", "MostLikely", "Forecast", "Closed"),
            access="read",
            nillable=False,
            restricted=True,
        ),
        picklist(
            "ForecastCategoryName",
            "Forecast Category",
            ("Omitted", "Pipeline", "Best Case", "Commit", "Closed"),
            length=255,
            defaulted=True,
            restricted=True,
            permissionable=False,
        ),
        flag("HasOpportunityLineItem", "Has Line Item", access="read"),
        lookup(
            "Pricebook2Id",
            "Price Book ID",
            "Pricebook2",
            children="Opportunities",
            defaulted=True,
            permissionable=False,
            prefilterable=True,
        ),
        owner(),
        *audit(),
        date("LastActivityDate", "Last Activity", access="read"),
        moment("LastStageChangeDate", "Last Stage Change Date", access="read"),
        whole("FiscalQuarter", "Fiscal Quarter", access="read", part_of="Fiscal"),
        whole("FiscalYear", "Fiscal Year", access="read", part_of="Fiscal"),
        text("Fiscal", "Fiscal Period", 6, access="read", one_byte=True),
        *seen(),
        picklist(
            "Generate__c",
            "Generate",
            ("Invoice", "Estimate", "SalesOrder", "SalesReceipt"),
            length=255,
            restricted=True,
        ),
        text("Invoice_Number__c", "Invoice Number", 11),
        quickbooks_id(),
    ),
)

LINE_ITEM = ObjectDef(
    name="OpportunityLineItem",
    label="Opportunity Product",
    plural="Opportunity Products",
    prefix="00k",
    fields=(
        *identity("Line Item ID"),
        lookup(
            "OpportunityId",
            "Opportunity ID",
            "Opportunity",
            children="OpportunityLineItems",
            access="create",
            nillable=False,
            on_delete="cascade",
        ),
        whole("SortOrder", "Sort Order"),
        lookup(
            "PricebookEntryId",
            "Price Book Entry ID",
            "PricebookEntry",
            children="OpportunityLineItems",
            access="create",
            on_delete="restrict",
        ),
        lookup(
            "Product2Id",
            "Product ID",
            "Product2",
            children="OpportunityLineItems",
            access="create",
            on_delete="restrict",
        ),
        text("ProductCode", "Product Code", 255, access="read", mirror=("Product2Id", "ProductCode")),
        text("Name", "Opportunity Product Name", 376, access="read", name_field=True),
        number("Quantity", "Quantity", 12, 2, nillable=False),
        money("TotalPrice", "Total Price"),
        money("UnitPrice", "Sales Price"),
        money("ListPrice", "List Price", access="read"),
        date("ServiceDate", "Date"),
        text("Description", "Line Description", 255),
        *audit(),
        text(
            "QuickBooks_Line_Id__c",
            "QuickBooks Line Id",
            36,
            external_id=True,
            case_sensitive=True,
            id_lookup=True,
        ),
    ),
)

USER = ObjectDef(
    name="User",
    label="User",
    plural="Users",
    prefix="005",
    createable=False,
    deletable=False,
    fields=(
        identity("User ID")[0],
        text("Username", "Username", 80, access="read", nillable=False, id_lookup=True),
        text("LastName", "Last Name", 80, access="read", nillable=False, part_of="Name"),
        text("FirstName", "First Name", 40, access="read", part_of="Name"),
        text("Name", "Full Name", 121, access="read", nillable=False, name_field=True),
        FieldDef(name="Email", label="Email", type="email", length=128, access="read", nillable=False),
        flag("IsActive", "Active", default=True, access="read"),
        *audit(),
    ),
)

ORGANIZATION = ObjectDef(
    name="Organization",
    label="Organization",
    plural="Organizations",
    prefix="00D",
    createable=False,
    deletable=False,
    fields=(
        identity("Organization ID")[0],
        text("Name", "Name", 80, access="read", nillable=False, name_field=True),
        text("InstanceName", "Instance Name", 5, access="read"),
        picklist("OrganizationType", "Edition", ("Developer Edition", "Enterprise Edition"), access="read"),
        flag("IsSandbox", "Is Sandbox", access="read"),
        text("LanguageLocaleKey", "Language", 40, access="read", nillable=False),
        text("TimeZoneSidKey", "Time Zone", 40, access="read", nillable=False),
        *audit(),
    ),
)

STANDARD = Schema(
    (
        ACCOUNT,
        CONTACT,
        OPPORTUNITY,
        LINE_ITEM,
        ORGANIZATION,
        PRICE_BOOK,
        PRICE_BOOK_ENTRY,
        PRODUCT,
        USER,
    )
)
"""The schema of a new org."""
