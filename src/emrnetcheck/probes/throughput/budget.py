"""How many bytes may be sent or received now: the cap on all of them, and the pace?"""

from __future__ import annotations

_BURST_BYTES = 32 * 1024


class Budget:
    """A hard cap, reserved a whole request at a time so that none is left unfinished, and a token bucket."""

    def __init__(self, cap_bytes: int) -> None:
        self._left_bytes = cap_bytes
        self._rate_bytes_per_s: float | None = None
        self._tokens = 0.0
        self._filled_at_s = 0.0
        self.spent = False
        """A request was not sent, or nothing more is received, because the cap leaves no room for it."""

    @property
    def left_bytes(self) -> int:
        """What is left of the cap."""
        return self._left_bytes

    def take(self, n_bytes: int) -> None:
        """Bytes came in, of those that were left."""
        self._left_bytes -= n_bytes
        self.spent = self._left_bytes <= 0

    def reserve(self, wanted_bytes: int, head_bytes: int) -> int:
        """Body bytes that one request may have, up to wanted_bytes; 0 once the cap is reached."""
        granted = min(wanted_bytes, self._left_bytes - head_bytes)
        if granted <= 0:
            self.spent = True
            return 0
        self._left_bytes -= granted + head_bytes
        return granted

    @property
    def paced(self) -> bool:
        return self._rate_bytes_per_s is not None

    def pace(self, bytes_per_s: float, now_s: float) -> None:
        """From now on, no faster than this."""
        self._rate_bytes_per_s = bytes_per_s
        self._filled_at_s = now_s
        self._tokens = 0.0

    def allowance(self, now_s: float) -> int | None:
        """Bytes that may go out now; None: any number."""
        if self._rate_bytes_per_s is None:
            return None
        earned = (now_s - self._filled_at_s) * self._rate_bytes_per_s
        self._tokens = min(_BURST_BYTES, self._tokens + earned)
        self._filled_at_s = now_s
        return int(self._tokens)

    def spend(self, n_bytes: int) -> None:
        """Bytes went out."""
        if self._rate_bytes_per_s is not None:
            self._tokens -= n_bytes
