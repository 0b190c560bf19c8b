"""Are the neighbour tables of the three systems read, and incomplete, broadcast and multicast entries left out?"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.net import neighbours
from emrnetcheck.net.neighbours import Neighbour

# Captured on Debian 12, addresses changed.
LINUX = """\
IP address       HW type     Flags       HW address            Mask     Device
192.168.1.1      0x1         0x2         00:14:bf:01:02:03     *        eth0
192.168.1.20     0x1         0x6         52:54:00:aa:bb:cc     *        eth0
192.168.1.30     0x1         0x0         00:00:00:00:00:00     *        eth0
192.168.1.32     0x1         0x0         52:54:00:dd:ee:ff     *        eth0
192.168.1.31     0x1         0x2         00:00:00:00:00:00     *        eth0
"""
# The form that the arp(8) page of macOS shows.
MACOS = """\
? (192.168.1.1) at 0:14:bf:1:2:3 on en0 ifscope [ethernet]
? (192.168.1.30) at (incomplete) on en0 ifscope [ethernet]
? (192.168.1.255) at ff:ff:ff:ff:ff:ff on en0 ifscope [ethernet]
? (224.0.0.251) at 1:0:5e:0:0:fb on en0 ifscope permanent [ethernet]
"""
# As Microsoft's page for `arp` shows it; and in German.
WINDOWS = """\

Interface: 192.168.1.50 --- 0x7
  Internet Address      Physical Address      Type
  192.168.1.1           00-14-bf-01-02-03     dynamic
  192.168.1.255         ff-ff-ff-ff-ff-ff     static
  224.0.0.22            01-00-5e-00-00-16     static
"""
WINDOWS_GERMAN = WINDOWS.replace("Interface", "Schnittstelle").replace("dynamic", "dynamisch").replace("Type", "Typ")

ROUTER = "00:14:bf:01:02:03"


def test_linux() -> None:
    assert neighbours.parse_proc_net_arp(LINUX) == (
        Neighbour("192.168.1.1", ROUTER, "eth0"),
        Neighbour("192.168.1.20", "52:54:00:aa:bb:cc", "eth0"),
    )


def test_macos() -> None:
    assert neighbours.parse_arp_an(MACOS) == (Neighbour("192.168.1.1", ROUTER, "en0"),)


def test_windows_in_any_language() -> None:
    expected = (Neighbour("192.168.1.1", ROUTER, "192.168.1.50"),)
    assert neighbours.parse_arp_a(WINDOWS) == expected
    assert neighbours.parse_arp_a(WINDOWS_GERMAN) == expected


@given(st.text(alphabet="0x1.2: ()aft-\n", max_size=200))
def test_other_text_is_never_an_exception(text: str) -> None:
    for parse in (neighbours.parse_proc_net_arp, neighbours.parse_arp_an, neighbours.parse_arp_a):
        parse(text)


def test_this_system_has_a_table() -> None:
    assert isinstance(neighbours.neighbours(), tuple)
