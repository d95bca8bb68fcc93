"""Answers about the company file itself: HostQuery, CompanyQuery, PreferencesQuery."""

from __future__ import annotations

from xml.sax.saxutils import escape

from qbwc.descriptor import CONCRETE, Element
from qbwc.simulator.answers import response
from qbwc.simulator.custom import company_values
from qbwc.simulator.orders import Order
from qbwc.simulator.records import Books
from qbwc.simulator.refusals import OK

_VERSIONS = ("1.0", "2.0", "3.0", "4.0", "5.0", "6.0", "7.0", "8.0", "9.0", "10.0", "11.0", "12.0", "13.0")
_PREFERENCES = {
    "AccountingPreferences_IsUsingAccountNumbers": "false",
    "AccountingPreferences_IsRequiringAccounts": "true",
    "AccountingPreferences_IsUsingClassTracking": "false",
    "AccountingPreferences_IsUsingAuditTrail": "true",
    "AccountingPreferences_IsAssigningJournalEntryNumbers": "true",
    "MultiCurrencyPreferences_IsMultiCurrencyOn": "false",
}


def answer_single(order: Order, books: Books) -> str:
    """The one record of such a query."""
    body = {"Host": _host, "Company": _company, "Preferences": _preferences}[order.entity](order, books)
    tag = order.tag.removesuffix("QueryRq")
    return response(f"{tag}QueryRs", order.request_id, OK, f"<{tag}Ret>{body}</{tag}Ret>")


def _host(_: Order, books: Books) -> str:
    versions = "".join(f"<SupportedQBXMLVersion>{version}</SupportedQBXMLVersion>" for version in _VERSIONS)
    country = escape(books.setting("company:Country", "US"))
    return (
        "<ProductName>Simulated QuickBooks company file</ProductName><MajorVersion>33</MajorVersion>"
        f"<MinorVersion>0</MinorVersion><Country>{country}</Country>{versions}"
        "<IsAutomaticLogin>false</IsAutomaticLogin><QBFileMode>SingleUser</QBFileMode>"
    )


def _company(order: Order, books: Books) -> str:
    fields = books.settings("company:field:")
    parts: list[str] = []
    _write(CONCRETE["Company"].elements, "", {"IsSampleCompany": "false", **fields}, parts)
    stamps = books.settings("stamp:")
    for owner in order.wanted("OwnerID"):
        if owner.lower() in stamps:
            parts.append(_private(owner, "FileID", stamps[owner.lower()]))
            parts.append(_private(owner, "AppLock", "LOCKED:SIMULATOR:0"))
    parts.extend(company_values(books, {owner.lower() for owner in order.wanted("OwnerID")}))
    return "".join(parts)


def _private(owner: str, name: str, value: str) -> str:
    return (
        f"<DataExtRet><OwnerID>{escape(owner)}</OwnerID><DataExtName>{name}</DataExtName>"
        f"<DataExtType>STR255TYPE</DataExtType><DataExtValue>{escape(value)}</DataExtValue></DataExtRet>"
    )


def _preferences(_: Order, books: Books) -> str:
    parts: list[str] = []
    fields = {**_PREFERENCES, **books.settings("preferences:")}
    _write(CONCRETE["Preferences"].elements, "", fields, parts)
    return "".join(parts)


def _write(elements: tuple[Element, ...], prefix: str, fields: dict[str, str], parts: list[str]) -> None:
    for element in elements:
        name = f"{prefix}{element.name}"
        if element.children:
            inner: list[str] = []
            _write(element.children, f"{name}_", fields, inner)
            if inner:
                parts.append(f"<{element.name}>{''.join(inner)}</{element.name}>")
        elif fields.get(name):
            parts.append(f"<{element.name}>{escape(fields[name])}</{element.name}>")
