"""What can be made again from snapshots, mappings and what is kept, in DuckDB files of its own.

`<profile>/data/derived/` holds canonical tables with their hashes, bases, pairs and the differences of the
last comparisons, each named by what it was made from.  A file never changes; it is published by a rename,
and may be thrown away at any time: what is missing is made again.  Match and diff share them, and what a
later snapshot changed is laid over an earlier file, so that work grows with what changed.

`folder` names, writes, attaches and prunes the files; `Derived` makes the tables that matching and diff read
out of them; `touched` finds the records that a later snapshot may have changed; `differences` keeps a diff
and finds what must be compared again.
"""

from workbench.derived.derived import Derived
from workbench.derived.folder import Folder

__all__ = ["Derived", "Folder"]
