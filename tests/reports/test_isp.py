"""The provider gets what concerns its line, nothing else of the clinic, and is told what it cannot rely on."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from emrnetcheck.evidence import ClinicReport
from emrnetcheck.evidence.upload import SecondServer, Upload
from emrnetcheck.model import CheckResult, Failure, FailureKind, ReportFinding, Severity, Status
from emrnetcheck.reports import isp
from emrnetcheck.reports.isp import Terms
from emrnetcheck.reports.isp.facts import LeftOut, looks_of
from tests.reports import golden
from tests.reports.samples import HOSTILE, check, finding
from tests.reports.stored import report_of

BEGAN = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
TERMS = Terms(
    "Elm Street Clinic",
    BEGAN - timedelta(days=1),
    BEGAN + timedelta(days=7),
    needed_mbps=3.0,
    recommended_mbps=5.0,
    zone=timezone(timedelta(hours=-8), "PST"),
    made_by="emrnetcheck 0.1.0",
)
SOLD = replace(TERMS, sold_mbps=10.0)
FILES = ("letter.txt", "letter.md", "uploads.csv", "delay_and_loss.csv", "addresses.csv")


def pack(reports: Iterable[ClinicReport], terms: Terms) -> Mapping[str, str]:
    """The provider's files, made of these reports."""
    return isp.pack(looks_of(reports), terms)


def at(number: int, name: str) -> ClinicReport:
    return report_of(name, started_at=BEGAN + timedelta(hours=13 * number))


def with_upload(report: ClinicReport, **changes: object) -> ClinicReport:
    upload = report.evidence.upload
    assert isinstance(upload, Upload)
    return replace(report, evidence=replace(report.evidence, upload=replace(upload, **changes)))  # type: ignore[arg-type]


def with_finding(report: ClinicReport, found: ReportFinding) -> ClinicReport:
    name = found.code.partition(".")[0]
    others = tuple(each for each in report.checks if each.id != name)
    kept = [each for one in report.checks if one.id == name for each in one.findings]
    one: CheckResult = check(name, name, Status.NOTICE, *kept, found)
    return replace(report, checks=(*others, one))


def from_address(report: ClinicReport, address: str) -> ClinicReport:
    assert report.evidence.address is not None
    return replace(
        report, evidence=replace(report.evidence, address=replace(report.evidence.address, public_v4=address))
    )


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def words(reports: Sequence[ClinicReport], terms: Terms = TERMS) -> str:
    return " ".join(pack(reports, terms)["letter.txt"].split())


WEEK = ("upload_2_5", "healthy", "laptop_on_wifi", "vpn_on", "internet_cut", "upload_4", "cgnat", "upload_2_5")


@pytest.mark.parametrize("file", FILES)
def test_golden(file: str) -> None:
    reports = [at(number, name) for number, name in enumerate(WEEK)]
    reports[1] = with_upload(
        from_address(reports[1], "93.184.216.99"), lower_mbps=2.7, upper_mbps=3.1, goodput_mbps=2.9
    )
    made = pack(iter(reports), SOLD)
    assert tuple(made) == FILES
    golden.same(f"isp/{file}", made[file])


@pytest.mark.parametrize(
    ("report", "why"),
    [
        (at(0, "vpn_on"), LeftOut.VPN),
        (at(0, "proxy_in_between"), LeftOut.VPN),
        (at(0, "laptop_on_wifi"), LeftOut.WIFI),
        (with_finding(at(0, "healthy"), finding("link.half_duplex", Severity.FAIL, "x")), LeftOut.OFFICE),
        (with_finding(at(0, "healthy"), finding("router.loss", Severity.WARN, "x")), LeftOut.OFFICE),
        (with_finding(at(0, "healthy"), finding("path.loss_inside", Severity.WARN, "x")), LeftOut.OFFICE),
        (with_finding(at(0, "healthy"), finding("switch.storm", Severity.FAIL, "x")), LeftOut.OFFICE),
        (with_finding(at(0, "healthy"), finding("switch.all_loss", Severity.WARN, "x")), LeftOut.OFFICE),
        (with_finding(at(0, "healthy"), finding("upload.line_busy", Severity.UNKNOWN, "x")), LeftOut.BUSY),
        (with_finding(at(0, "healthy"), finding("upload.line_shared", Severity.NOTICE, "x")), LeftOut.BUSY),
        (with_upload(at(0, "healthy"), tester_limited="this computer was too slow"), LeftOut.TESTER),
        (with_upload(at(0, "healthy"), goodput_mbps=None), LeftOut.NONE),
        (at(0, "upload_no_server"), LeftOut.NONE),
        (at(0, "cable_unplugged"), LeftOut.OFFICE),
    ],
    ids=lambda value: value.name if isinstance(value, LeftOut) else "",
)
def test_what_is_none_of_the_lines_fault_is_left_out_and_counted(report: ClinicReport, why: LeftOut) -> None:
    (look,) = looks_of([report])
    assert look.upload_left_out is why
    made = pack([report], SOLD)
    assert rows(made["uploads.csv"]) == []
    assert f"1 run: {why.value}." in " ".join(made["letter.txt"].split())
    assert "Nothing is shown about the upload: no test of it counts." in " ".join(made["letter.txt"].split())


def test_silence_is_the_lines_fault_only_where_the_router_answered() -> None:
    cut = at(0, "internet_cut")
    (look,) = looks_of([cut])
    assert (look.left_out, look.internet) == (None, False)
    assert "nothing on the Internet answered, though our own network was in order" in words([cut])
    silent = replace(cut, checks=tuple(each for each in cut.checks if each.id != "router"))
    assert looks_of([silent])[0].left_out is LeftOut.OFFICE_UNSURE
    assert "though our own network was in order" not in words([silent])


def test_one_test_on_one_day_shows_little_and_that_is_said() -> None:
    text = words([at(0, "upload_2_5")])
    assert "1 test on 1 day shows little" in text
    assert "all made from 22:00 to 23:00: of other hours nothing is known" in text


def test_many_tests_at_many_hours_are_not_called_little() -> None:
    text = words([at(number, "upload_2_5") for number in range(8)])
    assert "little" not in text
    assert "of other hours" not in text


def test_a_cable_that_nobody_saw_is_not_claimed() -> None:
    report = at(0, "healthy")
    assert report.evidence.link is not None
    unseen = replace(report, evidence=replace(report.evidence, link=replace(report.evidence.link, medium="unknown")))
    assert "All were made from a computer on a cable" in words([report])
    assert "In 1 of them it is not known whether this computer was connected by cable." in words([unseen])


def test_an_office_at_which_nobody_looked_is_not_called_fine() -> None:
    healthy = at(0, "healthy")
    unseen = replace(healthy, checks=tuple(each for each in healthy.checks if each.id != "router"))
    assert "our own network was looked at, and nothing wrong was found in it" in words([healthy])
    assert "nothing wrong" not in words([healthy, unseen])
    assert "In 1 of them the office's own network was not looked at: the fault may be there." in words(
        [healthy, unseen]
    )


def test_each_test_is_held_against_the_contract_and_the_need() -> None:
    reports = [at(0, "upload_2_5"), at(1, "healthy"), with_upload(at(2, "healthy"), lower_mbps=2.7, upper_mbps=3.0)]
    made = pack(reports, SOLD)
    assert [row["needed"] for row in rows(made["uploads.csv"])] == ["below", "reached", "too close to say"]
    assert [row["sold"] for row in rows(made["uploads.csv"])] == ["below", "reached", "below"]
    text = " ".join(made["letter.txt"].split())
    assert "Below what we need (3 Mbps): 1 of 3 tests; 1 too close to say." in text
    assert "Below our contract (10 Mbps): 2 of 3 tests." in text
    assert "why its upload was below our contract in 2 of 3 tests" in text


def test_a_test_has_its_own_time_which_may_be_another_day() -> None:
    after_midnight = BEGAN.replace(hour=8, minute=0).timestamp() + 10  # 00:00 by the clinic's clock
    late = with_upload(
        replace(at(0, "upload_2_5"), started_at=BEGAN.replace(hour=7, minute=59)), window_start_unix_s=after_midnight
    )
    made = pack([late], TERMS)
    assert "20 Nov 2026, 00:00 PST: 2.36 Mbps" in " ".join(made["letter.txt"].split())
    assert "all made from 00:00 to 01:00" in " ".join(made["letter.txt"].split())
    assert rows(made["uploads.csv"])[0]["start_utc"] == "2026-11-20T08:00:10Z"
    for unknown in (None, 0.0, after_midnight + 86_400, 1e300):
        untold = with_upload(late, window_start_unix_s=unknown)
        assert rows(pack([untold], TERMS)["uploads.csv"])[0]["start_utc"] == "2026-11-20T07:59:00Z"


def test_the_second_servers_test_is_told_beside_the_first() -> None:
    second = SecondServer("second.example", 2.31, 2.2, 2.4, sent_bytes=3_000_000)
    made = pack([with_upload(at(0, "upload_2_5"), second=second), at(1, "upload_2_5")], TERMS)
    text = " ".join(made["letter.txt"].split())
    assert "1 of them made twice, with two servers: the first counts, unless the second was faster." in text
    assert "with second.example: 2.31 Mbps (2.20 to 2.40)." in text
    assert "27.0 MB in all" in text
    assert "upload.example (2 tests), second.example (1 test)" in text
    first, other = rows(made["uploads.csv"])
    assert (first["second_server"], first["second_goodput_mbps"]) == ("second.example", "2.31")
    assert (other["second_server"], other["second_goodput_mbps"]) == ("", "")


def test_a_second_server_without_a_figure_is_no_second_test() -> None:
    failed = SecondServer("second.example", None, None, None, Failure(FailureKind.TIMEOUT, "connect"))
    assert "second.example" not in "".join(pack([with_upload(at(0, "upload_2_5"), second=failed)], TERMS).values())


def test_without_a_contract_none_is_claimed() -> None:
    text = words([at(0, "upload_2_5")])
    assert "By our contract" not in text
    assert "tell us what upload our contract promises" in text
    (row,) = rows(pack([at(0, "upload_2_5")], TERMS)["uploads.csv"])
    assert (row["sold"], row["sold_line_rate_mbps"]) == ("", "")


def test_a_good_line_is_no_complaint() -> None:
    text = words([at(number, "healthy") for number in range(3)], SOLD)
    assert "Nothing: these measurements give no reason for a complaint." in text
    assert "Please" not in text


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("path.loss_line", "check our line and your network for packet loss"),
        ("path.loss_somewhere", "check our line and your network for packet loss"),
        ("path.slow_line", "why the line answers slowly"),
        ("path.mtu_black_hole", "why large packets vanish"),
        ("address.cgnat", "give our line a public IPv4 address"),
        ("port.blocked_upstream", "whether you block connections from outside to TCP port 8443"),
    ],
)
def test_what_is_asked_for_has_its_reason_in_the_findings(code: str, asked: str) -> None:
    assert asked in words([with_finding(at(0, "healthy"), finding(code, Severity.WARN, "x"))])
    assert asked not in words([at(0, "healthy")])


def test_a_change_of_the_address_is_told_with_its_time() -> None:
    made = pack([at(0, "healthy"), from_address(at(1, "healthy"), "93.184.216.99")], TERMS)
    text = " ".join(made["letter.txt"].split())
    assert "Changed from 93.184.216.34 to 93.184.216.99; seen on 20 Nov 2026, 11:30 PST." in text
    assert [row["changed"] for row in rows(made["addresses.csv"])] == ["", "yes"]


def test_nothing_of_the_clinic_but_its_line_is_told() -> None:
    reports = [at(number, name) for number, name in enumerate((*WEEK, "database_open", "ddns_stale"))]
    made = "".join(pack(reports, SOLD).values())
    for secret in ("192.168.", "emr.example.org", "3306", "MariaDB", "OSCAR", "oscar", "eth0", "wg0"):
        assert secret not in made, secret


def test_hostile_names_reach_neither_a_terminal_nor_a_spreadsheet() -> None:
    evil = with_upload(at(0, "healthy"), server="=HYPERLINK(1)\x1b[2J", back_end=HOSTILE)
    made = pack([evil], replace(TERMS, site=HOSTILE))
    for text in made.values():
        assert "\x1b" not in text
        assert "\u202e" not in text
    (row,) = rows(made["uploads.csv"])
    assert row["server"] == "'=HYPERLINK(1)?[2J"
