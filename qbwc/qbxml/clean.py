"""Make the bytes of an answer fit to be parsed, and tell what is wrong with those that are not.

Character references that XML forbids are removed first, because QuickBooks sends them.  References to the
range U+0080 to U+009F are read as Windows-1252, which is what a Windows program means by them (an inference:
as control characters they would mean nothing).
"""

from __future__ import annotations

import re

from lxml import etree

from qbwc.errors import QbxmlError


def malformed(source: bytes, error: etree.XMLSyntaxError) -> QbxmlError:
    """An error with line, column and a short excerpt, for XML that cannot be read."""
    line, column = error.position
    lines = source.split(b"\n", line)
    text = lines[line - 1] if 0 < line <= len(lines) else b""
    excerpt = text[max(0, column - 40) : column + 20].decode("utf-8", "replace")
    return QbxmlError(
        f"malformed qbXML at line {line}, column {column}: {error.msg}",
        where=f"... {excerpt} ...", value=excerpt, fix="Keep the bytes and read the page again.",
    )  # fmt: skip


_DECLARED = re.compile(r"""^\s*(<\?xml[^>]*?)\s+encoding\s*=\s*["'][^"']*["']""")
_REFERENCE = re.compile(rb"&#(x[0-9A-Fa-f]+|[0-9]+);")
_CONTROLS = bytes(code for code in range(0x20) if code not in (0x9, 0xA, 0xD))


def clean(document: str | bytes) -> bytes:
    """The bytes to parse, without what XML forbids and QuickBooks sends; a DOCTYPE is refused."""
    if isinstance(document, str):
        # Text has been decoded already: an encoding it still names would mislead the parser.
        source = _DECLARED.sub(r"\1", document, count=1).encode("utf-8", "xmlcharrefreplace")
    else:
        source = document
    source = source.lstrip(b"\xef\xbb\xbf \t\r\n")
    # The whole of it: a long comment could stand before.  XML knows the word in capitals only.
    if b"<!" in source and (b"<!DOCTYPE" in source or b"<!ENTITY" in source):
        raise QbxmlError("the answer holds a DOCTYPE, which qbXML never has", fix="Do not trust this peer.")
    if b"&#" in source:
        source = _REFERENCE.sub(_reference, source)
    return source.translate(None, _CONTROLS)


def _reference(found: re.Match[bytes]) -> bytes:
    digits = found[1]
    code = int(digits[1:], 16) if digits.startswith(b"x") else int(digits)
    if code in (0x9, 0xA, 0xD) or 0x20 <= code < 0x80 or 0xA0 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD:
        return found[0]
    if 0x10000 <= code <= 0x10FFFF:
        return found[0]
    if 0x80 <= code < 0xA0:
        return bytes([code]).decode("cp1252", "ignore").encode("ascii", "xmlcharrefreplace")
    return b""
