"""Does net.dns tell apart what a name server can say, and survive what it must not say?"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import dns.flags
import dns.message
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import dns as our_dns
from emrnetcheck.net import dns_transport
from tests.servers import LOOPBACK, answer, closed_tcp_port, dns_server

NAME = "emr.dyn.example.org"


def ask(port: int, rdtype: str = "A", *, tries: int = 1, timeout_s: float = 0.3) -> our_dns.DnsAnswer | Failure:
    return our_dns.query(LOOPBACK, NAME, rdtype, timeout_s=timeout_s, tries=tries, port=port)


def test_addresses_ttl_and_authority_are_read() -> None:
    def handle(question: dns.message.Message, _over: str) -> bytes:
        return answer(question, f"{NAME}. 60 IN A 21.1.1.2", f"{NAME}. 60 IN A 21.1.1.1", authoritative=True)

    with dns_server(handle) as port:
        said = ask(port)
    assert isinstance(said, our_dns.DnsAnswer)
    assert said.values == ("21.1.1.1", "21.1.1.2")
    assert (said.rcode, said.ttl_s, said.authoritative, said.over_tcp) == ("NOERROR", 60, True, False)
    assert 0 < said.rtt_ms < 300
    assert our_dns.failure_of(said) is None


def test_aliases_are_followed_in_order_and_the_smallest_ttl_counts() -> None:
    def handle(question: dns.message.Message, _over: str) -> bytes:
        return answer(
            question,
            "b.example. 30 IN A 21.1.1.1",
            "a.example. 20 IN CNAME B.example.",
            f"{NAME}. 600 IN CNAME a.example.",
        )

    with dns_server(handle) as port:
        said = ask(port)
    assert isinstance(said, our_dns.DnsAnswer)
    assert (said.cname, said.values, said.ttl_s) == (("a.example", "b.example"), ("21.1.1.1",), 20)


def test_alias_loop_ends_without_addresses() -> None:
    def handle(question: dns.message.Message, _over: str) -> bytes:
        return answer(question, f"{NAME}. 60 IN CNAME a.example.", f"a.example. 60 IN CNAME {NAME}.")

    with dns_server(handle) as port:
        said = ask(port)
    assert isinstance(said, our_dns.DnsAnswer)
    assert (said.values, said.ttl_s) == ((), None)


@pytest.mark.parametrize(
    ("rcode", "kind"),
    [
        ("NOERROR", None),
        ("NXDOMAIN", None),
        ("SERVFAIL", FailureKind.NAME_SERVER_FAILED),
        ("REFUSED", FailureKind.NAME_SERVER_REFUSED),
        ("NOTIMP", FailureKind.NAME_SERVER_FAILED),
    ],
)
def test_rcodes_are_answers_or_failures(rcode: str, kind: FailureKind | None) -> None:
    with dns_server(lambda question, _over: answer(question, rcode=rcode)) as port:
        said = ask(port)
    assert isinstance(said, our_dns.DnsAnswer)
    assert said.rcode == rcode
    failure = our_dns.failure_of(said)
    assert (failure.kind if failure else None) == kind


@pytest.mark.parametrize(
    ("rcode", "kind"),
    [
        ("NOERROR", FailureKind.NAME_NO_ADDRESS),
        ("NXDOMAIN", FailureKind.NAME_NOT_FOUND),
        ("SERVFAIL", FailureKind.NAME_SERVER_FAILED),
        ("REFUSED", FailureKind.NAME_SERVER_REFUSED),
    ],
)
def test_answer_without_values_has_a_reason(rcode: str, kind: FailureKind) -> None:
    with dns_server(lambda question, _over: answer(question, rcode=rcode)) as port:
        said = ask(port)
    assert isinstance(said, our_dns.DnsAnswer)
    nothing = our_dns.nothing_in(said, NAME)
    assert nothing is not None
    assert nothing.kind is kind


def test_answer_with_values_has_none_to_give() -> None:
    with dns_server(lambda question, _over: answer(question, f"{NAME}. 60 IN A 21.1.1.1")) as port:
        said = ask(port)
    assert isinstance(said, our_dns.DnsAnswer)
    assert our_dns.nothing_in(said, NAME) is None


def test_recursion_is_wanted_only_where_asked_for() -> None:
    seen: list[bool] = []

    def handle(question: dns.message.Message, _over: str) -> bytes:
        seen.append(bool(question.flags & dns.flags.RD))
        return answer(question)

    with dns_server(handle) as port:
        our_dns.query(LOOPBACK, NAME, "A", timeout_s=1, port=port)
        our_dns.query(LOOPBACK, NAME, "A", timeout_s=1, port=port, recursion_desired=False)
    assert seen == [True, False]


def test_cut_answer_is_asked_for_again_over_tcp() -> None:
    def handle(question: dns.message.Message, over: str) -> bytes:
        return answer(question, f"{NAME}. 60 IN A 21.1.1.1") if over == "tcp" else answer(question, truncated=True)

    with dns_server(handle) as port:
        said = ask(port, timeout_s=2)
    assert isinstance(said, our_dns.DnsAnswer)
    assert (said.values, said.over_tcp) == (("21.1.1.1",), True)


def test_cut_answer_without_tcp_is_a_failure() -> None:
    with dns_server(lambda question, over: answer(question, truncated=True) if over == "udp" else None) as port:
        said = ask(port)
    assert isinstance(said, Failure)


def test_silence_is_a_name_timeout_and_is_asked_again_as_often_as_said() -> None:
    questions: list[int] = []

    def handle(question: dns.message.Message, _over: str) -> None:
        questions.append(question.id)

    with dns_server(handle) as port:
        said = ask(port, tries=3, timeout_s=0.05)
    assert isinstance(said, Failure)
    assert said.kind is FailureKind.NAME_TIMEOUT
    assert len(questions) == 3


def test_port_without_a_server_is_refused_at_once() -> None:
    said = ask(closed_tcp_port(), timeout_s=5)
    assert isinstance(said, Failure)
    assert said.kind in (FailureKind.REFUSED, FailureKind.RESET)  # Windows says "reset" for UDP


def test_answer_with_a_wrong_id_is_not_believed_but_the_right_one_after_it_is() -> None:
    def handle(question: dns.message.Message, _over: str) -> list[bytes]:
        right = answer(question, f"{NAME}. 60 IN A 21.1.1.1")
        wrong = struct.pack("!H", question.id ^ 1) + answer(question, f"{NAME}. 60 IN A 6.6.6.6")[2:]
        return [wrong, b"\x00", right]

    with dns_server(handle) as port:
        said = ask(port)
    assert isinstance(said, our_dns.DnsAnswer)
    assert said.values == ("21.1.1.1",)


def test_answer_to_another_question_is_malformed() -> None:
    def handle(question: dns.message.Message, _over: str) -> bytes:
        other = dns.message.make_query("other.example.", "A", id=question.id)
        return answer(other, "other.example. 60 IN A 6.6.6.6")

    with dns_server(handle) as port:
        said = ask(port)
    assert isinstance(said, Failure)
    assert said.kind is FailureKind.MALFORMED


def test_soa_serial_is_read() -> None:
    with dns_server(
        lambda question, _over: answer(question, f"{NAME}. 60 IN SOA ns1.example. admin.example. 2024 1 2 3 4")
    ) as port:
        said = ask(port, "SOA")
    assert isinstance(said, our_dns.DnsAnswer)
    assert said.serial == 2024


@pytest.mark.parametrize("name", ["a..b", "x" * 64 + ".example", ".".join(["a" * 60] * 5)])
def test_impossible_name_is_a_failure(name: str) -> None:
    said = our_dns.query(LOOPBACK, name, "A", timeout_s=0.1, port=9)
    assert isinstance(said, Failure)
    assert said.kind is FailureKind.MALFORMED


@pytest.mark.skipif(sys.platform == "win32", reason="the settings are in the registry there")
@pytest.mark.parametrize(
    ("configured", "behind", "found"),
    [
        ("127.0.0.53", ("192.168.1.1", "fe80::1%eth0"), ("127.0.0.53", "192.168.1.1", "fe80::1%eth0")),
        ("127.0.0.53", ("127.0.0.53", "192.168.1.1"), ("127.0.0.53", "192.168.1.1")),
        ("127.0.0.53", (), ("127.0.0.53",)),
        ("127.0.0.53", None, ("127.0.0.53",)),
        ("192.168.1.1", ("192.168.1.2",), ("192.168.1.1",)),
        ("127.0.0.1", ("192.168.1.2",), ("127.0.0.1",)),
        ("", ("192.168.1.2",), ()),
    ],
)
def test_servers_behind_systemd_resolved_come_after_it(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    configured: str,
    behind: tuple[str, ...] | None,
    found: tuple[str, ...],
) -> None:
    own, real = tmp_path / "resolv.conf", tmp_path / "behind.conf"
    own.write_text(f"nameserver {configured}\n" if configured else "# none\n")
    if behind is not None:
        real.write_text("".join(f"nameserver {server}\n" for server in behind))
    monkeypatch.setattr(our_dns, "_RESOLV_CONF", str(own))
    monkeypatch.setattr(our_dns, "_BEHIND_STUB", str(real))
    assert our_dns.system_resolvers() == found


QUESTION = dns.message.make_query("emr.example.", "A", id=4660)
GOOD = answer(QUESTION, "emr.example. 60 IN CNAME a.example.", 'a.example. 60 IN TXT "\x1b[31m"')


@given(st.binary(max_size=600))
def test_random_bytes_are_never_an_exception(data: bytes) -> None:
    assert isinstance(dns_transport.read_answer(data, QUESTION), Failure | dns.message.Message)


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255), st.integers(0, len(GOOD)))
def test_damaged_answers_are_never_an_exception(at: int, byte: int, length: int) -> None:
    damaged = (GOOD[:at] + bytes([byte]) + GOOD[at + 1 :])[:length]
    assert isinstance(dns_transport.read_answer(damaged, QUESTION), Failure | dns.message.Message)


@given(st.binary(max_size=80), st.integers(0, 0xFFFF), st.integers(0, 3))
def test_damaged_sections_are_never_an_exception_anywhere(tail: bytes, flags: int, count: int) -> None:
    header = struct.pack("!HHHHHH", 4660, flags | 0x8000, 1, count, count, 0)
    data = header + QUESTION.to_wire()[12:] + tail
    message = dns_transport.read_answer(data, QUESTION)
    if not isinstance(message, Failure):
        got = dns_transport.Got(message, 1.0, 0, len(data))
        assert our_dns.read_message("127.0.0.1", QUESTION, got, over_tcp=False).server == "127.0.0.1"


def test_text_of_an_answer_has_no_control_characters() -> None:
    with dns_server(lambda question, _over: answer(question, f'{NAME}. 60 IN TXT "\x1b[31mred"')) as port:
        said = ask(port, "TXT")
    assert isinstance(said, our_dns.DnsAnswer)
    assert all(character.isprintable() for value in said.values for character in value)
