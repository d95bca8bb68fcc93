"""Fragments and enumerations that several tables use."""

from __future__ import annotations

FRAGMENTS: dict[str, str] = {
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
    # Tax and totals of a transaction.
    "totals": """
        Subtotal                  amount                r
        ItemSalesTaxRef           ref(ItemSalesTax,31)  amr
        SalesTaxPercentage        percent               r
        SalesTaxTotal             amount                r
        TotalAmount               amount                r
        CurrencyRef               ref(Currency,64)      r
        ExchangeRate              rate                  r
        TotalAmountInHomeCurrency amount                r
        """,
}

ENUMS: dict[str, tuple[str, ...]] = {
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
    "SpecialAccountType": (
        "AccountsPayable", "AccountsReceivable", "CondenseItemAdjustmentExpenses", "CostOfGoodsSold",
        "DirectDepositLiabilities", "Estimates", "ExchangeGainLoss", "InventoryAssets",
        "ItemReceiptAccount", "OpeningBalanceEquity", "PayrollExpenses", "PayrollLiabilities", "PettyCash",
        "PurchaseOrders", "ReconciliationDifferences", "RetainedEarnings", "SalesOrders", "SalesTaxPayable",
        "UncategorizedExpenses", "UncategorizedIncome", "UndepositedFunds",
    ),
    "CashFlow": ("None", "Operating", "Investing", "Financing", "NotApplicable"),
    "TxnType": (
        "ARRefundCreditCard", "Bill", "BillPaymentCheck", "BillPaymentCreditCard", "BuildAssembly",
        "Charge", "Check", "CreditCardCharge", "CreditCardCredit", "CreditMemo", "Deposit", "Estimate",
        "InventoryAdjustment", "Invoice", "ItemReceipt", "JournalEntry", "LiabilityAdjustment", "Paycheck",
        "PayrollLiabilityCheck", "PurchaseOrder", "ReceivePayment", "SalesOrder", "SalesReceipt",
        "SalesTaxPaymentCheck", "Transfer", "VendorCredit", "YTDAdjustment",
    ),
    "AssignClassesTo": ("None", "Accounts", "Items", "Names"),
    "PaySalesTax": ("Monthly", "Quarterly", "Annually"),
    "Month": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ),
    "DataExtType": (
        "AMTTYPE", "DATETIMETYPE", "INTTYPE", "PERCENTTYPE", "PRICETYPE", "QUANTYPE", "STR1024TYPE",
        "STR255TYPE",
    ),
    "AssignTo": (
        "Account", "ARRefundCreditCard", "Bill", "BillPaymentCheck", "BillPaymentCreditCard",
        "BuildAssembly", "Charge", "Check", "Company", "CreditCardCharge", "CreditCardCredit", "CreditMemo",
        "Customer", "Deposit", "Employee", "Estimate", "InventoryAdjustment", "Invoice", "Item",
        "ItemReceipt", "JournalEntry", "OtherName", "PurchaseOrder", "ReceivePayment", "SalesOrder",
        "SalesReceipt", "SalesTaxPaymentCheck", "Vendor", "VendorCredit",
    ),
    "ListDataExtType": ("Account", "Customer", "Employee", "Item", "OtherName", "Vendor"),
    "TxnDataExtType": (
        "ARRefundCreditCard", "Bill", "BillPaymentCheck", "BillPaymentCreditCard", "BuildAssembly",
        "Charge", "Check", "CreditCardCharge", "CreditCardCredit", "CreditMemo", "Deposit", "Estimate",
        "InventoryAdjustment", "Invoice", "ItemReceipt", "JournalEntry", "PurchaseOrder", "ReceivePayment",
        "SalesOrder", "SalesReceipt", "SalesTaxPaymentCheck", "VendorCredit",
    ),
    "OtherDataExtType": ("Company",),
}  # fmt: skip
