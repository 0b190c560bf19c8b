"""Are real DDNS clients on the EMR host, with their files where a program looks for them, and nowhere else?"""

from __future__ import annotations

import pytest

from tests.lab.conftest import Shell
from tests.lab.plan import ClientPlan, Plan

pytestmark = pytest.mark.lab

NAME = "emr.dyn.example.org"


def test_ddclient_runs_and_remembers_what_it_published(shell: Shell) -> None:
    script = "cat /etc/ddclient.conf /var/cache/ddclient/ddclient.cache; cat /proc/[0-9]*/cmdline | tr '\\0' ' '"
    said = shell("emr", script, scenario="ddns_client_ddclient").stdout
    assert "protocol=dyndns2" in said
    assert "ip=45.76.10.20" in said
    assert "status=good" in said
    assert "ddclient - sleeping for 300 seconds" in said


def test_inadyn_writes_into_its_log_what_it_was_told(shell: Shell) -> None:
    said = shell("emr", "cat /var/log/syslog; ls /var/cache/inadyn", scenario="ddns_client_bad_password_inadyn").stdout
    assert "[401 Unauthorized] badauth" in said
    assert f"{NAME}.cache" not in said


def test_another_host_has_no_client_and_neither_has_a_healthy_clinic(shell: Shell) -> None:
    look = "cat /etc/ddclient.conf /etc/inadyn.conf 2>/dev/null; ls /var/cache/ddclient /var/cache/inadyn 2>/dev/null"
    for host, scenario in (("pc", "ddns_client_ddclient"), ("emr", "healthy")):
        said = shell(host, look, scenario=scenario).stdout
        assert "protocol" not in said
        assert "provider" not in said
        assert "cache\n" not in said.replace("/var/cache", "")


def test_a_client_without_a_provider_is_no_plan() -> None:
    with pytest.raises(ValueError, match=r"internet\.ddns"):
        Plan(ddns_client=ClientPlan())
