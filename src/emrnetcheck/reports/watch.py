"""What does somebody see who watches: a live area on a terminal, a line an event and one a minute elsewhere?"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Protocol, Self

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.text import Text

from emrnetcheck.evidence.watch import LegFigures, WatchEvent
from emrnetcheck.reports import wording
from emrnetcheck.reports.terminal_lines import STYLES, takes_unicode, wants_colour
from emrnetcheck.reports.watch_words import LEG_WORDS, duration, event_line, method_word, minute_line, ms, state_word

EVENTS_SHOWN = 200
_MINUTE_S = 60.0
_BARS, _ASCII_BARS = "▁▂▃▄▅▆▇█", "_.-=+*%#"
_LOST, _ASCII_LOST = "×", "x"
_LABEL, _FIGURE, _STATE = 13, 8, 9
_SPARK_LEAST, _TARGET_LEAST, _TARGET_MOST = 10, 15, 40
_HELD_BUCKETS = 6
_SELDOM = "server_bulk"
_BAD_STATES = ("slow", "uneven", "losing", "no answer", "refuses", "wrong address", "error", "vanish", "no page", "bad")


@dataclass(frozen=True, slots=True)
class Shown:
    """What there is to see now. excused: legs whose slow answers are no fault. now: what is bad, in words."""

    figures: tuple[LegFigures, ...]
    excused: Sequence[str]
    now: Sequence[str]
    passed_s: float


class WatchDisplay(Protocol):
    """Takes what is new; drawn or written as the stream can take it."""

    def event(self, event: WatchEvent) -> None: ...

    def say(self, line: str) -> None: ...

    def show(self, shown: Shown) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def display(stream: IO[str], *, plain: bool, environ: Mapping[str, str], title: str) -> WatchDisplay:
    """The display that suits the stream."""
    if plain or not stream.isatty() or environ.get("TERM") == "dumb":
        return WatchLines(stream, ascii_only=plain or not takes_unicode(stream))
    ascii_only = not takes_unicode(stream)
    return WatchArea(stream, title, colour=wants_colour(stream, environ=environ, plain=plain), ascii_only=ascii_only)


class WatchLines:
    """A line an event, and one a minute: for logs, pipes and plain terminals."""

    def __init__(self, stream: IO[str], *, ascii_only: bool) -> None:
        self._stream = stream
        self._ascii_only = ascii_only
        self._told_s = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def event(self, event: WatchEvent) -> None:
        """At once."""
        self._write(event_line(event))

    def say(self, line: str) -> None:
        """One line."""
        self._write(wording.clean(line))

    def _write(self, line: str) -> None:
        self._stream.write((wording.ascii_only(line) if self._ascii_only else line) + "\n")
        self._stream.flush()

    def show(self, shown: Shown) -> None:
        """Once a minute, and at the beginning as soon as there is something."""
        figures, passed_s = shown.figures, shown.passed_s
        first = not self._told_s and any(each.now_ms is not None for each in figures)
        if first or passed_s - self._told_s >= _MINUTE_S:
            self._told_s = max(passed_s, 0.001)
            self._write(f"{duration(passed_s):>9}  {minute_line(figures)}")


class _Drawing:
    """The live area: one screen line a leg, then the last events, never more than the terminal is high."""

    def __init__(self, title: str, *, ascii_only: bool) -> None:
        self.shown = Shown((), (), (), 0.0)
        self.events: deque[str] = deque(maxlen=EVENTS_SHOWN)
        self._title = wording.clean(title)
        self._ascii_only = ascii_only
        self._with_method = False

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width, height = options.max_width - 1, options.size.height
        lines = [self._head(width), *self._legs(width)]
        room = max(0, height - len(lines) - 2)
        shown = list(self.events)[-room:] if room else []
        for line in (*lines, *(Text(each) for each in shown)):
            line.truncate(max(width, 1), overflow="ellipsis")
            line.no_wrap = True
            yield line

    def _head(self, width: int) -> Text:
        now = self.shown.now
        state = "; ".join(now) if now else "nothing slow now"
        style = STYLES["bad"] if now else STYLES["good"]
        left = f"{self._title}  {duration(self.shown.passed_s)}"
        return Text.assemble((left[: max(0, width - len(state) - 2)], "bold"), "  ", (state, style))

    def _legs(self, width: int) -> list[Text]:
        spare = width - _LABEL - 3 * (_FIGURE + 1) - _STATE - 1
        with_target = spare >= _SPARK_LEAST * 2 + _TARGET_LEAST
        whole = max((len(_asked(each)) for each in self.shown.figures), default=0)
        room = min(_TARGET_MOST, max(_TARGET_LEAST, spare - 32))
        self._with_method = whole <= room
        longest = whole if self._with_method else max(len(each.target) for each in self.shown.figures)
        target = min(_TARGET_MOST, longest, max(_TARGET_LEAST, spare - 32)) if with_target else 0
        spark = max(0, min(30, spare - (target + 1 if target else 0)))
        head = f"{'last minute':<{_LABEL}}" + (f"{'':<{target + 1}}" if target else "")
        head += f"{'':<{spark}}{'now':>{_FIGURE + 1}}{'worst':>{_FIGURE + 1}}{'lost':>{_FIGURE + 1}}"
        return [Text(head, style="dim"), *(self._leg(each, target, spark) for each in self.shown.figures)]

    def _leg(self, figures: LegFigures, target: int, spark: int) -> Text:
        label = f"{LEG_WORDS.get(figures.leg, figures.leg):<{_LABEL}}"
        if not figures.target:
            return Text.assemble(label, (wording.clean(figures.why or "-"), "dim"))
        word = state_word(figures, excused=figures.leg in self.shown.excused)
        where = wording.clean(_asked(figures) if self._with_method else figures.target)
        where = f"{where if len(where) <= target else where[: target - 1] + '~'}".ljust(target + 1) if target else ""
        if figures.leg == _SELDOM and not figures.sent and figures.health != "bad":
            seldom = "asked seldom, not in the last minute" if figures.ever else "not measured yet"
            return Text.assemble(label, (where, "dim"), (seldom, "dim"))
        lost = f"{figures.lost}/{figures.sent}"
        least = ">" if figures.cut else ""  # it was not waited for to its end
        times = (least + ms(figures.now_ms), least + ms(figures.worst_ms))
        numbers = "".join(f"{text:>{_FIGURE + 1}}" for text in (*times, lost))
        style = STYLES["bad"] if word in _BAD_STATES else STYLES["good"] if word.startswith("ok") else ""
        bars = self._spark(figures, spark)
        return Text.assemble(label, (where, "dim"), bars, numbers, " ", (word, style))

    def _spark(self, figures: LegFigures, width: int) -> str:
        """Half of the height is what is just not slow, so an ordinary minute is low, and a bad one is seen."""
        bars = _ASCII_BARS if self._ascii_only else _BARS
        values = _filled(figures.spark)[len(figures.spark) - width :] if width else ()
        worst = max((each for each in values if each is not None), default=0.0)
        top = max(2.0 * min(figures.slow_ms, 10.0 * (figures.usual_ms or figures.slow_ms)), worst)
        drawn = []
        for each in values:
            if each is None:
                drawn.append(_ASCII_LOST if self._ascii_only else _LOST)
            elif each < 0:
                drawn.append(" ")
            else:
                drawn.append(bars[min(len(bars) - 1, int(each / top * len(bars)))])
        return "".join(drawn).rjust(width)


def _asked(figures: LegFigures) -> str:
    """Whom, and by which method."""
    return f"{figures.target} {method_word(figures.method)}".rstrip() if figures.target else ""


def _filled(spark: tuple[float | None, ...]) -> list[float | None]:
    """What is asked seldom is as it was until it is asked again."""
    filled: list[float | None] = []
    age = 0
    for each in spark:
        is_empty = each is not None and each < 0
        age = age + 1 if is_empty else 0
        filled.append(filled[-1] if is_empty and filled and age < _HELD_BUCKETS else each)
    return filled


class WatchArea:
    """The live area on a screen of its own, drawn once a second and only then; at the end the old screen is back."""

    def __init__(self, stream: IO[str], title: str, *, colour: bool, ascii_only: bool) -> None:
        self._console = Console(file=stream, no_color=not colour, markup=False, highlight=False, emoji=False)
        self._drawing = _Drawing(title, ascii_only=ascii_only)
        self._live = Live(
            self._drawing,
            console=self._console,
            auto_refresh=False,
            screen=True,  # a terminal that is resized folds the old lines, and nothing of them could be taken back
            redirect_stdout=False,
            redirect_stderr=False,
            vertical_overflow="crop",
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def event(self, event: WatchEvent) -> None:
        """Under the legs, the newest last."""
        self._drawing.events.append(event_line(event))

    def say(self, line: str) -> None:
        """Before the area is there."""
        self._console.print(Text(wording.clean(line)), soft_wrap=True)

    def show(self, shown: Shown) -> None:
        """Draw."""
        self._drawing.shown = shown
        self._live.refresh()
