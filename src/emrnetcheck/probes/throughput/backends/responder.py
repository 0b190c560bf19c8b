"""How is a responder used, this program at another site? As a LibreSpeed server that may want a token and has a pin."""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.failures import clean
from emrnetcheck.probes.context import Context
from emrnetcheck.probes.outside.common import parse
from emrnetcheck.probes.outside.responder import token_headers
from emrnetcheck.probes.throughput.target import Source, Target

_PREFIXES = ("responder+http:", "responder+https:")
_FOLDER = "/backend"
_ANSWER_MIB = 24


@dataclass(frozen=True, slots=True)
class Responder:
    """responder+https://HOST[:PORT][#sha256=HEX] and responder+http://... token_source: where the token is kept."""

    token_source: str | None = None
    name: str = "responder"

    def accepts(self, server: str) -> bool:
        return server.startswith(_PREFIXES)

    def find(self, server: str, context: Context) -> tuple[Target, ...] | Failure:  # noqa: ARG002 - the shape is given
        service = parse(server)
        if service is None:
            detail = clean(f"{server} is not {_PREFIXES[1]}//HOST[:PORT][#sha256=HEX]")
            return Failure(FailureKind.NOT_CONFIGURED, "upload", clean(server), detail)
        headers = token_headers(service, self.token_source)
        if isinstance(headers, Failure):
            return headers
        path = f"{_FOLDER}/empty.php"
        target = Target(service.host, service.port, service.tls, path, "r={nonce}", pin=service.pin, headers=headers)
        return (target,)

    def sources(self, target: Target) -> tuple[Source, ...]:
        source = Source(
            target.host,
            target.port,
            target.tls,
            f"{_FOLDER}/garbage.php",
            f"ckSize={_ANSWER_MIB}&r={{nonce}}",
            _ANSWER_MIB * 1024 * 1024,
            pin=target.pin,
            headers=target.headers,
        )
        return (source,)
