"""Is our upload verdict right, beside speedtest-cli and iperf3, on lines whose truth is known?

python -m tests.lab.bench_verdicts [--part rates,rtt,loss,queue,bursts,noisy,gigabit] [--only TEXT] [--no-rivals]
    [--markdown FILE]

Whole it takes about half an hour. One thing is varied at a time, around lines of 2.5, 5 and 20 Mbps.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from emrnetcheck.checks import upload as check
from emrnetcheck.evidence import Case as Judged
from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.upload import Upload
from emrnetcheck.model import Mode, Site
from tests.lab import bench_columns, bench_gigabit, bench_rivals, namespaces
from tests.lab.bench_cases import MB, PARTS, Case, cases
from tests.lab.bench_table import Ours, Row, goals, rivals_in_words
from tests.lab.internet.addresses import LIBRESPEED_HTTP
from tests.lab.namespaces import LabError
from tests.lab.plan import Line, Plan
from tests.lab.topology import Lab

_ROOT = Path(__file__).resolve().parents[2]
_MAX_MB = 60.0
_SERVER = f"librespeed+http://{LIBRESPEED_HTTP}/backend"
_DRAINED_TIMEOUT_S = 20.0
_COMMIT = "EMRNETCHECK_BENCH_COMMIT"


def main() -> int:
    """Print the tables and the goals; 0 if every goal that was tried is kept."""
    options = _parser().parse_args()
    os.environ.setdefault(_COMMIT, _commit())
    namespaces.enter(["-m", "tests.lab.bench_verdicts", *sys.argv[1:]])
    started_s = time.monotonic()
    print(bench_columns.head(), flush=True)
    rows: list[Row] = []
    for part in options.part.split(","):
        for case in cases(part):
            if options.only in case.name:
                for row in _measured(case, rivals=not options.no_rivals):
                    rows.append(row)
                    print(bench_columns.line(bench_columns.cells(row)), flush=True)
    found = goals(rows, _MAX_MB)
    if "gigabit" in options.part.split(","):
        found.append(bench_gigabit.measure())
    remarks = [*map(str, found), *rivals_in_words(rows), f"took {(time.monotonic() - started_s) / 60:.1f} minutes"]
    print("\n".join(remarks))
    if options.markdown is not None:
        options.markdown.write_text(bench_columns.markdown(rows, _title(), remarks))
    return 0 if all(goal.kept for goal in found) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.lab.bench_verdicts", description=__doc__)
    parser.add_argument("--part", default=",".join(PARTS), type=_parts, help=f"of {','.join(PARTS)}")
    parser.add_argument("--only", default="", help="cases with this in their name")
    parser.add_argument("--no-rivals", action="store_true", help="ours alone")
    parser.add_argument("--markdown", type=Path, help="write the table to this file too")
    return parser


def _parts(text: str) -> str:
    for part in text.split(","):
        if part not in PARTS:
            raise argparse.ArgumentTypeError(f"{part} is none of {', '.join(PARTS)}")
    return text


def _measured(case: Case, *, rivals: bool) -> Iterator[Row]:
    """A lab that broke costs its case, not the half hour."""
    try:
        yield from _measure(case, rivals=rivals)
    except LabError as error:
        print(f"the lab: {error}", file=sys.stderr, flush=True)
        yield Row(case, case.modes[-1], "the lab broke")


def _measure(case: Case, *, rivals: bool) -> Iterator[Row]:
    """One row for each mode; the rivals' figures are in the last, for that is the one that took longest."""
    with Lab(Plan(line=Line(up=case.line, seed=case.seed))) as lab:
        environment = {
            "SSL_CERT_FILE": str(lab.internet.ca_path),
            "PYTHONPATH": f"{_ROOT / 'src'}:{_ROOT}",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        for mode in case.modes:
            _rested(lab, case)
            ours = _ours(lab, mode, environment)
            if not (rivals and case.beside and mode is case.modes[-1]):
                yield Row(case, mode, ours)
                continue
            _rested(lab, case)
            theirs = bench_rivals.speedtest_cli(lab, environment)
            _rested(lab, case)
            yield Row(case, mode, ours, theirs, bench_rivals.iperf3(lab, environment))


def _rested(lab: Lab, case: Case) -> None:
    """Wait until what the last one sent is gone, and fill the bucket, if there is one."""
    namespaces.wait_for(
        lambda: lab.wire.stats()["up"].queue_bytes == 0, timeout_s=_DRAINED_TIMEOUT_S, what="the line to be empty"
    )
    lab.wire.set("up", burst_bytes=0)
    lab.wire.apply("up", case.line)


def _ours(lab: Lab, mode: Mode, environment: dict[str, str]) -> Ours | str:
    host = lab.hosts["emr"]
    argv = [sys.executable, "-m", "tests.lab.bench_upload", "--client", "--server", _SERVER]
    argv += ["--mode", mode.value, "--max-mb", f"{_MAX_MB:g}"]
    said = json.loads(host.run(argv, timeout_s=120.0, env=environment, cwd=host.folder).stdout)
    if "failure" in said:
        return str(said["failure"])
    seen = said["upload"]
    codes = _codes(seen)
    return Ours(
        mbps=seen["goodput_mbps"],
        window_mbps=lab.internet.sink_goodput_mbps(seen["window_start_unix_s"], seen["window_end_unix_s"]),
        lower_mbps=seen["lower_mbps"],
        upper_mbps=seen["upper_mbps"],
        decisions=(seen["decision_minimum"], seen["decision_recommended"]),
        code=codes[0],
        decided_s=seen["decided_seconds"],
        decided_mb=None if seen["decided_bytes"] is None else seen["decided_bytes"] / MB,
        seconds=said["took_s"],
        sent_mb=said["sent"] / MB,
        cpu_s=said["cpu_s"],
        burst_told="upload.burst_possible" in codes,
    )


def _codes(seen: dict[str, Any]) -> list[str]:
    """What the check says of such evidence; the first is the verdict."""
    known = {each.name for each in fields(Upload)}
    plain = {key: value for key, value in seen.items() if key in known}
    upload = Upload(**{**plain, "skipped_servers": (), "second": None})
    return [finding.code for finding in check.judge(Judged(Site(), Seen(upload=upload)), check.CHECK.limits)]


def _commit() -> str:
    said = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=_ROOT, capture_output=True, text=True, check=False
    )
    return said.stdout.strip() or "not known"


def _title() -> str:
    cores = os.cpu_count()
    return f"""# The upload verdict, measured

Made on {datetime.now(UTC):%d %b %Y} at commit {os.environ[_COMMIT]}, on {platform.system()} {platform.release()}, \
{platform.machine()}, {cores} cores, Python {platform.python_version()}, by

    python -m tests.lab.bench_verdicts {shlex.join(sys.argv[1:])}

Run it again with root (or user namespaces) and the Debian packages that `.ci/run` installs. The lines are the lab's:
nothing leaves the computer. One thing is varied at a time; without more said a line has a round trip of 20 ms and a
queue of 100 ms (64 kB at least), and loses nothing.

Rates are goodput in Mbps. *truth*: what the sink received in our own window; on lines that burst or wander what the
line gives for good. *error*: ours against the sink, after a
burst that was seen against what the line gives for good; the others' against their own settled window, or what the line
gives for good. *3 / 5*: our verdict against a minimum of 3 and a recommended 5 Mbps of line rate (2.82 and 4.70 of
goodput). The others' figures are compared with 3 and 5 as they are. *judged*: both together; *near*: wrong, but the
truth is within 5 % of the threshold; *told*: it said that it was too short to see such a burst. *decided*: after so
much load; the rest of the time it watched whether the rate lasts."""


if __name__ == "__main__":
    sys.exit(main())
