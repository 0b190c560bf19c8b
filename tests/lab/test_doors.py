"""Are the doors of the clinic shut where the plan says, and in the way it says? Asked with sockets from everywhere."""

from __future__ import annotations

import json

import pytest

from tests.lab.conftest import Trial

pytestmark = pytest.mark.lab

EMR, ROUTER = "OSCAR Login", "Router login"
OLD = "192.168.1.77"
OPEN = {"emr": EMR, "pc": EMR, "pc by the public address": EMR, "site2": EMR, "internet": EMR, "arrived": True}
FROM_OUTSIDE_SILENT = OPEN | {"site2": "silent", "internet": "silent"}


def everybody_but_itself(finds: str) -> dict[str, object]:
    others = ("pc", "pc by the public address", "site2", "internet")
    return OPEN | dict.fromkeys(others, finds)


@pytest.mark.parametrize(
    ("clinic", "seen"),
    [
        ({}, OPEN),
        ({"emr": {"firewall": "drop"}}, everybody_but_itself("silent")),
        ({"emr": {"firewall": "reject"}}, everybody_but_itself("refused")),
        ({"emr": {"firewall": "prohibited"}}, everybody_but_itself("unreachable")),
        ({"emr": {"firewall": "lan_only"}}, FROM_OUTSIDE_SILENT),
        ({"upstream_filter": "drop"}, FROM_OUTSIDE_SILENT | {"arrived": False}),
        ({"upstream_filter": "reject"}, OPEN | {"site2": "refused", "internet": "refused", "arrived": False}),
        (
            {"router": {"admin_page": True}},
            OPEN | dict.fromkeys(("pc by the public address", "site2", "internet"), ROUTER) | {"arrived": False},
        ),
        ({"router": {"forward_from": ["62.4.30.40"]}}, OPEN | {"internet": "silent"}),
    ],
    ids=lambda each: json.dumps(each) if "arrived" not in each else "",
)
def test_a_door_is_shut_as_the_plan_says(trial: Trial, clinic: dict[str, object], seen: dict[str, object]) -> None:
    assert trial("doors", json.dumps(clinic)) == seen


@pytest.mark.parametrize(
    "router",
    [{"forward_to": OLD}, {"forward": False, "upnp": "igd1", "upnp_mapped": True, "upnp_mapped_to": OLD}],
    ids=["forward", "upnp"],
)
def test_a_forward_to_an_old_address_leads_to_nobody(trial: Trial, router: dict[str, object]) -> None:
    seen = trial("doors", json.dumps({"router": router}))
    assert (seen["pc"], seen["arrived"]) == (EMR, False)
    assert {seen["site2"], seen["internet"]} <= {"silent", "unreachable"}


def test_a_database_is_reached_from_outside_where_its_port_is_forwarded_too(trial: Trial) -> None:
    clinic = {"router": {"also_forward": [3306]}, "emr": {"also_listens": ["0.0.0.0:3306", "127.0.0.1:8005"]}}
    seen = trial("first_words", json.dumps(clinic), "3306", "8005")
    assert "MariaDB" in seen["site2"]["3306"]
    assert seen["site2"]["8005"] == "silent"
    assert "MariaDB" in seen["pc"]["3306"]
    assert seen["pc"]["8005"] == "refused"
