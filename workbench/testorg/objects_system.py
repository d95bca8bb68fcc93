"""User, Group and Organization, and an activity and a custom object with references to several kinds."""

from __future__ import annotations

from .fields import area, audit, date, flag, identity, lookup, money, picklist, seen, text
from .objects_customers import quickbooks_id
from .schema import FieldDef, ObjectDef

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


GROUP = ObjectDef(
    name="Group",
    label="Group",
    plural="Group",
    prefix="00G",
    deletable=False,
    layoutable=False,
    fields=(
        identity("Group ID")[0],
        text("Name", "Name", 40, nillable=False, name_field=True),
        text("DeveloperName", "Developer Name", 80),
        picklist("Type", "Type", ("Regular", "Queue"), nillable=False, restricted=True),
        *audit(),
    ),
)

TASK = ObjectDef(
    name="Task",
    label="Task",
    plural="Tasks",
    prefix="00T",
    fields=(
        *identity("Activity ID"),
        lookup("WhoId", "Name ID", "Contact", children="Tasks"),
        lookup("WhatId", "Related To ID", "Account", "Opportunity", "Product2", children="Tasks"),
        text("Subject", "Subject", 255),
        date("ActivityDate", "Due Date Only"),
        picklist(
            "Status",
            "Status",
            ("Not Started", "In Progress", "Completed"),
            nillable=False,
            default="Not Started",
        ),
        picklist("Priority", "Priority", ("High", "Normal", "Low"), nillable=False, default="Normal"),
        lookup("OwnerId", "Assigned To ID", "Group", "User", nillable=False, defaulted=True),
        area("Description", "Description", 32000),
        *audit(),
    ),
)

RECEIVABLE = ObjectDef(
    name="Receivable__c",
    label="Receivable",
    plural="Receivables",
    prefix="a00",
    fields=(
        *identity("Record ID"),
        lookup("OwnerId", "Owner ID", "Group", "User", nillable=False, defaulted=True, permissionable=False),
        text("Name", "Receivable Name", 80, name_field=True),
        *audit(),
        *seen(),
        lookup("Account__c", "Account", "Account", children="Receivables__r", on_delete="cascade"),
        lookup("Opportunity__c", "Opportunity", "Opportunity", children="Receivables__r"),
        picklist(
            "Type__c",
            "Type",
            ("Invoice", "Estimate", "Sales Order", "Credit Memo", "Payment"),
            length=255,
            restricted=True,
        ),
        text("Number__c", "Number", 20),
        date("Date__c", "Date"),
        date("Due_Date__c", "Due Date"),
        money("Amount__c", "Amount"),
        money("Open_Balance__c", "Open Balance"),
        picklist(
            "Status__c",
            "Status",
            ("Open", "Paid", "Closed", "Invoiced", "Used", "Void"),
            length=255,
            restricted=True,
        ),
        text("Payment_Method__c", "Payment Method", 31),
        area("Memo__c", "Memo", 4095),
        quickbooks_id(),
    ),
)
