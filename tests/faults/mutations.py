"""Ways to spoil an XML document; each takes bytes and a source of chance, and answers bytes."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

Mutation = Callable[[bytes, Random], bytes]

_TAG = re.compile(rb"</?[A-Za-z][\w:.-]*")
_NUMBER = re.compile(rb"\d+")
_ATTRIBUTE = re.compile(rb"""\s([\w:]+)=("[^"]*"|'[^']*')""")
_ENTITIES = (
    b"&bogus;", b"&#0;", b"&#x1F;", b"&#x80;", b"&#xD800;", b"&#xFFFF;", b"&#99999999999;", b"&#-1;", b"&;",
    b"&", b"&amp;&lt;", b"&#x;",
)  # fmt: skip
_HUGE = (
    b"9" * 400,
    b"-" + b"9" * 30,
    b"1e999",
    b"NaN",
    b"0x10",
    b"1" * 5000,
    b"",
    b"\xd9\xa3",
    b"1.2.3",
    b"-0",
)
_ENCODINGS = (b"utf-16", b"utf-7", b"ibm037", b"iso-8859-15", b"windows-1252", b"nonsense", b"UTF-8")
_LAUGHS = (
    b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;">'
    b'<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;">]>',
    b'<!DOCTYPE x SYSTEM "file:///etc/hostname">',
    b'<!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:9/">]>',
    b'<!doctype html [<!entity a "b">]>',
)


def truncated(document: bytes, random: Random) -> bytes:
    """Cut off anywhere."""
    return document[: random.randrange(len(document) + 1)]


def beheaded(document: bytes, random: Random) -> bytes:
    """Without its beginning."""
    return document[random.randrange(len(document) + 1) :]


def flipped(document: bytes, random: Random) -> bytes:
    """A few bits the other way round."""
    changed = bytearray(document)
    for _ in range(random.randint(1, 8) if changed else 0):
        changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def swapped_tags(document: bytes, random: Random) -> bytes:
    """Two tags in each other's place."""
    tags = list(_TAG.finditer(document))
    if len(tags) < 2:
        return document
    one, other = sorted(random.sample(tags, 2), key=lambda found: found.start())
    between = document[one.end() : other.start()]
    return document[: one.start()] + other[0] + between + one[0] + document[other.end() :]


def repeated(document: bytes, random: Random) -> bytes:
    """A stretch of it twice or many times."""
    start, end = _stretch(document, random)
    return document[:end] + document[start:end] * random.choice((1, 1, 1, 50)) + document[end:]


def removed(document: bytes, random: Random) -> bytes:
    """Without a stretch."""
    start, end = _stretch(document, random)
    return document[:start] + document[end:]


def entities(document: bytes, random: Random) -> bytes:
    """References that mean nothing, or something forbidden."""
    return _inserted(document, random.choice(_ENTITIES), random)


def doctype(document: bytes, random: Random) -> bytes:
    """A DTD, after the declaration or in the middle."""
    at = document.find(b"?>") + 2 if random.random() < 0.8 else random.randrange(len(document) + 1)
    return document[:at] + random.choice(_LAUGHS) + document[at:]


def huge_number(document: bytes, random: Random) -> bytes:
    """A number that is none, or far too large."""
    numbers = list(_NUMBER.finditer(document))
    if not numbers:
        return document
    found = random.choice(numbers)
    return document[: found.start()] + random.choice(_HUGE) + document[found.end() :]


def other_encoding(document: bytes, random: Random) -> bytes:
    """Declared in another encoding than it has."""
    declared = b'<?xml version="1.0" encoding="' + random.choice(_ENCODINGS) + b'"?>'
    return declared + re.sub(rb"^<\?xml[^>]*\?>", b"", document)


def other_bytes(document: bytes, random: Random) -> bytes:
    """Encoded in another encoding than it declares."""
    name = random.choice(("utf-16", "utf-16-le", "utf-32", "cp1252"))
    return document.decode("utf-8", "replace").encode(name, "replace")


def raw_bytes(document: bytes, random: Random) -> bytes:
    """Bytes that are no UTF-8, or that XML forbids."""
    return _inserted(
        document, random.choice((b"\xff\xfe", b"\xc3\x28", b"\0", b"\x0b", b"\xed\xa0\x80")), random
    )


def nested(document: bytes, random: Random) -> bytes:
    """Elements within elements within elements."""
    depth = random.choice((10, 300, 5_000, 100_000))
    return _inserted(document, b"<a>" * depth + b"</a>" * (depth if random.random() < 0.5 else 0), random)


def doubled_attribute(document: bytes, random: Random) -> bytes:
    """An attribute twice in one tag."""
    found = list(_ATTRIBUTE.finditer(document))
    if not found:
        return _inserted(document, b' a="1" a="2"', random)
    one = random.choice(found)
    return document[: one.end()] + one[0] + document[one.end() :]


def long_text(document: bytes, random: Random) -> bytes:
    """A text, a tag or an attribute without end."""
    text = b"x" * random.choice((1_000, 70_000, 400_000))
    shape = random.choice((b"%s", b"<%s/>", b'<a b="%s"/>', b"<!--%s-->", b"<![CDATA[%s]]>", b"<?p %s?>"))
    return _inserted(document, shape % text, random)


def many_siblings(document: bytes, random: Random) -> bytes:
    """Thousands of empty elements."""
    return _inserted(document, b"<a/>" * random.choice((100, 20_000)), random)


def renamed(document: bytes, random: Random) -> bytes:
    """A tag by another name, everywhere: the document stays well-formed."""
    names = sorted(set(re.findall(rb"</([A-Za-z][\w:.-]*)", document)))
    if not names:
        return document
    old, new = random.choice(names), random.choice((*names, b"Unknown", b"x:y", b"string"))
    return re.sub(rb"(</?)" + re.escape(old) + rb"(?=[\s/>])", rb"\1" + new, document)


def other_text(document: bytes, random: Random) -> bytes:
    """Another text in an element without children."""
    places = list(re.finditer(rb">[^<>]*</", document))
    if not places:
        return document
    one = random.choice(places)
    text = random.choice(
        (b"", b" ", b"true", b"maybe", b"-1", b"2026-13-45", *_HUGE, "\u0416\u20ac".encode())
    )
    return document[: one.start() + 1] + text + document[one.end() - 2 :]


def element_twice(document: bytes, random: Random) -> bytes:
    """An element twice, or not at all."""
    places = list(re.finditer(rb"<([A-Za-z][\w:.-]{0,60})\b[^<>]*>[^<>]*</\1>", document))
    if not places:
        return document
    one = random.choice(places)
    return document[: one.start()] + one[0] * random.choice((0, 2, 3)) + document[one.end() :]


def replaced(document: bytes, random: Random) -> bytes:
    """Something else altogether."""
    return random.choice(
        (b"", b" ", b"{}", b"<", b"<a>", b"<QBXML/>", b"<QBXML><QBXMLMsgsRs/></QBXML>", random.randbytes(300))
    )


MUTATIONS: tuple[Mutation, ...] = (
    truncated, beheaded, flipped, flipped, swapped_tags, repeated, removed, entities, doctype, huge_number,
    huge_number, renamed, renamed, other_text, other_text, other_text, element_twice, element_twice,
    other_encoding, other_bytes, raw_bytes, nested, doubled_attribute, long_text, many_siblings, replaced,
)  # fmt: skip


def mutated(document: bytes, random: Random) -> bytes:
    """The document after one to three mutations."""
    for _ in range(random.choice((1, 1, 2, 3))):
        document = random.choice(MUTATIONS)(document, random)
    return document


def _inserted(document: bytes, what: bytes, random: Random) -> bytes:
    """Put in between two tags most of the time, anywhere else."""
    ends = [found.end() for found in re.finditer(rb">", document)]
    at = random.choice(ends) if ends and random.random() < 0.7 else random.randrange(len(document) + 1)
    return document[:at] + what + document[at:]


def _stretch(document: bytes, random: Random) -> tuple[int, int]:
    start = random.randrange(len(document) + 1)
    return start, min(len(document), start + random.choice((1, 10, 200, 2_000)))
