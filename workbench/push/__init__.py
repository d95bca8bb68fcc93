"""Push: carry out an approved change set, once, and read back what became of each change.

`preview` shows what would be sent; `start` uses up the approval and writes the outcomes before anything
is sent; `advance` sends what is ready and settles what was answered, and may be called again at any
time, by any process that holds the lease, after any interruption; `cancel` stops it.
"""

from workbench.push.preview import preview
from workbench.push.quickbooks import refusal
from workbench.push.run import Tally, advance, author_of, permitted, start, tally, unsettled
from workbench.push.stopping import cancel

__all__ = [
    "Tally",
    "advance",
    "author_of",
    "cancel",
    "permitted",
    "preview",
    "refusal",
    "start",
    "tally",
    "unsettled",
]
