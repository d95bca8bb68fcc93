"""Whether a write carries all that the server needs to send it, and to judge it after a lost answer."""

from __future__ import annotations

from qbwc.queue.model import WriteRequest, lost_lines

ACTIONS = ("add", "mod", "void", "delete")


def problems(request: WriteRequest) -> list[str]:
    """What is missing or contradicts itself; values are checked elsewhere."""
    if request.action not in ACTIONS:
        return [f"action {request.action!r} is none of {', '.join(ACTIONS)}"]
    if request.entity == "DataExt":
        return _custom_field(request)
    found = _version(request) if request.action != "add" else []
    if request.action in ("void", "delete") and (request.fields or request.lines):
        found.append(f"a {request.action} takes no values")
    return found + _lines(request)


def _version(request: WriteRequest) -> list[str]:
    if request.key and request.edit_sequence:
        return []
    return [f"a {request.action} needs the key and the EditSequence it was reviewed against"]


def _custom_field(request: WriteRequest) -> list[str]:
    if request.action == "mod" and "DataExtValue" not in (request.expected or {}):
        return ["a changed custom field needs its reviewed value: expected={'DataExtValue': ...}"]
    return []


def _lines(request: WriteRequest) -> list[str]:
    if request.removes and (request.action != "mod" or request.lines is None):
        return ["removes is for a mod that carries the lines it keeps"]
    if request.action != "mod" or request.lines is None:
        return []
    reviewed = (request.expected or {}).get("lines")
    if reviewed is None:
        return ["a mod with lines needs the reviewed lines in expected['lines']: others would be lost unseen"]
    if any(not line.get("TxnLineID") for line in reviewed):
        return ["a reviewed line in expected['lines'] has no TxnLineID"]
    known = {str(line["TxnLineID"]) for line in reviewed}
    sent = {str(line.get("TxnLineID")) for line in request.lines}
    found = [
        f"line {one} would be lost: it is neither in lines nor in removes" for one in lost_lines(request)
    ]
    found += [
        f"removes names line {one}, which was not reviewed" for one in request.removes if one not in known
    ]
    found += [f"line {one} is both kept and removed" for one in request.removes if one in sent]
    return found
