"""Custom fields: what there is (definitions), and one value written to one record.

OwnerID `0` means a public custom field, which people see in QuickBooks; a GUID in braces means private data
of one application.  Values are read with their records (DataExtRet), never by a query of their own.
"""

from __future__ import annotations

DATA_EXT_DEF = """
    OwnerID                   guid                     Ar
    DataExtID                 int                      r
    DataExtName               text(31)                 Ar
    DataExtType               enum(DataExtType)        Ar
    AssignToObject            enum(AssignTo)           ar    many
    DataExtListRequire        bool                     ar
    DataExtTxnRequire         bool                     ar
    DataExtFormatString       text                     ar
    """

# A record of a list, or a transaction or one of its lines, or the company.  The length of a value follows
# from the definition's type.
DATA_EXT = """
    OwnerID                   guid                     Amr
    DataExtName               text(31)                 Amr
    ListDataExtType           enum(ListDataExtType)    Am    one=target.list!
    ListObjRef                ref(Customer|Item|Vendor|Employee|OtherName|Account,159) Am  one=target.list!
    TxnDataExtType            enum(TxnDataExtType)     Am    one=target.txn!
    TxnID                     id                       Am    one=target.txn!
    TxnLineID                 id                       am    one=target.txn!
    OtherDataExtType          enum(OtherDataExtType)   Am    one=target.other!
    DataExtType               enum(DataExtType)        r
    DataExtValue              text                     Amr
    """
