"""Do browsers trust the EMR's certificate, for how long still, and do they take its version of TLS?

What is a fault for people outside (`direct`) is a smaller one where they come by VPN, by a tunnel or only from the
office: those connections are protected already. So it is where another certificate, a trusted one, answers outside.

- A certificate that has expired, or is for another name, is a mistake that nobody chose: FAIL.
- One that vouches for itself is what many clinics have, and OSCAR was often set up with. It encrypts, but it trains
  people to click a warning away, the one thing that would tell them of an attack: WARN.
- One whose issuer is not sent along works in most desktop browsers, which find the missing part: WARN.
- Only TLS 1.0 or 1.1 is refused by browsers since 2020 to 2022 (RFC 8996): FAIL, since the EMR looks dead. That they
  are on beside newer ones harms nobody by itself: NOTICE.
- One that wants a certificate of each visitor's own is guarded well, if that was meant: NOTICE.
"""

from __future__ import annotations

from dataclasses import replace

from emrnetcheck.checks.tls.certificate import facts_of, faults
from emrnetcheck.checks.tls.codes import CODES, by_access
from emrnetcheck.checks.tls.limits import Limits
from emrnetcheck.checks.tls.outside import others_trusted, outside
from emrnetcheck.evidence import Case, need
from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.evidence.tls import Tls
from emrnetcheck.model import Access, Check, Fact, FailureKind, Finding, Segment

_NO_HANDSHAKE = {
    FailureKind.PLAIN_HTTP: "tls.plain_http",
    FailureKind.NOT_TLS: "tls.not_tls",
    FailureKind.TLS_PROTOCOL: "tls.handshake_fails",
    FailureKind.TLS_CERTIFICATE_WANTED: "tls.certificate_wanted",
    FailureKind.RESET: "tls.handshake_fails",
    FailureKind.MALFORMED: "tls.handshake_fails",
}


def judge(case: Case, limits: Limits) -> list[Finding]:
    """tls.*: the protocol, the certificate in the office, then the one outside."""
    seen = need(case.seen.tls)
    direct = case.site.access is Access.DIRECT
    if seen.failure is not None:
        return [_no_handshake(case, seen)]
    facts: dict[str, Fact] = {"protocol": _spoken(seen)}
    wrong = [Finding("tls.old_protocol", facts, "TLS 1.2 or newer", _spoken(seen))] if seen.only_old else []
    if seen.certificate is None:
        why = seen.certificate_failure.in_words() if seen.certificate_failure is not None else "there is none"
        wrong.append(Finding("tls.unmeasured", {"why": why}))
    else:
        open_to_all = direct and not others_trusted(case, seen)
        for fault in faults(case, seen, seen.certificate, limits):
            wrong.append(replace(fault, code=by_access(fault.code, open_to_all=open_to_all)))
        facts |= facts_of(seen, seen.certificate)
    found = wrong or [_trust_unknown(seen) or Finding("tls.ok", facts)]
    found += outside(case, seen, fine_inside=not wrong, direct=direct)
    if seen.old_version is not None:
        old = seen.old_version
        found.append(Finding("tls.old_protocol_allowed", {"old": old}, "TLS 1.2 or newer", old))
    if seen.wants_certificate:
        found.append(Finding("tls.wants_certificate"))
    return found


def _no_handshake(case: Case, seen: Tls) -> Finding:
    failure = seen.failure
    assert failure is not None
    code = _NO_HANDSHAKE.get(failure.kind, "tls.unmeasured")
    if code == "tls.plain_http" and _only_through_a_tunnel(case):
        code = "tls.plain_http_loopback"
    code = by_access(code, open_to_all=case.site.access is Access.DIRECT)
    facts: dict[str, Fact] = {
        "port": seen.port,
        "where": seen.address,
        "why": failure.in_words(),
        "banner": f' (it says "{failure.detail}")' if failure.detail else "",
    }
    return Finding(code, facts, "TLS", failure.in_words())


def _only_through_a_tunnel(case: Case) -> bool:
    """Whether no network can reach it: it listens on loopback, and people come by a program of this computer."""
    bind = case.seen.port.bind if case.seen.port is not None else ()
    on_loopback = bool(bind) and all(address_class(one) is AddressClass.LOOPBACK for one in bind)
    return on_loopback and case.site.access in (Access.TUNNEL, Access.VPN)


def _trust_unknown(seen: Tls) -> Finding | None:
    if seen.trusted is not None:
        return None
    why = seen.trust_failure.in_words() if seen.trust_failure is not None else "whether it is trusted was not asked"
    return Finding("tls.unmeasured", {"why": why})


def _spoken(seen: Tls) -> str:
    protocol = seen.protocol or "an unknown protocol"
    # TLS 1.2 itself is fine: then it is what it encrypts with.
    return f"{protocol} with {seen.cipher or 'an old cipher'}" if seen.only_old and protocol == "TLSv1.2" else protocol


_PORT_SHUT = (
    "port.not_listening",
    "port.host_silent",
    "port.host_firewall",
    "port.hung",
    "port.bound_elsewhere",
    "port.only_outside",
    "port.unset",
    "port.unmeasured",
)

CHECK: Check[Case, Limits] = Check(
    id="tls",
    title="The EMR's certificate",
    needs=("tls",),
    uses=("port", "address"),
    limits=Limits(),
    codes=CODES,
    judge=judge,
    segment=Segment.SERVER,
    follows={
        "*": ("link.none",),
        "tls.unmeasured": _PORT_SHUT,
        "tls.unset": _PORT_SHUT,
        "tls.differs_outside": ("port.wrong_service",),
        "tls.outside_untrusted": ("port.wrong_service",),
        "tls.outside_expired": ("port.wrong_service",),
    },
    unmeasured={FailureKind.NOT_CONFIGURED: "tls.unset"},
)
