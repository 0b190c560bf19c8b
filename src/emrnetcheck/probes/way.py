"""How fast and how surely does each leg of the way to the EMR answer? All legs are asked in the same seconds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.address import Hop
from emrnetcheck.evidence.way import Way
from emrnetcheck.model import Failure, Mode, Site
from emrnetcheck.probes.context import Context, Probe
from emrnetcheck.probes.holders import Holders
from emrnetcheck.probes.together import together
from emrnetcheck.probes.way_asking import ROUND, Target, ask_round, router_again, warm_up
from emrnetcheck.probes.way_whom import (
    HOPS_TIMEOUT_S,
    STUN_TIMEOUT_S,
    TOLD,
    emr_address_of,
    hops_of,
    is_inside,
    public_v4,
    targets_of,
)

_ROUNDS_MAX = 2
_MANY_LOST = 8

_Looked = tuple[Hop, ...] | Failure | str | None


def measure(site: Site, seen: Seen, context: Context) -> Way | Failure:
    """One round; a second one where something was lost, to tell loss from chance."""
    emr = emr_address_of(site, seen)
    context.progress("asking each part of the way", None, None)
    looks: list[Callable[[], _Looked]] = [partial(hops_of, site), partial(public_v4, site, context)]
    hops, told = together(looks, context, limit_s=HOPS_TIMEOUT_S + STUN_TIMEOUT_S)
    found_hops = hops if isinstance(hops, tuple) else ()
    public = told if isinstance(told, str) else None
    inside = is_inside(emr, public, vpn=seen.link is not None and seen.link.vpn)
    targets = targets_of(site, seen, emr, found_hops, inside=inside is True)
    has_way_out = seen.link is None or seen.link.interface is not None
    for target in targets:
        if target.leg == "outside" and has_way_out:
            context.ledger.told(target.address, TOLD)
    warm_up(targets, context)
    holders = Holders()
    for number in range(_ROUNDS_MAX):
        if context.stopping() or (number and not _undecided(targets)):
            break
        longest_s = max(rhythm.count * rhythm.interval_s for rhythm in ROUND.values())
        context.progress("asking each part of the way" if not number else "asking again", longest_s, None)
        ask_round(targets, holders, context)
    if inside is True and any(target.refused for target in targets):
        # The router passes on to whoever has the EMR's address: two may take turns with it.
        holders.ask([target.address for target in targets if target.leg == "peer"], seen.link, context)
    ended = context.stopped("ask each part of the way")
    if ended is not None and not any(target.rtts_ms for target in targets):
        return ended
    asked = tuple(target.evidence() for target in targets)
    router_by_tcp = router_again(targets, context)
    context.ledger.probed(each.series for each in asked)
    context.ledger.probed([router_by_tcp] if router_by_tcp is not None else [])
    return Way(
        targets=asked,
        emr_address=emr,
        emr_port=site.port,
        inside=inside,
        public_v4=public,
        hops=found_hops,
        hops_failure=hops if isinstance(hops, Failure) else None,
        router_by_tcp=router_by_tcp,
        holders=holders.evidence({target.address for target in targets}),
    )


def _undecided(targets: Sequence[Target]) -> bool:
    """Whether a few probes were lost, which may be chance. Where many were, more would only take time."""
    return any(target.lost for target in targets) and not any(target.lost >= _MANY_LOST for target in targets)


PROBE = Probe(
    name="way",
    title="Each part of the way",
    measure=measure,
    # Two rounds of 8 s, what is late in each, the trace and the router once more.
    deadline_s=dict.fromkeys(Mode, 32.0),
    alone=True,
    after=("link", "lookups"),
)
