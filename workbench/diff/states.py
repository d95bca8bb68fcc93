"""Which sides a mapping may write to, by its states and operations."""

from __future__ import annotations

from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass

from workbench.model import FieldMap, Mapping, Operation, Side, State
from workbench.normalize import identifier, literal


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
    def of(cls, mapping: Mapping, states: ReadOnly[str, bool] | None = None) -> Open:
        """The switches as the mapping has them, with some states set otherwise."""
        set_ = states or {}
        on = tuple(state for state in mapping.states if set_.get(state.name, state.on))
        return cls(mapping=mapping, on=on, off=tuple(state for state in mapping.states if state not in on))

    def states(self, target: Side, field: FieldMap | None = None) -> tuple[State, ...]:
        """The states that create on `target`, or that write a field there; those that are off too."""
        owner = self.mapping.owner(field, target) if field else None
        if owner:
            return (owner,)
        return tuple(each for each in self.mapping.states if each.to is target and not each.fields)

    def condition(self, target: Side, source: str, field: FieldMap | None = None) -> str:
        """Whether a state that is on takes the record, to create it or to write a field.

        `source` is the alias of the record's canonical row.
        """
        wanted = [each for each in self.states(target, field) if each in self.on]
        gates = [self._takes(each, source, create=field is None) for each in wanted]
        return f"({' OR '.join(gates)})" if gates else "false"

    def why_not(self, target: Side, source: str, field: FieldMap | None = None) -> str:
        """Why nothing is created on `target`, or a field not written there: SQL of a sentence.

        A state that is off and would take the record is named before those that are on and do not.
        """
        wanted = self.states(target, field)
        usual = literal(self._why_not(target, wanted, field))
        told: list[tuple[str, str]] = []
        if len(wanted) > 1 and any(each.where for each in wanted):
            told += [(_gate(each, source), f"{each.name} is off") for each in wanted if each in self.off]
        if field is None and self.mapping.parent is None:
            told += [
                (_gate(each, source), f"{each.name} creates only where {each.create_where}")
                for each in wanted
                if each in self.on and each.create_where
            ]
        cases = " ".join(f"WHEN {gate} THEN {literal(text)}" for gate, text in told)
        return f"CASE {cases} ELSE {usual} END" if told else usual

    def _takes(self, state: State, source: str, *, create: bool) -> str:
        """Whether a state takes a record; a line that is new in its document is no record of its own."""
        gate = _gate(state, source)
        if not (create and state.create_where and self.mapping.parent is None):
            return gate
        return f"({gate} AND coalesce({source}.{identifier(f'create gate:{state.name}')}, false))"

    def _why_not(self, target: Side, wanted: tuple[State, ...], field: FieldMap | None) -> str:
        gated = [state.name for state in wanted if state in self.on]
        if gated:
            return f"the condition of {' and '.join(gated)} does not take this record"
        if wanted:
            return f"{' and '.join(state.name for state in wanted)} {'is' if len(wanted) == 1 else 'are'} off"
        # Those that there are keep to the fields that they own.
        others = any(each.to is target for each in self.mapping.states)
        what = "writes to" if not others else "creates in" if field is None else "writes this field to"
        return f"no state {what} {target.label}"

    def carries(self, field: FieldMap, target: Side) -> bool:
        """Whether a record created on `target` comes with the field: not with one of a state that is off."""
        owner = self.mapping.owner(field, target)
        return field.direction.allows(target) and (owner is None or owner in self.on)

    def may(self, operation: Operation, target: Side) -> bool:
        """Whether the mapping allows the operation on `target`."""
        return operation in self.mapping.operations[target]

    def removal(self, target: Side) -> str | None:
        """How a record whose partner was deleted goes by rule: 'deactivate', 'delete' or not at all.

        A line goes by modifying its document.
        """
        if self.mapping.parent is not None:
            return "delete" if self.may(Operation.MODIFY, target) else None
        words = (Operation.DEACTIVATE, Operation.DELETE)
        return next((str(word) for word in words if self.may(word, target)), None)

    def may_go(self, word: str, target: Side) -> bool:
        """Whether a person may have a record deactivated or deleted.

        Making one inactive is a modification, so that a mapping which may modify or delete may do it.
        """
        if self.mapping.parent is not None:
            return word == "delete" and self.may(Operation.MODIFY, target)
        enough = {Operation(word)} | (
            {Operation.MODIFY, Operation.DELETE} if word == Operation.DEACTIVATE else set()
        )
        return any(self.may(each, target) for each in enough)

    def took(self, target: Side) -> tuple[bool, str]:
        """Whether any state that is on writes to `target`, and what is not known of a record that is gone.

        A state with a condition may have taken it or not: that can't be asked of it any more.
        """
        wanted = self.states(target)
        on = [each for each in wanted if each in self.on]
        if not on:
            return False, self._why_not(target, wanted, None)
        if len(on) == len(wanted) or not all(each.where for each in on):
            return True, ""
        off = [each.name for each in wanted if each not in on]
        verb = "is" if len(off) == 1 else "are"
        return True, f"{' and '.join(off)} {verb} off, and which state it was of can't be told any more"

    @property
    def any(self) -> bool:
        """Whether any state is on."""
        return bool(self.on)


def _gate(state: State, source: str) -> str:
    """Whether a state's condition takes a record, whose canonical row has the alias `source`."""
    return f"coalesce({source}.{identifier(f'gate:{state.name}')}, false)" if state.where else "true"
