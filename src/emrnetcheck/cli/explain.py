"""emrnetcheck explain CODE: what a finding means, why it matters for an EMR, and how to mend it. Works offline."""

from __future__ import annotations

import difflib
import string
import textwrap
from dataclasses import fields
from typing import Annotated

import typer

from emrnetcheck.exit_status import ExitStatus
from emrnetcheck.model import Severity

_LEAD_COLUMNS = 17
_SEVERITY_WORDS = {
    Severity.OK: "fine",
    Severity.NOTICE: "a note",
    Severity.WARN: "a warning",
    Severity.UNKNOWN: "could not be told",
    Severity.FAIL: "a fault",
}


def _with_names(template: str) -> str:
    """A template with the names of its facts in it, as there is no measurement here to fill it with."""
    parts = []
    for text, name, _spec, _conversion in string.Formatter().parse(template):
        parts.append(text)
        if name:
            parts.append(f"<{name.removesuffix('_mbps').removesuffix('_ms').removesuffix('_s').replace('_', ' ')}>")
    return "".join(parts)


def explain(code: Annotated[str, typer.Argument(help="A code such as ddns.stale, as the report prints it.")]) -> None:
    """Explain a finding's code."""
    from emrnetcheck.checks import ALL, code_named, code_of_word
    from emrnetcheck.reports.wording import CONTACT_WORDS

    code = code_of_word(code)
    known = code_named(code)
    if known is None:
        every = [name for check in ALL for name in check.codes]
        near = difflib.get_close_matches(code, every, n=3, cutoff=0.4)
        hint = f" Did you mean {', '.join(near)}?" if near else " `emrnetcheck checks` lists them all."
        typer.echo(f"There is no code {code}.{hint}", err=True)
        raise typer.Exit(ExitStatus.USAGE)
    check = next(check for check in ALL if code in check.codes)
    typer.echo(f"{code} ({_SEVERITY_WORDS[known.severity]}; check: {check.title})\n")
    limits = [f"{check.id}.{item.name} = {getattr(check.limits, item.name):g}" for item in fields(check.limits)]
    rows = (
        ("What it says:", _with_names(known.summary)),
        ("Why it matters:", known.why),
        ("What to do:", _with_names(known.advice)),
        ("Who can mend it:", CONTACT_WORDS[known.contact] if known.contact is not None else ""),
        ("Limits used:", f"{', '.join(limits)} (settable under [limits])"),
    )
    for lead, text in rows:
        if text:
            typer.echo(_folded(lead, text))


def _folded(lead: str, text: str) -> str:
    """A lead and its text, whole at 80 columns, with a hanging indent."""
    indent = " " * _LEAD_COLUMNS
    return textwrap.fill(text, 79, initial_indent=lead.ljust(_LEAD_COLUMNS), subsequent_indent=indent)
