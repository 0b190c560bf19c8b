"""Runs as a script: what each look found, written in letters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from emrnetcheck.alerting import AlertState, from_json, step, to_json
from emrnetcheck.model import Contact, Severity, Urgency, Verdict
from emrnetcheck.model.alerts import USUAL, Judged, Notice, Problem, Rule

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
CHECK = "emr"


def problem(code: str, **changes: object) -> Problem:
    """A fault as a report has it."""
    base: dict[str, object] = {
        "check": code.partition(".")[0],
        "code": code,
        "cause": True,
        "severity": Severity.FAIL,
        "accepted": False,
        "confirmed": True,
        "summary": f"{code} is so.",
        "advice": "Mend it.",
        "contact": Contact.EMR_HOST,
        "explains": (),
        "when": Urgency.THIS_WEEK,
    }
    return Problem(**(base | changes))  # type: ignore[arg-type]  # the names are those of the fields


LETTERS: Mapping[str, tuple[Problem, ...]] = {
    ".": (),
    "B": (problem("emr.error"),),
    "b": (problem("emr.error", confirmed=False),),
    "S": (problem("emr.starting"),),  # another code, the same person, as soon
    "s": (problem("emr.starting", confirmed=False),),
    "P": (problem("emr.redirects_inside", contact=Contact.ROUTER),),  # somebody else
    "T": (problem("emr.not_answering", when=Urgency.TODAY),),  # sooner
    "X": (problem("emr.redirects_unencrypted"),),  # about safety
    "a": (problem("emr.error", accepted=True),),
    "w": (problem("emr.slow", severity=Severity.WARN),),
    "W": (problem("emr.error"), problem("emr.slow", severity=Severity.WARN)),
    "A": (problem("emr.error", accepted=True, cause=False), problem("emr.starting")),
    "0": (),  # a run that could not have found emr.error
}


def run(letter: str, at: datetime, number: int, check: str = CHECK) -> Judged:
    """ "?": the check was not answered; "-": the run left it out; "~": it is none of this clinic's any more."""
    known = letter not in "?-~"
    return Judged(
        run_id=f"run{number}",
        started_at=at,
        whole=True,
        verdict=Verdict.NOT_READY,
        problems=LETTERS.get(letter, ()),
        unknown=frozenset({check} if letter == "?" else ()),
        answered=frozenset({check} if known else ()),
        blind=frozenset({"emr.error"} if letter == "0" else ()),
        left_out=frozenset({check} if letter == "-" else ()),
    )


@dataclass(frozen=True, slots=True)
class Told:
    """What was told at which look (from 0). mail: somebody could be written to."""

    at: int
    notice: Notice
    mail: bool = True


def played(
    script: str,
    rule: Rule = USUAL,
    *,
    every: timedelta = timedelta(hours=1),
    times: Iterable[datetime] | None = None,
    state: AlertState | None = None,
    mails_from: int = 0,
) -> tuple[AlertState, list[Told]]:
    """The letters as looks in a row. Between two runs the state is written down and read again, as it is in truth.

    mails_from: the look from which on somebody can be written to.
    """
    state = state or AlertState()
    told: list[Told] = []
    moments = list(times) if times is not None else [START + number * every for number in range(len(script))]
    for number, (letter, at) in enumerate(zip(script, moments, strict=True)):
        mails = number >= mails_from
        state, notices = step(from_json(to_json(state)), run(letter, at, number), rule, at, mails=mails)
        told += [Told(number, each, mails) for each in notices]
    return state, told


def marks(script: str, told: Iterable[Told]) -> str:
    """The script as what was told: "A" an alert, "R" a recovery, "." nothing."""
    said = ["."] * len(script)
    for each in told:
        said[each.at] = each.notice.kind[0].upper() if said[each.at] == "." else "*"
    return "".join(said)
