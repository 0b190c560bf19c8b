"""How near is our upload figure to what the sink received, and what does speedtest-cli say on the same line?

python -m tests.lab.bench_upload [--rates 1,2.5] [--server SERVER] [--no-speedtest-cli] [--mode quick] [--queue-ms 100]
    [--confirmed-posts]

SERVER may be iperf3://21.49.0.1 or ndt7+ws://21.49.0.1:8077: then the truth is what the receiving kernel counted.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
import threading
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from emrnetcheck.model import Failure, Mode, Site
from emrnetcheck.net.lookup import Lookup
from emrnetcheck.probes.context import Context, Ledger
from emrnetcheck.probes.throughput.verdict import rules_of
from emrnetcheck.probes.upload import PROBE, measure_with, plan_of
from tests.lab import namespaces
from tests.lab.internet.addresses import IPERF3, LIBRESPEED_HTTP
from tests.lab.kernel_counts import KernelCounts
from tests.lab.namespaces import Host, LabError
from tests.lab.plan import Line, Plan
from tests.lab.topology import Lab
from tests.lab.wire import WireSettings

_ROOT = Path(__file__).resolve().parents[2]
_RATES = "1,2.5,4,10,50"
_ONE_WAY_MS = 10.0
_NDT7_PORT = 8077
_LEAST_QUEUE_BYTES = 64_000
_TARGET_RATIO = 0.02
_HEAD = f"{'line':>6} {'sink':>8} {'ours':>8} {'error':>7} {'95 %':>15} {'by posts':>8} {'speedtest-cli':>17}"
_HEAD += f" {'took':>6} {'counted':>7} {'sent':>8} {'CPU':>6} {'idle':>6} {'loaded':>7}  method"


def client(server: str, mode: Mode, max_mb: float, *, confirmed_posts: bool = False) -> dict[str, Any]:
    """Run inside the clinic: one measurement, as the program makes it. confirmed_posts: as without TCP_INFO."""
    site = Site(upload_servers=tuple(server.split(",")), max_mb=max_mb)
    deadline_s, lookup = time.monotonic() + PROBE.deadline_s[mode], Lookup(site.resolvers)
    context = Context(mode, deadline_s, threading.Event(), lookup, Ledger(), lambda *_: None)
    before, started_s = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    plan = replace(plan_of(site, mode), use_tcp_info=not confirmed_posts)
    outcome = measure_with(site, context, plan, rules=rules_of(site, mode))
    took_s, after = time.monotonic() - started_s, resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if isinstance(outcome, Failure):
        return {"failure": outcome.in_words(), "took_s": took_s, "cpu_s": cpu_s}
    upload = asdict(outcome)
    del upload["skipped_servers"]
    return {"upload": upload, "took_s": took_s, "cpu_s": cpu_s, "sent": context.ledger.sent_bytes}


def main() -> int:
    """Print the table; 0 if every figure of ours is as near to the sink's as is allowed."""
    options = _parser().parse_args()
    if options.client:
        print(
            json.dumps(
                client(options.server, Mode(options.mode), options.max_mb, confirmed_posts=options.confirmed_posts)
            )
        )
        return 0
    namespaces.enter(["-m", "tests.lab.bench_upload", *sys.argv[1:]])
    print(f"round trip {2 * _ONE_WAY_MS:g} ms, queue {options.queue_ms:g} ms, {options.mode}, {options.server}")
    print(_HEAD, flush=True)
    errors = [
        error
        for rate_mbps in map(float, options.rates.split(","))
        for _ in range(options.times)
        for error in _line(rate_mbps, options)
    ]
    known = [abs(error) for error in errors if error is not None]
    kept = len(known) == len(errors) and all(error <= options.within for error in known)
    if known:
        print(f"error: median {statistics.median(known):.2%}, worst {max(known):.2%}: {'kept' if kept else 'NOT KEPT'}")
    return 0 if kept else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.lab.bench_upload", description=__doc__)
    parser.add_argument("--rates", default=_RATES, help="Mbps of the line, Ethernet frames counted")
    parser.add_argument("--server", default=f"librespeed+http://{LIBRESPEED_HTTP}/backend", help="or several: A,B")
    parser.add_argument("--mode", default="standard", choices=list(Mode))
    parser.add_argument("--max-mb", type=float, default=60.0)
    parser.add_argument("--queue-ms", type=float, default=100.0)
    parser.add_argument("--within", type=float, default=_TARGET_RATIO, help="the error that is allowed")
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--no-speedtest-cli", action="store_true")
    parser.add_argument("--confirmed-posts", action="store_true", help="as on macOS and Windows, without TCP_INFO")
    parser.add_argument("--client", action="store_true", help=argparse.SUPPRESS)
    return parser


def _line(rate_mbps: float, options: argparse.Namespace) -> list[float | None]:
    queue_bytes = int(max(_LEAST_QUEUE_BYTES, rate_mbps * 125 * options.queue_ms))
    line = Line(up=WireSettings(rate_mbps=rate_mbps, delay_ms=_ONE_WAY_MS, queue_bytes=queue_bytes))
    with Lab(Plan(line=line)) as lab:
        environment = {
            "SSL_CERT_FILE": str(lab.internet.ca_path),
            "PYTHONPATH": f"{_ROOT / 'src'}:{_ROOT}",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        host = lab.hosts["emr"]
        ours = [sys.executable, "-m", "tests.lab.bench_upload", "--client", "--server", options.server]
        ours += ["--mode", options.mode, "--max-mb", str(options.max_mb)]
        ours += ["--confirmed-posts"] * options.confirmed_posts
        if "ndt7+ws://" in options.server:
            _start_ndt7(lab.hosts["internet"])
        kernel = KernelCounts(lab.hosts["internet"])
        with kernel:
            said = json.loads(host.run(ours, timeout_s=90.0, env=environment, cwd=host.folder).stdout)
        if "failure" in said:
            print(f"{rate_mbps:>6g} {said['failure']} ({said['took_s']:.1f} s)", flush=True)
            return [None]
        upload = said["upload"]
        window = (upload["window_start_unix_s"], upload["window_end_unix_s"])
        counted = kernel.mbps if upload["method"] == "server_report" else lab.internet.sink_goodput_mbps
        truth = counted(*window)
        theirs = "" if options.no_speedtest_cli else _speedtest_cli(host, environment, truth)
        error = upload["goodput_mbps"] / truth - 1
        print(_row(rate_mbps, truth, error, said, theirs), flush=True)
        return [error]


def _start_ndt7(internet: Host) -> None:
    argv = [sys.executable, "-m", "tests.lab.internet.ndt7_server", IPERF3, str(_NDT7_PORT)]
    internet.start(argv, log="ndt7.log", env={"PYTHONPATH": str(_ROOT)})
    internet.wait_for(lambda: internet.listening(_NDT7_PORT), timeout_s=10.0, what="ndt7", log="ndt7.log")


def _row(rate_mbps: float, truth: float, error: float, said: dict[str, Any], theirs: str) -> str:
    upload = said["upload"]
    interval = f"{upload['lower_mbps'] or 0:.2f}..{upload['upper_mbps'] or 0:.2f}"
    return (
        f"{rate_mbps:>6g} {truth:>8.3f} {upload['goodput_mbps']:>8.3f} {error:>+7.2%} {interval:>15}"
        f" {upload['confirmed_goodput_mbps'] or 0:>8.3f} {theirs:>17} {said['took_s']:>4.1f} s"
        f" {upload['seconds']:>5.2f} s {upload['sent_bytes'] / 1e6:>5.1f} MB {said['cpu_s']:>4.2f} s"
        f" {upload['idle_rtt_ms'] or 0:>6.1f} {upload['loaded_rtt_ms'] or 0:>7.1f}  {upload['method']}"
    )


def _speedtest_cli(host: Host, environment: dict[str, str], truth: float) -> str:
    argv = [sys.executable, "-m", "speedtest", "--secure", "--json"]
    try:
        done = host.run(argv, timeout_s=180.0, env=environment, cwd=host.folder, check=False)
        mbps = json.loads(done.stdout)["upload"] / 1e6
    except (LabError, ValueError) as error:
        return str(error).splitlines()[0][:16]
    return f"{mbps:.2f} ({mbps / truth - 1:+.1%})"


if __name__ == "__main__":
    sys.exit(main())
