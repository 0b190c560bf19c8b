"""What became of one question of a watch?"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.failures import classify

RECEIVE_BYTES = 2048


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one question. asked_s: time.monotonic() when it was asked. rtt_ms None: no answer in time.

    failure: NO_ROUTE only where this computer itself had no way to send; what a router says is NETWORK_UNREACHABLE.
    refused: the host answered that nothing listens. by: who answered, where that may be somebody else.
    """

    key: Hashable
    asked_s: float
    rtt_ms: float | None
    failure: Failure | None = None
    refused: bool = False
    by: str = ""


def from_afar(error: OSError, operation: str, target: str) -> Failure:
    """The error that a packet met on its way: it was sent."""
    failure = classify(error, operation, target)
    if failure.kind is FailureKind.NO_ROUTE:
        return Failure(FailureKind.NETWORK_UNREACHABLE, operation, target)
    return failure
