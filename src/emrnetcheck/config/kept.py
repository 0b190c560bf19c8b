"""Where are past runs kept, and of which clinic are they? Out of the settings file, without judging the rest of it.

The history's commands are asked again and again by monitoring programs, and the rules for all settings take a fifth of
a second to load: longer than everything else that such a command does.
"""

from __future__ import annotations

from pathlib import Path

from emrnetcheck.config.loading import read, site_of, tables
from emrnetcheck.model import Site
from emrnetcheck.model.schedule import LoadTests, Schedule

SECTIONS = frozenset(
    {"site", "emr", "upload", "lan", "internet", "path", "outside", "alerts", "history", "email", "schedule", "limits"}
)
LONGEST_NAME = 200
MOST_DAYS = 36_500


def load_kept(file: Path | None) -> Site:
    """As `load`: name, history_url, history_keep_days and whether checks ever load the line are in force, the rest is
    not looked at. Raises ConfigError.

    What is not as plain as nearly all are is judged by all rules: those have the sentence for each mistake.
    """
    if file is None:
        return Site()
    raw = tables(read(file), file)
    return _plainly(raw) or site_of(raw, file)


def _plainly(raw: dict[str, object]) -> Site | None:
    site, history = raw.get("site", {}), raw.get("history", {})
    # A section that nobody knows may be this one, misspelt.
    if not raw.keys() <= SECTIONS or not isinstance(site, dict) or not isinstance(history, dict):
        return None
    if not (site.keys() <= {"name"} and history.keys() <= {"url", "keep_days"}):
        return None
    name, days = site.get("name", Site().name), history.get("keep_days", Site().history_keep_days)
    if not isinstance(name, str) or not name.isprintable() or not 0 < len(name.strip()) <= len(name) <= LONGEST_NAME:
        return None
    # A bool is an int, too. A database at a URL takes longer to reach than its rules to load.
    if type(days) is not int or not 1 <= days <= MOST_DAYS or history.get("url", "") != "":
        return None
    schedule = raw.get("schedule")
    never = isinstance(schedule, dict) and schedule.get("load_tests") == LoadTests.NEVER.value
    plan = Schedule(load_tests=LoadTests.NEVER) if never else Schedule()
    return Site(name=name.strip(), history_keep_days=days, schedule=plan)
