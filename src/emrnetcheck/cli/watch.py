"""emrnetcheck watch: every part of the way to the EMR, side by side and live; at the end, what went wrong when."""

from __future__ import annotations

import re
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from emrnetcheck.cli.ddns_watch import seconds
from emrnetcheck.cli.listener import Listener
from emrnetcheck.cli.one_watch import OneWatch
from emrnetcheck.cli.options import ConfigOption
from emrnetcheck.cli.run import bug, refuse, settings
from emrnetcheck.cli.stopping import stoppable
from emrnetcheck.cli.watch_lines import Out

if TYPE_CHECKING:
    from emrnetcheck.model import Site
    from emrnetcheck.probes.watching.target import Target

_EVERY_LEAST_S, _EVERY_MOST_S = 1.0, 60.0
_EVERY = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,6})?)(ms|s|m|h|d)?")
_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_DEFAULT_NAME = "example.com"


def watch(
    url: Annotated[
        str, typer.Argument(metavar="[URL]", help="The EMR's address (default: the settings; else only the way out).")
    ] = "",
    for_: Annotated[str, typer.Option("--for", metavar="TIME", help="End after this time, as 30m or 2h.")] = "",
    every: Annotated[
        str, typer.Option("--every", metavar="TIME", help="Seldomer questions: 2s asks half as often.")
    ] = "1s",
    json_lines: Annotated[bool, typer.Option("--json-lines", help="One JSON object a line.")] = False,
    output: Annotated[Path | None, typer.Option("--output", help="Append the JSON lines to this file too.")] = None,
    plain: Annotated[bool, typer.Option("--plain", help="ASCII lines without colour or live display.")] = False,
    no_save: Annotated[bool, typer.Option("--no-save", help="Do not keep the summary with those before.")] = False,
    config: ConfigOption = None,
) -> None:
    """Watch every part of the way to the EMR live, until Ctrl-C; then say what went wrong when."""
    site = settings(config)
    target = _target(url, site)
    limit_s = seconds(for_, "--for") if for_ else None
    every_s = _every_s(every)
    heard = Listener(sys.stdout)
    talk = Listener(sys.stderr) if json_lines else heard  # beside JSON lines all talk goes to the other stream
    with closing(Out(_opened(output), heard if json_lines else None)) as out, stoppable():
        watcher = OneWatch(site, target, every_s, out, heard, talk, plain=plain)
        try:
            stopped = watcher.run(limit_s)
            status = watcher.end(save=not no_save)
        except typer.Exit:
            raise
        except Exception:  # noqa: BLE001 - the last line: a bug must end in one sentence and status 70
            bug()
    if heard.failed:
        refuse(f"Standard output could not be written: {heard.failed}.")
    raise typer.Exit(status if stopped is None else stopped)


def _every_s(text: str) -> float:
    """By how much seldomer is asked. A part of a second is understood, if only to say what is possible."""
    found = _EVERY.fullmatch(text)
    every_s = float(found[1]) * _UNITS_S[found[2] or "s"] if found is not None else 0.0
    if not _EVERY_LEAST_S <= every_s <= _EVERY_MOST_S:
        refuse(f"--every {text} is not possible: write a time from {_EVERY_LEAST_S:.0f}s to {_EVERY_MOST_S:.0f}s.")
    return every_s


def _target(url: str, site: Site) -> Target:
    from emrnetcheck.cli.emr_url import UrlError, parse_url
    from emrnetcheck.probes.watching.target import Target

    if url:
        try:
            found = parse_url(url)
        except UrlError as error:
            refuse(str(error))
        return Target(found.host, found.port, found.path, found.scheme == "https", found.host)
    if site.hostname is not None:
        return Target(site.hostname, site.port, site.path, True, site.hostname)
    name = next((server.rpartition(":")[0] for server in site.stun), _DEFAULT_NAME)
    return Target(None, 0, "", False, name)


def _opened(output: Path | None) -> TextIO | None:
    if output is None:
        return None
    try:
        return output.open("a", encoding="utf-8")
    except OSError as error:
        refuse(f"--output {output} cannot be written: {error.strerror}. Choose another place.")
