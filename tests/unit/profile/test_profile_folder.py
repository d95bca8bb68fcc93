"""A profile folder: what it says, what is wrong with it, and where its secrets stay."""

from __future__ import annotations

import stat
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest

from tests.unit.profile.bare_profile import bare_profile
from workbench.errors import ProfileError, UsageProblem
from workbench.mapping import load_mappings
from workbench.profile import (
    Profile,
    SalesforceSettings,
    read_profile,
    refuse_shared_folder,
    secret_variable,
    secretfile,
    write_profile,
    write_secrets,
)
from workbench.templates import DEFAULT, OWNER_ID, list_templates, make_profile, template

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has access lists, not modes")


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    made = bare_profile(tmp_path / "books")
    write_secrets(made, {"quickbooks.password": "correct horse battery staple"})
    return made


def edited(profile: Profile, before: str, after: str) -> Path:
    path = profile.folder / "profile.yaml"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")
    return path


def refused(profile: Profile) -> ProfileError:
    with pytest.raises(ProfileError) as caught:
        read_profile(profile.folder)
    return caught.value


# --- reading what was written -------------------------------------------------------------------------


def test_a_profile_reads_as_it_was_written(profile: Profile) -> None:
    assert read_profile(profile.folder) == profile


def test_settings_survive_writing(tmp_path: Path, profile: Profile) -> None:
    changed = replace(
        profile,
        name="Books & Co: 2026",
        salesforce=SalesforceSettings(
            url="https://alpine.my.salesforce.com", login="password", username="maria@x", api_version="62.0"
        ),
        quickbooks=replace(profile.quickbooks, port=9000, wait_minutes=2.5, user="Zürich"),
        store_url="postgresql+psycopg://host/books",
    )
    write_profile(changed)
    assert read_profile(profile.folder) == changed


def test_a_relative_folder_is_found_from_anywhere(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(profile.folder.parent)
    assert read_profile("books").folder == profile.folder
    assert read_profile("books").folder.is_absolute()


def test_the_folder_is_fit_for_git(profile: Profile) -> None:
    assert "data/" in (profile.folder / ".gitignore").read_text().splitlines()
    tracked = [path for path in profile.folder.rglob("*") if path.is_file() and "data" not in path.parts]
    secret = profile.secret("quickbooks.password")
    assert all(secret not in path.read_text(encoding="utf-8") for path in tracked)
    assert str(profile.folder) not in (profile.folder / "profile.yaml").read_text()


@POSIX
def test_data_is_for_its_user_only(profile: Profile) -> None:
    for folder in (profile.data, profile.snapshots, profile.runs):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((profile.data / "secrets.yaml").stat().st_mode) == 0o600


def test_the_web_connector_is_told_a_name_not_an_address(profile: Profile) -> None:
    """It refuses bare IP addresses (QBWC1001)."""
    assert profile.quickbooks.url == "http://localhost:8585/qbwc"


# --- what is wrong ------------------------------------------------------------------------------------


def test_no_profile_here(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="no profile here") as caught:
        read_profile(tmp_path / "nowhere")
    assert "workbench init" in str(caught.value.fix)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("profile: x\nsalesforce: {url: [\n", 3),
        ("profile: x\nsalesforce:\n  url: a\n url: b\n", 4),
        ("profile: 'x\n", 2),
        ("profile: \t@x\n", 1),
    ],
)
def test_broken_yaml_names_the_line(profile: Profile, text: str, line: int) -> None:
    path = profile.folder / "profile.yaml"
    path.write_text(text)
    error = refused(profile)
    assert "broken YAML" in str(error)
    assert str(error.where).startswith(str(path))
    assert f"line {line}" in str(error.where)


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n- b\n", "just a text\n", "42\n"])
def test_a_file_that_holds_no_settings(profile: Profile, text: str) -> None:
    (profile.folder / "profile.yaml").write_text(text)
    assert "profile.yaml" in str(refused(profile))


def test_a_file_that_is_no_text(profile: Profile) -> None:
    (profile.folder / "profile.yaml").write_bytes(b"profile: Z\xfcrich\n")
    assert "UTF-8" in str(refused(profile))


#  why, before, after, what a person reads
WRONG: list[tuple[str, str, str, tuple[str, ...]]] = [
    ("an unknown setting", "  port:", "  prot:", ("quickbooks.prot is not a setting", "port")),
    ("a setting is missing", "  url:", "  # url:", ("salesforce.url is missing",)),
    ("a setting is empty", "  company:", "  company: ''\n  #", ("quickbooks.company is missing",)),
    ("a section is missing", "quickbooks:", "kwickbooks:", ("'quickbooks' is missing", "kwickbooks")),
    (
        "a section is a text",
        "salesforce:\n",
        "salesforce: here\nx:\n",
        ("salesforce is a text, and is to be a section",),
    ),
    (
        "an unknown login",
        "client_credentials",
        "magic",
        ("salesforce.login is 'magic'", "client_credentials, jwt, password, access_token"),
    ),
    ("an unknown part", "master:", "owner: eva\nmaster:", ("owner is not a setting",)),
    ("a port that is no number", "port: 8585", "port: eighty", ("quickbooks.port", "eighty")),
    (
        "a number that is a text",
        "wait_minutes: 30.0",
        "wait_minutes: soon",
        ("quickbooks.wait_minutes", "soon"),
    ),
    ("a name that is a list", "user: workbench", "user: [a, b]", ("quickbooks.user",)),
]


@pytest.mark.parametrize(
    ("before", "after", "says"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG]
)
def test_a_wrong_setting_is_named(profile: Profile, before: str, after: str, says: tuple[str, ...]) -> None:
    edited(profile, before, after)
    shown = str(refused(profile))
    for part in says:
        assert part in shown


def test_all_that_is_wrong_is_listed_at_once(profile: Profile) -> None:
    edited(profile, "  url:", "  urll:")
    edited(profile, "  port:", "  prot:")
    edited(profile, "  file_id:", "  filid:")
    shown = str(refused(profile))
    for part in (
        "salesforce.urll is not a setting", "salesforce.url is missing", "quickbooks.prot is not a setting",
        "quickbooks.filid is not a setting", "quickbooks.file_id is missing",
    ):  # fmt: skip
        assert part in shown


def test_a_version_may_be_written_without_quotes(profile: Profile) -> None:
    edited(profile, "api_version: '64.0'", "api_version: 64.0")
    assert read_profile(profile.folder).salesforce.api_version == "64.0"


# --- shared folders -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "folder",
    [
        "/home/maria/OneDrive/books/data",
        "/home/maria/OneDrive - Alpine Tools/books/data",
        "/Users/maria/Library/CloudStorage/OneDrive-Alpine/books/data",
        "/Users/maria/Library/CloudStorage/GoogleDrive-maria@x/My Drive/data",
        "/Users/maria/Library/Mobile Documents/com~apple~CloudDocs/books/data",
        "/home/maria/Dropbox/data",
        "/home/maria/Dropbox (Personal)/data",
        "/home/maria/dropbox/data",
        "/mnt/Google Drive/data",
        "/Users/maria/iCloud Drive/data",
        "/home/maria/Box/data",
        "/home/maria/Box Sync/data",
        "//server/share/books/data",
        "\\\\server\\share\\books\\data",
    ],
)
def test_a_shared_folder_is_refused(folder: str) -> None:
    with pytest.raises(ProfileError, match="network or cloud-synchronised") as caught:
        refuse_shared_folder(Path(folder))
    assert "local disk" in str(caught.value.fix)


@pytest.mark.parametrize(
    "folder",
    [
        "/home/maria/books/data",
        "/home/maria/inbox/data",
        "/home/maria/boxes/data",
        "/home/maria/box-office/data",
        "/home/maria/dropboxes/data",
        "/home/maria/onedriver/data",
        "/home/maria/my drives/data",
        "/home/maria/toolbox/data",
    ],
)
def test_a_folder_that_only_sounds_like_one_is_taken(folder: str) -> None:
    refuse_shared_folder(Path(folder))


def test_a_profile_is_neither_made_nor_read_there(tmp_path: Path, profile: Profile) -> None:
    folder = tmp_path / "Dropbox" / "books"
    with pytest.raises(ProfileError, match="cloud-synchronised"):
        make_profile(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "profile.yaml").write_bytes((profile.folder / "profile.yaml").read_bytes())
    with pytest.raises(ProfileError, match="cloud-synchronised"):
        read_profile(folder)
    assert not (folder / "data").exists()


@POSIX
def test_a_link_into_a_shared_folder_is_seen_through(tmp_path: Path, profile: Profile) -> None:
    elsewhere = tmp_path / "Dropbox"
    elsewhere.mkdir()
    moved = elsewhere / "data"
    profile.data.rename(moved)
    profile.data.symlink_to(moved)
    assert "cloud-synchronised" in str(refused(profile))


# --- secrets ------------------------------------------------------------------------------------------


def test_the_environment_comes_first(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    write_secrets(profile, {"salesforce.client_secret": "from the file"})
    assert profile.secret("salesforce.client_secret") == "from the file"
    monkeypatch.setenv("WORKBENCH_SALESFORCE_CLIENT_SECRET", "from the environment")
    assert profile.secret("salesforce.client_secret") == "from the environment"
    monkeypatch.setenv("WORKBENCH_SALESFORCE_CLIENT_SECRET", "")
    assert profile.secret("salesforce.client_secret") == "from the file", "empty is not set"
    assert secret_variable("quickbooks.password") == "WORKBENCH_QUICKBOOKS_PASSWORD"


def test_a_secret_that_is_not_set_says_where_to_put_it(profile: Profile) -> None:
    with pytest.raises(ProfileError, match=r"salesforce\.password is not set") as caught:
        profile.secret("salesforce.password")
    assert "WORKBENCH_SALESFORCE_PASSWORD" in str(caught.value.fix)
    assert "secrets.yaml" in str(caught.value.fix)


@pytest.mark.parametrize(
    "secret",
    ["0123", "1e5", "yes", "null", "~", "12.50", "0x10", "2026-03-30", "a: b # c", "'\"", "ü 中", " x "],
)
def test_a_secret_is_the_text_that_was_given(profile: Profile, secret: str) -> None:
    write_secrets(profile, {"salesforce.password": secret})
    assert profile.secret("salesforce.password") == secret


@pytest.mark.parametrize("secret", ["0123", "1e5", "yes", "12.50", "0x10", "2026-03-30", "null", "1_000"])
def test_a_secret_typed_without_quotes_is_taken_letter_by_letter(profile: Profile, secret: str) -> None:
    path = profile.data / "secrets.yaml"
    path.write_text(f"salesforce.password: {secret}\n")
    assert profile.secret("salesforce.password") == secret


def test_writing_one_secret_keeps_the_others(profile: Profile) -> None:
    before = profile.secret("quickbooks.password")
    write_secrets(profile, {"salesforce.password": "x"})
    assert profile.secret("quickbooks.password") == before


@POSIX
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610, 0o777])
def test_a_file_that_others_can_read_is_refused(profile: Profile, mode: int) -> None:
    path = profile.data / "secrets.yaml"
    path.chmod(mode)
    for act in (lambda: profile.secret("quickbooks.password"), lambda: write_secrets(profile, {"a": "b"})):
        with pytest.raises(ProfileError, match="can be read by others") as caught:
            act()
        assert caught.value.values["mode"] == oct(mode)
        assert "chmod 600" in str(caught.value.fix)


@POSIX
@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_file_for_its_user_only_is_taken(profile: Profile, mode: int) -> None:
    (profile.data / "secrets.yaml").chmod(mode)
    assert profile.secret("quickbooks.password")


def test_no_secret_stands_in_a_profile_or_an_error(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    write_secrets(profile, {"salesforce.password": "t0p-s3cret"})
    assert "t0p-s3cret" not in repr(profile) + str(profile)
    assert {field.name for field in fields(profile)} == {
        "name", "folder", "template", "master", "salesforce", "quickbooks", "store_url", "log_level", "email",
        "email_results", "schedule", "approval", "push",
    }  # fmt: skip
    (profile.data / "secrets.yaml").write_text("salesforce.password: [t0p-s3cret\n")
    with pytest.raises(ProfileError) as caught:
        profile.secret("salesforce.password")
    assert "t0p-s3cret" not in str(caught.value)


def test_secrets_are_never_half_written(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    before = profile.secret("quickbooks.password")

    class Broken:
        def dump(self, *_: object) -> None:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(secretfile, "plain_yaml", Broken)
        patch.setattr(secretfile, "read_secrets", lambda _: {})
        with pytest.raises(KeyboardInterrupt):
            write_secrets(profile, {"a": "b"})
    assert profile.secret("quickbooks.password") == before


# --- templates ------------------------------------------------------------------------------------------


def test_a_new_profile_has_the_templates_mappings_and_states(tmp_path: Path) -> None:
    profile = make_profile(tmp_path / "new")
    assert read_profile(profile.folder) == profile
    chosen = template(DEFAULT)
    mappings = load_mappings(profile.mappings)
    assert set(mappings) == set(chosen.mappings)
    states = {state.name: state.on for mapping in mappings.values() for state in mapping.states}
    assert states == {name: state.on for name, state in chosen.states.items()}
    for master in chosen.masters.values():
        assert set(master.states) <= set(states)


def test_two_profiles_differ_in_what_must_differ(tmp_path: Path) -> None:
    one, other = make_profile(tmp_path / "one"), make_profile(tmp_path / "two")
    assert one.quickbooks.owner_id == other.quickbooks.owner_id == OWNER_ID, "one application"
    assert one.quickbooks.file_id != other.quickbooks.file_id, "two company files"
    assert one.quickbooks.company != other.quickbooks.company
    assert one.secret("quickbooks.password") != other.secret("quickbooks.password")
    assert len(one.secret("quickbooks.password")) >= 20


def test_a_folder_that_holds_a_profile_is_left_alone(profile: Profile) -> None:
    before = (profile.folder / "profile.yaml").read_bytes()
    with pytest.raises(ProfileError, match="holds a profile already"):
        make_profile(profile.folder)
    assert (profile.folder / "profile.yaml").read_bytes() == before


def test_a_template_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="no template 'nope'") as caught:
        make_profile(tmp_path / "x", template_name="nope")
    assert DEFAULT in str(caught.value.fix)
    assert not (tmp_path / "x").exists()


def test_every_template_says_what_a_person_needs_to_choose() -> None:
    for each in list_templates():
        assert each.title
        assert each.syncs
        assert set(each.needs) == {"salesforce", "quickbooks"}
        assert each.masters
        for master in each.masters.values():
            assert set(master.states) <= set(each.states)


def test_names_of_secrets_that_nothing_looks_up_are_told(profile: Profile) -> None:
    write_secrets(profile, {"salesforce.client_secret": "s", "salesforce.security_token": "t"})
    assert profile.unknown_secrets() == ()
    write_secrets(profile, {"salesforce.client_secrett": "hunter2", "client_id": "hunter2"})
    assert set(profile.unknown_secrets()) == {"salesforce.client_secrett", "client_id"}
