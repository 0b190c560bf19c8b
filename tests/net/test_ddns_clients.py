"""Which DDNS clients are found on a computer, by their files and processes."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from emrnetcheck.model import FailureKind
from emrnetcheck.net import ddns_clients
from emrnetcheck.net.ddns_clients import Places, clients, programs_among
from tests.net.test_ddns_files import CACHE, DDCLIENT, INADYN, INADYN_LOG

NAME = "emr.dyn.example.org"


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    """An empty computer on which nothing runs."""
    monkeypatch.setattr(ddns_clients, "running_programs", tuple)
    return Places(
        ddclient_settings=(tmp_path / "none.conf", tmp_path / "ddclient.conf"),
        ddclient_defaults=tmp_path / "default",
        ddclient_cache=(tmp_path / "ddclient.cache",),
        inadyn_settings=(tmp_path / "inadyn.conf",),
        inadyn_cache=tmp_path,
        journal=("there-is-no-such-journal",),
        logs=(tmp_path / "syslog",),
    )


def test_nothing_here_is_an_answer_too(places: Places) -> None:
    found = clients(places)
    assert found.programs == ()
    assert str(places.ddclient_settings[1]) in found.looked_at


def test_an_example_without_a_name_is_no_client(places: Places) -> None:
    places.ddclient_settings[1].write_text("protocol=noip \\\nuse=web\nlogin= \\\npassword=''\n")
    assert clients(places).programs == ()


def test_ddclient_with_its_memory(places: Places) -> None:
    places.ddclient_settings[1].write_text(DDCLIENT)
    places.ddclient_cache[0].write_text(CACHE)
    places.ddclient_defaults.write_text('run_daemon="true"\ndaemon_interval="10m"\n')
    (found,) = clients(places).programs
    assert (found.program, found.running, found.interval_s, found.address_from) == ("ddclient", False, 600, "web")
    assert (found.names[0].name, found.names[0].result, found.names[0].address) == (NAME, "good", "45.76.10.20")
    assert found.names[1].result is None
    assert "s3 cret" not in str(found)


def test_inadyn_with_its_memory_and_the_log(places: Places) -> None:
    places.inadyn_settings[0].write_text(INADYN)
    memory = places.inadyn_cache / f"{NAME}.cache"
    memory.write_text("45.76.10.20")
    os.utime(memory, (1_795_000_000, 1_795_000_000))
    log = INADYN_LOG.replace("emr.example.org", "b.dyn.example.org")
    places.logs[0].write_text("".join(f"Nov 25 10:00:00 emr inadyn[7]: {line}\n" for line in log.splitlines()))
    (found,) = clients(places).programs
    assert (found.names[0].result, found.names[0].updated_unix_s) == ("good", 1_795_000_000)
    assert found.names[1].result == "badauth"


def test_settings_that_may_not_be_read_are_said_so(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    places.ddclient_settings[1].write_text(DDCLIENT)
    real = Path.open

    def denied(self: Path, *arguments: str) -> object:
        if self == places.ddclient_settings[1]:
            raise PermissionError(13, "denied")
        return real(self, *arguments)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", denied)
    (found,) = clients(places).programs
    assert found.settings_failure is not None
    assert found.settings_failure.kind is FailureKind.PERMISSION
    assert found.names == ()


def test_a_program_of_which_only_the_process_is_seen(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ddns_clients, "running_programs", lambda: ("noip-duc", "inadyn"))
    assert [(each.program, each.running) for each in clients(places).programs] == [("inadyn", True), ("noip-duc", True)]


def test_processes_that_cannot_be_listed_leave_it_open(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ddns_clients, "running_programs", lambda: None)
    places.ddclient_settings[1].write_text(DDCLIENT)
    (found,) = clients(places).programs
    assert found.running is None


def test_the_journal_is_asked_for_the_program(places: Places, tmp_path: Path) -> None:
    places.ddclient_settings[1].write_text(DDCLIENT)
    journal = tmp_path / "journal"
    journal.write_text(f'#!/bin/sh\n[ "$1 $2" = "-t ddclient" ] && echo "FAILED: updating {NAME}: abuse: blocked"\n')
    journal.chmod(0o700)
    (found,) = clients(replace(places, journal=(str(journal),))).programs
    assert found.names[0].result == "abuse"


@pytest.mark.parametrize(
    ("names", "programs"),
    [
        (["systemd", "ddclient - sleeping for 290 seconds"], ("ddclient",)),
        (["inadyn", "inadyn"], ("inadyn",)),
        (["duc40.exe"], ("No-IP DUC",)),
        (["ddclientx", "bash", ""], ()),
    ],
)
def test_a_process_is_known_by_its_name(names: list[str], programs: tuple[str, ...]) -> None:
    assert programs_among(names) == programs


def test_the_real_process_list_can_be_read() -> None:
    assert ddns_clients.running_programs() is not None
