"""Does the watch of macOS and Windows see what arrives? Tried on Linux, where scapy works as well."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from tests.lab.conftest import ROOT, Shell
from tests.lab.plan import EMR_LAN, ROUTER_LAN

pytestmark = pytest.mark.lab

PUBLIC = "45.76.10.20"


def watched(shell: Shell, *addresses: str) -> dict[str, Any]:
    script = f"PYTHONPATH={ROOT}:{ROOT}/src {sys.executable} -m tests.lab.watch_by_scapy {' '.join(addresses)}"
    done = shell("emr", script)
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def test_what_comes_by_the_router_is_seen(shell: Shell) -> None:
    seen = watched(shell, PUBLIC)
    assert [(flow["remote"], flow["accepted"]) for flow in seen["flows"]] == [(ROUTER_LAN, True)]
    assert seen["whole"]


def test_what_stays_on_this_computer_proves_no_watch(shell: Shell) -> None:
    seen = watched(shell, EMR_LAN)
    assert (seen["flows"], seen["whole"]) == ([], False)
