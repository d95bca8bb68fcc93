"""The types that a value of each kind has elsewhere: in a describe, and in DuckDB."""

from __future__ import annotations

# Kind -> (type in a describe, type in DuckDB, digits, decimals).  AMTTYPE: 13 integer digits and exactly two
# decimals; PRICETYPE, QUANTYPE and PERCENTTYPE: 10 integer digits and up to five decimals (schema).
TYPES: dict[str, tuple[str, str, int, int]] = {
    "text": ("string", "VARCHAR", 0, 0),
    "name": ("string", "VARCHAR", 0, 0),
    "edit": ("string", "VARCHAR", 0, 0),
    "guid": ("string", "VARCHAR", 0, 0),
    "id": ("id", "VARCHAR", 0, 0),
    "email": ("email", "VARCHAR", 0, 0),
    "enum": ("picklist", "VARCHAR", 0, 0),
    "bool": ("boolean", "BOOLEAN", 0, 0),
    "int": ("int", "BIGINT", 0, 0),
    "amount": ("currency", "DECIMAL(18,2)", 15, 2),
    "price": ("double", "DECIMAL(18,5)", 15, 5),
    "quantity": ("double", "DECIMAL(18,5)", 15, 5),
    "percent": ("double", "DECIMAL(18,5)", 15, 5),
    "rate": ("double", "DECIMAL(18,8)", 18, 8),
    "date": ("date", "DATE", 0, 0),
    "time": ("datetime", "TIMESTAMP", 0, 0),
}
