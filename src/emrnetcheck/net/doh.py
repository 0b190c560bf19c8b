"""What does a resolver answer over HTTPS (RFC 8484), where nobody on the way can answer in its place?"""

from __future__ import annotations

from urllib.parse import urlsplit

import dns.message

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import dns as plain
from emrnetcheck.net import dns_transport, http
from emrnetcheck.net.failures import clean

_HTTPS_PORT = 443
_MEDIA_TYPE = "application/dns-message"


def host_of(url: str) -> str:
    """The host whose address `query` needs; "" where the URL has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def query(url: str, address: str, name: str, rdtype: str, *, timeout_s: float) -> plain.DnsAnswer | Failure:
    """One question by POST to the URL at an IP address of its host. timeout_s: for everything together.

    The certificate must be for the URL's host. rtt_ms is that of the TCP connection. Failures: as of HTTP, and
    MALFORMED for a body that is no DNS message, or answers something else.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _HTTPS_PORT
    except ValueError:
        return Failure(FailureKind.NOT_CONFIGURED, "ask", clean(url), "no port number")
    question = plain.question_for(name, rdtype, host)
    if isinstance(question, Failure):
        return question
    question.id = 0  # RFC 8484 section 4.1
    body = question.to_wire()
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    got = http.post_securely(address, port, host, path, body, content_type=_MEDIA_TYPE, timeout_s=timeout_s)
    if isinstance(got, Failure):
        return got
    message = read_body(got.response, question)
    if isinstance(message, Failure):
        return Failure(message.kind, "ask over HTTPS", host, message.detail)
    found = dns_transport.Got(message, got.connect_ms, got.sent_bytes, got.received_bytes)
    return plain.read_message(clean(url), question, found, over_tcp=False)


def read_body(response: http.Response, question: dns.message.Message) -> dns.message.Message | Failure:
    """The response's body as the answer to `question`, or MALFORMED; never an exception, whatever the bytes are."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _MEDIA_TYPE:
        return Failure(FailureKind.MALFORMED, "read answer", detail=clean(f"{kind or 'no type'}, not a DNS message"))
    return dns_transport.read_answer(response.body, question)
