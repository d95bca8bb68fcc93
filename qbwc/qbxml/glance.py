"""What the answers of a message set say of themselves, without a tree of their records.

QBWC waits while a page of hundreds of records is looked at, and the reply needs no more than each answer's
attributes and how many records it holds.  expat proves that the page is XML; records are then counted by
their closing tags, as none stands within another of its kind.  A page with a comment, CDATA or an answer of
a kind that is not known here has to be read as a tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pyexpat import ExpatError, ParserCreate

from lxml import etree

from qbwc.descriptor import UNIONS
from qbwc.errors import QbxmlError
from qbwc.qbxml.clean import clean, malformed
from qbwc.qbxml.reader import ENTITY_OF


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """One answer of a set.

    Attributes:
        name: Tag, e.g. 'CustomerQueryRs'.
        attributes: As they stand.
        records: Elements directly within it.
    """

    name: str
    attributes: Mapping[str, str]
    records: int


def glance(document: str) -> list[Glance]:
    """The answers of a message set, in order.

    Raises:
        QbxmlError: It is no qbXML answer; for malformed XML with line and column.
    """
    source = clean(document)
    found = _by_text(source) if _is_plain(source) else None
    return _by_tree(source) if found is None else found


def _is_plain(source: bytes) -> bool:
    """Whether it is XML in which every "<" begins or ends an element, but for the declaration."""
    if b"<!" in source or source.rfind(b"<?") > 0:
        return False
    try:
        ParserCreate("utf-8").Parse(source, True)
    except ExpatError:  # the other parser tells where, in words
        return False
    return True


_SET = re.compile(rb"(?:<\?[^>]*\?>)?\s*<QBXML>\s*<QBXMLMsgsRs(?:\s[^<>]*)?>\s*")
_HEAD = re.compile(rb"<([A-Za-z]+)(?:\s[^<>]*?)?(/?)>")
_END = re.compile(rb"\s*</QBXMLMsgsRs\s*>\s*</QBXML\s*>\s*")


def _by_text(source: bytes) -> list[Glance] | None:
    """The answers of well-formed XML of that kind; None where only a tree can tell."""
    begin = _SET.match(source)
    if begin is None:
        return None
    found, place = [], begin.end()
    while not _END.fullmatch(source, place):
        head = _HEAD.match(source, place)
        tags = _record_tags(head[1]) if head else None
        if head is None or tags is None:
            return None
        end = head.end() if head[2] else source.find(b"</%s>" % head[1], head.end())
        if end < 0 or any(source.find(b"<%s/" % tag, head.end(), end) >= 0 for tag in tags):
            return None
        found.append(
            Glance(
                name=head[1].decode(),
                attributes=_attributes(head[0] if head[2] else head[0][:-1] + b"/>"),
                records=sum(source.count(b"</%s>" % tag, head.end(), end) for tag in tags),
            )
        )
        place = _after_space(source, end if head[2] else end + len(b"</>") + len(head[1]))
    return found


def _after_space(source: bytes, place: int) -> int:
    while source[place : place + 1].isspace():
        place += 1
    return place


@lru_cache(maxsize=200)  # names come from the peer
def _record_tags(answer: bytes) -> tuple[bytes, ...] | None:
    """Tags of the records that an answer of that name holds; None where that is not known."""
    entity = answer.decode().removesuffix("QueryRs")
    union = UNIONS.get(entity)
    names = (*union.members, *union.others) if union else (entity,)
    tags = tuple(f"{name}Ret" for name in names)
    return tuple(tag.encode() for tag in tags) if all(tag in ENTITY_OF for tag in tags) else None


def _attributes(head: bytes) -> dict[str, str]:
    return {str(name): str(value) for name, value in etree.fromstring(head).attrib.items()}


def _by_tree(source: bytes) -> list[Glance]:
    try:
        root = etree.fromstring(source, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise malformed(source, error) from None
    answers = root.find("QBXMLMsgsRs")
    if answers is None:
        raise QbxmlError("the answer holds no QBXMLMsgsRs", fix="Keep the bytes; this is no qbXML answer.")
    return list(_told(answers))


def _told(answers: etree._Element) -> Iterator[Glance]:
    for answer in answers.iterchildren(tag=etree.Element):
        attributes = {str(name): str(value) for name, value in answer.attrib.items()}
        records = sum(1 for _ in answer.iterchildren(tag=etree.Element))
        yield Glance(name=str(answer.tag), attributes=attributes, records=records)
