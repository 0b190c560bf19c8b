"""Is the Wi-Fi's signal read right from what each system prints, in any language, and its name never?"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import metered, radio
from emrnetcheck.net.radio import Radio

IW = """\
Connected to 04:ab:00:12:34:56 (on wlan0)
	SSID: freq: 2412 signal: -20 dBm
	freq: 5180
	RX: 2096843 bytes (11092 packets)
	TX: 275034 bytes (1512 packets)
	signal: -52 dBm
	rx bitrate: 866.7 MBit/s VHT-MCS 9 80MHz short GI VHT-NSS 2
	tx bitrate: 780.0 MBit/s VHT-MCS 8 80MHz short GI VHT-NSS 2
	bss flags: short-slot-time
	dtim period: 1
	beacon int: 100
"""
PROC = """\
Inter-| sta-|   Quality        |   Discarded packets               | Missed | WE
 face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22
 wlan0: 0000   60.  -50.  -256        0      0      0      0      0        0
 wlan1: 0000   60   -81   -256        0      0      0      0      0        0
 wlan2: 0000   60.   60.   0.         0      0      0      0      0        0
"""
NETSH_10 = """
There is 1 interface on the system:

    Name                   : Wi-Fi
    Description            : Intel(R) Wi-Fi 6 AX201 160MHz
    GUID                   : 8f3c2d10-1111-2222-3333-444455556666
    Physical address       : 3c:58:c2:11:22:33
    State                  : connected
    SSID                   : 12 %
    BSSID                  : a0:b1:c2:d3:e4:f5
    Network type           : Infrastructure
    Radio type             : 802.11ac
    Authentication         : WPA2-Personal
    Cipher                 : CCMP
    Connection mode        : Auto Connect
    Channel                : 44
    Receive rate (Mbps)    : 866.7
    Transmit rate (Mbps)   : 780
    Signal                 : 71%
    Profile                : 12 %

    Hosted network status  : Not available
"""
NETSH_11_GERMAN = """
Es sind 2 Schnittstellen auf dem System vorhanden:

    Name                   : WLAN 2
    Beschreibung           : Realtek 8822CE
    GUID                   : 11111111-1111-2222-3333-444455556666
    Status                 : Getrennt
    Status des Funkprofils : Hardware Ein

    Name                   : WLAN
    Beschreibung           : Intel(R) Wi-Fi 6E AX211 160MHz
    GUID                   : 3f9a7c1e-1111-2222-3333-444455556666
    Physische Adresse      : aa:bb:cc:dd:ee:ff
    Schnittstellentyp      : Prim\ufffdr
    Status                 : Verbunden
    SSID                   : 5 GHz
    AP-BSSID               : 11:22:33:44:55:66
    Band                   : 2,4 GHz
    Kanal                  : 6
    Netzwerktyp            : Infrastruktur
    Funktyp                : 802.11ax
    Empfangsrate (MBit/s)  : 144
    \ufffdbertragungsrate (MBit/s) : 130,5
    Signal                 : 38%
    Rssi                   : -81
    Profil                 : 5 GHz
    QoS MSCS konfiguriert  : 0
"""
NETSH_RUSSIAN = """
    Имя                    : Беспроводная сеть
    Состояние              : подключено
    SSID                   : Дом
    Диапазон               : 6 ГГц
    Канал                  : 37
    Скорость приема (Мбит/с) : 1201
    Сигнал                 : 100%
"""


def airport(**changes: object) -> str:
    network = {
        "_name": "<redacted>",
        "spairport_network_channel": "149 (5GHz, 80MHz)",
        "spairport_network_rate": 866,
        "spairport_signal_noise": "-47 dBm / -94 dBm",
    }
    cards = [
        {"_name": "awdl0"},
        {"_name": "en1", "spairport_current_network_information": {**network, **changes}},
    ]
    return json.dumps({"SPAirPortDataType": [{"spairport_airport_interfaces": cards}]})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (IW, Radio(-52, None, "5 GHz", 780.0)),
        (IW.replace("freq: 5180", "freq: 2437.0").replace("-52", "-81"), Radio(-81, None, "2.4 GHz", 780.0)),
        (IW.replace("freq: 5180", "freq: 5955"), Radio(-52, None, "6 GHz", 780.0)),
        (IW.replace("-52 dBm", "0 dBm"), Radio(None, None, "5 GHz", 780.0)),
        ("Not connected.\n", Radio()),
        ("", Radio()),
    ],
)
def test_iw(text: str, expected: Radio) -> None:
    assert radio.parse_iw(text) == expected


@pytest.mark.parametrize(
    ("mhz", "band"),
    [
        (2399, None),
        (2412, "2.4 GHz"),
        (2484, "2.4 GHz"),
        (5180, "5 GHz"),
        (5885, "5 GHz"),
        (5955, "6 GHz"),
        (7115, "6 GHz"),
        (60480, None),
    ],
)
def test_the_band_of_a_frequency(mhz: int, band: str | None) -> None:
    assert radio.band_of(mhz) == band


@pytest.mark.parametrize(
    ("name", "dbm"), [("wlan0", -50), ("wlan1", -81), ("wlan2", None), ("wlan", None), (".*", None)]
)
def test_proc_net_wireless(name: str, dbm: int | None) -> None:
    assert radio.parse_proc_net_wireless(PROC, name) == dbm


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (airport(), Radio(-47, None, "5 GHz", 866.0)),
        (airport(spairport_network_channel="6 (2GHz, 20MHz)"), Radio(-47, None, "2.4 GHz", 866.0)),
        (airport(spairport_network_channel="37 (6GHz, 160MHz)"), Radio(-47, None, "6 GHz", 866.0)),
        (airport(spairport_network_channel=36), Radio(-47, None, "5 GHz", 866.0)),
        (airport(spairport_network_channel=None, spairport_network_rate="x"), Radio(-47)),
        (airport(spairport_signal_noise={}), Radio(None, None, "5 GHz", 866.0)),
        ('{"SPAirPortDataType": [{"spairport_airport_interfaces": [{"_name": "en1"}]}]}', Radio()),
        ('{"SPAirPortDataType": [1]}', Radio()),
        ("[" * 100_000, Radio()),
        ("", Radio()),
    ],
)
def test_macos(text: str, expected: Radio) -> None:
    assert radio.parse_airport(text, "en1") == expected


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        (NETSH_10, "Wi-Fi", Radio(None, 71, "5 GHz", 780.0)),
        (NETSH_10.replace(": 44", ": 11"), "Wi-Fi", Radio(None, 71, "2.4 GHz", 780.0)),
        (NETSH_11_GERMAN, "WLAN", Radio(-81, 38, "2.4 GHz", 130.5)),
        (NETSH_11_GERMAN, "WLAN 2", Radio()),
        (NETSH_RUSSIAN, "Беспроводная сеть", Radio(None, 100, "6 GHz", None)),
        (NETSH_10, "Ethernet", Radio()),
        (NETSH_10.replace("71%", "171%"), "Wi-Fi", Radio(None, None, "5 GHz", 780.0)),
        ("The Wireless AutoConfig Service (wlansvc) is not running.\n", "Wi-Fi", Radio()),
    ],
)
def test_windows_in_any_language(text: str, name: str, expected: Radio) -> None:
    assert radio.parse_netsh(text, name) == expected


def prints(text: str) -> Callable[..., str]:
    return lambda argv, timeout_s=3.0: text


def refuses(argv: list[str], timeout_s: float = 3.0) -> Failure:
    return Failure(FailureKind.UNSUPPORTED, "run", argv[0])


def test_on_linux_iw_is_asked_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(radio, "output_of", prints(IW))
    found = radio.radio("wlan0", tmp_path / "none")
    assert (found.signal_dbm, found.method) == (-52, "iw")
    monkeypatch.setattr(radio, "output_of", prints("Not connected.\n"))
    assert radio.radio("wlan0", tmp_path / "none").method is None  # it told nothing


def test_on_linux_without_iw_the_kernels_table_tells(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(radio, "output_of", refuses)
    (tmp_path / "wireless").write_text(PROC)
    assert radio.radio("wlan1", tmp_path / "wireless") == Radio(-81, method="/proc/net/wireless")
    assert radio.radio("wlan1", tmp_path / "none") == Radio()


@pytest.mark.parametrize(
    ("platform", "text", "name", "method"),
    [("darwin", airport(), "en1", "system_profiler"), ("win32", NETSH_10, "Wi-Fi", "netsh")],
)
def test_elsewhere_the_systems_own_program_tells(
    monkeypatch: pytest.MonkeyPatch, platform: str, text: str, name: str, method: str
) -> None:
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setattr(radio, "output_of", prints(text))
    found = radio.radio(name)
    assert (found.band, found.method) == ("5 GHz", method)
    monkeypatch.setattr(radio, "output_of", refuses)  # Windows 11 without the consent to tell locations
    assert radio.radio(name) == Radio()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GENERAL.METERED:yes\n", True),
        ("GENERAL.METERED:yes (guessed)\n", True),
        ("GENERAL.METERED:no (guessed)\n", False),
        ("GENERAL.METERED:no\n", False),
        ("GENERAL.METERED:unknown\n", None),
        ("", None),
    ],
)
def test_metered_by_network_manager(monkeypatch: pytest.MonkeyPatch, text: str, expected: bool | None) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(metered, "output_of", prints(text))
    assert metered.metered("eth0") is expected


@pytest.mark.parametrize(
    ("text", "expected"), [("0\r\n", None), ("1\r\n", False), ("2\r\n", True), ("3", True), ("", None)]
)
def test_metered_by_windows(monkeypatch: pytest.MonkeyPatch, text: str, expected: bool | None) -> None:
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setattr(metered, "output_of", prints(text))
    assert metered.metered("Ethernet") is expected


@pytest.mark.parametrize("platform", ["linux", "win32", "darwin"])
def test_metered_is_not_known_where_nobody_tells(monkeypatch: pytest.MonkeyPatch, platform: str) -> None:
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setattr(metered, "output_of", refuses)
    assert metered.metered("eth0") is None
