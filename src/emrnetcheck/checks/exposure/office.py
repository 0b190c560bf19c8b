"""What does the EMR server hold open to the office? Codes and judging of its listeners."""

from __future__ import annotations

from emrnetcheck.evidence import Case
from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.evidence.exposure import Exposure, Listener
from emrnetcheck.model import Code, Contact, Fact, Finding, Severity
from emrnetcheck.profiles import ClosedPort

CODES = {
    "exposure.listens_widely": Code(
        Severity.WARN,
        "On the EMR server, the whole office can reach what only the server itself needs: {ports}.",
        "Bind it to 127.0.0.1. {how}.",
        Contact.EMR_HOST,
        "One infected computer in the office, or one wrong rule in the router, is enough to get at it.",
    ),
    "exposure.listens_in_office": Code(
        Severity.NOTICE,
        "On the EMR server, the whole office can reach {ports}.",
        "Turn off what nobody uses.",
        Contact.EMR_HOST,
    ),
}

_MARIADB, _DOCKER = 3306, "docker-proxy"


def in_the_office(case: Case, seen: Exposure, listed: dict[int, ClosedPort]) -> list[Finding]:
    """What the server holds open in the office that it need not, in one finding of each kind."""
    own = {case.site.lan_address, case.seen.link.address if case.seen.link is not None else None}
    wide = [each for each in seen.listeners or () if each.port in listed and _is_wide(each, own)]
    needless = [each for each in wide if listed[each.port].own_use]
    others = [each for each in wide if not listed[each.port].own_use and not listed[each.port].usual]
    found = []
    if needless:
        ports = _held_by(needless, listed)
        facts: dict[str, Fact] = {"ports": ports, "how": _how_to_bind(needless)}
        found.append(Finding("exposure.listens_widely", facts, "127.0.0.1", _bound(needless)))
    if others:
        facts = {"ports": _held_by(others, listed)}
        found.append(Finding("exposure.listens_in_office", facts, "127.0.0.1", _bound(others)))
    return found


def _is_wide(listener: Listener, own: set[str | None]) -> bool:
    """On all addresses, on the office's, or on a public one; a container's own network is another matter."""
    return any(
        bind in ("0.0.0.0", "::", "*") or bind in own or address_class(bind) is AddressClass.PUBLIC
        for bind in listener.bind
    )


def _how_to_bind(listeners: list[Listener]) -> str:
    if any(_DOCKER in each.programs for each in listeners):
        port = listeners[0].port
        return f"Docker publishes it: in the compose file write 127.0.0.1:{port}:{port}, or take the line out"
    if any(each.port == _MARIADB for each in listeners):
        return "MariaDB: bind-address = 127.0.0.1 in /etc/mysql/mariadb.conf.d/50-server.cnf, then restart it"
    return 'Tomcat: address="127.0.0.1" in server.xml; other programs: their own settings'


def _held_by(listeners: list[Listener], listed: dict[int, ClosedPort]) -> str:
    return ", ".join(
        f"port {each.port} ({listed[each.port].service}{', by ' + ', '.join(each.programs) if each.programs else ''})"
        for each in listeners
    )


def _bound(listeners: list[Listener]) -> str:
    return ", ".join(f"{each.port} on {' and '.join(each.bind)}" for each in listeners)
