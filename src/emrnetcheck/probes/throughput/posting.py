"""What of one POST has been sent: its head, then its body in pieces?"""

from __future__ import annotations

from dataclasses import dataclass
from secrets import token_hex

from emrnetcheck.net.stream import Endpoint
from emrnetcheck.probes.throughput.budget import Budget
from emrnetcheck.probes.throughput.plan import LoadPlan
from emrnetcheck.probes.throughput.target import Target

_LEAST_RECORD_BYTES = 2 * 1024
_RECORDS_IN_A_BODY = 16


@dataclass(frozen=True, slots=True)
class Shared:
    """What the streams of one load have in common."""

    target: Target
    endpoint: Endpoint
    plan: LoadPlan
    budget: Budget
    body: memoryview
    agent: str


class Posting:
    """The POST under way on one stream. body_bytes, sent_bytes: of its body, all of it and what is sent of that."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._head = memoryview(b"")
        self._next_bytes = shared.plan.first_body_bytes
        self.start_s = 0.0
        self.body_bytes = 0
        self.sent_bytes = 0

    @property
    def in_head(self) -> bool:
        """What is to be sent next is of the head."""
        return len(self._head) > 0

    @property
    def sending(self) -> bool:
        """Some of it is still to be sent."""
        return self.in_head or self.sent_bytes < self.body_bytes

    def begin(self, now_s: float) -> None:
        """The next one, as large as the budget still lets it be: body_bytes 0 if that is nothing."""
        shared = self._shared
        nonce = token_hex(8)
        # The longest head possible is reserved: the body's size is not known before.
        longest = len(shared.target.head(self._next_bytes, nonce, shared.agent))
        self.body_bytes = shared.budget.reserve(self._next_bytes, longest)
        self.sent_bytes = 0
        self.start_s = now_s
        if self.body_bytes:
            self._head = memoryview(shared.target.head(self.body_bytes, nonce, shared.agent))

    def drop(self) -> None:
        """It is answered, or its connection is gone."""
        self._head = memoryview(b"")
        self.body_bytes = self.sent_bytes = 0

    def answered(self, now_s: float, rtt_s: float) -> None:
        """Forget it; how long it took tells the size of the next one."""
        self._next_bytes = self._shared.plan.next_body_bytes(self.body_bytes, now_s - self.start_s, rtt_s)
        self.drop()

    def piece(self) -> memoryview:
        """What to send next."""
        if self.in_head:
            return self._head
        start, end = self.sent_bytes, self.body_bytes
        if self._shared.endpoint.server_name is not None:
            # A receiver sees a TLS record only once it is whole: on slow lines (small bodies) short records keep what
            # was acknowledged and what was received together.
            end = min(end, start + max(_LEAST_RECORD_BYTES, self.body_bytes // _RECORDS_IN_A_BODY))
        return self._shared.body[start:end]

    def took(self, taken_bytes: int) -> None:
        """So much of the piece was taken."""
        if self.in_head:
            self._head = self._head[taken_bytes:]
        else:
            self.sent_bytes += taken_bytes
