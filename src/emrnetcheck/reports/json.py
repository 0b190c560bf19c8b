"""How is a report written as JSON, read back, and described by a JSON Schema?"""

from __future__ import annotations

import json
import math
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
    """One JSON document in ASCII (safe on any terminal and code page), times in UTC; ends with a newline."""
    in_utc = replace(report, started_at=report.started_at.astimezone(UTC))
    values = _as_json_can(_adapter().dump_python(in_utc, mode="json"))
    return json.dumps(values, indent=2, allow_nan=False) + "\n"


def _as_json_can(value: Any) -> Any:  # noqa: ANN401 (JSON is any of its types)
    """NaN and infinity as null; half characters, which file names and error texts may hold, as "?"."""
    if isinstance(value, dict):
        return {_as_json_can(key): _as_json_can(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_as_json_can(inner) for inner in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    return value


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
