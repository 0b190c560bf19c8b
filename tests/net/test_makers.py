"""Is the maker of a network card named, and only where the address tells one?"""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.net import makers
from emrnetcheck.net.makers import maker_of


@pytest.mark.parametrize(
    ("mac", "maker"),
    [
        ("00:0c:41:11:22:33", "Cisco-Linksys, LLC"),
        ("00-0C-41-11-22-33", "Cisco-Linksys, LLC"),
        ("04:d1:6e:a3:00:01", "Metra Electronics"),  # a block of 28 bits
        ("00:1b:c5:06:a9:99", "IST GmbH"),  # of 36
        ("02:60:8c:00:00:00", None),  # made up by software, whatever the list says
        ("ff:ff:ff:ff:ff:ff", None),
        ("01:00:5e:00:00:01", None),
        ("fc:ff:ff:ff:ff:ff", None),
        ("00:0c:41", None),
        ("", None),
    ],
)
def test_maker_is_the_one_of_the_longest_prefix(mac: str, maker: str | None) -> None:
    assert maker_of(mac) == maker


@given(st.text(max_size=20))
def test_no_text_is_an_exception(mac: str) -> None:
    maker_of(mac)


def test_name_is_fit_for_a_terminal() -> None:
    assert makers._named("#\n00:0C:41\tX\t\x1b[31mRed\a" + "x" * 100 + "\n", "00:0C:41") == " ".join(
        ["[31mRed", "x" * 51 + "…"]
    )


@pytest.mark.parametrize("line", ["00:0C:41", "00:0C:41\t", "00:0C:41\tX\t \n", "00:0C:411\tX\tY\n"])
def test_broken_line_names_nobody(line: str) -> None:
    assert makers._named("\n" + line, "00:0C:41") is None


def test_without_scapy_nobody_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scapy.libs.manuf", None)
    assert maker_of("00:0c:41:11:22:33") is None
