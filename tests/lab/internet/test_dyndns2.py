"""The dynamic DNS provider, asked with curl as a dyndns2 client asks."""

from __future__ import annotations

import pytest

from tests.lab.internet import InternetPlan, Service
from tests.lab.internet import addresses as at
from tests.lab.internet.conftest import Running, Starter
from tests.lab.internet.ddns import PASSWORD, SERVER, USER
from tests.lab.internet.plan import DdnsServer

pytestmark = pytest.mark.lab

NAME = f"emr.{at.ZONE}"
FIRST, SECOND = "21.99.0.10", "21.99.0.11"


@pytest.fixture(scope="module")
def provider(start: Starter) -> Running:
    return start(InternetPlan(address=FIRST, ttl_s=7, ddns=DdnsServer(abuse_after=2)))


def update(running: Running, name: str = NAME, address: str = FIRST, *curl: str, user: str = USER) -> str:
    url = f"https://{SERVER}/nic/update?hostname={name}&myip={address}"
    argv = ["curl", "-sS", "-m", "5", "--cacert", str(running.internet.ca_path), "-u", f"{user}:{PASSWORD}", *curl, url]
    return running.host.run(argv).stdout.strip()


def test_an_update_is_published_with_the_plans_ttl_and_logged_then_nochg_is_abuse_in_the_end(provider: Running) -> None:
    assert provider.internet.ddns is not None
    assert update(provider, address=SECOND) == f"good {SECOND}"
    assert [line.split() for line in provider.host.dig(at.NS1, NAME)] == [[f"{NAME}.", "7", "IN", "A", SECOND]]
    said = [update(provider, address=SECOND) for _ in range(3)]
    assert said == [f"nochg {SECOND}", f"nochg {SECOND}", "abuse"]
    newest = provider.internet.ddns.log()[-1]
    assert (newest.code, newest.hostname, newest.address, newest.secure) == ("abuse", NAME, SECOND, True)
    assert provider.internet.ddns.counts()["nochg"] == 2
    assert provider.internet.ddns.busiest_minute() >= 4


@pytest.mark.parametrize(
    ("name", "curl", "user", "code"),
    [
        (NAME, (), "nobody", "badauth"),
        (NAME, ("-A", ""), USER, "badagent"),
        ("emr", (), USER, "notfqdn"),
        (f"other.{at.ZONE}", (), USER, "nohost"),
        (",".join([NAME] * 21), (), USER, "numhost"),
    ],
)
def test_a_wrong_question_gets_its_code(
    provider: Running, name: str, curl: tuple[str, ...], user: str, code: str
) -> None:
    assert update(provider, name, FIRST, *curl, user=user) == code


@pytest.mark.parametrize("code", ["!yours", "!donator", "dnserr", "911", "good"])
def test_any_code_is_said_on_demand_and_nothing_is_updated(provider: Running, code: str) -> None:
    assert provider.internet.ddns is not None
    before = provider.host.dig(at.NS1, NAME)
    provider.internet.ddns.says(code)
    said = update(provider, address="21.99.0.12")
    provider.internet.ddns.says("")
    assert said == ("good 21.99.0.12" if code == "good" else code)
    assert provider.host.dig(at.NS1, NAME) == before


def test_the_page_tells_the_callers_address(provider: Running) -> None:
    said = provider.host.run(["curl", "-sS", "-m", "5", f"http://{SERVER}/ip"]).stdout
    assert f"Current IP Address: {at.DDNS}<" in said


def test_a_dead_service_refuses_and_a_provider_has_its_own_servers_names(start: Starter) -> None:
    running = start(InternetPlan(address=FIRST, provider="duckdns", ddns=DdnsServer(up=Service.DEAD)))
    refused = 7
    assert running.host.run(["curl", "-s", "-m", "5", f"http://{SERVER}/ip"], check=False).returncode == refused
    for server in (at.ORG_SERVER, "1.1.1.1"):
        said = running.host.run(
            ["dig", f"@{server}", at.ZONE, "NS", "+norecurse" if server == at.ORG_SERVER else "+rd"]
        )
        assert set(said.stdout.split()) >= {"ns1.duckdns.org.", "ns2.duckdns.org."}
        assert f"ns1.{at.ZONE}." not in said.stdout
