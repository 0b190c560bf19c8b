"""Which address does a host name have, by whatever resolver still works, and who said so?"""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.model import Failure


@dataclass(frozen=True, slots=True)
class Resolved:
    """Addresses of a host; by: "literal", "system" (the operating system's look-up) or a resolver's address."""

    addresses: tuple[str, ...]
    by: str


class Lookup:
    """Look-ups of service hosts during one run; remembers that the system's resolver is dead. Safe across threads."""

    def __init__(self, fallback_resolvers: tuple[str, ...], *, system_deadline_s: float = 2.5) -> None:
        self._fallback_resolvers = fallback_resolvers
        self._system_deadline_s = system_deadline_s

    def resolve(self, host: str, *, version: int = 4) -> Resolved | Failure:
        """Addresses of `host` in the given IP version."""
        raise NotImplementedError
