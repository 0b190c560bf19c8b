"""What is said of the EMR's pages, as they come to a computer that uses the EMR."""

from __future__ import annotations

import pytest

from emrnetcheck.checks.page import CHECK
from emrnetcheck.evidence.emr import Redirect
from emrnetcheck.evidence.pages import Pages
from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.profiles import FOREIGN, PageKind
from tests.checks.builders import Row, codes_of, judged, row
from tests.checks.client_builders import bulk, elsewhere, get, limited, pages

UNTRUSTED = Failure(FailureKind.TLS_UNTRUSTED, "TLS handshake", "x:1", "self-signed")
AWAY = Redirect(302, "https", "login.example.net", 443, "/", False)
FOLLOWED = Redirect(302, "https", "emr.example.org", 8443, "/oscar/login", True)

TABLE = [
    row("all well", elsewhere(), "page.ok"),
    row("the server's own time 1000 ms", elsewhere(pages=pages(1040.0)), "page.ok"),
    row("the server's own time 1001 ms", elsewhere(pages=pages(1041.0)), "page.begins_late"),
    row("1001 ms, limit 1100", elsewhere(limited("page", answer_ms=1100), pages=pages(1041.0)), "page.ok"),
    row("three answers of eleven after 9 s", elsewhere(pages=pages(kept=(*(get(9000.0),) * 3, *(get(),) * 3))),
        "page.begins_late"),
    row("three of twelve take 5 s to come", elsewhere(pages=pages(kept=(*(get(60.0, 5000.0),) * 3, *(get(),) * 3))),
        "page.comes_slowly"),
    row("1000 ms for TLS and the first byte, round trips off", elsewhere(pages=pages(fresh=(get(tls_ms=1060.0),) * 6)),
        "page.ok"),
    row("1001 ms for the two together", elsewhere(pages=pages(fresh=(get(tls_ms=1061.0),) * 6)), "page.begins_late"),
    row("the first alone agrees on TLS late", elsewhere(pages=pages(fresh=(get(tls_ms=9000.0), *(get(),) * 5))),
        "page.ok"),
    row("TLS takes 2.5 s, by connections as slow", elsewhere(pages=pages(
        fresh=(get(tls_ms=2500.0, connect_ms=1300.0),) * 6)), "page.ok"),
    row("sent on after 4 s, twice", elsewhere(pages=pages(redirects=(FOLLOWED,), sent_on=(get(4000.0),) * 2)),
        "page.begins_late"),
    row("sent on after 4 s, once", elsewhere(pages=pages(redirects=(FOLLOWED,), sent_on=(get(4000.0), get()))),
        "page.ok"),
    row("one of two that send on takes 4 s", elsewhere(pages=pages(sent_on=(get(), get(4000.0)) * 2)),
        "page.begins_late"),
    row("nothing comes", elsewhere(pages=pages(None)), "page.none"),
    row("no page comes to its end", elsewhere(pages=pages(fresh=(get(total_ms=None),), kept=(), bulk=None)),
        "page.none"),
    row("500", elsewhere(pages=pages(status=500)), "page.error"),
    row("404", elsewhere(pages=pages(status=404)), "page.refused"),
    row("a database's error on a page of status 200", elsewhere(pages=pages(kind=PageKind.ERROR_PAGE)), "page.error"),
    *(row(f"a page that is a {kind.value}", elsewhere(pages=pages(kind=kind)), "page.other") for kind in FOREIGN),
    row("4.0 s for what belongs to it", elsewhere(pages=pages(bulk=bulk(4.0))), "page.ok"),
    row("4.1 s for what belongs to it", elsewhere(pages=pages(bulk=bulk(4.1))), "page.comes_slowly"),
    row("4.1 s, limit 5", elsewhere(limited("page", page_s=5), pages=pages(bulk=bulk(4.1))), "page.ok"),
    row("4.1 s at 2.0 Mbps", elsewhere(pages=pages(bulk=bulk(4.1, 1_025_000))), "page.ok"),
    row("4.1 s at 1.9 Mbps", elsewhere(pages=pages(bulk=bulk(4.1, 1_020_000))), "page.comes_slowly"),
    row("4.1 s for little", elsewhere(pages=pages(bulk=bulk(4.1, 100))), "page.comes_slowly"),
    row("4.1 s for the page itself", elsewhere(pages=pages(60.0, 4100.0)), "page.comes_slowly"),
    row("late and slow", elsewhere(pages=pages(1041.0, bulk=bulk(4.1))), "page.begins_late", "page.comes_slowly"),
    row("a certificate that is not trusted", elsewhere(pages=pages(trusted=False, trust_failure=UNTRUSTED)),
        "page.ok", "page.untrusted"),
    row("nobody could tell whether it is trusted", elsewhere(pages=pages(trusted=None)), "page.ok"),
    row("without encryption", elsewhere(pages=pages(scheme="http", trusted=None)), "page.ok", "page.unencrypted"),
    row("sent on within", elsewhere(pages=pages(redirects=(FOLLOWED,))), "page.ok"),
    row("sent on elsewhere", elsewhere(pages=pages(status=302, redirects=(AWAY,))), "page.ok", "page.sent_on"),
]  # fmt: skip


@pytest.mark.parametrize("given", TABLE, ids=lambda given: given.what)
def test_the_evidence_gives_exactly_these_codes(given: Row) -> None:
    assert codes_of(CHECK, given.case) == given.codes


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (pages(2540.0), "takes 2.5 s before it begins to answer"),
        (pages(fresh=(get(tls_ms=2580.0),) * 6), "takes 2.5 s before the encryption is agreed on (TLS)"),
        (
            pages(sent_on=(get(4040.0, tls_ms=None),) * 2),
            "takes 4.0 s before the address that was given sends on to the page",
        ),
        (pages(kept=(*(get(9040.0),) * 3, *(get(),) * 3)), "at times takes 9.0 s before it begins to answer"),
    ],
)
def test_it_is_said_what_comes_late(given: Pages, said: str) -> None:
    (found,) = judged(CHECK, elsewhere(pages=given))
    assert said in CHECK.codes[found.code].summary.format(**found.facts)


def test_how_slowly_is_said() -> None:
    (found,) = judged(CHECK, elsewhere(pages=pages(bulk=bulk(6.0, 600_000))))
    assert found.facts["what"] == "600 kB in 6.0 s (0.8 Mbps)"
