"""Whatever the looks find, in whatever order: what has to hold of the mails."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from emrnetcheck.alerting import AlertState, from_json, retest_checks, standing, step, to_json, wants_retest
from emrnetcheck.alerting.state import RETEST_AFTER
from emrnetcheck.model.alerts import AlertLevel, Notice, Rule
from emrnetcheck.model.mail import MailKind
from tests.alerting.scripts import LETTERS, START, Told, played, run

SCRIPTS = st.text(alphabet=[*LETTERS, "?", "-"], max_size=60)
RULES = st.builds(
    lambda bad, more, level, per_day: Rule(bad, bad + more, level, per_day),
    st.integers(1, 4),
    st.integers(0, 4),
    st.sampled_from(AlertLevel),
    st.integers(1, 3),
)
GAPS = st.lists(st.sampled_from([5.0, 15.0, 30.0, 60.0, 1440.0, 20_000.0]), min_size=60, max_size=60)


def times(gaps: list[float], count: int) -> list[datetime]:
    found, now = [], START
    for minutes in gaps[:count]:
        now += timedelta(minutes=minutes)
        found.append(now)
    return found


def alerts(told: list[Told]) -> list[tuple[int, Notice]]:
    return [(each.at, each.notice) for each in told if each.notice.kind is MailKind.ALERT]


@settings(max_examples=300, deadline=None)
@given(SCRIPTS, RULES, GAPS)
def test_each_trouble_is_told_once_and_ends_once_after_that(script: str, rule: Rule, gaps: list[float]) -> None:
    _, told = played(script, rule, times=times(gaps, len(script)))
    seen: Counter[tuple[str, MailKind]] = Counter()
    for each in told:
        key = each.notice.incident_id
        seen[key, each.notice.kind] += 1
        assert seen[key, each.notice.kind] == 1
        if each.notice.kind is MailKind.RECOVERY:
            assert seen[key, MailKind.ALERT] == 1
            assert each.notice.until is not None
            assert each.notice.since <= each.notice.until
        assert 1 <= each.notice.runs_bad <= each.notice.runs_seen


@settings(max_examples=300, deadline=None)
@given(SCRIPTS, RULES, GAPS)
def test_no_mail_without_as_many_bad_looks_as_were_asked_for(script: str, rule: Rule, gaps: list[float]) -> None:
    _, told = played(script, rule, times=times(gaps, len(script)))
    for at, notice in alerts(told):
        assert notice.runs_bad >= rule.bad
        assert script[at] not in ".?-a0"
        assert rule.level is not AlertLevel.OFF
        if rule.level is AlertLevel.FAIL:
            assert notice.severity == "fail"


@settings(max_examples=300, deadline=None)
@given(SCRIPTS, RULES, GAPS)
def test_no_more_mails_about_one_code_in_a_day_than_the_rule_has(script: str, rule: Rule, gaps: list[float]) -> None:
    moments = times(gaps, len(script))
    _, told = played(script, rule, times=moments)
    for at, notice in alerts(told):
        within = [
            other
            for other_at, other in alerts(told)
            if other.code == notice.code and timedelta() <= moments[at] - moments[other_at] < timedelta(days=1)
        ]
        assert len(within) <= rule.per_day


@settings(max_examples=200, deadline=None)
@given(SCRIPTS, RULES, GAPS, st.data())
def test_runs_that_say_nothing_change_nothing(script: str, rule: Rule, gaps: list[float], data: st.DataObject) -> None:
    moments = times(gaps, len(script))
    _, told = played(script, rule, times=moments)
    saying = [number for number, letter in enumerate(script) if letter not in "?-"]
    without = "".join(script[number] for number in saying)
    _, told_without = played(without, rule, times=[moments[number] for number in saying])
    plain = [(moments[each.at], each.notice.kind, each.notice.code, each.notice.since) for each in told]
    short = [moments[number] for number in saying]
    assert plain == [(short[each.at], each.notice.kind, each.notice.code, each.notice.since) for each in told_without]


@settings(max_examples=200, deadline=None)
@given(SCRIPTS, RULES, GAPS)
def test_what_is_written_down_is_what_was_known(script: str, rule: Rule, gaps: list[float]) -> None:
    state = AlertState()
    for number, (letter, at) in enumerate(zip(script, times(gaps, len(script)), strict=True)):
        state, _ = step(state, run(letter, at, number), rule, at)
        assert from_json(to_json(state)) == state
        wanted = wants_retest(state, at)
        assert (wanted is None) == (retest_checks(state) == ())
        assert wanted is None or at <= wanted <= at + 8 * RETEST_AFTER
        shown = standing(state, START)
        assert {each.check for each in shown.open} == {
            check for check, each in state.checks.items() if each.incident is not None
        }


@settings(max_examples=400, deadline=None)
@given(st.text(alphabet="BBS..?-aT", min_size=1, max_size=40), RULES, GAPS, st.integers(0, 40))
@example("BBTT", Rule(2, 2), [5.0] * 4, 3)
def test_what_is_open_when_mail_is_set_up_is_mailed_once_and_nothing_that_ended_before(
    script: str, rule: Rule, gaps: list[float], mails_from: int
) -> None:
    moments = times(gaps, len(script))
    _, told = played(script, rule, times=moments, mails_from=mails_from)
    mailed = [each for each in told if each.mail]
    before, _ = played(script[:mails_from], rule, times=moments[:mails_from], mails_from=mails_from)
    ended = {each.incident_id for each in before.closed}
    assert not ended & {each.notice.incident_id for each in mailed}
    assert not any(each.mailed for each in standing(before, START).open)
    kinds = Counter((each.notice.incident_id, each.notice.kind) for each in mailed)
    assert set(kinds.values()) <= {1}
    for each in mailed:
        if each.notice.kind is MailKind.RECOVERY:
            assert kinds[each.notice.incident_id, MailKind.ALERT] == 1
    # Where it is found again, that is the look at which it is mailed: nothing else was mailed today.
    found = [number for number in range(mails_from, len(script)) if script[number] not in "?-"][:1]
    for fault in standing(before, START).open:
        if found and script[found[0]] in "BST" and rule.level is not AlertLevel.OFF:
            [alert] = [each for each in mailed if each.at == found[0] and each.notice.kind is MailKind.ALERT]
            assert alert.notice.since <= moments[found[0]]
            incident = before.checks[fault.check].incident
            assert incident is not None
            assert alert.notice.incident_id == fault.incident_id or alert.notice.code != incident.first.code


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="BBb..?-", max_size=40), GAPS, st.integers(0, 40))
def test_what_is_wrong_is_the_same_whether_anybody_can_be_written_to_or_not(
    script: str, gaps: list[float], mails_from: int
) -> None:
    moments = times(gaps, len(script))
    (with_mail, _), (without, _) = (
        played(script, times=moments, mails_from=each) for each in (0, max(mails_from, len(script)))
    )

    def course(state: AlertState) -> object:
        shown = standing(state, START)
        return [replace(each, mailed=False) for each in (*shown.open, *shown.closed)]

    assert course(with_mail) == course(without)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="aw.?-", max_size=60), GAPS)
def test_what_is_accepted_or_a_warning_is_never_mailed(script: str, gaps: list[float]) -> None:
    _, told = played(script, times=times(gaps, len(script)))
    assert told == []


@given(st.text(), st.text(), st.text(max_size=2000))
def test_foreign_text_survives_being_written_down(summary: str, advice: str, say: str) -> None:
    texts = {"summary": summary, "advice": advice, "say": say}
    state = AlertState()
    for number in range(2):
        bad = run("B", START + timedelta(hours=number), number)
        bad = replace(bad, problems=(replace(bad.problems[0], **texts),))  # type: ignore[arg-type]  # texts of it
        state, _ = step(state, bad, Rule(), bad.started_at)
    assert from_json(to_json(state)) == state
    assert to_json(state).isascii()


def test_years_of_the_worst_do_not_make_it_grow() -> None:
    state, longest = AlertState(), 0
    for number in range(4000):
        at = START + timedelta(minutes=30 * number)
        state, _ = step(state, run("B.BB..PX?a"[number % 10], at, number), Rule(per_day=24), at)
        longest = max(longest, len(to_json(state)))
    assert longest < 60_000


def test_it_is_written_for_a_database_that_takes_no_half_characters() -> None:
    bad = run("B", START, 1)
    bad = replace(bad, problems=(replace(bad.problems[0], summary="half \ud83d of one"),))
    state, _ = step(AlertState(), bad, Rule(1, 1), START)
    to_json(state).encode("utf-8")
