"""Whole years of a clinic: what its alarms say of faults, and of what is only noise. Seeded, on a clock of its own."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import islice, pairwise

from emrnetcheck.alerting import AlertState, retest_checks, step, wants_retest
from emrnetcheck.cli.schedule.looking import ONCE_MORE_AFTER_S, Looking
from emrnetcheck.model import Site
from emrnetcheck.model.alerts import USUAL, Judged, Notice, Rule
from emrnetcheck.model.mail import MailKind
from emrnetcheck.runner import Options
from emrnetcheck.schedule.due import coming, parse_all
from emrnetcheck.schedule.hours import parse_hours
from tests.alerting.scenes import FAULTS, GLITCHES, LOADED, NOISE, Shot, measured_for, run_at

START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 365
WAKES = timedelta(minutes=15)
LATE_S = 90.0  # a timer is not exact
LOAD_AT = time(6, 30)
FAR = timedelta(days=2)
PAUSE = timedelta(hours=1)
ONCE_MORE = timedelta(seconds=ONCE_MORE_AFTER_S + 30.0)  # and what the look before took
LOOKING = Looking(Site(), parse_hours("mon-fri 08:00-18:00"), UTC)
"""As the program looks where the settings say nothing else, in a clinic that is open by day."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a clinic runs it. every: looks without a load, None: none. One run a day loads the line."""

    every: timedelta | None
    retests: bool = True
    rule: Rule = USUAL


def _as_installed() -> Plan:
    """What `schedule install` sets up where the settings say nothing: the figures are to be those of a clinic that has
    done nothing else."""
    schedule = Site().schedule
    moments = list(islice(coming(parse_all(schedule.look), UTC, START), 400))
    gaps = {after - before for before, after in pairwise(moments)}
    return Plan(gaps.pop() if len(gaps) == 1 else None, rule=Site().alerts)


AS_INSTALLED = _as_installed()


@dataclass(frozen=True, slots=True)
class Spell:
    """From when to when a scene is on."""

    table: str
    name: str
    begin: datetime
    end: datetime


@dataclass(slots=True)
class Fault:
    """A real one, and what was mailed of it. seen_runs: planned runs that showed it until it was mailed."""

    spell: Spell
    code: str
    seen_runs: int = 0
    alerts: int = 0
    alerted_after_runs: int | None = None
    recoveries: int = 0


@dataclass(slots=True)
class Year:
    """What came of it. at_retests: alarms of a second look."""

    faults: list[Fault]
    false: list[Notice] = field(default_factory=list)
    runs: int = 0
    retests: int = 0
    bad_runs: int = 0
    mails: int = 0
    at_retests: list[Notice] = field(default_factory=list)


def real_faults(rng: random.Random, days: int, count: int, shortest_min: float) -> list[Fault]:
    """So many, each of another kind as far as there are, days apart. A fifth of them last hardly longer than the
    shortest."""
    kinds = [*FAULTS]
    rng.shuffle(kinds)
    kinds = (kinds * 2)[:count]
    slot = timedelta(days=days) / max(count, 1)
    made = []
    for number, name in enumerate(kinds):
        minutes = shortest_min * (1.0 + rng.random() / 10 if rng.random() < 0.2 else 48.0 ** rng.random())
        lasts = timedelta(days=3 + 2 * rng.random()) if name in LOADED else timedelta(minutes=minutes)
        begin = START + slot * number + FAR + (slot - lasts - 2 * FAR) * rng.random()
        made.append(Fault(Spell("fault", name, begin, begin + lasts), FAULTS[name][1]))
    return made


def ordinary(rng: random.Random, days: int) -> list[Spell]:
    """What happens in any year and mends itself: nothing of it lasts a quarter of an hour, but VPNs and caches."""
    made = []

    def some(table: str, name: str, times: int, minutes: tuple[float, float], hours: tuple[float, float]) -> None:
        for day in rng.sample(range(days), round(times * days / DAYS)):
            begin = START + timedelta(days=day, hours=rng.uniform(*hours))
            made.append(Spell(table, name, begin, begin + timedelta(minutes=rng.uniform(*minutes))))

    some("short", "router starts", 60, (2, 6), (0, 24))
    some("short", "router starts", 20, (4, 13), (1, 5))  # the provider works on the line at night
    some("short", "EMR starts", 365, (2, 6), (2.9, 3.1))
    some("short", "server starts", 24, (4, 13), (22, 24))
    some("short", "switch starts", 12, (1, 4), (0, 24))
    some("noise", "VPN", 30, (10, 240), (8, 20))
    made.extend(_new_addresses(rng, days))
    return _apart(made)


def _apart(spells: list[Spell]) -> list[Spell]:
    """Without what comes again within the hour: both together would be no trifle that mends itself in minutes."""
    kept: list[Spell] = []
    over: dict[str, datetime] = {}
    for spell in sorted(spells, key=lambda each: each.begin):
        if spell.table == "short" and spell.begin - over.get(spell.name, START - FAR) < PAUSE:
            continue
        over[spell.name] = spell.end
        kept.append(spell)
    return kept


def _new_addresses(rng: random.Random, days: int) -> Iterator[Spell]:
    """Twice a week: the name is stale for some minutes, then some resolver still has the old one."""
    for _ in range(round(104 * days / DAYS)):
        begin = START + timedelta(days=days * rng.random())
        stale = begin + timedelta(minutes=rng.uniform(1, 12))
        yield Spell("short", "address changed", begin, stale)
        yield Spell("noise", "name propagating", stale, stale + timedelta(minutes=rng.uniform(1, 60)))


@dataclass(frozen=True, slots=True)
class Made:
    """A look, as the program makes it. planned: by the schedule, not because something is suspect."""

    at: datetime
    planned: bool
    asked: Options
    suspects: tuple[str, ...] = ()


class Clinic:
    """One that runs by a plan, and what its alarms remember."""

    def __init__(self, rng: random.Random, plan: Plan) -> None:
        self.rng, self.plan, self.state = rng, plan, AlertState()

    def looks(self, days: int) -> Iterator[Made]:
        """The timer wakes every quarter of an hour."""
        plan, light_due, load_due, wake = self.plan, START, START, START
        while wake < START + timedelta(days=days):
            wake += WAKES
            at = wake + timedelta(seconds=LATE_S * self.rng.random())
            loads = at >= load_due
            light = plan.every is not None and at >= light_due
            if loads:
                load_due = datetime.combine(at.date() + timedelta(days=at.time() >= LOAD_AT), LOAD_AT, UTC)
            if light and plan.every is not None:
                light_due = START + plan.every * ((at - START) // plan.every + 1)
            if loads or light:
                yield Made(at, True, LOOKING.options((), at, light=not loads))
            elif plan.retests and self._retests(at):
                suspects = retest_checks(self.state)
                yield Made(at, False, LOOKING.options(suspects, at), suspects)

    def _retests(self, at: datetime) -> bool:
        wanted = wants_retest(self.state, at, LOOKING.askable(retest_checks(self.state), at))
        return wanted is not None and wanted <= at

    def take(self, run: Judged) -> tuple[Notice, ...]:
        self.state, notices = step(self.state, run, self.plan.rule, run.started_at + timedelta(seconds=30))
        return notices


def _hides(spell: Spell, real: list[Spell]) -> bool:
    """With a VPN on, a run says nothing of the clinic: a fault that nobody can see is not what is asked for here."""
    return spell.name == "VPN" and any(spell.begin < each.end and each.begin < spell.end for each in real)


def simulate(seed: int, plan: Plan, *, faults: int, days: int = DAYS, shortest_min: float = 60.0) -> Year:
    rng = random.Random(seed)
    year = Year(real_faults(rng, days, faults, shortest_min))
    real = [each.spell for each in year.faults]
    beside = [each for each in ordinary(rng, days) if not _hides(each, real)]
    coming = sorted([*beside, *real], key=lambda each: each.begin)
    on: list[Spell] = []
    clinic = Clinic(rng, plan)
    for number, look in enumerate(clinic.looks(days)):
        at, planned = look.at, look.planned
        while coming and coming[0].begin <= at:
            on.append(coming.pop(0))
        on = [each for each in on if each.end > at]
        run = run_at(_shot(rng, on, look), at, f"run{number}")
        if _is_doubted(run, look):  # see Looking.look
            at += ONCE_MORE
            on = [each for each in on if each.end > at]
            run = run_at(_shot(rng, on, look), at, f"run{number}")
        year.runs += planned
        year.retests += not planned
        year.bad_runs += any(each.cause and each.severity == "fail" for each in run.problems)
        _count_seen(year, run, planned=planned)
        for notice in clinic.take(run):
            _count(year, notice)
            if not planned and notice.kind is MailKind.ALERT:
                year.at_retests.append(notice)
    return year


def _is_doubted(run: Judged, look: Made) -> bool:
    suspect = any(each.cause and each.severity == "fail" and each.check in look.suspects for each in run.problems)
    return not look.planned and suspect and "upload" not in measured_for(look.asked)


def _shot(rng: random.Random, on: list[Spell], look: Made) -> Shot:
    """Real faults hide what is short, which hides noise."""
    order = ("fault", "short", "glitch", "noise")
    scenes = {(each.table, each.name) for each in on}
    scenes |= {("noise", name) for name in NOISE if name not in ("VPN", "name propagating") and rng.random() < 1 / 50}
    scenes |= {("glitch", name) for name in GLITCHES if rng.random() < 1 / 1500}
    busy = 9 <= look.at.hour < 17
    scenes |= {("noise", name) for name in ("router slow", "EMR slow", "bufferbloat") if busy and rng.random() < 1 / 5}
    mbps = None
    if "upload" in measured_for(look.asked):
        mbps = 2.4 if rng.random() < 1 / 100 else max(3.6, round(rng.gauss(6.0, 0.9), 1))
    return Shot(tuple(sorted(scenes, key=lambda each: (order.index(each[0]), each[1]))), mbps, asked=look.asked)


def _count_seen(year: Year, run: Judged, *, planned: bool) -> None:
    for fault in year.faults:
        if fault.spell.begin <= run.started_at < fault.spell.end and fault.alerts == 0:
            fault.seen_runs += planned and any(each.code == fault.code for each in run.problems)


def _count(year: Year, notice: Notice) -> None:
    year.mails += 1
    for fault in year.faults:
        if fault.spell.begin <= notice.since < fault.spell.end and notice.code == fault.code:
            if notice.kind is MailKind.RECOVERY:
                fault.recoveries += 1
            else:
                fault.alerts += 1
                fault.alerted_after_runs = fault.seen_runs
            return
    year.false.append(notice)
