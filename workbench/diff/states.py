"""Which sides a mapping may write to, by its states and operations."""

from __future__ import annotations

from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass

from workbench.model import Mapping, Operation, Side, State
from workbench.normalize import identifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """The switches of a mapping, as SQL conditions and words.

    Attributes:
        on: The states that are on.
        off: Those that are not.
    """

    mapping: Mapping
    on: tuple[State, ...]
    off: tuple[State, ...]

    @classmethod
    def of(cls, mapping: Mapping, states: ReadOnly[str, bool]) -> Open:
        """The switches as the mapping has them, with some states set otherwise."""
        on = tuple(state for state in mapping.states if states.get(state.name, state.on))
        return cls(mapping=mapping, on=on, off=tuple(state for state in mapping.states if state not in on))

    def condition(self, target: Side, source: str) -> str:
        """Whether a state that is on takes the record; `source` is the alias of its canonical row."""
        gates = [
            f"coalesce({source}.{identifier(f'gate:{state.name}')}, false)" if state.where else "true"
            for state in self.on
            if state.to is target
        ]
        return f"({' OR '.join(gates)})" if gates else "false"

    def why_not(self, target: Side) -> str:
        """Why nothing is written to `target`, in words."""
        gated = [state.name for state in self.on if state.to is target]
        if gated:
            return f"the condition of {' and '.join(gated)} does not take this record"
        closed = [state.name for state in self.off if state.to is target]
        return f"{' and '.join(closed)} is off" if closed else f"no state writes to {target.label}"

    def may(self, operation: Operation, target: Side) -> bool:
        """Whether the mapping allows the operation on `target`."""
        return operation in self.mapping.operations[target]

    @property
    def any(self) -> bool:
        """Whether any state is on."""
        return bool(self.on)
