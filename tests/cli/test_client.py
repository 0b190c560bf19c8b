"""emrnetcheck client and compare: exit statuses, what is refused, and files from strangers."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from emrnetcheck import probes
from emrnetcheck.cli.report_file import REPORT_MAX_BYTES
from emrnetcheck.evidence import EVIDENCE_NAMES, ClinicReport, Seen
from emrnetcheck.model import Mode, Site
from emrnetcheck.placing import comparing
from emrnetcheck.probes.context import Context, Probe
from emrnetcheck.reports import json as report_json
from tests.checks.builders import HEALTHY, NAME, OLD, PUBLIC, TUNNEL, address, upload, witness
from tests.checks.client_builders import CLIENT_SEEN, bulk, lookups, pages, series, way
from tests.cli.conftest import Call, Ended
from tests.placing.reports import at_the_clinic, from_a_third_place, from_elsewhere

URL = f"https://{NAME}:8443/oscar/"
SLOW = replace(CLIENT_SEEN, pages=pages(3000.0))
FILLS = pages(bulk=bulk(4.8, loaded=series(PUBLIC, 500.0)))
See = Callable[[Seen], list[Site]]


@pytest.fixture
def see(monkeypatch: pytest.MonkeyPatch) -> See:
    """Set what a client sees; gives the sites that its probes were asked about."""

    def with_evidence(seen: Seen) -> list[Site]:
        asked: list[Site] = []

        def giving(name: str) -> Probe:
            def measure(site: Site, _seen: Seen, _context: Context) -> Any:
                asked.append(site)
                return getattr(seen, name)

            return Probe(name, f"the {name}", measure, dict.fromkeys(Mode, 10.0))

        probed = [name for name in EVIDENCE_NAMES if getattr(seen, name) is not None]
        monkeypatch.setattr(probes, "CLIENT", tuple(giving(name) for name in probed))
        return asked

    return with_evidence


def refused(ended: Ended) -> str:
    """One sentence on stderr, and nothing else."""
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.count("\n") == 1
    assert "Traceback" not in ended.err
    return ended.err


@pytest.mark.parametrize(
    ("seen", "status", "segment"),
    [(CLIENT_SEEN, 0, None), (SLOW, 1, "server"), (Seen(way=way(None, None, None, None)), 3, None)],
    ids=["nothing slow", "slow", "not told"],
)
def test_each_answer_has_its_exit_status(call: Call, see: See, seen: Seen, status: int, segment: str | None) -> None:
    see(seen)
    ended = call("client", URL, "--format", "json", "-q")
    report = json.loads(ended.out)
    assert (ended.status, report["segment"], report["vantage"]) == (status, segment, "client")


def test_the_text_says_the_segment_first_and_last(call: Call, see: See) -> None:
    see(SLOW)
    lines = call("client", URL, "-q").out.splitlines()
    assert lines[0] == lines[-1] == "SLOW: the EMR's own computer or program"


def test_the_address_decides_what_is_asked(call: Call, see: See) -> None:
    asked = see(CLIENT_SEEN)
    call("client", f"http://{NAME}/login?x=1", "-q")
    assert {(site.scheme, site.hostname, site.port, site.path) for site in asked} == {("http", NAME, 80, "/login?x=1")}
    assert not any(site.emr_declared for site in asked), "this computer is not the server"


def test_settings_give_the_third_parties_and_nothing_of_the_clinic(call: Call, see: See, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(
        f'[emr]\nhostname = "{NAME}"\nlan_address = "192.168.1.10"\n[internet]\nresolvers = ["9.9.9.9"]\n'
        "[limits]\nsegment.answer_ms = 3500\n"
    )
    asked = see(SLOW)
    ended = call("client", URL, "-q", "--config", file)
    assert ended.status == 0, "the limit is the settings'"
    assert {(site.resolvers, site.lan_address) for site in asked} == {(("9.9.9.9",), None)}
    assert {site.limits["page"]["answer_ms"] for site in asked} == {3500}, "each part is judged as the whole is"


def test_no_download_asks_for_none(call: Call, see: See) -> None:
    see(CLIENT_SEEN)
    report = json.loads(call("client", URL, "--no-download", "--format", "json", "-q").out)
    assert report["evidence"]["download"] is None


@pytest.mark.parametrize("url", ["ftp://x/", "https://u:secret@x/", "https://x:99999/", ""])
def test_what_is_no_address_is_refused(call: Call, see: See, url: str) -> None:
    see(CLIENT_SEEN)
    assert "secret" not in refused(call("client", url))


def written(folder: Path, name: str, text: str | bytes) -> Path:
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def made(report: ClinicReport, hours_ago: float) -> ClinicReport:
    """Made some hours ago, by the clock of the machine: a report loses its word on an address after a day."""
    return replace(report, started_at=datetime.now(UTC) - timedelta(hours=hours_ago))


def test_the_clinics_own_report_tells_whether_the_name_is_right(call: Call, see: See, tmp_path: Path) -> None:
    clinic = written(tmp_path, "clinic.json", report_json.render(made(at_the_clinic(), hours_ago=2)))
    see(CLIENT_SEEN)
    report = json.loads(call("client", URL, "--clinic", clinic, "--format", "json", "-q").out)
    assert report["evidence"]["clinic"]["public_v4"] == PUBLIC
    assert any("the clinic's own address" in f["summary"] for check in report["checks"] for f in check["findings"])
    see(replace(CLIENT_SEEN, lookups=lookups(OLD), pages=pages(fingerprint_sha256="cd" * 32, trusted=False)))
    report = json.loads(call("client", URL, "--clinic", clinic, "--format", "json", "-q").out)
    assert report["segment"] == "name"
    old = written(tmp_path, "old.json", report_json.render(made(at_the_clinic(), hours_ago=25)))
    report = json.loads(call("client", URL, "--clinic", old, "--format", "json", "-q").out)
    assert report["segment"] != "name", "the address may be another since"


TUNNELS: dict[str, dict[str, object]] = {
    "VPN": {"link": TUNNEL},
    "proxy": {"address": address(witness(PUBLIC), witness(PUBLIC), witness(OLD, "stun"))},
}


@pytest.mark.parametrize("tunnel", TUNNELS)
def test_a_clinics_report_through_a_tunnel_says_nothing_of_its_line(
    call: Call, see: See, tmp_path: Path, tunnel: str
) -> None:
    said_there = made(at_the_clinic(HEALTHY, 0.0, **TUNNELS[tunnel]), hours_ago=2)
    assert said_there.evidence.address is not None
    assert said_there.evidence.upload is not None
    clinic = written(tmp_path, "clinic.json", report_json.render(said_there))
    see(CLIENT_SEEN)
    ended = call("client", URL, "--clinic", clinic, "--format", "json", "-q")
    report = json.loads(ended.out)
    said = report["evidence"]["clinic"]
    assert (said["public_v4"], said["upload_mbps"], said["by_tunnel"]) == (None, None, True)
    assert said["fingerprints"], "what the EMR shows in the office is the same"
    assert "the address and the upload in it are not used" in ended.err
    assert not any("the clinic's own address" in f["summary"] for check in report["checks"] for f in check["findings"])


def test_the_report_of_another_clinic_is_refused(call: Call, see: See, tmp_path: Path) -> None:
    assert HEALTHY.names is not None
    names = replace(HEALTHY.names, hostname="x.example.net")
    other = replace(at_the_clinic(), evidence=replace(HEALTHY, names=names))
    clinic = written(tmp_path, "clinic.json", report_json.render(other))
    see(CLIENT_SEEN)
    said = refused(call("client", URL, "--clinic", clinic, "-q"))
    assert f"about x.example.net, not about {NAME}" in said


def test_a_clinics_report_without_a_name_is_not_given_one(call: Call, see: See, tmp_path: Path) -> None:
    nameless = replace(at_the_clinic(), evidence=replace(HEALTHY, names=None))
    clinic = written(tmp_path, "clinic.json", report_json.render(nameless))
    see(CLIENT_SEEN)
    report = json.loads(call("client", URL, "--clinic", clinic, "--format", "json", "-q").out)
    assert report["evidence"]["clinic"]["hostname"] is None


BROKEN = [
    ("missing.json", None, "no such file"),
    ("empty.json", b"", "not a report"),
    ("list.json", b"[]", "not a report"),
    ("binary.json", b"\x00\xff" * 100, "not a report"),
    ("deep.json", b"[" * 100_000, "not a report"),
    ("other.json", b'{"schema": "emrnetcheck/report/2"}', "made by another version"),
    ("compared.json", b'{"schema": "emrnetcheck/compare/1"}', "emrnetcheck/compare/1"),
    ("number.json", b'{"schema": 2}', "not a report"),
    ("large.json", b" " * (REPORT_MAX_BYTES + 1), "too large"),
]


@pytest.mark.parametrize(("name", "data", "said"), BROKEN, ids=[name for name, _, _ in BROKEN])
def test_a_file_that_is_no_report_is_refused(
    call: Call, see: See, tmp_path: Path, name: str, data: bytes | None, said: str
) -> None:
    file = tmp_path / name if data is None else written(tmp_path, name, data)
    good = written(tmp_path, "good.json", report_json.render(from_elsewhere()))
    see(CLIENT_SEEN)
    assert said in refused(call("client", URL, "--clinic", file))
    assert said in refused(call("compare", file, good))
    assert said in refused(call("compare", good, file))


def test_a_folder_or_a_pipe_is_named_as_one(call: Call, tmp_path: Path) -> None:
    good = written(tmp_path, "good.json", report_json.render(from_elsewhere()))
    assert "a folder" in refused(call("compare", tmp_path, good))
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        assert "no ordinary file" in refused(call("compare", tmp_path / "pipe", good))


def test_a_report_of_another_kind_is_refused_with_its_kind(call: Call, tmp_path: Path) -> None:
    text = report_json.render(from_elsewhere()).replace("emrnetcheck/report/1", "emrnetcheck/report/2\\u001b[31m")
    file = written(tmp_path, "newer.json", text)
    said = refused(call("compare", file, file))
    assert "emrnetcheck/report/2" in said
    assert "\x1b" not in said


def test_a_report_of_a_newer_version_with_more_fields_is_read(call: Call, tmp_path: Path) -> None:
    values = json.loads(report_json.render(from_elsewhere()))
    values["new"] = values["evidence"]["new"] = {"x": [1]}
    file = written(tmp_path, "newer.json", json.dumps(values))
    other = written(tmp_path, "other.json", report_json.render(from_a_third_place()))
    assert call("compare", file, other).status == 0


def test_a_report_of_a_client_is_not_the_clinics(call: Call, see: See, tmp_path: Path) -> None:
    file = written(tmp_path, "client.json", report_json.render(from_elsewhere()))
    see(CLIENT_SEEN)
    assert "not by run" in refused(call("client", URL, "--clinic", file))


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    clinic = written(tmp_path, "clinic.json", report_json.render(at_the_clinic(upload=upload(1.2))))
    return clinic, written(tmp_path, "here.json", report_json.render(from_elsewhere(pages=FILLS)))


def test_compare_places_it_in_whatever_order(call: Call, two: tuple[Path, Path]) -> None:
    for files in (two, two[::-1]):
        ended = call("compare", *files, "--format", "json")
        made = json.loads(ended.out)
        assert (ended.status, made["place"], made["sure"]) == (1, "clinic_uplink", "certain")


def test_compare_says_it_in_text(call: Call, two: tuple[Path, Path]) -> None:
    ended = call("compare", *two)
    text = " ".join(ended.out.split())
    assert text.startswith("The clinic's Internet line is what is slow")
    assert "A: NOT READY" in text
    assert "B: SLOW: the clinic's side" in text


def test_compare_of_two_clinics_is_refused(call: Call, two: tuple[Path, Path]) -> None:
    again = written(two[0].parent, "again.json", report_json.render(at_the_clinic()))
    assert "one of run with one of client" in refused(call("compare", two[0], again))
    assert "the same report" in refused(call("compare", two[0], two[0]))


def test_compare_in_another_format_is_refused(call: Call, two: tuple[Path, Path]) -> None:
    assert "choose from text, json" in refused(call("compare", *two, "--format", "xml"))


def test_compare_with_hostile_text_shows_no_control_character(call: Call, tmp_path: Path) -> None:
    values = json.loads(report_json.render(from_elsewhere()))
    values["site"] = values["headline"] = "\x1b[31mred\u202e\x07"
    file = written(tmp_path, "hostile.json", json.dumps(values))
    other = written(tmp_path, "other.json", report_json.render(from_a_third_place()))
    out = call("compare", file, other).out
    assert "red" in out
    assert "\x1b" not in out
    assert "\u202e" not in out


@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_report_of_no_possible_time_is_refused(call: Call, two: tuple[Path, Path], at: str, form: str) -> None:
    values = json.loads(two[1].read_text())
    two[1].write_text(json.dumps({**values, "started_at": at}))
    assert "no run was made in the year" in refused(call("compare", *two, "--format", form))


def test_a_bug_of_compare_is_not_called_not_ready(
    call: Call, two: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_reports: object) -> None:
        raise OverflowError("date value out of range")

    monkeypatch.setattr(comparing, "compare", broken)
    ended = call("compare", *two)
    assert (ended.status, ended.out) == (70, "")
    assert "an error of its own (OverflowError)" in ended.err


def test_what_is_kept_is_judged_again_by_the_checks_of_a_client(call: Call, see: See, tmp_path: Path) -> None:
    see(SLOW)
    assert call("client", URL, "-q").status == 1
    stored = json.loads(call("history", "show", "--format", "json").out)
    same = call("history", "rejudge", "--format", "json")
    assert (same.status, json.loads(same.out)) == (1, stored)
    settings = tmp_path / "patient.toml"
    settings.write_text("[limits]\nsegment.answer_ms = 3500\n", encoding="utf-8")
    patient = call("history", "rejudge", "--config", settings, "--format", "json")
    assert (patient.status, json.loads(patient.out)["segment"]) == (0, None)
    assert patient.err == (
        "It was: SLOW: the EMR's own computer or program. By today's limits: NOTHING SLOW on the way to the EMR.\n"
    )
