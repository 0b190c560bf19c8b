"""What does a look change for one check: ok, suspect, confirmed, recovered?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto

from emrnetcheck.alerting.counting import (
    bad_looks,
    calm_since,
    fine_before,
    flaps,
    is_nervous,
    with_look,
    without_blips,
)
from emrnetcheck.alerting.seen import Bad
from emrnetcheck.alerting.state import KEPT_BLIPS, TEXT_CHARS, Incident, Look, Watched, Words, words_of
from emrnetcheck.model.alerts import Problem, Rule
from emrnetcheck.model.words import Urgency

ALONE = frozenset(
    (
        "emr.redirects_unencrypted",
        "exposure.dangerous_open",
        "exposure.open_resolver",
        "exposure.router_page",
        "exposure.ssh_open",
        "exposure.web_unknown",
        "port.exposed",
        "port.exposed_by_ipv6",
        "tls.plain_http",
    )
)
"""What lets strangers in is told by itself, whatever else of its check was told already. As in checks (SAFETY)."""


class Turn(Enum):
    """What came of a look, as far as somebody may have to be told."""

    NOTHING = auto()
    OPENED = auto()
    GOES_ON = auto()
    TURNED = auto()  # into another fault of the same check, for which somebody else, or somebody sooner, has to act
    RECOVERED = auto()
    SILENCED = auto()


@dataclass(frozen=True, slots=True)
class Taken:
    """A check after a look. over: the incident that ended by it. until: since when it is over."""

    watched: Watched
    turn: Turn = Turn.NOTHING
    over: Incident | None = None
    until: datetime | None = None


def fault_of(check: str, words: Words) -> str:
    """What counts as one root cause for the mails of a day: one check, who can mend it, and whether today; whatever its
    code, for an EMR that comes and goes has another one each time."""
    if words.code in ALONE:
        return words.code
    return f"{check}/{words.contact or ''}/{words.when if words.when is Urgency.TODAY else ''}"


def silenced(watched: Watched) -> Taken:
    """Somebody accepted it, or it is below the level by now: it ends without a word."""
    incident = watched.incident
    calm = replace(watched, looks=(), incident=None)
    return Taken(calm, Turn.NOTHING if incident is None else Turn.SILENCED, incident)


def took_bad(watched: Watched, bad: Bad, look: Look, rule: Rule, run_id: str) -> Taken:
    """The check is bad at this look."""
    watched = replace(watched, looks=with_look(watched.looks, look, rule), answered=watched.answered + 1)
    if watched.incident is not None:
        return _goes_on(watched, watched.incident, bad, rule, run_id)
    counted = bad_looks(watched.looks, rule, nervous=is_nervous(watched, bad.problem.check, look))
    if counted is not None:
        return Taken(replace(watched, incident=_incident(watched, bad, counted, run_id)), Turn.OPENED)
    came_and_went = flaps(watched, look.at, rule) if look.sure else None
    if came_and_went is None:
        return Taken(watched)
    opened = replace(
        _incident(watched, bad, (look,), run_id),
        since=came_and_went[0].at,
        fine_at=None,
        bad=len(came_and_went) + 1,
        seen=watched.answered - came_and_went[0].number + 1,
        flapping=True,
    )
    return Taken(replace(watched, incident=opened), Turn.OPENED)


def _incident(watched: Watched, bad: Bad, counted: tuple[Look, ...], run_id: str) -> Incident:
    since = min(each.at for each in counted)
    words = words_of(bad.problem, watched.looks[-1].follows)
    return Incident(
        id=f"{run_id[:TEXT_CHARS]}.{bad.problem.check}",
        first=words,
        now=words,
        since=since,
        fine_at=fine_before(watched.looks, since),
        bad=len(counted),
        seen=sum(each.at >= since for each in watched.looks),
        many=any(each.many for each in counted),
    )


def _goes_on(watched: Watched, incident: Incident, bad: Bad, rule: Rule, run_id: str) -> Taken:
    words = words_of(bad.problem, watched.looks[-1].follows)
    going = replace(incident, now=words, bad=incident.bad + 1, seen=incident.seen + 1)
    if _is_another(incident, bad.problem):
        this = bad.problem.code
        same = tuple(each if each.code == this else replace(each, code=None) for each in watched.looks)
        counted = bad_looks(same, rule, nervous=False)
        if counted is not None:
            before = incident.first.code if incident.mailed else None
            turned = replace(_incident(watched, bad, counted, run_id), before=before, mails=incident.mails)
            return Taken(replace(watched, incident=turned), Turn.TURNED, going, look_at(counted))
    return Taken(replace(watched, incident=going), Turn.GOES_ON)


def look_at(looks: tuple[Look, ...]) -> datetime:
    """When the newest of them was made."""
    return looks[-1].at


def _is_another(incident: Incident, problem: Problem) -> bool:
    """Whether it is worth a mail that the cause is another by now: not where the same person has to do the same."""
    if problem.code == incident.first.code:
        return False
    sooner = problem.when is Urgency.TODAY and incident.first.when is not Urgency.TODAY
    return problem.contact is not incident.first.contact or sooner or problem.code in ALONE


def took_fine(watched: Watched, look: Look, rule: Rule) -> Taken:
    """The check is fine at this look."""
    incident = watched.incident
    if incident is None:
        blipped = without_blips(watched, look.at)
        looks = with_look(blipped.looks, look, rule)
        return Taken(replace(blipped, looks=looks, blips=blipped.blips[-KEPT_BLIPS:], answered=watched.answered + 1))
    watched = replace(watched, answered=watched.answered + 1)
    looks = with_look(watched.looks, look, rule)
    going = replace(incident, seen=incident.seen + 1)
    until = calm_since(looks, rule, flapping=incident.flapping)
    if until is None:
        return Taken(replace(watched, looks=looks, incident=going))
    return Taken(replace(watched, looks=(look,), incident=None), Turn.RECOVERED, going, max(until, going.since))
