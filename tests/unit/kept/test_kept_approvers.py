"""Who may approve: the first by itself, others by one who is there; rows put in by hand let nobody in."""

from __future__ import annotations

import json
import stat
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import delete, insert, select, update

from tests.unit.kept.kept_store import at_once
from workbench import approval, ledger
from workbench.approval import Approval, OwnKeys, approvers, as_pem, enrol, replay, request, revoke, signing
from workbench.approval.approvers import Approvers, Entry
from workbench.errors import ApprovalError, ProfileError, UsageProblem
from workbench.store import Store, schema
from workbench.store.engine import now

HASH = "a" * 64


@pytest.fixture
def here(tmp_path: Path) -> OwnKeys:
    """The keys of the machine on which maria works."""
    return OwnKeys(tmp_path / "here", "workbench:books")


@pytest.fixture
def there(tmp_path: Path) -> OwnKeys:
    """The keys of another machine, with the same store."""
    return OwnKeys(tmp_path / "there", "workbench:books")


def approve(store: Store, own: OwnKeys, by: str, **more: Any) -> Approval:
    number = len(ledger.list_changesets(store))
    ledger.save_changeset(store, id_=f"cs-{number}", content_hash=HASH, content="{}", by="maria")
    return approval.approve(
        store, own, changeset=f"cs-{number}", content_hash=HASH, changes=["ch-1"], by=by, **more
    )


def names(store: Store, own: OwnKeys) -> tuple[str, ...]:
    return approvers(store, own).names


# --- the first one ------------------------------------------------------------------------------------------


def test_the_first_who_approves_is_let_in_with_a_key_of_their_own(store: Store, here: OwnKeys) -> None:
    given = approve(store, here, "maria")
    (key,) = approvers(store, here).keys.values()
    assert (key.owner, key.enrolled_by, key.id) == ("maria", "maria", given.key)
    assert approve(store, here, "maria").key == given.key, "and has it the next time"


@pytest.mark.skipif(sys.platform == "win32", reason="there a file has the access list of its folder")
def test_the_private_key_is_readable_by_its_user_only(store: Store, here: OwnKeys) -> None:
    given = approve(store, here, "maria")
    file = here.folder / f"{given.key}.pem"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(here.folder.stat().st_mode) == 0o700
    file.chmod(0o640)
    with pytest.raises(ProfileError, match="maria's approval key can be read by others") as caught:
        approve(store, here, "maria")
    assert "revoke it" in str(caught.value.fix)


def test_the_store_holds_no_private_key(store: Store, here: OwnKeys) -> None:
    given = approve(store, here, "maria")
    private = (here.folder / f"{given.key}.pem").read_text(encoding="utf-8").splitlines()[1]
    everything = repr([store.rows(select(table)) for table in schema.metadata.sorted_tables])
    assert private not in everything
    assert private not in repr(here.all())


def test_of_several_who_are_first_at_once_one_is(store: Store, tmp_path: Path) -> None:
    machines = [OwnKeys(tmp_path / str(number), "workbench:books") for number in range(4)]
    found = at_once(4, lambda number: approve_alone(store, machines[number], f"user {number}"))
    assert len([one for one in found if isinstance(one, Approval)]) == 1
    assert all(isinstance(one, Approval | ApprovalError) for one in found), found
    assert len(names(store, machines[0])) == 1


def approve_alone(store: Store, own: OwnKeys, by: str) -> Approval:
    return approval.approve(store, own, changeset=f"cs-{by}", content_hash=HASH, changes=["ch-1"], by=by)


def test_one_person_in_two_processes_is_first_once(store: Store, here: OwnKeys) -> None:
    found = at_once(4, lambda number: approve_alone(store, here, "maria"))
    assert all(isinstance(one, Approval) for one in found), found
    assert len(approvers(store, here).keys) == 1


# --- others -------------------------------------------------------------------------------------------------


def test_nobody_lets_himself_in_once_there_is_an_approver(
    store: Store, here: OwnKeys, there: OwnKeys
) -> None:
    approve(store, here, "maria")
    for act in (approve, lambda s, own, by: enrol(s, own, by, by=by)):
        for own in (here, there):
            with pytest.raises(ApprovalError, match="tom is no approver") as caught:
                act(store, own, "tom")
            assert "workbench approver add tom --by maria" in str(caught.value.fix)
    assert names(store, here) == ("maria",)


def test_on_one_machine_an_approver_lets_another_in(store: Store, here: OwnKeys) -> None:
    approve(store, here, "maria")
    key = enrol(store, here, "tom", by="maria")
    assert (key.owner, key.enrolled_by) == ("tom", "maria")
    assert approve(store, here, "tom").approver == "tom"


def test_from_another_machine_comes_the_public_key_only(store: Store, here: OwnKeys, there: OwnKeys) -> None:
    approve(store, here, "maria")
    made = request(store, there, "tom")
    assert request(store, there, "tom") == made, "asked again it is the same one"
    text = f"# approver tom\n{as_pem(made.public_key)}"
    assert enrol(store, here, "tom", by="maria", public_key=text).id == made.id
    assert approve(store, there, "tom").key == made.id
    with pytest.raises(ApprovalError, match="the private key of tom is not on this machine") as caught:
        approve(store, here, "tom")
    assert "workbench approver request --by tom" in str(caught.value.fix)
    with pytest.raises(ApprovalError, match="the private key of maria is not on this machine"):
        approve(store, there, "maria")


def test_who_was_let_in_lets_others_in(store: Store, here: OwnKeys) -> None:
    approve(store, here, "maria")
    enrol(store, here, "tom", by="maria")
    assert enrol(store, here, "eva", by="tom").enrolled_by == "tom"
    revoke(store, here, "tom", by="maria")
    assert names(store, here) == ("maria", "eva"), "whom he let in before stays"
    assert approve(store, here, "eva")


def private_pem() -> str:
    return signing.new_private_key()


def other_kind() -> str:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(serialization.Encoding.PEM, form).decode()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (private_pem, "this is a private key"),
        (other_kind, "no public key of an approver"),
        (lambda: "", "no public key of an approver"),
        (lambda: "AAAA", "no public key of an approver"),
        (lambda: "-----BEGIN PUBLIC KEY-----\nnonsense\n-----END PUBLIC KEY-----", "no public key of an app"),
    ],
)
def test_what_is_no_public_key_is_not_let_in(
    store: Store, here: OwnKeys, text: Callable[[], str], says: str
) -> None:
    approve(store, here, "maria")
    with pytest.raises(ApprovalError, match=says) as caught:
        enrol(store, here, "tom", by="maria", public_key=text())
    assert caught.value.fix


def test_a_key_is_in_the_list_once(store: Store, here: OwnKeys, there: OwnKeys) -> None:
    approve(store, here, "maria")
    public = request(store, there, "tom").public_key
    enrol(store, here, "tom", by="maria", public_key=public)
    for name in ("tom", "eva"):
        with pytest.raises(ApprovalError, match="in the list already, as tom's"):
            enrol(store, here, name, by="maria", public_key=public)
    revoke(store, here, "tom", by="maria")
    with pytest.raises(ApprovalError, match="as tom's, revoked"):
        enrol(store, here, "tom", by="maria", public_key=public)


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "maria\nadmin"])
def test_a_name_is_one_line(store: Store, here: OwnKeys, name: str) -> None:
    approve(store, here, "maria")
    with pytest.raises(UsageProblem, match="the name of an approver"):
        enrol(store, here, name, by="maria")


# --- revoked ------------------------------------------------------------------------------------------------


def test_a_revoked_key_signs_nothing_more_and_what_it_signed_stays_known(store: Store, here: OwnKeys) -> None:
    approve(store, here, "maria")
    enrol(store, here, "tom", by="maria")
    given = approve(store, here, "tom")
    revoke(store, here, "tom", by="maria")
    with pytest.raises(ApprovalError, match="the key of tom was revoked"):
        approve(store, here, "tom")
    with pytest.raises(ApprovalError, match="the key of tom was revoked"):
        enrol(store, here, "eva", by="tom")
    known = approvers(store, here)
    key = known.keys[str(given.key)]
    assert (key.owner, key.revoked_by) == ("tom", "maria")
    assert signing.verifies(key.public_key, given.statement, str(given.signature))
    with pytest.raises(approval.Withdrawn, match="was revoked by maria"):
        approval.check_signature(given, known)


def test_who_was_revoked_may_come_back_with_another_key(store: Store, here: OwnKeys) -> None:
    approve(store, here, "maria")
    first = enrol(store, here, "tom", by="maria")
    revoke(store, here, "tom", by="maria")
    second = enrol(store, here, "tom", by="maria")
    assert first.id != second.id
    assert approve(store, here, "tom").key == second.id


def test_the_last_one_cannot_be_revoked(store: Store, here: OwnKeys) -> None:
    approve(store, here, "maria")
    with pytest.raises(ApprovalError, match="nobody could approve any more"):
        revoke(store, here, "maria", by="maria")


def test_one_key_of_several_is_revoked_by_the_start_of_its_fingerprint(store: Store, here: OwnKeys) -> None:
    first = approve(store, here, "maria").key
    second = enrol(store, here, "maria", by="maria")
    with pytest.raises(UsageProblem, match="maria has no key zz"):
        revoke(store, here, "maria", by="maria", key="zz")
    shown = approval.shown_id(second.id)[:11]
    assert [each.id for each in revoke(store, here, "maria", by="maria", key=shown)] == [second.id]
    assert [key.id for key in approvers(store, here).active] == [first]


def test_who_revokes_all_own_keys_does_so_to_the_last(store: Store, here: OwnKeys) -> None:
    approve(store, here, "maria")
    enrol(store, here, "maria", by="maria")
    enrol(store, here, "tom", by="maria")
    assert len(revoke(store, here, "maria", by="maria")) == 2
    assert names(store, here) == ("tom",)


def test_whom_nobody_knows_cannot_be_revoked_and_the_closest_is_named(store: Store, here: OwnKeys) -> None:
    approve(store, here, "maria")
    with pytest.raises(UsageProblem, match="mario is no approver") as caught:
        revoke(store, here, "mario", by="maria")
    assert "maria" in str(caught.value.fix)


# --- by hand ------------------------------------------------------------------------------------------------


@pytest.fixture
def mallory(tmp_path: Path) -> OwnKeys:
    """The keys of somebody who can write to the store, and whom nobody has let in."""
    return OwnKeys(tmp_path / "mallory", "workbench:books")


def forged(known: Approvers, mallory: OwnKeys, **values: Any) -> Entry:
    """An entry for a key of mallory's, signed with it."""
    mine = mallory.make("mallory")
    entry = Entry(
        number=len(known.entries) + 1, event="enrol", key=mine.id, owner="mallory",
        public_key=mine.public_key, previous=known.head, at=now(), signed_by=mine.id,
    )  # fmt: skip
    entry = replace(entry, **values)
    return replace(entry, signature=mallory.sign(mine, entry.statement))


def write(store: Store, entry: Entry) -> None:
    with store.write() as connection:
        values = {name: getattr(entry, name) for name in entry.__slots__}
        connection.execute(insert(schema.keys).values(**values))


#  why, what is put into the table
FORGERIES: list[tuple[str, Callable[[Approvers], dict[str, Any]]]] = [
    ("signed by itself", lambda known: {}),
    ("in the name of an approver's key", lambda known: {"signed_by": known.active[0].id}),
    ("as if it were the first", lambda known: {"number": 0, "previous": ""}),
    ("as if it followed nothing", lambda known: {"previous": ""}),
    ("as maria", lambda known: {"owner": "maria", "signed_by": known.active[0].id}),
    ("another event", lambda known: {"event": "promote", "signed_by": known.active[0].id}),
    ("far behind", lambda known: {"number": 999}),
]


@pytest.mark.parametrize("change", [case[1] for case in FORGERIES], ids=[case[0] for case in FORGERIES])
def test_a_row_put_in_by_hand_lets_nobody_in(
    store: Store, here: OwnKeys, mallory: OwnKeys, change: Callable[[Approvers], dict[str, Any]]
) -> None:
    approve(store, here, "maria")
    enrol(store, here, "tom", by="maria")
    write(store, forged(approvers(store, here), mallory, **change(approvers(store, here))))
    known = approvers(store, here)
    assert known.names == ("maria", "tom")
    ((entry, reason),) = known.refused
    assert entry.public_key == mallory.all()[0].public_key
    assert reason
    for name in ("mallory", "maria"):
        with pytest.raises(ApprovalError, match=r"is no approver|private key of maria is not on"):
            approve(store, mallory, name)
    assert enrol(store, here, "eva", by="tom"), "those who may go on past it"
    assert names(store, here) == ("maria", "tom", "eva")


def test_the_key_of_another_in_the_place_of_an_approvers_breaks_the_list(
    store: Store, here: OwnKeys, mallory: OwnKeys
) -> None:
    approve(store, here, "maria")
    public = mallory.make("mallory").public_key
    with store.write() as connection:
        connection.execute(update(schema.keys).values(public_key=public, key=signing.key_id(public)))
    for own in (here, mallory):
        with pytest.raises(ApprovalError, match="the list of approvers"):
            approve(store, own, "mallory")


def test_a_list_in_the_place_of_another_is_seen_by_whoever_knew_the_first(
    store: Store, here: OwnKeys, mallory: OwnKeys
) -> None:
    approve(store, here, "maria")
    with store.write() as connection:
        connection.execute(delete(schema.keys))
    given = approve(store, mallory, "maria")
    with pytest.raises(ApprovalError, match="is not the one that was seen before") as caught:
        approvers(store, here)
    assert "seen.json" in str(caught.value.where)
    assert given.key, "who has never seen the list cannot tell"


def test_a_revocation_that_is_taken_back_by_hand_is_seen(store: Store, here: OwnKeys) -> None:
    approve(store, here, "maria")
    enrol(store, here, "tom", by="maria")
    revoke(store, here, "tom", by="maria")
    with store.write() as connection:
        connection.execute(delete(schema.keys).where(schema.keys.c.event == "revoke"))
    with pytest.raises(ApprovalError, match="is not the one that was seen before"):
        approve(store, here, "tom")


def test_a_row_that_is_taken_away_from_the_middle_breaks_what_follows(store: Store, here: OwnKeys) -> None:
    approve(store, here, "maria")
    for name in ("tom", "eva"):
        enrol(store, here, name, by="maria")
    rows = [Entry(**row) for row in store.rows(select(schema.keys))]
    assert replay([rows[0], rows[2]]).names == ("maria",)
    assert replay(rows).names == ("maria", "tom", "eva")
    assert replay(reversed(rows)).names == ("maria", "tom", "eva"), "by their numbers"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"entries": 1}'])
def test_a_broken_memory_of_the_list_is_told(store: Store, here: OwnKeys, text: str) -> None:
    approve(store, here, "maria")
    (here.folder / "seen.json").write_text(text, encoding="utf-8")
    with pytest.raises(ApprovalError, match="cannot be read") as caught:
        approve(store, here, "maria")
    assert caught.value.fix


# --- where private keys are ---------------------------------------------------------------------------------


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], str]:
    """A keyring that works."""
    held: dict[tuple[str, str], str] = {}
    module = ModuleType("keyring")
    module.__spec__ = ModuleSpec("keyring", None)
    vars(module)["get_password"] = lambda service, name: held.get((service, name))
    vars(module)["set_password"] = lambda service, name, secret: held.update({(service, name): secret})
    vars(module)["errors"] = SimpleNamespace(KeyringError=KeyError)
    monkeypatch.setitem(sys.modules, "keyring", module)
    return held


def test_a_keyring_that_works_keeps_the_private_key(
    store: Store, here: OwnKeys, keyring: dict[tuple[str, str], str]
) -> None:
    given = approve(store, here, "maria")
    assert [*keyring] == [("workbench:books", f"approval.{given.key}")]
    assert list(here.folder.glob("*.pem")) == []
    assert approve(store, here, "maria").key == given.key
    keyring.clear()
    with pytest.raises(ApprovalError, match="not on this machine any more"):
        approve(store, here, "maria")


def broken(*_: str) -> None:
    raise RuntimeError("no backend")


@pytest.mark.parametrize("trouble", [broken, lambda *_: None], ids=["raises", "keeps nothing"])
def test_a_keyring_that_keeps_nothing_is_left_alone(
    store: Store, here: OwnKeys, keyring: object, trouble: Callable[..., None]
) -> None:
    vars(sys.modules["keyring"])["set_password"] = trouble
    given = approve(store, here, "maria")
    assert [path.stem for path in here.folder.glob("*.pem")] == [given.key]


def test_a_keyring_that_is_locked_is_told(store: Store, here: OwnKeys, keyring: object) -> None:
    def locked(*_: str) -> None:
        raise KeyError("locked")

    approve(store, here, "maria")
    vars(sys.modules["keyring"])["get_password"] = locked
    with pytest.raises(ApprovalError, match="maria's approval key is in the keyring, and the keyring cannot"):
        approve(store, here, "maria")


def test_a_private_key_in_the_place_of_another_signs_nothing(store: Store, here: OwnKeys) -> None:
    given = approve(store, here, "maria")
    file = here.folder / f"{given.key}.pem"
    file.write_text(signing.new_private_key(), encoding="utf-8")
    with pytest.raises(ApprovalError, match="not the one that belongs to the public key"):
        approve(store, here, "maria")
    file.write_text("nonsense", encoding="utf-8")
    with pytest.raises(ApprovalError, match="the private key cannot be read"):
        approve(store, here, "maria")


def test_files_that_say_what_is_not_so_are_no_keys(here: OwnKeys) -> None:
    key = here.make("maria")
    told = json.loads((here.folder / f"{key.id}.json").read_text(encoding="utf-8"))
    (here.folder / f"{'0' * 32}.json").write_text(json.dumps(told), encoding="utf-8")
    (here.folder / "notes.json").write_text("[]", encoding="utf-8")
    (here.folder / "more.json").write_text('{"name": "x", "public_key": "zz", "kept": "file"}')
    assert [each.id for each in here.all()] == [key.id]


# --- who approves when nobody is named ----------------------------------------------------------------------


def test_who_approves_when_nobody_is_named(store: Store, here: OwnKeys, there: OwnKeys) -> None:
    def default(own: OwnKeys) -> str:
        return approval.default_approver(store, own, "os-user")

    assert default(here) == "os-user", "the first"
    approve(store, here, "maria")
    assert (default(here), default(there)) == ("maria", "os-user")
    enrol(store, here, "tom", by="maria")
    assert default(here) == "os-user", "one of several: say who"
