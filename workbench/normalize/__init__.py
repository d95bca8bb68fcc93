"""Comparable values: one form for what two systems write differently.

`compare_sql` is the DuckDB expression of the form in which a field is compared; `write_values` is the way
back, what would be written on the other side; `fits` says whether that side can hold it.  `prepare` and
`prepare_base` store the comparable columns of a mapping's records, with a hash of each row, so that
matching and diff read narrow tables.
"""

from workbench.normalize.base import base_columns, prepare_base, prepare_base_from, read_base
from workbench.normalize.canonical import prepare, prepare_from, read_sources, show_raw
from workbench.normalize.compare import (
    comparable_text,
    compare_sql,
    fingerprint_sql,
    normalised_name_sql,
    raw_text,
)
from workbench.normalize.evaluate import Values, evaluate
from workbench.normalize.fits import fits
from workbench.normalize.kept import create_kept
from workbench.normalize.only import Only, keep_pairs, narrow
from workbench.normalize.pairs import prepare_pairs
from workbench.normalize.sql import identifier, literal
from workbench.normalize.unread import show_unread, unread
from workbench.normalize.write import expressions_of_write, write_values

__all__ = [
    "Only",
    "Values",
    "base_columns",
    "comparable_text",
    "compare_sql",
    "create_kept",
    "evaluate",
    "expressions_of_write",
    "fingerprint_sql",
    "fits",
    "identifier",
    "keep_pairs",
    "literal",
    "narrow",
    "normalised_name_sql",
    "prepare",
    "prepare_base",
    "prepare_base_from",
    "prepare_from",
    "prepare_pairs",
    "raw_text",
    "read_base",
    "read_sources",
    "show_raw",
    "show_unread",
    "unread",
    "write_values",
]
