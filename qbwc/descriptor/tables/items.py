"""What is sold: items by type, their members, and the union of all of them."""

from __future__ import annotations

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
    QuantityOnHand            quantity                 arv
    TotalValue                amount                   a
    InventoryDate             date                     a
    AverageCost               price                    rv
    QuantityOnOrder           quantity                 rv
    QuantityOnSalesOrder      quantity                 rv
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

# The flat types: their Name is their full name.
ITEM_GROUP = """
    Name                      name(31)                 Amr
    BarCodeValue              text(50)                 r
    IsActive                  bool                     amr
    ItemDesc                  text(4095)               amr
    IsPrintItemsInGroup       bool                     amr
    SpecialItemType           enum(SpecialItemType)    r
    ExternalGUID              guid                     ar
    """

ITEM_GROUP_LINE = """
    ItemRef                   ref(Item)                amr
    Quantity                  quantity                 amr
    UnitOfMeasure             text(31)                 amr
    """

ITEM_SALES_TAX = """
    Name                      name(31)                 Amr
    BarCodeValue              text(50)                 r
    IsActive                  bool                     amr
    ClassRef                  ref(Class,159)           amr
    ItemDesc                  text(4095)               amr
    TaxRate                   percent                  amr
    TaxVendorRef              ref(Vendor,41)           amr
    ExternalGUID              guid                     ar
    """

ITEM_SALES_TAX_GROUP = """
    Name                      name(31)                 Amr
    BarCodeValue              text(50)                 r
    IsActive                  bool                     amr
    ItemDesc                  text(4095)               amr
    ExternalGUID              guid                     ar
    """

ITEM_SALES_TAX_GROUP_LINE = """
    ItemSalesTaxRef           ref(ItemSalesTax,31)     amr
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
    TaxRate                   percent                  r
    SalesBranch               text(20)                 ar
    """
