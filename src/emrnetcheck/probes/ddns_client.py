"""Which DDNS client is on this computer, and what does it say? Nothing is sent."""

from __future__ import annotations

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.ddns_client import Client, ClientName, DdnsClient
from emrnetcheck.model import Failure, Mode, Site
from emrnetcheck.net import ddns_clients
from emrnetcheck.probes.context import Context, Probe


def measure(site: Site, seen: Seen, context: Context) -> DdnsClient | Failure:  # noqa: ARG001 - the shape of every probe
    """The clients that are set up or run here; none found is evidence too."""
    found = ddns_clients.clients()
    wanted = _names_of_the_emr(site, seen)
    return DdnsClient(tuple(_client(each, wanted) for each in found.programs), found.looked_at)


def _names_of_the_emr(site: Site, seen: Seen) -> frozenset[str]:
    """Its name, and what that is an alias of."""
    found = [site.hostname or ""]
    if seen.names is not None:
        answers = (*seen.names.authoritative, *seen.names.resolvers)
        found += [alias for answer in answers for alias in answer.cname]
        found += [alias.name for alias in seen.names.aliases]
    return frozenset(name.rstrip(".").lower() for name in found)


def _client(found: ddns_clients.Program, wanted: frozenset[str]) -> Client:
    """No other name leaves this place: settings are written by hand, and what looks like a name may be a password."""
    kept = [each for each in found.names if each.name in wanted]
    return Client(
        program=found.program,
        running=found.running,
        settings_failure=found.settings_failure,
        interval_s=found.interval_s,
        address_from=found.address_from,
        protocol=found.protocol,
        server=found.server,
        names=tuple(
            ClientName(each.name, each.address, each.result, each.updated_unix_s, each.tried_unix_s) for each in kept
        ),
        log_failure=found.log_failure,
        other_names=len(found.names) - len(kept),
    )


PROBE = Probe(
    name="ddns_client",
    title="The DDNS client of this computer",
    measure=measure,
    deadline_s=dict.fromkeys(Mode, 5.0),
    after=("names",),
)
