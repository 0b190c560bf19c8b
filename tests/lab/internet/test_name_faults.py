"""The lab's faulty name servers and its DNS over HTTPS: is each wrong in just the way that it is meant to be?"""

from __future__ import annotations

import sys
import time

import pytest

from tests.lab.internet import InternetPlan, Resolver, ZoneServer
from tests.lab.internet import addresses as at
from tests.lab.internet.conftest import Running, Starter

pytestmark = pytest.mark.lab

NAME = f"emr.{at.ZONE}"
ADDRESS = "21.99.0.10"


def dig(running: Running, server: str, *words: str) -> str:
    argv = ["dig", f"@{server}", *words, "+norecurse", "+noedns", "+tries=1", "+time=1"]
    return running.host.run(argv, check=False).stdout


def test_lame_server_refuses(start: Starter) -> None:
    running = start(InternetPlan(address=ADDRESS, ns2=ZoneServer.LAME))
    assert "status: REFUSED" in dig(running, at.NS2, NAME)
    assert ADDRESS in dig(running, at.NS1, NAME)


def test_server_without_authority_has_the_address_all_the_same(start: Starter) -> None:
    running = start(InternetPlan(address=ADDRESS, ns2=ZoneServer.NOT_AUTHORITATIVE))
    said = dig(running, at.NS2, NAME)
    assert ADDRESS in said
    assert " aa" not in said
    assert " aa" in dig(running, at.NS1, NAME)


def test_server_that_cuts_answers_over_tcp_alone(start: Starter) -> None:
    running = start(InternetPlan(address=ADDRESS, ns2=ZoneServer.CUTS))
    assert " tc" in dig(running, at.NS2, NAME, "+ignore")
    assert ADDRESS not in dig(running, at.NS2, NAME, "+ignore")
    assert ADDRESS in dig(running, at.NS2, NAME)


def test_server_that_cuts_without_tcp_answers_nothing(start: Starter) -> None:
    running = start(InternetPlan(address=ADDRESS, ns2=ZoneServer.CUTS_WITHOUT_TCP))
    assert " tc" in dig(running, at.NS2, NAME, "+ignore")
    assert ADDRESS not in dig(running, at.NS2, NAME)


def test_serials_differ_and_the_address_does_not(start: Starter) -> None:
    running = start(InternetPlan(address=ADDRESS, ns2=ZoneServer.SERIAL))
    serials = {dig(running, server, at.ZONE, "SOA", "+short").split()[2] for server in (at.NS1, at.NS2)}
    assert len(serials) == 2
    assert all(ADDRESS in dig(running, server, NAME) for server in (at.NS1, at.NS2))


def test_zone_above_names_whom_it_is_told_to(start: Starter) -> None:
    running = start(InternetPlan(address=ADDRESS, delegated_to=("ns1",)))
    said = dig(running, at.ORG_SERVER, NAME)
    assert f"ns1.{at.ZONE}" in said
    assert f"ns2.{at.ZONE}" not in said
    assert f"ns2.{at.ZONE}" in dig(running, at.NS1, at.ZONE, "NS")


def test_slow_resolver_takes_its_time(start: Starter) -> None:
    running = start(InternetPlan(address=ADDRESS, resolvers={"9.9.9.9": Resolver(delay_ms=150)}))
    began_s = time.monotonic()
    assert ADDRESS in running.host.run(["dig", "@9.9.9.9", NAME, "+short"]).stdout
    assert time.monotonic() - began_s > 0.15


@pytest.mark.parametrize("name", at.DOH)
def test_dns_over_https_answers_with_the_resolvers_own_cache(start: Starter, name: str) -> None:
    running = start(InternetPlan(address=ADDRESS))
    program = (
        "import sys; from emrnetcheck.net import doh; "
        "print(doh.query(f'https://{sys.argv[1]}/dns-query', sys.argv[2], sys.argv[3], 'A', timeout_s=3))"
    )
    environment = {"SSL_CERT_FILE": str(running.internet.ca_path)}
    said = running.host.run([sys.executable, "-c", program, name, at.DOH[name][0], NAME], env=environment).stdout
    assert f"values=('{ADDRESS}',)" in said


def test_dns_over_https_is_asked_by_get_too(start: Starter) -> None:
    running = start(InternetPlan(address=ADDRESS))
    name, (address, _) = next(iter(at.DOH.items()))
    program = (
        "import base64, http.client, socket, ssl, sys, dns.message;"
        "name, address, asked = sys.argv[1:];"
        "wire = dns.message.make_query(asked, 'A').to_wire();"
        "there = socket.create_connection((address, 443));"
        "there = ssl.create_default_context().wrap_socket(there, server_hostname=name);"
        "web = http.client.HTTPSConnection(name); web.sock = there;"
        "web.request('GET', '/dns-query?dns=' + base64.urlsafe_b64encode(wire).rstrip(b'=').decode());"
        "print(dns.message.from_wire(web.getresponse().read()))"
    )
    environment = {"SSL_CERT_FILE": str(running.internet.ca_path)}
    said = running.host.run([sys.executable, "-c", program, name, address, NAME], env=environment).stdout
    assert f"IN A {ADDRESS}" in said
