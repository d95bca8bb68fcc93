"""Process templates: what a new profile starts from."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from workbench import resources
from workbench.errors import UsageProblem
from workbench.mapping import load_mapping
from workbench.mapping.edit import edited
from workbench.profile import (
    LOG_LEVELS,
    MAILED,
    SECRETS_FILE,
    Profile,
    QuickBooksSettings,
    SalesforceSettings,
    refuse_folder,
    refuse_wrong_settings,
    write_profile,
    write_secrets,
)
from workbench.profile.secretfile import read_secrets
from workbench.yamltext import read_exact, replace_file

DEFAULT = "salesforce-quickbooks-bidirectional"
OWNER_ID = "{6F3B2C1E-8D47-4C55-9B6A-2E7A4D1F90C8}"
"""This application's GUID in every .qwc file, the same for ever."""
BESIDE = ("mapping.schema.json", "expressions.md")
"""What a mapping's first line names for editors, and the functions its expressions may use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateState:
    """A state as a template offers it; which way it writes and its gate stand in its mapping.

    Attributes:
        mapping: Name of the mapping that it belongs to.
        on: Whether a new profile has it on.
        needs: What must be there, in a sentence.
        does: What it does, in a sentence.
    """

    name: str
    mapping: str
    on: bool
    needs: str
    does: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Master:
    """A preset: which states are on, all others being off."""

    name: str
    title: str
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A process template.

    Attributes:
        name, title: What it is called in commands, and by people.
        syncs: What it keeps in step, in a sentence.
        details: What "view more" shows.
        needs: What each side needs, by side.
        mappings: Names of its mapping files.
        states: By name, in the template's order.
        masters: Presets by name.
        master: The preset of a new profile, as far as its states are on.
    """

    name: str
    title: str
    syncs: str
    details: tuple[str, ...]
    needs: dict[str, list[str]]
    mappings: tuple[str, ...]
    states: dict[str, TemplateState]
    masters: dict[str, Master]
    master: str


def list_templates() -> list[Template]:
    """Answer the templates that come with the workbench."""
    return [_read(path) for path in sorted((resources.mappings() / "templates").glob("*.yaml"))]


def template(name: str) -> Template:
    """Answer a template by its name.

    Raises:
        UsageProblem: There is none of that name.
    """
    known = {each.name: each for each in list_templates()}
    if name not in known:
        raise UsageProblem(f"there is no template {name!r}", fix=f"Use one of: {', '.join(known)}.")
    return known[name]


def make_profile(
    folder: Path,
    *,
    name: str | None = None,
    template_name: str = DEFAULT,
    salesforce: SalesforceSettings | None = None,
    port: int = 8585,
    log_level: str = LOG_LEVELS[0],
    email: str | None = None,
    email_results: tuple[str, ...] = MAILED,
    schedule: tuple[str, ...] = (),
) -> Profile:
    """Make a profile folder from a template: settings, mappings, and a password for the Web Connector.

    The states are on or off as the template starts them; winners and rules stand in the copied mappings.

    Raises:
        ProfileError: Something in the folder stands in the way, or a setting is wrong; nothing is changed
            then.
    """
    chosen = template(template_name)
    root = folder.expanduser().resolve()
    profile = Profile(
        name=name or root.name,
        folder=root,
        template=chosen.name,
        master=chosen.master,
        salesforce=salesforce or SalesforceSettings(url="https://example.my.salesforce.com"),
        quickbooks=QuickBooksSettings(
            company=str(uuid.uuid4()), owner_id=OWNER_ID, file_id=_guid(), port=port
        ),
        store_url=f"sqlite:///{(root / 'data' / 'store.sqlite').as_posix()}",
        log_level=log_level,
        email=email,
        email_results=email_results,
        schedule=schedule,
    )
    refuse_wrong_settings(profile)
    texts = _mappings(chosen, profile.mappings)
    refuse_folder(root, texts)
    for place in (root, profile.mappings):
        place.mkdir(parents=True, exist_ok=True)
    for path, text in texts.items():
        replace_file(path, text)  # never half of one: it would look like somebody's own
    if "quickbooks.password" not in read_secrets(profile.data / SECRETS_FILE):
        write_secrets(profile, {"quickbooks.password": secrets.token_urlsafe(16)})
    # Last, because it makes the folder a profile: what was interrupted before can be made again.
    write_profile(profile)
    return profile


def _mappings(chosen: Template, folder: Path) -> dict[Path, str]:
    """The text of each file in mappings/; nothing is written."""
    shipped = resources.mappings()
    texts = {
        folder / f"{name}.yaml": _with_states(shipped / f"{name}.yaml", chosen.states)
        for name in chosen.mappings
    }
    return texts | {folder / beside: read_exact(shipped / beside) for beside in BESIDE}


def _with_states(path: Path, states: dict[str, TemplateState]) -> str:
    """A mapping with its states switched as the template has them; what it does not offer is off."""
    wanted = {state: state.name in states and states[state.name].on for state in load_mapping(path).states}
    changes: dict[tuple[str, ...], str | bool] = {
        ("states", state.name, "on"): on for state, on in wanted.items() if on != state.on
    }
    return edited(path, changes)[0] if changes else read_exact(path)


def _read(path: Path) -> Template:
    content: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return Template(
        name=content["template"],
        title=content["title"],
        syncs=str(content["syncs"]).strip(),
        details=tuple(content.get("details", ())),
        needs=content["needs"],
        mappings=tuple(content["states"]),
        states={
            name: TemplateState(
                name=name, mapping=mapping, on=told["on"], needs=told["needs"], does=told["does"]
            )
            for mapping, states in content["states"].items()
            for name, told in states.items()
        },
        masters={
            name: Master(name=name, title=preset["title"], states=tuple(preset["states"]))
            for name, preset in content["masters"].items()
        },
        master=content["master"],
    )


def _guid() -> str:
    return "{" + str(uuid.uuid4()).upper() + "}"
