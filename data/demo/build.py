"""Make the demo data again: `python data/demo/build.py [--into DIR]`.

Everything in this folder but the programs, and in the README all between the marks, is made here from
the tables in `making/`.  The same tables give the same bytes, so a test compares the tracked files with a
fresh run.  Only the standard library is used.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True  # this folder is shipped as data

from making import tell  # noqa: E402 - the folder of this program must be on the path first
from making.fill import fill  # noqa: E402

_MADE = "# Made by build.py from making/planted/: change it there.\n"
_PLANTED = f"""{_MADE}# The table of README.md for programs.
# `shows` lists every row of the diff that a case makes after the edits:
#   before      its resolution while no decision is taken and no matching is closed
#   after       its resolution by decisions.yaml; null: the row is gone, because its record has
#               been linked, or because what both sides agree on has become the base
#   after_link  the row appears only when the case's `link` has been taken
# `write_backs` counts the pairs whose QuickBooks id Salesforce lacks, now and once the links have been taken.
# There is no other row.
"""
_DECISIONS = f"""{_MADE}# What the analyst decides about each planted case, and why.
# Records are named by their label
# (Name in Salesforce; FullName, or RefNumber of an invoice, in QuickBooks; the description of a line).
#   take_salesforce, take_quickbooks   write that side's value to the other
#   create                             make the record on the side where it is missing
#   link                               these two are the same record
#   accept                             different, and right as it is
#   refuse                             one side cannot hold it; the reason names the limit
#   ignore                             not to be shown again
# close: mappings whose first matching is done, so that records may be created.
"""
_EDITS = f"""{_MADE}# What a sales person (salesforce) and the bookkeeper (quickbooks) change after the first
# pull, in this order. key: the record's Id in Salesforce; its FullName or RefNumber in QuickBooks, where
# `lines` names all lines of the invoice with what changes in them. null empties a field. Amounts are quoted,
# so that no reader makes a float of them.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the demo data again.")
    parser.add_argument("--into", type=Path, default=HERE, help="folder to write to (default: this one)")
    for path, text in made().items():
        target = parser.parse_args().into / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())


def made() -> dict[str, str]:
    """Every file by its path in this folder."""
    books = fill()
    files = {f"salesforce/{name}.json": tell.json_text(rows) for name, rows in books.salesforce.items()}
    files |= {f"quickbooks/{name}.json": tell.json_text(rows) for name, rows in books.quickbooks.items()}
    files["decisions.yaml"] = _DECISIONS + tell.yaml_text(tell.decisions())
    files["edits.yaml"] = _EDITS + tell.yaml_text(tell.edits(books))
    files["planted.yaml"] = _PLANTED + tell.yaml_text(tell.planted(books))
    readme = (HERE / "README.md").read_text(encoding="utf-8")
    for name, table in (
        ("planted", tell.planted_table()),
        ("write-backs", tell.write_backs_table(books)),
        ("counts", tell.counts_table(books)),
    ):
        readme = tell.put_between(readme, name, table)
    files["README.md"] = readme
    return files


if __name__ == "__main__":
    main()
