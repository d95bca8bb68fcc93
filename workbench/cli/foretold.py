"""What a plan foretells, printed: the answers, what a system will hold otherwise, what would come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.console import Output, table

if TYPE_CHECKING:
    from workbench.bench.changes import Changes

LOST = ["record", "object", "field", "after", "stored", "loss"]
HELD = ["record", "object", "side", "hold"]
RETURNING = ["record", "object", "side", "field", "kind", "cause"]


def tell(changes: Changes, output: Output) -> None:
    """Print it: counts first, then what a person should look at before approving."""
    from workbench.bench.display import counted

    answers = {_answer(code): count for code, count in changes.predicted.items()}
    output.out.print(f"expected answers: {counted(answers)}", markup=False)
    if changes.losses:
        said = f"values that a system holds otherwise: {counted(changes.losses)}"
        output.out.print(said, markup=False)
        output.out.print(table(changes.table[changes.table["loss"] != ""][LOST], "Held otherwise"))
    if changes.held:
        held = changes.table[changes.table["hold"] != ""]
        output.out.print(table(held[HELD].drop_duplicates(), "Held"))
    but = f", but for the {len(changes.held):,} held" if changes.held and changes.convergence.ok else ""
    output.out.print(f"{changes.convergence}{but}", markup=False)
    if not changes.convergence.ok:
        output.out.print(table(changes.convergence.table[RETURNING], "Would be written again"))


def _answer(code: str) -> str:
    return {"ok": "ok", "unknown": "not known"}.get(code, f"refused ({code})")
