"""Does the EMR's log-in page come, is it the EMR's, and is it quick?"""

from __future__ import annotations

from emrnetcheck.checks.emr import leads, parts, speed
from emrnetcheck.checks.emr.codes import CODES
from emrnetcheck.checks.emr.limits import Limits
from emrnetcheck.evidence import Case, need
from emrnetcheck.evidence.emr import Emr
from emrnetcheck.model import Check, Fact, FailureKind, Finding, Segment
from emrnetcheck.office.cable import BAD_CABLE
from emrnetcheck.profiles import FOREIGN, LOOKS, PROFILES, PageKind, Profile

_NOT_THE_SERVERS_DOING = (FailureKind.LOCAL_RESOURCE, FailureKind.PERMISSION, FailureKind.UNSUPPORTED)
_STARTING = 503
_PROXY_ALONE = (502, 504)
_NOT_FOUND = (404, 410)
# Somebody in front wants to know who is there, or holds back who asks too often (RFC 9110 15.5, RFC 6585 4).
_GUARDED = (401, 403, 407, 429)
_WHO_ARE_YOU = 401
_BAD_REQUEST = 400


def judge(case: Case, limits: Limits) -> list[Finding]:
    """emr.* : whether an answer came, then where it leads, then what it is, then how fast."""
    seen = need(case.seen.emr)
    profile = PROFILES.get(case.site.profile, PROFILES["custom"])
    facts: dict[str, Fact] = {
        "port": seen.port,
        "where": seen.address,
        "path": seen.path,
        "profile": profile.title,
        "looks": LOOKS[seen.kind],
        "titled": f' ("{seen.title}")' if seen.title else "",
        "size": _size(seen),
    }
    if seen.status is None:
        return _no_answer(seen, facts)
    facts |= {"status": seen.status, "first_byte_ms": speed.first_byte_ms(seen) or 0.0}
    away = leads.away(case, seen, profile, facts)
    return away or [*_page(case, seen, profile, facts, limits), *leads.inside(case, seen, facts)]


def _no_answer(seen: Emr, facts: dict[str, Fact]) -> list[Finding]:
    why = seen.failure.in_words() if seen.failure is not None else "no page"
    kind = seen.failure.kind if seen.failure is not None else None
    if kind is FailureKind.TLS_CERTIFICATE_WANTED:
        return [Finding("emr.certificate_wanted", facts, "a page", why)]
    code = "emr.unmeasured" if kind in _NOT_THE_SERVERS_DOING else "emr.not_answering"
    return [Finding(code, facts | {"why": why}, "a page", why)]


def _page(case: Case, seen: Emr, profile: Profile, facts: dict[str, Fact], limits: Limits) -> list[Finding]:
    status = seen.status or 0
    # A router may refuse to show its page without a password, or have none at this path.
    if profile.kind is not None and seen.kind in FOREIGN:
        return [Finding("emr.something_else", facts, profile.title, LOOKS[seen.kind])]
    if status >= 300:  # noqa: PLR2004 - RFC 9110 15: up to here it is a success
        code = _error(seen, status, profile)
        return [Finding(code, facts | {"error": str(status)}, "a page", f"status {status}")]
    if seen.kind is PageKind.ERROR_PAGE:
        error = f"an error page with the status {status}"
        return [Finding("emr.error", facts | {"error": error}, "a page", error)]
    unfinished = _unfinished(seen, facts)
    if seen.body_bytes == 0:
        return unfinished or [Finding("emr.empty", facts, "a page", f"status {status}, 0 bytes")]
    if profile.kind not in (None, seen.kind) or (profile.kind is None and seen.kind in FOREIGN):
        told = facts | {"proof": _PROOF if profile.kind is not None else _PROOF_CUSTOM}
        return [Finding("emr.unknown_page", told, profile.title, LOOKS[seen.kind]), *unfinished]
    slow = speed.slow_server(seen, limits, facts)
    if not any(finding.code == "emr.slow" for finding in slow):  # a slow server's parts are slow, too
        slow += parts.slow_parts(case, seen, limits, facts)
    return [Finding("emr.ok", facts), *unfinished, *slow, *speed.slow_line(case, seen, limits, facts)]


_PROOF = 'set [emr] profile = "custom" and run the check again: then any page counts'
_PROOF_CUSTOM = "give it a title of its own"


def _error(seen: Emr, status: int, profile: Profile) -> str:
    if status == _STARTING:
        return "emr.starting"
    if status in _PROXY_ALONE:
        return "emr.behind_proxy_down"
    if status in _NOT_FOUND:
        return "emr.not_found"
    if status == _BAD_REQUEST and "certificate" in seen.title.lower():
        return "emr.certificate_wanted"
    if status == _WHO_ARE_YOU and seen.asks_by_http and profile.kind is None:
        return "emr.guarded_by_password"
    return "emr.guarded" if status in _GUARDED else "emr.error"


def _unfinished(seen: Emr, facts: dict[str, Fact]) -> list[Finding]:
    if seen.whole:
        return []
    if seen.failure is not None and seen.failure.kind is FailureKind.TOO_LARGE:
        return [Finding("emr.long", facts, "a whole page", _size(seen))]
    why = seen.failure.in_words() if seen.failure is not None else "it was cut"
    return [Finding("emr.unfinished", facts | {"why": why}, "a whole page", _size(seen))]


def _size(seen: Emr) -> str:
    more = "" if seen.whole else "more than "
    if seen.body_bytes < 1_000_000:  # noqa: PLR2004 - a megabyte
        return f"{more}{max(1, round(seen.body_bytes / 1000))} kB"
    return f"{more}{seen.body_bytes / 1_000_000:.1f} MB"


_NETWORK = (
    *("router.wifi_bad", "switch.all_heavy_loss", "switch.emr_heavy_loss", "switch.storm"),
    *("switch.duplicate_own", "switch.duplicate_address", "switch.throughput_bad"),
    *BAD_CABLE,
)
"""With so bad a way to the server nothing is to be said of what comes over it. A way that is merely not good is told
beside it: that the EMR answers is an answer."""
_PLAIN = ("tls.plain_http", "tls.plain_http_inside")

CHECK: Check[Case, Limits] = Check(
    id="emr",
    title="The EMR's log-in page",
    needs=("emr",),
    uses=("upload", "link", "lan"),
    limits=Limits(),
    codes=CODES,
    judge=judge,
    segment=Segment.SERVER,
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
        "emr.not_answering": ("tls.not_tls", "tls.handshake_fails", *_PLAIN),
        "emr.certificate_wanted": ("tls.certificate_wanted",),
        # Asked in plain it sends on to its encrypted port: that this one is not encrypted was told.
        "emr.redirects_port": _PLAIN,
        "emr.redirects_port_office": _PLAIN,
        "emr.slow_parts": _NETWORK,
        "emr.slow_parts_network": _NETWORK,
        "emr.slow_line": ("upload.below_minimum", "upload.burst_then_drop"),
    },
    unmeasured={FailureKind.NOT_CONFIGURED: "emr.unset"},
)
