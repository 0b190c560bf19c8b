"""Who is asked in a look, for which name, and how often is the office's address asked for?"""

from __future__ import annotations

from collections.abc import Iterator

import dns.message
import pytest

from emrnetcheck.evidence.names import Alias, NameAnswer
from emrnetcheck.model import Failure, FailureKind, Site
from emrnetcheck.net import dns as net_dns
from emrnetcheck.probes import ddns_watch
from emrnetcheck.probes.ddns_watch import Watcher
from emrnetcheck.probes.source_view import SourceView, failed
from emrnetcheck.probes.zone import NameServer
from tests.servers import LOOPBACK, answer, dns_server

NAME, TARGET = "emr.example.org", "clinic.ddns.example"


def a_server() -> NameAnswer:
    return failed(NameServer("ns1.example", LOOPBACK), Failure(FailureKind.OTHER))


class Clock:
    """A clock that a test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_s = 1000.0
        self.asked = 0
        monkeypatch.setattr(Watcher, "_public", lambda _watcher: self.public())
        monkeypatch.setattr(Watcher, "_now_s", lambda _watcher: self.now_s)

    def public(self) -> str:
        self.asked += 1
        return "21.1.1.1"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The names that the one server was asked for; it gives 21.1.1.7, or what `said` holds."""
    names: list[str] = []

    def handle(question: dns.message.Message, _over: str) -> bytes:
        name = question.question[0].name.to_text(omit_final_dot=True)
        names.append(name)
        return answer(question, f"{name}. 60 IN A {SAID['address']}")

    with dns_server(handle) as port:
        monkeypatch.setattr("emrnetcheck.net.dns.PORT", port)
        monkeypatch.setattr(net_dns, "system_resolvers", lambda: (LOOPBACK,))
        yield names


SAID = {"address": "21.1.1.7"}


def watcher(monkeypatch: pytest.MonkeyPatch, *aliases: Alias) -> Watcher:
    view = SourceView(zone="example.org", answers=(a_server(),), aliases=aliases)
    monkeypatch.setattr(ddns_watch, "source_view", lambda _name, _recursive: view)
    return Watcher(Site(resolvers=(LOOPBACK,)), NAME, 30.0)


def test_source_resolvers_and_office_are_asked_each_once(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    Clock(monkeypatch)
    watching = watcher(monkeypatch)
    look = watching.look()
    assert [(each.kind, each.server, said and said.addresses) for each, said in look.answers] == [
        ("source", LOOPBACK, ("21.1.1.7",)),
        ("resolver", LOOPBACK, ("21.1.1.7",)),
    ], "a resolver that the office uses too is asked once"
    assert asked == [NAME, NAME]
    assert {entry.who for entry in watching.ledger.third_parties} == {LOOPBACK}


def test_the_source_of_an_alias_is_asked_for_where_it_leads(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    Clock(monkeypatch)
    watcher(monkeypatch, Alias(TARGET, "ddns.example", None, (a_server(),))).look()
    assert sorted(asked) == [TARGET, NAME]


def test_the_address_is_asked_for_seldom_but_at_once_when_the_source_moves(
    asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, watching = Clock(monkeypatch), watcher(monkeypatch)
    for _ in range(6):
        watching.look()
        clock.now_s += 5
    assert clock.asked == 1
    monkeypatch.setitem(SAID, "address", "21.1.1.8")
    clock.now_s -= 5
    watching.look()
    assert clock.asked == 2
    clock.now_s += 5
    assert watching.look().public is None, "not asked this time"
    clock.now_s += 30
    assert watching.look().public == "21.1.1.1"


def test_somebody_who_only_fails_has_not_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    Clock(monkeypatch)
    with dns_server(lambda question, _over: answer(question, rcode="SERVFAIL")) as port:
        monkeypatch.setattr("emrnetcheck.net.dns.PORT", port)
        monkeypatch.setattr(net_dns, "system_resolvers", lambda: ())
        look = watcher(monkeypatch).look()
    assert {said for _, said in look.answers} == {None}
