"""emrnetcheck ddns watch: follow a change of the office's address live, until every resolver has it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from emrnetcheck.cli.options import ConfigOption
from emrnetcheck.cli.run import refuse, settings
from emrnetcheck.exit_status import ExitStatus

if TYPE_CHECKING:
    from emrnetcheck.checks.ddns.following import Event, Following, Look, Place, Summary
    from emrnetcheck.probes.ddns_watch import Round, Watcher

SCHEMA = "emrnetcheck/ddns-watch/1"
_DURATION = re.compile(r"([0-9]{1,6})(s|m|h|d)?")
_UNITS_S = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_WAITING_EVERY_S = 30.0
_NAME_MAX_CHARS = 16  # a line is whole at 80 columns

Write = Callable[[str, dict[str, Any] | None], None]
"""(a line for people, the same as data; None for what is told to people only)"""


def seconds(text: str, option: str) -> float:
    """ "90", "90s", "30m", "2h" or "1d" as seconds; anything else is refused in a sentence."""
    found = _DURATION.fullmatch(text)
    if found is None or not int(found[1]):
        refuse(f"{option} {text} is no time: write 90s, 30m, 2h or 1d.")
    return float(int(found[1]) * _UNITS_S[found[2] or ""])


def watch(
    config: ConfigOption = None,
    hostname: Annotated[str, typer.Option("--name", help="The name to follow (default: [emr] hostname).")] = "",
    for_: Annotated[str, typer.Option("--for", metavar="TIME", help="End after this time, as 30m or 2h.")] = "",
    interval: Annotated[str, typer.Option("--interval", metavar="TIME", help="Ask name servers this often.")] = "5s",
    address_interval: Annotated[
        str, typer.Option("--address-interval", metavar="TIME", help="Ask for the office's address this often.")
    ] = "30s",
    json_lines: Annotated[bool, typer.Option("--json-lines", help="One JSON object a line.")] = False,
    output: Annotated[Path | None, typer.Option("--output", help="Append the JSON lines to this file too.")] = None,
) -> None:
    """Follow a change of the office's address until every name server has it. Ctrl-C ends it, with a summary."""
    from emrnetcheck.probes.ddns_watch import ADDRESS_INTERVAL_MIN_S, INTERVAL_MIN_S

    site = settings(config)
    name = (hostname or site.hostname or "").rstrip(".").lower()
    if not name:
        refuse('Which name? Give it with --name, or in the settings file: [emr] hostname = "emr.example.org".')
    limit_s = seconds(for_, "--for") if for_ else None
    every_s = max(INTERVAL_MIN_S, seconds(interval, "--interval"))
    address_every_s = max(ADDRESS_INTERVAL_MIN_S, seconds(address_interval, "--address-interval"))
    from emrnetcheck.checks.ddns.following import Following
    from emrnetcheck.net import routes
    from emrnetcheck.probes.ddns_watch import Watcher

    own = routes.source_address()
    inside = frozenset(each for each in (site.lan_address, own) if isinstance(each, str))
    watcher, following = Watcher(site, name, address_every_s), Following(inside)
    with ExitStack() as stack:
        file = _opened(output, stack)
        write = _writer(file, json_lines=json_lines)
        start = {"event": "start", "schema": SCHEMA, "name": name, "at": _at(time.time())}
        write(_safe(f"Following {name}. Ctrl-C ends it."), start)
        interrupted = _follow(watcher, following, write, every_s, limit_s)
        for line, data in _ending(following.summary(), watcher):
            write(line, data)
    raise typer.Exit(ExitStatus.INTERRUPTED if interrupted else _status(following.summary()))


def _opened(output: Path | None, stack: ExitStack) -> TextIO | None:
    if output is None:
        return None
    try:
        return stack.enter_context(output.open("a", encoding="utf-8"))
    except OSError as error:
        refuse(f"--output {output} cannot be written: {error.strerror}. Choose another place.")


def _writer(file: TextIO | None, *, json_lines: bool) -> Write:
    def write(line: str, data: dict[str, Any] | None) -> None:
        text = json.dumps(data, allow_nan=False)
        if file is not None and data is not None:
            try:
                file.write(f"{text}\n")
                file.flush()
            except OSError as error:
                refuse(f"The JSON lines cannot be written any more: {error.strerror}.")
        if json_lines:
            if data is not None:
                typer.echo(text)
        else:
            typer.echo(line)

    return write


def _follow(watcher: Watcher, following: Following, write: Write, every_s: float, limit_s: float | None) -> bool:
    """Look until a change has reached everybody, or the time is over. True: Ctrl-C ended it."""
    began_s = time.monotonic()
    told_s = began_s
    disagreed = False
    try:
        while True:
            looked_s = time.monotonic()
            for event in following.take(_look(watcher.look())):
                write(_line(event), _data(event))
            disagreed = disagreed or (not following.agreed and following.public is not None)
            if following.agreed and (following.changed or disagreed):
                return False
            if not following.agreed and looked_s - told_s >= _WAITING_EVERY_S:
                told_s = looked_s
                write(_waiting(following), None)
            if limit_s is not None and looked_s + every_s - began_s > limit_s:
                return False
            watcher.stop.wait(max(0.0, looked_s + every_s - time.monotonic()))
    except KeyboardInterrupt:
        watcher.stop.set()
        return True


def _look(found: Round) -> Look:
    from emrnetcheck.checks.ddns.following import Look, Place, Said

    said = {
        Place(asked.kind, asked.server, asked.server_name): Said(answer.addresses, answer.ttl_s) if answer else None
        for asked, answer in found.answers
    }
    return Look(found.at_unix_s, found.public, said)


def _safe(text: str) -> str:
    from emrnetcheck.reports.wording import clean

    return clean(text)


def _at(unix_s: float) -> str:
    return datetime.fromtimestamp(unix_s, UTC).isoformat(timespec="milliseconds")


def _clock(unix_s: float) -> str:
    return f"{datetime.fromtimestamp(unix_s).astimezone():%H:%M:%S}"


def _place(place: Place) -> str:
    """Who it is, short enough for a line."""
    name = place.name
    if len(name) > _NAME_MAX_CHARS:  # the first label is what tells one from the other
        name = f"{name[: _NAME_MAX_CHARS - 3]}..."
    return f"{place.kind} {name or place.server}"


def _addresses(addresses: tuple[str, ...] | None) -> str:
    return "?" if addresses is None else ", ".join(addresses) or "no address"


def _line(event: Event) -> str:
    """ "14:02:10  resolver 1.1.1.1: 45.76.10.20 -> 45.76.10.30 (+42 s)"."""
    since = f" (+{event.after_s:.0f} s)" if event.after_s is not None else ""
    if event.kind == "agreed":
        text = f"Everybody who answers says {_addresses(event.new)}.{since}"
    elif event.kind == "silent" and event.place is not None:
        text = f"{_place(event.place)}: no answer"
    else:
        who = _place(event.place) if event.place is not None else "THE OFFICE'S ADDRESS"
        change = _addresses(event.new) if event.old is None else f"{_addresses(event.old)} -> {_addresses(event.new)}"
        text = f"{who}: {change}{since}"
    return _safe(f"{_clock(event.at_unix_s)}  {text}")


def _data(event: Event) -> dict[str, Any]:
    return {"event": event.kind, "at": _at(event.at_unix_s), **asdict(event)}


def _waiting(following: Following) -> str:
    if following.public is None:
        return f"{_clock(time.time())}  Nobody tells the office's address at the moment."
    waiting = following.waiting_for()
    shown = ", ".join(_place(place) + (f" ({ttl_s} s)" if ttl_s is not None else "") for place, ttl_s in waiting[:2])
    more = f" and {len(waiting) - 2} more" if len(waiting) > 2 else ""  # noqa: PLR2004 - a line has room for two
    return _safe(f"{_clock(time.time())}  Still otherwise: {shown}{more}")


def _ending(summary: Summary, watcher: Watcher) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """The summary, line by line; as data it is one object, with the last line."""
    if summary.changed_unix_s is not None:
        earlier = f", or up to {summary.within_s:.0f} s earlier" if summary.within_s else ""
        yield f"The office's address changed at {_clock(summary.changed_unix_s)}{earlier}.", None
        for place, after_s in summary.right_after_s:
            yield _safe(f"  {_place(place)}: right after {after_s:.0f} s"), None
    elif summary.public is not None:
        yield f"The office's address stayed {summary.public}.", None
    for word, places in (("Still otherwise", summary.wrong), ("No answer from", summary.silent)):
        for place in places:
            yield _safe(f"{word}: {_place(place)}"), None
    data = {
        "event": "summary",
        "at": _at(time.time()),
        **asdict(summary),
        "right_after_s": [{"place": asdict(place), "after_s": after_s} for place, after_s in summary.right_after_s],
        "third_parties": [asdict(each) for each in watcher.ledger.third_parties],
    }
    yield "All agree." if summary.agreed else "Not all agree.", data


def _status(summary: Summary) -> ExitStatus:
    if summary.agreed:
        return ExitStatus.READY
    return ExitStatus.COULD_NOT_TELL if summary.public is None or not summary.wrong else ExitStatus.NOT_READY
