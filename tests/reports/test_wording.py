"""The words that all reports share are complete, and foreign text is made safe."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from emrnetcheck.model import Contact, Mode, Status, Verdict
from emrnetcheck.reports import wording


def test_every_answer_state_contact_and_mode_has_its_words() -> None:
    assert set(wording.VERDICT_WORDS) == set(Verdict)
    assert set(wording.STATE_WORDS) == set(Status)
    assert set(wording.CONTACT_WORDS) == set(Contact)
    assert set(wording.MODE_WORDS) == set(Mode)


def test_the_verdicts_are_the_promised_words() -> None:
    assert [words.split(" to host")[0].split(" whether")[0] for words in wording.VERDICT_WORDS.values()] == [
        "READY",
        "READY, with warnings",
        "NOT READY",
        "COULD NOT TELL",
    ]


@pytest.mark.parametrize(
    ("foreign", "safe"),
    [
        ("Elm St", "Elm St"),
        ("a\tb\r\nc\u2028d", "a b c d"),
        ("\x1b[2J\x07\x9b1m", "?[2J??1m"),
        ("ab\u202ecd\u200bef\u00adgh\u2066", "abcdefgh"),
        ("\ud800", "?"),
        ("診療所 é", "診療所 é"),
        ("  wide   gaps  ", "wide gaps"),
        ("x" * 5000, "x" * wording.LONGEST_TEXT + "..."),
    ],
)
def test_foreign_text_is_one_safe_line(foreign: str, safe: str) -> None:
    assert wording.clean(foreign) == safe


@pytest.mark.parametrize(
    ("text", "nearest"),
    [("café “x” – it’s…", 'cafe "x" - it\'s...'), ("診", "?"), ("3 × 4", "3 x 4")],
)
def test_the_nearest_in_ascii(text: str, nearest: str) -> None:
    assert wording.ascii_only(text) == nearest


@pytest.mark.parametrize(
    ("text", "ended"),
    [
        ("", ""),
        ("Done", "Done."),
        ("Done.", "Done."),
        ("Is it on?", "Is it on?"),
        ('Say: "Get 5."', 'Say: "Get 5."'),
        ('Set x = "y"', 'Set x = "y".'),
        ("It failed (timeout)", "It failed (timeout)."),
    ],
)
def test_a_sentence_ends_once(text: str, ended: str) -> None:
    assert wording.sentence(text) == ended


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1 kB"), (340_400, "340 kB"), (12_480_000, "12.5 MB")],
)
def test_bytes_are_readable(count: int, words: str) -> None:
    assert wording.megabytes(count) == words


@pytest.mark.parametrize(("duration_s", "words"), [(0.2, "1 second"), (1.2, "1 second"), (28.4, "28 seconds")])
def test_durations_are_readable(duration_s: float, words: str) -> None:
    assert wording.seconds(duration_s) == words


def test_a_moment_names_its_zone_and_a_month_in_english() -> None:
    assert wording.day_and_time(datetime(2026, 3, 5, 7, 4, tzinfo=UTC)) == "5 Mar 2026, 07:04 UTC"


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("icmp", "by ping"),
        ("icmp_raw", "by ping"),
        ("icmp_api", "by ping"),
        ("tcp:445", "by connecting to port 445"),
        ("arp", "arp"),
    ],
)
def test_methods_are_told_in_words(method: str, words: str) -> None:
    assert wording.by_which_method(method) == words
