"""The rows behind a grid: filter, sort, windows and marks, in the kernel.

Nothing here knows a browser.  A frame stays as it is; a query answers positions in it, a window
answers the few rows a browser shows.  Rows that share an id are one change and are marked together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from workbench.errors import UsageProblem
from workbench.widgets.columns import Column, choose, is_number, text_of, width_of

Positions = NDArray[np.intp]
_NUMERIC = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean)
_SORTABLE = (*_NUMERIC, pa.types.is_temporal)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What one view shows: words that must all occur, one value for some columns, one sort column."""

    text: str = ""
    equal: Mapping[str, str] = field(default_factory=dict)
    sort: str | None = None
    descending: bool = False


class Rows:
    """A frame, its declared columns, and which of its changes are approved.

    Args:
        frame: Any columns; it is not copied and not changed.
        columns: See `columns.choose`.
        key: The column that holds a change's id; None when each row stands for itself.
        hold: The column with the reason why a change can't be approved, where the frame has it.
        approved: Ids approved already; ids that the frame doesn't have are left out.

    Raises:
        UsageProblem: A declared column is missing, or a row has no id.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        *,
        columns: Sequence[Column | str] | None = None,
        key: str | None = "change",
        hold: str = "hold",
        approved: Iterable[str] = (),
    ) -> None:
        self.frame = frame
        self.columns = choose(frame, columns, hidden=[hold, *([key] if key else [])])
        self._codes, self.ids = _identify(frame, key)
        self._position = {change: code for code, change in enumerate(self.ids)}
        self._held = self._holds(hold)
        self._marks = np.zeros(len(self.ids), dtype=bool)
        self._searchable: dict[str, pa.DictionaryArray] = {}
        self._sorted: tuple[tuple[str, bool], Positions] | None = None
        self.replace_approved(approved)

    # ---- marks

    @property
    def approved(self) -> frozenset[str]:
        return frozenset(self.ids[code] for code in np.flatnonzero(self._marks))

    @property
    def approved_count(self) -> int:
        return int(self._marks.sum())

    @property
    def held_count(self) -> int:
        return len(self._held)

    def hold_of(self, change: str) -> str | None:
        """Why a change can't be approved, or None."""
        return self._held.get(self._position[change])

    def is_approved(self, change: str) -> bool:
        return bool(self._marks[self._position[change]])

    def mark(self, changes: Iterable[str], approved: bool) -> None:
        """Marks changes; the caller has left out those that are held."""
        for change in changes:
            self._marks[self._position[change]] = approved

    def replace_approved(self, changes: Iterable[str]) -> list[str]:
        """Marks exactly these; answers the ones left out because they are held."""
        known = [change for change in changes if change in self._position]
        held = [change for change in known if self.hold_of(change) is not None]
        self._marks[:] = False
        self.mark(set(known) - set(held), True)
        return held

    def to_mark(self, changes: Iterable[str], approved: bool) -> tuple[list[str], list[str]]:
        """Of these changes, the ones a mark would alter, and the ones held back from approval."""
        alter = [change for change in changes if self.is_approved(change) != approved]
        held = [change for change in alter if approved and self.hold_of(change) is not None]
        kept_back = set(held)
        return [change for change in alter if change not in kept_back], held

    def changes_at(self, positions: Positions) -> list[str]:
        """The ids of the changes that these rows belong to, each once, in order."""
        codes = self._codes[positions]
        first = np.unique(codes, return_index=True)[1]
        return [self.ids[code] for code in codes[np.sort(first)]]

    # ---- what a view shows

    def find(self, query: Query) -> Positions:
        """Positions of the rows that the query keeps, in its order.

        Raises:
            UsageProblem: The query names a column that the frame doesn't have.
        """
        keep = np.ones(len(self.frame), dtype=bool)
        for name, value in query.equal.items():
            self._must_have(name)
            keep &= self._matches(name, lambda words, wanted=value: pc.equal(words, wanted))
        for word in query.text.split():
            keep &= self._contains(word)
        if query.sort is None:
            return np.flatnonzero(keep)
        order = self._order(query.sort, query.descending)
        return order[keep[order]]

    def window(self, positions: Positions, start: int, count: int) -> list[dict[str, Any]]:
        """Rows `start` to `start + count` of `positions` as the browser paints them (see `grid.js`)."""
        chosen = positions[start : start + count]
        before = int(self._codes[positions[start - 1]]) if start > 0 and len(chosen) else -1
        names = list(dict.fromkeys(n for c in self.columns for n in (c.name, c.versus) if n is not None))
        raw = {name: self.frame[name].iloc[chosen].tolist() for name in names}
        texts = {name: [text_of(value) for value in values] for name, values in raw.items()}
        rows = []
        for i, position in enumerate(chosen):
            code = int(self._codes[position])
            rows.append(
                {
                    "id": self.ids[code],
                    "approved": bool(self._marks[code]),
                    "hold": self._held.get(code),
                    "follows": code == before,
                    "cells": [texts[column.name][i] for column in self.columns],
                    "right": [j for j, c in enumerate(self.columns) if is_number(raw[c.name][i])],
                    "changed": [
                        j
                        for j, c in enumerate(self.columns)
                        if c.versus is not None and texts[c.name][i] != texts[c.versus][i]
                    ],
                }
            )
            before = code
        return rows

    def widths(self) -> list[int]:
        """One width in characters for each column."""
        head = self.frame.head(400)
        return [width_of(column, [text_of(v) for v in head[column.name]]) for column in self.columns]

    def write(self, name: str, positions: Positions, text: str) -> None:
        """Writes a text into a column of some rows."""
        texts = self.frame[name].to_numpy(dtype=object, copy=True)
        texts[positions] = text
        self.frame[name] = texts
        self._searchable.pop(name, None)
        self._sorted = None

    def values(self, name: str) -> list[str]:
        """The different texts of a column, sorted, without the empty one."""
        if name not in self.frame.columns:
            return []
        return sorted(text for text in self._texts(name).dictionary.to_pylist() if text)

    def counts(self, name: str) -> dict[str, int]:
        """How many changes have each text of a column; a change counts once, by its first row."""
        if name not in self.frame.columns:
            return {}
        first = np.unique(self._codes, return_index=True)[1]
        counted = self.frame[name].iloc[first].map(text_of).value_counts()
        return {str(text): int(number) for text, number in counted.items()}

    # ---- within

    def _holds(self, name: str) -> dict[int, str]:
        """The reason by change; a change with several has them in one text."""
        if name not in self.frame.columns:
            return {}
        reasons: dict[int, list[str]] = {}
        for position in np.flatnonzero(self.frame[name].notna().to_numpy()):
            reason = text_of(self.frame[name].iloc[position])
            listed = reasons.setdefault(int(self._codes[position]), [])
            if reason and reason not in listed:
                listed.append(reason)
        return {code: "; ".join(listed) for code, listed in reasons.items() if listed}

    def _must_have(self, name: str) -> None:
        if name not in self.frame.columns:
            raise UsageProblem(f"the grid has no column {name!r}", fix="Choose one of its columns.")

    def _contains(self, word: str) -> NDArray[np.bool_]:
        found = np.zeros(len(self.frame), dtype=bool)
        for column in self.columns:
            numeric = column.kind in ("number", "money")
            if numeric and not any(letter.isdigit() for letter in word):
                continue  # a million numbers needn't become text to look for a name among them
            found |= self._matches(
                column.name, lambda words: pc.match_substring(words, word, ignore_case=True)
            )
        return found

    def _matches(self, name: str, test: Any) -> NDArray[np.bool_]:
        """A test of a column's different texts, spread over its rows."""
        texts = self._texts(name)
        hits = np.asarray(test(texts.dictionary), dtype=bool)
        return hits[texts.indices.to_numpy(zero_copy_only=False)] if len(hits) else np.zeros(len(texts), bool)

    def _texts(self, name: str) -> pa.DictionaryArray:
        if name not in self._searchable:
            self._searchable[name] = self._as_text(name).dictionary_encode()
        return self._searchable[name]

    def _as_text(self, name: str) -> pa.Array:
        values = self.frame[name]
        if isinstance(values.dtype, pd.StringDtype):  # text already: no need to look at each
            array = pa.array(values, type=pa.string(), from_pandas=True).fill_null("")
            return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
        return pa.array([text_of(value) for value in values.tolist()], type=pa.string())

    def _order(self, name: str, descending: bool) -> Positions:
        """All positions sorted by a column, absent values last; the last answer is kept."""
        self._must_have(name)
        if self._sorted is None or self._sorted[0] != (name, descending):
            direction = "descending" if descending else "ascending"
            order = pc.array_sort_indices(self._sort_key(name), order=direction, null_placement="at_end")
            self._sorted = (name, descending), order.to_numpy().astype(np.intp)
        return self._sorted[1]

    def _sort_key(self, name: str) -> pa.Array:
        """Numbers and times by value, everything else by its text without regard to case."""
        try:
            values = pa.array(self.frame[name].tolist(), from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
            values = None  # text and numbers in one column
        if values is not None and any(fits(values.type) for fits in _SORTABLE):
            return values
        texts = self._as_text(name)
        return pc.utf8_lower(pc.if_else(pc.equal(texts, ""), None, texts))


def _identify(frame: pd.DataFrame, key: str | None) -> tuple[Positions, list[str]]:
    """A code for each row, and the id that each code stands for."""
    if key is None:
        return np.arange(len(frame), dtype=np.intp), [str(i) for i in range(len(frame))]
    if key not in frame.columns:
        raise UsageProblem(
            f"the grid has no column {key!r} to tell changes apart",
            values={"columns of the frame": ", ".join(map(str, frame.columns))},
            fix="Give its name, or None when each row stands for itself.",
        )
    codes, ids = pd.factorize(frame[key])
    if (codes < 0).any():
        first = int(np.flatnonzero(codes < 0)[0])
        raise UsageProblem(
            f"row {first} has no id in column {key!r}", fix="Give every row the id of its change."
        )
    return codes.astype(np.intp), [str(each) for each in ids]
