"""Is a line about the name found in a hosts file, and nothing else, whatever is in it?"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.model import Failure
from emrnetcheck.net import hosts_file

NAME = "emr.example.org"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"", ()),
        (b"127.0.0.1 localhost\n10.0.0.5 emr.example.org\n", (f"line 2: 10.0.0.5 {NAME}",)),
        (b"10.0.0.5\temr EMR.Example.Org # the server", (f"line 1: 10.0.0.5 {NAME}",)),
        (b"\xef\xbb\xbf10.0.0.5 emr.example.org\r\n", (f"line 1: 10.0.0.5 {NAME}",)),
        (b"fd00::5 emr.example.org\n10.0.0.5 emr.example.org", (f"line 1: fd00::5 {NAME}", f"line 2: 10.0.0.5 {NAME}")),
        (b"# 10.0.0.5 emr.example.org", ()),
        (b"10.0.0.5 other # emr.example.org", ()),
        (b"10.0.0.5 xemr.example.org emr.example.org.au", ()),
        (b"emr.example.org 10.0.0.5", ()),
        (b"nonsense emr.example.org", ()),
        (b"emr.example.org emr.example.org", ()),
    ],
)
def test_lines_about_the_name(text: bytes, found: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "hosts"
    file.write_bytes(text)
    assert hosts_file.lines_for(f"{NAME}.", file) == found


def test_no_file_has_no_lines_and_one_that_cannot_be_read_is_a_failure(tmp_path: Path) -> None:
    assert hosts_file.lines_for(NAME, tmp_path / "none") == ()
    assert isinstance(hosts_file.lines_for(NAME, tmp_path), Failure)


def test_only_so_many_lines_are_told(tmp_path: Path) -> None:
    assert len(hosts_file.lines_in(b"10.0.0.5 emr.example.org\n" * 1000, NAME)) == 20


def test_where_it_is() -> None:
    assert hosts_file.path().name == "hosts"


LINE = st.sampled_from(
    [b"10.0.0.5 ", b"fe80::1%\x1b[31m ", b"\xff", b"#", b" emr.example.org", b"\n", b"\r", b"\x00", b"\t"]
)


@given(st.binary(max_size=300) | st.lists(LINE, max_size=30).map(b"".join))
def test_any_bytes_give_clean_lines(data: bytes) -> None:
    for line in hosts_file.lines_in(data, NAME):
        assert line.isprintable()
        assert len(line) <= 200
