"""Approvals: one signature over exactly what was reviewed, by somebody who may.

`approve` signs; `check_approval` answers whether a push may go by it.  The first who approves is enrolled by
itself, key and all; further approvers are let in by one who is there (`enrol`), and taken out (`revoke`).
One's own key proves that nothing was changed since it was approved, not who sat at the machine.
"""

from workbench.approval.approvers import Approvers, Entry, Key, replay
from workbench.approval.approving import (
    VALID_HOURS,
    Approval,
    Withdrawn,
    approve,
    check_approval,
    check_content,
    check_signature,
    expired,
    hash_of,
    latest_approval,
    use,
)
from workbench.approval.enrolment import (
    approvers,
    as_listed,
    default_approver,
    enrol,
    request,
    revoke,
)
from workbench.approval.limits import extent, read_limits
from workbench.approval.privatekeys import OwnKey, OwnKeys
from workbench.approval.signing import as_pem, key_id, shown_id

__all__ = [
    "VALID_HOURS",
    "Approval",
    "Approvers",
    "Entry",
    "Key",
    "OwnKey",
    "OwnKeys",
    "Withdrawn",
    "approve",
    "approvers",
    "as_listed",
    "as_pem",
    "check_approval",
    "check_content",
    "check_signature",
    "default_approver",
    "enrol",
    "expired",
    "extent",
    "hash_of",
    "key_id",
    "latest_approval",
    "read_limits",
    "replay",
    "request",
    "revoke",
    "shown_id",
    "use",
]
