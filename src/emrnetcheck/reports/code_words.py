"""How is a finding's code told where there is no measurement to fill it with?"""

from __future__ import annotations

import string
from collections.abc import Mapping

from emrnetcheck.model import Severity

SEVERITY_WORDS: Mapping[Severity, str] = {
    Severity.OK: "fine",
    Severity.NOTICE: "a note",
    Severity.WARN: "a warning",
    Severity.UNKNOWN: "could not be told",
    Severity.FAIL: "a fault",
}


def with_names(template: str) -> str:
    """A template with the names of its facts in it."""
    parts = []
    for text, name, _spec, _conversion in string.Formatter().parse(template):
        parts.append(text)
        if name:
            parts.append(f"<{name.removesuffix('_mbps').removesuffix('_ms').removesuffix('_s').replace('_', ' ')}>")
    return "".join(parts)
