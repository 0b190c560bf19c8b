"""How is each run told to the alarms once, with the mails that follow from it?"""

from __future__ import annotations

from emrnetcheck.model.claims import Claim, Ended
from emrnetcheck.store import DamagedRunError, NoSuchRunError
from emrnetcheck.store.alerts import AlertStates
from emrnetcheck.store.claims import Claims
from emrnetcheck.store.history import History
from emrnetcheck.store.outbox import Outbox
from emrnetcheck.unattended.parts import Alarmed, Done, Parts

_TRIES = 5


def alarms(parts: Parts, history: History, claim: Claim, done: Done) -> None:
    """Of the run of this claim. The state, the mails and the end of the claim are written together, or not at all."""
    claims = Claims(history)
    try:
        report = history.document(claim.run_id or "").report
        alarmed = _stepped(parts, history, claim, report)
    except (DamagedRunError, NoSuchRunError):
        # Nobody can say what was in it; without an end it would be asked for again and again.
        claims.finish(claim.kind, claim.site, claim.due_at, Ended.DONE, parts.now())
        raise
    except Exception:
        # A bug, which the same report would meet again at each run.
        claims.finish(claim.kind, claim.site, claim.due_at, Ended.FAILED, parts.now())
        raise
    for sentence in alarmed.told:
        parts.tell(sentence)
    done.composed += [mail.key for mail in alarmed.mails]


def _stepped(parts: Parts, history: History, claim: Claim, report: str) -> Alarmed:
    states, outbox, claims = AlertStates(history), Outbox(history, parts.site), Claims(history)
    for _ in range(_TRIES):
        state, revision = states.load(parts.site)
        # Outside the transaction: composing takes a while, and nobody could write meanwhile.
        alarmed = parts.alarm(state, report, parts.now())
        with history.together():
            if states.save(parts.site, alarmed.state, revision, parts.now()):
                for mail in alarmed.mails:
                    outbox.compose(mail)
                claims.finish(claim.kind, claim.site, claim.due_at, Ended.DONE, parts.now())
                return alarmed
    raise RuntimeError("the state of the alarms is changed by others without end")
