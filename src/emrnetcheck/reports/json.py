"""How is a report written as JSON, read back, and described by a JSON Schema?"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from emrnetcheck.evidence import ClinicReport

if TYPE_CHECKING:
    from pydantic import TypeAdapter

SCHEMA = "emrnetcheck/report/1"
_PROGRAM = "emrnetcheck/"
_YEARS = range(1970, 3000)  # what any system can tell in any zone: others raise where a report is only shown


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
    return json.dumps(plain_data(in_utc), indent=2, allow_nan=False) + "\n"


def plain_data(value: Any) -> Any:  # noqa: ANN401 (JSON is any of its types)
    """What `_adapter` makes of it, without the tenth of a second that it takes to build: every run writes its report.

    NaN and infinity as null; half characters, which file names and error texts may hold, as "?".
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):  # enumerations of words too
        return str(value).encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if is_dataclass(value):
        return {each.name: plain_data(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {plain_data(key): plain_data(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain_data(inner) for inner in value]
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a report cannot hold a {type(value).__name__}")


def parse(text: str | bytes) -> ClinicReport:
    """The report that `render` wrote. Fields that this version does not know are passed over."""
    from pydantic import ValidationError

    try:
        report = _adapter().validate_json(text)
    except ValidationError as error:
        if (kind := _kind_of(text)).startswith(_PROGRAM):
            _refuse_other_kind(kind, error)
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole text"
        message = f"This is not a report of emrnetcheck: {where}: {first['msg']}."
        raise NotAReportError(message) from error
    _refuse_other_kind(report.schema)
    return replace(report, started_at=_in_utc(report.started_at))


def _kind_of(text: str | bytes) -> str:
    """What kind the text says it is, though it is no report that can be read; "": it does not say."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    kind = values.get("schema") if isinstance(values, dict) else None
    return kind if isinstance(kind, str) else ""


def _refuse_other_kind(kind: str, error: Exception | None = None) -> None:
    """NotAReportError where it is a report of another version, or something else of this program."""
    if kind == SCHEMA:
        return
    other = kind.startswith(SCHEMA.rpartition("/")[0] + "/")
    begins = "This report was made by another version of emrnetcheck: it is" if other else "This is"
    message = f'{begins} of the kind "{kind[:60]}"; this version reads "{SCHEMA}".'
    raise NotAReportError(message) from error


def _in_utc(at: datetime) -> datetime:
    """The same moment in UTC, which is meant where no zone is told; NotAReportError for one that no clock shows."""
    if at.year in _YEARS:
        moved = at.astimezone(UTC) if at.tzinfo is not None else at.replace(tzinfo=UTC)
        if moved.year in _YEARS:
            return moved
    message = f"This is not a report of emrnetcheck: started_at: no run was made in the year {at.year}."
    raise NotAReportError(message)


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
