"""Does the EMR's log-in page come, is it the EMR's, and is it quick?"""

from __future__ import annotations

from emrnetcheck.checks.emr import speed
from emrnetcheck.checks.emr.codes import CODES
from emrnetcheck.checks.emr.limits import Limits
from emrnetcheck.evidence import Case, need
from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.evidence.emr import Emr, Redirect
from emrnetcheck.model import Access, Check, Fact, FailureKind, Finding
from emrnetcheck.profiles import PROFILES, PageKind, Profile

_NOT_THE_SERVERS_DOING = (FailureKind.LOCAL_RESOURCE, FailureKind.PERMISSION, FailureKind.UNSUPPORTED)
_STARTING = 503
_PROXY_ALONE = (502, 504)
_NOT_FOUND = (404, 410)
# Somebody in front wants to know who is there, or holds back who asks too often (RFC 9110 15.5, RFC 6585 4).
_GUARDED = (401, 403, 407, 429)
_BAD_REQUEST = 400
_INSIDE = (AddressClass.PRIVATE, AddressClass.LOOPBACK, AddressClass.LINK_LOCAL)
_INSIDE_NAMES = (".local", ".lan", ".internal", ".localdomain", ".home.arpa")  # RFC 6762, RFC 8375, and usual ones
_LOOKS = {
    PageKind.OSCAR: "OSCAR",
    PageKind.OPENEMR: "OpenEMR",
    PageKind.OPENMRS: "OpenMRS",
    PageKind.ROUTER: "a router's page",
    PageKind.DEFAULT_PAGE: "a Web server's default page",
    PageKind.OTHER: "an unknown page",
}


def judge(case: Case, limits: Limits) -> list[Finding]:
    """emr.* : whether an answer came, then where it leads, then what it is, then how fast."""
    seen = need(case.seen.emr)
    profile = PROFILES.get(case.site.profile, PROFILES["custom"])
    facts: dict[str, Fact] = {
        "port": seen.port,
        "where": seen.address,
        "path": seen.path,
        "profile": profile.title,
        "looks": _LOOKS[seen.kind],
        "titled": f' ("{seen.title}")' if seen.title else "",
        "size": _size(seen),
    }
    if seen.status is None:
        return _no_answer(seen, facts)
    facts |= {"status": seen.status, "first_byte_ms": speed.first_byte_ms(seen) or 0.0}
    inside = _led_inside(case, seen, facts)
    return _led_away(case, seen, facts) or [*_page(case, seen, profile, facts, limits), *inside]


def _no_answer(seen: Emr, facts: dict[str, Fact]) -> list[Finding]:
    why = seen.failure.in_words() if seen.failure is not None else "no page"
    ours = seen.failure is not None and seen.failure.kind in _NOT_THE_SERVERS_DOING
    return [Finding("emr.unmeasured" if ours else "emr.not_answering", facts | {"why": why}, "a page", why)]


def _led_away(case: Case, seen: Emr, facts: dict[str, Fact]) -> list[Finding]:
    """Where the last redirect leads, if it was not gone after."""
    last = seen.redirects[-1] if seen.redirects else None
    if last is None or last.followed:
        return []
    to = _place(last)
    own = last.host in (seen.host.lower(), seen.address)
    told = facts | {"to": to, "count": len(seen.redirects)}
    if own and last.port == seen.port and last.scheme == seen.scheme:
        return [Finding("emr.redirect_loop", told, "a page", f"{len(seen.redirects)} redirects")]
    if _is_inside(last.host) and seen.host.lower() != last.host and _comes_from_outside(case):
        return [Finding("emr.redirects_inside", told, seen.host, to)]
    return [Finding("emr.redirects_port" if own else "emr.redirects_elsewhere", told, f"port {seen.port}", to)]


def _led_inside(case: Case, seen: Emr, facts: dict[str, Fact]) -> list[Finding]:
    """It was gone after, since in the office it is the same server."""
    if not _comes_from_outside(case):
        return []
    through = [to for to in seen.redirects if to.followed and to.host != seen.host.lower() and _is_inside(to.host)]
    return [Finding("emr.redirects_inside", facts | {"to": _place(to)}, seen.host, _place(to)) for to in through[:1]]


def _comes_from_outside(case: Case) -> bool:
    return case.site.access in (Access.DIRECT, Access.TUNNEL)


def _is_inside(host: str) -> bool:
    kind = address_class(host)
    if kind is not AddressClass.INVALID:
        return kind in _INSIDE
    return bool(host) and ("." not in host or host.endswith(_INSIDE_NAMES))


def _place(to: Redirect) -> str:
    host = f"[{to.host}]" if ":" in to.host else to.host
    usual = to.port == {"https": 443, "http": 80}.get(to.scheme)
    return f"{to.scheme}://{host}{'' if usual else f':{to.port}'}{to.path}" if to.host else to.path or "nowhere"


def _page(case: Case, seen: Emr, profile: Profile, facts: dict[str, Fact], limits: Limits) -> list[Finding]:
    status = seen.status or 0
    # A router may refuse to show its page without a password, or have none at this path.
    if profile.kind is not None and seen.kind in (PageKind.ROUTER, PageKind.DEFAULT_PAGE):
        return [Finding("emr.something_else", facts, profile.title, _LOOKS[seen.kind])]
    if status >= 300:  # noqa: PLR2004 - RFC 9110 15: up to here it is a success
        return [Finding(_error(seen, status), facts, "a page", f"status {status}")]
    unfinished = _unfinished(seen, facts)
    if profile.kind not in (None, seen.kind) or (profile.kind is None and seen.kind in _NO_EMR):
        return [Finding("emr.unknown_page", facts, profile.title, _LOOKS[seen.kind]), *unfinished]
    slow = speed.slow_server(seen, limits, facts)
    return [Finding("emr.ok", facts), *unfinished, *slow, *speed.slow_line(case, seen, limits, facts)]


_NO_EMR = (PageKind.ROUTER, PageKind.DEFAULT_PAGE)


def _error(seen: Emr, status: int) -> str:
    if status == _STARTING:
        return "emr.starting"
    if status in _PROXY_ALONE:
        return "emr.behind_proxy_down"
    if status in _NOT_FOUND:
        return "emr.not_found"
    # Without a certificate of the visitor's own, servers answer so.
    if status in _GUARDED or (status == _BAD_REQUEST and "certificate" in seen.title.lower()):
        return "emr.guarded"
    return "emr.error"


def _unfinished(seen: Emr, facts: dict[str, Fact]) -> list[Finding]:
    if seen.whole:
        return []
    why = seen.failure.in_words() if seen.failure is not None else "it was cut"
    return [Finding("emr.unfinished", facts | {"why": why}, "a whole page", _size(seen))]


def _size(seen: Emr) -> str:
    more = "" if seen.whole else "more than "
    if seen.body_bytes < 1_000_000:  # noqa: PLR2004 - a megabyte
        return f"{more}{max(1, round(seen.body_bytes / 1000))} kB"
    return f"{more}{seen.body_bytes / 1_000_000:.1f} MB"


CHECK: Check[Case, Limits] = Check(
    id="emr",
    title="The EMR's log-in page",
    needs=("emr",),
    uses=("upload",),
    limits=Limits(),
    codes=CODES,
    judge=judge,
    required=True,
    follows={
        "*": (
            "link.none",
            "port.unset",
            "port.not_listening",
            "port.loopback_only",
            "port.bound_elsewhere",
            "port.only_outside",
            "port.hung",
            "port.host_firewall",
            "port.host_silent",
        ),
        # Nothing that speaks TLS is there, or nothing that we can speak it with: then there is no page either.
        "emr.not_answering": ("tls.not_tls", "tls.handshake_fails"),
        "emr.slow_line": ("upload.below_minimum", "upload.burst_then_drop"),
    },
    unmeasured={FailureKind.NOT_CONFIGURED: "emr.unset"},
)
