"""Which company file answers, and what its QuickBooks can do.

QBWC hands this over with the first call of a session (strHCPResponse): the answers to HostQuery, CompanyQuery
and PreferencesQuery in one document.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from lxml import etree

from qbwc.errors import QbxmlError
from qbwc.qbxml.clean import clean, malformed

_FILE_ID = "FileID"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyInfo:
    """The identity of a company file.

    Attributes:
        company_name: As in QuickBooks' company information.
        file_ids: OwnerID -> FileID, as QBWC stamped them when applications were added.
        supported_versions: qbXML versions, as told ('13.0'; Canadian ones as 'CA3.0').
        country: 'US', 'CA', 'UK', as HostRet tells it.
        product: E.g. 'QuickBooks Enterprise Solutions 14.0'; "" when not told.
        file_mode: 'SingleUser' or 'MultiUser'; None when not told.
        file_path: Not part of the document; the SOAP call tells it beside.
        closing_date: Nothing dated up to then may be changed without the closing password; None when not set.
        dividing_date: An accountant's copy is out, and nothing up to then may be changed; None when none is.
        multi_currency: Records carry currencies; None when not told.  So the next two.
        class_tracking: Records carry classes.
        personal_data: QuickBooks lets this application read personal data.
    """

    company_name: str
    file_ids: dict[str, str] = field(default_factory=dict)
    supported_versions: tuple[str, ...] = ()
    country: str | None = None
    product: str = ""
    file_mode: str | None = None
    file_path: str | None = None
    closing_date: date | None = None
    dividing_date: date | None = None
    multi_currency: bool | None = None
    class_tracking: bool | None = None
    personal_data: bool | None = None

    def file_id(self, owner_id: str) -> str | None:
        """The FileID stamped for an application, whatever the case of its letters."""
        wanted = owner_id.casefold()
        return next((value for owner, value in self.file_ids.items() if owner.casefold() == wanted), None)


def company_info(document: str | bytes, *, file_path: str | None = None) -> CompanyInfo:
    """Read the company's identity; `QbxmlError` when the document names no company."""
    source = clean(document)
    try:
        root = etree.fromstring(source, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise malformed(source, error) from None
    company, host = root.find(".//CompanyRet"), root.find(".//HostRet")
    if company is None:
        raise QbxmlError(
            "QuickBooks did not tell which company file is open", entity="Company",
            fix="Run the Web Connector again; at log level VERBOSE the log shows its first answer.",
        )  # fmt: skip
    return CompanyInfo(
        company_name=company.findtext("CompanyName") or "",
        file_ids={
            row.findtext("OwnerID") or "": row.findtext("DataExtValue") or ""
            for row in company.iterfind("DataExtRet")
            if row.findtext("DataExtName") == _FILE_ID
        },
        supported_versions=tuple(
            each.text or "" for each in ([] if host is None else host.iterfind("SupportedQBXMLVersion"))
        ),
        country=None if host is None else host.findtext("Country"),
        product="" if host is None else host.findtext("ProductName") or "",
        file_mode=None if host is None else host.findtext("QBFileMode"),
        file_path=file_path,
        closing_date=_date(root, "AccountingPreferences/ClosingDate"),
        dividing_date=_date(root, "AccountantCopy/DividingDate"),
        multi_currency=_truth(root, "MultiCurrencyPreferences/IsMultiCurrencyOn"),
        class_tracking=_truth(root, "AccountingPreferences/IsUsingClassTracking"),
        personal_data=_truth(root, "CurrentAppAccessRights/IsPersonalDataAccessAllowed"),
    )


def _truth(root: etree._Element, path: str) -> bool | None:
    text = root.findtext(f".//{path}")
    return None if not text else text in ("true", "1")


def _date(root: etree._Element, path: str) -> date | None:
    """A date that decides nothing here: one that cannot be read counts as not told."""
    try:
        return date.fromisoformat(root.findtext(f".//{path}") or "")
    except ValueError:
        return None
