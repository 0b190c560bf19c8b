"""Are resolvers that answer, fail, keep silent or invent names told apart?"""

from __future__ import annotations

import dns.message
import pytest

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.dns import Dns
from emrnetcheck.model import Failure, FailureKind, Site
from emrnetcheck.net import dns as net_dns
from emrnetcheck.net import lookup, routes
from emrnetcheck.probes import dns as probe
from emrnetcheck.probes import interception
from tests.probes.contexts import context
from tests.servers import LOOPBACK, DnsHandler, answer, can_bind, closed_tcp_port, dns_server, zone_handler

SECOND = "127.0.0.2"
GOOD = zone_handler({("example.com", "A"): ("example.com. 60 IN A 21.1.1.1",)})


def inventing(question: dns.message.Message, _over: str) -> bytes:
    return answer(question, f"{question.question[0].name} 60 IN A 6.6.6.6")


def failing(question: dns.message.Message, _over: str) -> bytes:
    return answer(question, rcode="SERVFAIL")


def silent(_question: dns.message.Message, _over: str) -> None:
    return None


def measure(
    monkeypatch: pytest.MonkeyPatch,
    port: int,
    *,
    office: tuple[str, ...] | Failure,
    public: tuple[str, ...] = (),
    no_dns: tuple[str, ...] = (),
) -> Dns | Failure:
    monkeypatch.setattr(net_dns, "PORT", port)
    monkeypatch.setattr(net_dns, "system_resolvers", lambda: office)
    monkeypatch.setattr(probe, "_TIMEOUT_S", 0.1)
    monkeypatch.setattr(interception, "_TIMEOUT_S", 0.1)
    monkeypatch.setattr(lookup, "system_addresses", lambda *_, **__: ("21.1.1.1",))
    seen = probe.measure(Site(resolvers=public, no_dns_addresses=no_dns), Seen(), context())
    assert isinstance(seen, Dns | Failure)
    return seen


def office_of(monkeypatch: pytest.MonkeyPatch, handler: DnsHandler) -> Dns:
    with dns_server(handler) as port:
        seen = measure(monkeypatch, port, office=(LOOPBACK,))
    assert isinstance(seen, Dns)
    return seen


def test_good_resolver_answers_all_five(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = office_of(monkeypatch, GOOD)
    (health,) = seen.office
    assert (health.server, health.asked, health.answered, health.failure) == (LOOPBACK, 5, 5, None)
    assert health.rtt_ms is not None
    assert seen.invented_by == ()


def test_failing_resolver_has_answered_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    (health,) = office_of(monkeypatch, failing).office
    assert (health.answered, health.rtt_ms) == (0, None)
    assert health.failure is not None
    assert health.failure.kind is FailureKind.NAME_SERVER_FAILED


@pytest.mark.parametrize(
    ("rcode", "kind"), [("NXDOMAIN", FailureKind.NAME_NOT_FOUND), ("NOERROR", FailureKind.NAME_NO_ADDRESS)]
)
def test_resolver_that_denies_the_well_known_name_has_answered_nothing(
    monkeypatch: pytest.MonkeyPatch, rcode: str, kind: FailureKind
) -> None:
    (health,) = office_of(monkeypatch, lambda question, _over: answer(question, rcode=rcode)).office
    assert (health.asked, health.answered, health.rtt_ms) == (3, 0, None)
    assert health.failure is not None
    assert health.failure.kind is kind


def test_silent_resolver_is_given_up_after_three(monkeypatch: pytest.MonkeyPatch) -> None:
    (health,) = office_of(monkeypatch, silent).office
    assert (health.asked, health.answered, health.rtt_ms) == (3, 0, None)
    assert health.failure is not None
    assert health.failure.kind is FailureKind.NAME_TIMEOUT


def test_resolver_that_loses_one_question_is_asked_on(monkeypatch: pytest.MonkeyPatch) -> None:
    count = 0

    def losing_the_first(question: dns.message.Message, over: str) -> bytes | None:
        nonlocal count
        if question.question[0].name.to_text() != "example.com.":
            return answer(question, rcode="NXDOMAIN")
        count += 1
        reply = GOOD(question, over)
        return reply if count > 1 and isinstance(reply, bytes) else None

    (health,) = office_of(monkeypatch, losing_the_first).office
    assert (health.asked, health.answered) == (5, 4)


def test_resolver_that_invents_names_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert office_of(monkeypatch, inventing).invented_by == (LOOPBACK,)


def test_link_local_resolver_is_asked_through_its_own_interface(monkeypatch: pytest.MonkeyPatch) -> None:
    towards: list[str] = []

    def no_way(server: str, *, version: int) -> Failure:
        towards.append(server)
        return Failure(FailureKind.NO_ROUTE, "find the way to", f"{server}, IPv{version}")

    monkeypatch.setattr(routes, "source_address", no_way)
    monkeypatch.setattr(net_dns, "query", lambda *_, **__: Failure(FailureKind.NO_ROUTE))
    seen = measure(monkeypatch, closed_tcp_port(), office=("fe80::1%eth0",))
    assert isinstance(seen, Dns)
    assert (seen.office[0].server, towards) == ("fe80::1%eth0", ["fe80::1%eth0"])


@pytest.mark.skipif(not can_bind(SECOND), reason="this system has only one loopback address")
def test_public_resolvers_are_asked_beside_the_office(monkeypatch: pytest.MonkeyPatch) -> None:
    with dns_server(GOOD) as port, dns_server(failing, SECOND, port):
        seen = measure(monkeypatch, port, office=(SECOND,), public=(LOOPBACK,))
    assert isinstance(seen, Dns)
    assert [(each.server, each.answered) for each in seen.office] == [(SECOND, 0)]
    assert [(each.server, each.asked, each.answered) for each in seen.public] == [(LOOPBACK, 3, 3)]


def test_no_resolver_at_all_is_a_fact(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = measure(monkeypatch, closed_tcp_port(), office=())
    assert isinstance(seen, Dns)
    assert seen.office == ()


def test_unreadable_settings_are_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    failure = Failure(FailureKind.MALFORMED, "read the name server settings")
    assert measure(monkeypatch, closed_tcp_port(), office=failure) == failure


@pytest.mark.skipif(not can_bind(SECOND), reason="this system has only one loopback address")
@pytest.mark.parametrize(("handler", "at"), [(GOOD, (SECOND,)), (failing, (SECOND,)), (silent, ())])
def test_answer_where_no_name_server_is_shows_interception(
    monkeypatch: pytest.MonkeyPatch, handler: DnsHandler, at: tuple[str, ...]
) -> None:
    with dns_server(GOOD) as port, dns_server(handler, SECOND, port):
        seen = measure(monkeypatch, port, office=(LOOPBACK,), no_dns=(SECOND,))
    assert isinstance(seen, Dns)
    assert seen.intercepted_at == at


def test_the_systems_own_look_up_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = office_of(monkeypatch, GOOD)
    assert seen.system_ms is not None
    assert 0 <= seen.system_ms < 1000
    assert seen.system_failure is None


@pytest.mark.parametrize("kind", [FailureKind.OUT_OF_TIME, FailureKind.NAME_TIMEOUT])
def test_one_slow_or_failed_look_up_of_two_is_not_told(monkeypatch: pytest.MonkeyPatch, kind: FailureKind) -> None:
    said = iter([Failure(kind), ("21.1.1.1",)])
    with dns_server(GOOD) as port:
        monkeypatch.setattr(interception, "intercepted_at", lambda *_: ())
        monkeypatch.setattr(net_dns, "PORT", port)
        monkeypatch.setattr(net_dns, "system_resolvers", lambda: (LOOPBACK,))
        monkeypatch.setattr(lookup, "system_addresses", lambda *_, **__: next(said))
        seen = probe.measure(Site(resolvers=(), no_dns_addresses=()), Seen(), context())
    assert isinstance(seen, Dns)
    assert seen.system_ms is not None
    assert seen.system_failure is None


def test_third_parties_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(net_dns, "system_resolvers", lambda: ())
    monkeypatch.setattr(lookup, "system_addresses", lambda *_, **__: ("21.1.1.1",))
    monkeypatch.setattr(net_dns, "PORT", closed_tcp_port())
    ctx = context()
    probe.measure(Site(resolvers=(LOOPBACK,), no_dns_addresses=()), Seen(), ctx)
    assert [entry.who for entry in ctx.ledger.third_parties] == [LOOPBACK]
