"""PURE: how does a row of the benchmark look, on a terminal and as Markdown?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tests.lab.bench_table import Ours, Rival, Row, rival_error, rival_verdicts, verdicts, worst

COLUMNS: tuple[tuple[str, int], ...] = (
    ("case", 32),
    ("mode", 8),
    ("truth", 7),
    ("ours", 7),
    ("error", 7),
    ("99 %", 13),
    ("3 / 5", 21),
    ("judged", 9),
    ("says", 19),
    ("decided", 15),
    ("took", 6),
    ("sent", 7),
    ("CPU", 6),
    ("speedtest-cli", 13),
    ("error", 7),
    ("judged", 9),
    ("took", 6),
    ("sent", 8),
    ("iperf3", 7),
    ("error", 7),
    ("judged", 9),
)
"""Names and widths. Rates are Mbps of goodput; error of ours is against the sink in the same window."""


def cells(row: Row) -> list[str]:
    """What stands in each column."""
    truth = "" if row.truth_mbps is None else f"{row.truth_mbps:.3f}"
    middle = _ours(row, row.ours) if isinstance(row.ours, Ours) else [row.ours[:40], *[""] * 9]
    them, iperf3 = _rival(row, row.speedtest_cli), _rival(row, row.iperf3)
    return [row.case.name, row.mode.value, truth, *middle, *them, *iperf3[:3]]


def head() -> str:
    """The names, for a terminal."""
    return line([name for name, _ in COLUMNS])


def line(found: Sequence[str]) -> str:
    """One row for a terminal: text to the left, figures to the right."""
    parts = []
    for (name, width), text in zip(COLUMNS, found, strict=True):
        parts.append(f"{text:<{width}}" if name in ("case", "mode", "3 / 5", "judged", "says") else f"{text:>{width}}")
    return " ".join(parts).rstrip()


def markdown(rows: Sequence[Row], title: str, remarks: Iterable[str]) -> str:
    """A page: what it is, the table, what follows from it."""
    table = [_markdown_line([name for name, _ in COLUMNS])]
    table.append(_markdown_line(["---"] * len(COLUMNS)))
    table += [_markdown_line(cells(row)) for row in rows]
    return "\n".join([title.rstrip(), "", *table, "", *(f"- {remark}" for remark in remarks), ""])


def _markdown_line(found: Sequence[str]) -> str:
    return "| " + " | ".join(text.replace("|", "/") for text in found) + " |"


def _ours(row: Row, ours: Ours) -> list[str]:
    interval = "" if ours.lower_mbps is None else f"{ours.lower_mbps:.2f}..{ours.upper_mbps or 0:.2f}"
    decided = "" if ours.decided_s is None else f"{ours.decided_s:.1f} s {ours.decided_mb or 0:.1f} MB"
    return [
        f"{ours.mbps:.3f}",
        _percent(row.error),
        interval,
        "/".join(decision or "none" for decision in ours.decisions),
        worst(verdicts(row)),
        ours.code.removeprefix("upload."),
        decided,
        f"{ours.seconds:.1f} s",
        f"{ours.sent_mb:.1f} MB",
        f"{ours.cpu_s:.2f} s",
    ]


def _rival(row: Row, rival: Rival | None) -> list[str]:
    if rival is None:
        return [""] * 5
    said = rival.why[:40] if rival.mbps is None else f"{rival.mbps:.2f}"
    verdict = worst(rival_verdicts(row, rival))
    return [said, _percent(rival_error(row, rival)), verdict, f"{rival.seconds:.1f} s", f"{rival.sent_mb:.1f} MB"]


def _percent(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:+.2%}" if abs(ratio) < 1 else f"{ratio:+.0%}"
