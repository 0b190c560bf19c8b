"""What did speedtest-cli say of the upload, after our own test? Shown beside it; no verdict looks at it."""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.model import Failure


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """speedtest-cli's own figure, from a process of its own.

    mbps: what it printed, in Mbps; it counts what was handed to the socket, uploads that were refused included. None:
    it gave none, and failure says why. sent_bytes: what it handed over, or had begun to when it was stopped. server:
    the upload URL that it chose. cap_bytes: what was left of upload.max_mb; capped: it ended for that.
    """

    mbps: float | None
    seconds: float
    sent_bytes: int
    server: str | None
    cap_bytes: int
    capped: bool
    failure: Failure | None = None
