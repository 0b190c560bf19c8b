"""How is a speedtest.net server used? Its list and nearest-server choice, our own upload and download."""

from __future__ import annotations

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import speedtest_list
from emrnetcheck.net.failures import clean
from emrnetcheck.probes.context import Context
from emrnetcheck.probes.throughput.address import parse_base
from emrnetcheck.probes.throughput.target import Source, Target

_FIND_MOST_S = 10.0
_SHARE_OF_WHAT_IS_LEFT = 0.5  # the upload itself needs the rest

# The largest picture beside the upload script, as speedtest-cli asks for it; the usual one weighs 31.6 MB. A page that
# says something else is far smaller.
_PICTURE = "random4000x4000.jpg"
_PICTURE_LEAST_BYTES = 10_000_000


class Speedtest:
    """The word "speedtest"."""

    name = "speedtest"

    def accepts(self, server: str) -> bool:
        return server == self.name

    def find(self, server: str, context: Context) -> tuple[Target, ...] | Failure:  # noqa: ARG002
        host = speedtest_list.LIST_HOST
        found = context.lookup.resolve(host)
        if isinstance(found, Failure):
            return found
        if found.by != "system":
            # The library asks the operating system only, and would hang on it until the deadline.
            detail = "this computer's own name look-up does not work, and speedtest-cli knows no other"
            return Failure(FailureKind.NAME_SERVER_FAILED, "look up", host, detail)
        # It asks five servers for their delay before it takes one of them.
        context.ledger.told(f"{host} and its servers near by", "this office's Internet address")
        deadline_s = min(_FIND_MOST_S, context.remaining_s() * _SHARE_OF_WHAT_IS_LEFT)
        context.progress("looking for the nearest speedtest.net server", deadline_s, None)
        listed = speedtest_list.nearest(deadline_s, context.stopping)
        if isinstance(listed, Failure):
            return listed
        base = parse_base(listed.upload_url)
        if base is None:
            return Failure(FailureKind.MALFORMED, "server list", self.name, clean(listed.upload_url))
        return (Target(base.host, base.port, base.tls, base.path, query="r={nonce}"),)

    def sources(self, target: Target) -> tuple[Source, ...]:
        path = f"{target.path.rpartition('/')[0]}/{_PICTURE}"
        return (Source(target.host, target.port, target.tls, path, "x={nonce}", _PICTURE_LEAST_BYTES),)
