"""Commands for those who approve: approver list, request, add, revoke; and cancel."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

from workbench.console import Output, records, table
from workbench.errors import UsageProblem

if TYPE_CHECKING:
    from workbench.bench import Bench

Add = Callable[..., argparse.ArgumentParser]

CLEAN, NOT_FINISHED = 0, 3


def add_commands(add_in_profile: Add) -> None:
    """Add `workbench approver` with what stands behind it, and `workbench cancel`."""
    group = add_in_profile("approver", listed, "who may approve: list, request, add, revoke")
    actions = group.add_subparsers(dest="action", required=True, metavar="ACTION", parser_class=type(group))

    def add(name: str, run: Callable[[argparse.Namespace, Output], int], help_: str) -> Any:
        command = actions.add_parser(name, help=help_, description=help_)
        # Before the action or behind it: an action must not put the default over what was given before.
        command.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
        command.add_argument("--profile", type=Path, default=argparse.SUPPRESS, metavar="DIR")
        command.set_defaults(run=run)
        return command

    add("list", listed, "who may approve, by which key, and who let them in")
    command = add("request", request, "make a key on this machine, for an approver to let in")
    command.add_argument("--by", required=True, metavar="NAME", help="whose key it is")
    command.add_argument("-o", "--output", type=Path, metavar="FILE", help="write the public key here")
    command = add("add", added, "let somebody in")
    command.add_argument("name", metavar="NAME")
    command.add_argument("--public-key", type=Path, metavar="FILE", help="what `request` wrote over there")
    command.add_argument("--by", required=True, metavar="NAME", help="an approver whose key is here")
    command = add("revoke", revoked, "take somebody out; nothing more is sent by their approvals")
    command.add_argument("name", metavar="NAME")
    command.add_argument("--key", metavar="START", help="one key only, by the start of its fingerprint")
    command.add_argument("--by", required=True, metavar="NAME", help="an approver whose key is here")

    command = add_in_profile("cancel", cancel, "stop a push: what was not sent is not sent")
    command.add_argument("id", metavar="ID", help="the change set")
    command.add_argument("--by", metavar="NAME", help="who cancels (the user of this machine)")


def listed(arguments: argparse.Namespace, output: Output) -> int:
    """Show the approvers; exit code 3 when a row of the list does not hold."""
    approvers = _bench(arguments, output).approvers
    frame, refused = approvers.table, approvers.refused
    shown: Any = table(frame, str(approvers)) if len(frame) else NOBODY
    output.answer({"approvers": records(frame), "refused": list(refused)}, shown)
    for line in refused:
        output.error(f"this is in wb_keys and does not hold: {line}")
    return NOT_FINISHED if refused else CLEAN


def request(arguments: argparse.Namespace, output: Output) -> int:
    """Make a key and show, or write, its public half."""
    from workbench.approval import shown_id
    from workbench.bench.approvers import request_text

    key = _bench(arguments, output).approvers.request(arguments.by)
    text = request_text(key)
    data = {"approver": key.name, "key": key.id, "kept": key.kept, "public_key": text}
    command = f"workbench approver add {_quoted(key.name)} --public-key FILE --by APPROVER"
    if arguments.output is not None:
        arguments.output.write_text(text, encoding="utf-8")
        command = command.replace("FILE", arguments.output.name)
        text = f"wrote the public key of {key.name} to {arguments.output}"
    next_ = f"An approver lets {key.name} in with\n  {command}\nafter comparing the key: {shown_id(key.id)}"
    output.answer(data, Text(f"{text.rstrip()}\n{next_}"))
    return CLEAN


def added(arguments: argparse.Namespace, output: Output) -> int:
    """Let somebody in."""
    from workbench.approval import shown_id

    if arguments.public_key is not None and not arguments.public_key.is_file():
        raise UsageProblem(f"there is no file {arguments.public_key}", fix="Name what `request` wrote.")
    approvers = _bench(arguments, output).approvers
    key = approvers.add(arguments.name, arguments.by, arguments.public_key)
    shown = f"{key.owner} may approve now, let in by {key.enrolled_by}; key {shown_id(key.id)}"
    output.answer({"approver": key.owner, "key": key.id, "by": key.enrolled_by}, Text(shown))
    return CLEAN


def revoked(arguments: argparse.Namespace, output: Output) -> int:
    """Take somebody out."""
    keys = _bench(arguments, output).approvers.revoke(arguments.name, arguments.by, arguments.key)
    count = f"{len(keys)} key{'s' if len(keys) > 1 else ''}"
    shown = (
        f"{count} of {keys[0].owner} revoked by {keys[0].revoked_by}: nothing more is sent by approvals of it"
    )
    output.answer({"approver": keys[0].owner, "revoked": [key.id for key in keys]}, Text(shown))
    return CLEAN


def cancel(arguments: argparse.Namespace, output: Output) -> int:
    """Stop a push; exit code 3 while answers of what was sent are waited for."""
    result = _bench(arguments, output).cancel(arguments.id, by=arguments.by)
    output.answer({"id": arguments.id, "pushed": dict(result.counts)}, Text(result.summary()))
    return CLEAN if result.finished else NOT_FINISHED


NOBODY = "approvers: none yet; the first who approves becomes one, with a key that is made by itself"


def _quoted(name: str) -> str:
    return f'"{name}"' if " " in name else name


def _bench(arguments: argparse.Namespace, output: Output) -> Bench:
    from workbench.bench import open as open_bench

    return open_bench(arguments.profile, output.say)
