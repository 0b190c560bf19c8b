"""Where does what a command tells go, in which formats?"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from emrnetcheck.cli.run import refuse
from emrnetcheck.cli.standard_output import OutputError
from emrnetcheck.reports.formats import FORMATS, Format, How, ToldT, for_stream

if TYPE_CHECKING:
    from emrnetcheck.evidence import ClinicReport


def formats_of(formats: list[str], output: Path | None, known: Mapping[str, Format[ToldT]] | None = None) -> list[str]:
    """Each once; refused where it is none of these (of a report)."""
    chosen, known_names = list(dict.fromkeys(formats)), list(known or FORMATS)
    for name in chosen:
        if name not in known_names:
            refuse(f"--format {name} is not known in this version: choose from {', '.join(known_names)}.")
    if len(chosen) > 1 and (output is None or _is(output.is_file)):
        refuse("More than one --format needs --output with a folder to write them into.")
    return chosen


def targets_of(formats: list[str], output: Path | None, *, stem: str = "emrnetcheck") -> dict[str, Path | None]:
    """Where each format goes (None: standard output); tried before the long run, so that nothing is lost after it.

    stem: how files in a folder are called.
    """
    if output is None:
        return {formats[0]: None}
    as_folder = _is(output.is_dir) or len(formats) > 1
    targets: dict[str, Path | None] = {}
    for name in formats:
        target = output / f"{stem}.{FORMATS[name].ending}" if as_folder else output
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("a"):
                pass
        except OSError as error:
            refuse(f"--output {target} cannot be written: {error.strerror}. Choose another place.")
        targets[name] = target
    return targets


def _is(question: Callable[[], bool]) -> bool:
    """Path.is_dir and Path.is_file raise for names that are too long or may not be looked at."""
    try:
        return question()
    except OSError:
        return False


def deliver(report: ClinicReport, targets: dict[str, Path | None], *, plain: bool, verbose: bool) -> None:
    """A report, in each of these formats."""
    deliver_as(FORMATS, report, targets, plain=plain, verbose=verbose)


def deliver_as(
    formats: Mapping[str, Format[ToldT]],
    told: ToldT,
    targets: dict[str, Path | None],
    *,
    plain: bool,
    verbose: bool = False,
) -> None:
    """Each rendering to its file, or to standard output."""
    for name, target in targets.items():
        _put(_rendered(formats[name], told, target, plain=plain, verbose=verbose), target)


def _rendered(format_: Format[ToldT], told: ToldT, target: Path | None, *, plain: bool, verbose: bool) -> str:
    """As it is for this target; ends with a newline."""
    zone = datetime.now().astimezone().tzinfo or UTC
    how = How(verbose=verbose, plain=plain, zone=zone, command=os.environ.get("EMRNETCHECK_COMMAND") or "emrnetcheck")
    if target is None and format_.on_screen:
        how = for_stream(how, sys.stdout, environ=os.environ)
    text = format_.render(told, how)
    return text if text.endswith("\n") else text + "\n"


def _put(text: str, target: Path | None) -> None:
    """To the file, or to standard output."""
    try:
        if target is None:
            sys.stdout.write(text)
            sys.stdout.flush()
        else:
            put_file(target, text)
    except OutputError as error:
        if not error.closed:
            raise
        # `emrnetcheck | head`: nobody reads on, which is no fault; the verdict stands.
    except BrokenPipeError:
        pass  # the same of a named pipe
    except OSError as error:
        refuse(f"--output {target} could not be written: {error.strerror}.")


def put_file(target: Path, text: str) -> None:
    """Written beside and moved into place: an interrupted write leaves the old file whole. A link stays a link."""
    if target.exists() and not target.is_file():
        target.write_text(text, encoding="utf-8")  # a device or a pipe must stay what it is
        return
    target = target.resolve()
    beside = target.with_name(f".{target.name}.new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(target)
