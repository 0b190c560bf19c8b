"""How is a LibreSpeed server (PHP, Go, Rust) used?"""

from __future__ import annotations

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.failures import clean
from emrnetcheck.probes.context import Context
from emrnetcheck.probes.throughput.address import parse_base
from emrnetcheck.probes.throughput.target import Source, Target

_PREFIX = "librespeed+"
_NAMES = ("empty.php", "empty")  # PHP has the first, Go and Rust both
_DOWN_NAMES = ("garbage.php", "garbage")
_ANSWER_MIB = 24


class LibreSpeed:
    """librespeed+http://HOST[:PORT]/PATH and librespeed+https://..."""

    name = "librespeed"

    def accepts(self, server: str) -> bool:
        return server.startswith((f"{_PREFIX}http:", f"{_PREFIX}https:"))

    def find(self, server: str, context: Context) -> tuple[Target, ...] | Failure:  # noqa: ARG002
        base = parse_base(server.removeprefix(_PREFIX))
        if base is None:
            detail = clean(f"{server} is not {_PREFIX}http://HOST[:PORT]/PATH")
            return Failure(FailureKind.NOT_CONFIGURED, "upload", clean(server), detail)
        return tuple(
            Target(base.host, base.port, base.tls, f"{base.path.rstrip('/')}/{name}", "r={nonce}") for name in _NAMES
        )

    def sources(self, target: Target) -> tuple[Source, ...]:
        folder, query = target.path.rpartition("/")[0], f"ckSize={_ANSWER_MIB}&r={{nonce}}"
        return tuple(
            Source(target.host, target.port, target.tls, f"{folder}/{name}", query, _ANSWER_MIB * 1024 * 1024)
            for name in _DOWN_NAMES
        )
