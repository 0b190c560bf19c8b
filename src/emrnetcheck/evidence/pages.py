"""What the EMR's pages gave, asked for as a browser at this computer would."""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.evidence.bulk import Bulk
from emrnetcheck.evidence.emr import PageGet, Redirect
from emrnetcheck.model import Failure
from emrnetcheck.profiles import PageKind


@dataclass(frozen=True, slots=True)
class Pages:
    """The log-in page, again and again. What is said of it is of the page that the redirects led to.

    scheme: "https" or "http". fresh: each on a connection of its own; kept: one after the other on one connection (the
    first of them is not counted: it opens it). kept_failure: why there are none. fingerprint_sha256: of the
    certificate. trusted: by this system, for this name; None: not known, or no TLS (trust_failure says why not).
    spaced: the page for some seconds more, mostly on one connection and every two seconds on a new one, where many of
    the other questions to the EMR's computer were lost and none of these pages: what comes and goes in seconds would
    have passed them by.
    sent_on: what was answered with a redirect that was followed, in this order, then each of them once more.
    assets_named: how many of its own assets the page names; bulk: those that were loaded, None where it names none.
    by_small_packets: what did not come in time (the page, or one of its assets) asked for once more on a connection for
    which the server was told to send small packets only; None: everything came, or it could not be tried.
    failure: why there is no page at all.
    """

    address: str
    port: int
    host: str
    path: str
    scheme: str
    status: int | None
    fresh: tuple[PageGet, ...] = ()
    kept: tuple[PageGet, ...] = ()
    spaced: tuple[PageGet, ...] = ()
    kept_failure: Failure | None = None
    redirects: tuple[Redirect, ...] = ()
    sent_on: tuple[PageGet, ...] = ()
    title: str = ""
    kind: PageKind = PageKind.OTHER
    asks_password: bool = False
    body_bytes: int = 0
    fingerprint_sha256: str | None = None
    trusted: bool | None = None
    trust_failure: Failure | None = None
    assets_named: int = 0
    bulk: Bulk | None = None
    by_small_packets: PageGet | None = None
    failure: Failure | None = None
