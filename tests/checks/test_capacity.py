"""What is said of the number of people at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from emrnetcheck.checks.capacity import CHECK
from emrnetcheck.config.sections import EmrSection
from emrnetcheck.evidence import Case
from emrnetcheck.judging import judge_all
from emrnetcheck.model import Site
from emrnetcheck.workloads import WORKLOADS
from tests.checks.builders import LINK, SITE, Row, case, codes_of, judged, limits, row, upload


def people(mbps: float | None, users: int = 4, site: Site = SITE) -> Case:
    return case(replace(site, users=users), upload=upload(mbps))


TENTH = limits("capacity", per_user_mbps=0.1)
TWO = limits("capacity", per_user_mbps=2.0)


LOW = replace(SITE, minimum_mbps=0.1, recommended_mbps=0.2)
"""So that what the people planned need is what decides."""


def between(lower_mbps: float, mbps: float, upper_mbps: float) -> Case:
    return case(at("hd_video"), upload=upload(mbps, lower_mbps=lower_mbps, upper_mbps=upper_mbps))


def by_wifi(mbps: float, users: int = 4, site: Site = SITE) -> Case:
    return case(replace(site, users=users), link=replace(LINK, medium="wifi"), upload=upload(mbps))


def at(workload: str) -> Site:
    return replace(SITE, workload=workload)


TABLE = [
    row("just under 4 Mbps for 4", people(3.99), "capacity.slow_line"),
    row("4 Mbps for 4", people(4.0), "capacity.ok"),
    row("just over 4 Mbps for 4", people(4.01), "capacity.ok"),
    row("4 Mbps for 5", people(4.0, 5), "capacity.slow_line"),
    row("2 Mbps each: 7.9 for 4", people(7.9, site=TWO), "capacity.short"),
    row("2 Mbps each: 8 for 4", people(8.0, site=TWO), "capacity.ok"),
    # 0.3 / 0.1 is 2.9999999999999996.
    row("0.1 Mbps each: 0.3 for 3", people(0.3, 3, TENTH), "capacity.ok"),
    row("0.1 Mbps each: 0.7 for 7", people(0.7, 7, TENTH), "capacity.ok"),
    row("0.1 Mbps each: 0.29 for 3", people(0.29, 3, TENTH), "capacity.slow_line"),
    row("text: 0.099 for 4", people(0.099, site=at("text")), "capacity.slow_line"),
    row("text: 0.1 for 4", people(0.1, site=at("text")), "capacity.ok"),
    row("documents: 7.99 for 4", people(7.99, site=at("documents")), "capacity.short"),
    row("documents: 8 for 4", people(8.0, site=at("documents")), "capacity.ok"),
    row("video: 11.99 for 4", people(11.99, site=at("video")), "capacity.short"),
    row("video: 12 for 4", people(12.0, site=at("video")), "capacity.ok"),
    row("HD video: 39.9 for 4", people(39.9, site=at("hd_video")), "capacity.short"),
    row("HD video: 40 for 4", people(40.0, site=at("hd_video")), "capacity.ok"),
    row("an own figure goes before the workload", people(8.0, site=replace(TWO, workload="video")), "capacity.ok"),
    row("nothing got through", people(0.0), "capacity.unmeasured"),
    row("nobody fits, and the upload is below the minimum", people(0.5), "capacity.slow_line"),
    row("just under what the upload should be", people(4.69, 5), "capacity.slow_line"),
    row("what the upload should be", people(4.7, 5), "capacity.short"),
    row("nobody fits: HD video at 9.99", people(9.99, site=at("hd_video")), "capacity.none"),
    row("one fits: HD video at 10", people(10.0, site=at("hd_video")), "capacity.short"),
    row("nobody fits, though the minimum is reached", people(2.9, site=at("video")), "capacity.none"),
    row("perhaps one fits", between(9.4, 9.9, 10.0), "capacity.short"),
    row("for sure nobody fits", between(9.4, 9.8, 9.99), "capacity.none"),
    row("over Wi-Fi all fit", by_wifi(4.0), "capacity.ok"),
    row("over Wi-Fi not all fit", by_wifi(9.4, 10), "capacity.over_wifi"),
    row("over Wi-Fi nobody fits", by_wifi(9.4, site=at("hd_video")), "capacity.over_wifi"),
    row("nothing confirmed", people(None), "capacity.unmeasured"),
]


@pytest.mark.parametrize("users", [1, 4, 7, 15, 16, 47, 100])
def test_the_line_that_is_asked_for_is_enough(users: int) -> None:
    """Providers sell the line rate; 0.94 of it arrives (checks.upload). The number in the advice must do."""
    (finding,) = judged(CHECK, people(0.5, users))
    needed_mbps = finding.facts["needed_mbps"]
    assert isinstance(needed_mbps, int)
    assert codes_of(CHECK, people(needed_mbps * 0.94, users)) == ("capacity.ok",)


@pytest.mark.parametrize("row_", TABLE, ids=lambda row_: row_.what)
def test_capacity_says_exactly_this(row_: Row) -> None:
    assert codes_of(CHECK, row_.case) == row_.codes


def said(mbps: float, users: int, site: Site = SITE) -> str:
    clinic = people(mbps, users, site)
    (result,) = judge_all([CHECK], clinic, {}, {}, strict=True)
    return result.findings[0].summary


@pytest.mark.parametrize(
    ("mbps", "users", "site", "words"),
    [
        (
            4.2,
            6,
            LOW,
            "about 4 people outside at once who open records, not 6. For 6, 6 Mbps is needed; 4.2 was measured.",
        ),
        (1.0, 2, LOW, "carries about 1 person outside at once who opens records, not 2. For 2, 2 Mbps is needed"),
        (
            0.5,
            4,
            LOW,
            "less than one person outside at once who opens records; 4 are planned. One person needs 1 Mbps; 0.50",
        ),
        (9.0, 1, SITE, "carries about 9 people outside at once who open records; 1 is planned."),
        (9.0, 4, at("documents"), "carries about 4 people outside at once who open scanned pages; 4 are planned."),
        (9.0, 4, TWO, "carries about 4 people outside at once who need 2 Mbps each; 4 are planned."),
        (4.2, 6, SITE, "A scanned page of 2 MB takes 3.8 s to send."),
        (0.25, 4, TENTH, "A scanned page of 2 MB takes 64.0 s to send."),
    ],
)
def test_the_sentence_has_the_need_beside_what_was_measured(mbps: float, users: int, site: Site, words: str) -> None:
    assert words in said(mbps, users, site)


def test_every_workload_has_a_figure_and_its_source() -> None:
    for name, work in WORKLOADS.items():
        assert work.name == name
        assert work.mbps > 0
        assert work.source
        assert work.who.startswith("who ")
    assert Site().workload in WORKLOADS
    assert CHECK.limits.per_user_mbps == WORKLOADS[Site().workload].mbps


def test_every_workload_can_be_set_and_no_other() -> None:
    keys = EmrSection.model_json_schema()["properties"]["workload"]["enum"]
    assert keys == list(WORKLOADS)


def test_the_table_of_the_settings_page_is_this_one() -> None:
    page = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line.startswith("| `")
    ]
    told = {row[0].strip("`"): float(row[2]) for row in rows if len(row) == 4 and row[0].strip("`") in WORKLOADS}
    assert told == {name: work.mbps for name, work in WORKLOADS.items()}
