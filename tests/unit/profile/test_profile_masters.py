"""Masters: a preset switches exactly its states, in every file or in none, and says what it did."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from workbench.cli import main
from workbench.errors import MappingError, ProfileError, UsageProblem
from workbench.mapping import load_mappings
from workbench.masters import masters, set_master
from workbench.model import Side
from workbench.profile import Profile, change_settings, read_profile
from workbench.templates import list_templates, make_profile, template

pytestmark = pytest.mark.long

TEMPLATES = [each.name for each in list_templates()]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("made")
    return {name: make_profile(folder / name, template_name=name).folder for name in TEMPLATES}


@pytest.fixture
def profile(made: dict[str, Path], tmp_path: Path) -> Profile:
    return copied(made["salesforce-quickbooks-bidirectional"], tmp_path)


def copied(made: Path, tmp_path: Path) -> Profile:
    return read_profile(shutil.copytree(made, tmp_path / "books"))


def texts(profile: Profile) -> dict[str, bytes]:
    """Everything in the folder that is no data."""
    files = [path for path in profile.folder.rglob("*") if path.is_file() and "data" not in path.parts]
    return {path.relative_to(profile.folder).as_posix(): path.read_bytes() for path in files}


def on(profile: Profile) -> dict[str, Side]:
    """The states that are on, and the side each writes to."""
    found = load_mappings(profile.mappings).values()
    return {state.name: state.to for mapping in found for state in mapping.states if state.on}


@pytest.mark.parametrize(
    ("name", "master"), [(name, master) for name in TEMPLATES for master in template(name).masters]
)
def test_a_master_has_exactly_its_states_on(
    made: dict[str, Path], tmp_path: Path, name: str, master: str
) -> None:
    profile = copied(made[name], tmp_path)
    before = on(profile)
    switched = set_master(profile, master)
    wanted = set(template(name).masters[master].states)
    assert set(on(profile)) == wanted
    assert (set(switched.on), set(switched.off)) == (wanted - set(before), set(before) - wanted)
    assert read_profile(profile.folder).master == master
    assert [each.name for each in masters(profile).presets if each.holds and each.name == master] == [master]


@pytest.mark.parametrize(
    ("master", "side"), [("salesforce", Side.QUICKBOOKS), ("quickbooks", Side.SALESFORCE)]
)
def test_nothing_is_written_to_the_side_that_is_the_master(profile: Profile, master: str, side: Side) -> None:
    set_master(profile, master)
    assert set(on(profile).values()) == {side}


def test_one_word_a_state_changes_and_comments_stay(profile: Profile) -> None:
    path = profile.folder / "profile.yaml"
    path.write_text(path.read_text() + "# asked Eva\n")
    before = texts(profile)
    switched = set_master(profile, "salesforce")
    after = texts(profile)
    lines = [
        (old, new)
        for name in before
        for old, new in zip(before[name].splitlines(), after[name].splitlines(), strict=True)
        if old != new
    ]
    assert len(lines) == len(switched.on) + len(switched.off) + 1
    assert b"# asked Eva" in after["profile.yaml"]


def test_the_same_again_changes_no_file(profile: Profile) -> None:
    set_master(profile, "quickbooks")
    before = texts(profile)
    switched = set_master(profile, "quickbooks")
    assert (switched.on, switched.off) == ((), ())
    assert "so already" in switched.text
    assert texts(profile) == before


# --- all or nothing ---------------------------------------------------------------------------------------


def test_an_unknown_master_tells_the_closest(profile: Profile) -> None:
    before = texts(profile)
    with pytest.raises(UsageProblem, match="no master 'salesforc'") as caught:
        set_master(profile, "salesforc")
    assert caught.value.fix == "Closest: salesforce."
    assert texts(profile) == before


def test_a_broken_mapping_leaves_all_as_they_were(profile: Profile) -> None:
    last = sorted(profile.mappings.glob("*.yaml"))[-1]
    last.write_text(last.read_text() + "\nnonsense: 1\n")
    before = texts(profile)
    with pytest.raises(MappingError, match="nonsense"):
        set_master(profile, "salesforce")
    assert texts(profile) == before


@pytest.mark.parametrize(
    "name", ["profile.yaml", "mappings/account-customer.yaml", "mappings/product-item.yaml"]
)
def test_a_read_only_file_leaves_all_as_they_were(profile: Profile, name: str) -> None:
    (profile.folder / name).chmod(0o444)
    before = texts(profile)
    with pytest.raises(ProfileError, match="read-only") as caught:
        set_master(profile, "salesforce")
    assert str(caught.value.where) == str(profile.folder / name)
    assert texts(profile) == before
    (profile.folder / name).chmod(0o644)
    set_master(profile, "salesforce")
    assert set(on(profile).values()) == {Side.QUICKBOOKS}


def test_a_failure_in_the_middle_is_taken_back(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    before = texts(profile)
    replace = Path.replace
    done: list[str] = []

    def fails(self: Path, target: Path) -> Path:
        if len(done) == 2:
            done.append("failed")
            raise OSError(28, "No space left on device", str(target))
        done.append(str(target))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fails)
    with pytest.raises(OSError, match="No space left"):
        set_master(profile, "salesforce")
    assert len(done) > 3, "two were replaced, one failed, two were taken back"
    assert texts(profile) == before


# --- mappings of one's own, and templates that are gone -----------------------------------------------------


def copy_mapping(profile: Profile, name: str, to: str) -> None:
    assert main(["mapping", "copy", name, to, "--profile", str(profile.folder)]) == 0
    assert main(["mapping", "on", to, "--profile", str(profile.folder)]) == 0


def test_own_states_stay_unless_they_write_to_the_master(profile: Profile) -> None:
    copy_mapping(profile, "account-customer", "vendors")
    own = {state.name: state.to for state in load_mappings(profile.mappings)["vendors"].states}
    set_master(profile, "both")
    assert all(state.on for state in load_mappings(profile.mappings)["vendors"].states)
    switched = set_master(profile, "salesforce")
    after = {state.name: state.on for state in load_mappings(profile.mappings)["vendors"].states}
    assert after == {name: to is Side.QUICKBOOKS for name, to in own.items()}
    assert "CustomerToAccount (vendors)" in switched.off


def test_a_mapping_that_was_taken_out_is_told(profile: Profile) -> None:
    (profile.mappings / "contact-customer.yaml").unlink()
    switched = set_master(profile, "quickbooks")
    assert switched.missing == ("CustomerToContact",)
    assert "in no mapping here: CustomerToContact" in switched.text


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("salesforce-quickbooks-bidirectionel", "Closest: salesforce-quickbooks-bidirectional"),
        ("", "not said"),
    ],
)
def test_a_template_that_is_gone_is_told(profile: Profile, name: str, says: str) -> None:
    change_settings(profile.folder, {("template",): name})
    with pytest.raises(ProfileError) as caught:
        set_master(read_profile(profile.folder), "salesforce")
    assert says in str(caught.value)
    assert "template" in str(caught.value.where)


# --- the command --------------------------------------------------------------------------------------------


def test_the_command_lists_and_switches(profile: Profile, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--profile", str(profile.folder), "--json"]
    assert main(["master", *where]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in listed["presets"]] == ["both", "salesforce", "quickbooks"]
    assert listed["states"]["AccountToCustomer"] is True
    assert main(["master", "salesforce", *where]) == 0
    switched = json.loads(capsys.readouterr().out)
    assert switched["master"] == "salesforce"
    assert "CustomerToAccount" in switched["off"]
    assert main(["master", "salesfroce", *where]) == 64
    assert "Closest: salesforce." in capsys.readouterr().err


def test_after_states_were_switched_on_a_pull_comes_next(
    profile: Profile, capsys: pytest.CaptureFixture[str]
) -> None:
    set_master(profile, "quickbooks")
    where = ["--profile", str(profile.folder)]
    assert main(["master", "salesforce", *where]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "Pull again: the states that are on now need other tables." in shown
    assert "workbench pull --profile" in shown
    assert main(["master", "salesforce", *where]) == 0
    assert "Pull again" not in capsys.readouterr().out


def test_a_person_reads_what_differs(profile: Profile, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["master", "--profile", str(profile.folder)]) == 0
    shown = capsys.readouterr().out
    assert "both (chosen)" in shown
    assert "would switch off  CustomerToAccount" in shown
