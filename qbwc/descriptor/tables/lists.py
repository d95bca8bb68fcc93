"""Accounts, classes, terms and sales tax codes."""

from __future__ import annotations

ACCOUNT = """
    Name                      name(31)                 Amr
    FullName                  text(159)                r
    IsActive                  bool                     amr
    ParentRef                 ref(Account)             amr
    Sublevel                  int                      r
    AccountType               enum(AccountType)        Amr
    SpecialAccountType        enum(SpecialAccountType) r
    AccountNumber             text(7)                  amr
    BankNumber                text(25)                 amr
    Desc                      text(200)                amr
    OpenBalance               amount                   am
    OpenBalanceDate           date                     am
    Balance                   amount                   rv
    TotalBalance              amount                   rv
    SalesTaxCodeRef           ref(SalesTaxCode,3)      amr
    TaxLineID                 int                      am
    CashFlowClassification    enum(CashFlow)           r
    CurrencyRef               ref(Currency,64)         amr
    """

CLASS = """
    Name                      name(31)                 Amr
    FullName                  text(159)                r
    IsActive                  bool                     amr
    ParentRef                 ref(Class)               amr
    Sublevel                  int                      r
    """

STANDARD_TERMS = """
    Name                      name(31)                 Ar
    IsActive                  bool                     ar
    StdDueDays                int                      ar
    StdDiscountDays           int                      ar
    DiscountPct               percent                  ar
    """

DATE_DRIVEN_TERMS = """
    Name                      name(31)                 Ar
    IsActive                  bool                     ar
    DayOfMonthDue             int                      Ar
    DueNextMonthDays          int                      ar
    DiscountDayOfMonth        int                      ar
    DiscountPct               percent                  ar
    """

# The union's own fields.
TERMS = """
    Type                      text(20)                 r
    Name                      name(31)                 r
    IsActive                  bool                     r
    StdDueDays                int                      r
    StdDiscountDays           int                      r
    DayOfMonthDue             int                      r
    DueNextMonthDays          int                      r
    DiscountDayOfMonth        int                      r
    DiscountPct               percent                  r
    """

SALES_TAX_CODE = """
    Name                      name(3)                  Amr
    IsActive                  bool                     amr
    IsTaxable                 bool                     Amr
    Desc                      text(31)                 amr
    """
