"""How is it said what is wrong with a leg?"""

from __future__ import annotations

from collections.abc import Mapping

from emrnetcheck.model import Code, Contact, Severity
from emrnetcheck.placing.states import Fault, Leg, Placing, State, Sure

LEG_WORDS: Mapping[Leg, str] = {
    Leg.OWN: "this computer's connection",
    Leg.ADDRESSES: "an address of this network",
    Leg.PEER: "another computer here",
    Leg.ROUTER: "the router",
    Leg.ISP: "the provider's first router",
    Leg.OUTSIDE: "the Internet",
    Leg.NAME: "the EMR's name",
    Leg.PATH: "the way between the two lines",
    Leg.SERVER_TCP: "the EMR's computer",
    Leg.SERVER_ANSWER: "the EMR's program",
    Leg.OWN_BULK: "a download from elsewhere",
    Leg.SERVER_BULK: "what the EMR sends",
    Leg.SERVER_LOADED: "the EMR's computer, while pages come,",
}

SURE_WORDS: Mapping[Sure, str] = {
    Sure.CERTAIN: "certain",
    Sure.LIKELY: "likely",
    Sure.CANNOT_TELL: "not known",
}

_ANSWER_LEGS = (Leg.OWN, Leg.NAME, Leg.SERVER_ANSWER, Leg.OWN_BULK, Leg.SERVER_BULK)


_OWN_CLAUSES: Mapping[tuple[Leg, Fault], str] = {
    (Leg.OWN, Fault.LOSS): "its network card counted damaged packets while it was measured",
    (Leg.OWN, Fault.RATE): "its cable runs in half duplex or at only 10 Mbps",
    (Leg.OWN, Fault.DEAD): "it has no network connection",
    (Leg.ADDRESSES, Fault.WRONG): "two computers here have the same address",
    (Leg.NAME, Fault.WRONG): "the EMR's name leads this computer to a wrong address",
    (Leg.NAME, Fault.LOSS): "the EMR's name is found at times, and at times not",
    (Leg.NAME, Fault.MISSING): "nobody knows the EMR's name: public name servers say that it does not exist",
    (Leg.NAME, Fault.DEAD): "the EMR's name is not found",
    (Leg.NAME, Fault.HALF_DEAD): "the EMR's name has several addresses, and not at each of them does the EMR answer",
    (Leg.SERVER_ANSWER, Fault.REFUSED): "the EMR's program sends on to a port that does not open",
    (Leg.SERVER_BULK, Fault.NO_PAGE): "the EMR's page does not come to its end",
    (Leg.SERVER_BULK, Fault.DEAD): "the EMR's page begins and does not come to its end",
    (Leg.PATH, Fault.SIZE): "large packets vanish on the way, so that pages never come whole",
}
_CLAUSES: Mapping[Fault, str] = {
    Fault.LATENCY: "{what} takes {took} to {verb}",
    Fault.LOSS: "{lost} of {sent} probes to {what} were lost",
    Fault.JITTER: "the answer times of {what} change by {jitter} from one to the next",
    Fault.RATE: "{what} comes slowly",
    Fault.WRONG: "{what} answers with an error",
    Fault.MISSING: "{what} does not exist",
    Fault.HALF_DEAD: "{what} answers at one of its addresses, and not at another",
    Fault.SIZE: "{what} takes no large packets",
    Fault.REFUSED: "{what} refuses the connection",
    Fault.DEAD: "{what} does not answer",
    Fault.NO_PAGE: "{what} answers, and no page comes of it",
}


def fault_clause(leg: Leg, state: State) -> str:
    """One clause: "the router takes 42 ms to answer"."""
    if state.fault is None:
        return f"{LEG_WORDS[leg]} is bad"
    clause = _OWN_CLAUSES.get((leg, state.fault)) or _CLAUSES[state.fault]
    return clause.format(
        what=LEG_WORDS[leg],
        took=milliseconds(state.median_ms) if state.median_ms is not None else "too long",
        verb="be found" if leg is Leg.NAME else "answer",
        lost=state.lost,
        sent=state.sent,
        jitter=milliseconds(state.jitter_ms) if state.jitter_ms is not None else "much",
    )


def reasons(placing: Placing, legs: Mapping[Leg, State]) -> list[str]:
    """Why the segment is the one, in a clause or two."""
    return [fault_clause(leg, legs[leg]) for leg in placing.because if leg in legs]


def milliseconds(duration_ms: float) -> str:
    """ "0.3 ms", "42 ms", "1.2 s"."""
    if duration_ms >= 1000.0:  # noqa: PLR2004 - ms in a second
        return f"{duration_ms / 1000.0:.1f} s"
    return f"{duration_ms:.0f} ms" if duration_ms >= 10.0 else f"{duration_ms:.1f} ms"  # noqa: PLR2004 - two digits


def unmeasured(sentence: str) -> Code:
    """What is said of a part that could not be asked; the sentence has {why}."""
    return Code(
        Severity.UNKNOWN,
        sentence,
        "Measure again; if it stays, send the report to your IT helper.",
        Contact.IT_HELPER,
    )
