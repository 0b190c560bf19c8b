"""emrnetcheck schema: JSON Schema of the report, or of the settings file."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer


class Which(StrEnum):
    """What the schema describes."""

    REPORT = "report"
    SETTINGS = "settings"


def schema(which: Annotated[Which, typer.Argument(help="report or settings")] = Which.REPORT) -> None:
    """Print the JSON Schema of the report (default) or of the settings."""
    if which is Which.SETTINGS:
        from emrnetcheck.config.sections import Settings

        typer.echo(json.dumps(Settings.model_json_schema(), indent=2))
        return
    from emrnetcheck.reports import json as report_json

    typer.echo(json.dumps(report_json.schema(), indent=2))
