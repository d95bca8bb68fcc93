"""A mapping of invoices with lines, and a world that holds one linked invoice."""

from core_world import World, read

from workbench.diff import compute

INVOICES = """\
mapping: invoices
salesforce: {object: Opportunity, label: Name}
quickbooks: {object: Invoice, label: RefNumber}
states: {OpportunityToInvoice: {to: quickbooks}, InvoiceToOpportunity: {to: salesforce}}
operations: {salesforce: [add, modify], quickbooks: [add]}
winner: quickbooks
match: []
fields:
  number: {salesforce: Number, quickbooks: RefNumber, direction: to_salesforce}
  total: {salesforce: Amount, quickbooks: Subtotal, type: money, direction: compare}
  account: {salesforce: AccountId, quickbooks: CustomerRef_ListID, type: reference, reference: accounts}
lines:
  salesforce: {object: OpportunityLineItem, parent: OpportunityId, order: SortOrder, label: Description}
  quickbooks: {object: InvoiceLine, parent: TxnID, order: SeqNo, label: Desc}
  match: [{rule: item, field: item, accept: true}]
  fields:
    item: {salesforce: Product2Id, quickbooks: ItemRef_ListID, type: reference, reference: products}
    rate: {salesforce: UnitPrice, quickbooks: Rate, type: price, tolerance: "0.005"}
    text: {salesforce: Description, quickbooks: Desc}
"""
LINE_COLUMNS = ("Id | OpportunityId | SortOrder:N | Product2Id | UnitPrice:P | Description",
                "TxnLineID | TxnID | SeqNo:N | ItemRef_ListID | Rate:P | Desc")  # fmt: skip


def invoices(lines: tuple[str, str], totals: tuple[str, str] = ("10", "10"), *, linked: bool = True) -> World:
    given = (
        World()
        .table(
            "salesforce.Opportunity",
            f"Id | Name | Number | Amount:D | AccountId\nO | Deal | 7 | {totals[0]} | -",
        )
        .table(
            "quickbooks.Invoice",
            "TxnID | RefNumber | Subtotal:D | CustomerRef_ListID | EditSequence\n"
            f"I | 7 | {totals[1]} | - | 42",
        )
        .table("salesforce.OpportunityLineItem", f"{LINE_COLUMNS[0]}\n{lines[0]}")
        .table("quickbooks.InvoiceLine", f"{LINE_COLUMNS[1]}\n{lines[1]}")
        .pair("products", ("pa", "prodA", "itemA"), ("pb", "prodB", "itemB"))
        .close("invoices")
    )
    if linked:
        given.pair("invoices", ("d", "O", "I"))
    return given


def confirmed(given: World, *pairs: tuple[str, str, str]) -> World:
    given.pair("invoices.lines", *pairs)
    compute(given.connection, read(INVOICES))
    return given


ROWS = "mapping, kind, field, difference, resolution, resolved_by"
L1 = ("1 | O | 1 | prodA | 5.00 | x", "A | I | 1 | itemA | 5.00 | x")
