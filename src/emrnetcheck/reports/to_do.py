"""What is to be done about a cause, by whom, how soon, and in which words? For a report's page and for a week's."""

from __future__ import annotations

from collections.abc import Iterator

from emrnetcheck.model import Cause
from emrnetcheck.reports import wording
from emrnetcheck.reports.line import Line
from emrnetcheck.reports.wording import sentence

MOST_CAUSES = 3
DO = "Do:   "


DO_CHARS = 150  # two lines of a terminal


def what_to_do(cause: Cause, *, short: bool = False, indent: int = 3) -> Iterator[Line]:
    """The action, who can take it and how soon, and what to read out to them.

    short: of the action only what two lines hold; -v and `explain` have all of it. The words to say never are cut.
    """
    if cause.advice:
        advice = wording.whole_sentences(cause.advice, DO_CHARS) if short else cause.advice
        yield Line(sentence(advice), lead=DO, indent=indent)
    call = wording.whom_and_when(cause.contact, cause.when)
    said = f'"{sentence(cause.say)}"' if cause.say else ""
    if short and call and said:
        yield Line(f"{sentence(call)} Say: {said}", lead="Call: ", indent=indent)
        return
    if call:
        yield Line(sentence(call), lead="Call: ", indent=indent)
    if said:
        yield Line(said, lead="Say:  ", indent=indent)
