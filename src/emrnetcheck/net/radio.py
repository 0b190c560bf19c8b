"""How strong is the Wi-Fi here, and in which band? Its name is nobody's business and is never read out."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from emrnetcheck.model import Failure
from emrnetcheck.net.programs import output_of

_TIMEOUT_S = 6.0  # macOS's system_profiler takes seconds
_PROC = Path("/proc/net/wireless")
_WORST_DBM, _BEST_DBM = -120, -1
# MHz, IEEE 802.11-2020 annex E and 802.11ax; a channel's middle is well inside.
_BANDS_MHZ = (("2.4 GHz", 2400, 2500), ("5 GHz", 4900, 5925), ("6 GHz", 5925, 7130))
_LAST_CHANNEL_2_4, _LAST_CHANNEL_5 = 14, 177
_NUMBER = re.compile(r"\d{1,5}(?:[.,]\d{1,2})?")
_SEND_RATE = 2  # after the channel and what it receives at
_WHOLE_PERCENT = 100
_PERCENT = re.compile(r"(\d{1,3}) ?%")


@dataclass(frozen=True, slots=True)
class Radio:
    """signal_dbm, or signal_percent where that is all (Windows). rate_mbps: what it sends at now. None: not told.

    method: "iw", "/proc/net/wireless", "system_profiler" or "netsh"; None: none of them told anything.
    """

    signal_dbm: int | None = None
    signal_percent: int | None = None
    band: str | None = None
    rate_mbps: float | None = None
    method: str | None = None


def radio(interface: str, proc: Path = _PROC) -> Radio:
    """What the system tells; nothing where it may not (Windows asks for consent to tell locations) or cannot."""
    if sys.platform == "linux":
        return _linux(interface, proc)
    if sys.platform == "darwin":
        text = output_of(["/usr/sbin/system_profiler", "-json", "SPAirPortDataType"], timeout_s=_TIMEOUT_S)
        return Radio() if isinstance(text, Failure) else _by("system_profiler", parse_airport(text, interface))
    if sys.platform == "win32":
        text = output_of(["netsh", "wlan", "show", "interfaces"])
        return Radio() if isinstance(text, Failure) else _by("netsh", parse_netsh(text, interface))
    return Radio()


def _linux(interface: str, proc: Path) -> Radio:
    for program in ("iw", "/usr/sbin/iw"):  # a normal user's PATH lacks /usr/sbin on Debian
        text = output_of([program, "dev", interface, "link"])
        if isinstance(text, str):
            return _by("iw", parse_iw(text))
    try:
        table = proc.read_text(encoding="ascii", errors="replace")
    except OSError:
        return Radio()  # the kernel has no such table
    return _by("/proc/net/wireless", Radio(signal_dbm=parse_proc_net_wireless(table, interface)))


def _by(method: str, told: Radio) -> Radio:
    """Named only where it told something."""
    return told if told == Radio() else replace(told, method=method)


def band_of(mhz: float) -> str | None:
    """The band of a frequency."""
    return next((name for name, low, high in _BANDS_MHZ if low <= mhz < high), None)


def _dbm(text: str) -> int | None:
    """A signal as a number of dBm; None for one that no radio has."""
    number = int(text)
    return number if _WORST_DBM <= number <= _BEST_DBM else None


def parse_iw(text: str) -> Radio:
    """`iw dev X link`: "freq: 5180", "signal: -52 dBm", "tx bitrate: 780.0 MBit/s ...", each on a line of its own."""
    frequency = re.search(r"^\s*freq: (\d{4,5})", text, re.MULTILINE)
    signal = re.search(r"^\s*signal: (-\d{1,3}) dBm", text, re.MULTILINE)
    rate = re.search(r"^\s*tx bitrate: (\d{1,5}(?:\.\d+)?) MBit/s", text, re.MULTILINE)
    return Radio(
        signal_dbm=_dbm(signal[1]) if signal else None,
        band=band_of(int(frequency[1])) if frequency else None,
        rate_mbps=float(rate[1]) if rate else None,
    )


def parse_proc_net_wireless(text: str, interface: str) -> int | None:
    """The "level" of /proc/net/wireless in dBm; drivers that count it otherwise have no minus, and are not believed."""
    row = re.search(rf"^\s*{re.escape(interface)}: +\w+ +\S+ +(-\d{{1,3}})\.? ", text, re.MULTILINE)
    return _dbm(row[1]) if row else None


def parse_airport(text: str, interface: str) -> Radio:
    """macOS's `system_profiler -json SPAirPortDataType`: "-47 dBm / -94 dBm", "149 (5GHz, 80MHz)", 866."""
    current = _current_network(text, interface)
    signal = re.match(r"(-\d{1,3}) dBm", str(current.get("spairport_signal_noise", "")))
    channel = str(current.get("spairport_network_channel", ""))
    band = re.search(r"\((2|5|6)GHz", channel)
    number = re.match(r"\d{1,3}\b", channel)
    rate = current.get("spairport_network_rate")
    return Radio(
        signal_dbm=_dbm(signal[1]) if signal else None,
        band={"2": "2.4 GHz", "5": "5 GHz", "6": "6 GHz"}[band[1]] if band else _by_channel(number),
        rate_mbps=float(rate) if isinstance(rate, int | float) and not isinstance(rate, bool) else None,
    )


def _current_network(text: str, interface: str) -> dict[str, Any]:
    try:
        parts = json.loads(text)["SPAirPortDataType"]
        cards = [card for part in parts for card in part["spairport_airport_interfaces"]]
        found = next(card for card in cards if card["_name"] == interface)["spairport_current_network_information"]
    except (ValueError, RecursionError, LookupError, TypeError, StopIteration):
        return {}  # not connected, or another form of it
    return found if isinstance(found, dict) else {}


def _by_channel(number: re.Match[str] | None) -> str | None:
    """By its number alone, which systems that know the 6 GHz band never give alone."""
    channel = int(number[0]) if number else 0
    if 1 <= channel <= _LAST_CHANNEL_2_4:
        return "2.4 GHz"
    return "5 GHz" if _LAST_CHANNEL_2_4 < channel <= _LAST_CHANNEL_5 else None


def parse_netsh(text: str, interface: str) -> Radio:
    """Windows' `netsh wlan show interfaces`, whose words are of the system's language: by values and their order.

    Rows of one card, up to an empty line: its name first; then, beside words, a band ("5 GHz"; not before Windows 11),
    the channel, both rates in Mbps, the signal in percent, and a signal in dBm (newer ones only).
    """
    values = _rows(text, interface)
    percent = next((index for index, value in enumerate(values) if _PERCENT.fullmatch(value)), None)
    if percent is None:
        return Radio()
    before = values[:percent]
    numbers = [value for value in before if _NUMBER.fullmatch(value)]
    band = next((found for value in before if (found := re.fullmatch(r"(2[.,]4|5|6) ?\w{2,3}", value))), None)
    dbm = next((value for value in values[percent:] if re.fullmatch(r"-\d{2,3}", value)), None)
    share = int(values[percent].rstrip(" %"))
    by_channel = _by_channel(re.fullmatch(r"\d+", numbers[0])) if numbers else None
    return Radio(
        signal_dbm=_dbm(dbm) if dbm else None,
        signal_percent=share if share <= _WHOLE_PERCENT else None,
        band=f"{band[1].replace(',', '.')} GHz" if band else by_channel,
        rate_mbps=float(numbers[_SEND_RATE].replace(",", ".")) if len(numbers) > _SEND_RATE else None,
    )


def _rows(text: str, interface: str) -> list[str]:
    """The values of the interface's rows, without those of the network's names, which can look like anything."""
    block: list[str] = []
    for line in text.splitlines():
        key, colon, value = line.partition(":")
        if not line.strip():
            if block:
                return block
        elif colon and (block or value.strip() == interface) and "SSID" not in key:
            block.append(value.strip())
    return block
