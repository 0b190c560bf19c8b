"""Which evidence does a run have to measure, for the checks that the user asked for?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from emrnetcheck.evidence import Case
from emrnetcheck.model import Check, Site
from emrnetcheck.probes.context import Probe
from emrnetcheck.runner.state import Options


def chosen_of(checks: Sequence[Check[Case, Any]], options: Options) -> list[Check[Case, Any]]:
    """What the user asked for. A check that lives on a skipped one (how many people an upload carries) goes with it."""
    return [
        check
        for check in checks
        if not {check.id, check.lives_on} & set(options.skip) and (not options.only or check.id in options.only)
    ]


def wanted_by(checks: Sequence[Check[Case, Any]], chosen: Sequence[Check[Case, Any]], site: Site) -> set[str]:
    """Names of the evidence that the chosen checks look at, less what this clinic's way of access has no need of.

    And this computer's connection, for whoever goes by it: it takes no time to see, and a VPN that is on, or a cable
    that is out, would else be told as a fault of what was asked for.
    """
    active = [check for check in chosen if site.access in check.needed_for]
    needless = {name for check in checks if site.access not in check.needed_for for name in check.needs}
    needed = {name for check in active for name in check.needs}
    explained = {cause.partition(".")[0] for check in active for causes in check.follows.values() for cause in causes}
    return needed | ({name for check in active for name in check.uses} - needless) | ({"link"} & explained)


def spared(
    probes: Sequence[Probe], checks: Sequence[Check[Case, Any]], chosen: Sequence[Check[Case, Any]], options: Options
) -> set[str]:
    """What loads the line is not measured for those that only look at it, where the user skipped its own check."""
    needed = {name for check in chosen for name in check.needs}
    skipped = {name for check in checks if check.id in options.skip for name in check.needs}
    return {probe.name for probe in probes if probe.alone and probe.leaves_office and probe.name in skipped - needed}
