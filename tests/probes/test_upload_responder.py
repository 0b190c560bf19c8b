"""The upload and the download probe against a real responder: by its pin, with its token, and within its limits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.download import Download
from emrnetcheck.evidence.upload import Upload
from emrnetcheck.model import Failure, FailureKind, Mode, Site
from emrnetcheck.probes import download, upload
from emrnetcheck.probes.throughput.backends import choose
from emrnetcheck.probes.throughput.backends.responder import Responder
from emrnetcheck.probes.throughput.plan import MB
from emrnetcheck.responder.certificate import fingerprint
from emrnetcheck.responder.limits import MIB, Limits
from tests.probes import test_download
from tests.probes.test_upload import PLAN, a_context
from tests.responder.serving import HERE, Served, rules, serving

TOKEN = "0123456789abcdef"
SMALL = replace(PLAN, cap_bytes=4 * MB)


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESPONDER_TOKEN", TOKEN)
    monkeypatch.setenv("WRONG_TOKEN", "fedcba9876543210")


def site(served: Served, folder: Path, *, pin: str = "", token_source: str | None = "env:RESPONDER_TOKEN") -> Site:
    line = f"responder+https://{HERE}:{served.port}#sha256={pin or fingerprint(folder / f'{HERE}.pem')}"
    return Site(upload_servers=(line,), responder_token=token_source)


def test_a_responder_is_measured_both_ways(tmp_path: Path) -> None:
    with serving(rules(token=TOKEN), certificates=tmp_path) as served:
        settings = site(served, tmp_path)
        up = upload.measure_with(settings, a_context(), SMALL)
        assert isinstance(up, Upload)
        seen = Seen(upload=up)
        down = download.measure_with(settings, seen, a_context(), replace(test_download.PLAN, cap_bytes=30 * MB))
    assert isinstance(down, Download)
    assert (up.back_end, down.back_end) == ("responder", "responder")
    assert up.server == f"https://{HERE}:{served.port}/backend/empty.php"
    assert down.server == f"https://{HERE}:{served.port}/backend/garbage.php"
    assert up.goodput_mbps
    assert down.goodput_mbps
    assert up.idle_rtt_ms is not None
    assert up.loaded_rtt_ms is not None
    assert TOKEN not in repr((up, down, settings))
    assert all(TOKEN not in line for line in served.lines)


def test_without_tls_no_token_is_sent() -> None:
    with serving(rules(token=TOKEN)) as served:
        settings = Site(
            upload_servers=(f"responder+http://{HERE}:{served.port}",), responder_token="env:RESPONDER_TOKEN"
        )
        refused = upload.measure_with(settings, a_context(), SMALL)
    assert isinstance(refused, Failure)
    assert "it wants a token" in refused.detail


def test_without_a_token_one_that_wants_none_is_measured() -> None:
    with serving(rules()) as served:
        settings = Site(upload_servers=(f"responder+http://{HERE}:{served.port}",))
        assert isinstance(upload.measure_with(settings, a_context(), SMALL), Upload)


@pytest.mark.parametrize("source", ["env:WRONG_TOKEN", None])
def test_a_wrong_or_missing_token_says_what_to_mend(tmp_path: Path, source: str | None) -> None:
    with serving(rules(token=TOKEN), certificates=tmp_path) as served:
        settings = site(served, tmp_path, token_source=source)
        up = upload.measure_with(settings, a_context(), SMALL)
        down = download.measure_with(settings, Seen(), a_context(), test_download.PLAN)
    for outcome in (up, down):
        assert isinstance(outcome, Failure)
        assert outcome.kind is FailureKind.NO_SERVER
        # A refusal while a body is under way may be lost with the connection, where both ends are one computer.
        if outcome is up and "the connection was cut" in outcome.detail:
            continue
        assert "the responder_token of the settings is missing or wrong" in outcome.detail
        assert "0123" not in repr(outcome)
        assert "fedc" not in repr(outcome)


def test_another_certificate_gets_neither_the_token_nor_a_byte(tmp_path: Path) -> None:
    with serving(rules(token=TOKEN), certificates=tmp_path) as served:
        settings = site(served, tmp_path, pin="ab" * 32)
        context = a_context()
        outcome = upload.measure_with(settings, context, SMALL)
        assert served.lines == []
    assert isinstance(outcome, Failure)
    assert "it is not the one in the settings" in outcome.detail
    assert context.ledger.sent_bytes == 0


def test_a_token_that_cannot_be_read_sends_nothing() -> None:
    settings = Site(upload_servers=(f"responder+https://{HERE}:9",), responder_token="env:NOT_THERE_AT_ALL")
    outcome = upload.measure_with(settings, a_context(), SMALL)
    assert isinstance(outcome, Failure)
    assert "there is no such environment variable" in outcome.detail


@pytest.mark.parametrize("server", [f"librespeed+https://{HERE}/backend", "cloudflare", f"iperf3://{HERE}", "ndt7"])
def test_the_token_goes_to_no_other_kind_of_server(server: str) -> None:
    back_end = choose(server, "env:RESPONDER_TOKEN")
    assert not isinstance(back_end, (Failure, Responder))
    if server != "ndt7":
        found = back_end.find(server, a_context())
        assert not isinstance(found, Failure)
        assert all(not target.headers for target in found)


def test_too_many_tests_say_when_to_come_again() -> None:
    with serving(rules(limits=Limits(transfer_bytes_site_hour=MIB))) as served:
        settings = Site(upload_servers=(f"responder+http://{HERE}:{served.port}",))
        outcomes = (
            upload.measure_with(settings, a_context(), SMALL),
            download.measure_with(settings, Seen(), a_context(), test_download.PLAN),
        )
    for outcome in outcomes:
        assert isinstance(outcome, Failure)
        assert "HTTP 429, too many tests from this address; try again in " in outcome.detail
        assert " min" in outcome.detail


def test_a_run_fits_what_a_responder_gives() -> None:
    limits = Limits()
    for mode in Mode:
        plan = upload.plan_of(Site(), mode)
        assert plan.largest_body_bytes <= limits.transfer_bytes
        assert plan.streams <= limits.transfers_site_at_once
        assert 1 / plan.loaded_delay_every_s <= limits.connects_address.per_s
        assert 2 * plan.cap_bytes <= limits.transfer_bytes_site_hour, "both ways"


def test_the_token_is_in_the_head_and_in_no_repr() -> None:
    found = Responder("env:RESPONDER_TOKEN").find("responder+https://x.example.org", a_context())
    assert not isinstance(found, Failure)
    source = Responder().sources(found[0])[0]
    for each, head in ((found[0], found[0].head(1, "n", "a")), (source, source.head("n", "a"))):
        assert f"\r\nAuthorization: Bearer {TOKEN}\r\n".encode() in head
        assert TOKEN not in repr(each)
