"""What is said of the EMR's log-in page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emrnetcheck.checks.emr import CHECK
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.bulk import Asset, Bulk
from emrnetcheck.evidence.emr import Emr
from emrnetcheck.evidence.lan import LanTarget
from emrnetcheck.evidence.series import Series
from emrnetcheck.model import Access, Failure, FailureKind, Site
from emrnetcheck.profiles import PageKind
from tests.checks.builders import (
    LINK,
    NAME,
    PEER,
    SERVER,
    SITE,
    Row,
    case,
    codes_of,
    emr,
    judged,
    lan,
    limits,
    page_get,
    row,
    sent_on,
    series,
    target,
    upload,
)

VPN = replace(SITE, access=Access.VPN)
LAN_ONLY = replace(SITE, access=Access.LAN_ONLY)
TUNNEL = replace(SITE, access=Access.TUNNEL)
CUSTOM = replace(SITE, profile="custom")
OPENEMR = replace(SITE, profile="openemr")
UNENCRYPTED = "emr.redirects_unencrypted"
PLAIN_OTHER_PORT = sent_on(NAME, 8080, followed=False, scheme="http")
WANTED = "emr.certificate_wanted"
OTHER = PageKind.OTHER
SILENT = Failure(FailureKind.TIMEOUT, "GET")
TOO_LARGE = Failure(FailureKind.TOO_LARGE, "HTTP", detail="more than 2000000 bytes")


def seen(emr_: Emr, site: Site = SITE, size: int | None = None) -> Case:
    return case(site, emr=emr_ if size is None else replace(emr_, body_bytes=size))


def failing(kind: FailureKind) -> Emr:
    return emr(None, failure=Failure(kind, "GET", f"{SERVER}:8443"), gets=(page_get(None),))


def parts(seconds: float, body_bytes: int, loaded: Series | None = None) -> Emr:
    """What belongs to the page took so long."""
    asset = Asset("/oscar/style.css", 200, body_bytes, seconds * 1000.0)
    return emr(assets_named=5, bulk=Bulk((asset,), 1, seconds, body_bytes, False, loaded))


ELSEWHERE = replace(LINK, address="192.168.1.20")
SLOW_WAY = series(SERVER, 400.0, 40)
LOSSY_WAY = series(SERVER, 1.0, 40, 8)
QUICK_WAY = series(SERVER, 1.0, 40)
SILENT_WAY = series(SERVER, None, 40)
PARTS, PARTS_NETWORK = "emr.slow_parts", "emr.slow_parts_network"


def office(other: LanTarget, lost: int = 0) -> Case:
    """From another computer of the office, with how its network is."""
    return case(link=ELSEWHERE, lan=lan(target(lost=lost), other), emr=parts(5.0, 100_000, QUICK_WAY))


def timed(*first_bytes_ms: float | None, connect_ms: float = 0.0) -> Emr:
    """Of the server's time all is until the first byte."""
    gets = (page_get(each, connect_ms) for each in first_bytes_ms)
    return emr(gets=tuple(replace(get, tls_ms=0.0, total_ms=get.first_byte_ms) for get in gets))


def taking(tls_ms: float, first_ms: float, rest_ms: float, body_bytes: int = 0) -> Emr:
    get = replace(page_get(first_ms, 0.0), tls_ms=tls_ms, total_ms=first_ms + rest_ms)
    return emr(gets=(get, get), body_bytes=body_bytes or 1)


def through(*firsts_ms: float | None, page_ms: float = 20.0, count: int = 1) -> Emr:
    """So many addresses send on to the page; until each does, and then once more each."""
    gets = tuple(page_get(each, 10.0) for each in firsts_ms)
    return replace(timed(page_ms, page_ms, connect_ms=10.0), redirects=(sent_on(),) * count, sent_on=gets)


def looking(kind: PageKind, status: int = 200, title: str = "Something") -> Emr:
    return emr(status, kind=kind, title=title)


def to(*redirects: object, **changes: object) -> Emr:
    return emr(302, redirects=redirects, kind=PageKind.OTHER, **changes)


def over_line(body_bytes: int, goodput_mbps: float | None = 4.0, site: Site = SITE, **line: object) -> Case:
    return case(site, emr=emr(body_bytes=body_bytes), upload=upload(goodput_mbps, idle_rtt_ms=0.0, **line))


TABLE = [
    row("all well", seen(emr()), "emr.ok"),
    row("after a redirect to the log-in", seen(emr(redirects=(sent_on(), sent_on()))), "emr.ok"),
    row("TLS failed, plain HTTP", seen(emr(scheme="http")), "emr.ok"),
    row("silent", seen(failing(FailureKind.TIMEOUT)), "emr.not_answering"),
    row("refused", seen(failing(FailureKind.REFUSED)), "emr.not_answering"),
    row("cut", seen(failing(FailureKind.RESET)), "emr.not_answering"),
    row("no HTTP", seen(failing(FailureKind.MALFORMED)), "emr.not_answering"),
    row("no TLS that we have", seen(failing(FailureKind.TLS_PROTOCOL)), "emr.not_answering"),
    row("this computer ran short", seen(failing(FailureKind.LOCAL_RESOURCE)), "emr.unmeasured"),
    row("500", seen(looking(PageKind.OTHER, 500)), "emr.error"),
    row("418", seen(looking(PageKind.OTHER, 418)), "emr.error"),
    row("a redirect to nowhere", seen(emr(302)), "emr.error"),
    row("503", seen(looking(PageKind.OTHER, 503)), "emr.starting"),
    row("502", seen(looking(PageKind.OTHER, 502)), "emr.behind_proxy_down"),
    row("504", seen(looking(PageKind.OTHER, 504)), "emr.behind_proxy_down"),
    row("404", seen(looking(PageKind.OTHER, 404)), "emr.not_found"),
    row("410", seen(looking(PageKind.OTHER, 410)), "emr.not_found"),
    row("404, custom", seen(looking(PageKind.OTHER, 404), CUSTOM), "emr.not_found"),
    row("401", seen(looking(PageKind.OTHER, 401)), "emr.guarded"),
    row("403", seen(looking(PageKind.OTHER, 403)), "emr.guarded"),
    row("429", seen(looking(PageKind.OTHER, 429)), "emr.guarded"),
    row("401, by HTTP", seen(emr(401, asks_by_http=True)), "emr.guarded"),
    row("401 by HTTP, custom", seen(emr(401, asks_by_http=True), CUSTOM), "emr.guarded_by_password"),
    row("401, custom", seen(looking(PageKind.OTHER, 401), CUSTOM), "emr.guarded"),
    row("403, custom", seen(looking(PageKind.OTHER, 403), CUSTOM), "emr.guarded"),
    row("429, custom", seen(looking(PageKind.OTHER, 429), CUSTOM), "emr.guarded"),
    row("no certificate", seen(looking(PageKind.OTHER, 400, "400 No required SSL certificate")), WANTED),
    row("no certificate, by TLS", seen(failing(FailureKind.TLS_CERTIFICATE_WANTED)), WANTED),
    row("400", seen(looking(PageKind.OTHER, 400, "400 Bad Request")), "emr.error"),
    row("a router's page", seen(looking(PageKind.ROUTER)), "emr.something_else"),
    row("a router that wants a password", seen(looking(PageKind.ROUTER, 401)), "emr.something_else"),
    row("a router's page, custom", seen(looking(PageKind.ROUTER), CUSTOM), "emr.unknown_page"),
    row("a storage device", seen(looking(PageKind.STORAGE)), "emr.something_else"),
    row("a list of files", seen(looking(PageKind.FILE_LIST)), "emr.something_else"),
    row("an error with status 200", seen(looking(PageKind.ERROR_PAGE)), "emr.error"),
    row("an error with status 200, custom", seen(looking(PageKind.ERROR_PAGE), CUSTOM), "emr.error"),
    row("no content", seen(looking(PageKind.OTHER, 204), size=0), "emr.empty"),
    row("an empty page", seen(looking(PageKind.OTHER), size=0), "emr.empty"),
    row("an empty page, custom", seen(looking(PageKind.OTHER), CUSTOM, size=0), "emr.empty"),
    row("a default page", seen(looking(PageKind.DEFAULT_PAGE)), "emr.something_else"),
    row("a page without a title", seen(looking(PageKind.OTHER, title="")), "emr.unknown_page"),
    row("another page", seen(looking(PageKind.OTHER)), "emr.unknown_page"),
    row("another EMR", seen(looking(PageKind.OPENEMR)), "emr.unknown_page"),
    row("OpenEMR", seen(looking(PageKind.OPENEMR), OPENEMR), "emr.ok"),
    row("any page will do", seen(looking(PageKind.OTHER), CUSTOM), "emr.ok"),
    row("no content, custom", seen(looking(PageKind.OTHER, 204), CUSTOM, size=0), "emr.empty"),
    row("elsewhere", seen(to(sent_on("sso.example.net", 443, followed=False))), "emr.redirects_elsewhere"),
    row("elsewhere, later", seen(to(sent_on(), sent_on("sso.net", 443, followed=False))), "emr.redirects_elsewhere"),
    row("to something senseless", seen(to(sent_on("", 0, followed=False))), "emr.redirects_elsewhere"),
    row("another port", seen(to(sent_on(NAME, 443, followed=False))), "emr.redirects_port"),
    row("another port by address", seen(to(sent_on(SERVER, 8080, followed=False), host=SERVER)), "emr.redirects_port"),
    row("another port, VPN", seen(to(sent_on(NAME, 443, followed=False)), VPN), "emr.redirects_port_office"),
    row("another port, tunnel", seen(to(sent_on(NAME, 443, followed=False)), TUNNEL), "emr.redirects_port_office"),
    row("plain HTTP there", seen(to(sent_on(NAME, 8443, followed=False, scheme="http"))), UNENCRYPTED),
    row("plain HTTP, usual port", seen(to(sent_on(NAME, 80, followed=False, scheme="http"))), UNENCRYPTED),
    row("plain HTTP elsewhere", seen(to(sent_on("sso.net", 80, followed=False, scheme="http"))), UNENCRYPTED),
    row(
        "plain HTTP there, VPN",
        seen(to(sent_on(NAME, 80, followed=False, scheme="http")), VPN),
        "emr.redirects_unencrypted_office",
    ),
    row("plain HTTP from plain HTTP", seen(to(PLAIN_OTHER_PORT, scheme="http")), "emr.redirects_port"),
    row("elsewhere, custom", seen(to(sent_on("sso.net", 443, followed=False)), CUSTOM), "emr.redirects_to_login"),
    row("below its own name", seen(to(sent_on(f"sso.{NAME}", 443, followed=False))), "emr.redirects_to_login"),
    row("senseless, custom", seen(to(sent_on("", 0, followed=False)), CUSTOM), "emr.redirects_elsewhere"),
    row("beside its own name", seen(to(sent_on("sso.example.org", followed=False))), "emr.redirects_elsewhere"),
    row("an inside address, tunnel", seen(to(sent_on(SERVER, 8080, followed=False)), TUNNEL), "emr.redirects_inside"),
    row("the same by VPN", seen(to(sent_on(SERVER, 8080, followed=False)), VPN), "emr.redirects_inside_office"),
    row("in the office", seen(to(sent_on(SERVER, 1, followed=False)), LAN_ONLY), "emr.redirects_inside_office"),
    row("an inside address, port", seen(to(sent_on(SERVER, 8080, followed=False))), "emr.redirects_inside"),
    row("an inside name", seen(to(sent_on("oscarserver", 8443, followed=False))), "emr.redirects_inside"),
    row("an inside name with a dot", seen(to(sent_on("emr.local", 8443, followed=False))), "emr.redirects_inside"),
    row("an inside name, VPN", seen(to(sent_on("emr.local", followed=False)), VPN), "emr.redirects_elsewhere"),
    row("to loopback", seen(to(sent_on("127.0.0.1", 8443, followed=False))), "emr.redirects_inside"),
    row("by its inside address", seen(emr(redirects=(sent_on(SERVER),))), "emr.ok", "emr.redirects_inside"),
    row("by its inside address, VPN", seen(emr(redirects=(sent_on(SERVER),)), VPN), "emr.ok"),
    row("asked by its inside address", seen(emr(host=SERVER, redirects=(sent_on(SERVER),))), "emr.ok"),
    row("round and round", seen(to(*[sent_on()] * 5, sent_on(followed=False))), "emr.redirect_loop"),
    row("over 2 MB", seen(emr(whole=False, failure=TOO_LARGE)), "emr.ok", "emr.long"),
    row("over 2 MB, unknown", seen(emr(whole=False, failure=TOO_LARGE, kind=OTHER)), "emr.unknown_page", "emr.long"),
    row("never ends", seen(emr(whole=False, failure=SILENT)), "emr.ok", "emr.unfinished"),
    row("cut before anything came", seen(emr(whole=False, kind=OTHER), size=0), "emr.unfinished"),
    row("never ends, unknown", seen(emr(whole=False, kind=PageKind.OTHER)), "emr.unknown_page", "emr.unfinished"),
    row("just quick", seen(timed(800.0, 800.0)), "emr.ok"),
    row("just not quick", seen(timed(800.1, 800.1)), "emr.ok", "emr.sluggish"),
    row("just not slow", seen(timed(1800.0, 1800.0)), "emr.ok", "emr.sluggish"),
    row("just slow", seen(timed(1800.1, 1800.1)), "emr.ok", "emr.slow"),
    row("slow by its way only", seen(timed(1900.0, 1900.0, connect_ms=1500.0)), "emr.ok"),
    row("the first slow, the others quick", seen(timed(6000.0, 20.0, 20.0)), "emr.ok"),
    row("one of three slow", seen(timed(20.0, 20.0, 2000.0, 20.0)), "emr.ok"),
    row("only the first came", seen(timed(6000.0, None)), "emr.ok", "emr.slow"),
    row("TLS just slow", seen(taking(1800.1, 0.0, 0.0)), "emr.ok", "emr.slow"),
    row("TLS just not slow", seen(taking(1799.9, 0.0, 0.0)), "emr.ok", "emr.sluggish"),
    row("the rest just slow", seen(taking(0.0, 0.0, 1800.1)), "emr.ok", "emr.slow"),
    row("all of it together slow", seen(taking(700.0, 700.0, 700.0)), "emr.ok", "emr.slow"),
    row("the rest is what the office carries", seen(taking(0.0, 0.0, 1600.0, 1_000_000)), "emr.ok"),
    row("sends on just quickly", seen(through(800.0, 800.0)), "emr.ok"),
    row("sends on just not quickly", seen(through(800.1, 800.1)), "emr.ok", "emr.sluggish"),
    row("sends on just not slowly", seen(through(1800.0, 1800.0)), "emr.ok", "emr.sluggish"),
    row("sends on just slowly", seen(through(1800.1, 1800.1)), "emr.ok", "emr.slow"),
    row("sends on slowly the first time", seen(through(6000.0, 20.0)), "emr.ok"),
    row("sends on slowly the second time", seen(through(20.0, 6000.0)), "emr.ok"),
    row("sends on slowly, then nothing comes", seen(through(6000.0, None)), "emr.ok", "emr.slow"),
    row("sends on slowly, asked once", seen(through(6000.0)), "emr.ok", "emr.slow"),
    row("two are late by turns", seen(through(2000.0, 20.0, 20.0, 2000.0, count=2)), "emr.ok"),
    row("two together slow", seen(through(950.0, 950.0, 950.0, 950.0, count=2)), "emr.ok", "emr.slow"),
    row("with the page slow", seen(through(950.0, 950.0, page_ms=950.0)), "emr.ok", "emr.slow"),
    row("sent on, of an older version", seen(emr(redirects=(sent_on(), sent_on()))), "emr.ok"),
    row("slow, limit 3 s", seen(timed(2500.0, 2500.0), limits("emr", slow_ms=3000)), "emr.ok", "emr.sluggish"),
    row("parts just quick", seen(parts(4.0, 100_000)), "emr.ok"),
    row("parts just slow", seen(parts(4.1, 100_000)), "emr.ok", PARTS),
    row("parts slow, limit 5 s", seen(parts(4.1, 100_000), limits("emr", parts_s=5)), "emr.ok"),
    row("parts are many, just at the rate", seen(parts(5.0, 1_250_000)), "emr.ok"),
    row("parts are many, just under the rate", seen(parts(5.0, 1_249_000)), "emr.ok", PARTS),
    row("nothing of the parts comes", seen(parts(5.0, 0)), "emr.ok", PARTS),
    row("hardly anything of the parts comes", seen(parts(5.0, 49_000), limits("emr", parts_mbps=0)), "emr.ok", PARTS),
    row("parts slow, the way quick", case(link=ELSEWHERE, emr=parts(5.0, 100_000, QUICK_WAY)), "emr.ok", PARTS),
    row(
        "parts slow, and the server's cable loses",
        office(target("emr_host", SERVER, sent=600, lost=12)),
        "emr.ok",
        PARTS_NETWORK,
    ),
    row("parts slow, and the server's cable is well", office(target("emr_host", SERVER)), "emr.ok", PARTS),
    row("parts slow, and another's cable loses", office(target("peer", PEER, sent=600, lost=12)), "emr.ok", PARTS),
    row("parts slow, and all lose", office(target("emr_host", SERVER, lost=9), lost=9), "emr.ok", PARTS_NETWORK),
    row("parts slow, the way slow", case(link=ELSEWHERE, emr=parts(5.0, 100_000, SLOW_WAY)), "emr.ok", PARTS_NETWORK),
    row("parts slow, the way lossy", case(link=ELSEWHERE, emr=parts(5.0, 100_000, LOSSY_WAY)), "emr.ok", PARTS_NETWORK),
    row("parts slow, the way silent", case(link=ELSEWHERE, emr=parts(5.0, 0, SILENT_WAY)), "emr.ok", PARTS_NETWORK),
    row(
        "on the server there is no way",
        case(link=replace(LINK, address=SERVER), emr=parts(5.0, 0, SLOW_WAY)),
        "emr.ok",
        PARTS,
    ),
    row(
        "a slow server's parts",
        seen(replace(timed(2000.0, 2000.0), bulk=parts(5.0, 100_000).bulk)),
        "emr.ok",
        "emr.slow",
    ),
    row("line just quick enough", over_line(2_000_000), "emr.ok"),
    row("line just not quick enough", over_line(2_000_100), "emr.ok", "emr.slow_line"),
    row("line slow, office only", over_line(2_000_100, site=LAN_ONLY), "emr.ok"),
    row("line slow, VPN", over_line(2_000_100, site=VPN), "emr.ok", "emr.slow_line"),
    row("line slow, limit 5 s", over_line(2_000_100, site=limits("emr", line_s=5)), "emr.ok"),
    row("upload not known", over_line(2_000_100, None), "emr.ok"),
    row("no upload", case(emr=emr(body_bytes=2_000_100), upload=None), "emr.ok"),
    row(
        "slow line and slow server",
        case(emr=replace(timed(2000.0, 2000.0), body_bytes=2_000_100), upload=upload(4.0)),
        "emr.ok",
        "emr.slow",
        "emr.slow_line",
    ),
    row("a small page over a satellite", case(emr=emr(), upload=upload(4.0, idle_rtt_ms=600.0)), "emr.ok"),
    row(
        "a small page over a very long way",
        case(emr=emr(), upload=upload(4.0, idle_rtt_ms=1100.0)),
        "emr.ok",
        "emr.slow_line",
    ),
]


@pytest.mark.parametrize("row_", TABLE, ids=lambda row_: row_.what)
def test_emr_says_exactly_this(row_: Row) -> None:
    assert codes_of(CHECK, row_.case) == row_.codes


def test_where_it_leads_is_said_without_the_usual_port() -> None:
    for host, port, words in (
        ("sso.example.net", 443, "https://sso.example.net/login"),
        ("2001:db8::1", 444, "https://[2001:db8::1]:444/login"),
    ):
        (finding,) = judged(CHECK, seen(to(sent_on(host, port, followed=False))))
        assert finding.facts["to"] == words


def test_the_title_is_told() -> None:
    (finding,) = judged(CHECK, seen(looking(PageKind.ROUTER, title="DD-WRT (build 1)")))
    assert (
        CHECK.codes[finding.code].summary.format_map(finding.facts).endswith('a router\'s page ("DD-WRT (build 1)").')
    )


@pytest.mark.parametrize(
    ("parts_ms", "part"),
    [
        ((2300.0, 20.0, 5.0), "until the encryption is agreed on (TLS)"),
        ((5.0, 2300.0, 5.0), "before it begins to answer"),
        ((5.0, 20.0, 3500.0), "until the rest of the page has come"),
    ],
)
def test_which_part_is_slow_is_told(parts_ms: tuple[float, float, float], part: str) -> None:
    _, slow = judged(CHECK, seen(taking(*parts_ms)))
    assert (slow.code, slow.facts["part"]) == ("emr.slow", part)


@pytest.mark.parametrize(
    ("firsts_ms", "count", "part"),
    [
        ((6000.0, 6000.0), 1, "before /oscar/ sends on to it"),
        ((20.0, 2300.0, 20.0, 2300.0), 2, "before /login sends on to it"),
    ],
)
def test_which_address_sends_on_late_is_told(firsts_ms: tuple[float, ...], count: int, part: str) -> None:
    _, slow = judged(CHECK, seen(through(*firsts_ms, count=count)))
    assert (slow.code, slow.facts["part"]) == ("emr.slow", part)


@pytest.mark.parametrize(
    ("body_bytes", "size"), [(0, "1 kB"), (4200, "4 kB"), (999_400, "999 kB"), (1_500_000, "1.5 MB")]
)
def test_the_size_is_told_in_words(body_bytes: int, size: str) -> None:
    (finding,) = judged(CHECK, case(emr=emr(body_bytes=body_bytes), upload=None))
    assert finding.facts["size"] == size
