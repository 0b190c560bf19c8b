"""emrnetcheck checks: every check, what it needs, its codes and its limits."""

from __future__ import annotations

import textwrap

import typer

_COLUMNS = 79
_INDENT = " " * 8


def checks() -> None:
    """List the checks with their limits; each limit can be set in the settings file under [limits]."""
    from emrnetcheck.checks import EVERY
    from emrnetcheck.model.limits import limits_in

    for check in EVERY:
        required = "required" if check.required else "not required"
        typer.echo(f"{check.id}: {check.title} ({required})")
        for limit in limits_in(check.limits):
            typer.echo(f"  limit {check.id}.{limit.name} = {limit.value:g}")
            means = f"{limit.unit}. {limit.meaning} Source: {limit.source}."
            typer.echo(textwrap.fill(means, _COLUMNS, initial_indent=_INDENT, subsequent_indent=_INDENT))
        typer.echo(f"  codes {', '.join(check.codes)}\n")
