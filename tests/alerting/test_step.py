"""ok, suspect, confirmed, recovered: each rule of the machine as a row."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from emrnetcheck.alerting import AlertState, from_json, standing, step, to_json, wants_retest, with_mail
from emrnetcheck.checks import ALL
from emrnetcheck.model import Contact
from emrnetcheck.model.alerts import USUAL, AlertLevel, Judged, Notice, Posted, Problem, Rule
from emrnetcheck.model.mail import MailKind
from tests.alerting.scripts import LETTERS, START, marks, played, problem, run

NOTHING: tuple[Notice, ...] = ()
HOUR, QUARTER, DAY = timedelta(hours=1), timedelta(minutes=15), timedelta(days=1)
WARN, OFF = replace(USUAL, level=AlertLevel.WARN), replace(USUAL, level=AlertLevel.OFF)

HOURLY = [
    ("all is well", ".....", "....."),
    ("one bad look", ".B....", "......"),
    ("two in a row, and mended", ".BB...", "..A.R."),
    ("two of three", "B.B..", "..A.R"),
    ("two of four are not two of three", "B..B..", "......"),
    ("one fine look is no recovery", "BB.BB...", ".A....R."),
    ("unknown confirms nothing", "B????", "....."),
    ("unknown between two bad ones", "B??B", "...A"),
    ("unknown is no recovery", "BB????", ".A...."),
    ("unknown between two fine ones", "BB.?.", ".A..R"),
    ("a run without this check", "B--B-.-.", "...A...R"),
    ("once mailed, and never again while it lasts", "B" * 24 * 3, ".A" + "." * 70),
    # Where the run had a second server or method, and it did not speak for it.
    ("two unsure ones", "bb..", "...."),
    ("three unsure ones", "bbb.", "...."),
    ("four unsure ones", "bbbb", "...A"),
    ("four unsure ones of six", "b.b.bb", ".....A"),
    ("one of the two is sure", "bB..", ".A.R"),
    ("a sure one, then an unsure one", "Bb..", ".A.R"),
    ("a sure one, then an unsure one of another cause", "Bs..", "...."),
    ("an unsure one, then a sure one of another cause", "sB..", "...."),
    ("an unsure one between two sure ones of another cause", "BsB.", "..A."),
    # Another cause of the same check.
    ("another code, the same person", "BBSSSS..", ".A.....R"),
    ("somebody else has to act", "BBPPPP..", ".A.A...R"),
    ("once is not enough for another cause", "BBPBBPBB..", ".A.......R"),
    ("two of three are", "BBPBPP..", ".A..A..R"),
    ("sooner than was said", "BBTT..", ".A.A.R"),
    ("about safety", "BBXX..", ".A.A.R"),
    ("two codes confirm one trouble", "BS..", ".A.R"),
    # Accepted.
    ("accepted from the start", "aaaa", "...."),
    ("accepted while open: no word more", "BBaa..", ".A...."),
    ("accepted while suspect", "Ba.B.", "....."),
    ("accepted in between", "BaB", "..."),
    ("accepted, and it is over while it is bad", "BBaaBB", ".A...."),
    ("accepted, but another cause is there", "BBAAA", ".A..."),
    # Below the level.
    ("a warning", "wwww", "...."),
    # Not to be seen.
    ("a run that could not find it", "BB00000", ".A....."),
    ("a run that could not find it is no end of a suspicion", "B0B", "..A"),
]


@pytest.mark.parametrize(("what", "script", "expected"), HOURLY, ids=[row[0] for row in HOURLY])
def test_looks_each_hour(what: str, script: str, expected: str) -> None:
    _, told = played(script)
    assert marks(script, told) == expected


RULES = [
    ("one look is enough, and one fine one ends it", "B.B.", Rule(1, 1), "AR.."),
    ("one look, unsure", "bb", Rule(1, 1), ".A"),
    ("three of three", "BBB...", Rule(3, 3), "..A..R"),
    ("three of five", "B.B.B", Rule(3, 5), "....A"),
    ("warnings", "ww..", WARN, ".A.R"),
    ("warnings beside a fault are not the cause", "WW..", WARN, ".A.R"),
    ("off", "BBBB..", OFF, "......"),
    ("twice a day", "BB..BB..BB..", replace(USUAL, per_day=2), ".A.R.A.R...."),
    ("once a day", "BB..BB..", USUAL, ".A.R...."),
]


@pytest.mark.parametrize(("what", "script", "rule", "expected"), RULES, ids=[row[0] for row in RULES])
def test_rules(what: str, script: str, rule: Rule, expected: str) -> None:
    _, told = played(script, rule)
    assert marks(script, told) == expected


def at(*minutes: float) -> list[timedelta]:
    return [timedelta(minutes=each) for each in minutes]


def told_at(script: str, *minutes: float, rule: Rule = USUAL) -> str:
    _, told = played(script, rule, times=[START + each for each in at(*minutes)])
    return marks(script, told)


def test_what_is_gone_a_quarter_of_an_hour_later_was_a_blip_and_does_not_count() -> None:
    assert told_at("B.B", 0, 15, 60) == "..."
    assert told_at("B.B", 0, 46, 60) == "..A"
    assert told_at("B.BB", 0, 15, 60, 75) == "...A"


def test_a_check_that_comes_and_goes_has_to_be_bad_once_more() -> None:
    nights = [minute for day in range(3) for minute in (day * 1440, day * 1440 + 15)]
    assert told_at("B.B.B.", *nights) == "......"
    assert told_at("B.B.B.BBB", *nights, 6000, 6015, 6030) == "........A"
    assert told_at("B.BBB", 0, 15, 6000, 6015, 6030) == "...A."  # once is not yet often
    assert told_at("B.B.B.BB", *nights, 61 * 1440 + 2880, 61 * 1440 + 2895) == ".......A"  # long ago


def test_what_comes_and_goes_six_times_a_day_is_a_fault_until_it_stays_away() -> None:
    hours = [minute for hour in range(8) for minute in (hour * 60, hour * 60 + 15)]
    script = "B." * 8 + "...."
    state, told = played(script, times=[START + each for each in at(*hours, 480, 540, 600, 660)])
    assert marks(script, told) == "..........A.......R."
    alert, recovery = (each.notice for each in told)
    assert (alert.flapping, alert.since, alert.runs_bad, alert.runs_seen) == (True, START, 6, 11)
    assert recovery.until == START + timedelta(minutes=435)
    assert wants_retest(played("B." * 6, times=[START + each for each in at(*hours[:12])])[0], START) is None
    assert state.checks["emr"].incident is None


def test_five_times_a_day_or_six_in_two_are_none() -> None:
    hours = [minute for hour in range(6) for minute in (hour * 300, hour * 300 + 15)]
    assert told_at("B." * 6, *hours) == "." * 12
    assert told_at("B." * 5, *hours[:10]) == "." * 10


def test_the_same_person_hears_of_another_code_not_even_the_day_after() -> None:
    script = "BBSSSS.."
    _, told = played(script, every=DAY)
    assert marks(script, told) == ".A.....R"


def test_what_was_held_and_turned_is_new_to_who_reads_of_it() -> None:
    script = "BB..BBPP"
    _, told = played(script)
    assert marks(script, told) == ".A.R...A"
    assert (told[2].notice.code, told[2].notice.before) == ("emr.redirects_inside", None)


def test_the_mail_about_the_first_cause_is_never_left_without_its_end() -> None:
    script = "BBPPBBBB.."  # back to what was mailed today already
    _, told = played(script)
    assert marks(script, told) == ".A.A.....R"
    assert told[2].notice.incident_id == told[1].notice.incident_id


def test_another_code_that_came_and_went_is_not_held_against_this_one() -> None:
    nights = [minute for day in range(2) for minute in (day * 1440, day * 1440 + 15)]
    assert told_at("S.S.BB", *nights, 6000, 6015) == ".....A"
    assert told_at("S.S.SS", *nights, 6000, 6015) == "......"


def test_what_came_and_went_before_and_another_code_at_the_next_look_need_one_more() -> None:
    """The EMR starts each night, and once it misses the look after that."""
    nights = [minute for day in range(2) for minute in (day * 1440, day * 1440 + 15)]
    assert told_at("S.S.SB", *nights, 6000, 6015) == "......"
    assert told_at("S.S.SB.", *nights, 6000, 6015, 6030) == "......."
    assert told_at("S.S.SBB", *nights, 6000, 6015, 6030) == "......A"


def test_an_upload_has_to_be_slow_three_times() -> None:
    state, found = AlertState(), []
    for number in range(3):
        slow = several(number, problem("upload.below_minimum"), answered=frozenset({"upload"}))
        state, notices = step(state, slow, USUAL, START + number * HOUR)
        found.append(len(notices))
    assert found == [0, 0, 1]


def test_what_is_over_is_not_held_against_the_next_look() -> None:
    assert told_at("BB..B..", 0, 60, 120, 180, 240, 300, 360, rule=Rule(2, 5, per_day=9)) == ".A.R..."


def test_a_suspicion_is_forgotten() -> None:
    assert told_at("B?B", 0, 15, 3 * 28 * 60) == "..A"
    assert told_at("B?B", 0, 15, 3 * 28 * 60 + 1) == "..."


def test_a_daily_run_alone_needs_two_days() -> None:
    script = ".BB.."
    _, told = played(script, every=DAY)
    assert marks(script, told) == "..A.R"
    [alert, recovery] = [each.notice for each in told]
    assert (alert.since, alert.fine_at, alert.until) == (START + DAY, START, None)
    assert (recovery.since, recovery.until) == (START + DAY, START + 3 * DAY)


def test_what_is_told_of_a_fault() -> None:
    state, told = played("..BBBB..")
    alert, recovery = (each.notice for each in told)
    assert (alert.kind, alert.code, alert.check, alert.contact) == (
        MailKind.ALERT,
        "emr.error",
        "emr",
        Contact.EMR_HOST,
    )
    assert (alert.since, alert.fine_at, alert.until) == (START + 2 * HOUR, START + HOUR, None)
    assert (alert.runs_bad, alert.runs_seen, alert.blips, alert.many, alert.before) == (2, 2, 0, False, None)
    assert (alert.summary, alert.advice, alert.incident_id) == ("emr.error is so.", "Mend it.", "run3.emr")
    assert (recovery.kind, recovery.incident_id, recovery.until) == (MailKind.RECOVERY, "run3.emr", START + 6 * HOUR)
    assert (recovery.runs_bad, recovery.runs_seen) == (4, 6)
    assert recovery.held_until == START + 3 * HOUR + DAY
    [closed] = state.closed
    assert (closed.code, closed.until, closed.mailed, closed.accepted) == ("emr.error", recovery.until, True, False)


def test_another_cause_is_a_trouble_of_its_own_and_ends_once() -> None:
    state, told = played("BBPPP..")
    first, second, recovery = (each.notice for each in told)
    assert (first.code, second.code, second.before) == ("emr.error", "emr.redirects_inside", "emr.error")
    assert second.since == START + 2 * HOUR
    assert first.incident_id != second.incident_id == recovery.incident_id
    assert [(each.code, each.mailed) for each in state.closed] == [
        ("emr.error", True),
        ("emr.redirects_inside", True),
    ]


def test_what_comes_back_within_the_day_is_held_and_told_when_the_day_is_over() -> None:
    script = "BB..BB" + "B" * 20 + ".."
    _, told = played(script)
    assert marks(script, told) == ".A.R" + "." * 21 + "A.R"  # 24 hours after the first
    assert told[2].notice.since == START + 4 * HOUR
    assert told[2].notice.runs_bad == 22


def test_what_is_held_and_gone_again_ends_as_quietly_and_is_counted() -> None:
    state, told = played("BB..BB....")
    assert [each.notice.kind for each in told] == [MailKind.ALERT, MailKind.RECOVERY]
    assert [each.mailed for each in state.closed] == [True, False]


def test_when_mails_are_wanted_again_what_is_open_is_told() -> None:
    state, told = played("BBB", OFF)
    assert told == []
    state, notices = step(state, run("B", START + 4 * HOUR, 9), USUAL, START + 4 * HOUR)
    assert [each.kind for each in notices] == [MailKind.ALERT]


LATE = [
    ("mail is set up while it is wrong", "BBBBBB....", 4, "....A..R.."),
    ("not before it is found again", "BB?.?BB..", 3, ".....A..R"),
    ("what is over then is never mailed", "BB..", 3, "...."),
    ("what ended before is not", "BB..BBBB..", 6, "......A..R"),
    ("accepted meanwhile", "BBaBa", 2, "....."),
    ("turned before", "BBPPPP..", 5, ".....A.R"),
    ("turned after", "BBBPP...", 2, "..A.A.R."),
    ("nobody ever", "BBBB....", 99, "........"),
]


@pytest.mark.parametrize(("what", "script", "mails_from", "expected"), LATE, ids=[row[0] for row in LATE])
def test_what_was_confirmed_before_anybody_could_be_written_to(
    what: str, script: str, mails_from: int, expected: str
) -> None:
    _, told = played(script, mails_from=mails_from)
    assert marks(script, [each for each in told if each.mail]) == expected


def test_where_nobody_can_be_written_to_the_log_has_begin_and_end_once() -> None:
    script = "BBBB....BBB"
    state, told = played(script, mails_from=99)
    assert marks(script, told) == ".A...R...A."
    assert state.mailed == ()
    assert [each.mailed for each in (*standing(state, START).open, *state.closed)] == [False, False]
    assert played(script, OFF, mails_from=99)[1] == []


def test_when_mail_is_gone_meanwhile_nothing_is_mailed_twice() -> None:
    state, told = played("BB")
    assert len(told) == 1
    for number, mails in ((2, False), (3, False), (4, True)):
        at_ = START + number * HOUR
        state, notices = step(state, run("B", at_, number), USUAL, at_, mails=mails)
        assert notices == ()


def test_what_is_told_later_of_a_fault_knows_the_mails_about_it() -> None:
    first, second = Posted(START, "<1@a.example>"), Posted(START + 3 * HOUR, "<2@a.example>")
    state, told = played("BB")
    state = with_mail(state, [told[0].notice.incident_id], first)
    state, told = played("PP", state=state, times=[START + 2 * HOUR, START + 3 * HOUR])
    assert [each.notice.mails for each in told] == [(first,)]
    state = with_mail(state, [told[0].notice.incident_id, "another"], second)
    _, told = played("..", state=state, times=[START + 4 * HOUR, START + 5 * HOUR])
    assert [(each.notice.kind, each.notice.mails) for each in told] == [(MailKind.RECOVERY, (first, second))]
    assert with_mail(state, ["another"], second) == state


def test_a_state_from_before_mails_were_remembered_is_read() -> None:
    state, _ = played("BB")
    older = to_json(state).replace('"mails":[],', "")
    assert older != to_json(state)
    assert from_json(older) == state


def test_what_was_held_is_told_as_what_was_confirmed() -> None:
    script = "BB..BB" + "B" * 19 + "P"
    _, told = played(script)
    assert marks(script, told) == ".A.R" + "." * 21 + "A"
    assert told[2].notice.code == "emr.error"


def test_an_unsure_look_is_not_the_sixth() -> None:
    hours = [minute for hour in range(6) for minute in (hour * 60, hour * 60 + 15)]
    assert told_at("B.B.B.B.B.b", *hours[:11]) == "." * 11
    assert told_at("B.B.B.B.B.B", *hours[:11]) == "." * 10 + "A"


def test_a_single_look_at_another_cause_does_not_release_what_is_held() -> None:
    script = "BB..BBPBB"
    _, told = played(script)
    assert marks(script, told) == ".A.R....."


def test_who_wants_no_mails_any_more_gets_none_of_the_end_either() -> None:
    state, told = played("BB")
    assert len(told) == 1
    for number in (2, 3):
        at = START + number * HOUR
        state, notices = step(state, run(".", at, number), OFF, at)
        assert notices == ()
    assert state.checks["emr"].incident is None


def test_what_is_accepted_while_open_is_counted_as_such_and_begins_anew_when_that_is_over() -> None:
    script = "BBaaa" + "." * 0 + "BBBB"
    state, told = played(script, every=DAY)
    assert marks(script, told) == ".A....A.."
    assert [each.accepted for each in state.closed] == [True]
    assert told[1].notice.since == START + 5 * DAY


def test_the_same_run_counts_once() -> None:
    state, _ = step(AlertState(), run("B", START, 1), USUAL, START)
    assert step(state, run("B", START, 1), USUAL, START + HOUR) == (state, ())


def test_warnings_that_are_no_alarm_any_more_end_without_a_word() -> None:
    state, told = played("ww", WARN)
    assert len(told) == 1
    state, notices = step(state, run("w", START + 3 * HOUR, 9), USUAL, START + 3 * HOUR)
    assert notices == ()
    assert state.checks["emr"].incident is None
    assert [each.accepted for each in state.closed] == [False]


# One cause, many checks.


def several(number: int, *problems: Problem, answered: frozenset[str]) -> Judged:
    return replace(run(".", START + number * HOUR, number), problems=problems, answered=answered)


CUT = problem("address.no_internet", explains=("dns", "ddns", "upload", "port"), contact=Contact.ISP)


def test_one_cause_is_one_mail_that_names_what_follows() -> None:
    state, notices = AlertState(), NOTHING
    for number in range(2):
        cut = several(number, CUT, problem("dns.resolver_down"), answered=frozenset({"address", "dns", "emr"}))
        state, notices = step(state, cut, USUAL, START + number * HOUR)
    [alert] = notices
    assert (alert.code, alert.follows) == ("address.no_internet", ("dns.resolver_down", "ddns", "upload", "port"))
    assert "dns" not in state.checks
    assert state.checks["emr"].looks[-1].code is None


def test_too_slow_for_anybody_follows_from_too_slow() -> None:
    state, notices = AlertState(), NOTHING
    for number in range(3):
        slow = several(
            number,
            problem("capacity.none", contact=Contact.ISP),
            problem("upload.below_minimum", contact=Contact.ISP),
            answered=frozenset({"upload", "capacity"}),
        )
        state, notices = step(state, slow, USUAL, START + number * HOUR)
    assert [(each.code, each.follows) for each in notices] == [("upload.below_minimum", ("capacity.none",))]


def test_of_two_causes_that_follow_from_each_other_the_first_is_told() -> None:
    one = problem("tls.expired", explains=("emr",))
    other = problem("emr.error", explains=("tls",))
    state, notices = AlertState(), NOTHING
    for number in range(2):
        both = several(number, one, other, answered=frozenset({"tls", "emr"}))
        state, notices = step(state, both, USUAL, START + number * HOUR)
    assert [(each.code, each.follows) for each in notices] == [("tls.expired", ("emr.error",))]


def test_two_causes_are_told_in_the_order_in_which_to_act() -> None:
    state, notices = AlertState(), NOTHING
    for number in range(2):
        both = several(number, problem("tls.expired"), problem("dns.resolver_down"), answered=frozenset({"tls", "dns"}))
        state, notices = step(state, both, USUAL, START + number * HOUR)
    assert [each.code for each in notices] == ["tls.expired", "dns.resolver_down"]


def test_what_fails_all_at_once_is_looked_at_once_more_and_says_so() -> None:
    codes = ("dns.resolver_down", "ddns.stale", "tls.expired", "emr.error")
    answered = frozenset(code.partition(".")[0] for code in codes)
    state = AlertState()
    counts = []
    for number in range(3):
        everything = several(number, *map(problem, codes), answered=answered)
        state, notices = step(state, everything, USUAL, START + number * HOUR)
        counts.append([(each.code, each.many) for each in notices])
    assert counts == [[], [], [(code, True) for code in codes]]


# Where the computer is.

HOME, FOREIGN = "02:00:00:00:00:01", "02:00:00:00:00:99"


def placed_at(letter: str, number: int, place: str | None, *, here: bool = False, hours: float = 1.0) -> Judged:
    return replace(run(letter, START + number * hours * HOUR, number), place=place, here=here)


def test_on_another_network_nothing_counts() -> None:
    script = [(".", HOME, True), ("B", FOREIGN, False), ("B", FOREIGN, False), ("B", FOREIGN, False), (".", HOME, True)]
    state = AlertState()
    for number, (letter, place, here) in enumerate(script):
        state, notices = step(state, placed_at(letter, number, place, here=here), USUAL, START)
        assert notices == ()
        assert (state.away is not None) == (place == FOREIGN)
        assert all(each.incident is None for each in state.checks.values())


def test_another_router_in_the_clinic_is_no_other_network() -> None:
    state = AlertState()
    found: list[Notice] = []
    for number, (letter, place) in enumerate([(".", HOME), ("B", FOREIGN), ("B", FOREIGN)]):
        state, notices = step(state, placed_at(letter, number, place, here=True), USUAL, START)
        found += notices
    assert [each.kind for each in found] == [MailKind.ALERT]


def test_a_network_that_stays_is_the_clinics_after_a_day() -> None:
    state = AlertState()
    marked = []
    for number, place in enumerate([HOME, *[FOREIGN] * 8]):
        state, notices = step(state, placed_at("B", number, place, hours=6), USUAL, START)
        marked.append(len(notices))
    assert marked == [0, 0, 0, 0, 0, 1, 0, 0, 0]  # bad at home once, then again after 24 hours there


def test_a_router_that_does_not_tell_who_it_is_is_believed() -> None:
    state, _ = step(AlertState(), placed_at(".", 0, HOME, here=True), USUAL, START)
    for number in (1, 2):
        state, notices = step(state, placed_at("B", number, None), USUAL, START)
    assert len(notices) == 1


# Clocks.


def test_a_clock_that_was_far_ahead_holds_nothing_for_years() -> None:
    ahead = START + 5000 * DAY
    _, told = played("BB..BB", times=[ahead, ahead + HOUR, ahead + 2 * HOUR, ahead + 3 * HOUR, START, START + HOUR])
    assert [each.notice.kind for each in told] == [MailKind.ALERT, MailKind.RECOVERY, MailKind.ALERT]


def test_a_clock_that_is_set_back_a_little_makes_no_second_mail() -> None:
    back = START - HOUR
    script = "BB..BB"
    times = [START, START + HOUR, back, back + QUARTER, back + 2 * QUARTER, back + 3 * QUARTER]
    _, told = played(script, times=times)
    assert marks(script, told) == ".A.R.."
    assert told[1].notice.until is not None
    assert told[1].notice.until >= told[1].notice.since


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"schema": "emrnetcheck/alerts/2"}', "x" * 10, "[" * 100_000]
)
def test_a_state_that_cannot_be_read_is_no_state(text: str) -> None:
    with pytest.raises(ValueError, match="state of the alarms cannot be read"):
        from_json(text)


def test_a_time_without_a_zone_is_refused() -> None:
    state, _ = played("BB")
    with pytest.raises(ValueError, match="without a zone"):
        from_json(to_json(state).replace("+00:00", ""))


def test_the_letters_are_what_they_say() -> None:
    assert {each.code for letter in LETTERS.values() for each in letter} <= codes()


def codes() -> set[str]:
    return {code for check in ALL for code in check.codes}
