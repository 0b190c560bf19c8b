"""Does a responder's word count only if it is one, and does its token go to nobody but it?"""

from __future__ import annotations

import hashlib
import ssl
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.evidence.port import HowShut, OutsideTry
from emrnetcheck.model import FailureKind, Site
from emrnetcheck.probes import outside
from emrnetcheck.probes.outside import responder
from tests.lab.internet.certificates import Authority
from tests.probes.contexts import TableLookup, context
from tests.probes.services import Answer, json_service
from tests.servers import LOOPBACK

CLINIC = "45.76.10.20"
TOKEN = "s3cr3t-token"
SAID = {"address": CLINIC, "port": 8443, "state": "open", "dial_ms": 12.3, "fingerprint_sha256": None}


def ask(service: str, site: Site | None = None, *, certificate: bool = False, **table: str) -> OutsideTry:
    site = site or Site(outside_consent=True)
    ctx = context(lookup=TableLookup(table))
    ends_s = time.monotonic() + 5
    return outside.ask(service, 8443, site, ctx, address=CLINIC, ends_s=ends_s, certificate=certificate)


def kind_of(tried: OutsideTry) -> FailureKind | None:
    return tried.failure.kind if tried.failure is not None else None


@pytest.mark.parametrize(
    ("state", "reachable", "how_shut"),
    [("open", True, None), ("refused", False, HowShut.REFUSED), ("timeout", False, HowShut.SILENT)],
)
def test_it_tells_refused_from_silent(state: str, reachable: bool, how_shut: HowShut | None) -> None:
    with json_service(lambda *_: (200, {}, SAID | {"state": state})) as port:
        tried = ask(f"responder+http://{LOOPBACK}:{port}")
    assert (tried.address, tried.reachable, tried.how_shut, tried.failure) == (CLINIC, reachable, how_shut, None)


def test_the_certificate_is_asked_for_only_where_it_is_wanted() -> None:
    asked: list[str] = []

    def handle(method: str, path: str, headers: Mapping[str, str], body: Any) -> Answer:
        asked.append(path)
        return 200, {}, SAID | {"fingerprint_sha256": "cd" * 32 if "certificate" in path else None}

    with json_service(handle) as port:
        service = f"responder+http://{LOOPBACK}:{port}"
        with_one = ask(service, certificate=True)
        without = ask(service)
    assert asked == ["/port/8443?certificate=1", "/port/8443"]
    assert with_one.certificate is not None
    assert with_one.certificate.fingerprint_sha256 == "cd" * 32
    assert without.certificate is None


@pytest.mark.parametrize(
    ("over", "kind"),
    [
        ({}, None),
        ({"speaks_tls": False}, FailureKind.NOT_TLS),
        ({"speaks_tls": None}, None),
        ({"speaks_tls": 0}, None),
        ({"speaks_tls": True}, None),
        ({"speaks_tls": False, "state": "refused"}, None),
        ({"speaks_tls": False, "fingerprint_sha256": "cd" * 32}, None),
    ],
)
def test_it_tells_that_no_tls_is_spoken(over: dict[str, object], kind: FailureKind | None) -> None:
    with json_service(lambda *_: (200, {}, SAID | over)) as port:
        tried = ask(f"responder+http://{LOOPBACK}:{port}", certificate=True)
    assert (tried.certificate_failure and tried.certificate_failure.kind) is kind


@pytest.mark.parametrize(
    "over",
    [
        {"port": 443},
        {"port": True},
        {"state": "shut"},
        {"state": []},
        {"address": "nowhere"},
        {"address": None},
        {"fingerprint_sha256": "CD" * 32},
        {"fingerprint_sha256": 7},
        {"dial_ms": -1},
        {"dial_ms": "12"},
        {"dial_ms": float("nan")},
    ],
)
def test_an_answer_about_something_else_does_not_count(over: dict[str, object]) -> None:
    assert kind_of(responder.read("responder+http://x", SAID | over, 8443)) is FailureKind.MALFORMED


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (400, FailureKind.HTTP_STATUS, "400: no"),
        (401, FailureKind.HTTP_STATUS, "401: no"),
        (403, FailureKind.HTTP_STATUS, "403: no"),
        (429, FailureKind.RATE_LIMITED, "try again in 10 s"),
    ],
)
def test_a_refusal_says_why(status: int, kind: FailureKind, words: str) -> None:
    with json_service(lambda *_: (status, {"Retry-After": "10"}, {"error": "no"})) as port:
        tried = ask(f"responder+http://{LOOPBACK}:{port}")
    assert kind_of(tried) is kind
    assert tried.failure is not None
    assert words in tried.failure.in_words()


def fingerprint(certificate: Path) -> str:
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate.read_text())).hexdigest()


def test_the_token_goes_over_tls_only_and_into_no_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESPONDER_TOKEN", TOKEN)
    site = Site(outside_consent=True, responder_token="env:RESPONDER_TOKEN")
    got: list[str | None] = []

    def handle(method: str, path: str, headers: Mapping[str, str], body: Any) -> Answer:
        got.append(headers.get("authorization"))
        return 401, {}, {"error": "who are you"}

    files = Authority.create(tmp_path).issue(["responder.example.org"], tmp_path)
    with json_service(handle, tls=files) as port:
        pinned = ask(f"responder+https://{LOOPBACK}:{port}#sha256={fingerprint(files[0])}", site)
    with json_service(handle) as port:
        plain = ask(f"responder+http://{LOOPBACK}:{port}", site)
    assert got == [f"Bearer {TOKEN}", None]
    assert TOKEN not in repr((pinned, plain, site))


def test_the_token_goes_to_no_other_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESPONDER_TOKEN", TOKEN)
    got: list[Mapping[str, str]] = []

    def handle(method: str, path: str, headers: Mapping[str, str], body: Any) -> Answer:
        got.append(headers)
        return 500, {}, {}

    site = Site(outside_consent=True, responder_token="env:RESPONDER_TOKEN")
    with json_service(handle) as port:
        ask(f"echoip+http://{LOOPBACK}:{port}", site)
        ask(f"globalping+http://{LOOPBACK}:{port}", site)
    assert len(got) == 2
    assert all("authorization" not in headers for headers in got)


def test_a_token_that_cannot_be_read_is_a_failure_and_nothing_is_sent() -> None:
    site = Site(outside_consent=True, responder_token="env:NOT_SET_ANYWHERE")
    ctx = context(lookup=TableLookup({"x.example.org": LOOPBACK}))
    tried = outside.ask("responder+https://x.example.org", 1, site, ctx, address=None, ends_s=time.monotonic() + 5)
    assert kind_of(tried) is FailureKind.NOT_CONFIGURED
    assert ctx.ledger.third_parties == []


def test_a_self_made_certificate_is_believed_only_if_it_is_the_pinned_one(tmp_path: Path) -> None:
    files = Authority.create(tmp_path).issue(["responder.example.org"], tmp_path)
    with json_service(lambda *_: (200, {}, SAID), tls=files) as port:
        right = ask(f"responder+https://{LOOPBACK}:{port}#sha256={fingerprint(files[0]).upper()}")
        wrong = ask(f"responder+https://{LOOPBACK}:{port}#sha256={'ab' * 32}")
        unpinned = ask(f"responder+https://{LOOPBACK}:{port}")
    assert right.reachable is True
    assert [kind_of(each) for each in (wrong, unpinned)] == [FailureKind.TLS_UNTRUSTED, FailureKind.TLS_UNTRUSTED]
    assert wrong.failure is not None
    assert "not the one in the settings" in wrong.failure.in_words()


@given(
    st.dictionaries(
        st.sampled_from(sorted(SAID)),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats()
            | st.text()
            | st.sampled_from([CLINIC, "open", 8443]),
            st.lists,
        ),
    )
)
def test_any_object_is_an_answer_or_a_failure(said: dict[str, Any]) -> None:
    tried = responder.read("responder+http://x", said, 8443)
    assert (tried.reachable is None) == (tried.failure is not None)
