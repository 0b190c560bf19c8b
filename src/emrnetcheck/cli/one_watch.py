"""One watch, from the first question to the summary: what is found is judged, shown and written down."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, cast

from emrnetcheck.cli.stopping import Stopped
from emrnetcheck.cli.watch_lines import Out, event_data, rounded, sample_data, start_data, summary_data
from emrnetcheck.exit_status import ExitStatus

if TYPE_CHECKING:
    from emrnetcheck.cli.listener import Listener
    from emrnetcheck.evidence.watch import Moment, WatchEvent, WatchSummary
    from emrnetcheck.model import Site
    from emrnetcheck.probes.watching.sampler import Found, Sampler
    from emrnetcheck.probes.watching.target import Target
    from emrnetcheck.reports.watch import WatchDisplay
    from emrnetcheck.watching import Watching

_TURN_S = 1.0
_SAMPLE_EVERY_S = 10.0


@dataclass(slots=True)
class OneWatch:
    """One watch, from the first question to the summary. heard: standard output; talk: where people are told."""

    site: Site
    target: Target
    pace: float
    out: Out
    heard: Listener
    talk: Listener
    plain: bool
    sampler: Sampler = field(init=False)
    watching: Watching | None = None
    _sampled_s: float = 0.0
    _told_failed: bool = False

    def __post_init__(self) -> None:
        from emrnetcheck.probes.watching.sampler import Sampler

        self.sampler = Sampler(self.site, self.target, self.pace)

    def run(self, limit_s: float | None) -> ExitStatus | None:
        """Until the time is over, or nobody listens any more. Not None: Ctrl-C or a signal ended it."""
        from emrnetcheck.reports.watch import display

        stream = cast("IO[str]", self.talk)
        what = self.target.host or "the way to the Internet"
        try:
            shown = display(stream, plain=self.plain, environ=os.environ, title=f"Watching {what}")
            shown.say(f"Watching {what}. Ctrl-C ends it, with a summary.")
            began_s = self.begin(shown)
            with shown:
                while self._is_heard() and (limit_s is None or moment_now().mono_s - began_s < limit_s):
                    self.turn(shown, began_s, limit_s)
        except KeyboardInterrupt as ended:
            return ended.status if isinstance(ended, Stopped) else ExitStatus.INTERRUPTED
        return None

    def _is_heard(self) -> bool:
        return self.heard.is_there() or self.out.file is not None

    def begin(self, shown: WatchDisplay) -> float:
        """Look around; when it began."""
        from emrnetcheck.placing.limits import limits_set
        from emrnetcheck.reports.watch_words import methods
        from emrnetcheck.watching import Watching

        began = moment_now()
        legs = self.sampler.start()
        self.watching = Watching(
            legs,
            began,
            inside=self.sampler.inside,
            wireless=self.sampler.wireless,
            vpn=self.sampler.vpn,
            pace=self.pace,
            limits=limits_set(self.site.limits),
        )
        self.out.write(start_data(self.sampler, began, legs))
        for party in self.sampler.ledger.third_parties:
            shown.say(f"{party.who} is told {party.told}.")
        for line in methods(legs):
            shown.say(line)
        return began.mono_s

    def turn(self, shown: WatchDisplay, began_s: float, limit_s: float | None) -> None:
        """About a second: ask, judge, show, write down."""
        from emrnetcheck.reports.watch import Shown

        assert self.watching is not None
        left_s = _TURN_S if limit_s is None else max(0.05, began_s + limit_s - moment_now().mono_s)
        for found in self.sampler.turn(min(_TURN_S, left_s), restless=self.watching.restless()):
            self._take(found, shown)
        now = moment_now()
        for event in self.watching.look(now):
            self._tell(event, shown)
        figures = self.watching.figures(now)
        passed_s = now.mono_s - began_s
        shown.show(Shown(figures, self.watching.placing.excused, self._troubles(), passed_s))
        if now.mono_s - self._sampled_s >= _SAMPLE_EVERY_S:
            self._sampled_s = now.mono_s
            self.out.write(sample_data(figures, now))
        if self.out.failed and not self._told_failed:
            self._told_failed = True
            shown.say(f"The JSON lines cannot be written any more: {self.out.failed}.")

    def _take(self, found: Found, shown: WatchDisplay) -> None:
        from emrnetcheck.evidence.watch import Happening, Sample, Watched

        assert self.watching is not None
        if isinstance(found, Sample):
            self.watching.take(found)
        elif isinstance(found, Happening):
            for event in self.watching.happened(found, moment_now()):
                self._tell(event, shown)
        elif isinstance(found, Watched):
            self.watching.retarget(found)
        else:
            self.watching.moved(inside=found.inside, wireless=found.wireless, vpn=found.vpn)

    def _tell(self, event: WatchEvent, shown: WatchDisplay) -> None:
        shown.event(event)
        self.out.write(event_data(event))

    def _troubles(self) -> tuple[str, ...]:
        from emrnetcheck.reports.watch_words import SEGMENT_WORDS

        assert self.watching is not None
        return tuple(f"{SEGMENT_WORDS[each.segment]} bad" for each in self.watching.open_troubles())

    def end(self, *, save: bool) -> ExitStatus:
        """The last events, the summary, and where it was saved."""
        from emrnetcheck.reports.watch_words import closing as last_words

        self.sampler.close()
        if self.watching is None:  # Ctrl-C before anything was known
            self._say("Nothing was measured.")
            return ExitStatus.COULD_NOT_TELL
        now = moment_now()
        for event in self.watching.finish(now):
            self.out.write(event_data(event))
        summary = self.watching.summary(now)
        data = summary_data(self.sampler, summary)
        self.out.write({name: value for name, value in data.items() if name != "events_kept"})
        for line in last_words(summary):
            self._say(line)
        if save:
            self._say(self._save(data, summary))
        return _status(summary)

    def _say(self, line: str) -> None:
        from emrnetcheck.reports.wording import ascii_only

        self.talk.line(ascii_only(line) if self.plain else line)

    def _save(self, data: dict[str, Any], summary: WatchSummary) -> str:
        from emrnetcheck.cli import watch_history
        from emrnetcheck.cli.history.asking import command

        folder = watch_history.folder()
        saved = watch_history.save(rounded(data), summary.from_unix_s, folder)
        if isinstance(saved, str):
            return saved
        why_not = watch_history.take_in(self.site, folder)
        # A name that the history did not take for a watch is still a file.
        if why_not is None and not saved.exists():
            return f"Saved. To read it again: {command()} history show {saved.stem}"
        return f"Saved: {saved}" if why_not is None else f"Saved: {saved}. {why_not}"


def moment_now() -> Moment:
    """On both clocks."""
    from emrnetcheck.evidence.watch import Moment
    from emrnetcheck.net import clocks

    read = clocks.read()
    return Moment(read.mono_s, read.wall_s)


def _status(summary: WatchSummary) -> ExitStatus:
    if summary.segment is not None:
        return ExitStatus.NOT_READY
    return ExitStatus.READY if summary.measured else ExitStatus.COULD_NOT_TELL
