"""Which card is it, and are its counters read as the drivers mean them?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emrnetcheck.net import card
from emrnetcheck.net.card import Told

HARDWARE_PORTS = """\

Hardware Port: Ethernet
Device: en0
Ethernet Address: 00:14:bf:01:02:03

Hardware Port: Wi-Fi
Device: en1
Ethernet Address: 00:14:bf:01:02:04

Hardware Port: Bluetooth PAN
Device: en7
Ethernet Address: N/A
"""
IFCONFIG = """\
en0: flags=8863<UP,BROADCAST,SMART,RUNNING,SIMPLEX,MULTICAST> mtu 1500
	options=50b<RXCSUM,TXCSUM,VLAN_HWTAGGING,AV,CHANNEL_IO>
	ether 00:14:bf:01:02:03
	inet 192.168.1.10 netmask 0xffffff00 broadcast 192.168.1.255
	media: {media}
	status: active
"""


def interface(sys_root: Path, name: str, *below: str, hardware: bool = False, **files: str) -> Path:
    folder = sys_root / "class" / "net" / name
    (folder / "statistics").mkdir(parents=True)
    for each in below:
        (folder / f"lower_{each}").mkdir()
    if hardware:
        (folder / "device").mkdir()
    for file, text in files.items():
        place = folder if file == "carrier_changes" else folder / "statistics"
        (place / file).write_text(text)
    return folder


def test_the_card_below_a_vlan_on_a_bond_on_a_bridge_is_found(tmp_path: Path) -> None:
    interface(tmp_path, "vlan9", "br0")
    interface(tmp_path, "br0", "bond0", "vnet0")  # vnet0: a virtual machine's port, no hardware
    interface(tmp_path, "bond0", "eth0")
    interface(tmp_path, "vnet0")
    interface(tmp_path, "eth0", hardware=True)
    assert card.under("vlan9", tmp_path) == "eth0"


def test_no_card_is_named_where_there_are_two_or_none_or_a_circle(tmp_path: Path) -> None:
    interface(tmp_path, "br0", "eth0", "eth1")
    interface(tmp_path, "eth0", hardware=True)
    interface(tmp_path, "eth1", hardware=True)
    interface(tmp_path, "a0", "b0")
    interface(tmp_path, "b0", "a0")
    assert [card.under(name, tmp_path) for name in ("br0", "eth0", "a0", "none0")] == [None] * 4


def test_linux_counters_are_told_by_their_names_in_802_3(tmp_path: Path) -> None:
    interface(tmp_path, "eth0", rx_crc_errors="7\n", tx_window_errors="3\n", tx_bytes="900\n", carrier_changes="4\n")
    found = card.counters("eth0", tmp_path)
    assert (found["crc_errors"], found["late_collisions"], found["sent_bytes"], found["carrier_changes"]) == (
        7,
        3,
        900,
        4,
    )
    assert found["receive_errors"] is None


@pytest.mark.parametrize("text", ["", "-1\n", "many\n", "0x10\n", "٣\n"])
def test_a_counter_that_is_no_number_is_not_told(tmp_path: Path, text: str) -> None:
    interface(tmp_path, "eth0", rx_crc_errors=text, rx_errors="1\n")
    assert card.counters("eth0", tmp_path)["crc_errors"] is None


def test_macos_hardware_ports() -> None:
    assert card.parse_hardware_ports(HARDWARE_PORTS) == {"en0": "wired", "en1": "wifi", "en7": "unknown"}


@pytest.mark.parametrize(
    ("media", "expected"),
    [
        ("autoselect (1000baseT <full-duplex,flow-control,energy-efficient-ethernet>)", (1000, "full")),
        ("autoselect (100baseTX <half-duplex>)", (100, "half")),
        ("100baseTX <full-duplex>", (100, "full")),
        ("10baseT/UTP <half-duplex>", (10, "half")),
        ("autoselect (10Gbase-T <full-duplex,flow-control>)", (10000, "full")),
        ("autoselect (2500Base-T <full-duplex>)", (2500, "full")),
        ("autoselect (none)", (None, None)),
        ("autoselect", (None, None)),
        ("<unknown type>", (None, None)),
    ],
)
def test_macos_media(media: str, expected: tuple[int | None, str | None]) -> None:
    assert card.parse_media(IFCONFIG.format(media=media)) == expected


def test_macos_without_media() -> None:
    assert card.parse_media("utun3: flags=8051<UP> mtu 1380\n") == (None, None)


def adapter(name: str, medium: object = 14, duplex: object = 2, speed: object = 1_000_000_000) -> dict[str, object]:
    return {"Name": name, "NdisPhysicalMedium": medium, "MediaDuplexState": duplex, "Speed": speed}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([adapter("A", 14, 1, 10_000_000)], {"A": Told("wired", 10, "half")}),
        ([adapter("A"), adapter("B", 9, 0, 866_700_000)], {"A": Told("wired", 1000, "full"), "B": Told("wifi", 866)}),
        (adapter("A"), {"A": Told("wired", 1000, "full")}),
        (adapter("A", 0, None, None), {"A": Told()}),
        (adapter("no cable", duplex=1, speed=0), {"no cable": Told("wired")}),
        (adapter("no cable", duplex=1, speed=(1 << 64) - 1), {"no cable": Told("wired")}),
        (adapter("odd", "14", [], "fast"), {"odd": Told()}),
        ([1, None, {}], {}),
    ],
)
def test_windows_adapters(said: object, expected: dict[str, Told]) -> None:
    assert card.parse_net_adapters(json.dumps(said)) == expected


@pytest.mark.parametrize("text", ["", "Get-NetAdapter : access denied", "[" * 100_000])
def test_windows_adapters_that_are_not_told(text: str) -> None:
    assert card.parse_net_adapters(text) == {}
