"""The facts of qbXML 13.0 for the records this project reads and writes, in data of our own.

Read `qbwc.descriptor.notation` for the form. Elements that no mapping can use (address blocks, contact lists,
credit cards, sets of units, inventory sites, serial numbers) are left out on purpose: the reader steps over
them, the writer never sends them. `Suffix` is left out because QuickBooks Desktop refuses it although the
schema accepts it; tax numbers of the company and its owner (EIN, SSN) because nobody here needs them.

    shared     fragments and enumerations that several tables use
    names      customers, vendors, employees, other names: one name space
    lists      accounts, classes, terms, sales tax codes
    items      what is sold
    sales      transactions and their lines
    company    the company file itself, and what was deleted from it
    custom     definitions and values of custom fields
"""
