"""Is a fault confirmed, is it over, and was it only a blip?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import takewhile

from emrnetcheck.alerting.state import (
    BLIP_WITHIN,
    FLAPS,
    FLAPS_CALM,
    FLAPS_WITHIN,
    LOOK_DAYS_EACH,
    NERVOUS_BLIPS,
    NERVOUS_DAYS,
    VARYING,
    Blip,
    Look,
    Watched,
)
from emrnetcheck.model.alerts import Rule

_UNSURE_FACTOR = 2
"""What nothing else in its run speaks for needs so many times as many looks."""


def with_look(looks: tuple[Look, ...], look: Look, rule: Rule) -> tuple[Look, ...]:
    """As many as can ever be asked for, and the fine one before them."""
    return (*looks, look)[-(_UNSURE_FACTOR * (rule.of + 2) + 1) :]


def is_nervous(watched: Watched, check: str, look: Look) -> bool:
    """It has to be bad at one more look: it varies by itself, or just this came and went lately, or what it was at the
    looks just before. What still counts as bad is not held against itself."""
    lately = Counter(each.code for each in _blips_within(watched, look.at, timedelta(days=NERVOUS_DAYS)))
    before = takewhile(lambda each: each.counts_as_bad, reversed(watched.looks))
    return check in VARYING or any(lately[each.code or ""] >= NERVOUS_BLIPS for each in (look, *before))


def flaps(watched: Watched, at: datetime, rule: Rule) -> tuple[Blip, ...] | None:
    """The blips by which a check that is bad again is more than unlucky; None where there are too few."""
    found = _blips_within(watched, at, FLAPS_WITHIN)
    return tuple(found) if rule.bad > 1 and len(found) >= FLAPS - 1 else None


def _blips_within(watched: Watched, at: datetime, span: timedelta) -> list[Blip]:
    counting = {each.at for each in watched.looks if each.counts_as_bad}
    return [each for each in watched.blips if at - span < each.at <= at and each.at not in counting]


def bad_looks(looks: Sequence[Look], rule: Rule, *, nervous: bool) -> tuple[Look, ...] | None:
    """The looks by which a fault is confirmed; None where it is not.

    `rule.bad` of the last `rule.of`, one of them sure, and of what is unsure none but what another is sure of; one more
    of one more where the check is nervous or where much else began with it; twice as many where none is sure. Who wants
    one look alone, gets it.
    """
    if not looks or not looks[-1].counts_as_bad:
        return None
    extra = int(rule.bad > 1 and (nervous or any(each.many and each.counts_as_bad for each in looks)))
    young = [each for each in looks if _is_young(each, looks[-1].at, rule)]
    for factor in (1, _UNSURE_FACTOR):
        counted = [each for each in young[-factor * (rule.of + extra) :] if each.counts_as_bad]
        if factor == 1:
            sure_of = {each.code for each in counted if each.sure}
            counted = [each for each in counted if each.code in sure_of]
        if counted and len(counted) >= factor * (rule.bad + extra):
            return tuple(counted)
    return None


def followed(looks: Sequence[Look], code: str, at: datetime, rule: Rule) -> tuple[str, ...]:
    """What followed from this cause when it was found before: by the newest look that still counts at that time."""
    found = (each for each in reversed(looks) if each.counts_as_bad and each.code == code)
    return next((each.follows for each in found if _is_young(each, at, rule)), ())


def _is_young(look: Look, at: datetime, rule: Rule) -> bool:
    return at - look.at <= rule.of * LOOK_DAYS_EACH


def calm_since(looks: Sequence[Look], rule: Rule, *, flapping: bool) -> datetime | None:
    """When it was first found gone; None where it is not over: it takes as many fine looks in a row as bad ones, and
    of what comes and goes some hours."""
    trailing = _trailing_fine(looks)
    if len(trailing) < rule.bad or (flapping and trailing[-1].at - trailing[0].at < FLAPS_CALM):
        return None
    return trailing[0].at


def _trailing_fine(looks: Sequence[Look]) -> list[Look]:
    fine: list[Look] = []
    for each in reversed(looks):
        if each.code is not None:
            break
        fine.insert(0, each)
    return fine


def without_blips(watched: Watched, at: datetime) -> Watched:
    """A fine look after bad ones that confirmed nothing: they are a blip, and if it comes soon they count no more."""
    spell: list[Look] = []
    for each in reversed(watched.looks):
        if not each.counts_as_bad:
            break
        spell.append(each)
    if not spell:
        return watched
    newest = spell[0]
    soon = abs(at - newest.at) <= BLIP_WITHIN
    kept = watched.looks[: -len(spell)]
    gone = tuple(replace(each, blip=soon) for each in reversed(spell))
    return replace(
        watched, looks=(*kept, *gone), blips=(*watched.blips, Blip(newest.code or "", newest.at, watched.answered))
    )


def fine_before(looks: Sequence[Look], since: datetime) -> datetime | None:
    """The last fine look before."""
    return next((each.at for each in reversed(looks) if each.code is None and each.at < since), None)
