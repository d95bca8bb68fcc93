"""What a request document says, once its form is known to be right."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from qbwc.simulator.refusals import Refusal, bad_form


@dataclass(slots=True, kw_only=True)
class Order:
    """One request, read.

    Attributes:
        tag: E.g. 'CustomerModRq'.
        entity: 'Customer', or a union for its query; of a void or delete the type it names, known or not.
        action: 'query', 'add', 'mod', 'void' or 'delete'.
        asked: Query body in order, as (tag, text), nested filters flattened with "_".
        values: Flattened name -> text of an Add or Mod; "" empties a field.
        lines: The same for each line; None when the Mod names no line.
        refusal: The first value that could not be converted.
    """

    tag: str
    entity: str
    action: str
    request_id: str
    attributes: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    lines: list[dict[str, str]] | None = None
    refusal: Refusal | None = None

    def note(self, refusal: Refusal) -> None:
        """Remember what is wrong with a value; the first counts."""
        self.refusal = self.refusal or refusal

    def wanted(self, tag: str) -> list[str]:
        """All values of a query element."""
        return [text for name, text in self.asked if name == tag]

    def first(self, tag: str) -> str | None:
        """The value of a query element that stands once."""
        return next(iter(self.wanted(tag)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A message set, read; `attributes` are those of QBXMLMsgsRq."""

    attributes: dict[str, str]
    orders: list[Order]


def leaf_text(element: etree._Element) -> str:
    """The text of an element that may hold nothing else."""
    if len(element):
        raise bad_form(f"{element.tag!s} holds elements")
    return element.text or ""
