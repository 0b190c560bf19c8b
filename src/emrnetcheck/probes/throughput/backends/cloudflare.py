"""How is Cloudflare's speed test used? POST __up; the response says how many bytes were taken."""

from __future__ import annotations

from emrnetcheck.model import Failure
from emrnetcheck.probes.context import Context
from emrnetcheck.probes.throughput.target import Target

# cloudflare/speedtest PR#122: the query is needed by the server's cap; PR#121: the receipt.
_TARGET = Target(
    "speed.cloudflare.com", 443, True, "/__up", query="bytes={n_bytes}", receipt_header="cf-meta-upload-bytes"
)


class Cloudflare:
    """The word "cloudflare"."""

    name = "cloudflare"

    def accepts(self, server: str) -> bool:
        return server == self.name

    def find(self, server: str, context: Context) -> tuple[Target, ...] | Failure:  # noqa: ARG002
        return (_TARGET,)
