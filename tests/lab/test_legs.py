"""Is what a scenario breaks on the way really broken, and nothing else? Asked with ping and curl."""

from __future__ import annotations

import re

import pytest

from tests.lab.conftest import Shell

pytestmark = pytest.mark.lab

NAME = "emr.dyn.example.org"
CURL_TIMED_OUT = 28


def ping(host: str, *, count: int = 5) -> str:
    return f"ping -q -c{count} -i0.2 -W2 {host};"


def least_ms(said: str) -> list[float]:
    """The least times of several pings: on a busy machine the others say little."""
    return [float(each) for each in re.findall(r"min/avg/max/mdev = ([\d.]+)/", said)]


def test_a_late_cable_is_late_to_everybody_else(shell: Shell) -> None:
    said = shell("pc", ping("192.168.1.10") + ping("192.168.1.1"), scenario="place_server_cable_late").stdout
    server_ms, router_ms = least_ms(said)
    assert server_ms > 40 > router_ms


def test_a_router_may_be_late_with_its_own_answers_alone(shell: Shell) -> None:
    script = ping("192.168.1.1") + ping("1.1.1.1") + f"dig +short +tries=1 +timeout=2 @192.168.1.1 {NAME}"
    said = shell("pc", script, scenario="place_router_icmp_late").stdout
    router_ms, beyond_ms = least_ms(said)
    assert router_ms > 60 > beyond_ms
    assert said.endswith("45.76.10.20\n")


def test_a_hop_may_be_silent_lossy_or_late_and_forwards_all_the_same(shell: Shell) -> None:
    hops = "".join(f"ping -n -c4 -i0.3 -W1 -t{ttl} 1.1.1.1 | grep -o 'From [0-9.]*';" for ttl in (3, 5))
    said = shell("pc", hops + ping("1.1.1.1", count=20), scenario="place_hop_silent_and_lossy").stdout
    assert set(re.findall(r"From (.*)", said)) == {"62.115.3.1"}
    assert "20 received" in said


@pytest.mark.parametrize(("scenario", "status"), [("place_mtu_1400_told", 0), ("place_mtu_black_hole", CURL_TIMED_OUT)])
def test_a_narrow_hop_is_a_black_hole_if_nobody_is_told(shell: Shell, scenario: str, status: int) -> None:
    big = f"curl -sk -m 5 -o /dev/null https://{NAME}:8443/oscar/js/login.js"
    assert shell("pc2", big, scenario=scenario).returncode == status


def test_a_twin_of_the_server_gets_some_of_its_visitors(shell: Shell) -> None:
    once = "ping -c1 -W1 192.168.1.10 >/dev/null; ip neigh show 192.168.1.10; sleep 0.5"
    script = f"for i in 1 2 3 4 5 6 7 8 9; do {once}; done"
    said = shell("pc", script, scenario="place_duplicate_address").stdout
    assert len(set(re.findall(r"lladdr ([\da-f:]+)", said))) == 2


def test_a_storm_is_in_everybodys_way(shell: Shell) -> None:
    assert least_ms(shell("pc", "sleep 1;" + ping("192.168.1.10"), scenario="place_storm").stdout)[0] > 10


def test_the_second_site_may_have_a_stale_resolver(shell: Shell) -> None:
    script = f"dig +short {NAME}; dig +short @1.1.1.1 {NAME}"
    assert shell("pc2", script, scenario="place_remote_resolver_stale").stdout == "45.76.10.99\n45.76.10.20\n"


def test_a_second_way_out_leads_out(shell: Shell) -> None:
    get = 'curl -sS -m 4 --cacert "$SSL_CERT_FILE" https://api.ipify.org'
    script = f"{get}; echo; ip route del default via 192.168.1.1; {get}"
    assert shell("emr", script, scenario="fine_two_ways_out").stdout == "45.76.10.20\n45.76.11.20"
