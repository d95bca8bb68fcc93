"""The key that seals what waits for QuickBooks: made once, private, and shared on purpose only."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.unit.profile.bare_profile import bare_profile
from workbench.errors import ProfileError
from workbench.profile import Profile, seal_key, write_private, write_secrets

LONG = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return bare_profile(tmp_path / "books")


def test_who_comes_at_once_gets_the_same_key(profile: Profile) -> None:
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: seal_key(profile), range(32)))
    assert len(keys) == 1
    assert [path.name for path in profile.data.glob("*queue.key*")] == ["queue.key"]


def test_a_profile_has_a_key_of_its_own(profile: Profile, tmp_path: Path) -> None:
    assert seal_key(profile) != seal_key(bare_profile(tmp_path / "others"))


def test_machines_that_share_a_store_share_the_secret(
    profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_secrets(profile, {"quickbooks.seal": LONG})
    assert seal_key(profile) == LONG.encode()
    assert profile.unknown_secrets() == ()
    monkeypatch.setenv("WORKBENCH_QUICKBOOKS_SEAL", LONG[::-1])
    assert seal_key(profile) == LONG[::-1].encode()
    assert not (profile.data / "queue.key").exists()


def test_a_short_key_is_refused_and_not_shown(profile: Profile) -> None:
    write_secrets(profile, {"quickbooks.seal": "hunter2hunter2"})
    with pytest.raises(ProfileError, match="too short") as caught:
        seal_key(profile)
    assert "hunter2" not in str(caught.value)
    assert "14" in str(caught.value)


@pytest.mark.parametrize("content", [b"\xff\xfe" * 20, b"\xef\xbb\xbf" + b"k" * 40, b"k" * 20 + b"\x00" * 20])
def test_what_is_no_key_is_told(profile: Profile, content: bytes) -> None:
    write_private(profile.data / "queue.key", "")
    (profile.data / "queue.key").write_bytes(content)
    with pytest.raises(ProfileError, match=r"can't be read|characters that no key has") as caught:
        seal_key(profile)
    assert "a new one is made" in str(caught.value)


def test_a_folder_in_its_place_is_told(profile: Profile) -> None:
    (profile.data / "queue.key").mkdir(parents=True)
    with pytest.raises(ProfileError, match="can't be read"):
        seal_key(profile)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such mode")
def test_a_key_that_others_can_read_is_refused(profile: Profile) -> None:
    seal_key(profile)
    (profile.data / "queue.key").chmod(0o644)
    with pytest.raises(ProfileError, match="can be read by others"):
        seal_key(profile)
