"""A profile: one org, one company file and their mappings, as a folder that is fit for git.

    my-profile/
        profile.yaml      addresses and choices, never a secret
        mappings/         the mapping files, copied from the process template
        .gitignore        keeps data/ out of git
        data/             the operational store, snapshots, runs and secrets.yaml, for its user only

Secrets are looked up in the environment first, then in `data/secrets.yaml` (mode 0600; on Windows the
access list of the user's own folders), then in the system's keyring where the package `keyring` is
installed, and are never part of a `Profile` value, its repr, or an error.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from workbench.errors import ProfileError

S = TypeVar("S")

PROFILE_FILE = "profile.yaml"
SECRETS_FILE = "secrets.yaml"

MOST = 65_535
"""The highest port; as minutes it is six weeks."""

SALESFORCE_LOGINS: Mapping[str, tuple[str, ...]] = {
    "client_credentials": ("client_id", "client_secret"),
    "jwt": ("client_id", "private_key"),
    "password": ("password", "security_token"),
    "access_token": ("access_token",),
}
"""Login kinds and the secrets each of them needs, the best first.

`private_key` is not needed where `salesforce.key_file` names the file; `password` is SOAP login, which ends
in Summer '27; `access_token` is for scripts that have one already.
"""

COLUMNS = ("mapped", "all")
"""Which columns of QuickBooks are read."""

_SYNCHRONISED = re.compile(
    r"(onedrive|dropbox|google ?drive|my drive|icloud.*|com~apple~clouddocs|nextcloud)\b|box( sync)?\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesforceSettings:
    """How to reach the org, and how gently.

    Attributes:
        url: The org's My Domain host (sandboxes and custom hosts too), the login host, or a loopback address.
        login: One of `SALESFORCE_LOGINS`.
        username: Who logs in, for `jwt` and `password`.
        key_file: PEM file with the private key for `jwt`, relative to the profile folder; readable by its
            user only.
        audience: What a JWT says it is for; guessed from `url` without it.
        bulk_above: Rows above which an object is read, or changes are written, through Bulk API 2.0.
        leave_percent: Share of the org's daily API calls that is left to others: a run stops before.
        allow_duplicates: Save records although a duplicate rule of the org warns (rules that block still
            do); a person's choice, never made by the workbench.
    """

    url: str
    login: str = "client_credentials"
    username: str | None = None
    api_version: str = "64.0"
    key_file: str | None = None
    audience: str | None = None
    bulk_above: int = 2_000
    leave_percent: int = 20
    allow_duplicates: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QuickBooksSettings:
    """How the Web Connector reaches us, and which company file this profile is about.

    Attributes:
        company: Our own name of the company in the queue.
        owner_id: GUID of this application, the same for ever (.qwc OwnerID).
        file_id: GUID of this company file (.qwc FileID), one per profile.
        user: Name the Web Connector logs in with.
        host, port: Where the server listens.
        connector_url: How the Web Connector reaches the server when it runs on another computer, e.g.
            'https://books.example.lan:8585/qbwc'; http://localhost:PORT/qbwc without it.
        certificate, key: PEM files for https, relative to the profile folder.  Without them `workbench up`
            makes some when others can reach `host`.
        run_every_minutes: What the .qwc file suggests for Auto-Run; 0 suggests nothing.
        unattended: The Web Connector is to work while QuickBooks is closed.
        pull_every_minutes: Age after which a session with nothing queued pulls by itself.
        wait_minutes: How long a pull waits for the Web Connector before it gives up.
        columns: 'mapped' reads the columns that the mappings use, with names, references and times; 'all'
            reads every column, and balances and the like of all records with each pull, because they change
            without the record's modification time.
        keep_answers_days: How long QuickBooks' answers are kept as they came, after they were loaded.
        prove_counts: A pull must have as many records as QuickBooks itself counts; false only logs it.
        time_zone: Zone of the QuickBooks machine, e.g. 'America/New_York': the winner `newest` compares
            modification times and leaves them to a person without it.
    """

    company: str
    owner_id: str
    file_id: str
    user: str = "workbench"
    host: str = "127.0.0.1"
    port: int = 8585
    connector_url: str | None = None
    certificate: str | None = None
    key: str | None = None
    run_every_minutes: int = 15
    unattended: bool = False
    pull_every_minutes: int = 60
    wait_minutes: float = 30.0
    columns: str = "mapped"
    keep_answers_days: float = 7.0
    prove_counts: bool = True
    time_zone: str | None = None

    @property
    def url(self) -> str:
        """The AppURL of the .qwc file; QBWC refuses bare IP addresses (QBWC1001)."""
        scheme = "https" if self.certificate else "http"
        return self.connector_url or f"{scheme}://localhost:{self.port}/qbwc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a profile folder says."""

    name: str
    folder: Path
    template: str
    master: str
    salesforce: SalesforceSettings
    quickbooks: QuickBooksSettings
    store_url: str

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def mappings(self) -> Path:
        return self.folder / "mappings"

    @property
    def snapshots(self) -> Path:
        return self.data / "snapshots"

    @property
    def runs(self) -> Path:
        return self.data / "runs"

    def secret(self, name: str) -> str:
        """Answer a secret such as `salesforce.client_secret`.

        Looks at the environment (`WORKBENCH_SALESFORCE_CLIENT_SECRET`), then at data/secrets.yaml, then at
        the keyring (service `workbench:` and the profile's name).

        Raises:
            ProfileError: It is in none of these, or the file can be read by others.
        """
        found = self.secret_if_set(name)
        if found is None:
            file = self.data / SECRETS_FILE
            raise ProfileError(
                f"the secret {name} is not set",
                where=str(self.folder),
                fix=f"Set {secret_variable(name)} in the environment, or put `{name}: ...` into {file}.",
            )
        return found

    def secret_if_set(self, name: str) -> str | None:
        """Answer a secret, or None where nobody has set it."""
        if value := os.environ.get(secret_variable(name)):
            return value
        secrets = _read_secrets(self.data / SECRETS_FILE)
        return secrets[name] if name in secrets else _from_keyring(f"workbench:{self.name}", name)

    def key_text(self) -> str:
        """Answer the private key for `jwt`: of `key_file`, or the secret `salesforce.private_key`.

        Raises:
            ProfileError: There is none, or the file can be read by others.
        """
        if self.salesforce.key_file is None:
            return self.secret("salesforce.private_key")
        path = self.folder / Path(self.salesforce.key_file).expanduser()
        if not path.is_file():
            raise ProfileError(
                "there is no such key file",
                where=str(path),
                fix="Correct salesforce.key_file in profile.yaml.",
            )
        refuse_readable_by_others(path, "the file with the private key")
        return path.read_text(encoding="utf-8")


def secret_variable(name: str) -> str:
    """Answer the environment variable that holds a secret."""
    return "WORKBENCH_" + name.upper().replace(".", "_")


def read_profile(folder: str | Path) -> Profile:
    """Read the profile in a folder.

    Raises:
        ProfileError: No such profile, broken YAML, or settings that are missing; all are listed.
    """
    root = Path(folder).expanduser().resolve()
    path = root / PROFILE_FILE
    if not path.is_file():
        raise ProfileError(
            "there is no profile here",
            where=str(path),
            fix="Make one with `workbench init DIR`, or name the right folder with --profile DIR.",
        )
    refuse_shared_folder(root / "data")
    return _profile_from(_read_yaml(path), root, path)


def write_profile(profile: Profile) -> None:
    """Write profile.yaml and the folders around it; data/ is for its user only."""
    refuse_shared_folder(profile.data)
    for folder in (profile.folder, profile.mappings):
        folder.mkdir(parents=True, exist_ok=True)
    for folder in (profile.data, profile.snapshots, profile.runs):
        private_folder(folder)
    (profile.folder / ".gitignore").write_text(
        "# snapshots, the store and secrets stay on this machine\ndata/\n"
    )
    content = {
        "profile": profile.name,
        "template": profile.template,
        "master": profile.master,
        "salesforce": _settings(profile.salesforce),
        "quickbooks": _settings(profile.quickbooks),
    }
    default_store = f"sqlite:///{(profile.data / 'store.sqlite').as_posix()}"
    if profile.store_url != default_store:
        content["store"] = profile.store_url
    unfinished = profile.folder / f".{PROFILE_FILE}.unfinished"
    with unfinished.open("w", encoding="utf-8") as stream:
        stream.write(
            "# Addresses and choices of this profile. Secrets never stand here: see data/secrets.yaml.\n"
        )
        _yaml().dump(content, stream)
    unfinished.replace(profile.folder / PROFILE_FILE)


def write_secrets(profile: Profile, secrets: Mapping[str, str]) -> Path:
    """Keep secrets in data/secrets.yaml, readable by its user only; answer the file."""
    path = profile.data / SECRETS_FILE
    private_folder(profile.data)
    known = _read_secrets(path) | dict(secrets)
    unfinished = path.with_name(f".{SECRETS_FILE}.unfinished")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            _yaml().dump(known, stream)
        unfinished.replace(path)  # a crash in the middle must not lose the secrets that were there
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def private_folder(folder: Path) -> None:
    """Make a folder that only its user can enter.

    On Windows a folder inherits the access list of the user's own profile folder, so nothing is
    changed there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if sys.platform != "win32":
        folder.chmod(0o700)


def refuse_readable_by_others(path: Path, what: str) -> None:
    """Refuse a file with secrets that other users of this machine can read.

    Windows has no such mode: there a file inherits the access list of its folder, which is the user's own
    unless somebody shared it.

    Raises:
        ProfileError: Group or others have any access.
    """
    if sys.platform != "win32" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ProfileError(
            f"{what} can be read by others",
            where=str(path),
            values={"mode": oct(path.stat().st_mode & 0o777)},
            fix=f"Run `chmod 600 {path}`; if others may have read it, change the passwords too.",
        )


def refuse_shared_folder(data: Path) -> None:
    """Refuse network and cloud-synchronised folders: SQLite and DuckDB lose data on them.

    Raises:
        ProfileError: `data` lies on such a folder.
    """
    places = (data, data.resolve())  # as it is called, and where a link leads
    network = any(str(place).startswith(("\\\\", "//")) for place in places)
    part = next((part for place in places for part in place.parts if _SYNCHRONISED.match(part)), None)
    if network or part:
        raise ProfileError(
            "data/ may not lie on a network or cloud-synchronised folder",
            where=str(data),
            values={"folder": part or "network path"},
            fix="Choose a folder on a local disk: databases lose rows when another program copies them.",
        )


def _profile_from(content: Mapping[str, Any], root: Path, path: Path) -> Profile:
    wrong = [f"{key} is not a setting" for key in content if key not in _PARTS]
    for name, (kind, needed) in _SECTIONS.items():
        wrong += _faults(content.get(name), name, kind, needed)
    if wrong:
        takes = [f"{name} takes: {', '.join(_types(kind))}." for name, (kind, _) in _SECTIONS.items()]
        raise ProfileError("; ".join(wrong), where=str(path), fix=" ".join(takes))
    salesforce = _section(content["salesforce"], SalesforceSettings)
    quickbooks = _section(content["quickbooks"], QuickBooksSettings)
    if salesforce.login not in SALESFORCE_LOGINS:
        raise ProfileError(
            f"unknown login {salesforce.login!r}",
            where=f"{path}: salesforce.login",
            fix=f"Use one of: {', '.join(SALESFORCE_LOGINS)}.",
        )
    if quickbooks.columns not in COLUMNS:
        raise ProfileError(
            f"unknown choice of columns {quickbooks.columns!r}",
            where=f"{path}: quickbooks.columns",
            fix=f"Use one of: {', '.join(COLUMNS)}.",
        )
    return Profile(
        name=str(content.get("profile") or root.name),
        folder=root,
        template=str(content.get("template") or ""),
        master=str(content.get("master") or "both"),
        salesforce=salesforce,
        quickbooks=quickbooks,
        store_url=str(content.get("store") or f"sqlite:///{(root / 'data' / 'store.sqlite').as_posix()}"),
    )


_PARTS = ("profile", "template", "master", "salesforce", "quickbooks", "store")
_SECTIONS: Mapping[str, tuple[type, tuple[str, ...]]] = {
    "salesforce": (SalesforceSettings, ("url",)),
    "quickbooks": (QuickBooksSettings, ("company", "owner_id", "file_id")),
}
"""What each section becomes, and the settings without a default."""


def _faults(section: object, name: str, kind: type, needed: tuple[str, ...]) -> list[str]:
    """Everything that is wrong with a section."""
    if not isinstance(section, dict):
        return [f"the section {name!r} is missing"]
    known = _types(kind)
    missing = [key for key in needed if not section.get(key)]
    listed = [f"{name}.{key} is not a setting" for key in section if key not in known]
    listed += [f"{name}.{key} is missing" for key in missing]
    listed += [
        f"{name}.{key} is {section[key]!r}, not {words}"
        for key, type_ in known.items()
        if key in section and key not in missing and (words := _wanted(type_, section[key]))
    ]
    return listed


def _section(section: Mapping[str, Any], kind: type[S]) -> S:
    # YAML reads an unquoted 64.0 as a number.
    known = _types(kind)
    return kind(
        **{
            key: str(value) if type(value) in _NUMBERS and known[key] == "str" else value
            for key, value in section.items()
        }
    )


def _types(kind: type) -> dict[str, str]:
    return {field.name: str(field.type) for field in fields(kind)}


_NUMBERS = (int, float)


def _wanted(type_: str, value: object) -> str:
    """Say what a setting should have been; '' when the value is one."""
    match type_:
        case "bool":
            return "" if isinstance(value, bool) else "true or false"
        case "int":
            good = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST
            return "" if good else f"a whole number from 0 to {MOST}"
        case "float":
            good = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
            return "" if good else "a number from 0 up"
        case "str":
            return "" if isinstance(value, str) or type(value) in _NUMBERS else "a text"
    return "" if value is None or isinstance(value, str) else "a text"


def _settings(settings: SalesforceSettings | QuickBooksSettings) -> dict[str, Any]:
    pairs = {name: getattr(settings, name) for name in settings.__slots__}
    return {name: value for name, value in pairs.items() if value is not None}


def _from_keyring(service: str, name: str) -> str | None:
    """Answer a secret of the system's keyring; None without the package or without such a secret.

    Raises:
        ProfileError: The keyring is locked or broken.
    """
    if importlib.util.find_spec("keyring") is None:
        return None
    keyring = importlib.import_module("keyring")
    try:
        found = keyring.get_password(service, name)
    except keyring.errors.KeyringError as error:
        raise ProfileError(
            f"the keyring cannot be read: {type(error).__name__}",
            where=f"{service}: {name}",
            fix=f"Unlock it, or set {secret_variable(name)} in the environment.",
        ) from error
    return None if found is None else str(found)


def _read_secrets(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    refuse_readable_by_others(path, "the file with the secrets")
    # Letter by letter: an unquoted 0123 or 1e5 is a password here, not a number.
    return {str(name): str(value) for name, value in _read_yaml(path, YAML(typ="base")).items()}


def _read_yaml(path: Path, yaml: YAML | None = None) -> dict[str, Any]:
    try:
        content = (yaml or _yaml()).load(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise ProfileError(
            f"not UTF-8 text: {error.reason} at byte {error.start}",
            where=str(path),
            fix="Save the file as UTF-8.",
        ) from error
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or "cannot be read as YAML"
        raise ProfileError(
            f"broken YAML: {problem}", where=f"{path}{line}", fix="Correct that line."
        ) from error
    if not isinstance(content, dict):
        raise ProfileError(
            "expected settings as `name: value` lines", where=str(path), fix="See `workbench init`."
        )
    return cast("dict[str, Any]", content)


def _yaml() -> YAML:
    yaml = YAML(typ="safe")
    yaml.default_flow_style = False
    return yaml
