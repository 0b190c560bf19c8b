"""What does one run say of each check: bad, fine, accepted, or nothing?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from emrnetcheck.model.alerts import AlertLevel, Judged, Problem, Rule
from emrnetcheck.model.words import Severity

LIVES_ON = {"capacity": "upload"}
"""A check whose answer begins with another's: a fault of both is one. As in checks (Check.lives_on)."""


@dataclass(frozen=True, slots=True)
class Bad:
    """A check with a cause of its own. follows: what only follows from it."""

    problem: Problem
    follows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """What a run says, by the ids of checks. bad: causes, in the order in which to act. told: checks of which it says
    something, well or badly. silenced: codes that are there and are no alarm: accepted, or below the level."""

    bad: dict[str, Bad]
    told: frozenset[str]
    silenced: dict[str, tuple[str, ...]]
    accepted: dict[str, tuple[str, ...]]
    blind: frozenset[str]


def sight_of(run: Judged, rule: Rule) -> Sight:
    """One cause for each check: the first. A check that only follows from another's cause says nothing."""
    alarms = [each for each in run.problems if _is_alarm(each, rule)]
    leads = {each.check: _led_by(each, alarms) for each in alarms}
    bad: dict[str, Bad] = {}
    for each in alarms:
        if leads[each.check] is None and each.check not in bad:
            bad[each.check] = Bad(each, _follows(each, alarms, leads))
    consequences = frozenset(check for check, lead in leads.items() if lead is not None)
    quiet = [each for each in run.problems if each.severity is not Severity.UNKNOWN and each not in alarms]
    return Sight(
        bad=bad,
        told=(run.answered | frozenset(bad)) - consequences,
        silenced=_codes(quiet),
        accepted=_codes(each for each in quiet if each.accepted and _reaches(each.severity, rule)),
        blind=run.blind,
    )


def _is_alarm(problem: Problem, rule: Rule) -> bool:
    return problem.cause and not problem.accepted and _reaches(problem.severity, rule)


def _reaches(severity: Severity, rule: Rule) -> bool:
    """Where nothing is mailed, faults are followed nevertheless."""
    return severity is Severity.FAIL or (severity is Severity.WARN and rule.level is AlertLevel.WARN)


def _led_by(problem: Problem, alarms: list[Problem]) -> Problem | None:
    """The cause of another check from which this one follows; of two that follow from each other, the first leads."""
    for number, other in enumerate(alarms):
        if other.check == problem.check or not _leads_to(other, problem):
            continue
        if not _leads_to(problem, other) or number < alarms.index(problem):
            return other
    return None


def _leads_to(cause: Problem, other: Problem) -> bool:
    return other.check in cause.explains or LIVES_ON.get(other.check) == cause.check


def _follows(cause: Problem, alarms: list[Problem], leads: dict[str, Problem | None]) -> tuple[str, ...]:
    """Ids of checks that could not be judged, and codes of those that could and are bad only because of it."""
    codes = [each.code for each in alarms if (lead := leads[each.check]) is not None and lead.check == cause.check]
    told = {each.check for each in alarms}
    unjudged = [check for check in cause.explains if check != cause.check and check not in told]
    return tuple(dict.fromkeys([*codes, *unjudged]))


def _codes(problems: Iterable[Problem]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for each in problems:
        found[each.check] = (*found.get(each.check, ()), each.code)
    return found
