"""What was seen of looking up the EMR's name from this computer: how long it took, and what was answered by whom."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from emrnetcheck.evidence.names import AddressTry
from emrnetcheck.model import Failure, FailureKind

_LEAST_ANEW = 2
# Whatever else stopped a connection may have been of this computer.
_SHUT = (
    FailureKind.TIMEOUT,
    FailureKind.REFUSED,
    FailureKind.HOST_UNREACHABLE,
)


@dataclass(frozen=True, slots=True)
class LookupAnswer:
    """One name server, asked `asked` times for the name. kind: "own" (this computer's) or "public".

    addresses: all IPv4 addresses that it gave; of IPv6 where there are no others, or this computer reaches no others.
    ms: the median of its answers' times, None without an answer.
    anew_ms: how long it took for names of the same zone that it cannot have kept; asked of "own" ones only.
    """

    server: str
    kind: str
    asked: int
    answered: int
    ms: float | None
    addresses: tuple[str, ...]
    failure: Failure | None
    anew_ms: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Lookups:
    """The name as this computer finds it.

    system: what the operating system's own look-up gives (hosts file and all). system_ms: how long each try took; one
    that was given up is not in it, system_failure says so. tried: whether the EMR's port opens at each address that
    somebody named, asked only where they differ.
    """

    hostname: str
    answers: tuple[LookupAnswer, ...]
    system: tuple[str, ...]
    system_ms: tuple[float, ...]
    system_failure: Failure | None
    tried: tuple[AddressTry, ...] = ()

    @property
    def opened(self) -> tuple[str, ...]:
        """This computer's own addresses of the name at which the EMR's port opens; asked only where there are several
        addresses."""
        opens = {each.address for each in self.tried if each.open}
        return tuple(address for address in self.system if address in opens)

    @property
    def dead_beside(self) -> tuple[str, ...]:
        """Those at which it does not, while it does at another: whoever is sent there waits in vain."""
        closed = {each.address for each in self.tried if not each.open and _shuts(each)}
        return tuple(address for address in self.system if address in closed) if self.opened else ()

    @property
    def anew_ms(self) -> float | None:
        """How long this computer waits where nobody has kept the answer: its first name server that gives any decides.

        None where too few answered: one late answer is chance.
        """
        told = next((each.anew_ms for each in self.answers if each.kind == "own" and each.anew_ms), ())
        return median(told) if len(told) >= _LEAST_ANEW else None


def _shuts(tried: AddressTry) -> bool:
    return tried.failure is not None and tried.failure.kind in _SHUT
