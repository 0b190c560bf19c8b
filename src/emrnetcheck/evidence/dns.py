"""What was seen of the resolvers that this office uses."""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.model import Failure


@dataclass(frozen=True, slots=True)
class ResolverHealth:
    """One configured resolver, asked `asked` times for a well-known name. rtt_ms: median of the answers' times."""

    server: str
    asked: int
    answered: int
    rtt_ms: float | None
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class Dns:
    """The configured resolvers, each asked; and the public ones, as the measure beside them.

    invented: names under a top-level domain that surely do not exist, and yet were answered, by resolver.
    intercepted_at: addresses at which no name server is, and which answered nevertheless.
    system_ms: how long the operating system's own look-up of the same name took, None where it was given up;
    system_failure: why it gave no address.
    """

    office: tuple[ResolverHealth, ...]
    public: tuple[ResolverHealth, ...]
    invented_by: tuple[str, ...]
    intercepted_at: tuple[str, ...] = ()
    system_ms: float | None = None
    system_failure: Failure | None = None
