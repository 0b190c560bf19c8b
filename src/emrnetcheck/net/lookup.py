"""Which address does a host name have, by whatever resolver still works, and who said so?"""

from __future__ import annotations

import ipaddress
import queue
import socket
import threading
from dataclasses import dataclass

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.failures import classify, clean

_FALLBACK_TIMEOUT_S = 1.0
# The name does not exist, or has no address: that is an answer, and another resolver is no better.
_ANSWERS = (FailureKind.NAME_NOT_FOUND, FailureKind.NAME_NO_ADDRESS, FailureKind.MALFORMED)


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
        self._system_is_dead = threading.Event()

    def resolve(self, host: str, *, version: int = 4) -> Resolved | Failure:
        """Addresses of `host` in the given IP version.

        A literal address is itself. Else the system is asked; where it gives no answer in time or fails, the fallback
        resolvers are asked directly, all at once, and the first usable answer in their order of arrival counts.
        Failures: NAME_NOT_FOUND, NAME_NO_ADDRESS, NAME_TIMEOUT, NAME_SERVER_FAILED.
        """
        literal = _literal(host)
        if literal is not None:
            fits = literal.version == version
            return Resolved((str(literal),), "literal") if fits else _no_address(host)
        failure = Failure(FailureKind.NAME_TIMEOUT, "look up", clean(host))
        if not self._system_is_dead.is_set():
            found = system_addresses(host, version=version, deadline_s=self._system_deadline_s)
            if isinstance(found, tuple):
                return Resolved(found, "system")
            if found.kind in _ANSWERS:
                return found
            failure = found
            if found.kind is FailureKind.OUT_OF_TIME:
                self._system_is_dead.set()
                failure = Failure(FailureKind.NAME_TIMEOUT, "look up", clean(host))
        return self._by_fallback(host, version) or failure

    def _by_fallback(self, host: str, version: int) -> Resolved | Failure | None:
        """The first answer of any fallback resolver; else a failure that is an answer; None where nobody answered."""
        answers: queue.SimpleQueue[Resolved | Failure] = queue.SimpleQueue()

        def ask(server: str) -> None:
            answers.put(_ask(server, host, version))

        for server in self._fallback_resolvers:
            threading.Thread(target=ask, args=(server,), daemon=True).start()
        said_no: Failure | None = None
        for _ in self._fallback_resolvers:
            try:
                answer = answers.get(timeout=_FALLBACK_TIMEOUT_S + 0.5)
            except queue.Empty:
                break
            if isinstance(answer, Resolved):
                return answer
            if answer.kind in _ANSWERS[:2]:
                said_no = answer
        return said_no


def system_addresses(host: str, *, version: int | None, deadline_s: float) -> tuple[str, ...] | Failure:
    """What the operating system's own look-up gives (hosts file and all); OUT_OF_TIME where it takes too long.

    version None: addresses of both, in the order in which the system would try them (RFC 6724). getaddrinfo has
    no time-out, so it runs in a thread that is left behind.
    """
    family = {4: socket.AF_INET, 6: socket.AF_INET6, None: socket.AF_UNSPEC}[version]
    answers: queue.SimpleQueue[tuple[str, ...] | Failure] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, None, family, socket.SOCK_STREAM)
        except (OSError, ValueError) as error:  # ValueError: what cannot be a name at all
            answers.put(classify(error, "look up", host))
            return
        addresses = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
        answers.put(addresses or _no_address(host))

    threading.Thread(target=look_up, daemon=True).start()
    try:
        return answers.get(timeout=deadline_s)
    except queue.Empty:
        return Failure(FailureKind.OUT_OF_TIME, "look up", clean(host))


def _ask(server: str, host: str, version: int) -> Resolved | Failure:
    from emrnetcheck.net import dns  # dnspython takes a tenth of a second to import: only where it is needed

    rdtype = "A" if version == 4 else "AAAA"  # noqa: PLR2004 - IP versions
    answer = dns.query(server, host, rdtype, timeout_s=_FALLBACK_TIMEOUT_S)
    if isinstance(answer, Failure):
        return answer
    return dns.nothing_in(answer, host) or Resolved(answer.values, server)


def _no_address(host: str) -> Failure:
    return Failure(FailureKind.NAME_NO_ADDRESS, "look up", clean(host))


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
