"""What is the provider told in words, and how much do the measurements show?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from statistics import median

from emrnetcheck.evidence.upload import GOODPUT_PER_LINE_RATE, SecondServer, Upload
from emrnetcheck.reports import wording
from emrnetcheck.reports.isp.facts import (
    BLACK_HOLE,
    BLOCKED,
    LOSS_PLACES,
    SHARED_ADDRESS,
    SLOW_LINE,
    LeftOut,
    Look,
    Terms,
    counted,
    held_against,
    second_of,
)
from emrnetcheck.reports.isp.sure import how_sure
from emrnetcheck.reports.line import Line, section
from emrnetcheck.reports.wording import clean, sentence

MOST_TESTS = 30
"""So many tests stand in the letter; all of them stand in the table."""


def letter(looks: Sequence[Look], terms: Terms) -> Iterator[Line]:
    """The whole letter."""
    began, ended = (wording.day_and_time(moment.astimezone(terms.zone)) for moment in (terms.since, terms.until))
    yield Line("Measurements of our Internet line", style="strong")
    yield Line(f"{terms.site}. {began} to {ended}. Measured by {terms.made_by}, a program on a computer in our office.")
    yield from section("In short", _in_short(looks, terms))
    yield from section("What we ask", _asked(looks, terms))
    yield from section("How sure this is", how_sure(looks, terms.zone))
    yield from section("The upload tests", _tests(looks, terms))
    yield from section("When the Internet was not reached", _outages(looks, terms))
    yield from section("Our address", _addresses(looks, terms))
    yield from section("What was left out", _left_out(looks))
    yield from section("How it was measured", _how(looks))


def _item(text: str) -> Line:
    return Line(sentence(text), lead="- ")


def _in_short(looks: Sequence[Look], terms: Terms) -> Iterator[Line]:
    tests = [upload for _, upload in counted(looks)]
    rates = [upload.goodput_mbps for upload in tests if upload.goodput_mbps is not None]
    better = f"; {terms.recommended_mbps:g} is better" if terms.recommended_mbps > terms.needed_mbps else ""
    yield _item(f"We need an upload of at least {terms.needed_mbps:g} Mbps{better}")
    if terms.sold_mbps is not None:
        yield _item(f"By our contract it is {terms.sold_mbps:g} Mbps")
    if rates:
        days = len({look.tested_at.astimezone(terms.zone).date() for look, _ in counted(looks)})
        middle = median(rates)
        yield _item(
            f"{_count(len(rates), 'upload test')} on {_count(days, 'day')}: in the middle {middle:.2f} Mbps of data, "
            f"as a line of about {middle / GOODPUT_PER_LINE_RATE:.1f} Mbps (slowest {min(rates):.2f}, fastest "
            f"{max(rates):.2f} Mbps of data)"
        )
        if again := sum(second_of(upload) is not None for upload in tests):
            yield _item(f"{again} of them made twice, with two servers: the first counts, unless the second was faster")
        yield _compared(tests, terms.needed_mbps, "what we need")
        if terms.sold_mbps is not None:
            yield _compared(tests, terms.sold_mbps, "our contract")
    else:
        yield _item("No upload test of this time counts")
    yield from _delay_in_short(looks, tests)
    yield from _line_in_short(looks)


def _compared(tests: Sequence[Upload], line_mbps: float, what: str) -> Line:
    found = Counter(held_against(upload, line_mbps) for upload in tests)
    close = f"; {found['borderline']} too close to say" if found["borderline"] else ""
    return _item(f"Below {what} ({line_mbps:g} Mbps): {found['fail']} of {_count(len(tests), 'test')}{close}")


def _delay_in_short(looks: Sequence[Look], tests: Sequence[Upload]) -> Iterator[Line]:
    ends = [end for look in looks if look.left_out is None for end in look.ends]
    if sent := sum(end.sent for end in ends):
        lost = sum(end.lost for end in ends)
        middle = [end.p50_ms for end in ends if end.p50_ms is not None]
        took = f"; answers took {median(middle):.0f} ms (median)" if middle else ""
        yield _item(f"Lost on the way to the Internet and back, on an idle line: {lost} of {sent} probes{took}")
    pairs = [(upload.idle_rtt_ms, upload.loaded_rtt_ms) for upload in tests]
    both = [(idle, loaded) for idle, loaded in pairs if idle is not None and loaded is not None]
    if both:
        idle_ms, loaded_ms = (median(each) for each in zip(*both, strict=True))
        yield _item(f"While we upload, answers take {loaded_ms:.0f} ms; on an idle line {idle_ms:.0f} ms (medians)")


def _line_in_short(looks: Sequence[Look]) -> Iterator[Line]:
    runs = [look for look in looks if look.left_out is None]
    places = Counter(LOSS_PLACES[code] for look in runs for code in look.codes if code in LOSS_PLACES)
    for place, count in places.items():
        yield _item(f"Packets got lost {place} in {count} of {_count(len(runs), 'run')}")
    for what, codes in (
        ("The line was slow to answer though nothing loaded it", {SLOW_LINE}),
        ("Large packets vanished on the way, and nobody said so", {BLACK_HOLE}),
        ("Our line had no public IPv4 address of its own", SHARED_ADDRESS),
        ("Connections from outside that our router would pass on did not reach it", {BLOCKED}),
    ):
        if count := sum(bool(look.codes & codes) for look in runs):
            yield _item(f"{what}: in {count} of {_count(len(runs), 'run')}")


def _asked(looks: Sequence[Look], terms: Terms) -> Iterator[Line]:
    """Only what the figures give a reason for."""
    tests = [upload for _, upload in counted(looks)]
    codes = {code for look in looks if look.left_out is None for code in look.codes}
    wishes = []
    if terms.sold_mbps is not None and (less := _below(tests, terms.sold_mbps)):
        wishes.append(f"Please check our line, and tell us why its upload was below our contract in {less}")
    elif less := _below(tests, terms.needed_mbps):
        wishes.append("Please tell us what upload our contract promises, and check whether the line delivers it")
        wishes.append(
            f"Please tell us what you offer with at least {terms.recommended_mbps:g} Mbps of upload: it was below "
            f"what we need in {less}"
        )
    if codes & LOSS_PLACES.keys():
        wishes.append("Please check our line and your network for packet loss")
    if SLOW_LINE in codes:
        wishes.append("Please check why the line answers slowly even when nothing loads it")
    if BLACK_HOLE in codes:
        wishes.append("Please check why large packets vanish, and why no router reports them as too large")
    if codes & SHARED_ADDRESS:
        wishes.append("Please give our line a public IPv4 address of its own")
    if BLOCKED in codes:
        ports = ", ".join(
            str(port) for port in sorted({look.port for look in looks if look.port and BLOCKED in look.codes})
        )
        wishes.append(f"Please tell us whether you block connections from outside to TCP port {ports}, and stop that")
    if _unreached(looks):
        wishes.append("Please tell us whether you know of the times when the Internet was not reached")
    for wish in wishes or ["Nothing: these measurements give no reason for a complaint"]:
        yield _item(wish)


def _below(tests: Sequence[Upload], line_mbps: float) -> str:
    """How many certainly are; "": none."""
    found = sum(held_against(upload, line_mbps) == "fail" for upload in tests)
    return f"{found} of {_count(len(tests), 'test')}" if found else ""


def _tests(looks: Sequence[Look], terms: Terms) -> Iterator[Line]:
    tests = counted(looks)
    if len(tests) > MOST_TESTS:
        yield Line(f"The last {MOST_TESTS} of {len(tests)}; all of them are in uploads.csv.")
    for look, upload in tests[-MOST_TESTS:]:
        when = wording.day_and_time(look.tested_at.astimezone(terms.zone))
        yield _item(
            f"{when}: {_rate(upload)}; {wording.megabytes(upload.sent_bytes)} in "
            f"{wording.seconds(upload.seconds)} to {clean(upload.server)} ({clean(upload.back_end)}); answer time "
            f"{wording.ms(upload.idle_rtt_ms)} idle, {wording.ms(upload.loaded_rtt_ms)} busy{_second(upload)}"
        )


def _rate(seen: Upload | SecondServer) -> str:
    known = seen.lower_mbps is not None and seen.upper_mbps is not None
    return wording.mbps(seen.goodput_mbps) + (f" ({seen.lower_mbps:.2f} to {seen.upper_mbps:.2f})" if known else "")


def _second(upload: Upload) -> str:
    second = second_of(upload)
    return f"; with {clean(second.server)}: {_rate(second)}" if second is not None else ""


def _unreached(looks: Sequence[Look]) -> list[Look]:
    return [look for look in looks if look.left_out is None and look.internet is False]


def _outages(looks: Sequence[Look], terms: Terms) -> Iterator[Line]:
    for look in _unreached(looks)[-MOST_TESTS:]:
        when = wording.day_and_time(look.started_at.astimezone(terms.zone))
        yield _item(f"{when}: nothing on the Internet answered, though our own network was in order")


def _addresses(looks: Sequence[Look], terms: Terms) -> Iterator[Line]:
    known = [(look.started_at, look.public_v4) for look in looks if look.left_out is None and look.public_v4]
    changes = [(when, old, new) for (_, old), (when, new) in pairwise(known) if old != new]
    if not known:
        return
    if not changes:
        asked = "the one run that asked" if len(known) == 1 else f"all {len(known)} runs that asked"
        yield Line(f"{known[0][1]} in {asked}.")
    for when, old, new in changes[-MOST_TESTS:]:
        at = wording.day_and_time(when.astimezone(terms.zone))
        yield _item(f"Changed from {old} to {new}; seen on {at}")


def _left_out(looks: Sequence[Look]) -> Iterator[Line]:
    found = Counter(look.upload_left_out for look in looks if look.upload_left_out is not None)
    if not found:
        yield Line("Nothing: every run of this time counts.")
        return
    for why in LeftOut:
        if why in found:
            only = "The upload of " if why in (LeftOut.TESTER, LeftOut.NONE) else ""
            yield _item(f"{only}{_count(found[why], 'run')}: {why.value}")


def _how(looks: Sequence[Look]) -> Iterator[Line]:
    tests = [upload for _, upload in counted(looks)]
    if tests:
        methods = dict.fromkeys(wording.UPLOAD_METHOD_WORDS.get(each.method, clean(each.method)) for each in tests)
        seconds = [second for upload in tests if (second := second_of(upload)) is not None]
        every: list[Upload | SecondServer] = [*tests, *seconds]
        sent = wording.megabytes(sum(each.sent_bytes for each in every))
        yield _item(
            "Upload: data that arrived at a server on the Internet, without its headers, after the first seconds; "
            f"{sent} in all, {', or '.join(methods)}"
        )
        confidences = {upload.confidence for upload in tests if upload.confidence is not None}
        if len(confidences) == 1:
            yield _item(f"In brackets: where the true rate lies with {confidences.pop() * 100:g} % confidence")
        yield _item(f"A line is taken to carry {GOODPUT_PER_LINE_RATE * 100:g} % of its rate as such data")
        yield _item(f"Servers: {_by_count((each.server for each in every), 'test')}")
    ends = [end for look in looks if look.left_out is None for end in look.ends]
    if ends:
        methods = dict.fromkeys(wording.by_which_method(end.method) for end in ends)
        hosts = _by_count((end.address for end in ends), "run")
        yield _item(f"Delay and loss: {', '.join(methods)}, while this computer did not load the line, to {hosts}")
    yield _item("Mbps is megabits (a million bits) per second")
    yield _item("Each test is in uploads.csv, delay_and_loss.csv and addresses.csv, with its time in UTC")


def _by_count(names: Iterable[str], what: str) -> str:
    found = Counter(clean(name) for name in names)
    return ", ".join(f"{name} ({_count(count, what)})" for name, count in found.most_common())


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
