"""Commands for mappings: new, copy, on, off, diff, functions, schema."""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench import resources
from workbench.console import Output
from workbench.errors import MappingError, UsageProblem
from workbench.mapping import load_mapping, read_mapping, save, set_state, set_states
from workbench.mapping.nodes import closest
from workbench.mapping.schema import NAME as SCHEMA
from workbench.mapping.schema import schema_text
from workbench.model import Mapping
from workbench.profile import read_profile

if TYPE_CHECKING:
    from workbench.mapping.propose import Proposal

Add = Callable[..., argparse.ArgumentParser]

DIFFERENCES = 2
GUIDE = "expressions.md"


def add_commands(add_in_profile: Add) -> None:
    """Add `workbench mapping` and what stands behind it."""
    group = add_in_profile("mapping", _nothing, "mappings: new, copy, on, off, diff, functions, schema")
    actions = group.add_subparsers(dest="action", required=True, metavar="ACTION", parser_class=type(group))

    def add(name: str, run: Callable[[argparse.Namespace, Output], int], help_: str) -> Any:
        command = actions.add_parser(name, help=help_, description=help_)
        # Before the action or behind it: an action must not put the default over what was given before.
        command.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
        command.add_argument("--profile", type=Path, default=argparse.SUPPRESS, metavar="DIR")
        command.set_defaults(run=run)
        return command

    command = add("new", new, "propose a mapping of two objects; all its states are off")
    command.add_argument("salesforce", nargs="?", metavar="OBJECT", help="Salesforce object, e.g. Account")
    command.add_argument("quickbooks", nargs="?", metavar="ENTITY", help="QuickBooks entity, e.g. Vendor")
    command.add_argument("--name", help="name of the mapping (object-entity)")
    command = add("copy", copy, "copy a mapping under a new name; all states of the copy are off")
    command.add_argument("mapping")
    command.add_argument("name", help="name of the copy")
    for name, run, help_ in (("on", on, "switch a mapping on"), ("off", off, "switch a mapping off")):
        command = add(name, run, help_)
        command.add_argument("mapping")
        command.add_argument("--state", help="only this state")
    command = add(
        "diff", diff, "what would change in the plan on the stored snapshots; exit code 2 if anything"
    )
    command.add_argument("old", help="a mapping of the profile, or a file")
    command.add_argument("new", help="a mapping of the profile, or a file")
    command.add_argument("--to", choices=["both", "salesforce", "quickbooks"], default="both")
    command = add("functions", functions, "the functions that expressions may use, with examples")
    command.add_argument("--write", action="store_true", help=f"put {GUIDE} into the profile's mappings")
    command = add("schema", schema, "the JSON Schema of mapping files, for editors")
    command.add_argument("--write", action="store_true", help=f"put {SCHEMA} into the profile's mappings")


def new(arguments: argparse.Namespace, output: Output) -> int:
    """Propose a mapping; the file validates, and nothing is written by it before it is switched on."""
    from workbench.cli.mapping_new import proposed

    salesforce = arguments.salesforce or _asked("Salesforce object")
    quickbooks = arguments.quickbooks or _asked("QuickBooks entity")
    name = arguments.name or f"{_word(salesforce)}-{_word(quickbooks)}"
    file = _free_file(read_profile(arguments.profile).mappings, name)
    text, found, told = proposed(arguments.profile, name, salesforce, quickbooks, output.say)
    read_mapping(text, file)
    file.write_text(text, encoding="utf-8")
    _give_schema(file.parent)
    output.answer(
        {"file": str(file), "mapping": name, "fields": [_as_data(each) for each in found], "pairs": told},
        _shown(found, file, name),
    )
    return 0


def copy(arguments: argparse.Namespace, output: Output) -> int:
    """Copy a mapping; two that are on would write to the same records, so the copy is off."""
    source = _file(arguments, arguments.mapping)
    file = _free_file(source.parent, arguments.name, "Give the copy another name.")
    # The copy appears complete or not at all: it is changed beside its place.
    unfinished = file.with_suffix(".new")
    shutil.copyfile(source, unfinished)
    try:
        save(unfinished, {("mapping",): arguments.name})
        set_states(unfinished, False)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
    _give_schema(file.parent)
    shown = f"{file}: a copy of {arguments.mapping}, all states off; `workbench mapping on {arguments.name}`"
    output.answer({"file": str(file), "mapping": arguments.name}, shown)
    return 0


def on(arguments: argparse.Namespace, output: Output) -> int:
    """Switch a mapping or one of its states on."""
    return _switched(arguments, output, on=True)


def off(arguments: argparse.Namespace, output: Output) -> int:
    """Switch a mapping or one of its states off."""
    return _switched(arguments, output, on=False)


def diff(arguments: argparse.Namespace, output: Output) -> int:
    """Compare the plans that two mappings make of the stored snapshots; nothing is kept or written."""
    from workbench.cli.mapping_plan import compared

    old, new_ = _mapping(arguments, arguments.old), _mapping(arguments, arguments.new)
    rows = compared(arguments.profile, old, new_, arguments.to, output.say)
    lines = [_told(row) for row in rows]
    shown = "\n".join(lines) or "the plan stays the same"
    output.answer({"old": arguments.old, "new": arguments.new, "changes": rows}, shown)
    return DIFFERENCES if rows else 0


def functions(arguments: argparse.Namespace, output: Output) -> int:
    """Show the guide to expressions, or write it beside the mappings."""
    from workbench.expressions.functions import FUNCTIONS
    from workbench.expressions.guide import guide

    if arguments.write:
        return _write(arguments, output, GUIDE, guide())
    names = [{"name": each.name, "portable": each.portable, "example": each.example} for each in FUNCTIONS]
    output.answer({"functions": names})
    if not output.json:
        sys.stdout.write(guide())  # as it is, so that it can go into a file
    return 0


def schema(arguments: argparse.Namespace, output: Output) -> int:
    """Show the JSON Schema, or write it beside the mappings."""
    if arguments.write:
        return _write(arguments, output, SCHEMA, schema_text())
    output.answer({"schema": schema_text()})
    if not output.json:
        sys.stdout.write(schema_text())
    return 0


def _nothing(_: argparse.Namespace, __: Output) -> int:
    raise UsageProblem("say what to do with a mapping", fix="`workbench mapping --help` lists it.")


def _switched(arguments: argparse.Namespace, output: Output, *, on: bool) -> int:
    file = _file(arguments, arguments.mapping)
    if arguments.state is None:
        found = set_states(file, on)
    else:
        known = [each.name for each in load_mapping(file).states]
        if arguments.state not in known:
            raise UsageProblem(f"there is no state '{arguments.state}'", fix=closest(arguments.state, known))
        found = set_state(file, arguments.state, on)
    states = {each.name: each.on for each in found.states}
    shown = "\n".join(f"{name}: {'on' if each else 'off'}" for name, each in states.items())
    output.answer({"mapping": found.name, "states": states}, shown)
    return 0


def _file(arguments: argparse.Namespace, name: str) -> Path:
    """The file of one of the profile's mappings, by its name or the file's; a wrong file is found too."""
    folder = read_profile(arguments.profile).mappings
    files = sorted(each for pattern in ("*.yaml", "*.yml") for each in folder.glob(pattern))
    for file in files:
        if name in (file.stem, file.name) or re.search(
            rf"^mapping:\s*{re.escape(name)}\s*(#|$)",
            file.read_text(encoding="utf-8-sig", errors="replace"),
            re.M,
        ):
            return file
    known = closest(name, [file.stem for file in files])
    raise UsageProblem(f"there is no mapping '{name}' in {folder}", fix=known)


def _mapping(arguments: argparse.Namespace, name: str) -> Mapping:
    """A mapping by a file's path, or by its name in the profile."""
    path = Path(name)
    return load_mapping(path if path.is_file() else _file(arguments, name))


def _free_file(folder: Path, name: str, another: str = "Give another --name.") -> Path:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", name):
        raise UsageProblem(f"'{name}' is no name for a mapping", fix="Use letters, digits, - and _.")
    file = folder / f"{name}.yaml"
    if file.exists():
        raise MappingError("there is such a mapping already", where=str(file), fix=another)
    folder.mkdir(parents=True, exist_ok=True)
    return file


def _asked(what: str) -> str:
    if not sys.stdin.isatty():
        raise UsageProblem(f"{what}: none given", fix="workbench mapping new OBJECT ENTITY")
    sys.stderr.write(f"{what}: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def _word(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.removesuffix("__c").lower()).strip("-")


def _give_schema(folder: Path) -> None:
    """The schema that the first line of a mapping names lies beside it."""
    for name in (SCHEMA, GUIDE):
        if not (folder / name).exists() and (resources.mappings() / name).is_file():
            shutil.copyfile(resources.mappings() / name, folder / name)


def _write(arguments: argparse.Namespace, output: Output, name: str, text: str) -> int:
    file = read_profile(arguments.profile).mappings / name
    file.write_text(text, encoding="utf-8")
    output.answer({"file": str(file)}, str(file))
    return 0


def _as_data(each: Proposal) -> dict[str, Any]:
    return {name: str(getattr(each, name)) for name in each.__slots__ if name != "score"} | {
        "score": each.score
    }


def _shown(found: Iterable[Proposal], file: Path, name: str) -> str:
    lines = [f"{each.name:<24} {each.salesforce} = {each.quickbooks}  {each.why}" for each in found]
    return "\n".join(
        [*lines, "", f"Written to {file}, all states off.", f"`workbench mapping on {name}` when read."]
    )


def _told(row: dict[str, Any]) -> str:
    signs = {"added": "+", "removed": "-", "changed": "~"}
    head = f"{signs[row['what']]} {row['side']} {row['action']} {row['object']} {row['label']}"
    cells = [f"    {api}: {old!s} -> {new_!s}" for api, (old, new_) in row["values"].items()]
    return "\n".join([head, *cells])
