"""What do the DDNS client of this computer and the name's provider add to what was found of the name?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from emrnetcheck.checks.ddns import return_codes
from emrnetcheck.checks.ddns.providers import Provider, provider_advice, provider_of
from emrnetcheck.checks.ddns.words import Facts, duration
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.ddns_client import Client, ClientName
from emrnetcheck.evidence.names import NameAnswer, Names
from emrnetcheck.model import Code, Contact, Fact, FailureKind, Finding, Severity, Urgency

_MINUTE_S = 60
_BY_PROVIDER = ("ddns.stale", "ddns.name_missing", "ddns.provider_down")
_BY_CLIENT = ("ddns.stale", "ddns.private_address")

CODES = {
    **return_codes.CODES,
    "ddns.client_stopped": Code(
        Severity.FAIL,
        "The name {hostname} leads to {named} and not to this office ({address}): {client} here does not run.",
        "Start {client} on this computer, and let the system start it after each boot. Its log tells why it ended.",
        Contact.EMR_HOST,
        "Nobody tells the provider the office's new address.",
        say="The name {hostname} leads to {named}, not to our address {address}: {client} does not run. Please start "
        "it, and let it start after each boot.",
        when=Urgency.TODAY,
    ),
    "ddns.static_differs": Code(
        Severity.FAIL,
        "The name {hostname} leads to {named}, but this office's address is {address}, which is set as static.",
        "Change the name's A record at the provider by hand. If the office's address was another one before, ask your "
        "Internet provider whether it is really static.",
        Contact.DNS_PROVIDER,
        "People outside who use the name end up at the wrong place, and no client will mend it.",
        say="The name {hostname} leads to {named}. Please change its A record to our static address, {address}.",
        when=Urgency.TODAY,
    ),
    "ddns.client_refused": Code(
        Severity.WARN,
        "The name is right, but the last update of {client} was not taken ({result}).",
        "Read what {result} means with: emrnetcheck explain {code}. Mend it before the address changes.",
        Contact.IT_HELPER,
        "At the next change of the office's address the name stays behind.",
        say="The provider of {hostname} did not take the last update of {client}: {result}. Please mend it before "
        "the address changes.",
    ),
    "ddns.client_idle": Code(
        Severity.NOTICE,
        "The DDNS client {client} is set up for the name here, but does not run at the moment.",
        "That is right if a timer starts it. Else start it: without it the name stays behind at the next change.",
        Contact.EMR_HOST,
    ),
    "ddns.expected_outage": Code(
        Severity.NOTICE,
        "After a change of the office's address the name stays wrong for {outage}.",
        "A shorter time to live (TTL) or a client that looks more often makes it shorter.",
        Contact.DNS_PROVIDER,
    ),
    "ddns.provider_rule": Code(
        Severity.NOTICE,
        "The name is kept by {provider}. {rule}.",
        "Put it into a calendar.",
        Contact.DNS_PROVIDER,
        "A name that was forgotten is taken away.",
    ),
}


def advised(codes: Mapping[str, Code]) -> dict[str, Code]:
    """The codes, with the advice of the client here in front and that of the name's provider behind, where there is
    some to give: what was found here goes before what holds everywhere."""
    before = dict.fromkeys(_BY_CLIENT, "{client_advice}. ")
    behind = dict.fromkeys(_BY_PROVIDER, " {provider_advice}.")
    return {
        name: replace(code, advice=f"{before.get(name, '')}{code.advice}{behind.get(name, '')}")
        for name, code in codes.items()
    }


def explained(case: Case, names: Names, found: list[Finding], facts: Facts) -> list[Finding]:
    """The findings with the provider's and the client's part of the story. `found`: without `ddns.ok`."""
    provider = _provider(names)
    client, entry = _client_of(case, names)
    told: Facts = {
        "provider": provider.name if provider is not None else "not known",
        "provider_advice": provider_advice(provider, has_client=entry is not None),
        "client_advice": _client_advice(case, client, entry),
    }
    explained_ = [
        _by_the_client(case, finding, client, entry, told)
        if finding.code == "ddns.stale"
        else replace(finding, facts={**finding.facts, **told})
        for finding in found
    ]
    return explained_ + _beside(case, names, found, client, entry, facts, provider)


def _provider(names: Names) -> Provider | None:
    """Of the zone that the aliases end in, if there are any: there the address is kept."""
    aliases = tuple(alias for answer in (*names.authoritative, *names.resolvers) for alias in answer.cname)
    servers = tuple(answer.server_name for answer in _source(names) if answer.server_name)
    return provider_of((names.hostname, *aliases), servers)


def _source(names: Names) -> tuple[NameAnswer, ...]:
    return names.aliases[-1].authoritative if names.aliases else names.authoritative


def _client_of(case: Case, names: Names) -> tuple[Client | None, ClientName | None]:
    """The client that keeps the name, or what the name is an alias of; else one that may keep it, for all we know."""
    seen = case.seen.ddns_client
    if seen is None or not seen.clients:
        return None, None
    wanted = {names.hostname, *(alias for answer in (*names.authoritative, *names.resolvers) for alias in answer.cname)}
    for client in sorted(seen.clients, key=lambda each: not each.running):
        for entry in client.names:
            if entry.name in wanted:
                return client, entry
    return seen.clients[0], None


def _client_advice(case: Case, client: Client | None, entry: ClientName | None) -> str:
    """Without its final dot."""
    if case.seen.ddns_client is None:
        return "The DDNS client may be on the EMR server or in the router"
    if client is None:
        return "No DDNS client was found on this computer: look at the router's DDNS page, or at another computer"
    if entry is None:
        denied = client.settings_failure is not None and client.settings_failure.kind is FailureKind.PERMISSION
        if denied:
            return f"{client.program} is on this computer, but only an administrator may read its files: try with sudo"
        if client.settings_failure is None and not client.names and not client.other_names:
            return f"{client.program} runs on this computer; its own window or log tells what went wrong"
        return f"{client.program} is on this computer, but not set up for this name: another client keeps it"
    if client.address_from == "interface":
        return (
            f"{client.program} on this computer publishes the address of the network card: let it ask the Web for the "
            "office's address instead"
        )
    published = f"it last published {entry.address}" if entry.address is not None else "it has published nothing so far"
    return f"{client.program} on this computer keeps the name; {published}"


def _by_the_client(
    case: Case, finding: Finding, client: Client | None, entry: ClientName | None, told: Facts
) -> Finding:
    """Why the name is stale, where the settings or the client itself tell it."""
    facts: Facts = {**finding.facts, **told}
    if case.site.addressing == "static":
        return replace(finding, code="ddns.static_differs", facts=facts)
    if client is None or entry is None:
        return replace(finding, facts=facts)
    facts |= {"client": client.program, "result": entry.result, "client_published": entry.address}
    code = return_codes.CODE_OF_WORD.get(entry.result or "")
    if code is not None and entry.result not in return_codes.GOOD_WORDS:
        return replace(finding, code=code, facts=facts)
    if client.running is False:
        return replace(finding, code="ddns.client_stopped", facts=facts)
    return replace(finding, facts=facts)


_NAME_IS_WRONG = (*_BY_PROVIDER, "ddns.private_address", "ddns.no_ipv4", "ddns.no_comparison", "ddns.unmeasured")


def _beside(
    case: Case,
    names: Names,
    found: list[Finding],
    client: Client | None,
    entry: ClientName | None,
    facts: Facts,
    provider: Provider | None,
) -> list[Finding]:
    """Remarks where the name is right at its source: the client's state, the time after a change, standing rules."""
    if any(finding.code in _NAME_IS_WRONG for finding in found):
        return []
    beside = [] if client is None or entry is None else _state_of_client(facts, client, entry)
    seen = case.seen.ddns_client
    if seen is not None and case.site.addressing == "dynamic":
        beside += _expected_outage(facts, names, client if entry is not None else None)
    if provider is not None and provider.rule:
        beside.append(Finding("ddns.provider_rule", facts | {"provider": provider.name, "rule": provider.rule}))
    return beside


def _state_of_client(facts: Facts, client: Client, entry: ClientName) -> list[Finding]:
    told: dict[str, Fact] = facts | {"client": client.program, "result": entry.result}
    code = return_codes.CODE_OF_WORD.get(entry.result or "")
    found = []
    if code is not None and entry.result in return_codes.GOOD_WORDS:
        found.append(Finding(code, told))
    elif code is not None and entry.result not in return_codes.PASSING_WORDS:
        found.append(Finding("ddns.client_refused", told | {"code": code}, "good", entry.result))
    if client.running is False:
        found.append(Finding("ddns.client_idle", told))
    return found


def outage_minutes(interval_s: int, ttl_s: int) -> int:
    """The longest that a changed address is wrong: the client looks once an interval, resolvers keep the old answer
    for the time to live. In whole minutes, rounded up."""
    return max(1, math.ceil((interval_s + ttl_s) / _MINUTE_S))


def _expected_outage(facts: Facts, names: Names, client: Client | None) -> list[Finding]:
    ttls_s = [answer.ttl_s for answer in _source(names) if answer.ttl_s is not None and answer.addresses]
    if not ttls_s:
        return []
    ttl_s, interval_s = max(ttls_s), client.interval_s if client is not None else None
    if interval_s is None:
        minutes = outage_minutes(0, ttl_s)
        outage = f"at least {_minutes(minutes)}, plus the time until the DDNS client sees it"
    else:
        minutes = outage_minutes(interval_s, ttl_s)
        outage = f"up to {_minutes(minutes)}"
    told: dict[str, Fact] = {
        "outage": outage,
        "outage_minutes": minutes if interval_s is not None else None,
        "ttl_s": ttl_s,
        "client_interval_s": interval_s,
    }
    return [Finding("ddns.expected_outage", facts | told)]


def _minutes(count: int) -> str:
    return "1 minute" if count == 1 else duration(count * _MINUTE_S)
