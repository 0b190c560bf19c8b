"""What did the last seven days bring, beside the seven before?

From rows of the history, for a terminal, a file or a mail. HTML is in `week.as_html`: it loads more than all the rest.
"""

from __future__ import annotations

from emrnetcheck.reports.week.page import for_mail, subject
from emrnetcheck.reports.week.render import as_json, markdown, text
from emrnetcheck.reports.week.summary import Unloaded, Week, compared, made_elsewhere, starts, summarise
from emrnetcheck.reports.week.told import Told, told

__all__ = [
    "Told",
    "Unloaded",
    "Week",
    "as_json",
    "compared",
    "for_mail",
    "made_elsewhere",
    "markdown",
    "starts",
    "subject",
    "summarise",
    "text",
    "told",
]
