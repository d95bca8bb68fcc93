"""Ids of the embedded org: the checksum is the real one, so real ids must come out right."""

import pytest

from workbench.testorg.ids import checksum, long_id, new_id

# The last two are pairs that Salesforce's own answers and documentation show.
#  why                           15 characters      suffix
CHECKSUMS = [
    ("no capital letter",        "000000000000000", "AAA"),
    ("all capitals",             "AAAAAAAAAAAAAAA", "555"),
    ("first bit of each chunk",  "A0000A0000A0000", "BBB"),
    ("last bit of each chunk",   "0000A0000A0000A", "QQQ"),
    ("the master record type",   "012000000000000", "AAA"),
    ("a recorded record type",   "01254000001upcK", "AAQ"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "id15", "suffix"), CHECKSUMS, ids=[c[0] for c in CHECKSUMS])
def test_checksum(why: str, id15: str, suffix: str) -> None:
    assert checksum(id15) == suffix
    assert long_id(id15) == id15 + suffix
    assert long_id(id15 + suffix) == id15 + suffix


#  why                              text                    answer
LONG = [
    ("case was lost on the way",    "01254000001UPCKAAQ",   "01254000001upcKAAQ"),
    ("checksum in lower case",      "01254000001upcKaaq",   "01254000001upcKAAQ"),
    ("14 characters",               "01254000001upc",       None),
    ("16 characters",               "01254000001upcKA",     None),
    ("empty",                       "",                     None),
    ("a checksum letter past 5",    "01254000001upcKAA9",   None),
    ("capital claimed for a digit", "012540000010000BAA",   None),
    ("not ASCII",                   "01254000001upcÄ",      None),
    ("a hyphen",                    "80000001-165234",      None),
]  # fmt: skip


@pytest.mark.parametrize(("why", "text", "answer"), LONG, ids=[c[0] for c in LONG])
def test_long_id(why: str, text: str, answer: str | None) -> None:
    assert long_id(text) == answer


def test_new_ids_are_valid_distinct_and_ordered() -> None:
    ids = [new_id("001", n) for n in (0, 1, 61, 62, 62**9 - 1)]
    assert ids == [long_id(i) for i in ids]
    assert len({i.lower() for i in ids}) == len(ids)
    assert ids == sorted(ids)
    assert all(len(i) == 18 and i.startswith("001") for i in ids)


@pytest.mark.parametrize(
    ("prefix", "number"), [("01", 1), ("0-1", 1), ("0011", 1), ("001", -1), ("001", 62**9)]
)
def test_new_id_refuses(prefix: str, number: int) -> None:
    with pytest.raises(ValueError, match="not"):
        new_id(prefix, number)
