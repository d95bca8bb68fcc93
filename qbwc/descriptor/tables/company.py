"""The company file itself: company, program, preferences; and what was deleted from its lists and books."""

from __future__ import annotations

COMPANY = """
    IsSampleCompany           bool                     r
    CompanyName               text(59)                 r
    LegalCompanyName          text(59)                 r
    Address                   fragment(address)        r
    LegalAddress              fragment(address)        r
    Phone                     text(51)                 r
    Fax                       text(51)                 r
    Email                     email(1023)              r
    CompanyWebSite            text(128)                r
    FirstMonthFiscalYear      enum(Month)              r
    FirstMonthIncomeTaxYear   enum(Month)              r
    CompanyType               text(255)                r
    AccountantCopy            group                    r
      AccountantCopyExists    bool                     r
      DividingDate            date                     r
    """

HOST = """
    ProductName               text(255)                r
    MajorVersion              text(5)                  r
    MinorVersion              text(5)                  r
    Country                   text(2)                  r
    SupportedQBXMLVersion     text(10)                 r    many
    IsAutomaticLogin          bool                     r
    QBFileMode                enum(FileMode)           r
    """

# What decides whether a record can be written as mapped: closing date, classes, currencies, taxes, prices.
PREFERENCES = """
    AccountingPreferences               group                 r
      IsUsingAccountNumbers             bool                  r
      IsRequiringAccounts               bool                  r
      IsUsingClassTracking              bool                  r
      AssignClassesTo                   enum(AssignClassesTo) r
      IsUsingAuditTrail                 bool                  r
      IsAssigningJournalEntryNumbers    bool                  r
      ClosingDate                       date                  r
    JobsAndEstimatesPreferences         group                 r
      IsUsingEstimates                  bool                  r
      IsUsingProgressInvoicing          bool                  r
      IsPrintingItemsWithZeroAmounts    bool                  r
    MultiCurrencyPreferences            group                 r
      IsMultiCurrencyOn                 bool                  r
      HomeCurrencyRef                   ref(Currency,64)      r
    PurchasesAndVendorsPreferences      group                 r
      IsUsingInventory                  bool                  r
      DaysBillsAreDue                   int                   r
      IsAutomaticallyUsingDiscounts     bool                  r
    SalesAndCustomersPreferences        group                 r
      DefaultShipMethodRef              ref(ShipMethod,15)    r
      DefaultFOB                        text(13)              r
      DefaultMarkup                     percent               r
      IsTrackingReimbursedExpensesAsIncome bool               r
      IsAutoApplyingPayments            bool                  r
      PriceLevels                       group                 r
        IsUsingPriceLevels              bool                  r
        IsRoundingSalesPriceUp          bool                  r
    SalesTaxPreferences                 group                 r
      DefaultItemSalesTaxRef            ref(ItemSalesTax,31)  r
      PaySalesTax                       enum(PaySalesTax)     r
      DefaultTaxableSalesTaxCodeRef     ref(SalesTaxCode,3)   r
      DefaultNonTaxableSalesTaxCodeRef  ref(SalesTaxCode,3)   r
      IsUsingVendorTaxCode              bool                  r
      IsUsingCustomerTaxCode            bool                  r
      IsUsingAmountsIncludeTax          bool                  r
    CurrentAppAccessRights              group                 r
      IsAutomaticLoginAllowed           bool                  r
      AutomaticLoginUserName            text(29)              r
      IsPersonalDataAccessAllowed       bool                  r
    """

LIST_DELETED = """
    ListDelType               text                     r
    ListID                    id                       r
    TimeCreated               time                     r
    TimeDeleted               time                     r
    FullName                  text                     r
    """

TXN_DELETED = """
    TxnDelType                text                     r
    TxnID                     id                       r
    TimeCreated               time                     r
    TimeDeleted               time                     r
    RefNumber                 text                     r
    """
