"""emrnetcheck checks: every check, what it needs, its codes and its limits."""

from __future__ import annotations

from dataclasses import fields

import typer


def checks() -> None:
    """List the checks with their limits; each limit can be set in the settings file under [limits]."""
    from emrnetcheck.checks import ALL

    for check in ALL:
        required = "required" if check.required else "not required"
        typer.echo(f"{check.id}: {check.title} ({required})")
        for item in fields(check.limits):
            typer.echo(f"  limit {check.id}.{item.name} = {getattr(check.limits, item.name):g}")
        typer.echo(f"  codes {', '.join(check.codes)}\n")
