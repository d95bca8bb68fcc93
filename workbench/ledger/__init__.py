"""What was planned, marked, sent and answered: change sets, outcomes and the append-only record.

The ledger is our own record, never the books.
"""

from workbench.ledger.changesets import (
    carry_marks,
    list_changesets,
    load_changeset,
    mark,
    marked,
    save_changeset,
    undoing,
)
from workbench.ledger.leases import Lease, heartbeat, held_elsewhere, take_lease, trouble_of
from workbench.ledger.outcomes import (
    OutcomeRow,
    Settled,
    begin,
    claim,
    count_outcomes,
    open_changes,
    open_changesets,
    outcome_states,
    outcomes,
    outcomes_elsewhere,
    settle,
    settle_many,
)
from workbench.ledger.proofs import load_proof, save_proof
from workbench.ledger.pushes import (
    PushRow,
    begin_push,
    finish_push,
    move_push,
    push_row,
    pushes,
    unfinished_pushes,
)
from workbench.ledger.record import append, events, record
from workbench.ledger.schemaplans import (
    Step,
    begin_steps,
    latest_steps,
    load_schema_plan,
    note_step,
    save_schema_plan,
    schema_plans,
    settle_step,
    steps,
)

__all__ = [
    "Lease",
    "OutcomeRow",
    "PushRow",
    "Settled",
    "Step",
    "append",
    "begin",
    "begin_push",
    "begin_steps",
    "carry_marks",
    "claim",
    "count_outcomes",
    "events",
    "finish_push",
    "heartbeat",
    "held_elsewhere",
    "latest_steps",
    "list_changesets",
    "load_changeset",
    "load_proof",
    "load_schema_plan",
    "mark",
    "marked",
    "move_push",
    "note_step",
    "open_changes",
    "open_changesets",
    "outcome_states",
    "outcomes",
    "outcomes_elsewhere",
    "push_row",
    "pushes",
    "record",
    "save_changeset",
    "save_proof",
    "save_schema_plan",
    "schema_plans",
    "settle",
    "settle_many",
    "settle_step",
    "steps",
    "take_lease",
    "trouble_of",
    "undoing",
    "unfinished_pushes",
]
