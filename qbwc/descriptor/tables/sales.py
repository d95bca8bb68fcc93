"""Transactions with customers, and their lines."""

from __future__ import annotations

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
    AppliedAmount             amount                   rv
    BalanceRemaining          amount                   rv
    CurrencyRef               ref(Currency,64)         r
    ExchangeRate              rate                     r
    BalanceRemainingInHomeCurrency amount              rv
    Memo                      text(4095)               amr
    IsPaid                    bool                     rv
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

# An estimate has no ShipDate and is active or not.
ESTIMATE = """
    TxnNumber                 int                      r
    CustomerRef               ref(Customer,209)        Amr
    ClassRef                  ref(Class,159)           amr
    TemplateRef               ref(Template,31)         amr
    TxnDate                   date                     amr
    RefNumber                 text(11)                 amr
    BillAddress               fragment(address)        amr
    ShipAddress               fragment(address)        amr
    IsActive                  bool                     amr
    PONumber                  text(25)                 amr
    TermsRef                  ref(Terms,31)            amr
    DueDate                   date                     amr
    SalesRepRef               ref(SalesRep,5)          amr
    FOB                       text(13)                 amr
    use totals
    Memo                      text(4095)               amr
    CustomerMsgRef            ref(CustomerMsg,101)     amr
    IsToBeEmailed             bool                     amr
    IsTaxIncluded             bool                     amr
    CustomerSalesTaxCodeRef   ref(SalesTaxCode,3)      amr
    Other                     text(29)                 amr
    ExchangeRate              rate                     am
    ExternalGUID              guid                     ar
    """

# A price may also be told as a markup on the cost.
ESTIMATE_LINE = """
    use line_head
    TaxAmount                 amount                   amr
    SalesTaxCodeRef           ref(SalesTaxCode,3)      amr
    MarkupRate                price                    amr   one=markup
    MarkupRatePercent         percent                  amr   one=markup
    OverrideItemAccountRef    ref(Account,159)         a
    Other1                    text(29)                 amr
    Other2                    text(29)                 amr
    """

SALES_ORDER = """
    TxnNumber                 int                      r
    CustomerRef               ref(Customer,209)        Amr
    ClassRef                  ref(Class,159)           amr
    TemplateRef               ref(Template,31)         amr
    TxnDate                   date                     amr
    RefNumber                 text(11)                 amr
    BillAddress               fragment(address)        amr
    ShipAddress               fragment(address)        amr
    PONumber                  text(25)                 amr
    TermsRef                  ref(Terms,31)            amr
    DueDate                   date                     amr
    SalesRepRef               ref(SalesRep,5)          amr
    FOB                       text(13)                 amr
    ShipDate                  date                     amr
    ShipMethodRef             ref(ShipMethod,15)       amr
    use totals
    IsManuallyClosed          bool                     amr
    IsFullyInvoiced           bool                     rv
    Memo                      text(4095)               amr
    CustomerMsgRef            ref(CustomerMsg,101)     amr
    IsToBePrinted             bool                     amr
    IsToBeEmailed             bool                     amr
    IsTaxIncluded             bool                     amr
    CustomerSalesTaxCodeRef   ref(SalesTaxCode,3)      amr
    Other                     text(29)                 amr
    ExchangeRate              rate                     am
    ExternalGUID              guid                     ar
    """

SALES_ORDER_LINE = """
    use line_head
    TaxAmount                 amount                   amr
    SalesTaxCodeRef           ref(SalesTaxCode,3)      amr
    Invoiced                  quantity                 rv
    IsManuallyClosed          bool                     amr
    Other1                    text(29)                 amr
    Other2                    text(29)                 amr
    """

# Paid at once: a means of payment and an account for it instead of terms; FOB stands after the shipment.
SALES_RECEIPT = """
    TxnNumber                 int                      r
    CustomerRef               ref(Customer,209)        amr
    ClassRef                  ref(Class,159)           amr
    TemplateRef               ref(Template,31)         amr
    TxnDate                   date                     amr
    RefNumber                 text(11)                 amr
    BillAddress               fragment(address)        amr
    ShipAddress               fragment(address)        amr
    IsPending                 bool                     amr
    CheckNumber               text(25)                 amr
    PaymentMethodRef          ref(PaymentMethod,31)    amr
    DueDate                   date                     amr
    SalesRepRef               ref(SalesRep,5)          amr
    ShipDate                  date                     amr
    ShipMethodRef             ref(ShipMethod,15)       amr
    FOB                       text(13)                 amr
    use totals
    Memo                      text(4095)               amr
    CustomerMsgRef            ref(CustomerMsg,101)     amr
    IsToBePrinted             bool                     amr
    IsToBeEmailed             bool                     amr
    IsTaxIncluded             bool                     amr
    CustomerSalesTaxCodeRef   ref(SalesTaxCode,3)      amr
    DepositToAccountRef       ref(Account,159)         amr
    Other                     text(29)                 amr
    ExchangeRate              rate                     am
    ExternalGUID              guid                     ar
    """

# The same as an invoice's.
SALES_RECEIPT_LINE = INVOICE_LINE

CREDIT_MEMO = """
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
    TotalAmount               amount                   r
    CreditRemaining           amount                   rv
    CurrencyRef               ref(Currency,64)         r
    ExchangeRate              rate                     r
    CreditRemainingInHomeCurrency amount               rv
    Memo                      text(4095)               amr
    CustomerMsgRef            ref(CustomerMsg,101)     amr
    IsToBePrinted             bool                     amr
    IsToBeEmailed             bool                     amr
    IsTaxIncluded             bool                     amr
    CustomerSalesTaxCodeRef   ref(SalesTaxCode,3)      amr
    Other                     text(29)                 amr
    ExchangeRate              rate                     am
    ExternalGUID              guid                     ar
    """

CREDIT_MEMO_LINE = INVOICE_LINE

RECEIVE_PAYMENT = """
    TxnNumber                 int                      r
    CustomerRef               ref(Customer,209)        Amr
    ARAccountRef              ref(Account,159)         amr
    TxnDate                   date                     amr
    RefNumber                 text(20)                 amr
    TotalAmount               amount                   amr
    CurrencyRef               ref(Currency,64)         r
    ExchangeRate              rate                     amr
    TotalAmountInHomeCurrency amount                   r
    PaymentMethodRef          ref(PaymentMethod,31)    amr
    Memo                      text(4095)               amr
    DepositToAccountRef       ref(Account,159)         amr
    UnusedPayment             amount                   rv
    UnusedCredits             amount                   rv
    ExternalGUID              guid                     ar
    """

# What a payment pays.  The line's TxnID is that of the paid transaction, so it has a name of its own here.
APPLIED_TO_TXN = """
    AppliedTxnID              id                       r     ret=TxnID
    TxnType                   enum(TxnType)            r
    TxnDate                   date                     r
    RefNumber                 text(20)                 r
    BalanceRemaining          amount                   rv
    Amount                    amount                   r
    DiscountAmount            amount                   r
    DiscountAccountRef        ref(Account,159)         r
    DiscountClassRef          ref(Class,159)           r
    """
