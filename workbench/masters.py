"""Masters: presets of a process template that say which states are on.

A preset switches the states that the template knows to exactly its list.  States of other mappings in the
profile (copies, own ones) stay as they are, unless all of the preset's states write to one side and such a
state writes to the other one: then it is switched off, because nothing is to go that way.

Only `on` in the mapping files and `master` in profile.yaml change; all of them or, where a file is broken
or cannot be written, none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from workbench import templates
from workbench.errors import ProfileError, UsageProblem
from workbench.mapping import load_mappings
from workbench.mapping.edit import edited
from workbench.model import Mapping as FieldMapping
from workbench.model import Side
from workbench.profile import PROFILE_FILE, Profile, changed_settings, read_profile
from workbench.spelling import closest
from workbench.templates import Master, Template
from workbench.yamltext import replace_files


@dataclass(frozen=True, slots=True, kw_only=True)
class StateNow:
    """A state of the profile's mappings as it is now.

    Attributes:
        known: Whether the profile's template knows it.
    """

    name: str
    mapping: str
    file: Path
    to: Side
    on: bool
    known: bool

    @property
    def label(self) -> str:
        """Its name; with its mapping where that is not the template's, as a copy has the same names."""
        return self.name if self.known else f"{self.name} ({self.mapping})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A master, and what it would switch.

    Attributes:
        states: Names of the states that it has on and the profile has.
        on, off: What it would switch on and off.
        missing: Names of states of the preset that the profile's mappings do not have.
    """

    name: str
    title: str
    states: tuple[str, ...]
    on: tuple[StateNow, ...]
    off: tuple[StateNow, ...]
    missing: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether the states are as it says."""
        return not (self.on or self.off)


@dataclass(frozen=True, slots=True, kw_only=True)
class Masters:
    """The presets of a profile's template and its states.

    Attributes:
        master: What profile.yaml says; the states may have been switched since.
    """

    template: Template
    master: str
    states: tuple[StateNow, ...]
    presets: tuple[Preset, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Switched:
    """What a master has changed: labels of states."""

    master: str
    title: str
    on: tuple[str, ...]
    off: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def title_told(self) -> str:
        """What was done, in a line."""
        return f"{self.title}: {'switched' if self.on or self.off else 'the states were so already'}"

    @property
    def next(self) -> str:
        """What comes next where states were switched on; '' where there is nothing to do.

        A pull reads the tables of the states that are on, so those that are on now may miss theirs.
        """
        return "Pull again: the states that are on now need other tables." if self.on else ""

    @property
    def lists(self) -> dict[str, str]:
        """The states that were switched, by what became of them; empty lists are left out."""
        named = {"on": self.on, "off": self.off, "in no mapping here": self.missing}
        return {word: ", ".join(states) for word, states in named.items() if states}

    @property
    def text(self) -> str:
        """The same in words."""
        lists = (f"  {word}: {states}" for word, states in self.lists.items())
        return "\n".join([self.title_told, *lists, *filter(None, [self.next])])


def masters(profile: Profile) -> Masters:
    """Answer the presets of the profile's template, and how far each is from what is on now.

    Raises:
        ProfileError: The profile's template is not here.
        MappingError: A mapping file is wrong.
    """
    template = template_of(profile)
    states = tuple(_states(load_mappings(profile.mappings).values(), template))
    presets = tuple(_preset(each, states) for each in template.masters.values())
    return Masters(template=template, master=profile.master, states=states, presets=presets)


def template_of(profile: Profile) -> Template:
    """Answer the template that a profile was made from.

    Raises:
        ProfileError: There is none of that name any more.
    """
    known = {each.name: each for each in templates.list_templates()}
    if profile.template not in known:
        named = profile.template and f"{profile.template!r}, which does not come with this workbench"
        missing = f"the profile's template is {named or 'not said'}"
        raise ProfileError(
            missing,
            where=f"{profile.folder / PROFILE_FILE}: template",
            fix=f"Set it to the template that its mappings come from. {closest(profile.template, known)}",
        )
    return known[profile.template]


def set_master(profile: Profile, name: str) -> Switched:
    """Switch the states to a preset, in the mapping files and `master` in profile.yaml; all or nothing.

    Raises:
        UsageProblem: There is no such preset; the closest are told.
        ProfileError: The template is gone, or a file cannot be written; nothing was changed.
        MappingError: A mapping file is wrong; nothing was changed.
    """
    now = masters(profile)
    known = {each.name: each for each in now.presets}
    if name not in known:
        raise UsageProblem(f"there is no master {name!r}", fix=closest(name, known))
    preset = known[name]
    texts = _texts(preset)
    if read_profile(profile.folder).master != name:
        texts[profile.folder / PROFILE_FILE] = changed_settings(profile.folder, {("master",): name})
    _write(texts)
    return Switched(
        master=name,
        title=preset.title,
        on=tuple(each.label for each in preset.on),
        off=tuple(each.label for each in preset.off),
        missing=preset.missing,
    )


def _states(mappings: Iterable[FieldMapping], template: Template) -> Iterable[StateNow]:
    for mapping in mappings:
        assert mapping.path is not None  # read from a file
        for state in mapping.states:
            told = template.states.get(state.name)
            yield StateNow(
                name=state.name,
                mapping=mapping.name,
                file=mapping.path,
                to=state.to,
                on=state.on,
                known=told is not None and told.mapping == mapping.name,
            )


def _preset(master: Master, states: tuple[StateNow, ...]) -> Preset:
    named = [each for each in states if each.known and each.name in master.states]
    written = {each.to for each in named}
    wanted = {
        each: each.name in master.states
        if each.known
        else each.on and (len(written) != 1 or each.to in written)
        for each in states
    }
    have = {each.name for each in named}
    return Preset(
        name=master.name,
        title=master.title,
        states=tuple(each.name for each in named),
        on=tuple(each for each, on in wanted.items() if on and not each.on),
        off=tuple(each for each, on in wanted.items() if each.on and not on),
        missing=tuple(name for name in master.states if name not in have),
    )


def _texts(preset: Preset) -> dict[Path, str]:
    """The text of each file whose states are to be others."""
    changes: dict[Path, dict[tuple[str, ...], str | bool]] = {}
    for each in (*preset.on, *preset.off):
        changes.setdefault(each.file, {})["states", each.name, "on"] = not each.on
    return {file: edited(file, places)[0] for file, places in changes.items()}


def _write(texts: Mapping[Path, str]) -> None:
    try:
        replace_files(texts)
    except PermissionError as error:
        raise ProfileError(
            f"no file was changed: {error.strerror}",
            where=str(error.filename),
            fix="Make it writable for you, and set the master again.",
        ) from error
