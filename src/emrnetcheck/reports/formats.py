"""In which formats can a run or a week be read, how do files of each end, and who writes it? The tables of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from emrnetcheck.evidence import ClinicReport
    from emrnetcheck.reports.week import Week

ToldT = TypeVar("ToldT")


@dataclass(frozen=True, slots=True)
class How:
    """What a reader may choose; a format that has no use for it passes over it.

    command: how this program is called. pictures: draw them, where the format can show any. width, colour: of the
    terminal, for what is read on one.
    """

    verbose: bool = False
    plain: bool = False
    zone: tzinfo = UTC
    command: str = "emrnetcheck"
    pictures: bool = True
    width: int = 80
    colour: bool = False


@dataclass(frozen=True, slots=True)
class Format(Generic[ToldT]):
    """ending: of a file's name, without the dot. on_screen: it is laid out for the terminal that it is read on."""

    ending: str
    render: Callable[[ToldT, How], str]
    on_screen: bool = False


def for_stream(how: How, stream: IO[str], *, environ: Mapping[str, str]) -> How:
    """As the stream can take it: coloured on a terminal that wants it, plain where it has no letters for all of it."""
    from emrnetcheck.reports.terminal_lines import takes_unicode, wants_colour, width_of

    plain = how.plain or not takes_unicode(stream)
    return replace(how, plain=plain, width=width_of(stream), colour=wants_colour(stream, environ=environ, plain=plain))


# Each format is imported on use: one of them is written in a run, and they take long to load.


def _text(report: ClinicReport, how: How) -> str:
    from emrnetcheck.reports import terminal

    return terminal.render(
        report,
        width=how.width,
        colour=how.colour,
        verbose=how.verbose,
        plain=how.plain,
        zone=how.zone,
        command=how.command,
    )


def _json(report: ClinicReport, _how: How) -> str:
    from emrnetcheck.reports import json

    return json.render(report)


def _html(report: ClinicReport, how: How) -> str:
    from emrnetcheck.reports import html

    if not how.pictures:
        return html.render(report, zone=how.zone, command=how.command)
    from emrnetcheck.reports.plots import pictures_of

    light, dark = pictures_of(report), pictures_of(report, dark=True)
    return html.render(report, pictures=light, dark=dark, zone=how.zone, command=how.command)


def _markdown(report: ClinicReport, how: How) -> str:
    from emrnetcheck.reports import markdown

    return markdown.render(report, zone=how.zone, command=how.command)


def _junit(report: ClinicReport, _how: How) -> str:
    from emrnetcheck.reports import junit

    return junit.render(report)


def _week_text(week: Week, how: How) -> str:
    from emrnetcheck.reports import week as pages

    return pages.text(week, zone=how.zone, width=how.width, colour=how.colour, plain=how.plain, command=how.command)


def _week_json(week: Week, _how: How) -> str:
    from emrnetcheck.reports import week as pages

    return pages.as_json(week)


def _week_markdown(week: Week, how: How) -> str:
    from emrnetcheck.reports import week as pages

    return pages.markdown(week, zone=how.zone, command=how.command)


def _week_html(week: Week, how: How) -> str:
    from emrnetcheck.reports.week.as_html import html

    if not how.pictures:
        return html(week, zone=how.zone, command=how.command)
    from emrnetcheck.reports.plots import pictures_of_week

    pictures = pictures_of_week(week.rows, now=week.now, zone=how.zone)
    return html(week, pictures, zone=how.zone, command=how.command)


FORMATS: Mapping[str, Format[ClinicReport]] = MappingProxyType(
    {
        "text": Format("txt", _text, on_screen=True),
        "json": Format("json", _json),
        "html": Format("html", _html),
        "markdown": Format("md", _markdown),
        "junit": Format("xml", _junit),
    }
)

WEEK_FORMATS: Mapping[str, Format[Week]] = MappingProxyType(
    {
        "text": Format("txt", _week_text, on_screen=True),
        "json": Format("json", _week_json),
        "html": Format("html", _week_html),
        "markdown": Format("md", _week_markdown),
    }
)
