"""Does the lab's router answer as its scenario says? Asked by a client that shares nothing with the program's own."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.lab.conftest import Shell

pytestmark = pytest.mark.lab

ASK = Path(__file__).with_name("ask_router.py")
ROUTER, DECOY = "192.168.1.1", "http://192.168.1.20:8000"
CLINIC, OTHER = "45.76.10.20", "62.4.30.99"
CONTROL = "http://192.168.1.1:5000/ctl"
NAT_PMP_HAS_NONE = "0080000300000000"
NAT_PMP_REFUSES = "0080000100000000"
PCP_SUCCESS = "02800000"


def ask(shell: Shell, scenario: str) -> dict[str, Any]:
    done = shell("emr", f"{sys.executable} {ASK} {ROUTER}", scenario=scenario)
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def without_time(answers: list[str]) -> list[str]:
    """Answers of NAT-PMP and the result of PCP's: the seconds since the router's start differ each time."""
    return [each[:8] if each.startswith("02") else each[:8] + each[16:] for each in answers]


def natpmp(address: str) -> str:
    return "00800000" + socket.inet_aton(address).hex()


@pytest.mark.parametrize(
    ("scenario", "version", "address", "by_natpmp"),
    [
        ("upnp_igd2", "2", CLINIC, natpmp(CLINIC)),
        ("upnp_lies_port_open", "1", OTHER, natpmp(OTHER)),
        ("cgnat_upnp_empty", "1", "", NAT_PMP_HAS_NONE),
    ],
)
def test_miniupnpd_tells_by_upnp_and_natpmp_and_speaks_pcp(
    shell: Shell, scenario: str, version: str, address: str, by_natpmp: str
) -> None:
    said = ask(shell, scenario)
    assert said["ssdp"] == {ROUTER: f"http://{ROUTER}:5000/rootDesc.xml"}
    assert said["upnp"]["igd"] == version
    assert said["upnp"]["services"] == {f"WANIPConnection:{version}": [f"{CONTROL}/IPConn", address, "Connected"]}
    assert without_time(said["natpmp"]) == [by_natpmp]
    assert without_time(said["pcp"]) == [PCP_SUCCESS]


def test_a_router_of_pcp_alone_refuses_natpmp_and_has_no_upnp(shell: Shell) -> None:
    said = ask(shell, "pcp_only")
    assert (said["ssdp"], said["upnp"]["size"]) == ({}, 0)
    assert without_time(said["natpmp"]) == [NAT_PMP_REFUSES]
    assert without_time(said["pcp"]) == [PCP_SUCCESS]


def test_dd_wrt_tells_on_its_page_alone(shell: Shell) -> None:
    said = ask(shell, "ddwrt_page_tells")
    assert f"{{ipinfo::&nbsp;IP: {CLINIC}}}" in said["page"]
    assert (said["ssdp"], said["natpmp"], said["pcp"]) == ({}, [], [])


def test_a_router_can_say_that_its_line_is_down(shell: Shell) -> None:
    services = ask(shell, "router_knows_line_is_down")["upnp"]["services"]
    assert services == {"WANIPConnection:1": [CONTROL, "", "Disconnected"]}


def test_a_foreign_location_leads_to_a_host_that_answers(shell: Shell) -> None:
    """By every way on: else a program that was led astray would come back with nothing, and seem right."""
    said = ask(shell, "upnp_hostile_foreign")
    assert said["ssdp"] == {ROUTER: f"{DECOY}/rootDesc.xml"}
    assert said["upnp"]["services"] == {
        "WANIPConnection:2": [f"{DECOY}/ctl", "62.4.30.98", "Connected"],
        "WANIPConnection:1": [f"{DECOY}/ctl", "62.4.30.98", "Connected"],
        "WANPPPConnection:1": [CONTROL, OTHER, "Connected"],
    }


def test_a_redirect_leads_there_too(shell: Shell) -> None:
    described = ask(shell, "upnp_hostile_redirect")["upnp"]
    assert (described["status"], described["location"]) == (302, f"{DECOY}/rootDesc.xml")


def test_a_hostile_description_is_right_but_for_its_document_type(shell: Shell) -> None:
    described = ask(shell, "upnp_hostile_dtd")["upnp"]
    assert '<!DOCTYPE root [<!ENTITY c "/ctl">]>' in described["start"]
    assert list(described["services"]) == ["WANIPConnection:1"]


def test_a_modem_has_the_line_and_the_clinics_router_behind_it(shell: Shell) -> None:
    show = "ip -4 -br address show dev wan0; ping -c1 -W1 192.168.100.2 >/dev/null; ip neighbour show dev lan0"
    line, behind = shell("modem", show, scenario="double_nat_told").stdout.splitlines()
    assert f"{CLINIC}/24" in line
    assert behind.startswith("192.168.100.2 lladdr")
