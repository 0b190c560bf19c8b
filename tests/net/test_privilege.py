"""What may this process do? As the kernel's own table says it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from emrnetcheck.net import privilege
from emrnetcheck.net.privilege import has_capabilities


@pytest.mark.parametrize(
    ("text", "powerful"),
    [
        ("Name:\tpython3\nCapEff:\t000001ffffffffff\n", True),
        ("Name:\tpython3\nCapEff:\t0000000000002000\n", True),
        ("Name:\tpython3\nCapEff:\t0000000000000000\n", False),
        ("Name:\tpython3\n", True),
    ],
    ids=["all", "raw sockets alone", "none", "not told"],
)
def test_root_without_any_capability_is_no_administrator(tmp_path: Path, text: str, powerful: bool) -> None:
    status = tmp_path / "status"
    status.write_text(text)
    assert has_capabilities(status) is powerful


def test_a_system_without_that_table_has_whole_roots_only(tmp_path: Path) -> None:
    assert has_capabilities(tmp_path / "missing")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows asks another table")
@pytest.mark.parametrize(("capabilities", "is_root"), [("000001ffffffffff", True), ("0000000000000000", False)])
def test_root_is_an_administrator_only_with_capabilities(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capabilities: str, is_root: bool
) -> None:
    (tmp_path / "status").write_text(f"CapEff:\t{capabilities}\n")
    monkeypatch.setattr(privilege, "_STATUS", tmp_path / "status")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert privilege.is_administrator() is is_root


@pytest.mark.parametrize(("npcap", "may"), [(True, True), (False, False)])
def test_on_windows_packets_are_seen_by_npcap(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, npcap: bool, may: bool
) -> None:
    (tmp_path / "System32" / "Npcap").mkdir(parents=True)
    if npcap:
        (tmp_path / "System32" / "Npcap" / "wpcap.dll").touch()
    monkeypatch.setenv("SYSTEMROOT", str(tmp_path))
    monkeypatch.setattr(privilege, "sys", type("Windows", (), {"platform": "win32"}))
    assert privilege.may_see_packets() is may


@pytest.mark.skipif(sys.platform != "linux", reason="packet sockets are Linux'")
def test_a_packet_socket_that_is_refused_is_a_no(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("socket.socket", refused)
    assert privilege.may_see_packets() is False


def test_what_is_allowed_agrees_with_the_method() -> None:
    here = privilege.allowed()
    assert here.icmp == privilege.icmp_method()
    assert here.administrator == privilege.is_administrator()
    assert here.scapy
