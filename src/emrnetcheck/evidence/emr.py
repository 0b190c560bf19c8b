"""What the EMR's log-in page gave, asked for at the server's address in the office."""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.evidence.bulk import Bulk
from emrnetcheck.model import Failure
from emrnetcheck.profiles import PageKind


@dataclass(frozen=True, slots=True)
class PageGet:
    """One GET on a connection of its own. first_byte_ms: from the request to the first byte of the answer.

    total_ms: from the request to the end of the page; None where it was not read to its end.
    """

    status: int | None
    connect_ms: float | None
    tls_ms: float | None
    first_byte_ms: float | None
    total_ms: float | None
    body_bytes: int
    failure: Failure | None = None


_TLS_TRIPS = 2.0


def server_part_ms(first_byte_ms: float, tls_ms: float | None, connect_ms: float | None, trip_ms: float) -> float:
    """What the server itself took of a page until its first byte, less the round trips: one for the page, and two for
    TLS 1.2 (RFC 5246 7.3), as long as the connection's own where that took longer."""
    tls = max(0.0, (tls_ms or 0.0) - _TLS_TRIPS * max(trip_ms, connect_ms or 0.0))
    return max(0.0, first_byte_ms - trip_ms) + tls


@dataclass(frozen=True, slots=True)
class Redirect:
    """The server sent on. followed: whether it was to the same server and port, and was gone after.

    host "": it makes no sense. path is without what may be secret in it: questions and session numbers.
    """

    status: int
    scheme: str
    host: str
    port: int | None
    path: str
    followed: bool


@dataclass(frozen=True, slots=True)
class Emr:
    """The EMR's page. What is said of it is of the last page that the redirects led to.

    address, port, host: who was connected to, and as whom it was spoken to. scheme: "https", or "http" where TLS
    failed (tls_failure) and plain HTTP was answered. gets: of the last page; the first may have had work to do that is
    done once. sent_on: what was answered with a redirect that was followed, in the order of redirects, then, if a page
    came, each of them once more. kind: by the fingerprints of the profiles. asks_by_http: it has HTTP ask for a
    password (WWW-Authenticate). whole: the page was read to its end. failure: why there is no answer; what was waited
    for it is waited_s. assets_named: how many of its own styles, programs and pictures the page names; bulk: those that
    were loaded, None where it names none, was not the EMR's, or came too late.
    """

    address: str
    port: int
    host: str
    path: str
    scheme: str
    status: int | None
    gets: tuple[PageGet, ...] = ()
    redirects: tuple[Redirect, ...] = ()
    content_type: str = ""
    server: str = ""
    title: str = ""
    kind: PageKind = PageKind.OTHER
    asks_password: bool = False
    asks_by_http: bool = False
    body_bytes: int = 0
    whole: bool = True
    tls_failure: Failure | None = None
    failure: Failure | None = None
    waited_s: float = 0.0
    assets_named: int = 0
    bulk: Bulk | None = None
    sent_on: tuple[PageGet, ...] = ()
