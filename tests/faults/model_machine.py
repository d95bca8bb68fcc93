"""The model-based test itself: any act of `model_world`, in any order, and at the end everything settles."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.faults.model_world import World, running_world

SMALL = st.integers(0, 47)
FAULT = st.one_of(st.just(0), st.integers(1, 60))
DEATH = st.one_of(st.just(0), st.integers(1, 40))
"""0 is none: some pushes must come on."""

MISHAPS = st.tuples(FAULT, SMALL, DEATH)
EDITS = (
    World.edit_account, World.edit_customer, World.edit_deal, World.edit_deal_line, World.edit_invoice,
    World.edit_invoice_lines,
)  # fmt: skip


class Wrong(AssertionError):
    """What the reference has found, with the acts that led there."""


class Reconciliation(RuleBasedStateMachine):
    """One profile with its two systems, until they have settled."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.world = self.stack.enter_context(running_world())
        self.failed = False

    def teardown(self) -> None:
        try:
            if not self.failed:
                self.rest()
        finally:
            self.stack.close()

    def rest(self) -> None:
        """Let everything come to rest."""
        self.guarded(self.world.settle)
        self.look()

    def may(self, name: str) -> bool:
        """Whether a rule can be followed now."""
        needs = {
            "decide": self.world.diff_now is not None,
            "plan": self.world.diff_now is not None,
            "approve": bool(self.world.planned),
            "push": bool(self.world.planned),
            "approve_and_push": bool(self.world.planned),
            "undo": bool(self.world.started),
            "look_back": bool(self.world.shown),
            "resume": bool(self.world.started),
            "killed_elsewhere": bool(self.world.started),
            "web_connector": bool(self.world.started),
        }
        return needs.get(name, True)

    def guarded(self, act: Callable[..., object], *arguments: object) -> None:
        """Do an act; an error that is none of the expected ones is told with all acts before it."""
        try:
            act(*arguments)
        except Exception as error:
            self.failed = True
            raise Wrong(f"{type(error).__name__}: {error}\n{self.story()}") from error

    def story(self) -> str:
        return "\n".join(f"{number:3} {step}" for number, step in enumerate(self.world.steps, start=1))

    # --- people ----------------------------------------------------------------------------------

    @initialize(first=st.booleans())
    def begin(self, first: bool) -> None:
        """Half of the runs begin with what both sides have agreed on."""
        if first:
            for act in (self.world.pull, self.world.match, self.world.diff):
                self.guarded(act)

    @rule(edits=st.lists(st.tuples(st.sampled_from(EDITS), SMALL, SMALL, SMALL), min_size=1, max_size=4))
    def edit(self, edits: list[tuple[Callable[..., object], int, int, int]]) -> None:
        for act, which, what, value in edits:
            self.guarded(act, self.world, which, what, value)

    @rule(kind=st.integers(0, 4), which=SMALL, value=SMALL)
    def make(self, kind: int, which: int, value: int) -> None:
        world = self.world
        match kind:
            case 0:
                self.guarded(world.new_account, value)
            case 1:
                self.guarded(world.new_customer, value)
            case 2:
                self.guarded(world.new_deal, which, value)
            case 3:
                self.guarded(world.new_deal_line, which, value)
            case _:
                self.guarded(world.new_invoice, which, value)

    @rule(side=st.booleans(), what=SMALL, which=SMALL)
    def delete(self, side: bool, what: int, which: int) -> None:
        act = self.world.delete_in_salesforce if side else self.world.delete_in_quickbooks
        self.guarded(act, what, which)

    @rule(minutes=st.sampled_from((1, 10, 60)))
    def time_passes(self, minutes: int) -> None:
        self.guarded(self.world.pass_time, minutes)

    # --- the cycle -------------------------------------------------------------------------------

    @rule(fault=FAULT, at=SMALL, death=DEATH)
    def pull(self, fault: int, at: int, death: int) -> None:
        self.guarded(self.world.pull, fault, at, death)

    @rule(close=st.booleans())
    def match(self, close: bool) -> None:
        self.guarded(self.world.match, close)

    @rule()
    def compare(self) -> None:
        for act in (self.world.pull, self.world.match, self.world.diff, self.world.plan):
            self.guarded(act)

    @rule()
    def diff(self) -> None:
        self.guarded(self.world.diff)

    @precondition(lambda self: self.may("decide"))
    @rule(which=SMALL, decision=SMALL, pinned=st.booleans())
    def decide(self, which: int, decision: int, pinned: bool) -> None:
        self.guarded(self.world.decide, which, decision, pinned)

    @precondition(lambda self: self.may("plan"))
    @rule(to=st.sampled_from((0, 0, 0, 1, 2)))
    def plan(self, to: int) -> None:
        self.guarded(self.world.plan, to)

    @precondition(lambda self: self.may("approve"))
    @rule(which=st.sampled_from((0, 0, 1)), some=st.one_of(st.just(0), st.integers(1, 255)))
    def approve(self, which: int, some: int) -> None:
        self.guarded(self.world.approve, which, some)

    @precondition(lambda self: self.may("push"))
    @rule(which=st.sampled_from((0, 0, 1)), fault=FAULT, at=SMALL, death=DEATH)
    def push(self, which: int, fault: int, at: int, death: int) -> None:
        self.guarded(self.world.push, which, fault, at, death)

    @precondition(lambda self: self.may("approve_and_push"))
    @rule(fault=FAULT, at=SMALL, death=DEATH)
    def approve_and_push(self, fault: int, at: int, death: int) -> None:
        self.guarded(self.world.approve)
        self.guarded(self.world.push, 0, fault, at, death)

    @rule(
        edits=st.lists(st.tuples(st.sampled_from(EDITS), SMALL, SMALL, SMALL), min_size=1, max_size=4),
        some=st.one_of(st.just(0), st.integers(1, 255)),
        pushed=MISHAPS,
        then=st.lists(st.tuples(st.booleans(), MISHAPS), max_size=5),
    )
    def a_day(
        self,
        edits: list[tuple[Callable[..., object], int, int, int]],
        some: int,
        pushed: tuple[int, int, int],
        then: list[tuple[bool, tuple[int, int, int]]],
    ) -> None:
        """Edits of both sides, all the way to a push, and mishaps until people go home."""
        world = self.world
        for act, which, what, value in edits:
            self.guarded(act, world, which, what, value)
        for step in (world.pull, world.match, world.diff, world.plan):
            self.guarded(step)
        self.guarded(world.approve, 0, some)
        self.guarded(world.push, 0, *pushed)
        for called, mishap in then:
            if called:
                self.guarded(world.call, *mishap[:2])
            else:
                self.guarded(world.resume, *mishap)

    @precondition(lambda self: self.may("undo"))
    @rule(which=SMALL, mishap=MISHAPS)
    def undo(self, which: int, mishap: tuple[int, int, int]) -> None:
        """Take a push back, and push that like any other."""
        for act in (self.world.pull, lambda: self.world.undo(which), self.world.approve):
            self.guarded(act)
        self.guarded(self.world.push, 0, *mishap)

    @rule()
    def there_and_back(self) -> None:
        self.guarded(self.world.there_and_back)

    @precondition(lambda self: self.may("look_back"))
    @rule(which=SMALL)
    def look_back(self, which: int) -> None:
        self.guarded(self.world.look_back, which)

    @precondition(lambda self: self.may("resume"))
    @rule(fault=FAULT, at=SMALL, death=DEATH)
    def resume(self, fault: int, at: int, death: int) -> None:
        self.guarded(self.world.resume, fault, at, death)

    def killed_elsewhere(self, at: int) -> None:
        """No rule: it takes seconds, and is for the campaign."""
        self.guarded(self.world.resume_elsewhere, at)

    @precondition(lambda self: self.may("web_connector"))
    @rule(fault=FAULT, at=SMALL)
    def web_connector(self, fault: int, at: int) -> None:
        self.guarded(self.world.call, fault, at)

    @invariant()
    def look(self) -> None:
        if self.world.reference.trouble:
            self.failed = True
            told = "\n".join(f"{kind}: {note}" for kind, note in self.world.reference.trouble[:6])
            raise Wrong(f"{told}\n{self.story()}")
