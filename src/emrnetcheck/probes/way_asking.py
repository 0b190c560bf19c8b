"""How is everybody on the way asked, in the same seconds: by ping, else by connecting?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from emrnetcheck.evidence.series import Series
from emrnetcheck.evidence.way import WayTarget
from emrnetcheck.model import Failure
from emrnetcheck.net import icmp, tcp
from emrnetcheck.probes.context import Context
from emrnetcheck.probes.holders import HOLDERS_EVERY_S, Holders
from emrnetcheck.probes.series import series_of
from emrnetcheck.probes.together import together

NEAR, FAR, SERVER, INSIDE = "near", "far", "server", "inside"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often one group of hosts is asked in one round."""

    count: int
    interval_s: float


# Of 400 probes, 1 % loss shows itself with all but 2 % probability; then the second round tells it from chance. Hosts
# on the Internet are strangers, and get no more than 20 a second; each connection to the EMR costs its server a little,
# but in its own network there is nothing else by which its cable could be judged.
ROUND: Mapping[str, Rhythm] = {
    NEAR: Rhythm(400, 0.02),
    FAR: Rhythm(160, 0.05),
    SERVER: Rhythm(80, 0.1),
    INSIDE: Rhythm(400, 0.02),
}
WARM_UP = 3  # ARP and power saving spoil the first ones (netfacts.md 5.1)
TIMEOUT_S = 0.9  # below the second after which a lost SYN is sent again (RFC 6298), so that TCP shows a loss as one
SLOW_TIMEOUT_S = 3.0  # for ping, which is not sent again, and whom TCP would wrongly find lost: a full queue is slow
_SLOW_MS = 400.0
_WITNESS_PORTS = (53, 443)
_ROUTER_PORTS = (53, 80, 443)
_ROUTER_TCP_COUNT = 30
_SLOW_ROUTER_MS = 4.0


@dataclass(slots=True)
class Target:
    """One host to be asked. port None: by ping."""

    leg: str
    address: str
    group: str
    port: int | None = None
    rtts_ms: list[float | None] = field(default_factory=list)
    method: str = "none"
    failure: Failure | None = None
    patience_s: float = TIMEOUT_S
    refused: int = 0

    @property
    def lost(self) -> int:
        """How many probes, where something was answered."""
        answered = any(rtt is not None for rtt in self.rtts_ms)
        return self.rtts_ms.count(None) if answered else 0

    def evidence(self) -> WayTarget:
        """What was seen of it so far."""
        operation = "ping" if self.port is None else "connect"
        series = series_of(self.address, self.rtts_ms, self.method, self.failure, operation)
        return WayTarget(self.leg, series, self.refused)


def warm_up(targets: list[Target], context: Context) -> None:
    """Wakes everybody up, and finds out who has to be asked by connecting, because ping is not answered."""
    pinged = [target for target in targets if target.port is None]
    series = icmp.echo_series(
        [target.address for target in pinged],
        count=WARM_UP,
        interval_s=0.05,
        timeout_s=TIMEOUT_S,
        stopping=context.stopping,
    )
    answered = (
        {each.address for each in series if any(rtt is not None for rtt in each.rtts_ms)}
        if isinstance(series, tuple)
        else set()
    )
    no_ping = series if isinstance(series, Failure) else None
    silent = [target for target in pinged if target.address not in answered]
    pairs = [
        (target.address, port)
        for target in silent
        for port in (_WITNESS_PORTS if target.leg == "outside" else _ROUTER_PORTS)
        if target.leg != "isp"
    ]
    open_at: dict[str, int] = {}
    for knock in tcp.connect_series(pairs, count=1, interval_s=0.0, timeout_s=TIMEOUT_S, stopping=context.stopping):
        if knock.rtts_ms and knock.rtts_ms[0] is not None:
            open_at.setdefault(knock.address, knock.port)
    for target in silent:
        target.port = open_at.get(target.address)
        target.failure = no_ping if target.port is None else None
    for target in targets:
        if target.leg == "server":
            target.patience_s = _patience_s(target, context)


def _patience_s(target: Target, context: Context) -> float:
    """For how long a connection is waited for: longer only where it is known to need that."""
    pair = (target.address, target.port or 0)
    knocks = tcp.connect_series(
        [pair], count=WARM_UP, interval_s=0.1, timeout_s=SLOW_TIMEOUT_S, stopping=context.stopping
    )
    answered = sorted(rtt for rtt in knocks[0].rtts_ms if rtt is not None)
    return SLOW_TIMEOUT_S if answered and answered[0] > _SLOW_MS else TIMEOUT_S


def ask_round(targets: list[Target], holders: Holders, context: Context) -> None:
    """Everybody once more, each group in its rhythm, while the holders of addresses are watched."""
    with holders.watched(HOLDERS_EVERY_S):
        together([partial(_group, targets, group, context) for group in ROUND], context)


def _group(targets: Sequence[Target], group: str, context: Context) -> None:
    """One group's pings and connections, side by side in the group's rhythm."""
    mine = [target for target in targets if target.group == group]
    pinged = [target for target in mine if target.port is None and target.failure is None]
    knocked = [target for target in mine if target.port is not None]
    together([partial(_ping, pinged, ROUND[group], context), partial(_knock, knocked, ROUND[group], context)], context)


def _ping(targets: Sequence[Target], rhythm: Rhythm, context: Context) -> None:
    series = icmp.echo_series(
        [target.address for target in targets],
        count=rhythm.count,
        interval_s=rhythm.interval_s,
        timeout_s=SLOW_TIMEOUT_S,
        stopping=context.stopping,
    )
    for target in targets:
        if isinstance(series, Failure):
            target.failure = series
    if isinstance(series, tuple):
        for target, each in zip(targets, series, strict=True):
            target.rtts_ms += each.rtts_ms
            target.method, target.failure = each.method, each.failure


def _knock(targets: Sequence[Target], rhythm: Rhythm, context: Context) -> None:
    pairs = [(target.address, target.port) for target in targets if target.port is not None]
    if not pairs:
        return
    series = tcp.connect_series(
        pairs,
        count=rhythm.count,
        interval_s=rhythm.interval_s,
        timeout_s=max(target.patience_s for target in targets),
        stopping=context.stopping,
    )
    for target, each in zip(targets, series, strict=True):
        target.rtts_ms += each.rtts_ms
        target.method, target.failure = f"tcp:{each.port}", each.failure
        target.refused += each.refused


def router_again(targets: Sequence[Target], context: Context) -> Series | None:
    """A router that is slow to answer ping, asked by connecting: many have no time for ping, and forward well."""
    router = next((target for target in targets if target.leg == "router" and target.port is None), None)
    received = sorted(rtt for rtt in router.rtts_ms if rtt is not None) if router is not None else []
    if router is None or not received or (received[len(received) // 2] < _SLOW_ROUTER_MS and not router.lost):
        return None
    first = tcp.connect_series(
        [(router.address, port) for port in _ROUTER_PORTS],
        count=1,
        interval_s=0.0,
        timeout_s=TIMEOUT_S,
        stopping=context.stopping,
    )
    port = next((each.port for each in first if each.rtts_ms and each.rtts_ms[0] is not None), None)
    if port is None:
        return None
    series = tcp.connect_series(
        [(router.address, port)],
        count=_ROUTER_TCP_COUNT,
        interval_s=0.05,
        timeout_s=TIMEOUT_S,
        stopping=context.stopping,
    )[0]
    return series_of(router.address, series.rtts_ms, f"tcp:{port}", series.failure, "connect")
