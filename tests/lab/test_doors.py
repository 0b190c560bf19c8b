"""Are the doors of the clinic shut where the plan says, and in the way it says? Asked with sockets from everywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from tests.lab.conftest import Trial

pytestmark = pytest.mark.lab

EMR, ROUTER = "OSCAR Login", "Router login"
OLD = "192.168.1.77"
OPEN: dict[str, Any] = {
    "emr": EMR,
    "pc": EMR,
    "pc by the public address": EMR,
    "site2": EMR,
    "internet": EMR,
    "arrived": True,
}
OUTSIDE = ("site2", "internet")
BY_PUBLIC = ("pc by the public address", *OUTSIDE)


def but(who: tuple[str, ...], finds: str, *, arrived: bool = True) -> dict[str, Any]:
    """As in a healthy clinic, but these find something else."""
    return OPEN | dict.fromkeys(who, finds) | {"arrived": arrived}


CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "healthy": ({}, OPEN),
    "firewall drops": ({"emr": {"firewall": "drop"}}, but(("pc", *BY_PUBLIC), "silent")),
    "firewall rejects": ({"emr": {"firewall": "reject"}}, but(("pc", *BY_PUBLIC), "refused")),
    "firewall prohibits": ({"emr": {"firewall": "prohibited"}}, but(("pc", *BY_PUBLIC), "unreachable")),
    "firewall for the LAN": ({"emr": {"firewall": "lan_only"}}, but(OUTSIDE, "silent")),
    "filter drops": ({"upstream_filter": "drop"}, but(OUTSIDE, "silent", arrived=False)),
    "filter rejects": ({"upstream_filter": "reject"}, but(OUTSIDE, "refused", arrived=False)),
    "router's page": ({"router": {"admin_page": True}}, but(BY_PUBLIC, ROUTER, arrived=False)),
    "forward for one": ({"router": {"forward_from": ["62.4.30.40"]}}, but(("internet",), "silent")),
}
TO_NOBODY: dict[str, dict[str, Any]] = {
    "old forward": {"router": {"forward_to": OLD}},
    "old mapping": {"router": {"forward": False, "upnp": "igd1", "upnp_mapped": True, "upnp_mapped_to": OLD}},
}
_AT_ONCE = 3
Found = Mapping[str, Future[dict[str, Any]]]


@pytest.fixture(scope="module")
def found(trial: Trial) -> Iterator[Found]:
    """All clinics, begun at once: most of what they do is to wait for an answer that does not come."""
    clinics = {name: clinic for name, (clinic, _) in CASES.items()} | TO_NOBODY
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield {name: pool.submit(trial, "doors", json.dumps(clinic)) for name, clinic in clinics.items()}
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("name", CASES)
def test_a_door_is_shut_as_the_plan_says(name: str, found: Found) -> None:
    assert found[name].result() == CASES[name][1]


@pytest.mark.parametrize("name", TO_NOBODY)
def test_a_forward_to_an_old_address_leads_to_nobody(name: str, found: Found) -> None:
    seen = found[name].result()
    assert (seen["pc"], seen["arrived"]) == (EMR, False)
    assert {seen[who] for who in OUTSIDE} <= {"silent", "unreachable"}


def test_a_database_is_reached_from_outside_where_its_port_is_forwarded_too(trial: Trial) -> None:
    clinic = {"router": {"also_forward": [3306]}, "emr": {"also_listens": ["0.0.0.0:3306", "127.0.0.1:8005"]}}
    seen = trial("first_words", json.dumps(clinic), "3306", "8005")
    assert "MariaDB" in seen["site2"]["3306"]
    assert seen["site2"]["8005"] == "silent"
    assert "MariaDB" in seen["pc"]["3306"]
    assert seen["pc"]["8005"] == "refused"
