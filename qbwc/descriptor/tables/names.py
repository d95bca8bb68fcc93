"""Customers and jobs, vendors, employees, other names: four lists that share one name space."""

from __future__ import annotations

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
    Balance                   amount                   rv
    TotalBalance              amount                   rv
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

# The other name lists: read for their names.
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
    Balance                   amount                   rv
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
