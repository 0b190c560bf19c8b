"""Which devices have the addresses of the office network: one each, or does somebody share one?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from emrnetcheck.evidence.lan import LanTarget
from emrnetcheck.model import Mode
from emrnetcheck.net import arp, host, makers, neighbours
from emrnetcheck.probes.context import Context
from emrnetcheck.probes.holders import Holders
from emrnetcheck.probes.lan_whom import Whom
from emrnetcheck.probes.together import together

ARP_TIMEOUT_S = 0.5
_PROBE_FROM = "0.0.0.0"  # RFC 5227: a probe claims no address, so no table is changed by it


def table(whom: Whom) -> dict[str, str]:
    """The hardware address that the system knows for each host that is asked. Nothing is sent."""
    entries = neighbours.neighbours()
    return {
        entry.address: entry.mac
        for entry in (entries if isinstance(entries, tuple) else ())
        if entry.address in whom.addresses and entry.interface in (whom.interface, whom.own_address)
    }


def with_holders(
    targets: Sequence[LanTarget], whom: Whom, watched: Holders, context: Context
) -> tuple[tuple[LanTarget, ...], tuple[str, ...] | None]:
    """The targets with what is known of their hardware; and who else has this computer's own address, None: not asked.

    watched: the table from when they had just answered on. Who still answered when it named another device has been
    answered for by two. By ARP only with the privilege, and not in a quick run.
    """
    watched.look()
    after = table(whom)
    answered, own = _asked(targets, whom, context)
    found = []
    for target in targets:
        in_turns = watched.of(target.address) if target.p50_ms is not None else ()
        moved = len(in_turns) > 1
        holders = tuple(dict.fromkeys((*in_turns, *answered.get(target.address, ()))))
        mac = after.get(target.address) or next(iter(holders), None)
        maker = makers.maker_of(mac) if mac is not None and target.role == "gateway" else None
        found.append(replace(target, mac=mac, maker=maker, holders=holders, moved=moved))
    return tuple(found), own


def _asked(
    targets: Sequence[LanTarget], whom: Whom, context: Context
) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...] | None]:
    if context.mode is Mode.QUICK or whom.interface is None or whom.own_address is None:
        return {}, None
    ask = partial(arp.holders, interface=whom.interface, timeout_s=ARP_TIMEOUT_S)
    addresses = [target.address for target in targets if ":" not in target.address]
    own = whom.own_address
    tasks = [partial(ask, own, own_address=_PROBE_FROM)]
    tasks += [partial(ask, address, own_address=own) for address in addresses]
    mine = host.own_macs()
    answers = [
        tuple(mac for mac in answer if mac not in mine) if isinstance(answer, tuple) else None
        for answer in together(tasks, context)
    ]
    return {address: macs for address, macs in zip(addresses, answers[1:], strict=True) if macs}, answers[0]
