"""What is being measured right now? A live area on a terminal, plain lines elsewhere, nothing when quiet."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import IO, Protocol, Self

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.text import Text

from emrnetcheck.model import Ended, Event, FailureKind, Progressed, Started
from emrnetcheck.reports import wording
from emrnetcheck.reports.terminal_lines import takes_unicode, wants_colour

OPENING = "Measuring. Ctrl-C stops at once and shows what was measured until then."
REFRESHES_PER_S = 5

NOT_ASKED = (
    FailureKind.LEFT_OUT,
    FailureKind.OFFLINE,
    FailureKind.NO_CONSENT,
    FailureKind.NOT_CONFIGURED,
    FailureKind.NOT_NEEDED,
    FailureKind.UNSUPPORTED,
)


class Display(Protocol):
    """Takes the runner's events, from any thread."""

    def __call__(self, event: Event) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def display(stream: IO[str], *, quiet: bool, plain: bool, environ: Mapping[str, str]) -> Display:
    """The display that suits the stream."""
    if quiet:
        return Silent()
    if plain or not stream.isatty() or environ.get("TERM") == "dumb":
        return Lines(stream, ascii_only=plain or not takes_unicode(stream))
    return Area(stream, colour=wants_colour(stream, environ=environ, plain=plain))


class Silent:
    """Says nothing."""

    def __call__(self, event: Event) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


def outcome(event: Ended) -> str:
    """How a measurement ended, in a word."""
    if event.failure is None:
        return "done"
    if event.failure.kind is FailureKind.INTERRUPTED:
        return "interrupted"
    return "not measured" if event.failure.kind in NOT_ASKED else "failed"


def ending(event: Ended) -> str:
    """How a measurement ended, with the reason where it did not end well."""
    if event.failure is None:
        return f"{event.title}: done ({event.duration_s:.1f} s)"
    return wording.clean(f"{event.title}: {outcome(event)}: {event.failure.in_words()}")


class Lines(Silent):
    """A line when a measurement begins and one when it ends: for logs, pipes and plain terminals."""

    def __init__(self, stream: IO[str], *, ascii_only: bool) -> None:
        self._stream = stream
        self._ascii_only = ascii_only
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._say(OPENING)
        return self

    def __call__(self, event: Event) -> None:
        if isinstance(event, Started):
            self._say(f"measuring {wording.clean(event.title)} ...")
        elif isinstance(event, Ended):
            self._say(f"  {ending(event)}")

    def _say(self, line: str) -> None:
        with self._lock:
            try:
                self._stream.write((wording.ascii_only(line) if self._ascii_only else line) + "\n")
                self._stream.flush()
            except (OSError, ValueError):
                # Nobody reads stderr any more. That must not end a measurement whose report is still wanted.
                pass


@dataclass(slots=True)
class Row:
    """One measurement in the live area. ends_at_s is on time.monotonic()."""

    title: str
    ends_at_s: float | None
    text: str = ""
    live_mbps: float | None = None
    ended: Ended | None = None


@dataclass(slots=True)
class Rows:
    """The live area: drawn anew a few times a second, so that the seconds count down by themselves."""

    clock: Callable[[], float] = time.monotonic
    rows: dict[str, Row] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, event: Event) -> None:
        """Note one event."""
        now = self.clock()
        with self.lock:
            if isinstance(event, Started):
                self.rows[event.probe] = Row(wording.clean(event.title), now + event.deadline_s)
                return
            row = self.rows.setdefault(event.probe, Row(event.probe, None))
            if isinstance(event, Progressed):
                row.text = wording.clean(event.text)
                row.live_mbps = event.live_mbps
                if event.seconds_left is not None:
                    row.ends_at_s = now + event.seconds_left
            else:
                row.ended = event

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        with self.lock:
            lines = [self._line(row) for row in self.rows.values()]
        for line in lines:
            # One screen line each: an area that grows and shrinks is restless.
            line.truncate(options.max_width - 1, overflow="ellipsis")
            line.no_wrap = True
            yield line

    def _line(self, row: Row) -> Text:
        if row.ended is not None:
            word = outcome(row.ended)
            return Text.assemble((word.ljust(13), "green" if word == "done" else "yellow"), row.title)
        # What changes comes first: the end of a long line is cut on a narrow terminal.
        parts = [row.title]
        if row.live_mbps is not None:
            parts.append(f"{row.live_mbps:.1f} Mbps")
        if row.ends_at_s is not None:
            parts.append(f"at most {max(0, round(row.ends_at_s - self.clock()))} s left")
        if row.text:
            parts.append(row.text)
        return Text.assemble(("measuring".ljust(13), "bold"), ", ".join(parts))


class Area(Silent):
    """What is measured now, seconds left, live Mbps; gone when the report comes."""

    def __init__(self, stream: IO[str], *, colour: bool) -> None:
        self._console = Console(file=stream, no_color=not colour, markup=False, highlight=False, emoji=False)
        self._rows = Rows()
        self._live = Live(
            self._rows,
            console=self._console,
            refresh_per_second=REFRESHES_PER_S,
            transient=True,
            # Redirected, stdout would end up on stderr: a JSON report in the wrong place.
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> Self:
        self._console.print(Text(OPENING), soft_wrap=True)
        self._live.start()
        return self

    def __call__(self, event: Event) -> None:
        self._rows.take(event)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()
