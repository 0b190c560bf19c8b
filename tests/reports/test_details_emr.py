"""Does the IT helper see the EMR's page: what it was, the way there, and the time of each try?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from emrnetcheck.evidence.bulk import Asset, Bulk
from emrnetcheck.evidence.emr import Emr
from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.reports import terminal
from tests.checks.builders import HEALTHY, emr, page_get, sent_on
from tests.reports.samples import READY

REFUSED = Failure(FailureKind.REFUSED, "connect", "192.168.1.10:8443")


def shown(emr_: Emr) -> str:
    return terminal.render(replace(READY, evidence=replace(HEALTHY, emr=emr_)), width=250, colour=False, verbose=True)


@pytest.mark.parametrize(
    ("emr_", "line"),
    [
        (
            emr(server="Apache-Coyote/1.1"),
            'https://emr.example.org:8443/oscar/ at 192.168.1.10: 200, titled "OSCAR Login", looks like oscar, asks',
        ),
        (emr(server="Apache-Coyote/1.1"), "asks for a password, 4200 bytes, server Apache-Coyote/1.1"),
        (emr(), "emr: try 1: connected 0.4 ms, TLS 3.0 ms, first byte 90.0 ms, end 95.0 ms"),
        (emr(title="", whole=False, asks_password=False), "200, no title, looks like oscar, no password asked for"),
        (
            emr(redirects=(sent_on(followed=False),)),
            "sent on (302) to https://emr.example.org:8443/login, not followed",
        ),
        (
            emr(redirects=(sent_on(),), sent_on=(page_get(6000.0), page_get())),
            "emr: sent on: connected 0.4 ms, TLS 3.0 ms, first byte 6000.0 ms, end 6005.0 ms",
        ),
        (emr(redirects=(sent_on("", 0, followed=False),)), "sent on (302) to /login, not followed"),
        (
            emr(scheme="http", tls_failure=Failure(FailureKind.TLS_PROTOCOL, "TLS handshake")),
            "asked by plain HTTP, since TLS failed: TLS could not be agreed on (TLS handshake)",
        ),
        (
            emr(None, failure=REFUSED, gets=(replace(page_get(None), failure=REFUSED),), waited_s=0.1),
            "at 192.168.1.10: no page in 0.1 s (refused: nothing listens there (connect 192.168.1.10:8443))",
        ),
        (emr(None, gets=(replace(page_get(None), failure=None),)), "try 1: nothing"),
        (
            emr(assets_named=9, bulk=Bulk((Asset("/a.css", 200, 595_504, None),), 4, 5.0, 595_504, True, None)),
            "emr: 1 of 9 parts: 596 kB in 5.0 s on 4 connections, not all of it",
        ),
    ],
)
def test_the_page_is_shown(emr_: Emr, line: str) -> None:
    assert line in shown(emr_)
