"""`python -m tests.faults.salesforce_child PROFILE CHANGESET before|after N`: a push that is killed.

The process ends at its request number N, without a word to anybody: before it is sent, or after the org has
answered.  Its exit code is 9 then, and 0 when the push had fewer requests.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import requests

from workbench import push
from workbench.connections import salesforce_bulk, salesforce_session
from workbench.errors import ConnectionProblem
from workbench.workspace import open_workspace

KILLED = 9


def main() -> int:
    """Carry the push on until killed."""
    folder, changeset, when, step = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    salesforce_session.FIRST_WAIT_SECONDS, salesforce_bulk.FIRST_POLL_SECONDS = 0.002, 0.02
    left = [step]
    send = requests.adapters.HTTPAdapter.send

    def deadly(*arguments: Any, **keywords: Any) -> requests.Response:
        left[0] -= 1
        if left[0] < 0 and when == "before":
            os._exit(KILLED)
        response = send(*arguments, **keywords)
        if left[0] < 0:
            os._exit(KILLED)
        return response

    requests.adapters.HTTPAdapter.send = deadly  # type: ignore[method-assign]
    workspace = open_workspace(folder)
    try:
        push.advance(workspace, changeset)
    except ConnectionProblem as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
