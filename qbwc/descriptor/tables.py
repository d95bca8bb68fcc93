"""The facts of qbXML 13.0 for the records this project reads and writes, in data of our own.

Read `notation` for the form.  Elements that no mapping can use (address blocks, contact lists, credit cards,
sets of units, inventory sites, serial numbers) are left out on purpose: the reader steps over them, the
writer never sends them.  `Suffix` is left out because QuickBooks Desktop refuses it although the schema
accepts it.
"""

from __future__ import annotations

FRAGMENTS = {
    "address": """
        Addr1        text(41)      amr
        Addr2        text(41)      amr
        Addr3        text(41)      amr
        Addr4        text(41)      amr
        Addr5        text(41)      amr
        City         text(31)      amr
        State        text(21)      amr
        PostalCode   text(13)      amr
        Country      text(31)      amr
        Note         text(41)      amr
        """,
    "person": """
        Salutation   text(15)      amr
        FirstName    text(25)      amr
        MiddleName   text(5)       amr
        LastName     text(25)      amr
        """,
    "sales_or_purchase": """
        Desc         text(4095)    amr
        Price        price         amr   one=price
        PricePercent percent       amr   one=price
        AccountRef   ref(Account,159) amr
        """,
    "sales_and_purchase": """
        SalesDesc         text(4095)        amr
        SalesPrice        price             amr
        IncomeAccountRef  ref(Account,159)  amr
        PurchaseDesc      text(4095)        amr
        PurchaseCost      price             amr
        ExpenseAccountRef ref(Account,159)  amr
        PrefVendorRef     ref(Vendor,41)    amr
        """,
    "branches": """
        SalesOrPurchase  fragment(sales_or_purchase)  amr  one=branch!  mod=SalesOrPurchaseMod
        SalesAndPurchase fragment(sales_and_purchase) amr  one=branch!  mod=SalesAndPurchaseMod
        """,
    # A price of its own, or a percentage.  Rate and RatePercent exclude each other.
    "line_head": """
        ItemRef          ref(Item)           amr
        Desc             text(4095)          amr
        Quantity         quantity            amr
        UnitOfMeasure    text(31)            amr
        Rate             price               amr   one=rate
        RatePercent      percent             amr   one=rate
        ClassRef         ref(Class,159)      amr
        Amount           amount              amr
        """,
}

ENUMS = {
    "SalesTaxCountry": ("Australia", "Canada", "UK", "US"),
    "JobStatus": ("Awarded", "Closed", "InProgress", "None", "NotAwarded", "Pending"),
    "DeliveryMethod": ("Email", "Fax", "Print"),
    # "Mail" comes back from real companies, though the schema of requests does not know it.
    "PreferredDeliveryMethod": ("None", "Email", "Fax"),
    "SpecialItemType": ("FinanceCharge", "ReimbursableExpenseGroup", "ReimbursableExpenseSubtotal"),
    "AccountType": (
        "AccountsPayable", "AccountsReceivable", "Bank", "CostOfGoodsSold", "CreditCard", "Equity", "Expense",
        "FixedAsset", "Income", "LongTermLiability", "NonPosting", "OtherAsset", "OtherCurrentAsset",
        "OtherCurrentLiability", "OtherExpense", "OtherIncome",
    ),
    "FileMode": ("MultiUser", "SingleUser"),
}  # fmt: skip

CUSTOMER = """
    Name                      name(41)                 Amr
    FullName                  text(209)                r
    IsActive                  bool                     amr
    ClassRef                  ref(Class,159)           amr
    ParentRef                 ref(Customer)            amr
    Sublevel                  int                      r
    CompanyName               text(41)                 amr
    use person
    JobTitle                  text(41)                 amr
    BillAddress               fragment(address)        amr
    ShipAddress               fragment(address)        amr
    PrintAs                   text(41)                 amr
    Phone                     text(21)                 amr
    Mobile                    text(21)                 amr
    Pager                     text(21)                 amr
    AltPhone                  text(21)                 amr
    Fax                       text(21)                 amr
    Email                     email(1023)              amr
    Cc                        email(1023)              amr
    Contact                   text(41)                 amr
    AltContact                text(41)                 amr
    CustomerTypeRef           ref(CustomerType,159)    amr
    TermsRef                  ref(Terms,31)            amr
    SalesRepRef               ref(SalesRep,5)          amr
    Balance                   amount                   r
    TotalBalance              amount                   r
    OpenBalance               amount                   a
    OpenBalanceDate           date                     a
    SalesTaxCodeRef           ref(SalesTaxCode,3)      amr
    ItemSalesTaxRef           ref(ItemSalesTax,31)     amr
    SalesTaxCountry           enum(SalesTaxCountry)    amr
    ResaleNumber              text(15)                 amr
    AccountNumber             text(99)                 amr
    CreditLimit               amount                   amr
    PreferredPaymentMethodRef ref(PaymentMethod,31)    amr
    JobStatus                 enum(JobStatus)          amr
    JobStartDate              date                     amr
    JobProjectedEndDate       date                     amr
    JobEndDate                date                     amr
    JobDesc                   text(99)                 amr
    JobTypeRef                ref(JobType,159)         amr
    Notes                     text(4095)               amr
    IsStatementWithParent     bool                     amr
    DeliveryMethod            enum(DeliveryMethod)     amr
    PreferredDeliveryMethod   enum(PreferredDeliveryMethod) amr
    PriceLevelRef             ref(PriceLevel,31)       amr
    ExternalGUID              guid                     ar
    TaxRegistrationNumber     text(30)                 amr
    CurrencyRef               ref(Currency,64)         amr
    """

# The other name lists: read for their names, which share one name space with the customers'.
VENDOR = """
    Name                      name(41)                 Amr
    IsActive                  bool                     amr
    CompanyName               text(41)                 amr
    use person
    JobTitle                  text(41)                 amr
    VendorAddress             fragment(address)        amr
    Phone                     text(21)                 amr
    AltPhone                  text(21)                 amr
    Fax                       text(21)                 amr
    Email                     email(1023)              amr
    Contact                   text(41)                 amr
    NameOnCheck               text(41)                 amr
    AccountNumber             text(99)                 amr
    Notes                     text(4095)               amr
    Balance                   amount                   r
    """

EMPLOYEE = """
    Name                      name(41)                 r
    IsActive                  bool                     r
    Salutation                text(15)                 r
    FirstName                 text(25)                 r
    MiddleName                text(5)                  r
    LastName                  text(25)                 r
    """

OTHER_NAME = """
    Name                      name(41)                 Amr
    IsActive                  bool                     amr
    CompanyName               text(41)                 amr
    use person
    OtherNameAddress          fragment(address)        amr
    Phone                     text(21)                 amr
    AltPhone                  text(21)                 amr
    Fax                       text(21)                 amr
    Email                     email(1023)              amr
    Contact                   text(41)                 amr
    AccountNumber             text(99)                 amr
    Notes                     text(4095)               amr
    """

ACCOUNT = """
    Name                      name(31)                 Amr
    FullName                  text(159)                r
    IsActive                  bool                     amr
    ParentRef                 ref(Account)             amr
    Sublevel                  int                      r
    AccountType               enum(AccountType)        Amr
    AccountNumber             text(7)                  amr
    BankNumber                text(25)                 amr
    Desc                      text(200)                amr
    Balance                   amount                   r
    TotalBalance              amount                   r
    """

STANDARD_TERMS = """
    Name                      name(31)                 Ar
    IsActive                  bool                     ar
    StdDueDays                int                      ar
    StdDiscountDays           int                      ar
    DiscountPct               percent                  ar
    """

SALES_TAX_CODE = """
    Name                      name(3)                  Amr
    IsActive                  bool                     amr
    IsTaxable                 bool                     Amr
    Desc                      text(31)                 amr
    """

ITEM_SERVICE = """
    Name                      name(31)                 Amr
    FullName                  text(159)                r
    BarCodeValue              text(50)                 r
    IsActive                  bool                     amr
    ClassRef                  ref(Class,159)           amr
    ParentRef                 ref(ItemService)         amr
    Sublevel                  int                      r
    IsTaxIncluded             bool                     amr
    SalesTaxCodeRef           ref(SalesTaxCode,3)      amr
    use branches
    ExternalGUID              guid                     ar
    """

# In the Add, and only there, ParentRef stands before ClassRef.
ITEM_NON_INVENTORY = """
    Name                      name(31)                 Amr
    FullName                  text(159)                r
    BarCodeValue              text(50)                 r
    IsActive                  bool                     amr
    ParentRef                 ref(ItemNonInventory)    a
    ClassRef                  ref(Class,159)           amr
    ParentRef                 ref(ItemNonInventory)    mr
    Sublevel                  int                      r
    ManufacturerPartNumber    text(31)                 amr
    IsTaxIncluded             bool                     amr
    SalesTaxCodeRef           ref(SalesTaxCode,3)      amr
    use branches
    ExternalGUID              guid                     ar
    """

ITEM_INVENTORY = """
    Name                      name(31)                 Amr
    FullName                  text(159)                r
    BarCodeValue              text(50)                 r
    IsActive                  bool                     amr
    ClassRef                  ref(Class,159)           amr
    ParentRef                 ref(ItemInventory)       amr
    Sublevel                  int                      r
    ManufacturerPartNumber    text(31)                 amr
    IsTaxIncluded             bool                     amr
    SalesTaxCodeRef           ref(SalesTaxCode,3)      amr
    SalesDesc                 text(4095)               amr
    SalesPrice                price                    amr
    IncomeAccountRef          ref(Account,159)         amr
    PurchaseDesc              text(4095)               amr
    PurchaseCost              price                    amr
    COGSAccountRef            ref(Account,159)         amr
    PrefVendorRef             ref(Vendor,41)           amr
    AssetAccountRef           ref(Account,159)         amr
    ReorderPoint              quantity                 amr
    QuantityOnHand            quantity                 ar
    TotalValue                amount                   a
    InventoryDate             date                     a
    AverageCost               price                    r
    QuantityOnOrder           quantity                 r
    QuantityOnSalesOrder      quantity                 r
    ExternalGUID              guid                     ar
    """

ITEM_OTHER_CHARGE = """
    Name                      name(31)                 Amr
    FullName                  text(159)                r
    BarCodeValue              text(50)                 r
    IsActive                  bool                     amr
    ClassRef                  ref(Class,159)           amr
    ParentRef                 ref(ItemOtherCharge)     amr
    Sublevel                  int                      r
    IsTaxIncluded             bool                     amr
    SalesTaxCodeRef           ref(SalesTaxCode,3)      amr
    use branches
    SpecialItemType           enum(SpecialItemType)    r
    ExternalGUID              guid                     ar
    """

ITEM_DISCOUNT = """
    Name                      name(31)                 Amr
    FullName                  text(159)                r
    BarCodeValue              text(50)                 r
    IsActive                  bool                     amr
    ClassRef                  ref(Class,159)           amr
    ParentRef                 ref(ItemDiscount)        amr
    Sublevel                  int                      r
    ItemDesc                  text(4095)               amr
    SalesTaxCodeRef           ref(SalesTaxCode,3)      amr
    DiscountRate              price                    amr   one=rate
    DiscountRatePercent       percent                  amr   one=rate
    AccountRef                ref(Account,159)         amr
    ExternalGUID              guid                     ar
    """

# The union's own fields: one price, one description, one account, whatever the type calls them.
ITEM = """
    Type                      text(20)                 Ar
    Name                      name(31)                 Amr
    FullName                  text(159)                r
    IsActive                  bool                     amr
    ParentRef                 ref(Item)                amr
    Sublevel                  int                      r
    Desc                      text(4095)               amr
    Price                     price                    amr
    AccountRef                ref(Account,159)         amr
    COGSAccountRef            ref(Account,159)         amr
    AssetAccountRef           ref(Account,159)         amr
    ManufacturerPartNumber    text(31)                 amr
    SalesBranch               text(20)                 ar
    """

TERMS = """
    Type                      text(20)                 r
    Name                      name(31)                 r
    IsActive                  bool                     r
    StdDueDays                int                      r
    StdDiscountDays           int                      r
    DiscountPct               percent                  r
    """

INVOICE = """
    TxnNumber                 int                      r
    CustomerRef               ref(Customer,209)        Amr
    ClassRef                  ref(Class,159)           amr
    ARAccountRef              ref(Account,159)         amr
    TemplateRef               ref(Template,31)         amr
    TxnDate                   date                     amr
    RefNumber                 text(11)                 amr
    BillAddress               fragment(address)        amr
    ShipAddress               fragment(address)        amr
    IsPending                 bool                     amr
    IsFinanceCharge           bool                     ar
    PONumber                  text(25)                 amr
    TermsRef                  ref(Terms,31)            amr
    DueDate                   date                     amr
    SalesRepRef               ref(SalesRep,5)          amr
    FOB                       text(13)                 amr
    ShipDate                  date                     amr
    ShipMethodRef             ref(ShipMethod,15)       amr
    Subtotal                  amount                   r
    ItemSalesTaxRef           ref(ItemSalesTax,31)     amr
    SalesTaxPercentage        percent                  r
    SalesTaxTotal             amount                   r
    AppliedAmount             amount                   r
    BalanceRemaining          amount                   r
    CurrencyRef               ref(Currency,64)         r
    ExchangeRate              rate                     r
    BalanceRemainingInHomeCurrency amount              r
    Memo                      text(4095)               amr
    IsPaid                    bool                     r
    CustomerMsgRef            ref(CustomerMsg,101)     amr
    IsToBePrinted             bool                     amr
    IsToBeEmailed             bool                     amr
    IsTaxIncluded             bool                     amr
    CustomerSalesTaxCodeRef   ref(SalesTaxCode,3)      amr
    SuggestedDiscountAmount   amount                   r
    SuggestedDiscountDate     date                     r
    Other                     text(29)                 amr
    ExchangeRate              rate                     am
    ExternalGUID              guid                     ar
    """

INVOICE_LINE = """
    use line_head
    TaxAmount                 amount                   amr
    ServiceDate               date                     amr
    SalesTaxCodeRef           ref(SalesTaxCode,3)      amr
    IsTaxable                 bool                     ar
    OverrideItemAccountRef    ref(Account,159)         am
    Other1                    text(29)                 amr
    Other2                    text(29)                 amr
    """

COMPANY = """
    IsSampleCompany           bool                     r
    CompanyName               text(59)                 r
    LegalCompanyName          text(59)                 r
    Address                   fragment(address)        r
    Phone                     text(51)                 r
    Fax                       text(51)                 r
    Email                     email(1023)              r
    CompanyWebSite            text(128)                r
    CompanyType               text(255)                r
    """

HOST = """
    ProductName               text(255)                r
    MajorVersion              text(5)                  r
    MinorVersion              text(5)                  r
    Country                   text(2)                  r
    IsAutomaticLogin          bool                     r
    QBFileMode                enum(FileMode)           r
    """

PREFERENCES = """
    AccountingPreferences        group  r
      IsUsingAccountNumbers      bool   r
      IsRequiringAccounts        bool   r
      IsUsingClassTracking       bool   r
      IsUsingAuditTrail          bool   r
      IsAssigningJournalEntryNumbers bool r
      ClosingDate                date   r
    MultiCurrencyPreferences     group  r
      IsMultiCurrencyOn          bool   r
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
