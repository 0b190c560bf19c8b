"""What the responder answers, and above all what it does not do."""

from __future__ import annotations

import hashlib
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from emrnetcheck import __version__
from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.dial_back import Dialled, DialState
from emrnetcheck.responder.app import Rules, Service
from emrnetcheck.responder.limits import DEFAULT_PORTS, MIB, Limits, Rate
from emrnetcheck.responder.peers import is_global
from tests.responder.serving import HERE, Served, rules, serving

SECRET = "a-token-of-forty-characters-or-so-1234567"


class Dialler:
    """Notes whom it was told to dial, and finds what it is told to find."""

    def __init__(self, found: Dialled | Failure | None = None) -> None:
        self.found = found or Dialled(DialState.OPEN, 12.34)
        self.dialled: list[tuple[str, int, bool]] = []

    async def __call__(self, address: str, port: int, *, timeout_s: float, certificate: bool) -> Dialled | Failure:
        assert timeout_s == 3.0
        self.dialled.append((address, port, certificate))
        return self.found


@pytest.fixture(scope="module")
def plain() -> Iterator[Served]:
    """One for all tests that leave no trace in its limits."""
    with serving(
        rules(limits=replace(Limits(), dials_address=Rate(10_000, 1), dials_prefix=Rate(10_000, 1)))
    ) as served:
        yield served


def test_who_am_i(plain: Served) -> None:
    answer = plain.ask("/ip", source="127.0.0.5")
    assert (answer.status, answer.told) == (200, {"ip": "127.0.0.5"})
    assert answer.headers["cache-control"] == "no-store"
    assert "server" not in answer.headers


def test_health_tells_nothing_of_others(plain: Served) -> None:
    assert plain.ask("/health").told == {"status": "ok", "version": __version__}


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "8.8.8.8"},
        {"Forwarded": "for=8.8.8.8"},
        {"X-Real-IP": "8.8.8.8"},
        {"X-Client-IP": "8.8.8.8", "CF-Connecting-IP": "8.8.8.8", "True-Client-IP": "8.8.8.8"},
        {"Host": "8.8.8.8"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_no_header_says_who_somebody_is(headers: dict[str, str]) -> None:
    dialler = Dialler()
    chosen = rules()
    with serving(chosen, service=Service(chosen, dialler)) as served:
        assert served.ask("/ip", headers=headers).told == {"ip": HERE}
        assert served.ask("/port/8443", headers=headers).told["address"] == HERE
    assert dialler.dialled == [(HERE, 8443, False)]


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (Dialled(DialState.OPEN, 12.34), ("open", 12.3, None, None)),
        (Dialled(DialState.REFUSED, 1.0), ("refused", 1.0, None, None)),
        (Dialled(DialState.TIMEOUT, 3000.0), ("timeout", 3000.0, None, None)),
        (Dialled(DialState.OPEN, 1.0, "ab" * 32, True), ("open", 1.0, "ab" * 32, True)),
        (Dialled(DialState.OPEN, 1.0, None, False), ("open", 1.0, None, False)),
    ],
)
def test_what_a_dial_found(found: Dialled, told: tuple[str, float, str | None, bool | None]) -> None:
    dialler, chosen = Dialler(found), rules()
    with serving(chosen, service=Service(chosen, dialler)) as served:
        answer = served.ask("/port/443?certificate=1")
    state, dial_ms, print_sha256, speaks_tls = told
    assert answer.status == 200
    assert answer.told == {
        "address": HERE,
        "port": 443,
        "state": state,
        "dial_ms": dial_ms,
        "fingerprint_sha256": print_sha256,
        "speaks_tls": speaks_tls,
    }
    assert dialler.dialled == [(HERE, 443, True)]


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/port/25", 403),
        ("/port/1", 403),
        ("/port/65535", 403),
        ("/port/0", 400),
        ("/port/65536", 400),
        ("/port/8443x", 400),
        ("/port/-1", 400),
        ("/port/%20443", 400),
        ("/port/%D9%A4%D9%A4%D9%A3", 400),
        ("/port/" + "9" * 400, 400),
        ("/port/8443?host=8.8.8.8", 400),
        ("/port/8443?ip=8.8.8.8&certificate=1", 400),
        ("/port/8443?certificate=2", 400),
        ("/port/8443?certificate=1&certificate=1", 400),
        ("/port/8443/8.8.8.8", 404),
        ("/port/", 404),
        ("/", 404),
        ("/ip/", 404),
        ("/port/8443?" + "x" * 600, 414),
        ("http://8.8.8.8/ip", 404),
    ],
)
def test_what_is_asked_wrongly_dials_nobody(target: str, status: int) -> None:
    dialler, chosen = Dialler(), rules()
    with serving(chosen, service=Service(chosen, dialler)) as served:
        answer = served.ask(target)
    assert (answer.status, dialler.dialled) == (status, [])
    assert set(answer.told) == {"error"}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "CONNECT"])
def test_other_methods(plain: Served, method: str) -> None:
    answer = plain.ask("/ip", method)
    assert answer.status in (404, 405)
    assert set(answer.told) == {"error"}


def test_it_is_no_proxy(plain: Served) -> None:
    with closing(plain.plug()) as plug:
        plug.sendall(b"CONNECT 8.8.8.8:443 HTTP/1.1\r\nHost: 8.8.8.8:443\r\n\r\n")
        assert plug.recv(12) in (b"HTTP/1.1 404", b"HTTP/1.1 405", b"HTTP/1.1 400")


@pytest.mark.parametrize(
    "peer",
    [
        "10.0.0.1",
        "::ffff:10.0.0.1",
        "127.0.0.1",
        "100.64.0.1",
        "64:ff9b::a00:1",
        "fd00::1",
        "192.0.2.1",
        "169.254.169.254",
    ],
)
def test_the_rule_that_is_in_force_refuses_who_is_not_global(peer: str) -> None:
    assert Rules().may_dial is is_global
    assert not Rules().may_dial(peer)


def test_a_peer_that_is_not_global_is_told_so() -> None:
    dialler = Dialler()
    with serving(Rules(), service=Service(Rules(), dialler)) as served:
        answer = served.ask("/port/8443", headers={"X-Forwarded-For": "8.8.8.8"})
    assert (answer.status, dialler.dialled) == (403, [])
    assert "public" in answer.told["error"]


def test_too_many_dials_are_told_when_to_come_again() -> None:
    dialler, chosen = Dialler(), rules()
    with serving(chosen, service=Service(chosen, dialler, lambda: 0.0)) as served:
        answers = [served.ask("/port/8443") for _ in range(98)]
        elsewhere = served.ask("/port/8443", source="127.1.0.1")
    assert [answer.status for answer in answers] == [200] * 96 + [429] * 2
    assert answers[-1].headers["retry-after"] == "15"
    assert len(dialler.dialled) == 97
    assert elsewhere.status == 200


def test_a_prefix_shares_its_dials() -> None:
    dialler, chosen = Dialler(), rules()
    with serving(chosen, service=Service(chosen, dialler, lambda: 0.0)) as served:
        statuses = [served.ask("/port/8443", source=f"127.0.0.{n % 5 + 1}").status for n in range(200)]
    assert statuses.count(200) == 192
    assert len(dialler.dialled) == 192


def test_what_could_not_be_tried_is_no_answer_about_the_port() -> None:
    chosen = rules()
    lacking = Dialler(Failure(FailureKind.LOCAL_RESOURCE, "connect"))
    with serving(chosen, service=Service(chosen, lacking)) as served:
        assert served.ask("/port/8443").status == 503


@pytest.mark.parametrize("target", ["/port/8443", "/empty", "/garbage", "/backend/empty.php", "/backend/garbage.php"])
@pytest.mark.parametrize(
    "given", [None, "", "Bearer ", "Bearer wrong", f"Bearer {SECRET}x", f"Basic {SECRET}", "Bearer \xe9"]
)
def test_without_the_token_nothing_is_done(target: str, given: str | None, token_only: Served) -> None:
    answer = token_only.ask(target, headers={} if given is None else {"Authorization": given})
    assert answer.status == 401
    assert SECRET not in repr(answer)
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.fixture(scope="module")
def token_only() -> Iterator[Served]:
    chosen = rules(token=SECRET)
    with serving(chosen, service=Service(chosen, Dialler())) as served:
        yield served


@pytest.mark.parametrize("target", ["/port/8443", "/empty", "/garbage?ckSize=1"])
def test_with_the_token(target: str, token_only: Served) -> None:
    assert token_only.ask(target, headers={"Authorization": f"Bearer {SECRET}"}).status == 200
    assert token_only.ask("/ip").status == 200
    assert SECRET not in repr(Rules(token=SECRET))
    assert not [line for line in token_only.lines if SECRET in line]


def test_a_real_dial_back(tmp_path: Path) -> None:
    with socket.create_server((HERE, 0)) as listener, socket.create_server((HERE, 0)) as gone:
        there, shut = listener.getsockname()[1], gone.getsockname()[1]
        gone.close()
        chosen = rules(ports=frozenset({there, shut}))
        with serving(chosen, certificates=tmp_path) as served:
            open_, refused = served.ask(f"/port/{there}").told, served.ask(f"/port/{shut}").told
            listener.settimeout(20)
            with listener.accept()[0] as came:
                assert came.recv(1) == b""  # nothing was said
    assert (open_["state"], refused["state"]) == ("open", "refused")


def test_a_real_certificate(tmp_path: Path) -> None:
    with serving(rules(), certificates=tmp_path) as other:
        chosen = rules(ports=frozenset({other.port}))
        with serving(chosen) as served:
            told = served.ask(f"/port/{other.port}?certificate=1").told
            silent = served.ask(f"/port/{other.port}").told
    pem = (tmp_path / "127.0.0.1.pem").read_text()
    assert told["fingerprint_sha256"] == hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
    assert silent["fingerprint_sha256"] is None


def test_the_list_has_what_a_clinic_asks_for() -> None:
    assert {443, 8443, 3306, 8080, 8009, 3389} <= DEFAULT_PORTS
    assert 25 not in DEFAULT_PORTS


# Transfers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["/empty", "/empty.php", "/backend/empty", "/backend/empty.php"])
def test_an_upload_is_taken(plain: Served, place: str) -> None:
    answer = plain.ask(f"{place}?r=1", "POST", body=b"x" * 300_000)
    assert (answer.status, answer.body) == (200, b"")


@pytest.mark.parametrize("place", ["/garbage", "/garbage.php", "/backend/garbage", "/backend/garbage.php"])
def test_a_download_is_given(plain: Served, place: str) -> None:
    answer = plain.ask(f"{place}?ckSize=2&r=1")
    assert (answer.status, len(answer.body)) == (200, 2 * MIB)
    assert answer.headers["content-length"] == str(2 * MIB)


@pytest.mark.parametrize("asked", ["0", "-1", "x", "1.5", "9" * 30])
def test_a_size_that_is_none(plain: Served, asked: str) -> None:
    assert plain.ask(f"/garbage?ckSize={asked}").status == 400


def test_nobody_gets_more_than_his_hour() -> None:
    chosen = rules(limits=replace(Limits(), transfer_bytes_site_hour=5 * MIB, transfer_bytes_hour=9 * MIB))
    with serving(chosen) as served:
        statuses = [served.ask("/garbage?ckSize=2").status for _ in range(3)]
        upload = served.ask("/empty", "POST", headers={"Content-Length": str(2 * MIB)})
        other = [served.ask("/garbage?ckSize=2", source="127.1.0.1").status for _ in range(3)]
        third = served.ask("/garbage?ckSize=2", source="127.2.0.1")
    assert statuses == [200, 200, 429]
    assert upload.status == 429
    assert 60 < int(upload.headers["retry-after"]) < 3600  # the time for so much, not a whole hour
    assert other == [200, 200, 429]
    assert third.status == 429  # the server's own hour


def test_one_request_has_its_end_too() -> None:
    chosen = rules(limits=replace(Limits(), transfer_bytes=1 * MIB))
    with serving(chosen) as served:
        assert served.ask("/empty", "POST", body=b"x" * (1 * MIB)).status == 200
        assert served.ask("/empty", "POST", headers={"Content-Length": str(2 * MIB)}).status == 413
        assert served.ask("/empty", "POST", headers={"Content-Length": "9" * 15}).status == 413
        assert len(served.ask("/garbage?ckSize=999").body) == 1 * MIB


def test_the_log_tells_who_asked_what_and_not_how() -> None:
    with serving(rules()) as served:
        served.ask("/port/25?certificate=1&secret=x")
        served.ask("/%1b%5b31m%0aforged", headers={"Authorization": "Bearer hidden"})
    requests = [line.split(" ", 1)[1] for line in served.lines]
    assert requests[0] == "127.0.0.1 GET /port/25 400"
    assert requests[1].startswith("127.0.0.1 GET /")
    assert not [line for line in served.lines if "\x1b" in line or "\n" in line or "hidden" in line or "secret" in line]
