"""The week's report: the answer first, what changed by codes, no data told apart from all good."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from emrnetcheck.checks import ddns
from emrnetcheck.model import Severity, Status, Verdict
from emrnetcheck.model.mail import Own
from emrnetcheck.model.past import PastRun
from emrnetcheck.model.spells import Spell
from emrnetcheck.reports.week import (
    Week,
    as_json,
    compared,
    for_mail,
    made_elsewhere,
    markdown,
    starts,
    subject,
    summarise,
    text,
    told,
)
from emrnetcheck.reports.week.as_html import html
from emrnetcheck.reports.week.masked import without_addresses
from emrnetcheck.reports.week.table import how_long, rows
from emrnetcheck.reports.week.told import Problem, Told
from emrnetcheck.store.extract import past_run
from tests.checks.builders import OLD, PUBLIC
from tests.reports.samples import HOSTILE
from tests.reports.week.rows import FINE, NOW, TWO_WEEKS, ago, heard, row

ROWS = tuple(past_run(each) for each in TWO_WEEKS)
REPORTS = {each.id: heard(each) for each in TWO_WEEKS}
WEEK = summarise(ROWS, ROWS, now=NOW, reports=REPORTS)
RENDERERS = (text, markdown, html, as_json)


def table_of(week: Week) -> dict[str, tuple[str, str]]:
    return {each.name: (each.this, each.last) for each in rows(week)}


def told_of(*problems: tuple[str, Severity], accepted: bool = False) -> Told:
    made = tuple(
        Problem(code, code.partition(".")[0], code.partition(".")[0].title(), severity, f"{code} it is.", accepted)
        for code, severity in problems
    )
    return Told(Verdict.NOT_READY, "Not ready.", (), made, {each.check: each.title for each in made})


def test_the_answer_and_what_to_do_come_first() -> None:
    lines = text(WEEK).splitlines()
    assert lines[0] == "NOT READY to host the EMR"
    assert lines[1] == "Elm Street Clinic. The week from Fri 20 Nov to Thu 26 Nov 2026."
    assert "WHAT TO DO" in lines[:8]
    assert subject(WEEK) == "[emrnetcheck] Elm Street Clinic: NOT READY"


def test_both_weeks_stand_side_by_side() -> None:
    found = table_of(WEEK)
    assert found["Runs"] == ("6, on 6 of 7 days", "5, on 5 of 7 days")
    assert found["Upload"] == ("9.4 Mbps (2.2 to 9.4)", "9.4 Mbps (9.4 to 9.4)")
    assert found["The name was right"] == (
        "5 of 6 times; wrong for 6 hours to 1 day",
        "4 of 5 times; wrong for 2 to 3 days",
    ), "one outage over the border"
    assert found["The address changed"] == ("once", "once")


def test_looks_are_told_apart_from_whole_runs() -> None:
    """Half-hourly looks beside a check each day, as installed."""
    looks = [replace(row(1 + number / 48), id=f"look-{number}", whole=False) for number in range(48)]
    found = table_of(summarise([*looks, row(1.001)], [row(9)], now=NOW))
    assert found["Runs"] == ("49 (1 whole), on 2 of 7 days", "1, on 1 of 7 days")
    assert found["Verdicts"][0] == "1 ready"


def test_runs_through_a_vpn_are_counted_as_such() -> None:
    tunnel = row(2, codes=("link.vpn",), goodput_mbps=1.1)
    found = table_of(summarise([row(3), tunnel, row(1)], [row(9)], now=NOW))
    assert found["Runs"] == (
        "3, on 3 of 7 days; 1 through a VPN or a proxy, whose figures do not count",
        "1, on 1 of 7 days",
    )
    assert found["Upload"] == ("9.4 Mbps (9.4 to 9.4)", "9.4 Mbps")


def test_what_changed_is_told_by_codes() -> None:
    assert WEEK.changed is not None
    assert [each.code for each in WEEK.changed.new] == ["upload.below_minimum"]
    assert "ddns.stale" in [each.code for each in WEEK.changed.gone]
    shown = text(WEEK)
    assert "New:    Upload speed: " in shown
    assert "Gone:   The EMR's public name: " in shown
    assert "- The EMR's public name: failed in 1 of 6 runs, not in the last." in shown


def test_figures_in_a_sentence_are_no_change() -> None:
    before, now = (heard(each) for each in (TWO_WEEKS[7], TWO_WEEKS[10]))
    assert before.problems != now.problems  # 2.2 Mbps then, 2.4 Mbps now
    newest = {"run-9": before, "run-0": now}
    week = summarise([row(0, failed=("upload",))], [row(9, failed=("upload",))], now=NOW, reports=newest)
    assert week.changed is not None
    assert (week.changed.new, week.changed.gone) == ((), ())
    assert "Nothing: the last run of each week found the same." in text(week)


def test_all_well_in_both_weeks_is_said() -> None:
    fine = {"run-1": told_of(), "run-9": told_of()}
    assert "neither of the two last runs found anything wrong" in text(
        summarise([row(1)], [row(9)], now=NOW, reports=fine), width=200
    )


def test_what_could_not_be_asked_again_is_not_gone() -> None:
    newest = row(1, statuses={**FINE, "emr": Status.SKIPPED})
    reports = {"run-1": told_of(), "run-9": told_of(("emr.error", Severity.FAIL), ("upload.marginal", Severity.WARN))}
    changed = summarise([newest], [row(9)], now=NOW, reports=reports).changed
    assert changed is not None
    assert [each.code for each in changed.gone] == ["upload.marginal"]
    assert [each.code for each in changed.open] == ["emr.error"]


def test_what_was_accepted_is_no_news_and_is_not_hidden() -> None:
    reports = {"run-1": told_of(("upload.marginal", Severity.WARN), accepted=True), "run-9": told_of()}
    week = summarise([row(1)], [row(9)], now=NOW, reports=reports)
    assert week.changed is not None
    assert week.changed.new == ()
    assert "KNOWN AND ACCEPTED\n- upload.marginal it is." in text(week)


def test_no_data_is_no_good_news() -> None:
    week = summarise([], [], now=NOW, site="Elm Street Clinic")
    assert subject(week) == "[emrnetcheck] Elm Street Clinic: COULD NOT TELL: no whole run in this week"
    assert text(week).startswith("COULD NOT TELL: no whole run in this week.\n")
    assert set(table_of(week).values()) == {("no data", "no data")}
    assert week.changed is None


def test_a_week_without_runs_beside_one_with_some() -> None:
    week = summarise([], [row(9), row(8)], now=NOW)
    assert week.latest is None
    assert table_of(week)["Upload"] == ("no data", "9.4 Mbps (9.4 to 9.4)")
    assert "Not known: no whole run in this week." in text(week)
    week = summarise([row(1)], [], now=NOW, reports={"run-1": told_of()})
    assert "Not known: no whole run in the week before." in text(week)


def test_runs_that_did_not_measure_it_are_told_apart_from_no_runs() -> None:
    found = table_of(summarise([row(1, goodput_mbps=None, public_v4=None, statuses={})], [], now=NOW))
    assert found["Upload"] == ("not measured", "no data")
    assert found["The address changed"] == ("not measured", "no data")
    assert found["The EMR answered"] == ("not measured", "no data")


def test_few_runs_of_many_planned_are_told() -> None:
    found = table_of(summarise([row(1), row(2)], [], now=NOW, planned=168, planned_before=336))
    assert found["Runs"] == ("2 of 168 planned, on 2 of 7 days", "none of 336 planned")
    found = table_of(summarise([row(1), row(2)], [], now=NOW, planned=1))
    assert found["Runs"] == ("2, on 2 of 7 days", "no data"), "somebody started one more"


def test_what_was_measured_on_another_network_is_in_no_verdict_and_is_told() -> None:
    away = row(0, failed=("ddns", "port"))
    here, there = made_elsewhere([row(2), row(1), away], [(away.started_at, away.started_at)])
    assert (len(here), there) == (2, [away])
    week = summarise(here, [], now=NOW, elsewhere=there)
    assert subject(week).endswith(": READY")
    assert table_of(week)["Runs"][0] == "2, on 2 of 7 days; 1 more on another network, not counted"
    assert table_of(week)["Verdicts"][0] == "2 ready"


def test_the_history_keeps_whole_seconds() -> None:
    began = ago(1)
    _, there = made_elsewhere([row(1)], [(began + timedelta(microseconds=700_000), began + timedelta(seconds=5))])
    assert len(there) == 1
    here, _ = made_elsewhere([row(1)], [(began + timedelta(seconds=1), began + timedelta(seconds=5))])
    assert len(here) == 1


def test_a_week_on_another_network_says_so() -> None:
    week = summarise([], [], now=NOW, elsewhere=[row(1), row(2)])
    said = " ".join(text(week).split())
    assert week.latest is None
    assert "2 runs were made while this computer was on another network than the clinic's." in said
    assert "Leave a computer on that stays at the clinic" in said
    assert table_of(week)["Runs"][0] == "no data; 2 more on another network, not counted"


def unconnected(days: float) -> PastRun:
    """As just after waking."""
    return row(days, failed=("link",), codes=("link.none",))


def test_a_run_without_a_network_connection_is_no_verdict_of_the_week() -> None:
    week = summarise([row(2), row(1), unconnected(0)], [], now=NOW)
    assert subject(week).endswith(": READY")
    assert week.this.verdicts == {Verdict.READY: 2}
    assert table_of(week)["Runs"][0] == "3 (2 whole), on 3 of 7 days; 1 without a network connection"
    assert week.passed == ()


def test_a_week_without_a_network_connection_could_not_tell() -> None:
    week = summarise([unconnected(1), unconnected(0)], [], now=NOW)
    assert "COULD NOT TELL" in subject(week)
    assert "At no run of this week this computer had a network connection." in " ".join(text(week).split())
    assert table_of(week)["Verdicts"][0] == "none could tell"


class Facts(dict[str, str]):
    """Whatever else a sentence names."""

    def __missing__(self, name: str) -> str:
        return name


def test_two_addresses_that_are_taken_out_leave_a_sentence_that_tells_something() -> None:
    code = ddns.CHECK.codes["ddns.stale"]
    facts = {"hostname": "emr.example.org", "named": f"{OLD}, 198.51.100.9", "address": PUBLIC, "client": "ddclient"}
    own = Own((OLD, PUBLIC, "198.51.100.9"))
    said = without_addresses(code.summary.format(**facts), own)
    assert said == "The name emr.example.org leads to another address than this office's."
    named = [each for each in ddns.CHECK.codes.values() if "{named}" in each.summary and "{address}" in each.summary]
    assert len(named) > 5
    for each in named:
        told = without_addresses(each.summary.format_map(Facts(facts)), own)
        assert told.count("(an address)") < 2, told


def test_a_verdict_of_days_ago_is_not_todays() -> None:
    assert "That is 5 days ago: whether it still holds is not known." in text(summarise([row(5)], [], now=NOW))
    assert "days ago" not in text(summarise([row(1)], [], now=NOW))


def test_parts_are_no_verdict() -> None:
    week = summarise([row(1, whole=False)], [], now=NOW)
    assert week.latest is None
    assert table_of(week)["Verdicts"] == ("only parts were asked", "no data")


def test_the_reports_that_are_needed_are_the_newest_whole_ones() -> None:
    assert compared([row(3), row(1, whole=False), row(2)], [row(9), row(8)]) == ("run-2", "run-8")
    assert compared([], [row(8, whole=False)]) == (None, None)


def test_a_report_that_cannot_be_read_costs_only_what_it_would_have_told() -> None:
    week = summarise([row(1, failed=("upload",))], [row(9)], now=NOW)
    assert week.latest is not None
    assert week.latest.verdict is Verdict.NOT_READY
    assert "Not known: a report cannot be read." in text(week)


@pytest.mark.parametrize("broken", ["", "[]", "{}", "null", '{"checks": 3, "verdict": "ready"}', "[" * 100_000])
def test_what_is_no_report_tells_nothing(broken: str) -> None:
    assert told(broken) is None


def test_a_mail_names_no_public_address_and_no_open_port() -> None:
    ports = replace(TWO_WEEKS[-1], headline=f"The port 3306 of {PUBLIC} is open")
    opened = Problem("exposure.dangerous_open", "exposure", "Open ports", Severity.FAIL, "Port 3306 is open.", False)
    heard_ = replace(heard(ports), problems=(opened, *REPORTS["run-0"].problems))
    cause = replace(
        heard_.causes[0], code="exposure.dangerous_open", summary="Port 3306 is open.", advice="Close 3306."
    )
    reports = {**REPORTS, "run-0": replace(heard_, causes=(cause,))}
    newest = replace(ROWS[-1], headline=ports.headline)
    week = for_mail(summarise((*ROWS[:-1], newest), ROWS, now=NOW, reports=reports))
    for render in RENDERERS:
        shown = render(week)
        assert not any(secret in shown for secret in (PUBLIC, OLD, "3306"))
        assert "that must not be" in " ".join(shown.split())


@pytest.mark.parametrize(
    ("said", "left"),
    [
        (f"It leads to {PUBLIC}, not {OLD}.", "It leads to (an address), not (an address)."),
        ("The server is 192.168.1.10.", "The server is 192.168.1.10."),
        ("At 100.64.3.4 a provider's router answers.", "At 100.64.3.4 a provider's router answers."),
        ("It is 2606:4700::1111 too.", "It is (an address) too."),
        (f"It answers at {PUBLIC}:8443.", "It answers at (an address):8443."),
        (f"https://{PUBLIC}:8443/oscar", "https://(an address):8443/oscar"),
        ("At [2606:4700::1111]:443 too.", "At [(an address)]:443 too."),
        (f"::ffff:{PUBLIC} and ::ffff:192.168.1.10", "::ffff:(an address) and ::ffff:192.168.1.10"),
        ("::ffff:808:808 is the same.", "(an address) is the same."),
        ("At 192.168.1.10:8443 inside.", "At 192.168.1.10:8443 inside."),
        ("fe80::1 and fd00::2 stay.", "fe80::1 and fd00::2 stay."),
        ("At 12:30:45, version 3.10.2 of 1.2.3.4.5", "At 12:30:45, version 3.10.2 of 1.2.3.4.5"),
    ],
)
def test_addresses_of_the_internet_are_taken_out_of_sentences(said: str, left: str) -> None:
    assert without_addresses(said) == left


def test_hostile_words_are_harmless_everywhere() -> None:
    bad = Problem("upload.marginal", "upload", HOSTILE, Severity.WARN, f"<script>alert(1)</script>{HOSTILE}", False)
    reports = {"run-1": replace(told_of(), problems=(bad,), titles={"emr": HOSTILE}), "run-9": told_of()}
    these = [row(1, site=HOSTILE, headline=HOSTILE), row(2, failed=("emr",))]
    week = summarise(these, [row(9)], now=NOW, reports=reports)
    for render in (text, markdown, html):
        shown = render(week)
        assert not any(ord(character) < 32 and character != "\n" for character in shown)
        assert "\u202e" not in shown
        assert "<script" not in shown.replace("\\<script", "") if render is not text else True
    assert "\n" not in subject(week)
    json.loads(as_json(week))


def test_the_json_holds_the_whole_week() -> None:
    made = json.loads(as_json(WEEK))
    assert made["schema"] == "emrnetcheck/week/1"
    assert made["latest"]["verdict"] == "not_ready"
    assert made["this"]["verdicts"] == {"ready": 3, "not_ready": 3}
    assert made["this"]["upload_mbps"]["count"] == 6


def test_narrow_and_wide_say_the_same() -> None:
    wide, narrow = text(WEEK, width=100).split(), text(WEEK, width=40).split()
    assert max(len(line) for line in text(WEEK, width=40).splitlines()) <= 40
    assert max(len(line) for line in text(WEEK, width=72).splitlines()) <= 72
    assert set(wide) - set(narrow) <= {"This", "before"}  # of the head, which the narrow one says in each line


def test_plain_is_ascii() -> None:
    assert text(summarise([row(1, site="Clinique Élan")], [], now=NOW), plain=True).isascii()


def test_html_asks_nobody_and_runs_nothing() -> None:
    page = html(WEEK)
    assert "default-src 'none'" in page
    assert "http:" not in page
    assert "https:" not in page
    assert "<script" not in page


def test_a_week_begins_at_midnight_by_the_clock_on_the_wall() -> None:
    here = ZoneInfo("America/Vancouver")
    now = NOW.replace(month=11, day=4, hour=15)  # the clock was set back on 1 November
    first, second = starts(now, here)
    assert [each.astimezone(here).isoformat() for each in (first, second)] == [
        "2026-10-22T00:00:00-07:00",
        "2026-10-29T00:00:00-07:00",
    ]
    assert now.timestamp() - second.timestamp() == timedelta(days=6, hours=8).total_seconds()
    found = summarise([row(0, started_at=now), row(0, started_at=second)], [], now=now, zone=here).this
    assert (found.runs, found.days) == (2, 2)


def test_times_are_those_of_the_clinic() -> None:
    assert "26 Nov 2026, 00:30" in text(WEEK, zone=timezone(timedelta(hours=-6)))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ([Spell(0, 0, 7200.0, False)], "for less than 2 hours"),
        ([Spell(0, 3600.0, 7200.0, False)], "for 1 to 2 hours"),
        ([Spell(0, 3600.0, 172_800.0, False)], "for 1 hour to 2 days"),
        ([Spell(0, 3600.0, None, True)], "for 1 hour or more"),
        ([Spell(0, 0, None, True)], "for a time that is not known"),
        ([Spell(0, 86_400.0, 172_800.0, False)] * 2, "for 2 to 4 days"),
        ([Spell(0, 20.0, 90.0, False)], "for 1 to 2 minutes"),
    ],
)
def test_how_long_is_told_as_bounds(wrong: list[Spell], said: str) -> None:
    assert how_long(tuple(wrong)) == said
