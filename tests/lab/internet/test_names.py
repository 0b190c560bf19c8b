"""The lab's name servers, asked with dig."""

from __future__ import annotations

import time

import pytest

from tests.lab.internet import ISP_RESOLVER, InternetPlan, Resolver, ZoneServer
from tests.lab.internet import addresses as at
from tests.lab.internet.conftest import Running, Starter

pytestmark = pytest.mark.lab

NAME = f"emr.{at.ZONE}"
RESOLVERS = (ISP_RESOLVER, *at.PUBLIC_RESOLVERS)


def addresses(running: Running, server: str, name: str) -> list[str]:
    return [line.split()[-1] for line in running.host.dig(server, name)]


@pytest.mark.parametrize("zone", at.NAMES)
def test_every_service_name_resolves_at_every_resolver(healthy: Running, zone: str) -> None:
    for label, address in at.NAMES[zone].items():
        for resolver in RESOLVERS:
            assert addresses(healthy, resolver, f"{label}.{zone}".removeprefix("@.")) == [address]


@pytest.mark.parametrize("server", [at.NS1, at.NS2])
def test_zone_servers_answer_with_authority_and_do_not_recurse(healthy: Running, server: str) -> None:
    said = healthy.host.run(["dig", f"@{server}", f"ns1.{at.ZONE}", "+norecurse"]).stdout
    assert "flags: qr aa;" in said
    assert "REFUSED" in healthy.host.run(["dig", f"@{server}", "speed.cloudflare.com"]).stdout


def test_unknown_name_is_nxdomain_everywhere(healthy: Running) -> None:
    for resolver in RESOLVERS:
        assert "NXDOMAIN" in healthy.host.run(["dig", f"@{resolver}", f"nobody.{at.ZONE}"]).stdout


def test_update_reaches_both_zone_servers_at_once_and_resolvers_after_the_ttl(healthy: Running) -> None:
    name = f"moving.{at.ZONE}"
    healthy.internet.set_address(name, "21.99.0.20", ttl_s=3)
    healthy.host.wait_for(lambda: addresses(healthy, at.NS2, name) != [], timeout_s=2, what="the transfer to ns2")
    for resolver in RESOLVERS:
        assert addresses(healthy, resolver, name) == ["21.99.0.20"]
    cached_s = time.monotonic()

    healthy.internet.set_address(name, "21.99.0.21", ttl_s=3)
    assert addresses(healthy, at.NS1, name) == ["21.99.0.21"]
    healthy.host.wait_for(
        lambda: addresses(healthy, at.NS2, name) == ["21.99.0.21"], timeout_s=1, what="the transfer to ns2"
    )
    if time.monotonic() - cached_s < 1.5:
        assert [addresses(healthy, resolver, name) for resolver in RESOLVERS] == [["21.99.0.20"]] * len(RESOLVERS)
    for resolver in RESOLVERS:
        healthy.host.wait_for(
            lambda asked=resolver: addresses(healthy, asked, name) == ["21.99.0.21"],  # type: ignore[misc]
            timeout_s=5,
            what=f"the new address at {resolver}",
        )


def test_removed_name_is_gone_at_once_where_nobody_asked_before(healthy: Running) -> None:
    name = f"removed.{at.ZONE}"
    healthy.internet.set_address(name, "21.99.0.30")
    healthy.internet.set_address(name, None)
    assert addresses(healthy, at.NS1, name) == []


def test_resolvers_do_not_warm_each_other(healthy: Running) -> None:
    name = f"cached.{at.ZONE}"
    healthy.internet.set_address(name, "21.99.0.40", ttl_s=60)
    healthy.host.wait_for(lambda: addresses(healthy, at.NS2, name) != [], timeout_s=2, what="the transfer to ns2")
    assert addresses(healthy, "1.1.1.1", name) == ["21.99.0.40"]
    healthy.internet.set_address(name, "21.99.0.41", ttl_s=60)
    healthy.host.wait_for(
        lambda: addresses(healthy, at.NS2, name) == ["21.99.0.41"], timeout_s=2, what="the transfer to ns2"
    )
    assert addresses(healthy, "1.1.1.1", name) == ["21.99.0.40"]
    assert addresses(healthy, "8.8.8.8", name) == ["21.99.0.41"]


def test_name_is_missing_where_the_plan_gives_none_and_one_resolver_is_dead_another_lies(start: Starter) -> None:
    lying = Resolver(dnsmasq_args=("--address=/#/21.66.0.1",))
    plan = InternetPlan(resolvers={"9.9.9.9": Resolver(alive=False), "8.8.8.8": lying, ISP_RESOLVER: lying})
    running = start(plan)
    assert "NXDOMAIN" in running.host.run(["dig", "@1.1.1.1", NAME]).stdout
    assert addresses(running, "8.8.8.8", NAME) == ["21.66.0.1"]
    assert addresses(running, ISP_RESOLVER, NAME) == ["21.66.0.1"]
    assert running.host.run(["dig", "@9.9.9.9", NAME, "+tries=1", "+time=1"], check=False).returncode != 0


def test_lagging_secondary_keeps_the_old_address(start: Starter) -> None:
    running = start(InternetPlan(address="21.99.0.10", ns2=ZoneServer.LAGGING))
    running.internet.set_address(NAME, "21.99.0.11")
    assert addresses(running, at.NS1, NAME) == ["21.99.0.11"]
    assert addresses(running, at.NS2, NAME) == ["21.99.0.10"]


def test_secondary_serves_alone_where_the_primary_is_dead(start: Starter) -> None:
    running = start(InternetPlan(address="21.99.0.10", ns1=ZoneServer.DEAD))
    assert addresses(running, at.NS2, NAME) == ["21.99.0.10"]
    assert addresses(running, "1.1.1.1", NAME) == ["21.99.0.10"]


def test_dead_zone_is_servfail_while_other_names_resolve(start: Starter) -> None:
    running = start(InternetPlan(address="21.99.0.10", ns1=ZoneServer.DEAD, ns2=ZoneServer.DEAD))
    assert "SERVFAIL" in running.host.run(["dig", "@1.1.1.1", NAME, "+time=8", "+tries=1"]).stdout
    assert addresses(running, "1.1.1.1", "speed.cloudflare.com") == [at.CLOUDFLARE]
