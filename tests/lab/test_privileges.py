"""Does the table of privileges say what each kind of user really can?"""

from __future__ import annotations

import pytest

from tests.lab.conftest import Trial

pytestmark = pytest.mark.lab


def test_what_the_table_promises_can_be_done_and_what_it_denies_cannot(trial: Trial) -> None:
    facts = trial("able")
    for user, said in facts.items():
        assert said["can"] == {name: said["told"][name] for name in said["can"]}, user
        assert user == "normal_no_ping" or said["told"] == said["table"], user
    assert {user: said["ping"] for user, said in facts.items()} == {
        "root": "icmp",
        "cap_net_raw": "icmp",
        "normal": "icmp",
        "normal_no_ping": None,
    }
    assert [facts[user]["user"] for user in ("root", "normal")] == ["root", "normal user"]
