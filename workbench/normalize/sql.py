"""Small pieces of DuckDB SQL: quoted names and texts, and the names of the tables made here."""

from __future__ import annotations

from collections.abc import Iterable

from workbench.model import Mapping, Side


def identifier(name: str) -> str:
    """A name as DuckDB takes it, whatever characters it holds."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text constant; only for names and words of a mapping (values of records go as parameters)."""
    return "'" + text.replace("'", "''") + "'"


def listed(parts: Iterable[str], indent: int = 2) -> str:
    """Parts of a SELECT list, one a line."""
    return (",\n" + " " * indent).join(parts)


def canonical(mapping: Mapping, side: Side) -> str:
    """The table of comparable columns of one side."""
    return f"work.{identifier(f'{mapping.name}.{side}')}"


def raw(mapping: Mapping, side: Side) -> str:
    """The view of raw values as text, columns `raw:<API field>`."""
    return f"work.{identifier(f'{mapping.name}.{side}.raw')}"


def base(mapping: Mapping) -> str:
    """The table of the base in comparable columns, `s:<field>` and `q:<field>`."""
    return f"work.{identifier(f'{mapping.name}.base')}"


def base_raw(mapping: Mapping) -> str:
    """The view of the base's raw values as a person reads them, columns `raw:<field>`."""
    return f"work.{identifier(f'{mapping.name}.base.raw')}"
