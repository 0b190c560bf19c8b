"""What all services outside have in common: how one is named in the settings, and what it is told."""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.evidence.port import OutsideTry
from emrnetcheck.model import Failure, FailureKind

DEFAULT_PORT = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a service is: scheme "https" or "http"."""

    scheme: str
    host: str
    port: int

    @property
    def tls(self) -> bool:
        """Whether it is asked over TLS."""
        return self.scheme == "https"


def untried(service: str, port: int, failure: Failure, *, seconds: float | None = None) -> OutsideTry:
    """The service gave no answer that counts."""
    return OutsideTry(service, None, port, None, failure, seconds=seconds)


def too_late(service: str) -> Failure:
    """It was not asked, or had not answered, when the time was over."""
    return Failure(FailureKind.OUT_OF_TIME, "ask", service)
