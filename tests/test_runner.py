"""Each need once, in order; alone or side by side; given up in time; Ctrl-C; bugs; what is told meanwhile."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from emrnetcheck import runner
from emrnetcheck.checks import ALL
from emrnetcheck.evidence import ClinicReport, Evidence, Seen
from emrnetcheck.model import (
    Access,
    Ended,
    Event,
    Failure,
    FailureKind,
    Mode,
    Progressed,
    Site,
    Started,
    Status,
    ThirdParty,
    Verdict,
)
from emrnetcheck.probes.context import Context, Probe
from emrnetcheck.runner import Options
from tests.checks import builders as b

NAMES = ("link", "lan", "address", "dns", "names", "port", "tls", "emr", "exposure", "upload", "download", "path")
LONG_S = 20.0
MEETING_S = 10.0
Measure = Callable[[Site, Seen, Context], Evidence | Failure]


def gives(name: str) -> Measure:
    outcome: Evidence = getattr(b.HEALTHY, name)
    return lambda _site, _seen, _context: outcome


def probe(name: str, measure: Measure | None = None, deadline_s: float = LONG_S, **options: Any) -> Probe:
    return Probe(name, f"The {name}", measure or gives(name), dict.fromkeys(Mode, deadline_s), **options)


def clinic(*changed: Probe) -> list[Probe]:
    """A probe for every evidence, one after the other; some exchanged."""
    by_name = {probe_.name: probe_ for probe_ in changed}
    return [by_name.get(name, probe(name, alone=True)) for name in NAMES]


def run(
    probes: list[Probe], tell: runner.Tell = lambda _event: None, site: Site = b.SITE, **options: Any
) -> ClinicReport:
    return runner.run(site, Options(**({"strict": True} | options)), probes=probes, checks=ALL, tell=tell)


def status(report: ClinicReport, check_id: str) -> Status:
    return next(result.status for result in report.checks if result.id == check_id)


def test_a_healthy_clinic_is_ready() -> None:
    report = run(clinic())
    assert report.verdict is Verdict.READY
    assert report.evidence == b.HEALTHY
    assert report.unmeasured == {}
    assert report.schema == "emrnetcheck/report/1"
    assert not report.interrupted
    assert report.started_at.microsecond == 0
    assert report.started_at.utcoffset() is not None


def test_two_runs_have_two_ids() -> None:
    assert run(clinic()).id != run(clinic()).id


def test_each_need_is_measured_once_and_in_order() -> None:
    measured: list[str] = []

    def noting(name: str) -> Measure:
        def measure(_site: Site, _seen: Seen, _context: Context) -> Evidence | Failure:
            measured.append(name)
            return gives(name)(_site, _seen, _context)

        return measure

    run([probe(name, noting(name), alone=True) for name in NAMES])
    assert measured == list(NAMES)  # two checks need `lan` and two need `upload`


def test_what_nobody_wants_is_not_measured() -> None:
    measured: list[str] = []

    def noting(name: str) -> Measure:
        def measure(site: Site, seen: Seen, context: Context) -> Evidence | Failure:
            measured.append(name)
            return gives(name)(site, seen, context)

        return measure

    report = run([probe(name, noting(name), alone=True) for name in NAMES], only=("dns",))
    assert "dns" in measured
    assert not {"upload", "port", "names", "lan"} & set(measured)
    assert status(report, "upload") is Status.SKIPPED
    assert report.verdict is Verdict.INCONCLUSIVE


def test_a_skipped_check_is_left_out() -> None:
    report = run(clinic(), skip=("capacity",))
    assert status(report, "capacity") is Status.SKIPPED
    assert report.verdict is Verdict.READY


def test_neighbours_run_side_by_side() -> None:
    barriers = {"link": threading.Barrier(2), "dns": threading.Barrier(3)}

    def meeting(name: str, first: str) -> Probe:
        def measure(site: Site, seen: Seen, context: Context) -> Evidence | Failure:
            barriers[first].wait(MEETING_S)  # breaks, and so fails the test, unless the neighbours come too
            return gives(name)(site, seen, context)

        return probe(name, measure)

    report = run(
        [
            meeting("link", "link"),
            meeting("address", "link"),
            probe("lan", alone=True),
            meeting("dns", "dns"),
            meeting("names", "dns"),
            meeting("port", "dns"),
            probe("emr"),
            probe("upload", alone=True),
        ]
    )
    assert report.verdict is Verdict.READY


@pytest.mark.parametrize("alone", [("lan",), ("lan", "address"), ("link", "upload"), ("names",)], ids="+".join)
def test_alone_means_that_nothing_else_runs(alone: tuple[str, ...]) -> None:
    lock = threading.Lock()
    running: set[str] = set()
    started = {name: threading.Event() for name in NAMES}

    def measured(name: str) -> Probe:
        def measure(site: Site, seen: Seen, context: Context) -> Evidence | Failure:
            with lock:
                assert not running & set(alone), f"{name} beside {running}"
                assert name not in alone or not running, f"{name} beside {running}"
                running.add(name)
            started[name].set()
            following = NAMES[NAMES.index(name) + 1 :]
            if name in alone and following:
                assert not started[following[0]].wait(0.1), f"{following[0]} began beside {name}"
            with lock:
                running.discard(name)
            return gives(name)(site, seen, context)

        return probe(name, measure, alone=name in alone)

    assert run([measured(name) for name in NAMES]).verdict is Verdict.READY


def test_an_alone_probe_waits_for_those_before_it() -> None:
    began = threading.Event()

    def slow(site: Site, seen: Seen, context: Context) -> Evidence | Failure:
        assert not began.wait(0.1), "the upload began beside it"
        return gives("port")(site, seen, context)

    def load(site: Site, seen: Seen, context: Context) -> Evidence | Failure:
        began.set()
        assert seen.port is not None
        return gives("upload")(site, seen, context)

    report = run([probe("port", slow), probe("upload", load, alone=True)])
    assert report.evidence.upload is not None


def test_what_comes_after_something_sees_it() -> None:
    """`after` holds even where both stand side by side in the list."""

    def measure(_site: Site, seen: Seen, _context: Context) -> Evidence | Failure:
        assert seen.address is not None
        return b.port(b.outside(True))

    report = run([probe("link"), probe("address"), probe("port", measure, after=("address",)), probe("dns")])
    assert report.evidence.port is not None
    assert report.evidence.dns is not None


def test_a_failure_is_kept_with_its_reason() -> None:
    why = Failure(FailureKind.NO_SERVER, "upload")
    report = run(clinic(probe("upload", lambda *_: why)))
    assert report.unmeasured == {"upload": why}
    assert report.evidence.upload is None
    assert status(report, "upload") is Status.UNKNOWN
    assert report.verdict is Verdict.INCONCLUSIVE


def test_evidence_without_a_probe_is_unknown() -> None:
    report = run([probe("link")])
    assert status(report, "router") is Status.UNKNOWN


def test_a_probe_that_hangs_is_given_up() -> None:
    release = threading.Event()

    def hang(_site: Site, _seen: Seen, context: Context) -> Evidence | Failure:
        release.wait(LONG_S)
        return Failure(FailureKind.OTHER)

    events: list[Event] = []
    try:
        report = run(clinic(probe("dns", hang, deadline_s=0.05)), events.append)
    finally:
        release.set()
    assert report.unmeasured["dns"].kind is FailureKind.OUT_OF_TIME
    assert status(report, "dns") is Status.UNKNOWN
    assert status(report, "upload") is Status.PASS
    assert [event.failure for event in events if isinstance(event, Ended) and event.probe == "dns"] == [
        report.unmeasured["dns"]
    ]
    assert report.duration_s < LONG_S / 2


def test_what_a_probe_says_after_it_was_given_up_is_not_taken() -> None:
    """Its check already says that the time ran out; the report must not say both."""
    given_up = threading.Event()
    threads: list[threading.Thread] = []

    def late(site: Site, seen: Seen, context: Context) -> Evidence | Failure:
        threads.append(threading.current_thread())
        given_up.wait(LONG_S)
        return gives("dns")(site, seen, context)

    def longer(site: Site, seen: Seen, context: Context) -> Evidence | Failure:
        given_up.wait(LONG_S)
        threads[0].join(LONG_S)  # its answer is there now, and this probe is still awaited
        return gives("names")(site, seen, context)

    def tell(event: Event) -> None:
        if isinstance(event, Ended):
            ended.append(event.probe)
            given_up.set()

    ended: list[str] = []
    report = run([probe("dns", late, deadline_s=0.05), probe("names", longer)], tell)
    assert ended == ["dns", "names"]
    assert report.unmeasured["dns"].kind is FailureKind.OUT_OF_TIME
    assert report.evidence.dns is None
    assert report.evidence.names is not None


def test_a_probe_knows_its_deadline() -> None:
    seen_s: list[float] = []

    def measure(site: Site, seen: Seen, context: Context) -> Evidence | Failure:
        seen_s.append(context.remaining_s())
        assert context.mode is Mode.QUICK
        assert not context.stopping()
        return gives("link")(site, seen, context)

    run([replace(probe("link", measure), deadline_s={Mode.QUICK: 3.0})], mode=Mode.QUICK, only=("link",))
    assert 2.0 < seen_s[0] <= 3.0


def test_after_the_budget_nothing_more_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "BUDGET_S", dict.fromkeys(Mode, 0.0))
    report = run(clinic())
    assert {name: failure.kind for name, failure in report.unmeasured.items()} == dict.fromkeys(
        NAMES, FailureKind.OUT_OF_TIME
    )
    assert report.verdict is Verdict.INCONCLUSIVE


def test_a_probe_never_gets_more_than_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "BUDGET_S", dict.fromkeys(Mode, 5.0))
    events: list[Event] = []
    run([probe("link", deadline_s=60.0)], events.append, only=("link",))
    started = events[0]
    assert isinstance(started, Started)
    assert started.deadline_s <= 5.0


def test_offline_nothing_leaves_the_office() -> None:
    def leaves(_site: Site, _seen: Seen, _context: Context) -> Evidence | Failure:
        raise AssertionError("it left the office")

    outside = [probe(name, leaves, leaves_office=True) for name in ("address", "names", "upload")]
    report = run([probe("link"), probe("lan"), *outside], offline=True)
    assert {name: failure.kind for name, failure in report.unmeasured.items()} == dict.fromkeys(
        ("address", "names", "upload"), FailureKind.OFFLINE
    )
    assert status(report, "router") is Status.PASS


CUT = b.address(b.witness(None), outside_reached=())


def test_the_line_is_not_loaded_where_nothing_on_the_internet_answers() -> None:
    def load(_site: Site, _seen: Seen, _context: Context) -> Evidence | Failure:
        raise AssertionError("the upload was tried")

    report = run(clinic(probe("address", lambda *_: CUT), probe("upload", load, alone=True, leaves_office=True)))
    assert report.unmeasured["upload"].kind is FailureKind.NETWORK_UNREACHABLE
    assert status(report, "upload") is Status.SKIPPED
    assert report.verdict is Verdict.NOT_READY


def test_the_line_is_loaded_where_the_internet_was_not_looked_at() -> None:
    report = run([probe("upload", alone=True, leaves_office=True)], only=("upload",))
    assert status(report, "upload") is Status.PASS


def test_a_bug_in_a_probe_is_a_failure_of_it_alone() -> None:
    def bug(_site: Site, _seen: Seen, _context: Context) -> Evidence | Failure:
        raise ZeroDivisionError("by zero")

    report = run(clinic(probe("dns", bug)), strict=False)
    failure = report.unmeasured["dns"]
    assert failure.kind is FailureKind.INTERNAL
    assert failure.detail == "ZeroDivisionError: by zero"
    assert status(report, "upload") is Status.PASS
    with pytest.raises(ZeroDivisionError):
        run(clinic(probe("dns", bug)))


def test_a_guard_of_the_tests_passes_through_when_strict() -> None:
    """pytest.fail is no Exception; in a thread it must not get lost."""

    def guard(_site: Site, _seen: Seen, _context: Context) -> Evidence | Failure:
        pytest.fail("a stray connection")

    with pytest.raises(pytest.fail.Exception, match="a stray connection"):
        run(clinic(probe("dns", guard)))
    assert run(clinic(probe("dns", guard)), strict=False).unmeasured["dns"].kind is FailureKind.INTERNAL


def test_what_is_told_meanwhile_is_in_order() -> None:
    def talking(site: Site, seen: Seen, context: Context) -> Evidence | Failure:
        context.progress("half way", 2.0, 4.5)
        return gives("upload")(site, seen, context)

    why = Failure(FailureKind.NOT_CONFIGURED)
    events: list[Event] = []
    run([probe("names", lambda *_: why, alone=True), probe("upload", talking, alone=True)], events.append)
    assert [(type(event), event.probe) for event in events] == [
        (Started, "names"),
        (Ended, "names"),
        (Started, "upload"),
        (Progressed, "upload"),
        (Ended, "upload"),
    ]
    assert isinstance(events[1], Ended)
    assert events[1].failure == why
    assert isinstance(events[2], Started)
    assert events[2].title == "The upload"
    assert events[3] == Progressed("upload", "half way", 2.0, 4.5)
    assert isinstance(events[4], Ended)
    assert events[4].failure is None


def test_bytes_and_third_parties_are_added_up() -> None:
    def measure(name: str) -> Measure:
        def counting(site: Site, seen: Seen, context: Context) -> Evidence | Failure:
            for _ in range(100):
                context.ledger.count(sent_bytes=10, received_bytes=3)
            context.ledger.told("who.example", "this office's address")
            context.ledger.told(f"{name}.example", "the EMR's name")
            return gives(name)(site, seen, context)

        return counting

    report = run([probe("link", measure("link"), alone=True), probe("dns", measure("dns"), alone=True)])
    assert (report.traffic.sent_bytes, report.traffic.received_bytes) == (2000, 600)
    assert report.third_parties == (
        ThirdParty("who.example", "this office's address"),
        ThirdParty("link.example", "the EMR's name"),
        ThirdParty("dns.example", "the EMR's name"),
    )


@pytest.mark.usefixtures("heeds_ctrl_c")
def test_ctrl_c_ends_within_about_a_second_and_keeps_what_was_measured() -> None:
    hung = threading.Event()
    told_to_stop = threading.Event()

    def interrupted(_site: Site, _seen: Seen, context: Context) -> Evidence | Failure:
        hung.set()
        signal.raise_signal(signal.SIGINT)  # Python runs its handler in the main thread
        context.stop.wait(LONG_S)
        told_to_stop.set()
        threading.Event().wait(2.0)  # and it does not heed it
        return Failure(FailureKind.INTERRUPTED)

    started_s = time.monotonic()
    report = run(clinic(probe("dns", interrupted, alone=True)))
    assert time.monotonic() - started_s < 1.8
    assert hung.is_set()
    assert told_to_stop.is_set()
    assert report.interrupted
    assert report.evidence.link == b.LINK
    assert report.evidence.upload is None
    assert {name: report.unmeasured[name].kind for name in ("dns", "names", "port", "upload")} == dict.fromkeys(
        ("dns", "names", "port", "upload"), FailureKind.INTERRUPTED
    )
    assert status(report, "router") is Status.PASS
    assert report.verdict is Verdict.INCONCLUSIVE


@pytest.mark.usefixtures("heeds_ctrl_c")
def test_a_probe_that_heeds_ctrl_c_still_gives_its_evidence() -> None:
    def heeding(site: Site, seen: Seen, context: Context) -> Evidence | Failure:
        signal.raise_signal(signal.SIGINT)
        context.stop.wait(LONG_S)
        assert context.stopping()
        return gives("dns")(site, seen, context)

    report = run(clinic(probe("dns", heeding, alone=True)))
    assert report.interrupted
    assert report.evidence.dns is not None
    assert report.unmeasured["upload"].kind is FailureKind.INTERRUPTED


def test_the_environment_is_told() -> None:
    report = run(clinic())
    assert report.tool.name == "emrnetcheck"
    assert report.environment.python.count(".") == 2


def measured_with(site: Site = b.SITE, **options: Any) -> set[str]:
    """Names of the evidence whose probe ran."""
    measured: set[str] = set()

    def noting(name: str) -> Measure:
        def measure(site: Site, seen: Seen, context: Context) -> Evidence | Failure:
            measured.add(name)
            return gives(name)(site, seen, context)

        return measure

    loads = ("upload", "download")
    run([probe(name, noting(name), alone=True, leaves_office=name in loads) for name in NAMES], site=site, **options)
    return measured


def test_a_skipped_upload_does_not_load_the_line_for_what_lives_on_it() -> None:
    assert measured_with(skip=("upload",)) == set(NAMES) - {"upload"}
    assert status(run(clinic(), skip=("upload",)), "capacity") is Status.SKIPPED


def test_a_skipped_download_does_not_load_the_line_for_what_only_looks_at_it() -> None:
    assert measured_with(skip=("download",)) == set(NAMES) - {"download"}
    assert measured_with(only=("bufferbloat",)) == {"upload", "download", "link"}


def test_a_quick_run_leaves_out_what_is_not_part_of_it() -> None:
    measured: list[str] = []

    def noting(site: Site, seen: Seen, context: Context) -> Evidence | Failure:
        measured.append("download")
        return gives("download")(site, seen, context)

    last = replace(probe("download", noting, alone=True, leaves_office=True), in_quick=False)
    report = run(clinic(last), mode=Mode.QUICK)
    assert measured == []
    assert report.unmeasured["download"] == Failure(FailureKind.LEFT_OUT)
    assert report.verdict is Verdict.READY
    assert run(clinic(last), mode=Mode.STANDARD).evidence.download is not None
    assert measured == ["download"]


def test_a_skipped_router_leaves_the_switch_its_evidence() -> None:
    assert "lan" in measured_with(skip=("router",))


def test_an_office_only_clinic_asks_nobody_outside_for_its_address() -> None:
    assert measured_with(replace(b.SITE, access=Access.LAN_ONLY)) == {"link", "lan", "port", "tls", "emr", "exposure"}


def test_without_a_connection_nobody_outside_is_said_to_have_been_asked() -> None:
    assert b.HEALTHY.link is not None
    unplugged = replace(b.HEALTHY.link, interface=None, address=None)
    asked: list[str] = []

    def outside(_site: Site, _seen: Seen, context: Context) -> Evidence | Failure:
        asked.append("outside")
        context.ledger.told("dns.example.org", "a name")
        return Failure(FailureKind.NO_ROUTE)

    report = run(clinic(probe("link", lambda *_: unplugged, alone=True), probe("dns", outside, leaves_office=True)))
    assert asked == []
    assert report.third_parties == ()
    assert report.unmeasured["dns"].kind is FailureKind.NO_ROUTE


def opinions(also: tuple[str, ...], **options: Any) -> tuple[list[str], ClinicReport]:
    """Whether a probe on request was made."""
    made: list[str] = []

    def measure(_site: Site, seen: Seen, _context: Context) -> Evidence | Failure:
        assert seen.upload is not None
        made.append("second_opinion")
        return Failure(FailureKind.TIMEOUT, "run", "speedtest-cli")

    asked = probe("second_opinion", measure, 200.0, alone=True, after=("upload",), on_request=True)
    return made, run([*clinic(), asked], also=also, **options)


def test_what_is_made_on_request_is_made_only_then() -> None:
    made, report = opinions(())
    assert made == []
    assert "second_opinion" not in report.unmeasured
    made, report = opinions(("second_opinion",))
    assert made == ["second_opinion"]
    assert report.unmeasured["second_opinion"].kind is FailureKind.TIMEOUT
    assert report.verdict is run(clinic()).verdict is Verdict.READY


@pytest.mark.parametrize("named", [True, False])
def test_what_the_settings_do_not_want_is_not_made(named: bool) -> None:
    load = probe("lan_load", lambda *_: b.lan_load(), alone=True, asked_for=lambda site: site.lan_responder is not None)
    site = replace(b.SITE, lan_responder="responder+https://192.168.1.20:8444" if named else None)
    report = run([*clinic(), load], site=site)
    assert (report.evidence.lan_load is not None) is named
    assert "lan_load" not in report.unmeasured


def test_what_is_made_on_request_goes_with_the_check_that_shows_it() -> None:
    assert opinions(("second_opinion",), skip=("upload",))[0] == []


def test_what_is_made_on_request_has_its_time_on_top() -> None:
    left_s: list[float] = []

    def measure(_site: Site, _seen: Seen, context: Context) -> Evidence | Failure:
        left_s.append(context.remaining_s())
        return Failure(FailureKind.TIMEOUT)

    asked = probe("second_opinion", measure, 1000.0, alone=True, on_request=True)
    run([*clinic(), asked], also=("second_opinion",))
    assert left_s[0] > 990.0
