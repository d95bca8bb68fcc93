"""The three-way difference of matched records: what differs, who moved, and what is to be done about it.

Pure: an open DuckDB connection goes in (schemas `salesforce`, `quickbooks`, `kept`), tables in schema
`work` come out; nothing here opens a file or calls a system.

`compute` writes the tables behind the view `work.differences`, a row for each difference of a mapping and
its lines (`differences_of`), in no order:

| column | |
|---|---|
| mapping, pair, salesforce_id, quickbooks_id, label | what it is about; pair is NULL for a new record |
| kind | field, only_salesforce, only_quickbooks (see `model.Kind`) |
| field, type | mapping field and its type; NULL for a record on one side |
| difference | what the comparison found (see `model.Finding`) |
| base, salesforce, quickbooks | raw values as a person reads them; a record on one side shows its label |
| salesforce_value, quickbooks_value | comparable values as text, which a pinned decision remembers; |
| | for a record on one side a digest of all its values |
| gap | salesforce - quickbooks for numbers, DECIMAL(38,5); NULL when a side is empty |
| resolution, resolved_by, reason | what is to be done (see `model.Resolution`), who says so, in words |
| parent_pair | for lines: the pair of their documents |
| salesforce_modified, quickbooks_modified | TIMESTAMP in UTC, or NULL when not known |
| salesforce_version, quickbooks_version | what a write would be checked against |
| set_value, set_to | of a decision `set`: the value as it was given, and the sides that do not hold it |

The rules, field by field, with `same` in the sense of the field's type and tolerance:

1. Both sides the same: no row, or `converged` when both left the base.
2. No base for the field, or one that does not agree under today's mapping: `differs`, two ways.
3. One side left its own base value: take that side.  Both did, differently: `conflict`.
4. A person's decision comes first; then three-way; `conflict` and `differs` go to the winner.
5. What would be written must be allowed: the field's direction, a state that is on, the operation.
   A change that only the target of a one-way field saw is left alone (`off`), unless the field has a
   winner of its own: then that side's value is set back.

A record on one side is created there only when its mapping's first matching was closed, no candidate waits
for a person and all that it refers to is linked or created too.  One whose partner is gone is never created
again.  Without evidence it is `missing`: absence is not deletion.  With it the finding is `deleted`: where
the mapping's operations name `deactivate` or `delete` for its side, and it was not edited since both sides
agreed, it goes too; else a person decides.  A line that its document no longer has goes where the document
may be modified.

`agreed` writes `work.agreed`, the raw values of fields that are the same now and whose base is not.
"""

from workbench.diff.agreed import agreed
from workbench.diff.compute import compare, compute, settle
from workbench.diff.summary import Count, DiffSummary, Important, summary
from workbench.diff.tables import (
    create_differences,
    differences_of,
    exists,
    forget_differences,
    in_order,
    looked_at,
    others,
)
from workbench.normalize import prepare, prepare_base, prepare_pairs

__all__ = [
    "Count",
    "DiffSummary",
    "Important",
    "agreed",
    "compare",
    "compute",
    "create_differences",
    "differences_of",
    "exists",
    "forget_differences",
    "in_order",
    "looked_at",
    "others",
    "prepare",
    "prepare_base",
    "prepare_pairs",
    "settle",
    "summary",
]
