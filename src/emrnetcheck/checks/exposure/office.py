"""What does the EMR server hold open to the office? Codes and judging of its listeners."""

from __future__ import annotations

from emrnetcheck.evidence import Case
from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.evidence.exposure import Exposure, Listener
from emrnetcheck.model import Code, Contact, Fact, Finding, Severity, Urgency
from emrnetcheck.profiles import ClosedPort

CODES = {
    "exposure.listens_widely": Code(
        Severity.WARN,
        "On the EMR server, the whole office can reach what only the server itself needs: {ports}.",
        "Let it listen for the server itself only, and restart it{ipv6}.",
        Contact.EMR_HOST,
        "One infected computer in the office, or one wrong rule in the router, is enough to get at it.",
        say="The whole office can reach what only the EMR server itself needs: {ports}. Please let it listen "
        "for the server itself only.",
        when=Urgency.THIS_WEEK,
    ),
    "exposure.listens_in_office": Code(
        Severity.NOTICE,
        "On the EMR server, the whole office can reach {ports}.",
        "Turn off what nobody uses.",
        Contact.EMR_HOST,
    ),
}

_DOCKER = "docker-proxy"
_HOW_TO_BIND = {
    3306: "MariaDB: bind-address = 127.0.0.1 in /etc/mysql/mariadb.conf.d/50-server.cnf",
    5432: "PostgreSQL: listen_addresses = 'localhost' in postgresql.conf",
    6379: "Redis: bind 127.0.0.1 in /etc/redis/redis.conf",
    8005: 'Tomcat\'s shutdown port: <Server address="127.0.0.1"> in server.xml',
    8009: 'Tomcat\'s AJP: address="127.0.0.1" in its Connector in server.xml, or take the Connector out',
    27017: "MongoDB: bindIp: 127.0.0.1 in /etc/mongod.conf",
}
_ONLY_THE_FIREWALL = ". Over IPv6 only the router's firewall keeps it from the Internet"


def in_the_office(case: Case, seen: Exposure, listed: dict[int, ClosedPort]) -> list[Finding]:
    """What the server holds open in the office that it need not, in one finding of each kind."""
    wide = [each for each in in_reach(case, seen) if each.port in listed]
    needless = [each for each in wide if listed[each.port].own_use]
    others = [each for each in wide if not listed[each.port].own_use and not listed[each.port].usual]
    found = []
    if needless:
        bare = has_ipv6(case) and any(map(by_ipv6, needless))
        facts: dict[str, Fact] = {
            "ports": _held_by(needless, listed),
            "how": _how_to_bind(needless),
            "ipv6": _ONLY_THE_FIREWALL if bare else "",
        }
        found.append(Finding("exposure.listens_widely", facts, f"127.0.0.1 ({facts['how']})", _bound(needless)))
    if others:
        facts = {"ports": _held_by(others, listed)}
        found.append(Finding("exposure.listens_in_office", facts, "127.0.0.1", _bound(others)))
    return found


def in_reach(case: Case, seen: Exposure) -> list[Listener]:
    """Those of the server's listeners that the office can reach, and a forward can lead to."""
    own = {case.site.lan_address, case.seen.link.address if case.seen.link is not None else None}
    return [each for each in seen.listeners or () if _is_wide(each, own)]


def has_ipv6(case: Case) -> bool:
    """Whether this computer has a way out by IPv6."""
    return case.seen.address is not None and case.seen.address.public_v6 is not None


def by_ipv6(listener: Listener) -> bool:
    """Whether it can be reached at a public IPv6 address."""
    return any(
        bind in ("::", "*") or (":" in bind and address_class(bind) is AddressClass.PUBLIC) for bind in listener.bind
    )


def _is_wide(listener: Listener, own: set[str | None]) -> bool:
    """On all addresses, on the office's, or on a public one; a container's own network is another matter."""
    return any(
        bind in ("0.0.0.0", "::", "*") or bind in own or address_class(bind) is AddressClass.PUBLIC
        for bind in listener.bind
    )


def _how_to_bind(listeners: list[Listener]) -> str:
    """Each in its own words."""
    dockers = [each.port for each in listeners if _DOCKER in each.programs]
    ways = [
        _HOW_TO_BIND.get(each.port, f"Port {each.port}: in that program's own settings")
        for each in listeners
        if each.port not in dockers
    ]
    if dockers:
        lines = ", ".join(f"127.0.0.1:{port}:{port}" for port in dockers)
        ways.insert(0, f"Docker publishes it: in the compose file write {lines}, or take the line out")
    return "; ".join(ways)


def _held_by(listeners: list[Listener], listed: dict[int, ClosedPort]) -> str:
    return ", ".join(
        f"port {each.port} ({listed[each.port].service}{', by ' + _programs(each) if each.programs else ''})"
        for each in listeners
    )


def _programs(listener: Listener) -> str:
    """By the name that people know."""
    return ", ".join("Docker" if name == _DOCKER else name for name in listener.programs)


def _bound(listeners: list[Listener]) -> str:
    return ", ".join(f"{each.port} on {' and '.join(each.bind)}" for each in listeners)
