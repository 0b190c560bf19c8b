"""Which sizes of packets reach a host whole, as the system's own ping says? For macOS and Windows.

Written from documented output (ping(8) of macOS, Microsoft's page of ping) and tested on it, not measured.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.path_mtu import LEAST_MTU, SizeAnswers
from emrnetcheck.net.programs import Finished, run_watched

_HEADERS_BYTES = 28  # IPv4's and ICMP's: ping counts what is behind them
_DEADLINE_S = 3.0
_LIMIT_BYTES = 16 * 1024
_MAC_REPLY = re.compile(r"^\d+ bytes from [\d.]+: icmp_seq=\d+", re.MULTILINE)
_MAC_TOLD = re.compile(r"^\d+ bytes from ([\d.]+): frag needed and DF set \(MTU (\d+)\)", re.MULTILINE | re.IGNORECASE)
_MAC_OWN = re.compile(r"message too long", re.IGNORECASE)
_MAC_SILENCE = re.compile(r"\b1 packets transmitted, 0 packets received", re.IGNORECASE)
# "TTL=" stands in every language, and only behind a reply.
_WINDOWS_REPLY = re.compile(r"[=:]\s?\d+\b.*\bTTL=\d+", re.IGNORECASE)
_WINDOWS_TOLD = re.compile(r"^Reply from ([\d.]+): Packet needs to be fragmented", re.MULTILINE | re.IGNORECASE)
_WINDOWS_OWN = re.compile(r"^Packet needs to be fragmented", re.MULTILINE | re.IGNORECASE)
_WINDOWS_SILENCE = re.compile(r"^Request timed out", re.MULTILINE | re.IGNORECASE)


def try_sizes(
    address: str, sizes_bytes: Sequence[int], *, tries: int, stopping: Callable[[], bool] = lambda: False
) -> tuple[SizeAnswers, ...] | Failure:
    """As path_mtu.try_sizes, one packet after the other. UNSUPPORTED on systems other than macOS and Windows.

    What a program says in words that are not known (Windows speaks many languages) counts as not sent: silence must
    not be read into it.
    """
    if sys.platform not in ("darwin", "win32"):
        return Failure(FailureKind.UNSUPPORTED, "measure packet size", address)
    sizes = [SizeAnswers(size) for size in sizes_bytes]
    for _ in range(tries):
        for size in sizes:
            if size.settled or stopping():
                continue
            said = run_watched(
                _argv(address, size.size_bytes), deadline_s=_DEADLINE_S, limit_bytes=_LIMIT_BYTES, stopping=stopping
            )
            if isinstance(said, Failure):
                return said
            note(size, said, windows=sys.platform == "win32")
    return tuple(sizes)


def _argv(address: str, size_bytes: int) -> list[str]:
    payload = str(size_bytes - _HEADERS_BYTES)
    if sys.platform == "win32":
        return ["ping", "-n", "1", "-w", "900", "-f", "-l", payload, address]
    return ["ping", "-n", "-c", "1", "-W", "900", "-D", "-s", payload, address]


def note(size: SizeAnswers, said: Finished, *, windows: bool) -> None:
    """What one run of ping with one packet shows."""
    text = said.stdout + "\n" + said.stderr
    reply, told, own, silence = (
        (_WINDOWS_REPLY, _WINDOWS_TOLD, _WINDOWS_OWN, _WINDOWS_SILENCE)
        if windows
        else (_MAC_REPLY, _MAC_TOLD, _MAC_OWN, _MAC_SILENCE)
    )
    if reply.search(text):
        size.sent, size.answered = size.sent + 1, 1
    elif (by := told.search(text)) is not None:
        # Windows does not tell the size that fits.
        mtu = int(by[2]) if not windows else 0
        size.sent += 1
        size.told_mtu, size.told_by = mtu if LEAST_MTU <= mtu < size.size_bytes else 0, by[1]
    elif own.search(text):
        size.sent += 1
        size.told_mtu = 0
    elif silence.search(text):
        size.sent += 1
