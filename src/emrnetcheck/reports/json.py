"""How is a report written as JSON, read back, and described by a JSON Schema?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from functools import cache
from typing import TYPE_CHECKING, Any

from emrnetcheck.evidence import ClinicReport

if TYPE_CHECKING:
    from pydantic import TypeAdapter

SCHEMA = "emrnetcheck/report/1"


class NotAReportError(ValueError):
    """The text is not such a report; the message is one sentence for people."""


@cache
def _adapter() -> TypeAdapter[ClinicReport]:
    # Imported on use: `emrnetcheck --version` must not wait for pydantic.
    from pydantic import TypeAdapter

    return TypeAdapter(ClinicReport)


def render(report: ClinicReport) -> str:
    """One JSON document, times in UTC, numbers that are no numbers as null; ends with a newline."""
    in_utc = replace(report, started_at=report.started_at.astimezone(UTC))
    return _adapter().dump_json(in_utc, indent=2).decode("utf-8") + "\n"


def parse(text: str | bytes) -> ClinicReport:
    """The report that `render` wrote. Fields that this version does not know are passed over."""
    from pydantic import ValidationError

    try:
        report = _adapter().validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole text"
        message = f"This is not a report of emrnetcheck: {where}: {first['msg']}."
        raise NotAReportError(message) from error
    if report.schema != SCHEMA:
        message = f'This report is of the kind "{report.schema[:60]}"; this version reads "{SCHEMA}".'
        raise NotAReportError(message)
    return report


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of what `render` writes, made from the types. Unknown fields are allowed everywhere."""
    made = _adapter().json_schema(mode="serialization")
    made["properties"]["schema"]["const"] = SCHEMA
    made["properties"]["started_at"]["description"] = "UTC, RFC 3339"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **made,
        "title": "A report of emrnetcheck",
        "description": "One whole run. Fields may be added; none is renamed or taken away within this kind of report.",
    }
