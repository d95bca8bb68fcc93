"""CSV as Bulk API 2.0 reads and writes it, and files of rows that can be read by page.

Every value is quoted; a quoted value may hold line breaks.  Answers are UTF-8 without a mark at the
beginning.  Files are temporary and have no name: they vanish with the process.
"""

from __future__ import annotations

import csv
import io
import tempfile
import threading
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from .errors import OrgError

DELIMITERS: Mapping[str, str] = {
    "COMMA": ",",
    "TAB": "\t",
    "SEMICOLON": ";",
    "PIPE": "|",
    "CARET": "^",
    "BACKQUOTE": "`",
}
LINE_ENDS: Mapping[str, str] = {"LF": "\n", "CRLF": "\r\n"}
_PIECE = 1 << 16  # bytes of an answer that are in memory at once


@dataclass(frozen=True, slots=True)
class Dialect:
    """Column delimiter and line end of a job, by the names that the API gives them.

    Raises:
        OrgError: INVALIDJOB, a name that isn't known.
    """

    delimiter: str = "COMMA"
    line_end: str = "LF"

    def __post_init__(self) -> None:
        for what, name, known in (
            ("columnDelimiter", self.delimiter, DELIMITERS),
            ("lineEnding", self.line_end, LINE_ENDS),
        ):
            if name not in known:
                raise OrgError("INVALIDJOB", f"{what} must be one of {', '.join(known)}, not {name!r}")

    def line(self, values: Iterable[str]) -> bytes:
        """One row, every value in quotes."""
        quoted = DELIMITERS[self.delimiter].join(
            f'"{value.replace(chr(34), chr(34) * 2)}"' for value in values
        )
        return f"{quoted}{LINE_ENDS[self.line_end]}".encode()

    def rows(self, content: IO[bytes]) -> Iterator[list[str]]:
        """The rows of an upload, the header first; empty lines are skipped.

        Raises:
            OrgError: InvalidBatch, it isn't UTF-8, isn't CSV, or has the other line end.
        """
        content.seek(0)
        first = content.readline()
        if first.endswith(b"\n") and first.endswith(b"\r\n") is not (self.line_end == "CRLF"):
            raise invalid_batch(
                f"LineEnding is invalid on user data. Current LineEnding setting is {self.line_end}"
            )
        content.seek(0)
        text = io.TextIOWrapper(content, encoding="utf-8", newline="")
        try:
            yield from filter(None, csv.reader(text, delimiter=DELIMITERS[self.delimiter], strict=True))
        except UnicodeDecodeError:
            raise invalid_batch("The content isn't UTF-8") from None
        except csv.Error as error:
            raise invalid_batch(f"Failed to parse CSV: {error}") from None
        finally:
            text.detach()  # else it would close the upload


class RowFile:
    """A header and rows, kept in a temporary file; any span of rows can be read."""

    def __init__(self, dialect: Dialect, header: Sequence[str]) -> None:
        self._header = dialect.line(header)
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (lives as long as its job)
        self._ends = array("Q")  # where each row ends
        self._size = 0
        self._guard = threading.Lock()

    def __len__(self) -> int:
        return len(self._ends)

    def extend(self, lines: Iterable[bytes]) -> None:
        """Append rows that are written already, each with its line end."""
        with self._guard:
            self._file.seek(self._size)
            for line in lines:
                self._file.write(line)
                self._size += len(line)
                self._ends.append(self._size)

    def read(self, start: int = 0, count: int | None = None) -> tuple[int, Iterator[bytes]]:
        """How many bytes the header and these rows have, and the bytes in pieces."""
        stop = len(self._ends) if count is None else min(len(self._ends), start + count)
        first = self._ends[start - 1] if start else 0
        last = self._ends[stop - 1] if stop else 0
        return len(self._header) + last - first, self._pieces(first, last)

    def _pieces(self, at: int, end: int) -> Iterator[bytes]:
        yield self._header
        while at < end:
            with self._guard:
                self._file.seek(at)
                piece = self._file.read(min(_PIECE, end - at))
            if not piece:
                return
            at += len(piece)
            yield piece

    def close(self) -> None:
        self._file.close()


def invalid_batch(message: str) -> OrgError:
    """What is wrong with an upload as a whole: its job fails and says this."""
    return OrgError("InvalidBatch", message)
