"""By which routers do packets reach a host, as the system's own traceroute or tracert says? For macOS and Windows.

Written from documented output (traceroute(8) of macOS, Microsoft's page of tracert) and tested on it, not measured.
"""

from __future__ import annotations

import ipaddress
import re
import sys
from collections.abc import Callable

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.hops import HopAnswers, Route
from emrnetcheck.net.programs import Finished, run_watched

DEADLINE_S = 12.0
_HOPS_MAX = 20
_LIMIT_BYTES = 64 * 1024
_ROUNDS = 3
_ROW = re.compile(r"^\s*(\d{1,2})\s+(.*)$")
# "<1 ms" stands for half a millisecond.
_TRACERT_TIME = re.compile(r"(<?)(\d+)\s*[^\s\d*<]+|(\*)")
_LESS_THAN = 0.5


def find(
    address: str, *, deadline_s: float = DEADLINE_S, stopping: Callable[[], bool] = lambda: False
) -> Route | Failure:
    """The routers on the way to an IPv4 address, each asked three times. At the deadline, what it has printed counts.

    method: "traceroute" or "tracert" (whole milliseconds). UNSUPPORTED where the system has no such program.
    """
    windows = sys.platform == "win32"
    if windows:
        argv = ["tracert", "-d", "-h", str(_HOPS_MAX), "-w", "700", address]
    else:
        argv = ["traceroute", "-n", "-q", str(_ROUNDS), "-w", "1", "-m", str(_HOPS_MAX), address]
    said = run_watched(argv, deadline_s=deadline_s, limit_bytes=_LIMIT_BYTES, stopping=stopping)
    if isinstance(said, Failure):
        return said
    route = parse_tracert(said.stdout, address) if windows else parse_traceroute(said.stdout, address)
    return route if route.hops or _ended(said) else said.failure or Failure(FailureKind.MALFORMED, "run", argv[0])


def _ended(said: Finished) -> bool:
    return said.failure is None and said.status == 0


def parse_traceroute(text: str, address: str) -> Route:
    """traceroute -n: a row for each distance: its number, then addresses, times ("3.312 ms"), stars, remarks (!N).

    An address stands before the times that are its; another one in the same row, or in one of its own behind it, was
    met at the same distance.
    """
    rows: dict[int, tuple[list[str], list[float | None]]] = {}
    ttl = 0
    for line in text.splitlines():
        row = _ROW.match(line)
        words = line.split()
        if row is not None and not _is_v4(words[0]) and (len(words) < 2 or words[1] == "*" or _is_v4(words[1])):  # noqa: PLR2004
            ttl, words = int(row[1]), words[1:]
        elif not (ttl and line[:1].isspace()):
            continue
        said, times = rows.setdefault(ttl, ([], []))
        for number, word in enumerate(words):
            if word == "*":
                times.append(None)
            elif _is_v4(word):
                said.append(word)
            elif number + 1 < len(words) and words[number + 1] == "ms":
                times.append(_number(word))
    return _route(rows, "traceroute", address)


def parse_tracert(text: str, address: str) -> Route:
    """tracert -d, in any language: a row for each distance: its number, three times or stars, an address or words."""
    rows: dict[int, tuple[list[str], list[float | None]]] = {}
    for line in text.splitlines():
        row = _ROW.match(line)
        if row is None:
            continue
        times: list[float | None] = []
        at = 0
        while len(times) < _ROUNDS and (found := _TRACERT_TIME.match(row[2], at)) is not None:
            less, number, star = found.groups()
            times.append(None if star else int(number) * (_LESS_THAN if less else 1.0))
            at = found.end()
            at += len(row[2][at:]) - len(row[2][at:].lstrip())
        if len(times) == _ROUNDS:
            rows[int(row[1])] = ([word for word in row[2][at:].split()[:1] if _is_v4(word)], times)
    return _route(rows, "tracert", address)


def _route(rows: dict[int, tuple[list[str], list[float | None]]], method: str, address: str) -> Route:
    """Up to the target, or to the last that answered. Rows that do not begin at 1 are not believed."""
    hops: list[HopAnswers] = []
    for ttl in range(1, _HOPS_MAX + 1):
        if ttl not in rows:
            break
        said, times = rows[ttl]
        rtts = tuple(times[:_ROUNDS]) + (None,) * (_ROUNDS - len(times))
        hops.append(HopAnswers(ttl, tuple(dict.fromkeys(said)), rtts, address in said))
        if address in said:
            return Route(tuple(hops), method, reached=True)
    while hops and not hops[-1].addresses:
        hops.pop()
    return Route(tuple(hops), method, reached=False)


def _number(word: str) -> float | None:
    try:
        value = float(word)
    except ValueError:
        return None
    return value if 0.0 <= value < 1e6 else None  # noqa: PLR2004 - NaN and nonsense fail the comparison


def _is_v4(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True
