"""Nothing leaves the probe but the EMR's own name, whatever stands in a client's settings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.ddns_client import DdnsClient
from emrnetcheck.evidence.names import Alias
from emrnetcheck.model import Site
from emrnetcheck.net import ddns_clients
from emrnetcheck.net.ddns_clients import Places, clients
from emrnetcheck.probes import PROBES, ddns_client
from emrnetcheck.reports import json
from tests.checks.builders import names, source
from tests.probes.contexts import context
from tests.reports.samples import READY

NAME = "emr.example.org"
PLANTED = [
    "password='it''s.topsecret.example' emr.example.org\n",
    'password="a\\"b.topsecret.example" emr.example.org\n',
    "password=\\\nmy.topsecret.example\nemr.example.org\n",
    "password=first\\\nsecond.topsecret.example\nemr.example.org\n",
    # No reader can know what was meant here: what is not the EMR's name stays inside all the same.
    "password=\nmy.topsecret.example\nemr.example.org\n",
    "pasword=x\nmy.topsecret.example\nemr.example.org, topsecret.example\n",
]


def measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seen: Seen, *, ddclient: str = "", inadyn: str = ""
) -> DdnsClient:
    monkeypatch.setattr(ddns_clients, "running_programs", tuple)
    places = Places(
        ddclient_settings=(tmp_path / "ddclient.conf",),
        ddclient_defaults=tmp_path / "default",
        ddclient_cache=(tmp_path / "ddclient.cache",),
        inadyn_settings=(tmp_path / "inadyn.conf",),
        inadyn_cache=tmp_path,
        journal=("there-is-no-such-journal",),
        logs=(),
    )
    (tmp_path / "ddclient.conf").write_text(ddclient)
    (tmp_path / "inadyn.conf").write_text(inadyn)
    monkeypatch.setattr(ddns_clients, "clients", lambda: clients(places))
    found = ddns_client.measure(Site(hostname="EMR.example.org."), seen, context())
    assert isinstance(found, DdnsClient)
    return found


@pytest.mark.parametrize("settings", PLANTED)
def test_no_piece_of_a_password_is_in_the_report(
    settings: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = measured(tmp_path, monkeypatch, Seen(), ddclient=settings)
    report = replace(READY, evidence=replace(READY.evidence, ddns_client=found))
    assert "topsecret" not in json.render(report).lower()
    assert {each.name for client in found.clients for each in client.names} <= {NAME}


@pytest.mark.parametrize(
    "settings",
    [
        "custom x { password = 'a\\'b.topsecret.example' hostname = emr.example.org }",
        "custom x { password = x\n hostname = { topsecret.example, emr.example.org } }",
    ],
)
def test_no_other_name_of_inadyn_is_in_the_report(
    settings: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = measured(tmp_path, monkeypatch, Seen(), inadyn=settings)
    assert [each.name for each in found.clients[0].names] == [NAME]
    assert "topsecret" not in str(found)


def test_other_names_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = measured(tmp_path, monkeypatch, Seen(), ddclient="a.example.org, b.example.org, emr.example.org\n")
    assert [(each.name, found.clients[0].other_names) for each in found.clients[0].names] == [(NAME, 2)]


def test_what_the_name_is_an_alias_of_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Seen(
        names=names(source(cname=("a.example.org",)), aliases=(Alias("b.example.org", "example.org", None, ()),))
    )
    found = measured(tmp_path, monkeypatch, seen, ddclient="a.example.org,b.example.org,c.example.org\n")
    assert [each.name for each in found.clients[0].names] == ["a.example.org", "b.example.org"]
    assert found.clients[0].other_names == 1


def test_the_aliases_are_known_before_it_and_nothing_waits_for_it() -> None:
    assert ddns_client.PROBE.after == ("names",)
    ids = [probe.name for probe in PROBES]
    assert ids.index("port") < ids.index("ddns_client")
