"""How is Cloudflare's speed test used? POST __up; the response says how many bytes were taken. GET __down."""

from __future__ import annotations

from emrnetcheck.model import Failure
from emrnetcheck.probes.context import Context
from emrnetcheck.probes.throughput.target import Source, Target

# cloudflare/speedtest PR#122: the query is needed by the server's cap; PR#121: the receipt.
_TARGET = Target(
    "speed.cloudflare.com", 443, True, "/__up", query="bytes={n_bytes}", receipt_header="cf-meta-upload-bytes"
)
# From 100,000,000 on it wants a Referer (v2rayN#9071).
_ANSWER_BYTES = 25_000_000


class Cloudflare:
    """The word "cloudflare"."""

    name = "cloudflare"

    def accepts(self, server: str) -> bool:
        return server == self.name

    def find(self, server: str, context: Context) -> tuple[Target, ...] | Failure:  # noqa: ARG002
        return (_TARGET,)

    def sources(self, target: Target) -> tuple[Source, ...]:
        query = f"bytes={_ANSWER_BYTES}"
        return (Source(target.host, target.port, target.tls, "/__down", query, _ANSWER_BYTES),)
