"""Which certificate and which TLS does the EMR show on the office network, and is the certificate trusted here?"""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.tls import Certificate, Tls
from emrnetcheck.model import Failure, FailureKind, Mode, Site
from emrnetcheck.net import plain_http, routes, tls, tls_hello
from emrnetcheck.net.clock import Deadline
from emrnetcheck.probes.context import Context, Probe

LOOPBACK = "127.0.0.1"
_OWN_LIMIT_S = 8.0
_LOOK_TIMEOUT_S = 3.0
_NOT_YET = "not yet valid"  # OpenSSL's words for X509_V_ERR_CERT_NOT_YET_VALID


def measure(site: Site, seen: Seen, context: Context) -> Tls | Failure:
    """NOT_CONFIGURED where the settings say nothing about the EMR; the port's own failure where it is shut."""
    if not site.emr_declared:
        return Failure(FailureKind.NOT_CONFIGURED, "the EMR's certificate", detail="[emr] hostname")
    where = _where(site, seen)
    if isinstance(where, Failure):
        return where
    deadline = Deadline.after(min(_OWN_LIMIT_S, context.remaining_s()))
    context.progress(f"looking at the certificate of {where}", None, None)
    now = datetime.now(UTC)
    asked = Tls(where, site.port, site.hostname, now.isoformat(timespec="seconds"), None)
    return _looked(asked, now, deadline, context)


def _where(site: Site, seen: Seen) -> str | Failure:
    """The server's address as the port was reached: on the office network, or else on this computer alone."""
    if seen.port is None:
        return site.lan_address or _own_address(seen) or LOOPBACK
    tried = [attempt for attempt in (seen.port.lan, seen.port.loopback, seen.port.bound) if attempt is not None]
    reached = next((attempt for attempt in tried if attempt.open), None)
    if reached is not None:
        return reached.address
    return next((attempt.failure for attempt in tried if attempt.failure is not None), None) or Failure(
        FailureKind.OTHER, "the EMR's certificate", detail="its port was not reached"
    )


def _own_address(seen: Seen) -> str | None:
    if seen.link is not None and seen.link.address is not None:
        return seen.link.address
    source = routes.source_address()
    return source if isinstance(source, str) else None


def _looked(asked: Tls, now: datetime, deadline: Deadline, context: Context) -> Tls | Failure:
    where, name = (asked.address, asked.port), asked.server_name
    shown = tls.look(*where, server_name=name, timeout_s=_part(deadline), last_word=True)
    only_old = False
    if isinstance(shown, Failure) and shown.kind in (FailureKind.TLS_PROTOCOL, FailureKind.RESET):
        older = tls.look(*where, server_name=name, timeout_s=_part(deadline), oldest=True)
        only_old = not isinstance(older, Failure)
        # A cut connection says less than what the second look was told.
        shown = older if only_old or shown.kind is FailureKind.RESET else shown
    if isinstance(shown, Failure):
        silent = shown.kind in (FailureKind.RESET, FailureKind.TIMEOUT) and not context.stopping()
        if silent and plain_http.answers_http(*where, _part(deadline)):
            shown = replace(shown, kind=FailureKind.PLAIN_HTTP, detail="")
        return replace(asked, failure=shown)
    found = _described(asked, shown, now, only_old=only_old)
    stopped = context.stopped("the EMR's certificate")
    return stopped or _asked_further(found, deadline)


def _described(asked: Tls, shown: tls.TlsSeen, now: datetime, *, only_old: bool) -> Tls:
    from emrnetcheck.net import certificates  # cryptography takes a fifth of a second to import

    own = shown.chain_der[0]
    read = certificates.read(own, now)
    return replace(
        asked,
        protocol=shown.protocol,
        cipher=shown.cipher,
        only_old=only_old,
        fingerprint_sha256=shown.fingerprint_sha256,
        certificate=None if isinstance(read, Failure) else Certificate(**asdict(read)),
        certificate_failure=read if isinstance(read, Failure) else None,
        chain_length=len(shown.chain_der) if shown.chain_whole else None,
        issuer_sent=certificates.issuer_sent(shown.chain_der) if shown.chain_whole else None,
        name_matches=None if asked.server_name is None else certificates.is_for(own, asked.server_name),
        handshake_ms=shown.handshake_ms,
        wants_certificate=shown.wants_certificate,
    )


def _asked_further(found: Tls, deadline: Deadline) -> Tls:
    """Whether the certificate is trusted, and whether older versions of TLS are still on: a connection for each."""
    where, name = (found.address, found.port), found.server_name
    # The name is compared by itself: OpenSSL tells one fault, and this is about the authority.
    failure = tls.trust(*where, server_name=name, timeout_s=_part(deadline), check_name=False)
    found = replace(found, trusted=_trusted(failure, found.certificate), trust_failure=failure)
    if found.only_old:
        return found
    old = tls_hello.old_version(*where, server_name=name, timeout_s=_part(deadline))
    if not isinstance(old, Failure):
        return replace(found, old_version=old)
    return found if old.kind is FailureKind.TLS_PROTOCOL else replace(found, old_failure=old)


def _trusted(failure: Failure | None, certificate: Certificate | None) -> bool | None:
    """Whatever its own date: OpenSSL complains of dates only where all else is right."""
    if failure is None:
        return True
    if failure.kind is FailureKind.TLS_EXPIRED:
        return certificate is not None and certificate.days_left <= 0  # else it is one above it that has expired
    if failure.kind is FailureKind.TLS_UNTRUSTED:
        return certificate is not None and certificate.days_old < 0 and _NOT_YET in failure.detail
    return None


def _part(deadline: Deadline) -> float:
    return max(0.05, min(_LOOK_TIMEOUT_S, deadline.remaining_s()))


PROBE = Probe(
    name="tls",
    title="The EMR's certificate",
    measure=measure,
    deadline_s=dict.fromkeys(Mode, 10.0),
    after=("port",),
)
